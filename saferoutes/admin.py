from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SafeRoutesAdminSite(admin.AdminSite):
    site_header = _("Safe Routes review")
    site_title = _("Safe Routes review")
    index_title = _("Review")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send people to the site's own sign-in, which knows about codes, passkeys and lock-outs."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
