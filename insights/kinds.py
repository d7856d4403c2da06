"""Which kinds of organizations sit at the table, and since when the others don't."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from insights.youth_meetings import MeetingTable
from people.roles import OrganizationKind

SHOWN = 8


@dataclass(frozen=True)
class KindLine:
    """One kind: whether it was at each of the last meetings (oldest first), and when it was last."""

    kind: str
    label: str
    was_there: list[bool]
    last_on: date | None
    is_since_before: bool  # nothing is known of it in the time looked at

    @property
    def n_there(self) -> int:
        return sum(self.was_there)


def kind_lines(meetings: Sequence[MeetingTable], zone: ZoneInfo) -> list[KindLine]:
    """Every kind, the ones that were there least first. Reads nothing."""
    last = meetings[-SHOWN:]
    lines = [_line(kind, meetings, last, zone) for kind in OrganizationKind if kind is not OrganizationKind.OTHER]
    return sorted(lines, key=lambda one: (one.n_there, one.last_on or date.min))


def _line(
    kind: OrganizationKind, meetings: Sequence[MeetingTable], last: Sequence[MeetingTable], zone: ZoneInfo
) -> KindLine:
    days = [one.meeting.starts_at.astimezone(zone).date() for one in meetings if kind in one.kinds]
    there = [kind in one.kinds for one in last]
    return KindLine(kind.value, str(kind.label), there, days[-1] if days else None, not days)
