"""The filters of the desk's list and map: read from an address, written back in our own spelling, applied to rows."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.filters import (
    STATUS_WORDS,
    BadFilter,
    PublicFilter,
    expand_statuses,
    read_box,
    read_choices,
    read_codes,
    read_corridor,
)
from concerns.models import Assignment, Concern, ConcernQuerySet, ExternalCase, Photo
from concerns.models.concern import HAS_WORDS, SEARCHED
from concerns.workflow import OPEN_STATUSES, Publication, Source, Status
from corridors.models import Segment
from office.marks import LATE_WORDS

NOBODY = "none"
FAR = "far"
LATENESS: dict[str, Any] = {"1": LATE_WORDS["late"], FAR: LATE_WORDS["far"]}
MOST_DAYS = 3650
LONGEST_FIND = 80
MOST_CASES = 500
FIRST_YEAR, LAST_YEAR = 2000, 2100
NUMBER = re.compile(r"[0-9a-f]{8}[-0-9a-f]{0,28}")
TICKS = ("unread", "flagged", "photo", "danger", "again")

SHOW: dict[str, Any] = {
    "unread": gettext_lazy("To read"),
    "open": gettext_lazy("Open"),
    "public": gettext_lazy("Public"),
    "all": gettext_lazy("All"),
}
SHOWN = {
    "unread": Q(publication=Publication.HELD, status=Status.NEW),
    "open": Q(status__in=OPEN_STATUSES) & ~Q(publication=Publication.SPAM),
    "public": Q(publication=Publication.PUBLISHED),
    "all": Q(),
}


def is_shown(show: str, publication: str, status: str) -> bool:
    """Twin of SHOWN for rows that were counted by their publication and status."""
    match show:
        case "unread":
            return publication == Publication.HELD and status == Status.NEW
        case "open":
            return status in OPEN_STATUSES and publication != Publication.SPAM
        case "public":
            return publication == Publication.PUBLISHED
    return True


@dataclass(frozen=True)
class DeskFilter(PublicFilter):
    """What the desk's list and map are asked for. Empty, None or False means: all.

    `show` is one of SHOW. `older` counts days since it was first seen, `since` is the first day it arrived on, in the
    coalition's zone. `owner` is an organization's number or NOBODY. The ticks are True where only such are wanted.
    """

    show: str = ""
    find: str = ""
    status_words: list[str] = field(default_factory=list)
    walk: uuid.UUID | None = None
    owner: uuid.UUID | str = ""
    publications: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    overdue: str = ""
    older: int | None = None
    since: date | None = None
    unread: bool = False
    flagged: bool = False
    photo: bool = False
    danger: bool = False
    again: bool = False

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Name and value of every filter that is set, in one order and one spelling."""
        values: list[tuple[str, Any]] = [
            ("show", self.show), ("find", self.find), ("category", self.categories), ("status", self.status_words),
            ("publication", self.publications), ("corridor", self.corridor), ("walk", self.walk),
            ("owner", self.owner), ("source", self.sources), ("overdue", self.overdue), ("older", self.older),
            ("since", self.since), ("flag", self.flags), ("bbox", self.box.extent if self.box else None),
        ]  # fmt: skip
        for name, value in values:
            if value:
                yield name, ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        yield from ((name, "1") for name in TICKS if getattr(self, name))

    def as_query(self) -> str:
        """The part of an address after the question mark that asks for the same."""
        return urlencode(list(self.pairs()), safe=",:")

    def at_tab(self, show: str) -> "DeskFilter":
        return replace(self, show=show)


def desk_filter(query: QueryDict) -> DeskFilter:
    """Read the address of the desk's list or map. What it doesn't know is left out. Raises BadFilter."""
    words = read_choices(query, "status", STATUS_WORDS)
    show = query.get("show", "")
    ticks: dict[str, Any] = {name: bool(read_choices(query, name, ["1"])) for name in TICKS}
    return DeskFilter(
        show=show if show in SHOW else "",
        find=_find(query),
        categories=read_codes(query),
        status_words=words,
        statuses=expand_statuses(words),
        corridor=read_corridor(query),
        box=read_box(query),
        walk=_number(query, "walk", _("walk: “%(value)s” isn’t the number of a walk.")),
        owner=_owner(query),
        publications=read_choices(query, "publication", Publication.values),
        sources=read_choices(query, "source", Source.values),
        flags=read_choices(query, "flag", Concern.Flag.values),
        overdue=next(iter(read_choices(query, "overdue", list(LATENESS))), ""),
        older=_days(query),
        since=_day(query),
        **ticks,
    )


def _find(query: QueryDict) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in query.get("find", "")).split())
    if len(text) > LONGEST_FIND:
        raise BadFilter(_("find: that is too long to look for. Use at most %(n)d letters.") % {"n": LONGEST_FIND})
    return text


def _number(query: QueryDict, name: str, refusal: str) -> uuid.UUID | None:
    text = query.get(name, "").strip()
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise BadFilter(refusal % {"value": text[:40]}) from None


def _owner(query: QueryDict) -> uuid.UUID | str:
    if query.get("owner", "").strip() == NOBODY:
        return NOBODY
    return _number(query, "owner", _("owner: “%(value)s” isn’t the number of an organization.")) or ""


def _days(query: QueryDict) -> int | None:
    text = query.get("older", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MOST_DAYS):
        raise BadFilter(_("older: give a number of days from 1 to %(most)d.") % {"most": MOST_DAYS})
    return int(text)


def _day(query: QueryDict) -> date | None:
    text = query.get("since", "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadFilter(_("since: “%(value)s” isn’t a day such as 2026-11-02.") % {"value": text[:40]})
    return day


def asked_for(rows: ConcernQuerySet, asked: DeskFilter, *, show: bool = True) -> ConcernQuerySet:
    """Those of the rows that the filters ask for; without `show` the tab is left out, so that all can be counted."""
    rows = rows.filter(**_lookups(asked))
    if show and asked.show:
        rows = rows.filter(SHOWN[asked.show])
    if asked.flagged:
        rows = rows.flagged()
    if asked.flags:
        rows = rows.filter(flags__overlap=asked.flags)
    if asked.photo:
        rows = rows.filter(Exists(Photo.objects.filter(concern=OuterRef("pk"))))
    return _with_dates(_of_owner(_found(rows, asked.find), asked.owner), asked)


def _lookups(asked: DeskFilter) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "category__code__in": asked.categories,
        "status__in": asked.statuses,
        "publication__in": asked.publications,
        "source__in": asked.sources,
        # By the numbers of its blocks, which have an index; joining the corridor reads every concern.
        "segment__in": asked.corridor and Segment.objects.filter(corridor__slug=asked.corridor),
        "walk__public_id": asked.walk,
        "location__bboverlaps": asked.box,
        "danger_now": asked.danger,
    }
    if asked.unread:
        wanted |= {"publication": Publication.HELD, "status": Status.NEW}
    return {lookup: value for lookup, value in wanted.items() if isinstance(value, QuerySet) or value}


def _with_dates(rows: ConcernQuerySet, asked: DeskFilter) -> ConcernQuerySet:
    now = timezone.now()
    today = timezone.localdate(now)
    if asked.overdue:
        rows = rows.far_overdue(today) if asked.overdue == FAR else rows.overdue(today)
    if asked.again:
        rows = rows.to_look_at(today)
    if asked.older:
        rows = rows.filter(first_seen_at__lte=now - timedelta(days=asked.older))
    if asked.since:
        rows = rows.filter(received_at__gte=timezone.make_aware(datetime.combine(asked.since, time.min)))
    return rows


def _of_owner(rows: ConcernQuerySet, owner: uuid.UUID | str) -> ConcernQuerySet:
    if not owner:
        return rows
    current = Assignment.objects.current().filter(concern=OuterRef("pk"))
    if owner == NOBODY:
        return rows.filter(~Exists(current))
    return rows.filter(Exists(current.filter(organization__public_id=owner)))


def _found(rows: ConcernQuerySet, text: str) -> ConcernQuerySet:
    """Address, words, or the number that 311 gave; the beginning of our own number by itself."""
    if not text:
        return rows
    if NUMBER.fullmatch(text.lower()):
        digits = text.lower().replace("-", "")[:32]
        between = (uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f")))
        return rows.filter(Q(public_id__range=between) | Q(city_case__iexact=text) | Q(pk__in=_with_case(text)))
    # A line break stands between the fields and in no search, so that nothing is found across two of them.
    return rows.alias(words=SEARCHED).filter((HAS_WORDS & Q(words__icontains=text)) | Q(pk__in=_with_case(text)))


def _with_case(number: str) -> list[int]:
    """The concerns that 311 gave this number. One query; as a list, so that indexes answer the rest."""
    return list(ExternalCase.objects.filter(number__iexact=number).values_list("concern_id", flat=True)[:MOST_CASES])
