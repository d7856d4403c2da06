from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from office.desk_admin import DeskAdmin
from office.models import AuditEvent
from people.access import EVERYBODY, access
from people.desk_admin import admin_page

# In the order of the work, not of the alphabet.
ROOMS = ["concerns", "outreach", "walks", "people", "corridors", "office", "field", "open311", "insights"]


class SafeRoutesAdminSite(admin.AdminSite):
    """The review desk for admins. Only rooms of ours register here: tables of libraries hold keys and codes."""

    site_header = _("Safe Routes review")
    site_title = _("Safe Routes review")
    index_title = _("Review")
    index_template = "admin/desk_index.html"
    # Lists need the width; the way back is in the crumbs.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if admin_class is not None and issubclass(admin_class, DeskAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse who is signed in and no admin at every address alike; Django sends them around in circles."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return checked

    @method_decorator(never_cache)
    @method_decorator(access("django_admin", "sign_in", allow=EVERYBODY))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's own sign-in, which knows about codes, passkeys and lock-outs."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = self._build_app_dict(request, app_label).values()
        place = {name: position for position, name in enumerate(ROOMS)}
        return sorted(apps, key=lambda app: place.get(app["app_label"], len(place)))

    def get_log_entries(self, request: HttpRequest) -> Any:
        """The newest lines of the audit trail, on the first page of the admin."""
        return AuditEvent.objects.all()[:12]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        problems = admin_page(self, lambda request: import_string("saferoutes.problems.data_problems")(request, self))
        return [path("data-problems/", problems, name="data_problems"), *super().get_urls()]
