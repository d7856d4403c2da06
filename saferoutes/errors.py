"""The pages people see when something goes wrong. None needs the database or the session."""

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# Never handed back on a page: what proves who somebody is.
SECRET_FIELDS = ("csrfmiddlewaretoken", "password", "token", "code", "secret", "credential")
COPY_LIMIT = 20_000


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """`templates/<status>.html`, rendered without context processors: they may query a database that is down."""
    context |= {"status": status, "request_id": getattr(request, "request_id", "")}
    try:
        body = render_to_string(f"{status}.html", context)
    except Exception:  # the last page of all must not fail for a missing static file
        body = format_html("<!doctype html><title>{}</title><h1>{}</h1><p>{}</p>", status, _last_words(), request.path)
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _last_words() -> str:
    return _("Something went wrong on our side. Nothing you sent before is lost. Please try again in a minute.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when Django refused the request for its size."""
    if isinstance(exception, TOO_LARGE):
        return too_large(request)
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403. Only words a view wrote for people are shown: `PermissionDenied(_("This walk has closed."))`."""
    return error_page(request, 403, words=str(exception) if exception else "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404. The same page whether it never existed or isn't theirs."""
    return error_page(request, 404)


def too_large(request: HttpRequest, limit: str = "") -> HttpResponse:
    """413; `limit` says in words what fits ("15 MB")."""
    return error_page(request, 413, limit=limit)


def too_many_requests(request: HttpRequest, *, retry_after_seconds: int = 3600, typed: str = "") -> HttpResponse:
    """429 with Retry-After. `typed` is what the person wrote, handed back so that it isn't lost."""
    minutes = max(1, -(-retry_after_seconds // 60))
    wait = ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
    response = error_page(request, 429, wait=wait, typed=typed[:COPY_LIMIT])
    response["Retry-After"] = str(retry_after_seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database can't be reached or cut the connection."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return error_page(request, 500)


def unavailable(request: HttpRequest, *, retry_after_seconds: int = 30) -> HttpResponse:
    """503 with Retry-After."""
    response = error_page(request, 503)
    response["Retry-After"] = str(retry_after_seconds)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere: explain, and keep a copy of the text to paste."""
    response = error_page(request, 403, csrf=True, typed=typed_text(request), back=_own_path(request))
    response["Referrer-Policy"] = "same-origin"
    return response


def typed_text(request: HttpRequest) -> str:
    """What a person typed into the form of this request, a paragraph per field, without secrets."""
    try:
        fields = request.POST.lists()
    except Exception:  # a body too large or cut off has nothing to hand back
        return ""
    lines = [
        f"{name}: {', '.join(str(value) for value in values if value)}"
        for name, values in fields
        if any(values) and not any(secret in name.lower() for secret in SECRET_FIELDS)
    ]
    return "\n\n".join(lines)[:COPY_LIMIT]


def _own_path(request: HttpRequest) -> str:
    """Where the form stood: our own address that was posted to. Opening it again is a GET and changes nothing."""
    return request.path
