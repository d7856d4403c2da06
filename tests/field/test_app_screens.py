"""The day's other screens in a phone-sized browser: blocks, talks, head count, everybody back."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page

from outreach.models import Contact
from people.roles import AgeBand
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import PhoneInHand
from tests.field.screens import (
    BOUNCE,
    DAY_SCREENS,
    FOCUSED,
    LANDSCAPE,
    SMALL,
    STICKING_OUT,
    at,
    kept,
    no_answer,
    side_of,
    tap,
)
from tests.field.test_app import SMALL_TARGETS
from tests.field.test_app_faults import FULL_DISK
from walks.models import HeadCount, Incident, SegmentPass, TeamBack, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk(designee_name="Sam Ortiz", designee_phone="816-555-0177")


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_one_tap_says_that_a_side_of_a_block_was_walked(phone: PhoneInHand, walk: Walk) -> None:
    team = factories.make_team(walk=walk, number=4)
    second = walk.corridor.segments.all()[1]
    team.segments.add(second)
    page = phone.join(walk)
    page.get_by_role("button", name="Team 4").tap()
    page.locator("#tabs a[href='#walked']").tap()
    page.locator("[data-segment]").first.wait_for()
    assert "0 of 6 sides walked" in page.locator("#walked-sum").inner_text()
    assert page.locator("[data-segment]").first.get_attribute("data-segment") == str(second.public_id)
    tap(side_of(page, 0, "right").get_by_role("button", name="We walked it"))
    assert (
        "walked by day" in side_of(page, 0, "right").inner_text()
        or "walked a" in side_of(page, 0, "right").inner_text()
    )
    assert "1 of 6 sides walked" in page.locator("#walked-sum").inner_text()
    page.locator("[name=rate-light][value='1']").locator("..").tap()
    page.locator("[name=rate-feeling][value='none']").locator("..").tap()
    page.locator("[name=walked-lit][value=dark]").locator("..").tap()
    phone.wait_for("sent", 1)
    walked = SegmentPass.objects.get()
    assert (walked.segment, walked.side, walked.lit, walked.team) == (second, "right", "dark", team)
    assert walked.ratings == {"light": 1}
    assert page.locator("[name=rate-feeling][value='none']").is_checked()


def test_the_next_block_began_where_the_last_one_ended(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "walked")
    tap(side_of(page, 0, "left").get_by_role("button", name="We walked it"))
    page.wait_for_timeout(1500)
    tap(side_of(page, 1, "left").get_by_role("button", name="We walked it"))
    phone.wait_for("sent", 2)
    first, second = SegmentPass.objects.order_by("ended_at")
    assert first.started_at == first.ended_at  # nothing is made up for the first
    assert second.started_at == first.ended_at
    assert second.ended_at > second.started_at


def test_who_wants_both_taps_start_and_done(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "walked")
    tap(side_of(page, 2, "left").get_by_role("button", name="Start here"))
    assert "started" in side_of(page, 2, "left").inner_text()
    phone.open("#walked")
    page.wait_for_timeout(1200)
    tap(side_of(page, 2, "left").get_by_role("button", name="Done here"))
    phone.wait_for("sent", 1)
    walked = SegmentPass.objects.get()
    assert timedelta(seconds=1) <= walked.ended_at - walked.started_at < timedelta(minutes=1)


def test_a_double_tap_is_one_pass_and_undo_takes_it_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    no_answer(phone, "passes")
    at(phone, "walked")
    side_of(page, 0, "left").get_by_role("button", name="We walked it").dblclick()
    page.locator("#walked-extra .saved").wait_for()
    page.wait_for_timeout(BOUNCE)
    assert len(kept(page, "pass")) == 1
    tap(page.locator("#walked-extra").get_by_role("button", name="Undo"))
    assert "0 of 6 sides walked" in page.locator("#walked-sum").inner_text()
    assert "not yet" in side_of(page, 0, "left").inner_text()


# --- talks ------------------------------------------------------------------------------------------------------------


def test_a_talk_is_saved_by_one_tap_and_names_nobody(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    page.locator("a[href='#talk']").first.tap()
    page.locator("[data-screen=talk]:not([hidden])").wait_for()
    private = "Without a yes no names, no phone numbers, no addresses are kept."
    assert private in page.locator("[data-screen=talk]").inner_text()
    page.get_by_label("Resident").locator("..").tap()
    tap(page.locator("[data-result=left_material]"))
    assert "Saved on this phone" in page.locator("#talk-saved").inner_text()
    page.locator("[name=talk-needs][value=food]").locator("..").tap()
    assert page.locator("[data-screen=talk] :is(input[type=text], textarea, input:not([type]))").count() == 0
    tap(page.locator("#talk-done"))
    phone.wait_for("sent", 1)
    talk = Contact.objects.get()
    assert (talk.kind, talk.result, talk.needs) == ("resident", "left_material", ["food"])
    assert talk.segment == walk.corridor.segments.first()

    at(phone, "talk")
    assert page.locator("[name=talk-kind]:checked").get_attribute("value") == "resident"


def test_a_talk_can_be_corrected_and_taken_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    no_answer(phone, "contacts")
    at(phone, "talk")
    page.locator("[data-result=talked]").evaluate("button => { button.click(); button.click(); }")
    page.locator("#talk-undo").wait_for()
    page.wait_for_timeout(BOUNCE)
    tap(page.locator("[data-result=no_one]"))
    (talk,) = kept(page, "contact")
    assert talk["body"]["result"] == "no_one"
    tap(page.locator("#talk-undo"))
    assert kept(page, "contact") == []
    assert page.locator("#talk-saved").count() == 0


# --- head count -------------------------------------------------------------------------------------------------------


def test_heads_are_counted_into_one_record(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "count")
    more = page.get_by_role("button", name="One more: 18–24")
    for _ in range(3):
        more.click()
    page.get_by_role("button", name="One less: 18–24").click()
    page.locator("#count-under_13").fill("4")
    page.locator("#count-done").tap()
    phone.wait_for("sent", 1)
    count = HeadCount.objects.get()
    assert (count.n_18_24, count.n_under_13, count.n_people) == (2, 4, 6)
    assert "Head count: 6" in page.locator("#team-day").inner_text()

    at(phone, "count")
    page.get_by_role("button", name=f"One more: {AgeBand.SENIOR.label}").click()
    page.locator("#count-said").get_by_text("7 in all").wait_for()
    page.locator("#count-done").tap()
    for _ in range(80):
        if HeadCount.objects.get().n_people == 7:
            break
        page.wait_for_timeout(100)
    assert HeadCount.objects.get().n_65_plus == 1


def test_undo_takes_back_the_last_step_and_then_the_count(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    no_answer(phone, "headcounts")
    at(phone, "count")
    assert page.locator("#count-undo").is_disabled()
    page.get_by_role("button", name="One more: 13–17").click()
    page.get_by_role("button", name="One more: 13–17").click()
    page.wait_for_timeout(200)
    tap(page.locator("#count-undo"))
    assert page.locator("#count-13_17").input_value() == "1"
    assert kept(page, "headcount")[0]["body"]["counts"]["13_17"] == 1
    tap(page.locator("#count-undo"))
    tap(page.locator("#count-undo"))
    assert kept(page, "headcount") == []
    assert "Nothing counted yet" in page.locator("#count-said").inner_text()


# --- everybody back ---------------------------------------------------------------------------------------------------


def test_all_are_back_is_one_tap(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#tabs a[href='#people']").tap()
    page.locator("#team-day a[href='#back']").tap()
    page.get_by_role("button", name="One more: How many went out?").click()
    tap(page.get_by_role("button", name="All 5 are back"))
    assert page.locator("#back-after a").count() == 0
    page.locator("#back-said").get_by_text("sent").wait_for()
    back = TeamBack.objects.get()
    assert (back.n_back, back.n_out, back.walk) == (5, 5, walk)
    page.locator("#back-done").tap()
    page.locator("#team-day").get_by_text("All 5 are back").wait_for()
    phone.open("#back")
    assert page.locator("#back-n-out").input_value() == "5"


def test_somebody_missing_shows_whom_to_call(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    at(phone, "back")
    page.locator("#back-n-out").fill("5")
    page.locator("#back-n-in").fill("4")
    tap(page.get_by_role("button", name="4 of 5 are back"))
    after = page.locator("#back-after")
    assert "Somebody is missing" in after.inner_text()
    assert after.locator("a[href='tel:911']").is_visible()
    page.locator("#back-note").fill("One of us took the bus")
    phone.wait_for("sent", 1)
    tap(page.get_by_role("button", name="All 5 are back"))
    assert after.locator("a").count() == 0
    for _ in range(50):
        if TeamBack.objects.get().n_back == 5:
            break
        page.wait_for_timeout(100)
    back = TeamBack.objects.get()
    assert (back.n_back, back.n_out, back.note) == (5, 5, "One of us took the bus")


def test_back_can_be_taken_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    no_answer(phone, "team-backs")
    at(phone, "back")
    tap(page.locator("#back-all"))
    assert len(kept(page, "team_back")) == 1
    tap(page.locator("#back-undo"))
    assert kept(page, "team_back") == []
    assert page.locator("#back-said .saved").count() == 0


# --- all of them ------------------------------------------------------------------------------------------------------


def tell_one_of_each(phone: PhoneInHand) -> None:
    page = phone.page
    for screen, button in {
        "help": "[data-kind=other]",
        "walked": "[data-side=left] .walk-it",
        "talk": "[data-result=talked]",
        "count": "[aria-label='One more: 25–34']",
        "back": "#back-all",
    }.items():
        at(phone, screen)
        tap(page.locator(button).first)


def test_all_of_it_works_with_no_signal_and_goes_out_later(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route("**/field/api/**", lambda route: route.abort())
    tell_one_of_each(phone)
    at(phone, "mine")
    assert phone.count("queued") == 5
    phone.open("#mine")
    page.locator("#mine-list li").nth(4).wait_for()
    assert "We talked" in page.locator("#mine-list").inner_text()
    phone.context.unroute("**/field/api/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 5)
    counts = [model.objects.count() for model in (Incident, SegmentPass, Contact, HeadCount, TeamBack)]
    assert counts == [1, 1, 1, 1, 1]


def test_a_full_phone_says_not_saved_on_each(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.evaluate(FULL_DISK)
    for screen, button in {
        "help": "[data-kind=other]",
        "walked": "[data-side=left] .walk-it",
        "talk": "[data-result=talked]",
        "count": "[aria-label='One more: 25–34']",
        "back": "#back-all",
    }.items():
        at(phone, screen)
        assert "NOT saved" not in page.locator("#alert").inner_text()
        tap(page.locator(button).first)
        page.locator("#alert").get_by_text("NOT saved").wait_for()
        assert page.locator(f"[data-screen={screen}] .saved").count() == 0, screen


def tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        if page.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {selector} by Tab")


def test_each_answers_to_the_keyboard_alone(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    for screen, button, key in (
        ("help", "[data-kind=stuck]", "Enter"),
        ("walked", "[data-side=left] .walk-it", "Space"),
        ("talk", "[data-result=closed]", "Enter"),
        ("count", "[aria-label='One more: 35–54']", "Space"),
        ("back", "#back-all", "Enter"),
    ):
        at(phone, screen)
        tab_to(page, button)
        page.keyboard.press(key)
        page.wait_for_timeout(BOUNCE)
    page.keyboard.press("Escape")
    at(phone, "mine")
    assert page.locator("#mine-list li").count() == 5


@pytest.mark.parametrize(
    ("phone", "theme"), [({}, "dark"), (SMALL, "light")], indirect=["phone"], ids=["390-dark", "320-light"]
)
def test_each_is_free_of_axe_findings(phone: PhoneInHand, walk: Walk, theme: str) -> None:
    page = phone.open()
    page.evaluate(f"localStorage.setItem('field', JSON.stringify({{theme: '{theme}'}}))")
    phone.join(walk)
    found = []
    for screen in DAY_SCREENS:
        at(phone, screen)
        found += [f"{screen}: {line}" for line in axe_violations(page)]
    tell_one_of_each(phone)
    for screen in [*DAY_SCREENS, "people"]:
        at(phone, screen)
        found += [f"{screen}, told: {line}" for line in axe_violations(page)]
        assert page.evaluate(SMALL_TARGETS) == [], screen
    assert found == []


@pytest.mark.parametrize("language", ["en-US", "es-MX"])
@pytest.mark.parametrize("phone", [SMALL, LANDSCAPE], indirect=True, ids=["320", "landscape"])
def test_the_largest_text_cuts_nothing_off_on_any(phone: PhoneInHand, walk: Walk, language: str) -> None:
    factories.make_team(walk=walk, number=4).segments.set(walk.corridor.segments.all()[:2])
    factories.make_published_concern(walk=walk, category="DUMPING")
    page = phone.open()
    page.evaluate("localStorage.setItem('field', JSON.stringify({size: 2}))")
    page.reload()
    phone.join(walk)
    assert page.locator("html").get_attribute("data-size") == "2"
    page.locator("#crew button").first.tap()
    if language == "es-MX":
        page.locator("#language").tap()
        page.wait_for_selector("html[lang=es]")
    out = []
    for screen in ["log", *DAY_SCREENS, "people", "again", "mine"]:
        at(phone, screen)
        out += [f"{screen}: {one}" for one in page.evaluate(STICKING_OUT)]
    assert out == []


@pytest.mark.parametrize("phone", [SMALL, LANDSCAPE], indirect=True, ids=["320", "landscape"])
def test_focus_is_never_hidden_under_a_bar(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    tell_one_of_each(phone)
    hidden = []
    for screen in ["log", *DAY_SCREENS, "people"]:
        at(phone, screen)
        for _ in range(25):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if not focused["reached"]:
                hidden.append(f"{screen}: {focused['name']}")
    assert hidden == []


@pytest.mark.parametrize("phone", [SMALL, LANDSCAPE], indirect=True, ids=["320", "landscape"])
def test_undo_is_in_sight_on_the_sheet(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    for size in (0, 2):
        page.evaluate(f"document.documentElement.dataset.size = {size}")
        phone.tap("house")
        for button in ("#undo", "#done"):
            box = page.locator(button).bounding_box()
            height = page.evaluate("innerHeight")
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height
        phone.done()


def test_the_screens_of_the_day_stand_in_the_page_empty(client: Client) -> None:
    """Their content is made on the phone when it is wanted, so that the page stays light."""
    html = client.get("/field/").content.decode()
    for screen in DAY_SCREENS:
        section = html.split(f'data-screen="{screen}"')[1].split("</section>")[0]
        assert section.split(">", 1)[1].strip() == ""
