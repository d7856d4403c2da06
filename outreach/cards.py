"""Leave-behind cards: printed with a code before anybody knows who gets them, given out once, found by their code."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.receipts import CODE_LENGTH, code_for, hmac_of, shown
from office.actions import record
from office.codes import ALPHABET, read_code
from office.refused import Refused
from outreach.models import Card, CardBatch, Contact, HelpRequest
from outreach.models.card import MOST_CARDS
from people.models import User
from walks.models import Walk

REPRINT_FOR = timedelta(hours=24)


@transaction.atomic
def make_cards(*, n: int, walk: Walk | None, languages: Sequence[str], by: User) -> CardBatch:
    """Make so many cards. Three statements, whatever the number. Raises Refused for none or too many."""
    if not 1 <= n <= MOST_CARDS:
        raise Refused(_("Print 1 to %(most)d cards at a time.") % {"most": MOST_CARDS})
    batch = CardBatch.objects.create(walk=walk, languages=list(languages), n_cards=n, made_by=by)
    tokens = [uuid.uuid4() for _one in range(n)]
    Card.objects.bulk_create(
        [Card(batch=batch, number=k, token=one, code_hmac=hmac_of(code_for(one))) for k, one in enumerate(tokens, 1)]
    )
    record(actor=by, action="card.print", resource="card_batch", object_id=batch.public_id, detail={"n": n})
    return batch


def code_on(card: Card) -> str:
    """The code as it is printed."""
    return shown(code_for(card.token))


def card_of(typed: str) -> Card | None:
    """The card with this code, with its printing, contact and request. At most one query."""
    code = read_code(typed)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    rows = Card.objects.select_related("batch__walk__corridor", "contact__walk__corridor", "help_request")
    return rows.filter(code_hmac=hmac_of(code)).first()


@transaction.atomic
def use_card(*, card: Card, contact: Contact | None, help_request: HelpRequest | None = None, at: datetime) -> Card:
    """Note that a card was given out. The same again changes nothing; a later yes is added to it.

    Raises Refused where somebody else got it before: two people would read each other's page.
    """
    locked = Card.objects.select_for_update(of=("self",)).get(pk=card.pk)
    other_contact = contact is not None and locked.contact_id not in {None, contact.pk}
    other_request = help_request is not None and locked.help_request_id not in {None, help_request.pk}
    if other_contact or other_request:
        raise Refused(_("This card was given to somebody already. Take another card, and give that one out."))
    if contact is not None:
        if Card.objects.filter(contact=contact).exclude(pk=card.pk).exists():
            raise Refused(_("They have a card already. Leave the card out."))
        locked.contact = contact
    if help_request is not None:
        locked.help_request = help_request
    locked.used_at = locked.used_at or at
    locked.save(update_fields=["contact", "help_request", "used_at"])
    return locked


def give_card_its_request(help_request: HelpRequest) -> None:
    """Note on its card, if it came by one, that somebody has it. One query for what came without."""
    card = Card.objects.filter(token=help_request.form_token, help_request=None).first()
    if card is not None:
        use_card(card=card, contact=None, help_request=help_request, at=help_request.created_at)


def request_with_card(card: Card) -> HelpRequest | None:
    """The request that has this card's code, also where it was asked for on the help page."""
    return card.help_request or HelpRequest.objects.filter(form_token=card.token).first()


def printed_lately(batch: CardBatch) -> bool:
    """Whether its cards may be printed once more: a day long, while who made them still holds the stack."""
    return timezone.now() - batch.made_at < REPRINT_FOR
