"""Shops: how to visit, whom not to, what became of what they asked; and the cards that teams leave there."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from concerns.receipts import code_for
from corridors.models import Landmark
from outreach import shopping
from outreach.card_links import card_token
from outreach.cards import code_on, make_cards, use_card
from outreach.models import Card, CardBatch, HelpRequest, Shop, ShopNote
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def bakery(db) -> Landmark:
    corridor = factories.make_corridor()
    middle = corridor.line.interpolate_normalized(0.5)
    return factories.make_landmark(name="Lantern Bakery", kind="business", corridor=corridor, location=middle)


def shop_url(landmark: Landmark) -> str:
    return reverse("outreach:shop", args=[landmark.public_id])


def typed(**fields):
    return {"hours": "7 to 3", "language": "es", "best_time": "", "call_back_on": "", "do_not_visit_why": ""} | fields


def text_of(pdf: bytes) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


# --- The desk ---


def test_shops_stand_in_the_order_of_the_street_with_their_last_visit(desk: Client, bakery) -> None:
    corridor = bakery.corridor
    first = Point(*corridor.line.coords[0], srid=4326)
    factories.make_landmark(name="Zebra Nails", kind="business", corridor=corridor, location=first)
    factories.make_landmark(name="The station", kind="fire_station", corridor=corridor)
    factories.make_contact(landmark=bakery, result="closed", captured_at=timezone.now() - timedelta(days=2))
    factories.make_contact(landmark=bakery, result="talked", withdrawn_at=timezone.now())
    html = desk.get(reverse("outreach:shops")).content.decode()
    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)', html) == ["Zebra Nails", "Lantern Bakery"]
    assert "closed" in html


def test_the_list_asks_as_much_for_one_as_for_many(desk: Client, bakery, django_assert_max_num_queries) -> None:
    for n in range(12):
        factories.make_landmark(name=f"Shop {n}", kind="business", corridor=bakery.corridor)
    with django_assert_max_num_queries(12):
        desk.get(reverse("outreach:shops"))
    with django_assert_max_num_queries(12):
        desk.get(shop_url(bakery))


@pytest.mark.parametrize(("show", "n"), [("", 2), ("due", 1), ("keep_off", 1), ("unseen", 1), ("'\"<", 2)])
def test_it_is_narrowed_by_the_address(desk: Client, bakery, show, n) -> None:
    Shop.objects.create(landmark=bakery, call_back_on=timezone.localdate())
    other = factories.make_landmark(name="Quiet Shop", kind="business", corridor=bakery.corridor)
    Shop.objects.create(landmark=other, do_not_visit=True, do_not_visit_since=timezone.localdate())
    html = desk.get(reverse("outreach:shops"), {"show": show}).content.decode()
    assert html.count('<th scope="row">') == n


def test_how_to_visit_is_kept_and_do_not_visit_has_a_day(desk: Client, bakery) -> None:
    desk.post(shop_url(bakery), typed(do_not_visit="on", do_not_visit_why="asked us to stay away"))
    shop = Shop.objects.get()
    assert (shop.hours, shop.language, shop.do_not_visit_since) == ("7 to 3", "es", timezone.localdate())
    desk.post(shop_url(bakery), typed(seen=shop.changed_at.isoformat()))
    shop.refresh_from_db()
    assert (shop.do_not_visit, shop.do_not_visit_since, shop.do_not_visit_why) == (False, None, "")


def test_two_tabs_the_second_sees_both_and_saves_again(desk: Client, bakery) -> None:
    seen = Shop.objects.create(landmark=bakery).changed_at.isoformat()
    desk.post(shop_url(bakery), typed(hours="8 to 4", seen=seen))
    page = desk.post(shop_url(bakery), typed(hours="9 to 5", seen=seen))
    assert page.status_code == 400
    assert "8 to 4" in page.content.decode()
    assert 'value="9 to 5"' in page.content.decode()
    fresh = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert fresh
    desk.post(shop_url(bakery), typed(hours="9 to 5", seen=fresh.group(1).replace("&#x2B;", "+")))
    assert Shop.objects.get().hours == "9 to 5"


def test_a_visit_in_spite_of_it_is_not_refused_but_told(desk: Client, bakery) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Shop.objects.create(landmark=bakery, do_not_visit=True, do_not_visit_since=yesterday)
    assert "a team was there since" not in desk.get(reverse("outreach:shops")).content.decode()
    factories.make_contact(landmark=bakery)
    assert "a team was there since" in desk.get(reverse("outreach:shops")).content.decode()


def test_a_call_back_that_is_due_stands_on_today(desk: Client, bakery) -> None:
    shop = Shop.objects.create(landmark=bakery, call_back_on=timezone.localdate() + timedelta(days=1))
    assert "waits for you to come back" not in desk.get("/desk/").content.decode()
    Shop.objects.filter(pk=shop.pk).update(call_back_on=timezone.localdate())
    assert "waits for you to come back" in desk.get("/desk/").content.decode()
    Shop.objects.filter(pk=shop.pk).update(do_not_visit=True, do_not_visit_since=timezone.localdate())
    assert "waits for you to come back" not in desk.get("/desk/").content.decode()


# --- You asked, this happened ---


def test_what_they_asked_is_answered_told_and_untold(desk: Client, bakery) -> None:
    concern = factories.make_published_concern(
        walk=factories.make_walk(corridor=bakery.corridor), location=bakery.location,
        segment=bakery.corridor.segments.first(), status="verified_fixed",
    )  # fmt: skip
    url = reverse("outreach:shop_note_new", args=[bakery.public_id])
    desk.post(url, {"asked": "The light is out", "happened": "", "concern": concern.public_id})
    note = ShopNote.objects.get()
    assert note.happened.startswith("We went and saw: it is fixed")
    do = reverse("outreach:shop_note_do", args=[note.public_id])
    desk.post(do, {"act": "told"})
    note.refresh_from_db()
    assert note.told_on == timezone.localdate()
    refused = desk.post(do, {"act": "change", "asked": "x", "happened": "y"}, follow=True)
    assert "told this already" in refused.content.decode()
    desk.post(do, {"act": "untold"})
    note.refresh_from_db()
    assert (note.told_on, note.told_by) == (None, None)


def test_a_good_thing_is_nothing_to_answer(bakery) -> None:
    here = {"location": bakery.location, "segment": bakery.corridor.segments.first()}
    here["walk"] = factories.make_walk(corridor=bakery.corridor)
    light = factories.make_published_concern(**here)
    factories.make_published_concern(category="ASSET", **here)
    assert list(shopping.concerns_near(bakery)) == [light]


def test_nobody_is_told_what_did_not_happen(desk: Client, bakery) -> None:
    note = shopping.add_note(landmark=bakery, asked="A light", happened="", concern=None, by=factories.make_user())
    answer = desk.post(reverse("outreach:shop_note_do", args=[note.public_id]), {"act": "told"}, follow=True)
    assert "Say what happened" in answer.content.decode()
    assert desk.get(reverse("outreach:shop_note_pdf", args=[note.public_id])).status_code == 404


def test_the_note_to_leave_there_says_it_in_two_languages(desk: Client, bakery) -> None:
    note = shopping.add_note(
        landmark=bakery, asked="The lamp at the corner", happened="It burns again", concern=None,
        by=factories.make_user(name="Odile Marker"),
    )  # fmt: skip
    text = text_of(desk.get(reverse("outreach:shop_note_pdf", args=[note.public_id])).content)
    assert "Lantern Bakery" in text
    assert "It burns again" in text
    assert "You asked" in text
    assert "Marker" not in text


# --- Cards ---


def test_a_stack_is_printed_with_codes_for_a_day(desk: Client) -> None:
    desk.post(reverse("outreach:cards"), {"n": "12", "walk": "", "second": "es"})
    batch = CardBatch.objects.get()
    used = batch.cards.get(number=3)
    use_card(card=used, contact=factories.make_contact(), at=timezone.now())
    url = reverse("outreach:cards_pdf", args=[batch.public_id])
    answer = desk.get(url)
    assert "no-store" in answer["Cache-Control"]
    text = text_of(answer.content)
    assert code_on(batch.cards.get(number=1)) in text
    assert code_on(used) not in text
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 2
    CardBatch.objects.update(made_at=timezone.now() - timedelta(hours=25))
    assert desk.get(url).status_code == 302
    assert "codes no longer shown" in desk.get(reverse("outreach:cards")).content.decode()


@pytest.mark.parametrize("n", ["0", "401", "many", ""])
def test_a_stack_has_a_size(desk: Client, n) -> None:
    answer = desk.post(reverse("outreach:cards"), {"n": n, "walk": "", "second": "es"})
    assert answer.status_code == 400
    assert not CardBatch.objects.exists()


def enter(client: Client, code: str):
    return client.post(reverse("outreach:help_enter"), {"code": code}, follow=True)


@pytest.fixture
def card(organizer, bakery) -> Card:
    return make_cards(n=1, walk=None, languages=["en", "es"], by=organizer).cards.get()


def test_the_code_says_when_and_where_and_that_nothing_is_kept(client: Client, card) -> None:
    assert "hasn’t been given out yet" in enter(client, code_on(card)).content.decode()
    walk = factories.make_running_walk()
    use_card(card=card, contact=factories.make_contact(walk=walk), at=timezone.now())
    page = enter(client, code_on(card))
    assert f"on the walk on {walk.corridor.name}" in page.content.decode()
    assert "Nothing about you is kept" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"


def test_who_asks_with_a_card_goes_on_with_its_code(client: Client, card) -> None:
    page = client.get(reverse("outreach:help"), {"card": card_token(card)}).content.decode()
    signed = re.search(r'name="form_token" value="([^"]+)"', page)
    assert signed
    answer = client.post(
        reverse("outreach:help"),
        {"form_token": signed.group(1), "needs": ["food"], "scope": "need_only", "language": "en", "how": "ticked"},
    )
    assert answer.status_code == 200, answer.context["form"].errors
    assert HelpRequest.objects.get().form_token == card.token
    card.refresh_from_db()
    assert card.used_at is not None
    assert "What became of it" in enter(client, code_on(card)).content.decode()


def test_a_forged_card_gives_no_name_to_a_form(client: Client, card) -> None:
    page = client.get(reverse("outreach:help"), {"card": str(card.token)})
    assert page.status_code == 200
    assert client.get(reverse("outreach:card", args=[str(card.token)])).status_code == 404


def test_a_shop_asks_not_to_be_visited_and_may_change_its_mind(client: Client, card, bakery) -> None:
    use_card(card=card, contact=factories.make_contact(landmark=bakery), at=timezone.now())
    act = reverse("outreach:card_act", args=[card_token(card)])
    page = client.post(act, {"act": "keep_off"}, follow=True)
    assert "We don’t come by any more" in page.content.decode()
    assert Shop.objects.get().do_not_visit
    client.post(act, {"act": "come_again"})
    assert not Shop.objects.get().do_not_visit


def test_a_card_does_not_take_back_what_the_desk_decided(client: Client, card, bakery) -> None:
    use_card(card=card, contact=factories.make_contact(landmark=bakery), at=timezone.now())
    Shop.objects.create(landmark=bakery, do_not_visit=True, do_not_visit_since=timezone.localdate())
    client.post(reverse("outreach:card_act", args=[card_token(card)]), {"act": "come_again"})
    assert Shop.objects.get().do_not_visit


def test_no_code_is_in_an_address_or_a_row(client: Client, card) -> None:
    page = enter(client, code_on(card))
    for path, _status in page.redirect_chain:
        assert code_for(card.token) not in path
