"""Contacts at the desk: who may see them, writing one down with or without a yes, clearing words about people."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from corridors.models import Corridor, Landmark, Segment
from corridors.places import nearest_face
from office.actions import record
from office.refused import Refused
from outreach.cards import request_with_card, use_card
from outreach.helping import Asked, Kept, Yes, ask_for_help
from outreach.models import Card, Contact, ContactQuerySet, HelpRequest
from people.models import User
from walks.access import is_lead
from walks.models import Walk


def led_walks(user: User) -> "list[int]":
    """Numbers of the walks that somebody leads. One query."""
    return list(Walk.objects.current().filter(lead=user.person_id).values_list("pk", flat=True))


def contacts_for(user: User) -> ContactQuerySet:
    """What somebody may see at the desk: organizers all, a walk lead those of own walks. At most one query.

    Raises PermissionDenied for who neither organizes nor leads.
    """
    standing = Contact.objects.standing()
    if user.is_organizer:
        return standing
    led = led_walks(user) if user.is_active else []
    if not led:
        raise PermissionDenied
    return standing.filter(walk__in=led)


def get_contact_to_clear(user: User, public_id: uuid.UUID) -> Contact:
    """A contact whose words a coordinator may clear. Raises Http404."""
    found = Contact.objects.filter(public_id=public_id).first() if user.may_see_help else None
    if found is None:
        raise Http404("no such contact")
    return found


@dataclass(frozen=True)
class HelpAsked:
    """What a coordinator wrote down beside the contact: what they said yes to, and what they told of themselves."""

    form_token: uuid.UUID
    yes: Yes
    asked: Asked


@dataclass(frozen=True)
class Met:
    """A contact that is kept, and with a yes the request with its code."""

    contact: Contact
    kept: Kept | None = None


@transaction.atomic
def write_down_contact(
    *,
    form_token: uuid.UUID,
    by: User,
    walk: Walk | None,
    kind: str,
    result: str,
    needs: Iterable[str],
    captured_at: datetime,
    segment: Segment | None = None,
    landmark: Landmark | None = None,
    note: str = "",
    card: Card | None = None,
    help_asked: HelpAsked | None = None,
) -> Met:
    """Keep a contact typed at the desk. The same form sent twice is one contact.

    With `help_asked` it becomes a request for help, for coordinators alone; a card's code then is the request's.
    Raises Refused; nothing is kept then.
    """
    if not (by.is_organizer or (walk is not None and is_lead(by, walk))):
        raise Refused(_("Choose one of the walks that you lead."))
    if help_asked is not None and not by.may_see_help:
        raise Refused(_("Only coordinators write down who wants help. Tell one of them."))
    contact = _sent_before(form_token, by)
    if contact is None:
        contact = _new_contact(form_token, by, walk, kind, result, list(needs), captured_at, note)
        _place(contact, segment, landmark)
        contact = _keep(contact, by)
    kept = _ask(contact, help_asked, card, by) if help_asked else None
    if card is not None:
        use_card(card=card, contact=contact, help_request=kept.help_request if kept else None, at=captured_at)
    return Met(contact, kept)


def _sent_before(form_token: uuid.UUID, by: User) -> Contact | None:
    before = Contact.objects.filter(public_id=form_token).first()
    if before is not None and before.recorded_by_id != by.pk:
        raise Refused(_("This form was sent already. Open a new one."))
    return before


def _keep(contact: Contact, by: User) -> Contact:
    """The contact as it is kept: this one, or what the same form made a moment ago."""
    try:
        with transaction.atomic():
            contact.save(force_insert=True)
    except IntegrityError:
        before = _sent_before(contact.public_id, by)
        if before is None:
            raise
        return before
    detail = {"kind": contact.kind, "result": contact.result, "needs": len(contact.needs)}
    record(actor=by, action="contact.create", resource="contact", object_id=contact.public_id, detail=detail)
    return contact


def _new_contact(
    form_token: uuid.UUID,
    by: User,
    walk: Walk | None,
    kind: str,
    result: str,
    needs: list[str],
    captured_at: datetime,
    note: str,
) -> Contact:
    return Contact(
        public_id=form_token, source=Contact.Source.DESK, recorded_by=by, walk=walk, kind=kind, result=result,
        needs=sorted({*needs}), captured_at=captured_at, note=note.replace("\0", "").strip(),
    )  # fmt: skip


def _place(contact: Contact, segment: Segment | None, landmark: Landmark | None) -> None:
    """The block that was chosen, else the one that the shop stands on. At most one query."""
    contact.landmark, contact.segment = landmark, segment
    if landmark is None or segment is not None:
        return
    walk = contact.walk
    face = nearest_face(landmark.location, corridor=Corridor(pk=walk.corridor_id) if walk else None)
    if face is not None:
        contact.segment, contact.side = face.segment, face.side


def _ask(contact: Contact, help_asked: HelpAsked, card: Card | None, by: User) -> Kept:
    """The request: with a card it has the card's code, so that they need to keep no second one."""
    token = card.token if card is not None else help_asked.form_token
    before = request_with_card(card) if card is not None else None
    if before is not None and before.contact_id != contact.pk:
        raise Refused(_("There is a request with this card already. Leave the card out, or give another one."))
    return ask_for_help(
        form_token=token,
        needs=contact.needs,
        source=HelpRequest.Source.DESK,
        yes=help_asked.yes,
        by=by,
        contact=contact,
        **help_asked.asked,
    )


@transaction.atomic
def clear_note(*, contact: Contact, by: User) -> None:
    """Empty the words of a contact. What they said isn't written down anywhere."""
    if not by.may_see_help:
        raise Refused(_("Only coordinators clear words about people."))
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if not locked.note:
        return
    locked.note = ""
    locked.save(update_fields=["note"])
    record(actor=by, action="contact.clear", resource="contact", object_id=locked.public_id, detail={"field": "note"})
