"""How static files are named: by content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Manifest storage that also rewrites the `import` lines of JavaScript modules.

    Django leaves them alone by default, and a module would then load an unhashed twin of its neighbour.
    """

    support_js_module_import_aggregation = True
