"""What changes a walk or the people on it, in one transaction with its mail and its line in the audit trail."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.models import Coalition
from people.models import User
from walks import announcing, notices
from walks.announcing import NOW
from walks.guardians import record_guardian
from walks.models import Walk
from walks.roster import (
    Refused,
    SignUpResult,
    assign_teams,
    change_signup,
    come_after_all,
    confirm,
    leave_organization,
    match_organization,
    renew_link,
    set_teams,
    sign_up,
    withdraw,
)

__all__ = [
    "ChangedMeanwhile",
    "Refused",
    "SignUpResult",
    "assign_teams",
    "call_off_walk",
    "change_signup",
    "change_walk",
    "come_after_all",
    "confirm",
    "leave_organization",
    "match_organization",
    "publish_walk",
    "record_guardian",
    "renew_link",
    "schedule_walk",
    "set_teams",
    "sign_up",
    "take_back_call_off",
    "withdraw",
]

# A calendar must notice these (RFC 5545 section 3.8.7.4) …
CALENDAR_FIELDS = ("title", "meet_at", "step_off_at", "end_at", "time_zone", "meeting_place", "meeting_location")
# … and people want to be told of these.
TOLD_FIELDS = ("meet_at", "step_off_at", "end_at", "meeting_place", "meeting_location")
WALK_FIELDS = {
    *("corridor", "title", "lead_organization", "lead"),
    *("meeting_landmark", "meeting_place", "meeting_location", "facilities"),
    *("meet_at", "step_off_at", "end_at", "time_zone"),
    *("purposes", "capacity", "languages", "wheelchair", "wheelchair_note"),
    *("police_walk_along", "weather_rule", "note", "internal_note"),
    *("designee_name", "designee_phone", "ratings"),
}


class ChangedMeanwhile(Refused):
    """Somebody else changed the walk after this person opened it; `walk` is how it is now."""

    def __init__(self, walk: Walk) -> None:
        super().__init__(_("Somebody else changed this walk while you were writing. Look at both before you save."))
        self.walk = walk


@transaction.atomic
def schedule_walk(*, by: User | None, **fields: Any) -> Walk:
    """A new walk, as a draft that nobody else sees. Raises ValidationError."""
    _refuse_unknown(fields)
    walk = Walk(**{"time_zone": Coalition.current().time_zone} | fields)
    walk.take_from_landmark()
    walk.full_clean(validate_unique=False)
    walk.save(force_insert=True)
    record(actor=by, action="walk.schedule", resource="walk", object_id=walk.public_id)
    return walk


@transaction.atomic
def change_walk(
    *,
    walk: Walk,
    by: User | None,
    expected: datetime | None = None,
    tell: bool = True,
    words: str = "",
    waits: timedelta = NOW,
    **fields: Any,
) -> list[notices.Change]:
    """Write the fields given. A published walk with another time or place raises `sequence`, and people are told.

    `words` go with the mail; it waits so long (`walks.telling.UNDO_FOR`), so that it can be taken back.
    `expected` is the `updated_at` that the person saw; raises ChangedMeanwhile where the walk is newer than that,
    and ValidationError for what can't be. Answers what people would notice; `walk` holds the new values.
    """
    _refuse_unknown(fields)
    before = _lock(walk)
    if expected is not None and before.updated_at != expected:
        raise ChangedMeanwhile(before)
    walk.refresh_from_db()
    for name, value in fields.items():
        setattr(walk, name, value)
    walk.take_from_landmark()
    walk.full_clean(validate_unique=False)
    changed = [name for name in sorted(WALK_FIELDS) if getattr(before, name) != getattr(walk, name)]
    if not changed:
        return []
    if walk.is_public and set(changed) & set(CALENDAR_FIELDS):
        walk.sequence += 1
    walk.save()
    changes = _changes(before, walk)
    n_told = 0
    if tell and changes and walk.state == Walk.State.PUBLISHED and walk.end_at > timezone.now():
        notice = announcing.announce_change(walk=walk, changes=changes, by=by, words=words, waits=waits)
        n_told = announcing.n_written(notice)
    detail = {"fields": changed, "told": n_told}
    record(actor=by, action="walk.change", resource="walk", object_id=walk.public_id, detail=detail)
    return changes


@transaction.atomic
def publish_walk(*, walk: Walk, by: User | None) -> Walk:
    """Show a draft to everybody. Publishing twice changes nothing."""
    locked = _lock(walk)
    if locked.state == Walk.State.PUBLISHED:
        return _refreshed(walk)
    if locked.state == Walk.State.CALLED_OFF:
        raise Refused(_("This walk was called off. Use “It takes place after all”."))
    if not locked.meeting_place:
        raise Refused(_("Say where people meet first: nobody can come to a walk without a meeting point."))
    locked.state = Walk.State.PUBLISHED
    locked.published_at = timezone.now()
    locked.save(update_fields=["state", "published_at"])
    record(actor=by, action="walk.publish", resource="walk", object_id=walk.public_id)
    return _refreshed(walk)


@transaction.atomic
def call_off_walk(*, walk: Walk, by: User | None, reason: str, waits: timedelta = NOW) -> int:
    """Call a published walk off and tell everybody on its list. How many mails there are; twice changes nothing.

    The mail waits so long (`walks.telling.UNDO_FOR`), so that it can be taken back.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the walk is called off: people will read it."))
    locked = _lock(walk)
    if locked.state == Walk.State.CALLED_OFF:
        _refreshed(walk)
        return 0
    if locked.state == Walk.State.DRAFT:
        raise Refused(_("This walk is a draft. Nobody knows about it yet."))
    if locked.end_at < timezone.now():
        raise Refused(_("This walk is over. It can’t be called off any more."))
    locked.state = Walk.State.CALLED_OFF
    locked.called_off_at = timezone.now()
    locked.call_off_reason = reason[:300]
    locked.sequence += 1
    locked.save(update_fields=["state", "called_off_at", "call_off_reason", "sequence", "updated_at"])
    n_told = announcing.n_written(announcing.announce_call_off(walk=locked, by=by, waits=waits))
    record(
        actor=by,
        action="walk.call_off",
        resource="walk",
        object_id=walk.public_id,
        reason=reason,
        detail={"told": n_told},
    )
    _refreshed(walk)
    return n_told


@transaction.atomic
def take_back_call_off(*, walk: Walk, by: User | None, waits: timedelta = NOW) -> int:
    """The walk takes place after all: published again, and whoever heard the contrary is told. How many mails."""
    locked = _lock(walk)
    if locked.state != Walk.State.CALLED_OFF:
        raise Refused(_("This walk isn’t called off."))
    if locked.end_at < timezone.now():
        raise Refused(_("This walk is over."))
    locked.state = Walk.State.PUBLISHED
    locked.published_at = locked.published_at or timezone.now()
    locked.called_off_at = None
    locked.call_off_reason = ""
    locked.sequence += 1
    locked.save(update_fields=["state", "published_at", "called_off_at", "call_off_reason", "sequence", "updated_at"])
    n_told = announcing.n_written(announcing.announce_on_again(walk=locked, by=by, waits=waits))
    record(actor=by, action="walk.on_again", resource="walk", object_id=walk.public_id, detail={"told": n_told})
    _refreshed(walk)
    return n_told


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - WALK_FIELDS:
        raise TypeError(f"not fields of a walk that may be written: {sorted(unknown)}")


def _lock(walk: Walk) -> Walk:
    return Walk.objects.select_for_update(of=("self",)).get(pk=walk.pk)


def _refreshed(walk: Walk) -> Walk:
    walk.refresh_from_db()
    return walk


def _changes(before: Walk, after: Walk) -> list[notices.Change]:
    changes = []
    for name in TOLD_FIELDS:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            changes.append(notices.Change(notices.CHANGE_LABELS[name], was, now))
    return changes
