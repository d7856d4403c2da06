"""Walks or meetings one after the other, by day where they are few and by month otherwise, for charts and their tables.

A month is one of the calendar where people met: of the walk's zone, or the coalition's. A month without a walk is shown
as none held; a walk where nobody was checked in as not counted. Neither is zero people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from insights.age_bands import Bands, together
from insights.youth_meetings import MeetingTable
from insights.youth_walks import WalkTable

FEW = 8


@dataclass(frozen=True)
class Gathering:
    """One walk or meeting on its local day. `by_part` is empty where nobody counted; `heads` None likewise."""

    day: date
    by_part: Mapping[str, Bands] = field(default_factory=dict)
    heads: Bands | None = None


@dataclass(frozen=True)
class Stretch:
    """A month or a day: how many were held, at how many of these people were counted, and who they were."""

    label: str
    n_held: int
    n_counted: int
    by_part: Mapping[str, Bands]
    heads: Bands | None = None

    @property
    def everybody(self) -> Bands:
        return together(self.by_part.values())

    @property
    def n_not_counted(self) -> int:
        return self.n_held - self.n_counted


def of_walks(tables: Iterable[WalkTable]) -> list[Gathering]:
    return [Gathering(one.walk.meet_at.astimezone(one.walk.zone).date(), one.by_part, one.heads) for one in tables]


def of_meetings(tables: Iterable[MeetingTable], zone: ZoneInfo) -> list[Gathering]:
    return [Gathering(one.meeting.starts_at.astimezone(zone).date(), one.by_role) for one in tables]


def stretches(gatherings: Sequence[Gathering], *, first: date, last: date) -> list[Stretch]:
    """By day where there are few, else by month from `first` to `last`, those without any too. The newest first."""
    if len(gatherings) <= FEW:
        days = sorted(gatherings, key=lambda one: one.day, reverse=True)
        return [_stretch(date_format(one.day, "D j M"), [one]) for one in days]
    return [
        _stretch(
            date_format(month, "M Y"),
            [one for one in gatherings if (one.day.year, one.day.month) == (month.year, month.month)],
        )
        for month in reversed(months(first, last))
    ]


def months(first: date, last: date) -> list[date]:
    """The first day of each month from that of `first` to that of `last`."""
    n_months = (last.year - first.year) * 12 + last.month - first.month
    start = first.year * 12 + first.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + n_months + 1)]


def _stretch(label: str, several: Sequence[Gathering]) -> Stretch:
    heads = [one.heads for one in several if one.heads is not None]
    return Stretch(
        label=label,
        n_held=len(several),
        n_counted=sum(bool(one.by_part) for one in several),
        by_part=add_up(several),
        heads=together(heads) if heads else None,
    )


def add_up(several: Iterable[Gathering]) -> dict[str, Bands]:
    """Everybody of several gatherings by part."""
    parts: dict[str, list[Bands]] = {}
    for one in several:
        for part, bands in one.by_part.items():
            parts.setdefault(part, []).append(bands)
    return {part: together(bands) for part, bands in parts.items()}
