"""What a meeting has to talk about, from what is open today: late promises first, gaps at the table, what is stuck."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Value, When, Window
from django.utils import timezone

from concerns.models import Assignment, Commitment
from concerns.promising_access import with_words
from concerns.workflow import OPEN_STATUSES
from walks.models import Gap, Meeting

SOON = timedelta(days=14)
MOST_PROMISES, MOST_STUCK = 25, 3


@dataclass(frozen=True)
class Stuck:
    """Things with one organization that are far later than they should be."""

    organization_id: uuid.UUID  # its public one
    name: str
    n: int


@dataclass(frozen=True)
class Agenda:
    """Promises late and due until two weeks after the meeting, soonest first; how many of either aren't listed."""

    late: list[Commitment]
    soon: list[Commitment]
    n_more_late: int
    n_more_soon: int
    gaps: list[Gap]
    stuck: list[Stuck]

    @property
    def is_empty(self) -> bool:
        return not (self.late or self.soon or self.gaps or self.stuck)


def agenda_of(meeting: Meeting, now: datetime) -> Agenda:
    """As of now; what was decided at this meeting isn't on its own agenda. Three queries."""
    today = timezone.localdate(now)
    until = max(timezone.localdate(meeting.starts_at), today) + SOON
    is_late = Case(When(due_on__lt=today, then=Value(True)), default=Value(False))
    rows = with_words(Commitment.objects.due_by(until).exclude(meeting=meeting))
    rows = rows.annotate(n_alike=Window(Count("pk"), partition_by=is_late)).order_by("due_on", "id")
    listed = list(rows[:MOST_PROMISES])
    late = [one for one in listed if one.is_overdue(today)]
    soon = [one for one in listed if not one.is_overdue(today)]
    return Agenda(
        late=late,
        soon=soon,
        n_more_late=_n_more(late),
        n_more_soon=_n_more(soon),
        gaps=open_gaps(),
        stuck=_stuck(now),
    )


def _n_more(listed: list[Commitment]) -> int:
    """How many are like these and aren't listed."""
    return listed[0].n_alike - len(listed) if listed else 0  # type: ignore[attr-defined]


def open_gaps() -> list[Gap]:
    """Soonest first. One query."""
    return list(Gap.objects.open().select_related("organization", "walk", "meeting").order_by("due_on", "id"))


def _stuck(now: datetime) -> list[Stuck]:
    """Organizations with most things far overdue. One query."""
    far = Assignment.objects.current().filter(
        concern__far_due_on__lt=timezone.localdate(now), concern__status__in=OPEN_STATUSES
    )
    counted = far.order_by().values("organization__public_id", "organization__name").annotate(n=Count("pk"))
    rows = counted.order_by("-n", "organization__name")[:MOST_STUCK]
    return [Stuck(row["organization__public_id"], row["organization__name"], row["n"]) for row in rows]
