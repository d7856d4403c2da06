"""Whom teams met, who asked for help, who helps."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from concerns.receipts import code_for, hmac_of
from corridors.models import Landmark
from outreach.models import (
    Card,
    CardBatch,
    Consent,
    Contact,
    HelpRequest,
    Listing,
    Referral,
    Service,
    Shop,
    ShopNote,
)
from tests.factories.counting import serial
from tests.factories.people import make_landmark, make_organization


def make_contact(**fields: Any) -> Contact:
    defaults = {"kind": Contact.Kind.BUSINESS, "result": Contact.Result.TALKED, "captured_at": timezone.now()}
    return Contact.objects.create(**defaults | fields)


def make_help_request(**fields: Any) -> HelpRequest:
    """Nadia asked on the help page for food, with a number. Nobody may have it yet: see `make_consent`."""
    form_token = fields.pop("form_token", None) or uuid.uuid4()
    defaults = {
        "source": HelpRequest.Source.PAGE,
        "form_token": form_token,
        "code_hmac": hmac_of(code_for(form_token)),
        "needs": ["food"],
        "name": "Nadia Quarles",
        "phone": "+18165550142",
        "email": "nadia@example.org",
        "note": "Two children at home",
    }
    return HelpRequest.objects.create(**defaults | fields)


def make_consent(**fields: Any) -> Consent:
    """A yes for one named agency, or of another scope for none."""
    scope = fields.pop("scope", Consent.Scope.NAMED)
    named = scope == Consent.Scope.NAMED
    defaults = {
        "help_request": fields.get("help_request") or make_help_request(),
        "scope": scope,
        "organization": (fields.get("organization") or make_organization()) if named else None,
        "how": Consent.How.SPOKEN,
    }
    return Consent.objects.create(**defaults | fields)


def make_referral(*, consent: str | None = Consent.Scope.NAMED, **fields: Any) -> Referral:
    """Food, asked of an agency that may know who it is. `consent` is the scope of the yes beneath it, or None."""
    organization = fields.pop("organization", None) or make_organization(email="intake@example.org")
    help_request = fields.pop("help_request", None) or make_help_request()
    if consent is not None:
        named = organization if consent == Consent.Scope.NAMED else None
        make_consent(help_request=help_request, scope=consent, organization=named)
    defaults = {"need": "food", "due_at": timezone.now() + timedelta(days=2)}
    return Referral.objects.create(help_request=help_request, organization=organization, **defaults | fields)


def make_service(**fields: Any) -> Service:
    """A food pantry, open to everybody; nobody confirmed it yet."""
    defaults = {
        "organization": fields.get("organization") or make_organization(),
        "name": f"Pantry {next(serial)}",
        "needs": ["food"],
        "languages": ["en", "es"],
    }
    return Service.objects.create(**defaults | fields)


def make_listing(**fields: Any) -> Listing:
    fields["organization"] = fields.get("organization") or make_organization()
    return Listing.objects.create(**fields)


def make_shop_note(**fields: Any) -> ShopNote:
    """What a shop asked, with an answer that nobody brought there yet."""
    shop = fields.pop("shop", None) or Shop.objects.create(landmark=make_landmark(kind=Landmark.Kind.BUSINESS))
    return ShopNote.objects.create(**{"shop": shop, "asked": "A light", "happened": "It burns"} | fields)


def make_card(**fields: Any) -> Card:
    """The one card of a printing; nobody has it yet."""
    batch = CardBatch.objects.create(n_cards=1, languages=["en", "es"], walk=fields.pop("walk", None))
    token = uuid.uuid4()
    return Card.objects.create(
        **{"batch": batch, "number": 1, "token": token, "code_hmac": hmac_of(code_for(token))} | fields
    )
