"""Somebody looked again: what they saw, and what becomes of the concern. Other rooms call `concerns.actions`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.deadlines import relook_day
from concerns.models import Assignment, Category, Concern, Look
from concerns.reviewed import forget_in_look
from concerns.story import Kind, Voice, add_line, audit, hand_back, lock, save, write_status
from concerns.workflow import LookResult, Publication, after_look
from office.refused import Refused
from people.models import Membership, User
from walks.models import Device, Walk
from walks.sun import Lit


def record_look(
    *,
    concern: Concern,
    result: str,
    lit: str = "",
    walk: Walk | None = None,
    device: Device | None = None,
    by: User | None = None,
    note: str = "",
    captured_at: datetime | None = None,
    received_at: datetime | None = None,
    by_fixer: bool = False,
) -> Look:
    """Keep what somebody saw when they looked again, held; the status follows by `workflow.after_look`.

    A look at a duplicate counts for the concern it is the same as. Whoever works for the organization that should fix
    it speaks with its voice, whichever way the look came in.
    """
    received_at = received_at or timezone.now()
    with transaction.atomic(savepoint=False):
        now = lock(concern)
        if now.duplicate_of is not None:
            now = lock(now.duplicate_of)
        by_fixer = by_fixer or _is_fixer(by, device, now)
        look = Look.objects.create(
            concern=now,
            walk=walk,
            device=device,
            by=by,
            result=result,
            lit=lit,
            note=note.strip(),
            captured_at=captured_at,
            received_at=received_at,
            is_by_fixer=by_fixer,
        )
        voice = Voice.AGENCY if by_fixer else Voice.WALKERS
        add_line(now, Kind.LOOK, at=received_at, by=by, voice=voice, from_value=lit, to_value=result)
        _follow(now, look, by=by, at=received_at, voice=voice)
    if now.pk == concern.pk:
        hand_back(now, concern)
    return look


def take_over_look(look: Look, concern: Concern, body: dict[str, Any], *, by: User) -> None:
    """Apply an accepted change of a look at a locked concern. A look that is taken back leaves the public story.

    What the first result did to the status stays in the story; the new one acts as any look does.
    """
    now = Look.objects.select_for_update().get(pk=look.pk)
    if body.get("deleted"):
        _write_look_publication(now, look, concern, Publication.HIDDEN, by=by)
        return
    before = now.result
    now.result = body["result"] if body.get("result") in LookResult.values else now.result
    now.lit = body["lit"] if body.get("lit") in Lit.values else now.lit
    now.note = body["note"].strip()[:2000] if isinstance(body.get("note"), str) else now.note
    now.save(update_fields=["result", "lit", "note"])
    add_line(concern, Kind.LOOK, by=by, voice=Voice.WALKERS, from_value=now.lit, to_value=now.result)
    if now.result != before:
        _follow(concern, now, by=by, at=timezone.now(), voice=Voice.WALKERS)


def _follow(concern: Concern, look: Look, *, by: User | None, at: datetime, voice: str) -> None:
    """Move a locked concern as its look says."""
    needs_dark = concern.category.needs_dark
    to = after_look(
        status=concern.status, result=look.result, lit=look.lit, needs_dark=needs_dark, by_fixer=look.is_by_fixer
    )
    if to != concern.status:
        write_status(concern, to, by=by, at=at, voice=voice)
    elif look.result != LookResult.CANNOT_TELL and not look.is_by_fixer and concern.relook_on is not None:
        concern.relook_on = relook_day(concern, timezone.localtime(at).date())
        save(concern, ["relook_on"])


def _is_fixer(user: User | None, device: Device | None, concern: Concern) -> bool:
    """Whether somebody works for the organization that should fix it: by sign-in, or by the sign-up of their phone.

    Up to two queries.
    """
    has_signup = device is not None and device.signup_id is not None
    if user is None and not has_signup:
        return False
    theirs = Q(organization__in=user.organization_ids) if user else Q(pk=None)
    if device is not None and has_signup:
        now = timezone.now()
        working = Membership.objects.active(now).filter(person__signups=device.signup_id).values("organization")
        theirs |= Q(organization__signups=device.signup_id) | Q(organization__in=working)
    return Assignment.objects.current().filter(theirs, concern=concern).exists()


@transaction.atomic
def publish_look(*, look: Look, by: User) -> Look:
    """Let everybody read what somebody saw when they looked again. Raises Refused where it was done before."""
    concern = lock(look.concern)
    now = Look.objects.select_for_update().get(pk=look.pk)
    if now.publication == Publication.PUBLISHED:
        raise Refused(_("This look is public already."))
    if concern.category.publication_rule != Category.Rule.PLACE:
        raise Refused(_("Looks at “%(category)s” are not public.") % {"category": concern.category.name})
    return _write_look_publication(now, look, concern, Publication.PUBLISHED, by=by)


@transaction.atomic
def hide_look(*, look: Look, by: User | None) -> Look:
    """Take what somebody saw when they looked again out of the public story. Never refused."""
    concern = lock(look.concern)
    now = Look.objects.select_for_update().get(pk=look.pk)
    return _write_look_publication(now, look, concern, Publication.HIDDEN, by=by)


def _write_look_publication(now: Look, look: Look, concern: Concern, to: str, *, by: User | None) -> Look:
    now.publication = look.publication = to
    now.save(update_fields=["publication"])
    forget_in_look(now)
    save(concern, [])
    audit(concern, f"look_{to}", by=by, detail={"look": str(now.public_id)})
    return look
