"""What the public home page shows: the next walks, what became of what was found, and the corridors."""

import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString
from django.db.models import Count, Max, Prefetch, Q, QuerySet

from concerns.pairs import public_pair
from concerns.public import PublicConcern, PublicPhoto
from concerns.workflow import OPEN_STATUSES, Status
from corridors import geojson
from corridors.geometry import band, length_m
from corridors.models import AREA_NEAR_M, WGS84, Area, Corridor, Segment, Side
from corridors.numbers import BlockRow, sides_walked, with_walked
from office.strip import Block
from walks.models import Walk

N_WALKS = 3
N_FIXED = 3
N_GOOD = 3
GOOD_GROUP = "good"
MAX_TINTED = 12  # a whole city of neighborhoods would weigh more than the page


@dataclass(frozen=True)
class Tally:
    """Counts of public concerns (good things and buildings apart), by what became of them."""

    found: int
    filed: int
    claimed: int
    verified: int
    reopened: int
    still_open: int
    good: int


def next_walks(now: datetime) -> QuerySet[Walk]:
    walks = Walk.objects.filter(state=Walk.State.PUBLISHED).current().upcoming(now)
    return walks.select_related("corridor", "lead_organization").with_places_taken().order_by("meet_at")[:N_WALKS]


def tally() -> Tally:
    """One query over the public view."""
    counts: Counter[str] = Counter()
    good = 0
    rows = PublicConcern.objects.values_list("status", "category_group").annotate(n=Count("id")).order_by()
    for status, group, n in rows:
        if group == GOOD_GROUP:
            good += n
        else:
            counts[status] += n
    filed = {Status.REPORTED, Status.IN_PROGRESS, Status.CLAIMED_FIXED, Status.VERIFIED_FIXED, Status.REOPENED}
    return Tally(
        found=sum(counts.values()),
        filed=sum(n for status, n in counts.items() if status in filed),
        claimed=counts[Status.CLAIMED_FIXED],
        verified=counts[Status.VERIFIED_FIXED],
        reopened=counts[Status.REOPENED],
        still_open=sum(n for status, n in counts.items() if status in OPEN_STATUSES),
        good=good,
    )


@dataclass(frozen=True)
class Mended:
    """Something we saw fixed, with the photo it was found with and the one of the look, where there are any."""

    concern: PublicConcern
    then: PublicPhoto | None
    now: PublicPhoto | None


def seen_fixed() -> list[Mended]:
    """The newest few. Two queries."""
    fixed = PublicConcern.objects.filter(status=Status.VERIFIED_FIXED).select_related("category")
    newest = fixed.prefetch_related("photos").order_by("-status_changed_at", "-id")[:N_FIXED]
    return [Mended(concern, *public_pair(list(concern.photos.all()))) for concern in newest]


def good_things() -> QuerySet[PublicConcern]:
    return PublicConcern.objects.filter(category_group=GOOD_GROUP).select_related("category")[:N_GOOD]


@dataclass(frozen=True)
class CorridorLine:
    """A corridor with its strip: open public concerns per side of each block."""

    corridor: Corridor
    blocks: list[Block]


def corridor_lines(now: datetime) -> list[CorridorLine]:
    """Three queries, however many corridors there are.

    A side of a block counts as walked if something public was noticed there, or a team said that it walked it on a walk
    that is over; otherwise it is unknown.
    """
    past = Q(walks__state=Walk.State.PUBLISHED, walks__deleted_at=None, walks__end_at__lt=now)
    segments = with_walked(Segment.objects.current(), now)
    corridors = (
        Corridor.objects.public()
        .with_length()
        .annotate(n_walks=Count("walks", filter=past), last_walk_at=Max("walks__meet_at", filter=past))
        .prefetch_related(Prefetch("segments", segments))
    )
    is_open = Q(status__in=OPEN_STATUSES) & ~Q(category_group=GOOD_GROUP)
    faces = PublicConcern.objects.exclude(segment=None).values_list("segment_id", "side").order_by()
    n_open = {(segment_id, side): n for segment_id, side, n in faces.annotate(n=Count("id", filter=is_open))}

    def row(segment: Any) -> BlockRow:
        walked = sides_walked(segment)
        left, right = (
            n_open.get((segment.pk, side), 0 if side in walked else None) for side in (Side.LEFT, Side.RIGHT)
        )
        return BlockRow(segment, left, right, None, length_m(segment.line))

    return [
        CorridorLine(corridor, [row(segment).as_block for segment in corridor.segments.all()]) for corridor in corridors
    ]


def ground(lines: Sequence[CorridorLine]) -> dict[str, Any]:
    """The neighborhoods that the corridors run through, as tints of the map. One query, none without corridors."""
    shapes = [line.corridor.line for line in lines[:MAX_TINTED]]
    if not shapes:
        return geojson.collection()
    crossed = reduce(operator.or_, (Q(shape__intersects=band(shape, AREA_NEAR_M)) for shape in shapes))
    areas = Area.objects.filter(crossed, kind=Area.Kind.NEIGHBORHOOD)
    west, south, east, north = MultiLineString(shapes).extent
    frame = LineString((west, south), (east, north), srid=WGS84)
    return geojson.collection(
        geojson.area_features(areas, around=frame),
        geojson.corridor_features([line.corridor for line in lines], focus=True),
    )
