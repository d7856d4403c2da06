"""Records that are deleted for good, and why no phone can bring them back: a stone with their ids stays for each."""

from typing import Any

from django.db import transaction
from django.db.models import Q

from concerns.actions import purge_concern, purge_look
from concerns.models import Concern, Look
from field.models import Receipt, Tombstone
from office.actions import record as audit
from outreach.models import Contact
from outreach.street import forget_with_contact
from people.models import User
from walks.models import HeadCount, Incident, SegmentPass, TeamBack

Record = Concern | Look | SegmentPass | HeadCount | Incident | TeamBack | Contact
KINDS: dict[type[Any], Receipt.Kind] = {
    Concern: Receipt.Kind.CONCERN,
    Look: Receipt.Kind.LOOK,
    SegmentPass: Receipt.Kind.PASS,
    HeadCount: Receipt.Kind.HEADCOUNT,
    Incident: Receipt.Kind.INCIDENT,
    TeamBack: Receipt.Kind.TEAM_BACK,
    Contact: Receipt.Kind.CONTACT,
}


@transaction.atomic
def purge(*, record: Record, by: User | None, reason: str = "") -> None:
    """Delete a record for good, with its photos and story. A phone that sends it again is answered “closed”.

    Its receipt stays; the stone holds where the phone's entry goes, too. Raises Refused (`concerns.purging`).
    """
    looks = list(Look.objects.filter(Q(concern=record) | Q(duplicate=record))) if isinstance(record, Concern) else []
    for one in (record, *looks):
        _lay_stone(one)
    if isinstance(record, Concern):
        purge_concern(concern=record, by=by, reason=reason)
    elif isinstance(record, Look):
        purge_look(look=record, by=by, reason=reason)
    else:
        if isinstance(record, Contact):
            forget_with_contact(record)
        audit(actor=by, action="purge", resource=KINDS[type(record)], object_id=record.public_id, reason=reason)
        record.delete()


def _lay_stone(record: Record) -> None:
    """Lock the record's receipt, as whoever sends it again does first, and note both its ids."""
    receipts = Receipt.objects.select_for_update(of=("self",)).select_related("device")
    receipt = receipts.filter(public_id=record.public_id).first()
    ids = {"device_client_id": receipt.device.client_id, "client_id": receipt.client_id} if receipt else {}
    Tombstone.objects.get_or_create(public_id=record.public_id, defaults={"kind": KINDS[type(record)], **ids})


def purge_again(*, by: User | None = None) -> int:
    """Purge what stands here although a stone says that it was purged: for after a restore. How many it were."""
    stones = Tombstone.objects.values("public_id")
    n = 0
    for model in KINDS:
        for one in model._default_manager.filter(public_id__in=stones):
            if model._default_manager.filter(pk=one.pk).exists():  # a look may have gone with its concern
                purge(record=one, by=by, reason="purged before the restore")
                n += 1
    return n
