"""What a card's own page says and does: nobody's name, help with the same code, and a shop that wants no visit."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from concerns.report_forms import read_token
from corridors.models import Landmark
from outreach.card_links import card_token
from outreach.cards import code_on
from outreach.keeping_off import set_do_not_visit
from outreach.models import Card, HelpRequest, Shop
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 2, 18, 30, tzinfo=ZoneInfo("America/Chicago"))


@pytest.fixture
def shop_card() -> Card:
    """Left in a shop after dark, when it is tomorrow already in UTC."""
    walk = factories.make_running_walk()
    shop = factories.make_landmark(name="Corner Bakery", kind="business", corridor=walk.corridor)
    contact = factories.make_contact(walk=walk, landmark=shop, captured_at=AT, note="Call Mrs. Nadia Quarles")
    return factories.make_card(walk=walk, contact=contact, used_at=AT)


def opened(client: Client, card: Card) -> str:
    entered = client.post("/help/code/", {"code": code_on(card).lower()})
    assert entered.status_code == 302
    answer = client.get(entered["Location"])
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    return answer.content.decode()


def do(client: Client, card: Card, act: str):
    return client.post(reverse("outreach:card_act", args=[card_token(card)]), {"act": act}, follow=True)


def test_a_card_says_when_and_where_it_was_given_and_nothing_of_who_has_it(client: Client, shop_card: Card) -> None:
    html = opened(client, shop_card)
    assert "Wed 2 Dec 2026" in html
    assert shop_card.contact.walk.corridor.name in html
    assert "Nothing about you is kept" in html
    assert "Quarles" not in html
    assert code_on(shop_card) not in html


def test_a_card_that_nobody_has_says_so(client: Client) -> None:
    html = opened(client, factories.make_card())
    assert "hasn’t been given out yet" in html
    assert "don’t come by" not in html


def test_help_asked_from_a_card_goes_by_the_code_that_is_on_it(client: Client, shop_card: Card, monkeypatch) -> None:
    page = client.get("/help/", {"card": card_token(shop_card)})
    name = page.context["form"]["form_token"].value()
    assert read_token(name)[0] == shop_card.token
    answer = client.post(
        "/help/", {"form_token": name, "needs": ["food"], "scope": "call_me", "phone": "816 555 0142", "name": "Nadia"}
    )
    assert code_on(shop_card) in answer.content.decode()
    shop_card.refresh_from_db()
    assert shop_card.help_request == HelpRequest.objects.get()
    entered = client.post("/help/code/", {"code": code_on(shop_card)})
    assert "/help/status/" in entered["Location"]
    card_page = client.get(reverse("outreach:card", args=[card_token(shop_card)]))
    assert "/help/status/" in card_page["Location"]


@pytest.mark.parametrize("forged", ["x", "AAAA~1.sign", ""])
def test_a_forged_card_leads_nowhere_and_gives_an_empty_form(client: Client, forged: str) -> None:
    assert client.get("/help/", {"card": forged}).status_code == 200
    if forged:
        assert client.get(f"/help/card/{forged}/").status_code == 404


def test_a_shop_asks_by_its_card_not_to_be_visited_and_changes_its_mind(client: Client, shop_card: Card) -> None:
    assert "Every team sees it" in do(client, shop_card, "keep_off").content.decode()
    shop = Shop.objects.get()
    assert shop.do_not_visit
    assert shop.do_not_visit_since is not None
    assert "don’t come by any more" in opened(client, shop_card)
    do(client, shop_card, "come_again")
    shop.refresh_from_db()
    assert not shop.do_not_visit


def test_a_card_takes_back_only_what_a_card_said(client: Client, shop_card: Card, organizer) -> None:
    landmark = Landmark.objects.get(name="Corner Bakery")
    set_do_not_visit(landmark=landmark, why="the owner was upset", by=organizer)
    html = opened(client, shop_card)
    assert "You may come by again" not in html
    assert "upset" not in html
    do(client, shop_card, "come_again")
    assert Shop.objects.get().do_not_visit


def test_a_card_of_no_shop_keeps_nobody_off(client: Client) -> None:
    assert "isn’t known here" in do(client, factories.make_card(), "keep_off").content.decode()
    assert not Shop.objects.exists()
