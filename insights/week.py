"""One week of the coalition, Monday to Sunday in its own zone, counted for the page that goes to the table.

Partners read it, so every count of concerns comes from the public views, and what is about help through
`insights.disclosure`. What is kept (`Snapshot.numbers`) is JSON without any language: `insights.week_words` says it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.utils import translation

from concerns.models import Concern, ConcernUpdate
from concerns.pairs import public_pair
from concerns.public import PublicConcern, PublicPhoto, PublicSeen, PublicUpdate
from concerns.workflow import LookResult, Publication, Status
from corridors.models import Corridor
from corridors.numbers import block_rows, with_walked
from insights import at_table, week_help, week_stuck
from insights.age_bands import Bands
from insights.disclosure import shown_parts
from insights.week_days import DAYS, Week
from insights.week_promises import promises_of
from people.models import Organization
from people.roles import AgeBand
from walks.models import HeadCount, Presence, Walk
from walks.models.day import told_at
from walks.sun import light_of

MOST_WALKS, MOST_NEXT, MOST_STRIPS = 3, 3, 2
TABLE_MATTERS_FOR = timedelta(days=28)
PAIR_MATTERS_FOR = timedelta(days=60)
GOOD_MATTERS_FOR = timedelta(days=30)
GROUP_GOOD = "good"


def count_week(week: Week, *, now: datetime) -> dict[str, Any]:
    """Everything of the week as it is known now. About 40 queries; no count of help below three is in it."""
    walks = _walks(week, now)
    return {
        "counted_at": now.isoformat(),
        "zone": str(week.zone),
        "walks": [_told(walk) for walk in walks[:MOST_WALKS]],
        "people": _people(walks),
        "concerns": _concerns(week),
        "promises": promises_of(week),
        "help": week_help.cells(week),
        "table": _table(week, now),
        "next": _next(now, week.zone),
        "strips": _strips(walks, now),
        "pair": _pair(week),
        "good": _good(week),
        "stuck": week_stuck.candidates(week, now),
    }


# --- Walks and people ---


@dataclass
class Walked:
    """One walk of the week with who was there: by check-in, and by heads."""

    walk: Walk
    checked_in: Bands
    n_heads: int


def _walks(week: Week, now: datetime) -> list[Walked]:
    """Published walks that are over, the first one first. Three queries."""
    over = Walk.objects.current().filter(week.within("meet_at"), state=Walk.State.PUBLISHED, end_at__lte=now)
    walks = list(over.select_related("corridor").order_by("meet_at", "id"))
    bands, heads = _check_ins(walks), _heads(walks)
    return [Walked(walk, Bands(bands.get(walk.pk, {})), heads[walk.pk]) for walk in walks]


def _check_ins(walks: Sequence[Walk]) -> dict[int, Counter[str]]:
    """People by age. Of a group that came as one nobody's age is known."""
    band = Case(When(n_people=1, then=F("age_band")), default=Value(AgeBand.UNKNOWN.value))
    rows = Presence.objects.standing().filter(walk__in=walks).order_by().values("walk").annotate(band=band)
    found: dict[int, Counter[str]] = {}
    for row in rows.annotate(n=Sum("n_people")):
        found.setdefault(row["walk"], Counter())[row["band"]] += row["n"]
    return found


def _heads(walks: Sequence[Walk]) -> Counter[int]:
    """Heads by walk: the newest count of each phone, and all that table or paper counted."""
    newest: dict[tuple[int, int], int] = {}
    rows = HeadCount.objects.standing().filter(walk__in=walks)
    for one in rows.order_by(told_at("counted_at"), "id"):
        newest[one.walk_id, one.device_id or -one.pk] = one.n_people
    total: Counter[int] = Counter()
    for (walk, _phone), n in newest.items():
        total[walk] += n
    return total


def _told(walked: Walked) -> dict[str, Any]:
    walk = walked.walk
    return {
        "title": walk.title,
        "street": walk.corridor.name,
        "at": walk.meet_at.astimezone(walk.zone).isoformat(),
        "light": light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=walk.sunset_at),
        "checked_in": walked.checked_in.n or None,
        "heads": walked.n_heads or None,
    }


def _people(walks: Sequence[Walked]) -> dict[str, Any]:
    """The week's walks together. Ages are shown so that nobody is alone in a count."""
    total: Counter[str] = Counter()
    for walked in walks:
        total.update(walked.checked_in.counts)
    bands = Bands(dict(total))
    return {
        "n_walks": len(walks),
        "checked_in": bands.n,
        "heads": sum(walked.n_heads for walked in walks),
        **_ages(bands, {"youth": bands.youth, "unknown": bands.unknown}),
    }


def _ages(bands: Bands, parts: dict[str, int]) -> dict[str, int | None]:
    """These counts as they may be shown, and `known`, of whom the age is known."""
    shown = shown_parts(bands.n, parts)
    known = None if shown.total is None or shown.parts["unknown"] is None else bands.known
    return {**shown.parts, "known": known}


# --- Concerns ---


def _concerns(week: Week) -> dict[str, int]:
    """Counts of what everybody may see; good things and buildings are in none of them. Four queries."""
    public = PublicConcern.objects.exclude(category_group=GROUP_GOOD)
    told = ConcernUpdate.objects.filter(week.within("at"), kind=ConcernUpdate.Kind.STATUS)
    moved = told.filter(concern__in=public.values("id")).aggregate(
        claimed=_concerns_of(to_value=Status.CLAIMED_FIXED),
        seen_fixed=_concerns_of(to_value=Status.VERIFIED_FIXED),
        back=_concerns_of(to_value=Status.REOPENED),
    )
    again = Concern.objects.filter(week.within("first_seen_at"), status=Status.DUPLICATE)
    looks = PublicUpdate.objects.filter(week.within("at"), kind="look")
    still = looks.filter(
        to_value__in=[LookResult.STILL_THERE, LookResult.WORSE], concern__first_seen_at__lt=week.starts_at
    )
    return {
        "new": public.filter(week.within("first_seen_at")).count(),
        "repeat": again.filter(publication=Publication.PUBLISHED, duplicate_of__in=public.values("id")).count(),
        "still": still.exclude(concern__category_group=GROUP_GOOD).aggregate(n=Count("concern", distinct=True))["n"],
        **moved,
    }


def _concerns_of(**moved: str) -> Count:
    return Count("concern", filter=Q(**moved), distinct=True)


# --- The table, and what comes ---


def _table(week: Week, now: datetime) -> dict[str, Any] | None:
    """Who sat at the last meeting of the last four weeks, and what was missing, in both languages."""
    before = week.sunday + timedelta(days=1)
    told: dict[str, list[str]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            table = at_table.last_table(before, since=before - TABLE_MATTERS_FOR)
            if table is None:
                return None
            told[language] = [str(one) for one in table.missing]
    assert table is not None
    bands = table.bands
    return {
        "at": table.meeting.starts_at.astimezone(week.zone).isoformat(),
        "organizations": table.n_organizations,
        "of": Organization.objects.current().count(),
        "people": table.n_people,
        **_ages(bands, {"youth": bands.youth, "twenties": bands.late_twenties, "unknown": bands.unknown}),
        "missing": told,
        "youth_places": _youth_places(now, week.zone),
    }


def _youth_places(now: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    found = next(iter(at_table.open_youth_places(now, until=now + TABLE_MATTERS_FOR)), None)
    return {"n": found.n_open, "at": found.walk.meet_at.astimezone(zone).isoformat()} if found else None


def _next(now: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The next walks that anybody may join. One query."""
    coming = Walk.objects.current().filter(state=Walk.State.PUBLISHED, meet_at__gt=now).select_related("corridor")
    rows: Any = coming.with_places_taken().order_by("meet_at", "id")[:MOST_NEXT]
    return [
        {
            "title": walk.title,
            "at": walk.meet_at.astimezone(walk.zone).isoformat(),
            "light": light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=walk.sunset_at),
            "taken": walk.n_taken,
            "capacity": walk.capacity,
        }
        for walk in rows
    ]


# --- Pictures ---


def _strips(walks: Sequence[Walked], now: datetime) -> list[dict[str, Any]]:
    """The corridors that were walked, each with its blocks (`office.strip.Block`). Four queries for each."""
    corridors = {walked.walk.corridor_id: walked.walk.corridor for walked in walks}
    return [_strip(corridor, now) for corridor in list(corridors.values())[:MOST_STRIPS]]


def _strip(corridor: Corridor, now: datetime) -> dict[str, Any]:
    segments = list(with_walked(corridor.segments.current(), now))
    for segment in segments:
        segment.corridor = corridor
    return {"name": corridor.name, "blocks": [row.as_block for row in block_rows(corridor, segments)]}


def _pair(week: Week) -> dict[str, Any] | None:
    """Two public photos of one place: before, and by whoever saw it fixed. The newest; three queries."""
    since = week.ends_at - PAIR_MATTERS_FOR
    shots = PublicPhoto.objects.filter(is_look=True, received_at__gte=since, received_at__lt=week.ends_at)
    seen = shots.filter(concern__status=Status.VERIFIED_FIXED).order_by("-received_at", "-id")
    order = list(dict.fromkeys(seen.values_list("concern", flat=True)[:20]))
    photos = list(PublicPhoto.objects.filter(concern__in=order).select_related("concern__category"))
    for concern in order:
        then, now = public_pair([photo for photo in photos if photo.concern_id == concern])
        if then and now:
            return _pair_told(then, now, week.zone)
    return None


def _pair_told(then: PublicPhoto, now: PublicPhoto, zone: ZoneInfo) -> dict[str, Any]:
    first = then.received_at if then.is_look else now.concern.first_seen_at
    return {
        "concern": str(now.concern.public_id),
        "then": str(then.public_id),
        "now": str(now.public_id),
        "then_on": first.astimezone(zone).date().isoformat(),
        "now_on": now.received_at.astimezone(zone).date().isoformat(),
        "place": now.concern.place,
        "kind": [now.concern.category.name_en, now.concern.category.name_es],
    }


def _good(week: Week) -> dict[str, Any] | None:
    """A good thing that everybody may read: of the week where there is one, seen by most. Two queries."""
    since = week.ends_at - GOOD_MATTERS_FOR
    good = PublicConcern.objects.filter(category_group=GROUP_GOOD, published_at__gte=since).exclude(text="")
    rows = list(
        good.filter(published_at__lt=week.ends_at + DAYS).select_related("category").order_by("-first_seen_at")[:20]
    )
    seen = dict(PublicSeen.objects.filter(concern__in=[row.pk for row in rows]).values_list("concern", "n_people"))
    rows.sort(key=lambda row: (row.first_seen_at >= week.starts_at, seen.get(row.pk, 1)), reverse=True)
    if not rows:
        return None
    best = rows[0]
    return {"concern": str(best.public_id), "text": best.text, "place": best.place, "n_people": seen.get(best.pk, 1)}
