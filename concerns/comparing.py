"""Walk over walk: what is new, still there, fixed or back again on each side of each block, like with like only.

A side is compared where somebody said that they walked it both times in the same light; anywhere else we don't know.
By day, at dusk and after dark are three lights and none is taken for another: at dusk lamps may not be on yet, and a
dark corner isn't dark yet. docs/over-time.md has the definitions in words. This module only reads.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from concerns.models import Category, Concern, Look
from concerns.workflow import LookResult, Publication, Status
from corridors.geometry import length_m
from corridors.models import Corridor, Segment, Side
from office.strip import Block
from walks.models import SegmentPass, Walk
from walks.sun import Lit

Face = tuple[int, str]
# When something was, in an order that is never a draw: a walk counts as the moment it ends, whenever its phones sent.
Moment = tuple[datetime, int]
# Never wrong, or nothing that anybody has to do something about.
LEFT_OUT = (Status.WITHDRAWN, Status.DUPLICATE, Status.NOT_ACTIONABLE)


class Group(StrEnum):
    """What became of one concern between two walks. Each is in exactly one group."""

    NEW = "new"
    STILL = "still"
    FIXED = "fixed"
    BACK = "back"
    # Known on a side that was walked both times, but nobody could say.
    UNSURE = "unsure"
    # Seen fixed before, and nothing since.
    EARLIER = "earlier"
    # Its side wasn't walked both times in this light, or isn't known.
    NOT_WALKED = "not_walked"


SHOWN = (Group.NEW, Group.STILL, Group.FIXED, Group.BACK)
WORDS = {
    Group.NEW: _("new"),
    Group.STILL: _("still there"),
    Group.FIXED: _("fixed"),
    Group.BACK: _("came back"),
}
WRONG_NOW = (Group.NEW, Group.STILL, Group.BACK)


class Seen(NamedTuple):
    """Somebody saw it: at which moment, and there or fixed. `told` orders what was seen on one walk.

    `is_first` marks what made the concern known at all.
    """

    moment: Moment
    told: datetime
    is_there: bool
    is_first: bool = False


def judge(seen: Iterable[Seen], *, before: Moment, after: Moment) -> Group | None:
    """What became of a concern from `before` to `after` (both included), by what was seen of it in one light.

    None where nothing was seen of it until then.
    """
    told = sorted(one for one in seen if one.moment <= after)
    if not told:
        return None
    old = [one for one in told if one.moment <= before]
    new = told[len(old) :]
    was_there = old[-1].is_there if old else None
    if not new:
        return Group.UNSURE if was_there else Group.EARLIER
    if new[-1].is_there:
        return _there_now(was_there, new)
    if was_there or any(one.is_there for one in new):
        return Group.FIXED
    # Never seen there in this light, so that nothing can be compared; or fixed before and still.
    return Group.EARLIER if old else Group.UNSURE


def _there_now(was_there: bool | None, new: Sequence[Seen]) -> Group:
    if was_there is False or any(not one.is_there for one in new):
        return Group.BACK
    if was_there:
        return Group.STILL
    # Somebody told us of it in another way, or in another light: only known anew in this one.
    return Group.NEW if any(one.is_first for one in new) else Group.UNSURE


@dataclass(frozen=True)
class FaceRow:
    """One side of one block: how many of each group, or `is_compared` False where we don't know."""

    segment: Segment
    side: str
    walked_before: bool
    walked_after: bool
    counts: Mapping[Group, int]

    @property
    def is_compared(self) -> bool:
        return self.walked_before and self.walked_after

    def n(self, *groups: Group) -> int | None:
        """How many of these groups; None where the side wasn't walked both times, which is never zero."""
        return sum(self.counts.get(group, 0) for group in groups) if self.is_compared else None


@dataclass(frozen=True)
class Comparison:
    """A walk against another one, or against all before it (`before` None), in one light."""

    lit: str
    after: Walk
    before: Walk | None
    faces: list[FaceRow]
    groups: Mapping[Group, list[int]] = field(default_factory=dict)

    def n(self, group: Group) -> int:
        return len(self.groups.get(group, ()))

    @property
    def n_compared(self) -> int:
        return sum(row.is_compared for row in self.faces)

    def blocks(self, *groups: Group) -> list[Block]:
        """For the strip: today's blocks with how many of these groups on each side."""
        sides = {(row.segment.pk, row.side): row.n(*groups) for row in self.faces}
        return [
            {
                "name": segment.name,
                "from_name": segment.from_street,
                "to_name": segment.to_street,
                "length_m": length_m(segment.line),
                "left": sides[segment.pk, Side.LEFT],
                "right": sides[segment.pk, Side.RIGHT],
            }
            for segment in {row.segment.pk: row.segment for row in self.faces}.values()
            if segment.is_current
        ]


class Walked:
    """Which sides of a corridor were walked on which walk, in which light. Two queries; walks under way don't count."""

    def __init__(self, corridor: Corridor, now: datetime) -> None:
        told = SegmentPass.objects.standing().filter(
            segment__corridor=corridor, walk__state=Walk.State.PUBLISHED, walk__deleted_at=None, walk__end_at__lt=now
        )
        self.faces: defaultdict[tuple[int, str], set[Face]] = defaultdict(set)
        for walk, segment, side, lit in told.order_by().values_list("walk", "segment", "side", "lit").distinct():
            self.faces[walk, lit].add((segment, side))
        ids = {walk for walk, _lit in self.faces}
        rows = Walk.objects.filter(pk__in=ids).select_related("corridor").order_by("-end_at", "-id")
        self.walks = {walk.pk: walk for walk in rows}

    def in_light(self, lit: str) -> list[Walk]:
        """Walks with a side walked in this light, newest first."""
        return [walk for walk in self.walks.values() if self.faces.get((walk.pk, lit))]

    def before(self, walk: Walk, lit: str) -> list[Walk]:
        return [one for one in self.in_light(lit) if moment_of(one) < moment_of(walk)]

    def light_of(self, walk: int, face: Face) -> str:
        """The light in which a walk passed a side, where it was one only; else empty."""
        found = [lit for lit in Lit.values if face in self.faces.get((walk, lit), ())]
        return found[0] if len(found) == 1 else ""


def moment_of(walk: Walk) -> Moment:
    return (walk.end_at, walk.pk)


def compare(corridor: Corridor, walked: Walked, *, lit: str, after: Walk, before: Walk | None) -> Comparison:
    """Compare a walk with an earlier one or with all before it. Three queries.

    `before` must be earlier than `after`: choose it from `Walked.before`.
    """
    earlier = [before] if before else walked.before(after, lit)
    faces_before = {face for walk in earlier for face in walked.faces.get((walk.pk, lit), ())}
    faces_after = walked.faces.get((after.pk, lit), set())
    until = moment_of(before) if before else (after.end_at, after.pk - 1)
    groups: defaultdict[Group, list[int]] = defaultdict(list)
    counts: defaultdict[Face, Counter[Group]] = defaultdict(Counter)
    for concern, face, seen in seen_in(corridor, walked, lit):
        group = judge(seen, before=until, after=moment_of(after))
        if group is None:
            continue
        if face not in faces_before or face not in faces_after:
            group = Group.NOT_WALKED
        groups[group].append(concern)
        counts[face][group] += 1
    both = faces_before & faces_after
    rows = [
        FaceRow(segment, side, (segment.pk, side) in faces_before, (segment.pk, side) in faces_after,
                counts[segment.pk, side])
        for segment in corridor.segments.order_by("position", "pk")
        for side in (Side.LEFT.value, Side.RIGHT.value)
        # A block of before the corridor was redrawn counts where it was walked both times.
        if segment.is_current or (segment.pk, side) in both
    ]  # fmt: skip
    return Comparison(lit, after, before, rows, groups)


def seen_in(corridor: Corridor, walked: Walked, lit: str) -> list[tuple[int, Face, list[Seen]]]:
    """Each concern of a corridor with its side and what was seen of it in one light. Two queries."""
    known = list(
        Concern.objects.filter(segment__corridor=corridor, as_look=None)
        .exclude(publication=Publication.SPAM)
        .exclude(status__in=LEFT_OUT)
        .exclude(category__group=Category.Group.GOOD)
        .order_by()
        .values_list("pk", "segment_id", "side", "lit", "walk_id", "received_at", "category__needs_dark")
    )
    faces: dict[int, tuple[Face, bool]] = {}
    seen: defaultdict[int, list[Seen]] = defaultdict(list)
    for pk, segment, side, light, walk, at, needs_dark in known:
        faces[pk] = ((segment, side), needs_dark)
        # What nobody saw on a walk, walkers know from looking again only.
        if walk is not None and _light(walked, walk, (segment, side), light) == lit:
            seen[pk].append(Seen(_moment(walked, walk, at), at, is_there=True, is_first=True))
    for look in _looks(corridor):
        if look["concern_id"] not in faces:
            continue
        face, needs_dark = faces[look["concern_id"]]
        if _counts(walked, look, face, lit, needs_dark):
            at = look["received_at"]
            is_there = look["result"] != LookResult.FIXED
            seen[look["concern_id"]].append(Seen(_moment(walked, look["walk_id"], at), at, is_there=is_there))
    return [(pk, face, seen[pk]) for pk, (face, _dark) in faces.items() if pk in seen]


def _looks(corridor: Corridor) -> Iterable[Any]:
    """Looks that say something: not by whoever should fix it, and not by a resident who said that it is the same."""
    looks = Look.objects.filter(
        concern__segment__corridor=corridor,
        is_by_fixer=False,
        result__in=[LookResult.FIXED, LookResult.STILL_THERE, LookResult.WORSE],
    )
    looks = looks.exclude(publication=Publication.SPAM).exclude(Q(duplicate__isnull=False) & Q(walk=None))
    return looks.order_by().values("concern_id", "walk_id", "lit", "result", "received_at")


def _counts(walked: Walked, look: dict[str, Any], face: Face, lit: str, needs_dark: bool) -> bool:
    """Whether a look was in this light; one that says fixed by day says nothing about what needs the dark."""
    if needs_dark and lit != Lit.DARK and look["result"] == LookResult.FIXED:
        return False
    return _light(walked, look["walk_id"], face, look["lit"]) == lit


def _light(walked: Walked, walk: int | None, face: Face, told: str) -> str:
    """The light that was told; where none was, the one in which that walk passed this side."""
    return told or (walked.light_of(walk, face) if walk is not None else "")


def _moment(walked: Walked, walk: int | None, at: datetime) -> Moment:
    found = walked.walks.get(walk) if walk is not None else None
    return moment_of(found) if found else (at, 0)
