"""What the public home page shows: the next walks, what became of what was found, and the corridors."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from concerns.public import PublicConcern
from concerns.workflow import OPEN_STATUSES, Status
from corridors.models import Corridor, Side
from office.strip import Block
from walks.models import Walk

N_WALKS = 3
N_FIXED = 3
GOOD_GROUP = "good"


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


def seen_fixed() -> QuerySet[PublicConcern]:
    fixed = PublicConcern.objects.filter(status=Status.VERIFIED_FIXED).select_related("category")
    return fixed.prefetch_related("photos").order_by("-status_changed_at")[:N_FIXED]


def good_things() -> QuerySet[PublicConcern]:
    return PublicConcern.objects.filter(category_group=GOOD_GROUP)[:3]


@dataclass(frozen=True)
class CorridorLine:
    """A corridor with its strip: open public concerns per side of each block."""

    corridor: Corridor
    blocks: list[Block]


def corridor_lines() -> list[CorridorLine]:
    """Three queries, however many corridors there are.

    A side of a block on which nothing was ever noted is unknown, not zero.
    """
    past = Q(walks__state=Walk.State.PUBLISHED, walks__deleted_at=None)
    corridors = (
        Corridor.objects.public()
        .with_length()
        .annotate(n_walks=Count("walks", filter=past), last_walk_at=Max("walks__meet_at", filter=past))
        .prefetch_related("segments")
    )
    is_open = Q(status__in=OPEN_STATUSES) & ~Q(category_group=GOOD_GROUP)
    sides = PublicConcern.objects.exclude(segment=None).values_list("segment_id", "side").order_by()
    still_open = {
        (segment_id, side): n for segment_id, side, n in sides.annotate(n=Count("id", filter=is_open)).iterator()
    }

    return [
        CorridorLine(
            corridor,
            [
                Block(
                    name=segment.name,
                    from_name=segment.from_street,
                    to_name=segment.to_street,
                    length_m=segment.line.length * 100_000,
                    left=still_open.get((segment.pk, Side.LEFT)),
                    right=still_open.get((segment.pk, Side.RIGHT)),
                )
                for segment in corridor.segments.all()
                if segment.is_current
            ],
        )
        for corridor in corridors
    ]
