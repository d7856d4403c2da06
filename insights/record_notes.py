"""An organization's words about its own record: theirs to write, the desk's to read before anybody else does."""

import uuid

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.models import RecordNote
from office.actions import record
from office.refused import Refused
from people.models import Organization, User


class NoteChanged(Refused):
    """Somebody else changed the words meanwhile; `now` is what stands there."""

    def __init__(self, now: str) -> None:
        super().__init__(
            _("A colleague changed this meanwhile. It now says: “%(now)s”. Save again to replace it.") % {"now": now}
        )
        self.now = now


def note_of(organization_id: uuid.UUID) -> RecordNote:
    """Raises Http404."""
    found = RecordNote.objects.filter(organization__public_id=organization_id).first()
    if found is None:
        raise Http404("they said nothing")
    return found


@transaction.atomic
def write_note(*, organization: Organization, text: str, seen: str, by: User) -> None:
    """Keep their words; none takes them away. Changed words wait to be read again. Raises NoteChanged."""
    # The organization's row is locked: there may be no note yet to lock.
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    before = RecordNote.objects.filter(organization=locked).first()
    was = before.text if before else ""
    text = " ".join(text.split())
    if text == was:
        return
    if seen != was:
        raise NoteChanged(was)
    if text:
        fields = {"text": text, "written_at": timezone.now(), "written_by": by, "read_at": None, "read_by": None}
        RecordNote.objects.update_or_create(organization=locked, defaults=fields)
    elif before:
        before.delete()
    record(actor=by, action="partner.note", resource="organization", object_id=locked.public_id)


@transaction.atomic
def mark_read(*, note: RecordNote, text: str, by: User) -> None:
    """From now on it may be public. Raises Refused where the words aren't those that were read."""
    locked = RecordNote.objects.select_for_update().select_related("organization").get(pk=note.pk)
    if locked.text != text:
        raise Refused(_("They changed their words meanwhile. Read the new ones first."))
    if locked.read_at is None:
        locked.read_at, locked.read_by = timezone.now(), by
        locked.save(update_fields=["read_at", "read_by"])
        record(actor=by, action="partner.note_read", resource="organization", object_id=locked.organization.public_id)


@transaction.atomic
def hide(*, note: RecordNote, by: User) -> None:
    locked = RecordNote.objects.select_for_update().select_related("organization").get(pk=note.pk)
    if locked.read_at is not None:
        locked.read_at, locked.read_by = None, None
        locked.save(update_fields=["read_at", "read_by"])
        record(actor=by, action="partner.note_hide", resource="organization", object_id=locked.organization.public_id)
