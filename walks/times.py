"""Times on a clock in a walk's own zone, with the two nights a year when a clock lies."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

LONGEST_GAP = timedelta(hours=8)


class HasZone(Protocol):
    @property
    def zone(self) -> ZoneInfo: ...


def say_time(moment: datetime, walk: HasZone) -> str:
    """“Wed 2 Dec, 2:00 PM”, on the walk's clock."""
    return date_format(moment.astimezone(walk.zone), "D j M, g:i A")


def say_clock(moment: datetime, walk: HasZone) -> str:
    """“2:00 PM”, on the walk's clock."""
    return date_format(moment.astimezone(walk.zone), "g:i A")


def read_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (in UTC) when the clocks of `zone` show this.

    Raises ValidationError where they never do (the clocks go forward) or do it twice (the clocks go back).
    """
    naive = datetime.combine(day, clock)
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    words = {"time": date_format(naive, "g:i A"), "day": date_format(naive, "j F")}
    if first.astimezone(zone).replace(tzinfo=None) != naive:
        raise ValidationError(
            _("There is no %(time)s on %(day)s: the clocks go forward that night. Choose an hour later."),
            code="nonexistent",
            params=words,
        )
    raise ValidationError(
        _("%(time)s happens twice on %(day)s: the clocks go back that night. Choose a time outside that hour."),
        code="ambiguous",
        params=words,
    )


def read_later(day: date, clock: time, zone: ZoneInfo, *, after: datetime) -> datetime:
    """A time of the same walk that comes after another: just past midnight it belongs to the next day.

    A time that is earlier and not just past midnight stays on the day, for the walk's own rules to refuse.
    """
    moment = read_local(day, clock, zone)
    if moment >= after:
        return moment
    tomorrow = read_local(day + timedelta(days=1), clock, zone)
    return tomorrow if tomorrow - after <= LONGEST_GAP else moment
