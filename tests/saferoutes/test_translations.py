"""Spanish is a first-class language: every sentence, whole placeholders, and a compiled file that is current."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client

PO = Path(settings.BASE_DIR) / "locale/es/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)|%[sd]|\{\w*\}|<[^>]+>")
ROOMS = [
    "office",
    "people",
    "corridors",
    "walks",
    "concerns",
    "outreach",
    "field",
    "open311",
    "saferoutes",
    "templates",
]


@pytest.fixture(scope="module")
def written() -> polib.POFile:
    return polib.pofile(str(PO))


def test_nothing_is_untranslated_or_doubtful(written: polib.POFile) -> None:
    assert [entry.msgid for entry in written.untranslated_entries() + written.fuzzy_entries()] == []


def test_placeholders_and_tags_survive(written: polib.POFile) -> None:
    wrong = []
    for entry in written:
        pairs = [(entry.msgid, entry.msgstr)]
        if entry.msgid_plural:
            pairs = [(entry.msgid_plural, entry.msgstr_plural[1])]
        for english, spanish in pairs:
            if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(spanish)):
                wrong.append(english)
    assert wrong == []


def test_the_compiled_file_is_current(written: polib.POFile) -> None:
    compiled = polib.mofile(str(PO.with_suffix(".mo")))
    texts = {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in compiled}
    assert texts == {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in written}


@pytest.mark.slow
def test_every_marked_sentence_is_in_the_file(written: polib.POFile, tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(Path(settings.BASE_DIR) / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-wrap", "-v0"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120, env=_environment())
    found = polib.pofile(str(tmp_path / "locale/es/LC_MESSAGES/django.po"))
    known = {(entry.msgctxt, entry.msgid) for entry in written}
    assert [entry.msgid for entry in found if (entry.msgctxt, entry.msgid) not in known] == []


def _environment() -> dict[str, str]:
    import os

    # Without the project's settings: makemessages then reads the folder that it stands in.
    return {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}


@pytest.mark.django_db
def test_a_page_speaks_spanish_and_remembers(client: Client) -> None:
    page = client.get("/?lang=es")
    assert '<html lang="es"' in page.content.decode()
    assert "Próximas caminatas" in page.content.decode()
    assert '<html lang="es"' in client.get("/walks/").content.decode()
    assert '<html lang="en"' in client.get("/walks/?lang=en").content.decode()
