"""What is loud on the day board: incidents nobody takes care of yet, and concerns with danger now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from concerns.actions import version_of
from concerns.models import Concern, ConcernUpdate
from concerns.workflow import Publication, Status
from field.day import Day, callback, logged
from people.models import User
from walks.access import is_lead
from walks.models import Device, Incident, Walk

MOST_LISTED = 200


@dataclass(frozen=True)
class Alarm:
    """One incident or danger. `call` is a number to call back, "" where none is known or the viewer may see none."""

    key: str
    what: str
    team: str
    who: str
    place: str
    at: datetime
    note: str
    call: str
    seen: str
    action: str
    undo: str = ""
    url: str = ""
    group: str = ""
    handled_at: datetime | None = None
    handled_by: str = ""
    handled_note: str = ""

    @property
    def is_open(self) -> bool:
        return self.handled_at is None

    @property
    def says(self) -> str:
        """What a screen reader is told of it."""
        return ", ".join(part for part in (self.what, self.team, self.place) if part)


def may_call(user: User, walk: Walk) -> bool:
    """Numbers of people on the roster: for organizers and the walk's lead, never for a walled member. May query."""
    return (user.is_organizer or is_lead(user, walk)) and not user.is_walled


@dataclass
class Alarms:
    """The alarms of a day, and the concerns they are among. Two queries."""

    day: Day
    user: User

    @cached_property
    def all(self) -> list[Alarm]:
        dangers = (self._danger(concern) for concern in self.concerns if concern.danger_now)
        return sorted([*self._incidents(), *dangers], key=lambda alarm: alarm.at, reverse=True)

    @property
    def open(self) -> list[Alarm]:
        return [alarm for alarm in self.all if alarm.is_open]

    @property
    def handled(self) -> list[Alarm]:
        return [alarm for alarm in self.all if not alarm.is_open]

    @cached_property
    def concerns(self) -> list[Any]:
        """The newest of the walk, dangers before all others. One query."""
        taken = ConcernUpdate.danger_taken().order_by("id")
        rows = logged(self.day.walk).select_related("category").annotate(
            taken=Subquery(taken.values(line=JSONObject(who="by__person__name", note="note"))[:1]),
            taken_at=Subquery(taken.values("at")[:1]),
        )  # fmt: skip
        return list(rows.order_by("-danger_now", "-received_at", "-id")[:MOST_LISTED])

    @property
    def listed(self) -> list[tuple[Any, str, str]]:
        """The concerns, each with its place and the name of its team, the newest first, as the map counts them."""
        rows = sorted(self.concerns, key=lambda concern: (concern.received_at, concern.pk), reverse=True)
        return [(row, self._where(row), str(self._teams.get(row.team_id, ""))) for row in rows]

    def _where(self, concern: Any) -> str:
        return concern.address or self._block(concern.segment_id, concern.side)

    def _incidents(self) -> Iterable[Alarm]:
        rows = Incident.objects.filter(walk=self.day.walk).standing()
        for row in rows.select_related("handled_by__person"):
            yield Alarm(
                key=f"incident-{row.public_id}",
                what=row.get_kind_display(),
                at=row.received_at if row.is_clock_off else row.happened_at,
                place=self._place(row.place, row.segment_id, row.side),
                note=row.note,
                seen=row.version,
                action=reverse("field:desk_incident_handle", args=[self.day.walk.public_id, row.public_id]),
                undo=reverse("field:desk_incident_reopen", args=[self.day.walk.public_id, row.public_id]),
                handled_at=row.handled_at,
                handled_by=row.handled_by.short_name if row.handled_by else "",
                handled_note=row.handled_note,
                **self._from(row.team_id, row.device_id),
            )

    def _danger(self, concern: Any) -> Alarm:
        line = concern.taken or {}
        read_at = concern.triaged_at or (concern.status_changed_at if not _is_unread(concern) else None)
        return Alarm(
            key=f"danger-{concern.public_id}",
            what=_("danger now: %(what)s") % {"what": concern.category.name},
            at=concern.received_at if Concern.Flag.CLOCK_OFF in concern.flags else concern.first_seen_at,
            place=self._place(concern.address, concern.segment_id, concern.side),
            note=concern.note,
            seen=version_of(concern),
            action=reverse("field:desk_danger_handle", args=[self.day.walk.public_id, concern.public_id]),
            undo=reverse("field:desk_danger_reopen", args=[self.day.walk.public_id, concern.public_id])
            if line and _is_unread(concern)
            else "",
            url=reverse("concerns:desk_detail", args=[concern.public_id]),
            group=concern.category.group,
            handled_at=concern.taken_at or read_at,
            handled_by=line.get("who") or "",
            handled_note=line.get("note") or "",
            **self._from(concern.team_id, concern.device_id),
        )

    def _place(self, told: str, segment_id: int | None, side: str) -> str:
        """What the phone said, then our block; once where the phone named the same block and side."""
        block = self._block(segment_id, side)
        segment = self.day.segment_of.get(segment_id) if segment_id else None
        if segment and segment.name in told and (not side or segment.compass_side(side) in told):
            return told
        return ", ".join(part for part in (told, block) if part)

    def _block(self, segment_id: int | None, side: str) -> str:
        segment = self.day.segment_of.get(segment_id) if segment_id else None
        if segment is None:
            return ""
        return f"{segment.name}, {segment.side_name(side)}" if side else segment.name

    def _from(self, team_id: int | None, device_id: int | None) -> dict[str, str]:
        device = self._devices.get(device_id)
        team = self._teams.get(team_id)
        signup = device.signup if device and device.signup else team.lead if team else None
        return {
            "team": str(team) if team else "",
            "who": signup.name if signup else device.name if device else "",
            "call": callback(signup) if self.may_call else "",
        }

    @cached_property
    def may_call(self) -> bool:
        return may_call(self.user, self.day.walk)

    @cached_property
    def _devices(self) -> dict[int | None, Device]:
        return {device.pk: device for device in self.day.devices}

    @cached_property
    def _teams(self) -> dict[int | None, Any]:
        return {row.team.pk: row.team for row in self.day.teams}


def _is_unread(concern: Concern) -> bool:
    return concern.status == Status.NEW and concern.publication == Publication.HELD
