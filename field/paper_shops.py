"""The shops on a team's way, as a sheet: how to visit, whom not to, and a box for what came of it.

What phones show before a team goes in (`field.pack_help`), and as little about who is there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from corridors.geometry import project
from corridors.models import Landmark, Segment
from corridors.print_map import Stretch
from field.pack_help import landmarks_of
from outreach.languages import name_of
from outreach.models import Shop
from walks.models import Walk

SHOPS_A_PAGE = 10


@dataclass(frozen=True)
class ShopItem:
    """A line of the sheet. `last_at` is when a team was there, `answer` what became of what they asked."""

    n: int
    landmark: Landmark
    block: str
    shop: Shop | None
    last_at: datetime | None
    answer: str

    @property
    def not_since(self) -> date | None:
        """The day from which on they want no visit."""
        return self.shop.do_not_visit_since if self.shop and self.shop.do_not_visit else None

    @property
    def language(self) -> str:
        """What is spoken there, in the language of the page; empty where nobody knows."""
        return name_of(self.shop.language) if self.shop and self.shop.language else ""


@dataclass(frozen=True)
class Placed:
    """A shop with its block, the side of the street, and how far along the block it is, in metres."""

    landmark: Landmark
    segment: Segment
    side: str
    along_m: float


def shops_on(walk: Walk, segments: Sequence[Segment]) -> list[Placed]:
    """The corridor's shops in the order of the street, each on the nearest of its blocks. One query."""
    rows = landmarks_of(walk.corridor).filter(kind=Landmark.Kind.BUSINESS)
    placed = [_place(one, segments) for one in rows] if segments else []
    return sorted(placed, key=lambda one: (one.segment.position, one.along_m, one.landmark.name, one.landmark.pk))


def _place(landmark: Landmark, segments: Sequence[Segment]) -> Placed:
    spots = [(project(landmark.location, segment.line), segment) for segment in segments]
    spot, segment = min(spots, key=lambda one: one[0].distance_m)
    return Placed(landmark, segment, spot.side, spot.along_m)


def shops_of_team(shops: Iterable[Placed], way: Sequence[Stretch]) -> list[ShopItem]:
    """Those on the blocks and sides that a team walks; all of them where it has no blocks."""
    sides = {stretch.segment.pk: stretch.faces for stretch in way}
    mine = [one for one in shops if not way or _is_on(one, sides)]
    return [_item(n, one) for n, one in enumerate(mine, start=1)]


def _is_on(one: Placed, sides: dict[int, list[str]]) -> bool:
    return one.segment.pk in sides and (not sides[one.segment.pk] or one.side in sides[one.segment.pk])


def _item(n: int, one: Placed) -> ShopItem:
    landmark: Any = one.landmark
    shop = getattr(landmark, "shop", None)
    return ShopItem(n, landmark, one.segment.name, shop, landmark.last_at, landmark.answer or "")
