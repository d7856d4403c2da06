"""Putting walks and sign-ups right afterwards: what only an admin does."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.models import User
from walks.guardians import state_for
from walks.models import OFF_ROSTER_STATES, Signup, Walk
from walks.places import lock, offer_places, refuse_too_many


@transaction.atomic
def move_signup(*, signup: Signup, walk: Walk, by: User) -> Signup:
    """Move a sign-up to the walk it was meant for. Nobody is told: the page that moves says so.

    The team stays behind, a guardian's yes for the one walk doesn't count for the other, and a full walk takes nobody.
    Raises Refused; nothing is changed then.
    """
    # Both walks are locked in the order of their numbers, so that two moves at once can't wait for each other.
    locked = {pk: lock(Walk(pk=pk)) for pk in sorted({signup.walk_id, walk.pk})}
    signup.refresh_from_db()
    target, before = locked[walk.pk], locked[signup.walk_id]
    reason = why_not_to(signup, target)
    if reason:
        raise Refused(reason)
    if signup.is_counted:
        refuse_too_many(target, Signup(n_people=signup.n_people, state=Signup.State.GUARDIAN), signup.n_people)
    signup.walk, signup.team = target, None
    if signup.state == Signup.State.OFFERED:
        signup.state = Signup.State.WAITLIST
    if signup.state not in OFF_ROSTER_STATES:
        signup.state = state_for(signup)
    signup.save(update_fields=["walk", "team", "state"])
    for walk_ in locked.values():
        offer_places(walk_, timezone.now())
    detail = {"from": str(before.public_id), "to": str(target.public_id)}
    record(actor=by, action="signup.move", resource="signup", object_id=signup.public_id, detail=detail)
    return signup


def why_not_to(signup: Signup, walk: Walk) -> str:
    """Why a sign-up can't be moved to a walk, apart from its places; empty where it can. One query."""
    if signup.walk_id == walk.pk:
        return _("It is on this walk already.")
    if walk.deleted_at or walk.state == Walk.State.CALLED_OFF:
        return _("That walk doesn’t take place.")
    if Signup.objects.filter(walk=walk, person=signup.person_id).exists():
        return _("They are signed up for that walk, too. Withdraw this one instead.")
    if signup.devices.exists():
        return _("A phone joined with this sign-up, so it stays with its walk.")
    return ""


@transaction.atomic
def delete_walk(*, walk: Walk, by: User) -> Walk:
    """Put a walk away that was a mistake; its row stays. Raises Refused while concerns or coming people point at it."""
    locked = lock(walk)
    refuse_delete(locked)
    put_away(locked, now=timezone.now())
    walk.deleted_at = locked.deleted_at
    record(actor=by, action="walk.delete", resource="walk", object_id=locked.public_id)
    return walk


def refuse_delete(locked: Walk) -> None:
    """Raises Refused where a walk can't be deleted. Up to four queries."""
    if locked.deleted_at:
        raise Refused(_("It was deleted already."))
    concerns, looks = getattr(locked, "concerns"), getattr(locked, "looks")  # noqa: B009 - rooms to the right
    if concerns.exists() or looks.exists():
        raise Refused(_("Concerns were found on it, so it stays. Move them to another walk first."))
    if locked.state == Walk.State.PUBLISHED and locked.signups.exclude(state=Signup.State.WITHDRAWN).exists():
        raise Refused(_("People are signed up. Call it off first, so that they are told."))


def put_away(locked: Walk, *, now: datetime) -> None:
    """Mark a locked walk as deleted. Calendars that knew of it must notice, so `sequence` rises."""
    locked.deleted_at = now
    locked.sequence += 1
    locked.save(update_fields=["deleted_at", "sequence", "series", "slot_on", "updated_at"])


@transaction.atomic
def restore_walk(*, walk: Walk, by: User) -> Walk:
    """Take a deletion back."""
    locked = lock(walk)
    if not locked.deleted_at:
        raise Refused(_("It isn’t deleted."))
    walk.deleted_at = locked.deleted_at = None
    locked.sequence += 1
    locked.save(update_fields=["deleted_at", "sequence", "updated_at"])
    record(actor=by, action="walk.restore", resource="walk", object_id=locked.public_id)
    return walk
