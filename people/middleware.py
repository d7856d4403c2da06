from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

from people.access import access_row

# Views of other people's code: each is covered by a row of the permission table by its address (tests/test_access.py).
FOREIGN_MODULES = ("django.", "allauth.", "axes.", "whitenoise.")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


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
        is_admin_site = hasattr(view, "admin_site") or hasattr(view, "model_admin")
        if access_row(view) is None and not is_admin_site and not module.startswith(FOREIGN_MODULES):
            raise ImproperlyConfigured(f"{module}.{getattr(view, '__name__', view)} declares no row of access")
