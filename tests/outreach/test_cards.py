"""A card is given out once, its code is kept nowhere, and it leads to what was asked for with it."""

import pytest
from django.utils import timezone

from concerns.receipts import code_for
from office.refused import Refused
from outreach.cards import card_of, code_on, make_cards, request_with_card, use_card
from outreach.helping import Yes, ask_for_help
from outreach.models import Card, HelpRequest
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(organizer) -> Card:
    batch = make_cards(n=3, walk=None, languages=["en", "es"], by=organizer)
    return batch.cards.get(number=2)


def contact(walk=None):
    walk = walk or factories.make_running_walk()
    device = factories.make_device(walk=walk)
    return factories.make_contact(walk=walk, device=device, team=factories.make_team(walk=walk))


def give(card, **given):
    return use_card(card=card, at=timezone.now(), **{"contact": None} | given)


def test_each_card_of_a_printing_has_a_code_of_its_own_and_none_is_kept(card):
    cards = list(card.batch.cards.all())
    assert len({code_on(one) for one in cards}) == len(cards) == 3
    row = Card.objects.filter(pk=card.pk).values().get()
    assert code_for(card.token) not in str(row)
    assert code_for(card.token) not in repr(card)


def test_a_code_is_found_as_people_type_it(card):
    assert card_of(code_on(card).lower().replace("-", " ")) == card
    assert card_of("KHT4-MX2P-KHT4-MX2P") is None
    assert card_of("") is None
    assert card_of("\0" * 16) is None


@pytest.mark.parametrize("n", [0, 401, -1])
def test_nobody_prints_none_or_thousands(organizer, n):
    with pytest.raises(Refused, match="1 to 400"):
        make_cards(n=n, walk=None, languages=["en"], by=organizer)


def test_a_card_is_given_to_one_person_only(card):
    first = contact()
    assert give(card, contact=first).contact == first
    assert give(card, contact=first).contact == first
    with pytest.raises(Refused, match="Take another card"):
        give(card, contact=contact())
    card.refresh_from_db()
    assert card.contact == first


def test_who_asks_with_a_card_at_home_can_still_be_noted_by_the_team(card):
    kept = ask_for_help(form_token=card.token, needs=["food"], source="page", yes=Yes("need_only", "ticked"))
    give(card, help_request=kept.help_request)
    assert give(card, contact=contact()).help_request == kept.help_request


def test_a_request_made_with_a_card_has_the_cards_code(card):
    kept = ask_for_help(form_token=card.token, needs=["food"], source="walk", yes=Yes("need_only", "spoken"))
    again = ask_for_help(form_token=card.token, needs=["food"], source="walk", yes=Yes("need_only", "spoken"))
    assert kept.code == code_for(card.token)
    assert again.help_request == kept.help_request
    assert HelpRequest.objects.count() == 1
    assert request_with_card(card) == kept.help_request
    assert request_with_card(card.batch.cards.get(number=1)) is None
