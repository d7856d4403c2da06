"""Meetings: planned, moved, called off, counted, written down. Each locked, looked at again, written into the audit.

Several people write at once: who chairs at a laptop, who takes notes on a phone, who counts heads. Each part (the
facts, the notes) has a version of its own, and each count stands for itself; what two people changed is shown to the
second, who decides.
"""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns import promising
from concerns.models import Commitment
from concerns.promising import CommitmentFields
from office.actions import record
from office.refused import Refused
from people.models import User
from walks.models import Meeting

FACTS = ("title", "starts_at", "minutes", "place", "agenda")
NOTE = ("note",)
SHORTEST, LONGEST = 5, 720
FARTHEST = timedelta(days=730)
LONGEST_AGO = timedelta(days=366)


class MeetingChanged(Refused):
    """Somebody else wrote the same part meanwhile; `meeting` is how it is now. Nothing was written."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__(
            _("Somebody else changed this while you wrote. Both are shown: put together what you want, and save again.")
        )
        self.meeting = meeting


class MeetingFields(TypedDict, total=False):
    """What a person may say about a meeting."""

    title: str
    starts_at: datetime
    minutes: int
    place: str
    agenda: str
    note: str


def version_of(meeting: Meeting, names: Iterable[str]) -> str:
    """What somebody saw of one part of a meeting: hidden in its form, compared before writing."""
    told = [_plain(getattr(meeting, name)) for name in names] + [meeting.called_off_at is None]
    return hashlib.sha256(repr([str(part) for part in told]).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Browsers send line ends as CR LF (HTML standard, form submission)."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(value, str) else value


@transaction.atomic
def plan_meeting(*, by: User, public_id: uuid.UUID | None = None, **fields: Unpack[MeetingFields]) -> Meeting:
    """A new meeting. `public_id` is made with the form: what is sent twice is one meeting. Raises Refused."""
    meeting = Meeting(created_by=by, public_id=public_id or uuid.uuid4())
    _apply(meeting, fields)
    _refuse_without(meeting)
    try:
        with transaction.atomic():
            meeting.save(force_insert=True)
    except IntegrityError:
        return Meeting.objects.get(public_id=meeting.public_id)
    _note(meeting, "plan", by=by)
    return meeting


@transaction.atomic
def change_meeting(*, meeting: Meeting, by: User, expected: str, **fields: Unpack[MeetingFields]) -> Meeting:
    """Write the fields given, which are one part of it; `expected` is the `version_of` them that the person saw.

    What says the same already is no conflict. Raises Refused, or MeetingChanged.
    """
    now = lock(meeting)
    said = {name: _plain(value) for name, value in fields.items()}
    changed = [name for name, value in said.items() if _plain(getattr(now, name)) != value]
    if not changed:
        return now
    if version_of(now, fields) != expected:
        raise MeetingChanged(now)
    _apply(now, fields)
    _refuse_without(now, is_moved="starts_at" in changed)
    if set(changed) & set(FACTS):
        now.sequence += 1
    now.save()
    _note(now, "change", by=by, fields=sorted(changed))
    return now


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, by: User) -> Meeting:
    """It isn't held. Who has it in a calendar sees it struck out. Raises Refused where people were counted."""
    now = lock(meeting)
    if now.called_off_at:
        raise Refused(_("This meeting is called off already."))
    if now.counted_at:
        raise Refused(_("People were counted at this meeting, so it was held. Empty the count first."))
    now.called_off_at, now.sequence = timezone.now(), now.sequence + 1
    now.save(update_fields=["called_off_at", "sequence"])
    _note(now, "call_off", by=by)
    return now


@transaction.atomic
def hold_meeting_after_all(*, meeting: Meeting, by: User) -> Meeting:
    """Calling it off was a mistake."""
    now = lock(meeting)
    if now.called_off_at is None:
        raise Refused(_("This meeting isn’t called off."))
    now.called_off_at, now.sequence = None, now.sequence + 1
    now.save(update_fields=["called_off_at", "sequence"])
    _note(now, "hold_after_all", by=by)
    return now


@transaction.atomic
def decide(*, meeting: Meeting, by: User, **fields: Unpack[CommitmentFields]) -> Commitment:
    """What was decided becomes a promise: its owner gets a link, and reminders. Raises Refused."""
    now = lock(meeting)
    if now.called_off_at:
        raise Refused(_("This meeting is called off. Take that back first, or write the promise down elsewhere."))
    return promising.make_commitment(by=by, meeting=now, **fields)


def lock(meeting: Meeting) -> Meeting:
    """The row as it is now, locked."""
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def _apply(meeting: Meeting, fields: MeetingFields) -> None:
    for name, value in fields.items():
        setattr(meeting, name, _plain(value))


def _refuse_without(meeting: Meeting, *, is_moved: bool = True) -> None:
    now = timezone.now()
    if not meeting.title:
        raise Refused(_("Give the meeting a name."))
    if not SHORTEST <= meeting.minutes <= LONGEST:
        raise Refused(_("A meeting takes 5 to 720 minutes."))
    if is_moved and meeting.starts_at > now + FARTHEST:
        raise Refused(_("That is more than two years ahead. Choose an earlier day."))
    if is_moved and meeting.starts_at < now - LONGEST_AGO:
        raise Refused(_("That is more than a year ago. Choose a later day."))


def _note(meeting: Meeting, action: str, *, by: User, **detail: Any) -> None:
    record(actor=by, action=f"meeting.{action}", resource="meeting", object_id=meeting.public_id, detail=detail)
