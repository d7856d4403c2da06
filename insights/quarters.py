"""A quarter of the year on the clock of a zone. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

# So long after its end a quarter is counted: what was asked on its last day has had its time, and “how did it go?” its
# answer.
COUNTED_AFTER = timedelta(days=15)
FIRST_YEAR, LAST_YEAR = 2000, 2999


@dataclass(frozen=True, order=True)
class Quarter:
    """`number` is 1 to 4. Printed as 2026-Q4."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> "Quarter | None":
        """“2026-Q4”; None for what is no quarter."""
        found = re.fullmatch(r"(\d{4})-[Qq]([1-4])", text.strip(), re.ASCII)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            return None
        return cls(int(found[1]), int(found[2]))

    @property
    def starts_on(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.starts_on, time(), tzinfo=zone)

    @property
    def ends_on(self) -> date:
        """Its last day."""
        return self.after.starts_on - timedelta(days=1)

    @property
    def counted_on(self) -> date:
        """The first day on which it is counted."""
        return self.ends_on + COUNTED_AFTER

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    @property
    def after(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def words(self) -> str:
        """October to December 2026."""
        first, last = MONTHS[self.starts_on.month], MONTHS[self.ends_on.month]
        return _("%(first)s to %(last)s %(year)d") % {"first": first, "last": last, "year": self.year}

    def within(self, field: str, zone: ZoneInfo) -> Q:
        """Moments from its first midnight to before the next quarter's."""
        return Q(**{f"{field}__gte": self.starts_at(zone), f"{field}__lt": self.after.starts_at(zone)})

    def holds_day(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.starts_on, f"{field}__lte": self.ends_on})
