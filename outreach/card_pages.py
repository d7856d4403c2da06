"""What somebody sees who types the code of a card that a team left. Nothing on it says who they are."""

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from corridors.models import Landmark
from outreach.card_links import get_card_by_link
from outreach.cards import request_with_card
from outreach.help_links import help_token
from outreach.keeping_off import BY_CARD, come_again, keep_off_by_card
from outreach.models import Card
from people.access import BY_LINK, access
from people.token_pages import token_page


@require_safe
@access("own_help", "view", allow=BY_LINK)
@token_page
def card_page(request: HttpRequest, token: str) -> HttpResponse:
    """Where and when the card was given out, and what its holder may do. With a request: the person's own page."""
    card = get_card_by_link(token)
    asked = request_with_card(card)
    if asked is not None:
        return redirect("outreach:help_status", help_token(asked))
    walk = (card.contact and card.contact.walk) or card.batch.walk
    shop = shop_of(card)
    known = getattr(shop, "shop", None)
    context = {
        "token": token,
        "is_out": card.used_at is not None,
        "day": _day_of(card),
        "corridor": walk.corridor.name if walk else "",
        "shop": shop,
        "is_kept_off": known is not None and known.do_not_visit,
        "may_come_again": known is not None and known.do_not_visit_why == BY_CARD,
    }
    return render(request, "outreach/card.html", context)


@require_POST
@access("own_help", "act", allow=BY_LINK)
@token_page
def card_act(request: HttpRequest, token: str) -> HttpResponse:
    """“Please don’t come by”, and the way back."""
    shop = shop_of(get_card_by_link(token))
    act = request.POST.get("act", "")
    if shop is not None and act == "keep_off":
        keep_off_by_card(shop)
        messages.success(request, _("It is written down. Every team sees it before it goes along your street."))
    elif shop is not None and act == "come_again" and come_again(shop):
        messages.success(request, _("You are welcome to see us again."))
    else:
        messages.error(request, _("This button isn’t known here. Load the page again."))
    return redirect("outreach:card", token)


def shop_of(card: Card) -> Landmark | None:
    """The shop where a card was left; None for one that somebody got on the street."""
    landmark = card.contact.landmark if card.contact else None
    return landmark if landmark is not None and landmark.kind == Landmark.Kind.BUSINESS else None


def _day_of(card: Card) -> date | None:
    """When it was given out, by the clock of the walk."""
    at = card.contact.captured_at if card.contact else card.used_at
    if at is None:
        return None
    zone = card.contact.walk.zone if card.contact and card.contact.walk else timezone.get_current_timezone()
    assert isinstance(zone, ZoneInfo)
    return at.astimezone(zone).date()
