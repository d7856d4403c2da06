"""The floor: Django with nothing around the view, on the bench's database."""

from saferoutes.settings import *  # noqa: F403

INSTALLED_APPS: list[str] = []  # type: ignore[no-redef]
MIDDLEWARE: list[str] = []  # type: ignore[no-redef]
ROOT_URLCONF = "bench.floor_urls"
WSGI_APPLICATION = "bench.floor_wsgi.application"
