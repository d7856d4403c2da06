"""The site's settings, with photos of a bench kept apart from the site's own."""

import os
from pathlib import Path

from saferoutes.settings import *  # noqa: F403

MEDIA_ROOT = Path(os.environ["BENCH_MEDIA"])
