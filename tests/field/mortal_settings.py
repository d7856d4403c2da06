"""The site's settings for a server that tests kill: the same site, with its photos in a folder of the test."""

import os
from pathlib import Path

from saferoutes.settings import *  # noqa: F403
from saferoutes.settings import STORAGES

MEDIA_ROOT = Path(os.environ["MORTAL_MEDIA"])
# Straight from the folder static/: nothing needs collecting first, and a test can import a module by its plain name.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
WHITENOISE_MAX_AGE = 0
if _folder := os.environ.get("MORTAL_STATIC"):
    STATICFILES_DIRS = [Path(_folder)]
