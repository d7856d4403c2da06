"""Who was at the table: the last meeting, what it lacked, and which places are kept for young people.

All numbers here are raw counts for the organizers' desk. What leaves the desk goes through `insights.disclosure`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from insights.age_bands import Bands
from insights.missing import FEWEST, Missing, YouthPlaces, missing_in
from insights.youth_meetings import MeetingTable, meetings_between
from insights.youth_walks import WalkTable, walks_between
from office.models import Coalition
from walks.models import Meeting, RoleNeed, Signup, Walk, WalkRole

YEAR = timedelta(days=365)
MOST_WALKS = 30


@dataclass(frozen=True)
class Table:
    """One meeting's table. `missing` are whole sentences in the active language."""

    meeting: Meeting
    n_organizations: int
    bands: Bands
    missing: list[str]

    @property
    def n_people(self) -> int:
        return self.bands.n

    @property
    def by_band(self) -> Mapping[str, int]:
        return self.bands.counts

    @property
    def n_unknown(self) -> int:
        return self.bands.unknown


@dataclass(frozen=True)
class Year:
    """Walks and meetings of the year before a moment, with what is missing in them."""

    first: date
    last: date
    walks: list[WalkTable]
    meetings: list[MeetingTable]
    coming: list[Walk]
    places: list[YouthPlaces]
    missing: list[Missing]

    @property
    def is_enough(self) -> bool:
        """Whether enough was counted to say that nobody is missing."""
        return len(self.meetings) >= FEWEST and sum(one.is_counted for one in self.walks) >= FEWEST


def last_table(before: date, *, since: date | None = None) -> Table | None:
    """The last meeting that was held and counted before a day (in the coalition's zone), not before `since`.

    None where there was none. At most six queries.
    """
    zone = Coalition.current().zone
    end = _midnight(before, zone)
    meetings = meetings_between(end - YEAR, end)
    if not meetings or (since and meetings[-1].meeting.starts_at < _midnight(since, zone)):
        return None
    last = meetings[-1]
    walks, places = walks_between(end - YEAR, end), open_youth_places(end)
    missing = missing_in(walks=walks, meetings=meetings, places=places, now=end, zone=zone)
    return Table(last.meeting, len(last.organizations), last.everybody, [one.words for one in missing])


def year_before(now: datetime, zone: ZoneInfo) -> Year:
    """From the first of the month eleven months ago, in the coalition's zone. Five queries."""
    last = now.astimezone(zone).date()
    first = date(last.year - (last.month < 12), last.month % 12 + 1, 1)
    since = _midnight(first, zone)
    walks, meetings, coming = walks_between(since, now), meetings_between(since, now), walks_to_come(now)
    places = youth_places_of(coming)
    missing = missing_in(walks=walks, meetings=meetings, places=places, now=now, zone=zone)
    return Year(first, last, walks, meetings, coming, places, missing)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


def walks_to_come(now: datetime) -> list[Walk]:
    """Walks to come that aren't called off, soonest first, with `n_youth` open places as youth lead. One query.

    `n_youth` is None where the plan asks for no youth lead.
    """
    # A group counts as one: one of them does it.
    holding = Signup.objects.holding_a_place().filter(walk=OuterRef("pk"), role=WalkRole.YOUTH_LEAD)
    taken = holding.order_by().values("walk").annotate(n=Count("pk")).values("n")
    needed = RoleNeed.objects.filter(walk=OuterRef("pk"), role=WalkRole.YOUTH_LEAD)
    places = needed.annotate(n=Coalesce("n_max", "n_min")).values("n")
    rows = Walk.objects.current().exclude(state=Walk.State.CALLED_OFF).filter(meet_at__gte=now)
    rows = rows.annotate(n_youth=Subquery(places) - Coalesce(Subquery(taken), 0))
    return list(rows.order_by("meet_at", "id")[:MOST_WALKS])


def open_youth_places(now: datetime, *, until: datetime | None = None) -> list[YouthPlaces]:
    """Published walks from now (until then) with a youth lead's place open, soonest first. One query."""
    return youth_places_of(one for one in walks_to_come(now) if until is None or one.meet_at < until)


def youth_places_of(walks: Iterable[Walk]) -> list[YouthPlaces]:
    """Of `walks_to_come`. Reads nothing."""
    counted = [(walk, getattr(walk, "n_youth", None) or 0) for walk in walks if walk.state == Walk.State.PUBLISHED]
    return [YouthPlaces(walk, n) for walk, n in counted if n > 0]
