"""Pages whose address is a secret: never kept, never told to other sites, never framed by a foreign map."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]


class _NullOriginCsrf(CsrfViewMiddleware):
    """A browser sends `Origin: null` from a page with `no-referrer` (Fetch standard, "append a request Origin header").

    The secret in the form and the cookie is still checked.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META.get("HTTP_ORIGIN") == "null" or super()._origin_verified(request)  # type: ignore[misc]


_check_csrf = decorator_from_middleware(_NullOriginCsrf)


def keep_secret(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def token_page(view: View) -> View:
    """For views under an address that holds somebody's token."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return keep_secret(view(request, *args, **kwargs))

    return cast(View, csrf_exempt(_check_csrf(kept)))
