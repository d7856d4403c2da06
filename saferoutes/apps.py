from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.translation import gettext_lazy as _


class SafeRoutesConfig(AppConfig):
    name = "saferoutes"
    verbose_name = _("Safe Routes")


class AdminConfig(DjangoAdminConfig):
    """Django's admin with our own site class, so that its sign-in is the site's one sign-in."""

    default_site = "saferoutes.admin_site.SafeRoutesAdminSite"
