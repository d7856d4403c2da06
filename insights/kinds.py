"""Which kinds of organizations sit at the table, and since when the others don't."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from insights.youth_meetings import MeetingTable
from people.roles import OrganizationKind

SHOWN = 8


@dataclass(frozen=True)
class KindLine:
    """One kind: how many of it are in our list, at which of the last meetings (oldest first) one was, and when last."""

    kind: str
    label: str
    n_known: int
    was_there: list[bool]
    last_on: date | None

    @property
    def n_there(self) -> int:
        return sum(self.was_there)


def kind_lines(meetings: Sequence[MeetingTable], known: Counter[str], zone: ZoneInfo) -> list[KindLine]:
    """Every kind of which we know an organization, those that were there least first. Reads nothing.

    `known` counts the organizations of today by kind.
    """
    last = meetings[-SHOWN:]
    there = set().union(*(one.kinds for one in meetings))
    lines = [
        _line(kind, known[kind], meetings, last, zone) for kind in OrganizationKind if known[kind] or kind in there
    ]
    return sorted(lines, key=lambda one: (one.n_there, one.last_on or date.min))


def _line(
    kind: OrganizationKind, n_known: int, meetings: Sequence[MeetingTable], last: Sequence[MeetingTable], zone: ZoneInfo
) -> KindLine:
    days = [one.meeting.starts_at.astimezone(zone).date() for one in meetings if kind in one.kinds]
    there = [kind in one.kinds for one in last]
    return KindLine(kind.value, str(kind.label), n_known, there, days[-1] if days else None)


def unknown_kinds(known: Counter[str]) -> list[str]:
    """Kinds of which nobody is in our list, so that nobody could be asked."""
    return [str(kind.label) for kind in OrganizationKind if kind is not OrganizationKind.OTHER and not known[kind]]
