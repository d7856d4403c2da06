"""Pages of this room are tested without collected static files."""

import os
from pathlib import Path

import pytest
from django.conf import LazySettings

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture(autouse=True)
def _plain_static_files(settings: LazySettings) -> None:
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN}}


@pytest.fixture(scope="session")
def kansas_city() -> Path:
    """The folder with the city's real files."""
    folder = Path(os.environ.get("SAFEROUTES_SHARED", ROOT.parent / "shared")) / "data" / "open" / "kc"
    if not folder.is_dir():
        pytest.skip(f"the city’s real files aren’t at {folder}; set SAFEROUTES_SHARED")
    return folder
