"""Fetching a corridor or landmark and deciding who may have it are one step."""

import uuid

from django.http import Http404

from corridors.models import Corridor, Landmark


def get_public_corridor(slug: str) -> Corridor:
    """A corridor that everybody may see; one that isn't public is a 404 for everybody."""
    corridor = Corridor.objects.public().filter(slug=slug).first()
    if corridor is None:
        raise Http404
    return corridor


def get_corridor(slug: str) -> Corridor:
    """Any corridor, for views that let only organizers in."""
    corridor = Corridor.objects.filter(slug=slug).first()
    if corridor is None:
        raise Http404
    return corridor


def get_landmark(public_id: uuid.UUID) -> Landmark:
    """Any landmark, for views that let only organizers in."""
    landmark = Landmark.objects.select_related("corridor").filter(public_id=public_id).first()
    if landmark is None:
        raise Http404
    return landmark
