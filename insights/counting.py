"""The table counted: so many people of an organization, in a role and an age band. Counts only, never a name.

Two people may count at once. A form carries for each line what its person saw; lines that they left alone aren't
touched, and where two changed the same line nothing is written and the second sees both numbers.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.meetings import lock
from office.actions import record
from office.refused import Refused
from people.models import Organization, User
from people.roles import AgeBand
from walks.models import Attendance, Meeting

MOST = 500
COUNT_FROM = timedelta(hours=12)


class Cell(NamedTuple):
    """One line of the table. `organization` is a database id, or None for people of no organization."""

    organization: int | None
    role: str = Attendance.Role.ATTENDED.value
    age_band: str = AgeBand.UNKNOWN.value


class TableChanged(Refused):
    """Somebody else changed lines that this person changed, too; `now` are all lines as they are."""

    def __init__(self, lost: Mapping[Cell, int], now: Mapping[Cell, int]) -> None:
        super().__init__(
            _("Somebody else counted the same line while you did. Both numbers are shown: save again what is right.")
        )
        self.lost, self.now = dict(lost), dict(now)


def cells_of(meeting: Meeting) -> dict[Cell, int]:
    """What is counted. One query."""
    rows = Attendance.objects.filter(meeting=meeting).order_by("pk")
    return {Cell(*row[:3]): row[3] for row in rows.values_list("organization", "role", "age_band", "n_people")}


@transaction.atomic
def count_table(
    *, meeting: Meeting, by: User, wanted: Mapping[Cell, tuple[int, int]], one_more: Cell | None = None
) -> int:
    """Write what a form of several lines says: for each, the number that was seen and the one that is wanted.

    Zero takes a line away. `one_more` is somebody who just came in, whatever the line says meanwhile. Returns how many
    lines changed. Raises Refused, or TableChanged (nothing is written then).
    """
    locked = lock(meeting)
    _refuse_too_soon(locked)
    now = cells_of(locked)
    chosen = {cell: n for cell, (was, n) in wanted.items() if n != was}
    lost = {cell: now.get(cell, 0) for cell, n in chosen.items() if now.get(cell, 0) not in {wanted[cell][0], n}}
    if lost:
        raise TableChanged(lost, now)
    changed = {cell: n for cell, n in chosen.items() if now.get(cell, 0) != n}
    if one_more:
        changed[one_more] = (now | changed).get(one_more, 0) + 1
    _refuse_wrong(changed)
    for cell, n in changed.items():
        _write(locked, cell, n)
    if changed:
        _mark_counted(locked, any((now | changed).values()))
        record(
            actor=by,
            action="meeting.count",
            resource="meeting",
            object_id=locked.public_id,
            detail={"lines": len(changed)},
        )
    return len(changed)


def _write(meeting: Meeting, cell: Cell, n: int) -> None:
    line: dict[str, Any] = {"organization_id": cell.organization, "role": cell.role, "age_band": cell.age_band}
    if n:
        Attendance.objects.update_or_create(meeting=meeting, **line, defaults={"n_people": n})
    else:
        Attendance.objects.filter(meeting=meeting, **line).delete()


def _mark_counted(meeting: Meeting, is_anybody: bool) -> None:
    meeting.counted_at = (meeting.counted_at or timezone.now()) if is_anybody else None
    meeting.save(update_fields=["counted_at"])


def _refuse_too_soon(meeting: Meeting) -> None:
    if meeting.called_off_at:
        raise Refused(_("This meeting is called off. Take that back before you count people."))
    if meeting.starts_at - COUNT_FROM > timezone.now():
        raise Refused(_("The meeting hasn’t begun. Count people on its day."))


def _refuse_wrong(changed: Mapping[Cell, int]) -> None:
    if any(not 0 <= n <= MOST for n in changed.values()):
        raise Refused(_("Count 0 to 500 people in a line."))
    ids = {cell.organization for cell in changed if cell.organization is not None}
    if Organization.objects.filter(pk__in=ids).count() != len(ids):
        raise Refused(_("One of these organizations isn’t there any more. Load the page again."))
