"""What phones keep so that the app opens without a network: its files, the version of them all, the manifest."""

import hashlib
import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.urls import reverse

from field.page import STYLES, Facts, first_modules, ground, names_by_content, page
from field.words import words
from office.static_files import as_served

LANGUAGES = [code for code, _name in settings.LANGUAGES]
ICONS = {  # name: size, purpose
    "img/app-192.png": (192, "any"),
    "img/app-512.png": (512, "any"),
    "img/app-maskable-512.png": (512, "maskable"),
}
SHARED = ("css/tokens.css", "img/favicon.svg")
WORKER = "worker.js"
N_VERSION = 12  # characters; phones report it, too


@cache
def kept_files() -> tuple[str, ...]:
    """Names of the static files a phone keeps: every module and style of the page, what maps need, the icon.

    Icons of the home screen are kept by the phone itself, and the worker's own script by the browser.
    """
    folder = settings.BASE_DIR / "static" / "field"
    own = (file.name for file in folder.iterdir() if file.suffix in (".js", ".css") and file.name != WORKER)
    return (*sorted(f"field/{name}" for name in own), *SHARED)


def files_of_the_page() -> list[str]:
    """Names of the files that the page itself names: a browser has them before the worker asks."""
    return [name for name in kept_files() if name in {*first_modules(), *STYLES, "img/favicon.svg"}]


def later_files() -> list[str]:
    """Names of the files that only other screens need. They come in one answer (`rest`)."""
    named = set(files_of_the_page())
    return [name for name in kept_files() if name not in named]


def words_addresses() -> dict[str, str]:
    return {code: reverse("field:app_words", args=[code]) for code in LANGUAGES}


def rest(beside: str, facts: Facts) -> dict[str, Any]:
    """What a phone keeps beside the page in that language, in one answer: {version, files: {address: text}}.

    Over slow lines each request costs a round trip, and fifty small files compress by a fifth worse than one.
    """
    now = version(facts)
    files = dict(_later_texts())
    for code, address in words_addresses().items():
        if code == beside:
            continue
        files[address] = json.dumps(words_answer(code, now), ensure_ascii=False, separators=(",", ":"))
    return {"version": now, "files": files}


def words_answer(language: str, now: str) -> dict[str, Any]:
    """The sentences of one language as `/field/words/` answers them."""
    return {"saferoutes": 1, "language": language, "version": now, "words": words(language)}


@cache
def _later_texts() -> tuple[tuple[str, str], ...]:
    return tuple((static(name), _text_of(name)) for name in later_files())


def _text_of(name: str) -> str:
    """A static file as it is served."""
    if names_by_content():
        with staticfiles_storage.open(staticfiles_storage.stored_name(name)) as file:  # type: ignore[attr-defined]
            return str(file.read().decode())
    found = finders.find(name)
    assert isinstance(found, str), name
    return as_served(name, Path(found).read_text())


def version(facts: Facts) -> str:
    """Changes whenever a phone would keep something else: a file, the page or a sentence in any language."""
    if settings.DEBUG:  # files and templates change under a running process
        for kept in (kept_files, _files_digest, _later_texts, _version):
            kept.cache_clear()
    return _version(facts)


@lru_cache(maxsize=8)
def _version(facts: Facts) -> str:
    whole = hashlib.sha256(_files_digest())
    for code in LANGUAGES:
        whole.update(page(code, facts, version="").encode())
    whole.update(json.dumps([manifest(facts), *map(static, kept_files())]).encode())
    return whole.hexdigest()[:N_VERSION]


@cache
def _files_digest() -> bytes:
    whole = hashlib.sha256()
    for name in kept_files():
        found = finders.find(name)
        assert isinstance(found, str), name
        whole.update(name.encode() + hashlib.sha256(Path(found).read_bytes()).digest())
    return whole.digest()


def worker_script(facts: Facts) -> str:
    """The service worker: what to keep, under which version. How is in static/field/worker.js. For everybody alike."""
    known = {
        "version": version(facts),
        "page": reverse("field:app"),
        "api": reverse("field:app") + "api/",
        "words": words_addresses(),
        "files": [reverse("field:app_manifest"), *map(static, files_of_the_page())],
        "rest": {code: reverse("field:app_rest", args=[code]) for code in LANGUAGES},
        "later": [static(name) for name in later_files()],
        "named": names_by_content(),
        "language": settings.LANGUAGE_CODE,
    }
    return f'import {{ serve }} from "{static(f"field/{WORKER}")}";\n\nserve({json.dumps(known, indent=0)});\n'


def manifest(facts: Facts) -> dict[str, Any]:
    """The web app manifest."""
    start, dark = reverse("field:app"), ground()["dark"]
    return {
        "id": start,
        "name": facts.name,
        "short_name": "Safe Routes",
        "start_url": f"{start}?from=home",
        "scope": start,
        "display": "standalone",
        "background_color": dark,
        "theme_color": dark,
        "icons": [
            {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, (size, purpose) in ICONS.items()
        ],
    }
