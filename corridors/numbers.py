"""What a corridor's pages count: from the public views for everybody, from nothing else.

Concerns and walks stand to the right of this room and are reached by related names only.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
        """Both sides as people name them, the left one first."""
        return [
            {"key": side, "name": self.segment.side_name(side), "n": count}
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


def block_rows(corridor: Corridor, segments: Sequence[Segment], now: datetime) -> list[BlockRow]:
    """The blocks with their open public concerns on each side, and the houses counted there. Three queries.

    A side counts as walked if something public was noticed on it, or if a team had its block on a walk that is over.
    """
    noticed = corridor.public_concerns.exclude(segment=None)
    seen = set(noticed.order_by().values_list("segment_id", "side").distinct())
    n_open = Counter(noticed.open().order_by().values_list("segment_id", "side"))
    walked = _walked(segments, now)
    houses = dict(corridor.house_counts.values_list("segment_id", "n"))

    def count(segment: Segment, side: str) -> int | None:
        known = segment.pk in walked or (segment.pk, side) in seen
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


def _walked(segments: Sequence[Segment], now: datetime) -> set[int]:
    """Blocks that a team had on a published walk that is over. One query."""
    return set(
        Segment.objects.filter(
            pk__in=[segment.pk for segment in segments],
            teams__walk__state="published",
            teams__walk__deleted_at=None,
            teams__walk__end_at__lt=now,
        )
        .order_by()
        .values_list("pk", flat=True)
    )


@dataclass(frozen=True)
class Listed:
    """A corridor and its length in words."""

    corridor: Corridor
    length_words: str


def with_lengths(corridors: Sequence[Corridor]) -> list[Listed]:
    """Reads the coalition's units: one query."""
    units = Coalition.current().units
    return [Listed(corridor, distance_words(length_m(corridor.line), units)) for corridor in corridors]


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
