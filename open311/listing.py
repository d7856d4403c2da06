"""Concerns as GeoReport service requests, from the public view only."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Category
from concerns.public import PublicConcern, PublicConcernAlias, PublicPhoto
from concerns.workflow import Status
from office.marks import STATUS_WORDS
from office.models import Coalition
from open311.models import ApiKey, Posted
from open311.output import Problem, without_empty

SPAN = timedelta(days=90)
MOST = 1000
# The city saying “fixed” closes nothing here: only somebody who went and looked does.
CLOSED = frozenset({Status.VERIFIED_FIXED, Status.NOT_ACTIONABLE})
CODES = {"open": ~Q(status__in=CLOSED), "closed": Q(status__in=CLOSED)}


@dataclass(frozen=True)
class Asked:
    """What a list was asked for. `ids` overrides everything else."""

    ids: list[uuid.UUID] = field(default_factory=list)
    is_by_id: bool = False
    service_codes: list[str] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    statuses: list[str] = field(default_factory=list)
    page: int = 1
    page_size: int = MOST
    extensions: bool = False


def read_query(query: Mapping[str, str], *, now: datetime) -> Asked:
    """Read the parameters of GET requests. Raises Problem 400 with the parameter's name."""
    extensions = query.get("extensions", "") == "true"
    if query.get("service_request_id"):
        named = [_id(one) for one in query["service_request_id"].split(",")[:MOST]]
        return Asked(ids=[one for one in named if one], is_by_id=True, extensions=extensions)
    since, until = _span(_moment(query, "start_date"), _moment(query, "end_date"), now=now)
    return Asked(
        service_codes=_words(query, "service_code"),
        since=since,
        until=until,
        statuses=_statuses(query),
        page=_whole(query, "page", least=1, most=1_000_000, otherwise=1),
        page_size=_whole(query, "page_size", least=1, most=MOST, otherwise=MOST),
        extensions=extensions,
    )


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None


def _words(query: Mapping[str, str], name: str) -> list[str]:
    return [word.strip() for word in query.get(name, "").replace("\x00", "").split(",") if word.strip()][:100]


def _statuses(query: Mapping[str, str]) -> list[str]:
    words = _words(query, "status")
    if not set(words) <= set(CODES):
        raise Problem(400, _("status must be open, closed, or both with a comma between."))
    return words


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # an unescaped + arrives as a blank
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or not 1900 < moment.year < 2200:
        words = _("%(name)s must be a time with its offset, like 2026-11-22T18:04:05-06:00 or 2026-11-22T18:04:05Z.")
        raise Problem(400, words % {"name": name})
    return moment


def _span(since: datetime | None, until: datetime | None, *, now: datetime) -> tuple[datetime, datetime | None]:
    """The last 90 days, or the 90 beside the one date that was given. Raises Problem 400 for a longer span."""
    if since and until:
        if until < since:
            raise Problem(400, _("end_date lies before start_date."))
        if until - since > SPAN:
            raise Problem(400, _("start_date and end_date may be 90 days apart at most. Ask several times."))
        return since, until
    if since:
        return since, since + SPAN
    if until:
        return until - SPAN, until
    return now - SPAN, None


def _whole(query: Mapping[str, str], name: str, *, least: int, most: int, otherwise: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most):
        raise Problem(400, _("%(name)s must be a whole number from %(least)d to %(most)d.") % {
            "name": name, "least": least, "most": most,
        })  # fmt: skip
    return int(text)


def service_requests(asked: Asked, *, key: ApiKey | None) -> list[dict[str, Any]]:
    """The list, newest first; by ids also what this key posted and nobody has read yet. At most five queries."""
    rows = _in_order()
    if asked.is_by_id:
        found = list(rows.filter(public_id__in=_with_aliases(asked.ids)))
        return _records(found, asked) + _own_unread(asked.ids, key)
    if asked.service_codes:
        rows = rows.filter(category_code__in=asked.service_codes)
    if len(asked.statuses) == 1:
        rows = rows.filter(CODES[asked.statuses[0]])
    rows = rows.filter(first_seen_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(first_seen_at__lte=asked.until)
    start = (asked.page - 1) * asked.page_size
    if start:  # what is passed over isn't worth more than its number
        ids = list(rows.values_list("pk", flat=True)[start : start + asked.page_size])
        return _records(list(_in_order().filter(pk__in=ids)), asked)
    return _records(list(rows[: asked.page_size]), asked)


def _in_order() -> models.QuerySet[PublicConcern]:
    """Newest first, category read."""
    return PublicConcern.objects.select_related("category").order_by("-first_seen_at", "-id")


def service_request(public_id: uuid.UUID | None, *, key: ApiKey | None, extensions: bool) -> list[dict[str, Any]]:
    """One request, as a list of one. Raises Problem 404."""
    asked = Asked(ids=[public_id] if public_id else [], is_by_id=True, extensions=extensions)
    found = service_requests(asked, key=key)
    if not found:
        raise Problem(404, _("service_request_id was not found."))
    return found


def _with_aliases(ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """The ids, and those of the concerns that merged ones lead to. One query."""
    aliases = PublicConcernAlias.objects.filter(public_id__in=ids).values_list("same_as", flat=True)
    return [*ids, *aliases]


def _records(concerns: list[PublicConcern], asked: Asked) -> list[dict[str, Any]]:
    photos: dict[int, PublicPhoto] = {}
    shown = PublicPhoto.objects.filter(concern__in=[concern.pk for concern in concerns], is_look=False)
    for photo in reversed(shown) if concerns else ():
        photos[photo.concern_id] = photo
    zone = Coalition.current().zone
    return [_record(concern, photos.get(concern.pk), zone, asked.extensions) for concern in concerns]


def _record(concern: PublicConcern, photo: PublicPhoto | None, zone: Any, extensions: bool) -> dict[str, Any]:
    record = {
        "service_request_id": str(concern.public_id),
        "status": "closed" if concern.status in CLOSED else "open",
        "status_notes": str(STATUS_WORDS.get(concern.status, concern.get_status_display())),
        "service_name": concern.category.name,
        "service_code": concern.category_code,
        "description": concern.text,
        "agency_responsible": concern.category.default_owner,
        "requested_datetime": _iso(concern.first_seen_at, zone),
        "updated_datetime": _iso(concern.status_changed_at, zone),
        "address": concern.place,
        "lat": round(concern.point.y, 6),
        "long": round(concern.point.x, 6),
        "media_url": photo and settings.SITE_URL + reverse("concerns:photo", args=[photo.public_id, "1600"]),
    }
    if extensions:
        record["extended_attributes"] = {
            "detailed_status": concern.status,
            "detailed_status_datetime": _iso(concern.status_changed_at, zone),
            "place_is_exact": False,
        }
    return without_empty(record)


def _own_unread(ids: list[uuid.UUID], key: ApiKey | None) -> list[dict[str, Any]]:
    """Status only, of what the key posted and the public doesn't see: never a word of the content. One query."""
    if key is None:
        return []
    public = PublicConcern.objects.filter(public_id__in=ids).values("public_id")
    posted = Posted.objects.filter(key=key, concern__public_id__in=ids).exclude(concern__public_id__in=public)
    zone = Coalition.current().zone
    return [_unread(one, zone) for one in posted.select_related("concern__category")]


def _unread(posted: Posted, zone: Any) -> dict[str, Any]:
    concern = posted.concern
    category: Category = concern.category
    return without_empty(
        {
            "service_request_id": str(concern.public_id),
            "status": "closed" if concern.status in CLOSED | {Status.WITHDRAWN, Status.DUPLICATE} else "open",
            "status_notes": _("Not public. An organizer reads it first."),
            "service_name": category.name,
            "service_code": category.code,
            "requested_datetime": _iso(posted.posted_at, zone),
        }
    )


def _iso(moment: datetime, zone: Any) -> str:
    return timezone.localtime(moment, zone).isoformat(timespec="seconds")
