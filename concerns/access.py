"""Who may reach one concern at the desk: organizers any, a walk lead those of their own walks."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404

from concerns.models import Concern, ConcernQuerySet, Photo
from people.access import SignedInRequest
from people.models import User
from walks.models import Walk


def concerns_for(user: User) -> ConcernQuerySet:
    """Every concern this person may see at the desk. Raises PermissionDenied for who has no desk. Up to one query."""
    rows = Concern.objects.all()
    if user.is_organizer:
        return rows
    if Walk.objects.current().filter(lead=user.person_id).exists():
        return rows.filter(walk__lead=user.person_id, walk__deleted_at=None)
    raise PermissionDenied


def get_concern_for(request: SignedInRequest, public_id: uuid.UUID) -> Concern:
    """The concern with its category, block, walk and phone. 404 where it isn't theirs. Up to two queries."""
    rows = Concern.objects.select_related(
        "category", "segment__corridor", "walk__corridor", "team", "device", "duplicate_of__category"
    )
    concern = rows.filter(public_id=public_id).first()
    if concern is None or not may_see(request.user, concern):
        raise Http404("not their concern")
    return concern


def may_see(user: User, concern: Concern) -> bool:
    """Organizers any, a walk lead those of their own walks. May query for the walk."""
    walk = concern.walk
    return user.is_organizer or (
        user.is_active and walk is not None and walk.deleted_at is None and walk.lead_id == user.person_id
    )  # fmt: skip


def concern_of(photo: Photo) -> Concern:
    """The concern a photo belongs to, also through a look. Reads both."""
    concern = photo.concern or (photo.look.concern if photo.look else None)
    assert concern is not None  # photo_of_a_concern_or_a_look
    return concern


def get_photo_for(request: SignedInRequest, public_id: uuid.UUID) -> Photo:
    """A photo of a concern, or of a look at one, that the person may see; else 404. One query."""
    rows = Photo.objects.select_related("concern__walk", "look__concern__walk")
    photo = rows.filter(public_id=public_id).first()
    concern = concern_of(photo) if photo else None
    if photo is None or concern is None or not may_see(request.user, concern):
        raise Http404("not their photo")
    return photo
