"""What the server tells phones to keep: page, worker, version, manifest, and how much all of it weighs."""

import gzip
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client
from django.utils import timezone
from PIL import Image

from field import offline
from field.offline import ICONS, WORKER, files_of_the_page, kept_files, version
from field.page import Facts, first_modules, ground
from office.models import Coalition
from office.static_files import as_served
from tests.field.phone import Phone
from walks.models import Walk

pytestmark = pytest.mark.django_db

PAGE_LIMIT = 12_000  # bytes, gzip
GOAL = 110_000  # everything that a phone keeps, with the pack of Independence Avenue
STATIC = site_settings.BASE_DIR / "static"


def known(client: Client) -> dict[str, Any]:
    """What the worker's script hands to static/field/worker.js."""
    script = client.get("/field/sw.js").content.decode()
    found: dict[str, Any] = json.loads(script[script.index("{", script.index("serve(")) : script.rindex(")")])
    return found


def test_the_worker_is_a_script_of_its_own_that_browsers_ask_for_anew(client: Client) -> None:
    response = client.get("/field/sw.js")
    assert response["Content-Type"] == "text/javascript"
    assert response["Cache-Control"] == "no-cache"
    policy = {part.split()[0]: part.split()[1:] for part in response["Content-Security-Policy"].split("; ")}
    assert policy == {"default-src": ["'none'"], "script-src": ["'self'"], "connect-src": ["'self'"]}
    assert client.post("/field/sw.js").status_code == 405


def test_a_new_worker_never_pushes_itself_onto_an_open_page() -> None:
    assert "skipWaiting" not in (STATIC / "field" / WORKER).read_text()


def test_page_words_and_worker_carry_the_same_version_in_every_language(client: Client) -> None:
    current = known(client)["version"]
    for language in ("en", "es"):
        page = client.get("/field/", headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="{language}" data-version="{current}">' in page
        assert client.get(f"/field/words/{language}/").json()["version"] == current
    assert client.get("/field/sw.js").content == client.get("/field/sw.js?lang=es").content


def test_the_version_changes_with_what_the_page_says(client: Client) -> None:
    before = known(client)["version"]
    assert known(client)["version"] == before
    Coalition.objects.update(emergency_number="112")
    assert known(client)["version"] != before


@pytest.mark.parametrize("name", ["field/sheet.js", "css/tokens.css", "img/favicon.svg"])
def test_the_version_changes_with_every_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts("Coalition", "911", "311", "feet")
    before = version(facts)
    changed = tmp_path / "changed"
    changed.write_bytes(Path(str(finders.find(name))).read_bytes() + b"\n")
    find = finders.find
    monkeypatch.setattr(finders, "find", lambda asked: str(changed) if asked == name else find(asked))
    for kept in (offline._files_digest, offline._version):
        kept.cache_clear()
    after = version(facts)
    for kept in (offline._files_digest, offline._version):
        kept.cache_clear()
    assert after != before


def test_every_file_that_the_page_or_a_module_names_is_kept(client: Client) -> None:
    page = client.get("/field/").content.decode()
    named = set(re.findall(r'"/static/([\w./-]+\.(?:js|css))"', page))
    for file in (STATIC / "field").glob("*.js"):
        for up, name in re.findall(r'(?:from |import\()"(\.\.?)/([\w/-]+\.js)"', file.read_text()):
            named.add(name if up == ".." else f"field/{name}")
    assert named - set(kept_files()) == set()
    assert f"field/{WORKER}" not in kept_files()


def test_the_first_screen_names_every_module_it_imports() -> None:
    wanted = set(first_modules())
    for module in wanted:
        imported = set(re.findall(r'from "\./([\w-]+)\.js"', (STATIC / module).read_text()))
        assert {f"field/{name}.js" for name in imported} <= wanted


def test_the_manifest_names_the_coalition_and_pictures_that_exist(client: Client) -> None:
    Coalition.objects.update_or_create(defaults={"name": "Eastside Neighbors"})
    response = client.get("/field/manifest.webmanifest")
    manifest = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert manifest["name"] == "Eastside Neighbors"
    assert (manifest["start_url"], manifest["scope"]) == ("/field/?from=home", "/field/")
    assert manifest["display"] == "standalone"
    assert manifest["theme_color"] == ground()["dark"]
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for name, (size, _purpose) in ICONS.items():
        assert Image.open(STATIC / name).size == (size, size)
        assert (STATIC / name).stat().st_size < 5000
    assert Image.open(STATIC / "img/app-touch-180.png").size == (180, 180)


@pytest.mark.parametrize("language", ["en", "es"])
def test_page_and_rest_together_hold_everything(client: Client, language: str) -> None:
    told = known(client)
    answer = client.get(told["rest"][language]).json()
    assert answer["version"] == told["version"]
    brought = set(told["files"]) | set(answer["files"]) | {told["words"][language]}
    assert {static(name) for name in kept_files()} | set(told["words"].values()) <= brought
    assert not set(told["files"]) & set(answer["files"])
    other = next(code for code in told["words"] if code != language)
    assert json.loads(answer["files"][told["words"][other]]) == client.get(told["words"][other]).json()


def test_the_rest_holds_files_as_they_are_served(client: Client) -> None:
    files = client.get("/field/rest/en/").json()["files"]
    source = (STATIC / "field/sheet.js").read_text()
    assert files["/static/field/sheet.js"] == as_served("field/sheet.js", source)
    assert client.get("/field/rest/fr/").status_code == 404


# --- Weight ---


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def weight_of_file(name: str) -> int:
    """As the static storage serves it."""
    source = Path(str(finders.find(name))).read_text()
    return len(gzip.compress(as_served(name, source).encode(), 9))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_weighs_twelve_kilobytes_at_most(client: Client, language: str) -> None:
    assert weight(client.get("/field/", headers={"Accept-Language": language}).content) <= PAGE_LIMIT


@pytest.fixture
def weights(client: Client, settings: Any, tmp_path: Path) -> dict[str, int]:
    """Bytes of each thing that a phone keeps on the demo's next walk."""
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    call_command("load_demo", sign_ins=str(tmp_path / "sign-ins.txt"), verbosity=0)
    now = timezone.now()
    walk = Walk.objects.filter(meet_at__gt=now, corridor__isnull=False).earliest("meet_at")
    hours = timedelta(hours=1)
    Walk.objects.filter(pk=walk.pk).update(meet_at=now - hours, step_off_at=now, end_at=now + hours)
    pack = Phone(Walk.objects.get(pk=walk.pk), confirmed_at=now).get("pack/")
    assert pack.status_code == 200
    assert len(pack.json()["map"]["features"]) > 17
    asked = ("/field/", "/field/rest/en/", "/field/manifest.webmanifest")
    own = {path: weight(client.get(path, headers={"Accept-Language": "en"}).content) for path in asked}
    return own | {"pack": weight(pack.content)} | {name: weight_of_file(name) for name in files_of_the_page()}


@pytest.mark.slow
def test_all_that_a_phone_keeps_weighs_110_kilobytes_at_most(weights: dict[str, int]) -> None:
    assert sum(weights.values()) <= GOAL, sorted(weights.items(), key=lambda one: -one[1])
