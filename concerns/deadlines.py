"""By when something should be fixed, and from when somebody should look again: dates kept with the concern.

They are written together with the status (`concerns.story.write_status`), so a list only compares dates.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from concerns.models import Category, Concern, ConcernUpdate
from concerns.workflow import Status
from office.working_days import add_working_days, closed_days

# The clock runs while it is with somebody, and begins anew when it is back again.
CLOCK_RUNS = frozenset({Status.REPORTED, Status.IN_PROGRESS, Status.REFERRED_TO_OWNER, Status.REOPENED})
WORTH_A_LOOK = CLOCK_RUNS | {Status.TRIAGED, Status.MONITORING, Status.CLAIMED_FIXED}
# A claim is only counted as false where somebody looked within `false_close_days` (30): the look comes well before.
LOOK_AT_A_CLAIM_DAYS = 14


def fix_dates(category: Category, start: date) -> tuple[date | None, date | None]:
    """Until when it should be fixed, and after when it is far overdue: the same time once more. Up to one query.

    (None, None) where nobody promised a time for the kind.
    """
    if category.fix_days is None:
        return None, None
    if not category.fix_in_working_days:
        due = start + timedelta(days=category.fix_days)
        return due, due + timedelta(days=category.fix_days)
    closed = closed_days(start)
    due = add_working_days(start, category.fix_days, closed)
    return due, add_working_days(due, category.fix_days, closed)


def follow_status(concern: Concern, *, before: str, at: datetime) -> None:
    """Set the dates of a locked concern (not saved) whose status just became `concern.status`. Up to one query."""
    day = timezone.localtime(at).date()
    if concern.status not in CLOCK_RUNS:
        concern.due_on = concern.far_due_on = None
    elif concern.status == Status.REOPENED or before not in CLOCK_RUNS:
        concern.due_on, concern.far_due_on = fix_dates(concern.category, day)
    concern.relook_on = relook_day(concern, day)


def clock_start(concern: Concern) -> date:
    """The day on which it came to somebody, or back to them. One query."""
    moves = concern.updates.filter(kind=ConcernUpdate.Kind.STATUS).order_by("-id")
    for before, to, at in moves.values_list("from_value", "to_value", "at"):
        if to == Status.REOPENED or (to in CLOCK_RUNS and before not in CLOCK_RUNS):
            return timezone.localtime(at).date()
    return timezone.localtime(concern.status_changed_at).date()


def usual_dates(concern: Concern) -> None:
    """Set the time that is usual for its kind (not saved): a promise is gone, or the kind is another. Two queries."""
    if concern.status in CLOCK_RUNS:
        concern.due_on, concern.far_due_on = fix_dates(concern.category, clock_start(concern))


def follow_kind(concern: Concern) -> None:
    """Its kind changed (not saved): the new kind's time counts, unless somebody promised a day. Up to four queries."""
    promised = concern.cases.filter(expected_on__isnull=False).exists()
    if not promised and not concern.assignments.current().filter(promised_on__isnull=False).exists():
        usual_dates(concern)


def promise_date(concern: Concern, day: date) -> None:
    """Somebody said by when: that day counts (not saved). Far overdue as long again after it as from today to it."""
    today = timezone.localdate()
    concern.due_on = day
    concern.far_due_on = day + max(day - today, timedelta(days=7))


def relook_day(concern: Concern, day: date) -> date | None:
    """From when somebody should look again, counted from `day`; None where nobody needs to."""
    if concern.status not in WORTH_A_LOOK:
        return None
    days = concern.category.relook_days
    if concern.status == Status.CLAIMED_FIXED:
        days = min(days, LOOK_AT_A_CLAIM_DAYS)
    return day + timedelta(days=days)
