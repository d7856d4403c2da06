"""Who sat at the coalition's meetings: by age, by role, by organization and its kind.

An organization that was merged away counts as the one it became, whose kind it has.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models.functions import Coalesce

from insights.age_bands import Bands, together
from walks.models import Attendance, Meeting


@dataclass(frozen=True)
class MeetingTable:
    """One meeting that was held and counted. `organizations` are database ids; `kinds` those of the organizations."""

    meeting: Meeting
    by_role: dict[str, Bands] = field(default_factory=dict)
    organizations: frozenset[int] = frozenset()
    kinds: frozenset[str] = frozenset()

    @property
    def everybody(self) -> Bands:
        return together(self.by_role.values())


def meetings_between(since: datetime, until: datetime) -> list[MeetingTable]:
    """Meetings held and counted from `since` to before `until`, in their order. Two queries."""
    meetings = list(
        Meeting.objects.held().filter(starts_at__gte=since, starts_at__lt=until).order_by("starts_at", "id")
    )
    return tables_of(meetings)


def tables_of(meetings: Iterable[Meeting]) -> list[MeetingTable]:
    """One query."""
    meetings = list(meetings)
    counts: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    sat: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Attendance.objects.filter(meeting__in=meetings).order_by().values_list(*_columns())
    for meeting, role, band, n, organization, kind in rows:
        counts[meeting][role][band] += n
        if organization is not None:
            sat[meeting][organization] = kind
    return [
        MeetingTable(
            one,
            {role: Bands(dict(bands)) for role, bands in counts[one.pk].items()},
            frozenset(sat[one.pk]),
            frozenset(sat[one.pk].values()),
        )
        for one in meetings
    ]


def _columns() -> tuple[str | Coalesce, ...]:
    """An organization may have been merged twice over; more than that nobody did yet."""
    now = "organization__merged_into"
    stayed = Coalesce(f"{now}__merged_into", now, "organization")
    kind = Coalesce(f"{now}__merged_into__kind", f"{now}__kind", "organization__kind")
    return ("meeting", "role", "age_band", "n_people", stayed, kind)
