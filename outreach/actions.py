"""Everything that changes a contact. Who somebody is has no place here: that takes a consent of their own."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import NotRequired, TypedDict, Unpack

from django.contrib.gis.geos import Point

from corridors.models import Corridor, Landmark
from corridors.places import nearest_face
from outreach.models import Contact
from walks.models import Device, Team, Walk


class ContactFields(TypedDict):
    """What a team says about having met somebody. `location` finds the block and its side and is never kept."""

    kind: str
    result: str
    needs: Iterable[str]
    captured_at: datetime
    is_clock_off: bool
    location: Point | None
    landmark: NotRequired[Landmark | None]
    note: NotRequired[str]


def log_contact(
    *,
    walk: Walk,
    team: Team | None,
    device: Device | None,
    received_at: datetime,
    public_id: uuid.UUID | None = None,
    source: str = Contact.Source.PHONE,
    **fields: Unpack[ContactFields],
) -> Contact:
    """Keep that a team met somebody. One statement, two with a place."""
    contact = Contact(walk=walk, team=team, device=device, received_at=received_at, source=source)
    contact.public_id = public_id or contact.public_id
    _write(contact, fields)
    contact.save(force_insert=True)
    return contact


def change_contact(contact: Contact, **fields: Unpack[ContactFields]) -> Contact:
    """Write a newer state of a locked contact. Without a place it keeps the block it has."""
    _write(contact, fields)
    said = ["kind", "result", "needs", "captured_at", "is_clock_off", "landmark", "note"]
    contact.save(update_fields=[*said, "segment", "side"])
    return contact


def withdraw_contact(contact: Contact, *, at: datetime) -> Contact:
    """Take a locked contact back: it stays as a row and counts nowhere."""
    contact.withdrawn_at = at
    contact.save(update_fields=["withdrawn_at"])
    return contact


def _write(contact: Contact, fields: ContactFields) -> None:
    contact.kind, contact.result, contact.needs = fields["kind"], fields["result"], list(fields["needs"])
    contact.captured_at, contact.is_clock_off = fields["captured_at"], fields["is_clock_off"]
    contact.landmark, contact.note = fields.get("landmark"), fields.get("note", "")
    location, walk = fields["location"], contact.walk
    if location is None:
        return
    # The corridor's row isn't needed, only its number.
    face = nearest_face(location, corridor=Corridor(pk=walk.corridor_id) if walk else None)
    contact.segment, contact.side = (face.segment, face.side) if face else (None, "")
