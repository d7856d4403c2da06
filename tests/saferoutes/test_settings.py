"""Settings in the environment: documented, and wired to what they promise."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def settings_with(tmp_path: Path, names: list[str], **environment: str) -> dict:
    """What the settings say in a fresh process with this environment and nothing else."""
    program = (
        "import json; from saferoutes import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names!r}}}, default=str))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


def test_every_variable_is_documented_and_nothing_else():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "saferoutes/settings.py").read_text()))
    documented = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert read - documented == set()
    elsewhere = {"PORT", "WEB_WORKERS", "DEMO_PASSWORD"}  # read by script/server and load_demo
    assert documented - read - elsewhere == set()


def test_on_loopback_a_site_needs_no_settings(tmp_path):
    found = settings_with(tmp_path, ["SITE_URL", "DEBUG", "REQUIRE_SECOND_FACTOR", "SESSION_COOKIE_SECURE"])
    assert found == {
        "SITE_URL": "http://127.0.0.1:8000",
        "DEBUG": False,
        "REQUIRE_SECOND_FACTOR": False,
        "SESSION_COOKIE_SECURE": False,
    }


def test_a_public_site_is_strict_by_itself(tmp_path):
    names = ["REQUIRE_SECOND_FACTOR", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS"]
    found = settings_with(tmp_path, names, SITE_URL="https://walks.example.org/")
    assert found == {
        "REQUIRE_SECOND_FACTOR": True,
        "SESSION_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "ALLOWED_HOSTS": ["walks.example.org"],
    }


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgis"])
def test_any_postgres_address_gets_the_geometry_engine(tmp_path, scheme):
    found = settings_with(tmp_path, ["DATABASES"], DATABASE_URL=f"{scheme}://walker:lantern@db.example.org:5433/walks")
    database = found["DATABASES"]["default"]
    assert database["ENGINE"] == "django.contrib.gis.db.backends.postgis"
    assert (database["HOST"], str(database["PORT"]), database["NAME"]) == ("db.example.org", "5433", "walks")


def test_without_a_mail_server_mail_becomes_files(tmp_path):
    found = settings_with(tmp_path, ["EMAIL_BACKEND", "EMAIL_FILE_PATH"])
    assert found["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "mail")


def test_keys_are_made_once_and_are_closed_to_others(tmp_path):
    first = settings_with(tmp_path, ["SECRET_KEY", "RECEIPT_KEY"])
    assert settings_with(tmp_path, ["SECRET_KEY", "RECEIPT_KEY"]) == first
    assert first["SECRET_KEY"] != first["RECEIPT_KEY"]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
