from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from saferoutes import health, setup, views

# Each room's urls.py holds whole addresses, public ones and those under /desk/, as in docs/addresses.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("desk/", views.today, name="desk"),
    # /desk/setup/
    path("desk/setup/", setup.setup, name="setup"),
    path("desk/setup/coalition/", setup.setup_coalition, name="setup_coalition"),
    path("desk/setup/colleagues/", setup.setup_colleagues, name="setup_colleagues"),
    path("desk/setup/organizations/", setup.setup_organizations, name="setup_organizations"),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("people.urls")),
    path("", include("corridors.urls")),
    path("", include("walks.urls")),
    path("", include("concerns.urls")),
    path("", include("outreach.urls")),
    path("", include("field.urls")),
    path("", include("open311.urls")),
    path("", include("insights.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
]

handler400 = "saferoutes.errors.bad_request"
handler403 = "saferoutes.errors.permission_denied"
handler404 = "saferoutes.errors.not_found"
handler500 = "saferoutes.errors.server_error"
