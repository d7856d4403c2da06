import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saferoutes.settings")

application = get_wsgi_application()

# Every view is imported before the web server makes its processes: once for all of them, and nobody waits for it.
_ = get_resolver().url_patterns
