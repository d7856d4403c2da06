from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from people.access import access_row
from people.models import User

# Views of other people's code: each is covered by a row of the permission table by its address (tests/test_access.py).
FOREIGN_MODULES = ("django.", "allauth.", "axes.", "whitenoise.")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SignInMiddleware(LoginRequiredMiddleware):
    """Sign-in by default, without touching the session where a view says that it needs none.

    Django's own reads `request.user` first: every public page would vary by cookie and pay a query for the session.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class AccessDeclaredMiddleware:
    """Refuse to run a view of ours that forgot to say who may use it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        module = getattr(view, "__module__", "")
        # The Django admin lets in admins only, whatever the page (SafeRoutesAdminSite.has_permission).
        in_admin = request.resolver_match is not None and "admin" in request.resolver_match.app_names
        if access_row(view) is None and not in_admin and not module.startswith(FOREIGN_MODULES):
            raise ImproperlyConfigured(f"{module}.{getattr(view, '__name__', view)} declares no row of access")


class SecondFactorMiddleware:
    """The Django admin answers only at its own host (ADMIN_HOST), after a second factor (REQUIRE_SECOND_FACTOR).

    An admin without one is sent to enrol it; one who has it but signed in before that is asked for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        if not request.path_info.startswith(f"/{settings.ADMIN_PATH}"):
            return None
        if settings.ADMIN_HOST and request.get_host().partition(":")[0] != settings.ADMIN_HOST:
            raise Http404
        if settings.REQUIRE_SECOND_FACTOR and isinstance(request.user, User) and request.user.is_admin:
            return ask_for_second_factor(request, request.user)
        return None


def ask_for_second_factor(request: HttpRequest, user: User) -> HttpResponseRedirect | None:
    """Where to go first; None where this session has shown a second factor. One query at most."""
    if any(record.get("method") == "mfa" for record in get_authentication_records(request, user)):
        return None
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in kinds:
        page = "mfa_reauthenticate"
    elif Authenticator.Type.WEBAUTHN in kinds:
        page = "mfa_reauthenticate_webauthn"
    else:
        page = "mfa_activate_totp"
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")
