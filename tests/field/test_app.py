"""The phone app in a phone-sized browser, against the real Field API."""

import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import FilePayload, Route

from concerns.models import Category, Concern, Photo
from concerns.workflow import Status
from field.words import words, words_of_the_street
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import PhoneInHand
from walks.invites import letters_for
from walks.models import Device, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


CONCERNS = "**/field/api/concerns/**"
SMALL_TARGETS = """() => [...document.querySelectorAll("button, a, .pick span, .input, label.btn")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.textContent.trim() || one.id, one.getBoundingClientRect()])
    .filter(([, box]) => box.height && (box.height < 48 || box.width < 44))
    .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""


def a_photo(color: str = "olive") -> FilePayload:
    """A large photo, turned by its EXIF and with a position in it, as phones take them."""
    picture = Image.new("RGB", (2400, 1800), color)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def test_two_concerns_with_photos_reach_the_server_and_nothing_else(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    assert "#i=" not in page.url

    phone.tap("light")
    page.get_by_label("Dark stretch").tap()
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    page.locator("#note").fill("Between the bakery and the alley")
    phone.done()

    phone.tap("ground")
    page.locator("#camera").set_input_files(a_photo("navy"))
    page.wait_for_selector("#photos li")
    phone.done()

    phone.tap("good")
    page.locator("#undo").tap()
    page.locator("[data-screen=log]:not([hidden])").wait_for()

    phone.wait_for("sent", 2)
    assert phone.count("queued") == 0
    concerns = list(Concern.objects.order_by("received_at"))
    assert [concern.category.group for concern in concerns] == ["light", "ground"]
    assert concerns[0].category.code == "LIGHT_NONE"
    assert concerns[0].note == "Between the bakery and the alley"
    assert concerns[0].walk == walk
    assert concerns[0].location is not None
    assert concerns[0].location.y == pytest.approx(39.10612, abs=1e-6)
    assert concerns[0].accuracy_m == 8
    assert concerns[0].place_from == "gps"
    assert [concern.photos.count() for concern in concerns] == [1, 1]


def test_a_photo_arrives_upright_small_and_without_exif(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("house")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.done()
    phone.wait_for("sent", 1)
    picture = Image.open(Photo.objects.get().original)
    assert picture.format == "JPEG"
    assert picture.size == (1200, 1600)
    assert dict(picture.getexif()) == {}


def test_answers_and_a_danger_are_one_tap_each(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    question = page.locator("#sheet fieldset").filter(has=page.locator("input[type=checkbox]")).first
    question.locator("label").first.tap()
    page.locator("#q-pole").fill("SAH 1621")
    page.locator("[name=danger][value=yes]").locator("..").tap()
    call = page.locator(".note-danger a[href^=tel]")
    assert call.get_attribute("href") == "tel:911"
    assert "Don’t approach" in page.locator(".note-danger").inner_text()
    phone.done()
    phone.wait_for("sent", 1)
    concern = Concern.objects.get()
    assert concern.danger_now
    assert concern.answers["pole"] == "SAH 1621"
    assert len(concern.answers) == 2


def test_a_change_after_sending_arrives_as_the_newer_state(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("way")
    phone.done()
    phone.wait_for("sent", 1)
    page.locator("#counts").tap()
    page.locator("#mine-list a").tap()
    page.locator("#note").fill("Curb is broken")
    phone.done()
    phone.wait_for("sent", 1)
    page.wait_for_timeout(300)
    assert Concern.objects.get().note == "Curb is broken"


def test_fault_25_undo_after_sending_takes_the_concern_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("plants")
    phone.done()
    phone.wait_for("sent", 1)
    page.locator("#counts").tap()
    page.locator("#mine-list a").tap()
    page.locator("#undo").tap()
    phone.wait_for("sent", 0)
    page.wait_for_timeout(1000)
    assert Concern.objects.get().status == Status.WITHDRAWN


def test_fault_35_a_double_tap_is_one_concern(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#six [data-group=house]").evaluate("button => { button.click(); button.click(); }")
    page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
    phone.done()
    page.locator("#counts").tap()
    page.locator("#mine-list a").first.wait_for()
    assert page.locator("#mine-list a").count() == 1


def test_six_letters_do_the_same_and_the_team_is_asked_once(phone: PhoneInHand, walk: Walk) -> None:
    team = factories.make_team(walk=walk, number=4, name="Redbud")
    factories.make_team(walk=walk, number=5)
    page = phone.open()
    page.locator("#letters").fill("zzz")
    page.locator("#join-button").tap()
    assert "Six letters are needed" in page.locator("#alert").inner_text()
    letters = letters_for(walk).lower()
    page.locator("#letters").fill(f"{letters[:3]} {letters[3:]}")
    page.locator("#join-button").tap()
    page.get_by_role("button", name="Team 4, Redbud").tap()
    page.locator("[data-screen=log]:not([hidden])").wait_for()
    assert page.locator("#who").inner_text() == "Team 4, Redbud"
    assert Device.objects.get().team == team
    phone.open()
    assert page.locator("[data-screen=log]").is_visible()


def test_a_refused_invite_says_why(phone: PhoneInHand) -> None:
    page = phone.open("#i=nonsense")
    assert page.locator("#alert").inner_text().strip()
    assert page.locator("#letters").is_visible()


def test_everything_is_kept_while_the_server_is_down_and_sent_later(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.fulfill(status=503, body="busy"))
    phone.tap("light")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    assert phone.count("queued") == 1
    assert "1 waiting: keep this page open" in page.locator("#net").inner_text()

    phone.context.unroute(CONCERNS)
    phone.context.route(
        CONCERNS,
        lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Accept</p>"),
    )
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(1000)
    assert phone.count("queued") == 1

    phone.open("#log")
    assert phone.count("queued") == 1
    assert Concern.objects.count() == 0

    phone.context.unroute(CONCERNS)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == 1
    assert Photo.objects.count() == 1


def test_a_closed_sheet_comes_back_after_the_page_was_killed(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("house")
    address = page.url
    page.close()
    phone.page = page = phone._watched(phone.context.new_page())
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.context.unroute(CONCERNS)
    phone.done()
    phone.wait_for("sent", 1)
    assert Concern.objects.get().photos.count() == 1


def test_fault_13_one_refused_record_does_not_hold_up_the_others(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)

    def answer(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        if body.get("note") != "poison":
            route.continue_()
            return
        errors = [{"field": "note", "code": "no", "message": "This note can’t be taken."}]
        route.fulfill(status=400, json={"saferoutes": 1, "errors": errors})

    phone.context.route(re.compile(r"/field/api/concerns/[^/]+/$"), answer)
    phone.tap("light")
    page.locator("#note").fill("poison")
    phone.done()
    phone.tap("house")
    phone.done()
    phone.wait_for("sent", 1)
    phone.wait_for("attention", 1)
    page.locator("#counts").tap()
    page.locator("#mine-list").get_by_text("This note can’t be taken.").wait_for()
    assert Concern.objects.count() == 1


def test_looks_are_answered_by_one_tap(phone: PhoneInHand, walk: Walk) -> None:
    seen = factories.make_published_concern(walk=walk, category="DUMPING")
    page = phone.join(walk)
    page.locator("#tabs a[href='#again']").tap()
    page.locator(f"[data-item='{seen.public_id}']").get_by_role("button", name="Still there").tap()
    page.wait_for_selector(f"[data-item='{seen.public_id}'] .answered")
    phone.wait_for("sent", 1)
    assert seen.looks.get().result == "still_there"


def test_a_look_can_be_changed_and_taken_back_before_it_is_sent(phone: PhoneInHand, walk: Walk) -> None:
    seen = factories.make_published_concern(walk=walk, category="DUMPING")
    page = phone.join(walk)
    page.locator("#tabs a[href='#again']").tap()
    card = page.locator(f"[data-item='{seen.public_id}']")
    card.get_by_role("button", name="Fixed").tap()
    card.get_by_role("button", name="Worse").tap()
    card.get_by_text("Worse,").wait_for()
    card.get_by_role("button", name="Undo").tap()
    page.wait_for_timeout(5000)
    assert page.locator(".answered").count() == 0
    assert phone.count("queued") == phone.count("sent") == 0
    assert seen.looks.count() == 0


def test_spanish_needs_no_reload(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#language").tap()
    page.wait_for_selector("html[lang=es]")
    phone.tap("light")
    assert page.locator("#sheet h1").inner_text() == Category.objects.get(code="LIGHT_OUT").name_es
    phone.done()
    phone.open()
    assert page.locator("html").get_attribute("lang") == "es"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    "phone",
    [{"viewport": {"width": 390, "height": 844}}, {"viewport": {"width": 320, "height": 568}}],
    indirect=True,
    ids=["390", "320"],
)
def test_every_screen_is_free_of_axe_findings(phone: PhoneInHand, walk: Walk, theme: str) -> None:
    factories.make_published_concern(walk=walk)
    page = phone.open()
    page.evaluate(f"localStorage.setItem('field', JSON.stringify({{theme: '{theme}'}}))")
    found = axe_violations(page)
    phone.join(walk)
    phone.tap("light")
    for screen in ("c", "pin", "log", "kinds", "again", "mine", "people"):
        if screen == "pin":
            page.get_by_text("Move the pin").tap()
            page.locator("#pin-map[data-drawn]").wait_for()
        elif screen != "c":
            page.evaluate(f"location.hash = '#{screen}'")
            page.locator(f"[data-screen={screen}]:not([hidden])").wait_for()
            page.wait_for_timeout(200)
        found += [f"{screen}: {line}" for line in axe_violations(page)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), screen
    assert found == []


@pytest.mark.parametrize("phone", [{"viewport": {"width": 320, "height": 568}}], indirect=True)
def test_the_largest_text_cuts_nothing_off(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    for size in ("large", "very large"):
        page.locator("#size").tap()
        page.locator("#said").get_by_text(f"Text size: {size}").wait_for()
    phone.tap("house")
    cut = """() => [...document.querySelectorAll(".bar .btn, #sheet *, .top *")].filter((one) => one.checkVisibility())
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1
            && one.matches(".btn")).map((one) => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(cut) == []
    phone.open()
    assert page.locator("html").get_attribute("data-size") == "2"


def test_large_targets_everywhere(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    assert page.evaluate(SMALL_TARGETS) == []
    phone.done()
    assert page.evaluate(SMALL_TARGETS) == []


def test_the_page_asks_for_nothing_inline_and_answers_only_gets(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    client.get("/field/")  # makes the coalition's row
    with django_assert_max_num_queries(1):
        response = client.get("/field/")
    html = response.content.decode()
    assert response.status_code == 200
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert client.post("/field/").status_code == 405


def test_the_words_come_in_each_language_and_in_no_other(client: Client) -> None:
    english = client.get("/field/words/en/").json()
    assert english["words"]["undo"] == "Undo"
    assert client.get("/field/words/es/").json()["words"].keys() == english["words"].keys()
    assert client.get("/field/words/xx/").status_code == 404


def test_every_word_the_scripts_use_exists() -> None:
    from django.conf import settings as django_settings

    known = words("en") | words_of_the_street("en")
    folder = django_settings.BASE_DIR / "static" / "field"
    used = {key for file in folder.glob("*.js") for key in re.findall(r'\bt\("(\w+)"', file.read_text())}
    assert used - known.keys() == set()
