"""What is missing at the table, in words, from what was counted. What isn't known is said, never taken for zero.

Reads nothing: whoever asks hands in the walks and meetings of the last year, in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from insights.age_bands import Bands, together
from insights.youth_meetings import MeetingTable
from insights.youth_walks import Part, WalkTable
from people.roles import OrganizationKind
from walks.models import Gap, Walk

# One meeting without somebody says nothing; four do.
LOOKED_AT, FEWEST = 4, 2
MONTH = 31

NOBODY_OF: dict[str, tuple[Gap.Who, Promise]] = {
    OrganizationKind.SCHOOL: (
        Gap.Who.SCHOOLS,
        gettext_lazy("No school or college was at the last %(n)d meetings."),
    ),
    OrganizationKind.BUSINESS_ASSOCIATION: (
        Gap.Who.SHOPS,
        gettext_lazy("No business association was at the last %(n)d meetings."),
    ),
    OrganizationKind.FAITH: (
        Gap.Who.FAITH,
        gettext_lazy("No faith community was at the last %(n)d meetings."),
    ),
    OrganizationKind.NEIGHBORHOOD: (
        Gap.Who.NEIGHBORS,
        gettext_lazy("No neighborhood group was at the last %(n)d meetings."),
    ),
    OrganizationKind.SERVICE_PROVIDER: (
        Gap.Who.AGENCIES,
        gettext_lazy("No service agency was at the last %(n)d meetings."),
    ),
}


@dataclass(frozen=True)
class Missing:
    """Somebody isn't there. `words` are whole sentences in the active language."""

    who: str
    words: str
    about: str  # "walks" or "meetings"


@dataclass(frozen=True)
class YouthPlaces:
    """Places as youth lead that nobody holds yet, on one walk to come. Reads nothing."""

    walk: Walk
    n_open: int

    @property
    def day(self) -> date:
        return self.walk.meet_at.astimezone(self.walk.zone).date()

    @property
    def words(self) -> str:
        return ngettext(
            "%(n)d youth lead place is open on %(day)s.", "%(n)d youth lead places are open on %(day)s.", self.n_open
        ) % {"n": self.n_open, "day": date_format(self.day, "D j M")}


def missing_in(
    *,
    walks: Sequence[WalkTable],
    meetings: Sequence[MeetingTable],
    places: Sequence[YouthPlaces],
    now: datetime,
    zone: ZoneInfo,
) -> list[Missing]:
    """Young people first, then kinds of organizations."""
    today = now.astimezone(zone).date()
    return [
        *_young_leaders(walks, places, today),
        *_young_at_meetings(meetings[-LOOKED_AT:]),
        *_kinds(meetings, zone, today),
    ]


def _young_leaders(walks: Sequence[WalkTable], places: Sequence[YouthPlaces], today: date) -> list[Missing]:
    """Whether anybody under 25 led a walk lately."""
    counted = [one for one in walks if _led(one).n]
    last = next((n for n in range(len(counted) - 1, -1, -1) if _led(counted[n]).youth), None)
    since = counted[last + 1 :] if last is not None else counted
    led = together(map(_led, since))
    if len(since) < FEWEST:
        return []
    if not led.known:
        words = _("Of the %(n)d people who led on the last %(walks)d walks nobody’s age is known. Ask at check-in.")
        return [Missing(Gap.Who.YOUNG_ADULTS, words % {"n": led.n, "walks": len(since)}, "walks")]
    told = [_since_when(counted[last] if last is not None else None, today), _no_age(led)]
    told += [one.words for one in places[:1]]
    return [Missing(Gap.Who.YOUNG_ADULTS, " ".join(filter(None, told)), "walks")]


def _led(table: WalkTable) -> Bands:
    return table.by_part.get(Part.LED, Bands())


def _since_when(last: WalkTable | None, today: date) -> str:
    if last is None:
        return _("Nobody under 25 led on a walk in the last 12 months.")
    day = last.walk.meet_at.astimezone(last.walk.zone).date()
    return _("Nobody under 25 led on a walk since %(when)s.") % {"when": say_when(day, today)}


def say_when(day: date, today: date) -> str:
    """“3 Nov” in the last month, “September” in the same year, “September 2025” before that."""
    if (today - day).days <= MONTH:
        return date_format(day, "j M")
    return date_format(day, "F" if day.year == today.year else "F Y")


def _no_age(bands: Bands) -> str:
    n = bands.unknown
    words = ngettext("%(n)d of %(all)d gave no age.", "%(n)d of %(all)d gave no age.", n)
    return words % {"n": n, "all": bands.n} if n else ""


def _young_at_meetings(last: Sequence[MeetingTable]) -> list[Missing]:
    sat = together(one.everybody for one in last)
    if len(last) < FEWEST or not sat.n:
        return []
    n = len(last)
    if not sat.known:
        words = _("Nobody’s age is known of the %(all)d people at the last %(n)d meetings. Count by age next time.")
        return [Missing(Gap.Who.YOUNG_ADULTS, words % {"all": sat.n, "n": n}, "meetings")]
    found = []
    if not sat.youth:
        found.append((Gap.Who.YOUNG_ADULTS, _("Nobody under 25 was at the last %(n)d meetings.")))
    if not sat.late_twenties:
        found.append((Gap.Who.LATE_TWENTIES, _("Nobody from 25 to 34 was at the last %(n)d meetings.")))
    return [Missing(who, " ".join(filter(None, [words % {"n": n}, _no_age(sat)])), "meetings") for who, words in found]


def _kinds(meetings: Sequence[MeetingTable], zone: ZoneInfo, today: date) -> list[Missing]:
    last = meetings[-LOOKED_AT:]
    if len(last) < FEWEST:
        return []
    there = frozenset[str]().union(*(one.kinds for one in last))
    return [
        Missing(who, f"{words % {'n': len(last)}} {_last_time(kind, meetings, zone, today)}", "meetings")
        for kind, (who, words) in NOBODY_OF.items()
        if kind not in there
    ]


def _last_time(kind: str, meetings: Sequence[MeetingTable], zone: ZoneInfo, today: date) -> str:
    days = [one.meeting.starts_at.astimezone(zone).date() for one in meetings if kind in one.kinds]
    if not days:
        return _("None was there in the last 12 months.")
    return _("Last time: %(when)s.") % {"when": say_when(days[-1], today)}
