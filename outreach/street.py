"""Somebody on the street wants help: what a team's phone wrote down becomes a request, is changed, or is taken back.

Whatever the phone says later, nothing that was forgotten, closed or taken back comes back to life, and what somebody
said themselves, at home with the card that they got, stays as they said it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from outreach.cards import request_with_card, use_card
from outreach.handoff import take_now
from outreach.helping import (
    CONTACT,
    Asked,
    Yes,
    ask_for_help,
    close_help,
    forget_help,
    give_consent,
    withdraw_consent,
)
from outreach.models import Card, Contact, HelpRequest
from outreach.referral_story import touch
from walks.models import Device

MOST_NOTE = 2000


@dataclass(frozen=True)
class Said:
    """What somebody said yes to and told of themselves. `taken`: the named agency stands there and takes it now."""

    needs: Sequence[str]
    yes: Yes
    asked: Asked
    card: Card | None = None
    taken: bool = False


@transaction.atomic
def ask_on_walk(
    *, contact: Contact, said: Said, form_token: uuid.UUID, device: Device, at: datetime
) -> HelpRequest | None:
    """Keep the request of a contact; with a card its code is the card's. None where it was kept and forgotten before.

    Who asked at home with the card before the phone had a signal keeps what they said; the contact joins it. Raises
    Refused where the card is somebody else's.
    """
    token = said.card.token if said.card else form_token
    before = request_with_card(said.card) if said.card else HelpRequest.objects.filter(form_token=token).first()
    if before is not None and before.contact_id is None and said.card is not None:
        return _join_their_own(before, contact, said.card, at)
    if before is not None and before.contact_id != contact.pk:
        if said.card is None:
            return None  # the same record of the same phone, whose entry is gone
        raise Refused(_("This card was given to somebody already. Take another card, and give that one out."))
    kept = ask_for_help(
        form_token=token,
        needs=said.needs,
        source=HelpRequest.Source.WALK,
        yes=said.yes,
        device=device,
        contact=contact,
        **said.asked,
    )
    _give_card_and_hand_over(kept.help_request, contact, said, device, at)
    return kept.help_request


def _join_their_own(theirs: HelpRequest, contact: Contact, card: Card, at: datetime) -> HelpRequest | None:
    """None where it is over: then only the card says who got it."""
    locked = HelpRequest.objects.select_for_update().get(pk=theirs.pk)
    use_card(card=card, contact=contact, help_request=locked, at=at)
    if is_over(locked, timezone.now()):
        return None
    locked.contact = contact
    locked.save(update_fields=["contact"])
    record(actor=None, action="help.join", resource="help_request", object_id=locked.public_id)
    return locked


@transaction.atomic
def ask_anew(*, help_request: HelpRequest, contact: Contact, said: Said, device: Device, at: datetime) -> None:
    """Write a newer state of what was asked: another number, a wider or a narrower yes.

    A yes that isn't said any more is taken back, and with it what stood on it. What they asked for themselves no phone
    changes. Raises Refused.
    """
    locked = HelpRequest.objects.select_for_update().get(pk=help_request.pk)
    if locked.source == HelpRequest.Source.PAGE:
        return
    had = list(locked.consents.in_force(at))
    locked.needs, locked.language = sorted({*said.needs}), said.asked["language"]
    locked.save(update_fields=["needs", "language"])
    given = {consent.pk for consent in give_consent(help_request=locked, yes=said.yes, by=None, device=device)}
    for consent in had:
        if consent.pk not in given:
            withdraw_consent(consent=consent)
    locked.refresh_from_db()
    for name in (*CONTACT, "note", "wants_mail"):
        setattr(locked, name, said.asked[name])  # type: ignore[literal-required]
    locked.touched_at = at
    locked.save(update_fields=[*CONTACT, "note", "wants_mail", "touched_at"])
    record(actor=None, action="help.change", resource="help_request", object_id=locked.public_id)
    _give_card_and_hand_over(locked, contact, said, device, at)


def _give_card_and_hand_over(
    help_request: HelpRequest, contact: Contact, said: Said, device: Device, at: datetime
) -> None:
    if said.card is not None and said.card.token == help_request.form_token:
        use_card(card=said.card, contact=contact, help_request=help_request, at=at)
    elif said.card is not None:
        raise Refused(_("They have a code already. Leave the card out."))
    if said.taken:
        for organization in said.yes.organizations:
            take_now(help_request=help_request, organization=organization, needs=said.needs, device=device)


def is_over(help_request: HelpRequest, now: datetime) -> bool:
    """Whether nothing may be added any more: closed, forgotten, or every yes taken back. At most one query."""
    if help_request.closed_at is not None or help_request.forgotten_at is not None:
        return True
    return not help_request.consents.in_force(now).exists()


@transaction.atomic
def take_back_ask(*, help_request: HelpRequest, at: datetime) -> None:
    """The team takes back what it wrote down: forgotten where nobody began yet, else a line for the coordinator."""
    locked = HelpRequest.objects.select_for_update().get(pk=help_request.pk)
    is_theirs = locked.source == HelpRequest.Source.PAGE
    if is_theirs or locked.forgotten_at is not None or locked.closed_at is not None:
        return
    if locked.referrals.exists():
        words = _("The team took this back on its phone. Ask the person before you go on.")
        locked.note = "\n".join(filter(None, [locked.note[: MOST_NOTE - len(words) - 1], words]))
        locked.save(update_fields=["note"])
        touch(locked, at)
        return
    for consent in locked.consents.filter(withdrawn_at=None):
        withdraw_consent(consent=consent)
    close_help(help_request=locked, party=HelpRequest.ClosedBy.PERSON)
    forget_help(help_request=locked)


@transaction.atomic
def forget_with_contact(contact: Contact) -> None:
    """Who asked goes with a contact that is deleted for good; that somebody asked stays as a number."""
    written_down = HelpRequest.objects.filter(contact=contact, forgotten_at=None)
    for help_request in written_down.exclude(source=HelpRequest.Source.PAGE):
        for consent in help_request.consents.filter(withdrawn_at=None):
            withdraw_consent(consent=consent)
        close_help(help_request=help_request, party=HelpRequest.ClosedBy.COORDINATOR)
        forget_help(help_request=help_request)


@transaction.atomic
def leave_card(*, card: Card, contact: Contact, at: datetime) -> None:
    """A card was left without any yes. The same again changes nothing. Raises Refused where somebody else has it."""
    if card.contact_id != contact.pk:
        use_card(card=card, contact=contact, at=at)
