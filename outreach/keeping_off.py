"""A shop that wants no visit: said at the desk, by a card, or to a team. And the way back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from corridors.models import Landmark
from office.actions import record
from office.refused import Refused
from outreach.models import Shop
from people.models import User

BY_CARD = "by card"  # kept beside the shop, shown at the desk in its own words


@transaction.atomic
def set_do_not_visit(*, landmark: Landmark, why: str, by: User | None) -> Shop:
    """No team goes in from now on. What is noted already stays as it is: the first day counts."""
    if landmark.kind != Landmark.Kind.BUSINESS:
        raise Refused(_("This isn’t a shop any more. Change its kind at the landmark first."))
    now = timezone.now()
    shop, _is_new = Shop.objects.select_for_update(of=("self",)).get_or_create(landmark=landmark)
    if not shop.do_not_visit:
        shop.do_not_visit, shop.do_not_visit_why = True, why[:200]
        shop.do_not_visit_since, shop.changed_at = timezone.localdate(now), now
        shop.save()
        record(actor=by, action="shop.keep_off", resource="shop", object_id=landmark.public_id)
    return shop


def keep_off_by_card(landmark: Landmark) -> Shop:
    """The shop's people said so themselves, with the code of their card."""
    return set_do_not_visit(landmark=landmark, why=BY_CARD, by=None)


@transaction.atomic
def come_again(landmark: Landmark) -> bool:
    """They changed their mind. Only what a card said can a card take back: the desk has reasons of its own."""
    shop = Shop.objects.select_for_update(of=("self",)).filter(landmark=landmark).first()
    if shop is None or not shop.do_not_visit or shop.do_not_visit_why != BY_CARD:
        return False
    shop.do_not_visit, shop.do_not_visit_why, shop.do_not_visit_since = False, "", None
    shop.changed_at = timezone.now()
    shop.save()
    record(actor=None, action="shop.come_again", resource="shop", object_id=landmark.public_id)
    return True
