"""How often somebody said "it is fixed" too early: the false-close rate, claim by claim with its evidence.

A claim is one move to "city says fixed". It was too early where the first conclusive look after it, within the kind's
`false_close_days` and before the next claim, says still there or worse. Left out are looks that can't tell, "gone" (an
organizer decides), looks by whoever should fix it, looks by day at what needs the dark, and reports that an organizer
joined: nobody went there to look. What comes back later than that is a new concern, and no false claim.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Least

from concerns.models import Assignment, Concern, ConcernUpdate, Look
from concerns.models.desk import UNDO_WITHIN
from concerns.workflow import LookResult, Publication, Status
from walks.sun import Lit

CONCLUSIVE = [LookResult.FIXED, LookResult.STILL_THERE, LookResult.WORSE]
TOO_EARLY = [LookResult.STILL_THERE, LookResult.WORSE]


def claims(*, since: date | None = None) -> QuerySet[Any]:
    """Every claim that something is fixed (since a day), newest first, with what became of it.

    Adds `until_at` (until when a look counts), `look_id` and `result` of the look that decided it (None: nobody looked
    in time), `owner` and `owner_id` (who should have fixed it then, "" and None: nobody was named).
    """
    said = ConcernUpdate.objects.filter(kind=ConcernUpdate.Kind.STATUS, to_value=Status.CLAIMED_FIXED)
    said = said.exclude(concern__publication=Publication.SPAM).exclude(Exists(_taken_back()))
    if since is not None:
        said = said.filter(at__date__gte=since)
    assigned = _assigned().order_by("-from_at")
    return (
        said.annotate(until_at=_until())
        .annotate(look_id=Subquery(_deciding().values("pk")[:1]), result=Subquery(_deciding().values("result")[:1]))
        .annotate(
            owner=Coalesce(Subquery(assigned.values("organization__name")[:1]), Value("")),
            owner_id=Subquery(assigned.values("organization_id")[:1]),
        )
        .order_by("-at", "-id")
    )


def _taken_back() -> QuerySet[ConcernUpdate]:
    """The desk corrected itself within the ten minutes in which things can be undone: nobody claimed anything."""
    return ConcernUpdate.objects.filter(
        concern=OuterRef("concern"),
        kind=ConcernUpdate.Kind.STATUS,
        from_value=Status.CLAIMED_FIXED,
        voice=ConcernUpdate.Voice.DESK,
        at__gt=OuterRef("at"),
        at__lte=ExpressionWrapper(OuterRef("at") + Value(UNDO_WITHIN, DurationField()), DateTimeField()),
    )


def _until() -> Least:
    """Until when a look judges a claim: the kind's days, or the next claim of the same concern."""
    days = ExpressionWrapper(
        F("concern__category__false_close_days") * Value(timedelta(days=1), DurationField()), DurationField()
    )
    next_claim = ConcernUpdate.objects.filter(
        concern=OuterRef("concern"),
        kind=ConcernUpdate.Kind.STATUS,
        to_value=Status.CLAIMED_FIXED,
        at__gt=OuterRef("at"),
    )
    ends = ExpressionWrapper(F("at") + days, DateTimeField())
    return Least(ends, Subquery(next_claim.order_by("at").values("at")[:1]), output_field=DateTimeField())


def _deciding() -> QuerySet[Look]:
    """The conclusive looks after a claim and in time, the first one first.

    A look that waited on a phone since before the claim was no look at the claim: then the phone's time counts.
    """
    looks = Look.objects.filter(
        concern=OuterRef("concern"),
        is_by_fixer=False,
        duplicate=None,
        result__in=CONCLUSIVE,
        received_at__gt=OuterRef("at"),
        received_at__lte=OuterRef("until_at"),
    )
    looks = looks.exclude(publication=Publication.SPAM).exclude(captured_at__lt=OuterRef("at"))
    return looks.filter(Q(concern__category__needs_dark=False) | Q(lit=Lit.DARK)).order_by("received_at", "id")


def _assigned() -> QuerySet[Assignment]:
    """Who should have fixed it when the claim was made."""
    ended = Q(until_at=None) | Q(until_at__gte=OuterRef("at"))
    return Assignment.objects.filter(ended, concern=OuterRef("concern"), from_at__lte=OuterRef("at"))


@dataclass(frozen=True)
class Rate:
    """Claims under one name: all, those somebody looked at in time, too early ones, and those whose time still runs."""

    name: str
    n_claims: int
    n_checked: int
    n_too_early: int
    n_waiting: int

    @property
    def n_unchecked(self) -> int:
        """Nobody looked in time: neither right nor wrong."""
        return self.n_claims - self.n_checked - self.n_waiting

    @property
    def percent(self) -> int | None:
        """Too early among those that were looked at; None where nobody looked."""
        return round(100 * self.n_too_early / self.n_checked) if self.n_checked else None


def rate_of(name: str, told: Iterable[Any], now: datetime) -> Rate:
    """The rate over rows of `claims()`."""
    rows = list(told)
    checked = [row for row in rows if row.result is not None]
    return Rate(
        name=name,
        n_claims=len(rows),
        n_checked=len(checked),
        n_too_early=sum(row.result in TOO_EARLY for row in checked),
        n_waiting=sum(row.result is None and row.until_at > now and _still_claimed(row) for row in rows),
    )


def _still_claimed(row: Any) -> bool:
    return bool(row.concern.status == Status.CLAIMED_FIXED)


@dataclass(frozen=True)
class Claimed:
    """How often one concern was said to be fixed, and how often too early."""

    n_claims: int
    n_too_early: int


def claimed(concern: Concern) -> Claimed:
    """For the concern's page. One query."""
    results = [row.result for row in claims().filter(concern=concern)]
    return Claimed(len(results), sum(result in TOO_EARLY for result in results))
