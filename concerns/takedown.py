"""One tap takes a concern out of everything public, with all its photos and what was seen when people looked again."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.content_flags import note_reviewed
from concerns.models import Concern, Look, Photo
from concerns.publishing import why_not_public
from concerns.story import audit, hand_back, lock, save, write_publication
from concerns.workflow import Publication
from office.models import AuditEvent
from office.refused import Refused
from people.models import User

UNDO_FOR = timedelta(minutes=10)
ACTION, UNDONE = "take_down", "take_down_undone"


@transaction.atomic
def take_down(*, concern: Concern, by: User | None, reason: str = "", at: datetime | None = None) -> Concern:
    """Hide a concern from any state, take back every photo's approval and hide every look. Never refused.

    The audit trail keeps which they were, so that `undo_take_down` can put exactly those back.
    """
    now = lock(concern)
    before = now.publication
    photos = {str(photo.public_id): photo.shown_version for photo in _photos(now).exclude(approved_at=None)}
    looks = [str(public_id) for public_id in _public_looks(now).values_list("public_id", flat=True)]
    _photos(now).update(approved_at=None, approved_by=None)
    _public_looks(now).update(publication=Publication.HIDDEN)
    now.hidden_reason = (reason.strip() or _("an organizer hid it"))[:200]
    write_publication(now, Publication.HIDDEN, by=by, at=at or timezone.now(), note=now.hidden_reason)
    note_reviewed(now)
    audit(now, ACTION, by=by, detail={"before": before, "photos": photos, "looks": looks})
    return hand_back(now, concern)


def _photos(concern: Concern) -> QuerySet[Photo]:
    return Photo.objects.filter(Q(concern=concern) | Q(look__concern=concern))


def _public_looks(concern: Concern) -> QuerySet[Look]:
    return Look.objects.filter(concern=concern, publication=Publication.PUBLISHED)


def last_take_down(concern: Concern, now: datetime) -> AuditEvent | None:
    """What can still be undone: the takedown of the last ten minutes that nothing came after. At most one query."""
    if concern.publication != Publication.HIDDEN:
        return None
    lines = AuditEvent.objects.filter(
        resource="concern", object_id=concern.public_id, action__in=[ACTION, UNDONE, "publish", "hide"]
    )
    # The takedown's own line is the last: a later hiding or publishing wrote one after it.
    line = lines.order_by("-id").first()
    if line is None or line.action != ACTION or line.at < now - UNDO_FOR:
        return None
    return line if line.detail["before"] == Publication.PUBLISHED else None


@transaction.atomic
def undo_take_down(*, concern: Concern, by: User) -> Concern:
    """Put back what the last takedown took out, as it was. Photos that were changed since stay private.

    Raises Refused after ten minutes, where somebody did something else meanwhile, or where it may not be public.
    """
    now = lock(concern)
    line = last_take_down(now, timezone.now())
    if line is None:
        raise Refused(_("This can’t be undone any more. Publish it again if it should be public."))
    if refusal := why_not_public(now):
        raise Refused(refusal)
    _put_back(now, line.detail, by=by)
    now.hidden_reason = ""
    write_publication(now, Publication.PUBLISHED, by=by, at=timezone.now())
    audit(now, UNDONE, by=by, detail={})
    return hand_back(now, concern)


def _put_back(concern: Concern, detail: dict[str, Any], *, by: User) -> None:
    versions = {uuid.UUID(public_id): version for public_id, version in detail["photos"].items()}
    ready = _photos(concern).select_for_update(of=("self",)).filter(public_id__in=versions, state=Photo.State.READY)
    same = [photo.pk for photo in ready if photo.shown_version == versions[photo.public_id]]
    Photo.objects.filter(pk__in=same).update(approved_at=timezone.now(), approved_by=by)
    hidden = Look.objects.filter(concern=concern, public_id__in=detail["looks"], publication=Publication.HIDDEN)
    hidden.update(publication=Publication.PUBLISHED)
    save(concern, [])
