"""A week on the clock of a zone. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

DAYS = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """Monday to Sunday on the clock of a zone."""

    monday: date
    zone: ZoneInfo

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.monday, time(), tzinfo=self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.monday + DAYS, time(), tzinfo=self.zone)

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.starts_at, f"{field}__lt": self.ends_at})

    def holds_day(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.monday, f"{field}__lte": self.sunday})


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
