"""Somebody looks again without a phone of a walk: at the desk, or an approved volunteer on the public page."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from concerns.looks import record_look
from concerns.models import Concern, Look
from concerns.photos import PhotoRefused, keep_original
from concerns.story import lock
from people.models import User
from walks.models import Walk

DOUBLE_TAP = timedelta(minutes=1)


@dataclass(frozen=True)
class Looked:
    """The look that is kept; `photo_problem` says why its photo is not."""

    look: Look
    photo_problem: str = ""


def look_again(
    *,
    concern: Concern,
    by: User,
    result: str,
    lit: str,
    note: str = "",
    walk: Walk | None = None,
    photo: bytes | None = None,
) -> Looked:
    """Keep what somebody saw, held like all looks, with a photo of now. A second tap within a minute is the same look.

    `record_look` decides what follows; a photo that can't be kept leaves the look.
    """
    with transaction.atomic():
        now = lock(concern)
        look = _just_now(now, by=by, result=result, lit=lit, note=note.strip())
        if look is None:
            look = record_look(concern=concern, by=by, result=result, lit=lit, note=note, walk=walk)
    if photo is None or look.photos.filter(sha256=hashlib.sha256(photo).hexdigest()).exists():
        return Looked(look)
    try:
        keep_original(look=look, device=None, client_id=None, position=look.photos.count(), data=photo)
    except PhotoRefused as refused:
        return Looked(look, refused.message)
    return Looked(look)


def _just_now(concern: Concern, *, by: User, **same: str) -> Look | None:
    """The same person's same look at a locked concern, a moment ago. One query."""
    since = timezone.now() - DOUBLE_TAP
    looks = Look.objects.filter(concern=concern.duplicate_of_id or concern.pk, by=by, received_at__gte=since)
    return looks.filter(**same).first()


def may_look(user: User | AnonymousUser, corridor_id: int | None) -> bool:
    """Whether somebody may look at what is public there: organizers, approved volunteers, who walks or leads there.

    Walks count while they are open. One query at most.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_organizer or user.is_approved_looker:
        return True
    if corridor_id is None:
        return False
    return Walk.objects.current().within_reach_of(user).filter(corridor=corridor_id).exists()
