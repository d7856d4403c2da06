"""An evening with the phone app as somebody on the walk meets it: what came with the code, and what the screens say."""

from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Route

from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.phone import make_jpeg
from tests.field.screens import SMALL, STICKING_OUT, at, tap
from walks.models import Device, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A_PHOTO = "5b0f9f0a-7a5e-4d0c-9df0-0c1f6f5f2a11"

KEYS = """() => new Promise((resolve) => {
    indexedDB.open("saferoutes-field").onsuccess = ({ target: { result } }) => {
        const asked = result.transaction("meta").objectStore("meta").getAllKeys();
        asked.onsuccess = () => resolve(asked.result.map(String));
    };
})"""


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def with_earlier_photo(phone: PhoneInHand) -> list[str]:
    """Puts a photo beside the first thing to check again. Returns where the phone asked for it, as it asks."""
    asked: list[str] = []

    def pack(route: Route) -> None:
        body = route.fetch().json()
        body["looks"][0]["photo"] = A_PHOTO
        route.fulfill(json=body)

    def picture(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(content_type="image/jpeg", body=make_jpeg(size=(400, 300)))

    phone.context.route("**/field/api/pack/", pack)
    phone.context.route("**/field/api/looks/*/photo/", picture)
    return asked


def test_joining_once_brings_the_earlier_photos_though_nobody_looked_at_them(phone: PhoneInHand, walk: Walk) -> None:
    factories.make_published_concern(walk=walk, category="DUMPING")
    asked = with_earlier_photo(phone)
    page = phone.join(walk)
    for _ in range(50):
        if asked:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    assert len(asked) == 1
    phone.context.unroute_all()
    phone.context.route("**/field/api/**", lambda route: route.abort())
    at(phone, "again")
    page.locator("#again-list figure img").wait_for()


def test_an_answer_says_that_it_was_sent_while_its_card_is_looked_at(phone: PhoneInHand, walk: Walk) -> None:
    seen = factories.make_published_concern(walk=walk, category="DUMPING")
    phone.join(walk)
    page = at(phone, "again")
    card = page.locator(f"[data-item='{seen.public_id}']")
    still_there = card.get_by_role("button", name="Still there")
    tap(still_there)
    card.get_by_text("on this phone").wait_for()
    phone.wait_for("sent", 1)
    card.locator(".answered", has_text="sent").wait_for()
    assert still_there.evaluate("button => button === document.activeElement")


@pytest.mark.parametrize("phone", [SMALL, {}], indirect=True, ids=["320×568", "390×844"])
def test_every_team_is_a_button_as_wide_as_the_screen(phone: PhoneInHand, walk: Walk) -> None:
    for number, name in enumerate(["Oak", "Redbud"], start=1):
        factories.make_team(walk=walk, number=number, name=name)
    page = phone.join(walk)
    boxes: list[Any] = [one.bounding_box() for one in page.locator("#crew button").all()]
    crew: Any = page.locator("#crew").bounding_box()
    assert [round(box["width"]) for box in boxes] == [round(crew["width"])] * 3
    assert all(low["y"] - high["y"] - high["height"] >= 8 for high, low in pairwise(boxes))


def test_a_refused_call_for_help_and_a_refused_block_open_for_correction(phone: PhoneInHand, walk: Walk) -> None:
    """A later call for help doesn't stand in the way of the refused one."""

    def refuse(route: Route) -> None:
        fault = {"field": "note", "code": "invalid", "message": "This can’t be so."}
        route.fulfill(status=400, json={"saferoutes": 1, "server_time": "", "epoch": "", "errors": [fault]})

    phone.context.route("**/field/api/incidents/**", refuse)
    phone.context.route("**/field/api/passes/**", refuse)
    page = phone.join(walk)
    at(phone, "help")
    tap(page.locator("#help-kinds [data-kind=hurt]"))
    page.wait_for_function("document.getElementById('help-told').textContent.includes('could not take it')")
    phone.context.unroute("**/field/api/incidents/**")
    tap(page.get_by_role("button", name="Something else happened"))
    tap(page.locator("#help-kinds [data-kind=stuck]"))
    phone.wait_for("sent", 1)
    at(phone, "walked")
    tap(page.locator("[data-side=left]").first.get_by_role("button", name="We walked it"))
    phone.wait_for("attention", 2)
    at(phone, "mine")
    tap(page.locator("#mine-list li", has_text="hurt").get_by_role("link", name="Open and correct"))
    assert page.locator("#help-kinds [aria-pressed=true]").get_attribute("data-kind") == "hurt"
    at(phone, "mine")
    tap(page.locator("#mine-list li", has_text="walked").get_by_role("link", name="Open and correct"))
    page.locator("#walked-extra", has_text="This can’t be so.").wait_for()


def test_leaving_takes_the_earlier_photos_off_the_phone(phone: PhoneInHand, walk: Walk) -> None:
    factories.make_published_concern(walk=walk, category="DUMPING")
    with_earlier_photo(phone)
    phone.join(walk)
    page = at(phone, "again")
    page.locator("#again-list figure img").wait_for()
    assert f"picture={A_PHOTO}" in page.evaluate(KEYS)
    at(phone, "leave")
    page.locator("#leave-now").tap()
    page.locator("[data-screen=join]:not([hidden])").wait_for()
    assert not [key for key in page.evaluate(KEYS) if key.startswith("picture=")]


def test_a_phone_that_was_let_back_in_no_longer_says_that_it_was_taken_off(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    Device.objects.update(revoked_at=timezone.now())
    phone.tap("light")
    phone.done()
    phone.open()
    taken_off = page.locator("#alert", has_text="taken off the walk")
    taken_off.wait_for()
    page.wait_for_selector("body[data-net=revoked]", state="attached", timeout=20000)
    Device.objects.update(revoked_at=None)
    phone.wait_for("sent", 1)
    taken_off.wait_for(state="detached")


@pytest.mark.parametrize("phone", [SMALL], indirect=True, ids=["320×568"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_map_keeps_its_buttons_and_words_on_a_narrow_phone_with_the_largest_text(
    phone: PhoneInHand, walk: Walk, language: str
) -> None:
    page = phone.join(walk)
    if language == "es":
        page.locator("#language").tap()
        page.wait_for_selector("html[lang=es]")
    for _ in range(2):
        page.locator("#size").tap()
    at(phone, "map")
    assert page.evaluate(STICKING_OUT) == []
    assert page.evaluate("[...document.querySelectorAll('#map-tools .btn')].every((one) => one.offsetHeight >= 48)")
