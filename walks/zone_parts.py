"""Time zones for calendars: VTIMEZONE (RFC 5545 section 3.6.5) from what Python's zone database says.

icalendar makes them, too, and writes the onset of summer time on the new clock; the standard wants the old one
(“the onset … is specified as a local time” with TZOFFSETFROM), so that a strict reader was an hour late that morning.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

STEP = timedelta(days=7)  # no zone changes twice in a week and back


class Kind(NamedTuple):
    """What clocks do at a change."""

    was: timedelta
    becomes: timedelta
    name: str
    is_summer: bool


def zone_part(zone: ZoneInfo, *, since: datetime, until: datetime) -> Timezone:
    """The zone from the year before `since` to the year after `until`."""
    first = datetime(since.year - 1, 1, 1, tzinfo=UTC)
    last = datetime(until.year + 2, 1, 1, tzinfo=UTC)
    part = Timezone()
    part.add("tzid", zone.key)
    onsets: dict[Kind, list[datetime]] = defaultdict(list)
    offset = _offset(zone, first)
    onsets[_kind(zone, first, offset)].append((first + offset).replace(tzinfo=None))
    for at in changes(zone, first, last):
        was = _offset(zone, at - timedelta(seconds=1))
        onsets[_kind(zone, at, was)].append((at + was).replace(tzinfo=None))
    for kind, starts in onsets.items():
        part.add_component(_observance(kind, starts))
    return part


def changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments (UTC, to the second) when the clocks of the zone change."""
    at = first
    while at < last:
        after = min(at + STEP, last)
        if _state(zone, at) != _state(zone, after):
            yield _search(zone, at, after)
        at = after


def _search(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second of the new clock between two moments that differ."""
    was = _state(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _state(zone, middle) == was else (low, middle)
    return high


def _observance(kind: Kind, starts: list[datetime]) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if kind.is_summer else TimezoneStandard()
    part.add("dtstart", starts[0])
    part.TZOFFSETFROM, part.TZOFFSETTO = kind.was, kind.becomes
    part.add("tzname", kind.name)
    if starts[1:]:
        part.add("rdate", starts[1:])
    return part


def _kind(zone: ZoneInfo, at: datetime, was: timedelta) -> Kind:
    local = at.astimezone(zone)
    return Kind(was, _offset(zone, at), local.tzname() or zone.key, bool(local.dst()))


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _state(zone: ZoneInfo, at: datetime) -> tuple[timedelta, str | None]:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname()
