"""What is really deleted, files and all: photos that a phone dropped before anybody read them, and purged records."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction
from django.db.models import PROTECT, Q
from django.utils.translation import gettext as _

from concerns.models import Concern, ConcernUpdate, Look, Photo
from concerns.retention import mail_about
from concerns.story import audit, lock, save
from office.refused import Refused
from office.retention import forget_messages
from people.models import User
from walks.models import Device


def drop_photos(*, concern: Concern, device: Device, keep: Iterable[Any]) -> int:
    """Delete the photos of a record that this phone doesn't list any more (`keep` holds client ids). Their number.

    Only before an organizer read the record: afterwards taking a photo away is a proposal like any change. One query
    where there is nothing to drop.
    """
    dropped = Photo.objects.filter(concern=concern, device=device).exclude(client_id__in=[str(one) for one in keep])
    return _delete_photos(dropped)


def drop_photo(photo: Photo) -> None:
    """Delete one photo with its files."""
    _delete_photos(Photo.objects.filter(pk=photo.pk))


def _delete_photos(photos: models.QuerySet[Photo]) -> int:
    """Rows now, files once that is committed: a row without its file is worse than a file without its row."""
    rows = list(photos)
    if not rows:
        return 0
    files = [(file.storage, file.name) for row in rows for file in (row.original, row.image, row.thumbnail) if file]

    def delete_files() -> None:
        for storage, name in files:
            storage.delete(name)

    Photo.objects.filter(pk__in=[row.pk for row in rows]).delete()
    transaction.on_commit(delete_files)
    return len(rows)


@transaction.atomic
def purge_concern(*, concern: Concern, by: User | None, reason: str = "") -> None:
    """Delete a concern with its photos, looks, proposals, numbers and story; the audit trail keeps that it was done.

    Raises Refused where other reports were found to be the same as it. See `field.actions.purge`.
    """
    now = lock(concern)
    if now.duplicates.exists():
        raise Refused(_("Other reports are the same as this one. Take that back first."))
    looks = Look.objects.filter(Q(concern=now) | Q(duplicate=now))
    _delete_photos(Photo.objects.filter(Q(concern=now) | Q(look__in=looks)))
    forget_messages(mail_about(now.reporters.all()))
    _delete_what_hangs_on(Look, looks)
    looks.delete()
    _delete_story(now)
    _delete_what_hangs_on(Concern, Concern.objects.filter(pk=now.pk))
    audit(now, "purge", by=by, reason=reason, detail={})
    now.delete()


@transaction.atomic
def purge_look(*, look: Look, by: User | None, reason: str = "") -> None:
    """Delete what somebody saw when they looked again, with its photos. Its line in the story, without words, stays."""
    concern = lock(look.concern)
    rows = Look.objects.filter(pk=look.pk)
    _delete_photos(Photo.objects.filter(look=look))
    _delete_what_hangs_on(Look, rows)
    audit(concern, "purge_look", by=by, reason=reason, detail={"look": str(look.public_id)})
    rows.delete()
    save(concern, [])


def _delete_story(concern: Concern) -> None:
    """The story is append-only; this door closes with the transaction at the latest."""
    with connection.cursor() as cursor:
        cursor.execute("set local saferoutes.retention = 'on'")
        ConcernUpdate.objects.filter(concern=concern).delete()
        cursor.execute("set local saferoutes.retention = 'off'")


def _delete_what_hangs_on(model: type[models.Model], rows: models.QuerySet[Any]) -> None:
    """Delete every row that would keep these from going, also of rooms that don't exist yet."""
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if relation.on_delete is PROTECT and other is not model and other._meta.managed:
            other._base_manager.filter(**{f"{relation.field.name}__in": rows}).delete()
