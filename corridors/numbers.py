"""What a corridor's pages count: from the public views for everybody, from nothing else.

Concerns and walks stand to the right of this room and are reached by related names only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from corridors.geometry import length_m
from corridors.models import Corridor, Segment
from office.models import Coalition
from office.strip import Block

FEET, MILE_FEET = 3.28084, 5280


@dataclass(frozen=True)
class BlockRow:
    """One block in the strip's table. A count is None where nobody walked, so that we don't know."""

    segment: Segment
    left: int | None
    right: int | None
    houses: int | None
    length_m: float

    @property
    def number(self) -> int:
        return self.segment.position + 1

    @property
    def sides(self) -> list[dict[str, Any]]:
        """Both sides by their compass name, the left one first."""
        return [
            {"key": side, "short": self.segment.compass_side(side), "n": count}
            for side, count in (("left", self.left), ("right", self.right))
        ]

    @property
    def as_block(self) -> Block:
        return {
            "name": self.segment.name,
            "from_name": self.segment.from_street,
            "to_name": self.segment.to_street,
            "length_m": self.length_m,
            "left": self.left,
            "right": self.right,
        }


Face = tuple[int, str]


def block_rows(corridor: Corridor, segments: Sequence[Segment]) -> list[BlockRow]:
    """The blocks with their open public concerns on each side, and the houses counted there. Two queries.

    A side counts as walked if something public was noticed on it, or if a team said that it walked it: segments come
    from `with_walked`.
    """
    seen, n_open = _noticed(corridor)
    houses = dict(corridor.house_counts.values_list("segment_id", "n"))

    def count(segment: Segment, side: str) -> int | None:
        known = side in sides_walked(segment) or (segment.pk, side) in seen
        return n_open[segment.pk, side] if known else None

    return [
        BlockRow(
            segment,
            count(segment, "left"),
            count(segment, "right"),
            houses.get(segment.pk),
            length_m(segment.line),
        )
        for segment in segments
    ]


def _noticed(corridor: Corridor) -> tuple[set[Face], Counter[Face]]:
    """Block faces where anything public was noticed, and how much of it is open. One query."""
    noticed = corridor.public_concerns.exclude(segment=None).order_by()
    everything = noticed.annotate(n=Value(0)).values_list("segment_id", "side", "n").distinct()
    counted = noticed.open().values("segment_id", "side").annotate(n=Count("id"))
    still_open = counted.values_list("segment_id", "side", "n")
    n_open: Counter[Face] = Counter()
    for segment, side, n in everything.union(still_open, all=True):
        n_open[segment, side] += n
    return set(n_open), n_open


def with_walked(segments: QuerySet[Segment], now: datetime) -> QuerySet[Segment]:
    """Adds the sides that teams said they walked, on published walks that are over. See `sides_walked`.

    While a walk is under way nothing of it counts: nobody shall see from outside where a team is.
    """
    told = Q(
        passes__withdrawn_at=None,
        passes__walk__state="published",
        passes__walk__deleted_at=None,
        passes__walk__end_at__lt=now,
    )
    return segments.annotate(walked=ArrayAgg("passes__side", filter=told, distinct=True, default=Value([])))


def sides_walked(segment: Segment) -> frozenset[str]:
    """Which sides of a block of `with_walked` were walked; the others are unknown."""
    return frozenset(getattr(segment, "walked", ()))


def distance_words(metres: float, units: str) -> str:
    """A length as people here say it: "1.4 miles", "430 feet", "2.2 km"."""
    if units == Coalition.Units.METRES:
        if metres < 1000:
            return _("%(n)d m") % {"n": round(metres)}
        return _("%(n).1f km") % {"n": metres / 1000}
    feet = metres * FEET
    if feet < MILE_FEET / 4:
        n = round(feet / 10) * 10
        return ngettext("%(n)d foot", "%(n)d feet", n) % {"n": n}
    return _("%(n).1f miles") % {"n": feet / MILE_FEET}
