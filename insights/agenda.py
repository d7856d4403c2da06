"""What a meeting has to talk about, from what is open today: late promises first, gaps at the table, what is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from concerns.models import Assignment, Commitment
from concerns.promising_access import with_words
from concerns.workflow import OPEN_STATUSES
from people.models import Organization
from walks.models import Gap, Meeting

SOON = timedelta(days=14)
MOST_PROMISES, MOST_STUCK = 25, 3


@dataclass(frozen=True)
class Stuck:
    """Things with one organization that are far later than they should be."""

    organization: Organization
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
    """As of now; what was decided at this meeting isn't on its own agenda. Five queries."""
    today = timezone.localdate(now)
    until = max(timezone.localdate(meeting.starts_at), today) + SOON
    rows = Commitment.objects.due_by(until).exclude(meeting=meeting)
    counts = rows.aggregate(late=Count("pk", filter=Q(due_on__lt=today)), soon=Count("pk", filter=Q(due_on__gte=today)))
    listed = list(with_words(rows).order_by("due_on", "id")[:MOST_PROMISES])
    late = [one for one in listed if one.is_overdue(today)]
    soon = [one for one in listed if not one.is_overdue(today)]
    return Agenda(
        late=late,
        soon=soon,
        n_more_late=counts["late"] - len(late),
        n_more_soon=counts["soon"] - len(soon),
        gaps=open_gaps(),
        stuck=_stuck(now),
    )


def open_gaps() -> list[Gap]:
    """Soonest first. One query."""
    return list(Gap.objects.open().select_related("organization", "walk", "meeting").order_by("due_on", "id"))


def _stuck(now: datetime) -> list[Stuck]:
    """Organizations with most things far overdue. Two queries, or one."""
    far = Assignment.objects.current().filter(
        concern__far_due_on__lt=timezone.localdate(now), concern__status__in=OPEN_STATUSES
    )
    counted = far.order_by().values("organization").annotate(n=Count("pk")).order_by("-n", "organization")
    rows = {row["organization"]: row["n"] for row in counted[:MOST_STUCK]}
    found = Organization.objects.in_bulk(rows) if rows else {}
    return [Stuck(found[pk], n) for pk, n in rows.items()]
