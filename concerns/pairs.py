"""Two photos of one place: how it was then, and how somebody found it who looked again."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from django.db.models import Q

from concerns.models import Concern, Photo
from concerns.public import PublicPhoto
from concerns.workflow import Publication


class _Shot(Protocol):
    width: int | None
    height: int | None


Shot = TypeVar("Shot", bound=_Shot)


def photo_pair(concern: Concern) -> tuple[Photo | None, Photo | None]:
    """Then and now, as the desk and whoever should fix it see it: ready copies, approved or not. One query.

    Looks that were hidden don't count. `now.look` is read already.
    """
    ready = Photo.objects.filter(Q(concern=concern) | Q(look__concern=concern), state=Photo.State.READY)
    photos = ready.exclude(image="").select_related("look").order_by("received_at", "position", "id")
    return desk_pair(list(photos))


def desk_pair(photos: Sequence[Photo]) -> tuple[Photo | None, Photo | None]:
    """The pair among photos of one concern and its looks, oldest first; their looks are read."""
    out = {Publication.HIDDEN, Publication.SPAM}
    shown = [photo for photo in photos if photo.state == Photo.State.READY]
    looks = [photo for photo in shown if photo.look and photo.look.publication not in out]
    return _pair([photo for photo in shown if photo.concern_id], looks, [photo.look_id for photo in looks])


def public_pair(photos: Sequence[PublicPhoto]) -> tuple[PublicPhoto | None, PublicPhoto | None]:
    """The pair that everybody may see, among the public photos of one concern, oldest first. No query."""
    looks = [photo for photo in photos if photo.is_look]
    return _pair([photo for photo in photos if not photo.is_look], looks, [photo.update_id for photo in looks])


def _pair(first: Sequence[Shot], again: Sequence[Shot], looks: Sequence[int | None]) -> tuple[Shot | None, Shot | None]:
    """`first` were sent with the report, `again` with looks; `looks` says which look each of `again` belongs to.

    Now is the first photo of the newest look that has one. Then is the earliest of the same shape, so that the two can
    be held against each other; without a photo of the report the earliest of another look.
    """
    if not again:
        return (first[0] if first else None), None
    now = again[looks.index(looks[-1])]
    before = list(first) or [shot for shot, look in zip(again, looks, strict=True) if look != looks[-1]]
    alike = [shot for shot in before if _is_upright(shot) == _is_upright(now)]
    return next(iter(alike or before), None), now


def _is_upright(shot: _Shot) -> bool:
    return (shot.height or 0) > (shot.width or 0)
