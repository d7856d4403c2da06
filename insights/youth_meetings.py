"""Who sat at the coalition's meetings: by age, by role, by organization and its kind.

An organization that was merged away counts as the one it became, whose kind it has.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
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
    """Meetings held and counted from `since` to before `until`, in their order. One query."""
    held = Meeting.objects.held().filter(starts_at__gte=since, starts_at__lt=until)
    rows = list(_rows().filter(meeting__in=held).select_related("meeting"))
    meetings = {row.meeting_id: row.meeting for row in rows}
    return _tables(sorted(meetings.values(), key=lambda one: (one.starts_at, one.pk)), rows)


def tables_of(meetings: Iterable[Meeting]) -> list[MeetingTable]:
    """One query."""
    meetings = list(meetings)
    return _tables(meetings, _rows().filter(meeting__in=meetings))


def _rows() -> QuerySet[Any]:
    """With `stayed`, the organization it became, and `kind`. More than twice nobody merged one yet."""
    now = "organization__merged_into"
    return Attendance.objects.order_by("pk").annotate(
        stayed=Coalesce(f"{now}__merged_into", now, "organization"),
        kind=Coalesce(f"{now}__merged_into__kind", f"{now}__kind", "organization__kind"),
    )


def _tables(meetings: Iterable[Meeting], rows: Iterable[Any]) -> list[MeetingTable]:
    counts: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    sat: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows:
        counts[row.meeting_id][row.role][row.age_band] += row.n_people
        if row.stayed is not None:
            sat[row.meeting_id][row.stayed] = row.kind
    return [
        MeetingTable(
            one,
            {role: Bands(dict(bands)) for role, bands in counts[one.pk].items()},
            frozenset(sat[one.pk]),
            frozenset(sat[one.pk].values()),
        )
        for one in meetings
    ]
