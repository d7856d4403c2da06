"""The Field API: what a phone calls. Each call reads its body, does one thing and answers in one shape (`answers`)."""

import uuid
from collections.abc import Callable

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from field.actions import enrol, leave_walk
from field.answers import MAX_JSON_BYTES, answer, current_site, field_call, read_body, refuse
from field.contact_schema import read_contact
from field.contact_sync import put_contact
from field.day_sync import HEAD_COUNT, INCIDENT, PASS, TEAM_BACK, DayKind, put_day_record
from field.models import Receipt
from field.pack import etag_of, pack_for, picture_for
from field.photos import put_photo
from field.practice import PRACTICE_SECONDS, practice_pack
from field.presence_sync import put_presence, read_presence
from field.schema import read_concern, read_enrol, read_look, read_status
from field.sync import put_concern, put_look
from field.tokens import bearer, caller_of
from walks.callers import address_of
from walks.models import Device


@field_call("POST", row=("field.device", "enrol"))
def devices(request: HttpRequest) -> HttpResponseBase:
    """Join a walk by invite or letters: 201 with the token that all other calls need."""
    body = read_enrol(read_body(request, most=MAX_JSON_BYTES))
    joined = enrol(
        body=body,
        old_token=bearer(request),
        address=address_of(request),
        now=timezone.now(),
    )
    content = {"token": joined.token, "walk": str(joined.walk.public_id), "device": str(joined.device.public_id)}
    return answer(current_site(), content, status=201)


@field_call("GET", "HEAD", row=("field.pack", "view"))
def pack(request: HttpRequest) -> HttpResponseBase:
    """All the phone needs offline; 304 where it has it already."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    content = pack_for(caller, now=now)
    etag = etag_of(content)
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]:
        response: HttpResponse = HttpResponse(status=304)
    else:
        response = answer(caller.site, content)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@field_call("PUT", row=("field.concern", "send"))
def concern(request: HttpRequest, client_id: uuid.UUID) -> HttpResponseBase:
    """A concern, or its newer state: 201 first, 200 again."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    body = read_concern(read_body(request, most=MAX_JSON_BYTES))
    outcome = put_concern(caller=caller, client_id=client_id, body=body, now=now)
    return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)


@field_call("PUT", row=("field.look", "send"))
def look(request: HttpRequest, client_id: uuid.UUID) -> HttpResponseBase:
    """A look at a concern: 201 first, 200 again, 404 “no_record” while its concern isn't here."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    body = read_look(read_body(request, most=MAX_JSON_BYTES))
    outcome = put_look(caller=caller, client_id=client_id, body=body, now=now)
    return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)


@field_call("PUT", row=("field.photo", "send"))
def concern_photo(request: HttpRequest, client_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponseBase:
    """The bytes of one photo of a concern."""
    return _photo(request, Receipt.Kind.CONCERN, client_id, photo_id)


@field_call("PUT", row=("field.photo", "send"))
def look_photo(request: HttpRequest, client_id: uuid.UUID, photo_id: uuid.UUID) -> HttpResponseBase:
    """The bytes of one photo of a look."""
    return _photo(request, Receipt.Kind.LOOK, client_id, photo_id)


def _photo(request: HttpRequest, kind: str, record_id: uuid.UUID, photo_id: uuid.UUID) -> JsonResponse:
    caller = caller_of(request, now=timezone.now())
    outcome = put_photo(caller=caller, kind=kind, record_id=record_id, photo_id=photo_id, request=request)
    return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)


def _day_call(day: DayKind, *row: str) -> Callable[..., HttpResponseBase]:
    """The call that takes one kind of record of the walk's day: 201 first, 200 again."""

    @field_call("PUT", row=(row[0], row[1]))
    def call(request: HttpRequest, client_id: uuid.UUID) -> HttpResponseBase:
        now = timezone.now()
        caller = caller_of(request, now=now)
        body = day.read(read_body(request, most=MAX_JSON_BYTES))
        outcome = put_day_record(day, caller=caller, client_id=client_id, body=body, now=now)
        return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)

    return call


segment_pass = _day_call(PASS, "field.day", "send")
head_count = _day_call(HEAD_COUNT, "field.day", "send")
incident = _day_call(INCIDENT, "field.day", "send")
team_back = _day_call(TEAM_BACK, "field.day", "send")


@field_call("PUT", row=("field.contact", "send"))
def contact(request: HttpRequest, client_id: uuid.UUID) -> HttpResponseBase:
    """Whom a team talked with, and what they said yes to: 201 first, 200 again. No cache may store the answer."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    body = read_contact(read_body(request, most=MAX_JSON_BYTES))
    outcome = put_contact(caller=caller, client_id=client_id, body=body, now=now)
    return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)


@field_call("PUT", row=("field.day", "send"))
def presence(request: HttpRequest, client_id: uuid.UUID) -> HttpResponseBase:
    """A greeter's check-in, or the check-out of it: 201 first, 200 again."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    body = read_presence(read_body(request, most=MAX_JSON_BYTES))
    outcome = put_presence(caller=caller, client_id=client_id, body=body, now=now)
    return answer(caller.site, outcome.as_json(), status=201 if outcome.is_new else 200)


@field_call("GET", "HEAD", row=("field.pack", "view"))
def look_picture(request: HttpRequest, concern_id: uuid.UUID) -> HttpResponseBase:
    """The small photo of something to check again: JPEG, at most 400 pixels, for phones that may see the place."""
    caller = caller_of(request, now=timezone.now())
    photo = picture_for(caller, concern_id)
    response = FileResponse(photo.thumbnail.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@field_call("GET", "HEAD", row=("field.practice", "view"))
def practice(request: HttpRequest) -> HttpResponseBase:
    """A pack to try the app with: nobody's walk. Without `server_time`, because anybody may keep it for an hour."""
    response = JsonResponse({"saferoutes": 1, **practice_pack(now=timezone.now())})
    response["Cache-Control"] = f"public, max-age={PRACTICE_SECONDS}"
    return response


@field_call("POST", row=("field.device", "leave"))
def leave(request: HttpRequest) -> HttpResponseBase:
    """The phone leaves its walk: its token ends now. It may join again by scanning the code."""
    caller = caller_of(request, now=timezone.now())
    leave_walk(device=caller.device)
    return answer(caller.site, {})


@field_call("POST", row=("field.status", "send"))
def status(request: HttpRequest) -> HttpResponseBase:
    """How much waits on the phone, for the walk lead to see."""
    now = timezone.now()
    caller = caller_of(request, now=now)
    body = read_status(read_body(request, most=MAX_JSON_BYTES))
    Device.objects.filter(pk=caller.device.pk).update(
        n_waiting=body.waiting, oldest_waiting_at=body.oldest_at, app_version=body.app, last_seen_at=now
    )
    return answer(caller.site, {})


@field_call("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", row=("field.unknown", "view"))
def unknown(request: HttpRequest) -> HttpResponseBase:
    """Anything else below the API's address: 404 in its own shape, so that no phone takes a page for an answer."""
    raise refuse(404, "address", "not_here", _("There is nothing at this address."))
