"""The address of a leave-behind card's own page: signed, made from the code that somebody typed, stored nowhere."""

from django.core.signing import BadSignature, Signer
from django.http import Http404

from outreach.models import Card
from walks.links import pack, unpack

_signer = Signer(salt="outreach.card", sep=".")


def card_token(card: Card) -> str:
    return _signer.sign(pack(card.token, 1))


def card_of_token(token: str) -> Card | None:
    """The card with its contact, walk and shop, or None where the link is forged. At most one query."""
    try:
        name, _version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Card.objects.select_related(
        "batch__walk__corridor", "contact__walk__corridor", "contact__landmark__shop", "help_request"
    )
    return rows.filter(token=name).first()


def get_card_by_link(token: str) -> Card:
    """As `card_of_token`. Raises Http404."""
    found = card_of_token(token)
    if found is None:
        raise Http404("no such card")
    return found
