"""Working days: what agencies have to answer counts in them."""

from datetime import datetime, timedelta

from office.models import Coalition
from office.working_days import SATURDAY, add_working_days, closed_days


def working_days_ago(now: datetime, n: int, hour: int = 10, minute: int = 0) -> datetime:
    """That time on the `n`th working day before today, in the coalition's zone; `n` is 1 or more."""
    local = now.astimezone(Coalition.current().zone)
    day, closed = local.date(), closed_days(local.date() - timedelta(days=120))
    while n:
        day -= timedelta(days=1)
        n -= day.weekday() < SATURDAY and day not in closed
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=local.tzinfo)


def working_days_after(start: datetime, n: int, hour: int, minute: int) -> datetime:
    """That time on the `n`th working day after a day, in the coalition's zone."""
    local = start.astimezone(Coalition.current().zone)
    day = add_working_days(local.date(), n, closed_days(local.date()))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=local.tzinfo)


def so_that_it_is_due_next(now: datetime) -> int:
    """How many working days ago something was sent whose answer is due on the next working day after today."""
    local = now.astimezone(Coalition.current().zone)
    today = local.date()
    works = today.weekday() < SATURDAY and today not in closed_days(today - timedelta(days=1))
    return 1 if works else 2
