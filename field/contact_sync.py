"""Contacts of a phone by the sync contract (`field.receipts`), with what somebody said yes to.

The contact, the request for help, the yes and the card are one transaction. The receipt keeps nothing of who it was.
"""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from concerns.receipts import code_for, shown
from corridors.models import Landmark
from field.contact_schema import ConsentBody, ContactBody
from field.models import Receipt
from field.reader import BadBody, Fault
from field.receipts import (
    Outcome,
    check_walk,
    claim,
    is_clock_off,
    is_newer,
    keep_rev,
    outcome_of,
    point_of,
    team_of,
)
from field.tokens import Caller
from office.refused import Refused
from outreach.actions import change_contact, log_contact, withdraw_contact
from outreach.cards import card_of
from outreach.helping import Asked, Yes
from outreach.keeping_off import set_do_not_visit
from outreach.models import Card, ConsentWording, Contact, HelpRequest
from outreach.street import Said, ask_anew, ask_on_walk, is_over, leave_card, take_back_ask
from people.models import Organization

# Afterwards a phone that was left lying about opens nobody's page.
CODE_FOR = timedelta(hours=24)


def put_contact(*, caller: Caller, client_id: uuid.UUID, body: ContactBody, now: datetime) -> Outcome:
    """Take a contact, or a newer state of it, or hear the same again. Raises BadBody and Refusal."""
    check_walk(caller, body.walk)
    fields = None if body.deleted else _fields(caller, body, now)
    card = None if body.deleted else _card(body)
    said = _said(caller, body, card, now) if body.consent and not body.deleted else None
    try:
        with transaction.atomic():
            receipt, is_new, is_over = claim(caller, client_id, Receipt.Kind.CONTACT, body, now=now)
            if is_over:
                return outcome_of(receipt, "closed", is_new=True)
            if not is_new or fields is None:
                return _put_known(caller, receipt, body, fields, said, card, now=now)
            contact = log_contact(
                public_id=receipt.public_id, walk=caller.device.walk, team=team_of(caller), device=caller.device,
                received_at=now, **fields,
            )  # fmt: skip
            help_request = _keep_more(caller, receipt, contact, None, body, said, card, now=now)
            return _complete(receipt, help_request, is_new=True, now=now)
    except Refused as refused:
        raise BadBody(Fault("card" if card else "consent", "refused", refused.message)) from None


def _put_known(
    caller: Caller,
    receipt: Receipt,
    body: ContactBody,
    fields: dict[str, Any] | None,
    said: Said | None,
    card: Card | None,
    *,
    now: datetime,
) -> Outcome:
    rows = Contact.objects.select_for_update(of=("self",)).select_related("help_request__card")
    contact = rows.filter(public_id=receipt.public_id).first()
    if contact is None or contact.withdrawn_at is not None:
        return outcome_of(receipt, "closed")
    help_request = getattr(contact, "help_request", None)
    if help_request is not None and is_over(help_request, now):
        return outcome_of(receipt, "closed")
    if not is_newer(receipt, body):
        return _complete(receipt, help_request, now=now)
    keep_rev(receipt, body, now=now)
    if fields is None:
        withdraw_contact(contact, at=now)
        if help_request is not None:
            take_back_ask(help_request=help_request, at=now)
        return outcome_of(receipt, "closed")
    change_contact(contact, **fields)
    help_request = _keep_more(caller, receipt, contact, help_request, body, said, card, now=now)
    return _complete(receipt, help_request, now=now)


def _keep_more(
    caller: Caller,
    receipt: Receipt,
    contact: Contact,
    help_request: HelpRequest | None,
    body: ContactBody,
    said: Said | None,
    card: Card | None,
    *,
    now: datetime,
) -> HelpRequest | None:
    """The request, the card, the shop's wish. A newer state without a yes takes none back: the phone forgot it."""
    if said is not None and help_request is not None:
        ask_anew(help_request=help_request, contact=contact, said=said, device=caller.device, at=now)
    elif said is not None:
        token = _form_token(caller, receipt)
        help_request = ask_on_walk(contact=contact, said=said, form_token=token, device=caller.device, at=now)
    elif card is not None:
        leave_card(card=card, contact=contact, at=now)
    if body.do_not_visit and contact.landmark is not None:
        set_do_not_visit(landmark=contact.landmark, why="", by=None)
    return help_request


def _form_token(caller: Caller, receipt: Receipt) -> uuid.UUID:
    """The same for the same record of the same phone, also where its entry here went and it joined anew."""
    return uuid.uuid5(caller.device.client_id, str(receipt.client_id))


def _complete(receipt: Receipt, help_request: HelpRequest | None, *, is_new: bool = False, now: datetime) -> Outcome:
    """With the code of a request that was made without a card, as long as somebody may still be standing there."""
    outcome = outcome_of(receipt, "complete", is_new=is_new)
    if help_request is None or now - receipt.received_at > CODE_FOR or hasattr(help_request, "card"):
        return outcome
    return replace(outcome, code=shown(code_for(help_request.form_token)))


# --- What the body says -----------------------------------------------------------------------------------------------


def _fields(caller: Caller, body: ContactBody, now: datetime) -> dict[str, Any]:
    return {
        "kind": body.kind,
        "result": body.result,
        "needs": body.needs,
        "captured_at": body.captured_at,
        "is_clock_off": is_clock_off(caller, body.captured_at, now=now),
        "location": point_of(body.position),
        "landmark": _shop(body.landmark),
        "note": body.note,
    }


def _shop(public_id: uuid.UUID | None) -> Landmark | None:
    """None also where it is gone since the phone left: what somebody said isn't refused for that."""
    if public_id is None:
        return None
    return Landmark.objects.filter(public_id=public_id, kind=Landmark.Kind.BUSINESS).first()


def _card(body: ContactBody) -> Card | None:
    """Raises BadBody where there is no such card."""
    inner = body.consent.card if body.consent else ""
    typed = inner or body.card
    if not typed:
        return None
    found = card_of(typed)
    if found is None:
        words = _("We don’t find this card. It has sixteen letters and digits: look at it again, or leave it out.")
        raise BadBody(Fault("consent.card" if inner else "card", "unknown", words))
    return found


def _said(caller: Caller, body: ContactBody, card: Card | None, now: datetime) -> Said:
    consent = body.consent
    assert consent is not None
    if not ConsentWording.objects.filter(version=consent.wording_version).exists():
        words = _("We don’t know these words. Load the walk’s data again, and read the new ones.")
        raise BadBody(Fault("consent.wording_version", "unknown", words))
    given_at = now if is_clock_off(caller, body.captured_at, now=now) else body.captured_at
    yes = Yes(consent.scope, consent.how, _organizations(consent), consent.wording_version, given_at)
    asked = Asked(
        name=consent.name, phone=consent.phone, email=consent.email, best_time=consent.best_time, note=consent.note,
        language=consent.language, wants_mail=consent.wants_mail,
    )  # fmt: skip
    return Said(body.needs, yes, asked, card, consent.taken)


def _organizations(consent: ConsentBody) -> tuple[Organization, ...]:
    if consent.organization is None:
        return ()
    found = Organization.objects.current().filter(public_id=consent.organization).first()
    if found is None:
        words = _("This organization isn’t in the list any more. Ask which other one may have it.")
        raise BadBody(Fault("consent.organization", "unknown", words))
    return (found,)
