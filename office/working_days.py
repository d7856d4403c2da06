"""Days on which offices work: not weekends, not federal holidays of the United States, not the coalition's closed days.

The holidays come from the library `holidays` (5 U.S.C. § 6103 with its observed days), so nobody types them in.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays
from django.conf import settings
from django.utils import timezone

from office.models import ClosedDay, Coalition

SATURDAY = 5


def add_working_days(start: date, n: int, closed: frozenset[date] = frozenset()) -> date:
    """The day that is `n` working days after `start`: weekends and `closed` days don't count."""
    day = start
    while n > 0:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in closed:
            n -= 1
    return day


def closed_days(after: date) -> frozenset[date]:
    """Public holidays of three years and the coalition's own closed days, after that day. One query."""
    public = {day for year in range(after.year, after.year + 3) for day in _holidays(settings.HOLIDAYS, year)}
    own = ClosedDay.objects.filter(on__gt=after).values_list("on", flat=True)
    return frozenset({day for day in public if day > after} | set(own))


def end_of_working_day(start: datetime, n: int) -> datetime:
    """The end of the `n`th working day after a moment, on the clock of the coalition's zone. Two queries.

    Sent on Friday at 5 p.m. with n = 2: the end of Tuesday.
    """
    zone = Coalition.current().zone
    day = timezone.localtime(start, zone).date()
    last = add_working_days(day, n, closed_days(day))
    # Its last second, so that the day that is printed is the day that is meant.
    return datetime.combine(last, time(23, 59, 59), tzinfo=zone)


@lru_cache(maxsize=32)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year)) if country else frozenset()
