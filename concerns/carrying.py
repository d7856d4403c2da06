"""What the next walk carries along: what is open on its way, what the city says is fixed, what was promised for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q

from concerns import again
from concerns.models import Category, Commitment, Concern, ConcernQuerySet
from concerns.promising_access import with_words
from concerns.workflow import Status
from corridors.models import Segment
from people.models import User
from walks.models import TeamSegment, Walk

MOST_LISTED = 100


@dataclass(frozen=True)
class OnBlock:
    """What is to look at on one block: `claimed` says the city is fixed, `open` is everything else."""

    segment: Segment
    claimed: list[Concern] = field(default_factory=list)
    open: list[Concern] = field(default_factory=list)
    n_asked: int = 0  # shops and people there who asked for something


@dataclass(frozen=True)
class Carried:
    """The packet of one walk, block by block along its way."""

    blocks: list[OnBlock]
    n_claimed: int
    n_open: int
    n_dark: int  # of both, what only counts after dark
    n_asked: int
    promises: list[Commitment]
    is_cut: bool = False


def carried_by(walk: Walk, user: User) -> Carried:
    """Four queries, whatever the length of the way. A walk lead gets nothing that is never public."""
    segments = _way(walk)
    rows = Concern.objects.filter(again.LOOKABLE, segment__in=segments).exclude(category__group=Category.Group.GOOD)
    if not user.is_organizer:
        rows = rows.exclude(category__publication_rule=Category.Rule.NEVER)
    concerns = list(_most_wanted(rows, walk)[: MOST_LISTED + 1])
    shown = concerns[:MOST_LISTED]
    blocks = [_on_block(segment, shown) for segment in segments]
    claimed = [one for one in shown if one.status == Status.CLAIMED_FIXED]
    return Carried(
        blocks=[one for one in blocks if one.claimed or one.open or one.n_asked],
        n_claimed=len(claimed),
        n_open=len(shown) - len(claimed),
        n_dark=sum(one.category.needs_dark for one in shown),
        n_asked=sum(one.n_asked for one in blocks),
        promises=promised_for(walk, user),
        is_cut=len(concerns) > MOST_LISTED,
    )


def _way(walk: Walk) -> list[Segment]:
    """The blocks that teams were given, else the whole corridor, each with `n_asked`. Two queries."""
    given = list(TeamSegment.objects.filter(team__walk=walk).values_list("segment", flat=True).distinct())
    way = Segment.objects.current().filter(corridor=walk.corridor_id)
    if given:
        way = way.filter(pk__in=given)
    asked = Count("contacts", filter=Q(contacts__withdrawn_at=None) & ~Q(contacts__needs=[]))
    return list(way.annotate(n_asked=asked).select_related("corridor").order_by("position", "id"))


def _most_wanted(rows: ConcernQuerySet, walk: Walk) -> ConcernQuerySet:
    day = walk.meet_at.astimezone(walk.zone).date()
    wanted = again.the_most_wanted(rows, day)
    return again.in_walking_order(wanted).select_related("category", "segment__corridor")


def _on_block(segment: Segment, concerns: Sequence[Concern]) -> OnBlock:
    here = [one for one in concerns if one.segment_id == segment.pk]
    claimed = [one for one in here if one.status == Status.CLAIMED_FIXED]
    rest = [one for one in here if one.status != Status.CLAIMED_FIXED]
    return OnBlock(segment, claimed, rest, segment.n_asked)  # type: ignore[attr-defined]


def promised_for(walk: Walk, user: User) -> list[Commitment]:
    """Open promises of this corridor that are due by the day of the walk. One query."""
    day: date = walk.meet_at.astimezone(walk.zone).date()
    here = Q(walk__corridor=walk.corridor_id) | Q(concern__segment__corridor=walk.corridor_id)
    rows = Commitment.objects.due_by(day).filter(here)
    if not user.is_organizer:
        rows = rows.filter(walk__lead=user.person_id)
    return list(with_words(rows).order_by("due_on", "id")[:MOST_LISTED])
