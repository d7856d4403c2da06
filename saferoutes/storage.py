"""How static files are named: by content, so that browsers may keep them for ever."""

from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from office.static_files import OUR_MODULES, as_served, is_ours

_EVERY_SCRIPT, _IMPORT_LINES = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Manifest storage that also rewrites the `import` lines of our own JavaScript modules.

    Django leaves them alone by default, and a module would then load an unhashed twin of its neighbour. Other people's
    scripts import in ways of their own (one of django-htmx's names a module "htmx"), so they stay as they are.
    Comments and spaces of our own scripts and styles stay at home: a fifth of what a phone would fetch over bad signal.
    """

    max_post_process_passes = 30  # one for each level of imports at worst, and the phone app's modules stand ten deep

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((folder, _IMPORT_LINES) for folder in OUR_MODULES),
    )

    def _save(self, name: str, content: Any) -> str:
        if is_ours(name):
            content.seek(0)
            content = ContentFile(as_served(name, content.read().decode()).encode())
        return str(super()._save(name, content))
