"""How every call of the Field API answers: one marked JSON object, whatever happened."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from field.reader import BadBody, Fault
from office.models import Coalition, Heartbeat
from office.refused import Refused
from people.access import BY_LINK, access

logger = logging.getLogger(__name__)

# The backup writes this heartbeat with the moment that its last verified copy reaches.
VERIFIED_BACKUP = "verified_backup"
MAX_JSON_BYTES = 65_536
DRAIN_BYTES = 40_000_000
RETRY_SECONDS = 20

View = Callable[..., HttpResponseBase]


class Site(NamedTuple):
    """What every answer says about the server: which life of the database it is, and up to when a backup holds it."""

    epoch: UUID | None
    safe_until: datetime | None


class Refusal(Exception):
    """A call that isn't done, with the status and the faults to answer."""

    def __init__(self, status: int, *faults: Fault, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {faults[0].code if faults else ''}")
        self.status, self.faults, self.retry_after = status, faults, retry_after


def refuse(status: int, field: str, code: str, message: str, *, retry_after: int | None = None) -> Refusal:
    return Refusal(status, Fault(field, code, message), retry_after=retry_after)


def current_site() -> Site:
    """One or two queries; the row of the coalition is made on first use."""
    backups = Heartbeat.objects.filter(name=VERIFIED_BACKUP)
    return Site(Coalition.current().epoch, backups.values_list("at", flat=True).first())


def envelope(site: Site) -> dict[str, Any]:
    """The marker and the clock of every answer."""
    return {
        "saferoutes": 1,
        "server_time": timezone.now().isoformat(timespec="milliseconds"),
        "epoch": site.epoch and str(site.epoch),
        "safe_until": site.safe_until and site.safe_until.isoformat(),
    }


# ñ is two bytes and not six, and nothing stands between.
COMPACT = {"ensure_ascii": False, "separators": (",", ":")}


def answer(site: Site, content: Mapping[str, Any], *, status: int = 200) -> JsonResponse:
    response = JsonResponse({**envelope(site), **content}, status=status, json_dumps_params=COMPACT)
    response["Cache-Control"] = "private, no-store"
    return response


def answer_refusal(refusal: Refusal, site: Site | None = None) -> JsonResponse:
    errors = {"errors": [fault.as_json() for fault in refusal.faults]}
    response = answer(site or site_or_nothing(), errors, status=refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def site_or_nothing() -> Site:
    """For answers that must go out although the database may be away."""
    try:
        return current_site()
    except DatabaseError:
        return Site(None, None)


def field_call(*methods: str, row: tuple[str, str]) -> Callable[[View], View]:
    """Make a view a call of the Field API: one of `methods`, and whatever it raises becomes an answer.

    There is no CSRF check because there is nothing to forge: a call counts by its bearer token or its invite, which
    no other site knows, and cookies are never read.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @access(*row, allow=BY_LINK)
        @wraps(view)
        def call(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    return _wrong_method(request, methods)
                return view(request, **kwargs)
            except Refusal as refusal:
                drain(request)
                return answer_refusal(refusal)
            except BadBody as bad:
                return answer_refusal(Refusal(400, *bad.faults))
            except Refused as refused:
                return answer_refusal(refuse(400, "", "refused", refused.message))
            except UnreadablePostError:
                return answer_refusal(_incomplete())
            except (OperationalError, InterfaceError, OSError):
                logger.exception("the Field API can't save now")
                return _later()
            except Exception:
                logger.exception("a call of the Field API failed")
                return _failed()

        return call

    return decorate


def _wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> JsonResponse:
    drain(request)
    response = answer_refusal(refuse(405, "method", "wrong_method", _("This address doesn’t take that.")))
    response["Allow"] = ", ".join(methods)
    return response


def _incomplete() -> Refusal:
    return refuse(400, "body", "incomplete", _("The record didn’t arrive whole. Send it again."))


def _later() -> JsonResponse:
    message = _("We can’t save right now. It is kept on your phone and will be sent again.")
    return answer_refusal(refuse(503, "", "unavailable", message, retry_after=RETRY_SECONDS), Site(None, None))


def _failed() -> JsonResponse:
    message = _("Something went wrong here. It is kept on your phone and will be sent again.")
    return answer_refusal(refuse(500, "", "failed", message))


def drain(request: HttpRequest) -> None:
    """Read and forget what is left of a body. A server that answers and hangs up in the middle of an upload cuts the
    answer off, and the phone would try the same again for ever."""
    left = min(body_length(request), DRAIN_BYTES)
    try:
        while left > 0 and (chunk := request.read(min(left, 65_536))):
            left -= len(chunk)
    except (OSError, ValueError):
        return


def body_length(request: HttpRequest) -> int:
    """What the request says of itself; 0 where it says nothing, and then nothing is read."""
    given = request.META.get("CONTENT_LENGTH") or ""
    return int(given) if given.isdecimal() else 0


def read_body(request: HttpRequest, *, most: int) -> bytes:
    """The whole body. Raises Refusal 413 above `most` bytes, before reading it."""
    length = body_length(request)
    raw = b"" if length > most else request.read(most + 1)
    if length > most or len(raw) > most:
        message = _("This is too large. At most %(most)d kB can be sent.") % {"most": most // 1000}
        raise refuse(413, "body", "too_large", message)
    if len(raw) < length:
        raise _incomplete()
    return raw
