from outreach.models.card import Card, CardBatch
from outreach.models.contact import Contact, ContactQuerySet, Need
from outreach.models.help import Consent, ConsentQuerySet, ConsentWording, HelpRequest, HelpRequestQuerySet
from outreach.models.referral import Referral, ReferralQuerySet, ReferralUpdate
from outreach.models.service import Listing, Service, ServiceHours, ServiceQuerySet
from outreach.models.shop import Shop, ShopNote, ShopQuerySet

__all__ = [
    "Card",
    "CardBatch",
    "Consent",
    "ConsentQuerySet",
    "ConsentWording",
    "Contact",
    "ContactQuerySet",
    "HelpRequest",
    "HelpRequestQuerySet",
    "Listing",
    "Need",
    "Referral",
    "ReferralQuerySet",
    "ReferralUpdate",
    "Service",
    "ServiceHours",
    "ServiceQuerySet",
    "Shop",
    "ShopNote",
    "ShopQuerySet",
]
