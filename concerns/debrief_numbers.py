"""The numbers of one day, for the table at its end: what nobody told is unknown (None), never zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from concerns.models import Category, Concern, Look
from concerns.workflow import LookResult, Publication, Status
from people.roles import AgeBand
from walks.models import Device, Presence, SegmentPass, Sheet, TeamSegment, Walk
from walks.models.day import told_at

YOUNG = (AgeBand.TEEN, AgeBand.YOUNG_ADULT)
NOT_COUNTED = Q(status=Status.WITHDRAWN) | Q(publication=Publication.SPAM)


@dataclass(frozen=True)
class DayNumbers:
    """Counts of one walk. Checked-in people and heads counted are two ways to count, shown apart."""

    n_checked_in: int | None = None
    n_youth: int | None = None  # of those checked in whose age is known
    n_age_known: int | None = None
    n_heads: int | None = None
    n_faces: int | None = None  # sides of blocks that somebody walked
    n_faces_planned: int | None = None
    n_found: int | None = None
    n_good: int | None = None
    n_looks: int | None = None
    n_seen_fixed: int | None = None
    n_met: int | None = None


def numbers_of(walk: Walk, concerns: Sequence[Concern]) -> DayNumbers:
    """`concerns` are those first seen on this walk. Three queries."""
    told: Any = Walk.objects.filter(pk=walk.pk).values(**_counts()).get()
    n_met = walk.contacts.filter(withdrawn_at=None).count()
    someone_told = bool(told["n_phones"] or concerns or told["n_sheets"])
    n_good = sum(one.category.group == Category.Group.GOOD for one in concerns)
    return DayNumbers(
        n_checked_in=told["n_checked_in"],
        n_youth=told["n_youth"],
        n_age_known=told["n_age_known"],
        n_heads=_heads(walk),
        n_faces=told["n_faces"],
        n_faces_planned=told["n_faces_planned"],
        n_found=len(concerns) - n_good if someone_told else None,
        n_good=n_good if someone_told else None,
        n_looks=told["n_looks"] or (0 if someone_told else None),
        n_seen_fixed=told["n_seen_fixed"] or (0 if someone_told else None),
        n_met=n_met or (0 if someone_told else None),
    )


def found_on(walk: Walk) -> list[Concern]:
    """What was first seen on this walk, danger and the newest first. One query. See also `sayable`."""
    rows = Concern.objects.filter(walk=walk).exclude(NOT_COUNTED)
    rows = rows.exclude(publication=Publication.HIDDEN).select_related("category", "segment", "team")
    return list(rows.order_by("-danger_now", "-received_at", "-id"))


def sayable(concerns: Sequence[Concern]) -> list[Concern]:
    """Those that may lie on a table where a whole group looks on: nothing that is never public."""
    return [one for one in concerns if one.category.publication_rule != Category.Rule.NEVER]


def _counts() -> dict[str, Any]:
    here = Presence.objects.standing()
    passes = SegmentPass.objects.standing()
    looks = Look.objects.filter(duplicate=None).exclude(publication=Publication.SPAM)
    both = Case(When(sides=TeamSegment.Sides.BOTH, then=Value(2)), default=Value(1), output_field=IntegerField())
    return {
        "n_checked_in": _of(here, Sum("n_people")),
        "n_youth": _of(here.filter(n_people=1), Count("pk", filter=Q(age_band__in=YOUNG))),
        "n_age_known": _of(here.filter(n_people=1), Count("pk", filter=~Q(age_band=AgeBand.UNKNOWN))),
        "n_faces": _of(passes, Count(F("segment_id") * 2 + Case(When(side="left", then=0), default=1), distinct=True)),
        "n_faces_planned": _of(TeamSegment.objects.all(), Sum(both), walk="team__walk"),
        "n_looks": _of(looks, Count("pk")),
        "n_seen_fixed": _of(looks.filter(result=LookResult.FIXED, is_by_fixer=False), Count("concern", distinct=True)),
        "n_phones": Coalesce(_of(Device.objects.all(), Count("pk")), 0),
        "n_sheets": Coalesce(_of(Sheet.objects.exclude(typed_at=None), Count("pk")), 0),
    }


def _of(rows: Any, counted: Any, *, walk: str = "walk") -> Subquery:
    """Rows of the outer walk, counted; None where there are none."""
    grouped = rows.filter(**{walk: OuterRef("pk")}).order_by().values(walk).annotate(told=counted)
    return Subquery(grouped.values("told"), output_field=IntegerField())


def _heads(walk: Walk) -> int | None:
    """The newest count of each phone, and all that table or paper counted; None where nobody did. One query."""
    newest: dict[int, int] = {}  # by phone; what has none counts each by itself
    for one in walk.head_counts.standing().order_by(told_at("counted_at"), "id"):
        newest[one.device_id or -one.pk] = one.n_people
    return sum(newest.values()) if newest else None
