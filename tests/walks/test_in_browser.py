"""The walks' pages in a real browser: picking the meeting point, signing up, one's own link, and accessibility."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window
from walks.links import signup_token
from walks.models import Signup, Team, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Any]:
    """`window(user=…, viewport=…)` opens a page; at the end nothing may have been complained about."""
    opened: list[Window] = []

    def make(user: Any = None, **options: Any) -> Page:
        opened.append(Window(browser, live_server.url, user=user, **options))
        return opened[-1].page

    yield make
    for one in opened:
        one.close()
        one.check()


def _sign_up(page: Page, walk: Walk, contact: str) -> None:
    page.goto(reverse("walks:detail", args=[walk.public_id]))
    page.get_by_label("Your name").fill("Teo Linden")
    page.get_by_label("E-mail or phone").fill(contact)
    page.get_by_text("25–34").click()
    page.get_by_role("button", name="I’ll be there").click()


def test_an_organizer_schedules_a_walk(window, organizer):
    landmark = factories.make_landmark(facilities="at the station")
    corridor = factories.make_corridor()
    page = window(organizer)
    page.goto("/desk/walks/new/")
    page.get_by_label("Title").fill("Lawn and Van Brunt, by day")
    page.get_by_label("Corridor", exact=True).select_option(str(corridor.pk))
    page.get_by_label("Day").fill("2026-12-02")
    for label, clock in (("Meet", "14:00"), ("Step off", "14:30"), ("Back by", "16:30")):
        page.get_by_label(label, exact=True).fill(clock)
    page.get_by_label("Known meeting point").select_option(label=landmark.name)
    expect(page.locator("[name=meeting_place]")).to_have_value(landmark.name)
    expect(page.locator("[name=facilities]")).to_have_value("at the station")
    expect(page.locator("[data-sunset]")).to_contain_text("Sunset there that day: 4:5")
    before = page.locator("[name=meeting_location]").input_value()
    box = page.locator("[data-pick-map]").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    expect(page.locator("[name=meeting_location]")).not_to_have_value(before)
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lawn and Van Brunt, by day")
    walk = Walk.objects.get()
    assert walk.meeting_location.distance(landmark.location) < 0.02
    assert walk.meeting_location != landmark.location
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_label("Six letters")).to_be_visible()
    assert Walk.objects.get().is_public


def test_somebody_without_mail_signs_up_and_withdraws_by_their_link(window):
    walk = factories.make_walk(capacity=10)
    page = window(viewport=PHONE)
    _sign_up(page, walk, "(816) 555-0111")
    link = page.locator(".walk-link a")
    expect(link).to_contain_text("/my/")
    assert page.locator(".qr svg").count() == 1
    # The address in the link is the site's own; the test's server has another port.
    page.goto("/my/" + link.get_attribute("href").split("/my/")[1])
    page.get_by_role("button", name="I can’t come").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not on the list any more")
    page.get_by_role("button", name="I can come after all").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("you are signed up")
    page.get_by_label("How many people come").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Signup.objects.get().n_people == 3


def test_the_own_page_draws_no_foreign_tiles(window):
    page = window()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(reverse("walks:my", args=[signup_token(factories.make_signup())]))
    page.wait_for_selector("[data-map] .leaflet-map-pane", state="attached")
    assert not [url for url in asked if "tile" in url]


def test_the_other_organization_appears_when_it_is_needed(window):
    page = window()
    page.goto(reverse("walks:detail", args=[factories.make_walk().public_id]))
    words = page.get_by_label("The name of your organization")
    expect(words).to_be_hidden()
    page.get_by_label("Who are you coming with?").select_option("other")
    expect(words).to_be_focused()


def test_signing_up_needs_no_script(window):
    walk = factories.make_walk()
    page = window(java_script_enabled=False)
    expect(page.get_by_label("The name of your organization")).to_have_count(0)
    _sign_up(page, walk, "teo@example.org")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    assert Signup.objects.count() == 1


def test_mistakes_take_the_focus_and_keep_what_was_typed(window):
    page = window(viewport=PHONE)
    _sign_up(page, factories.make_walk(), "teo@")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("E-mail or phone")).to_have_value("teo@")
    assert not axe_violations(page)


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages_are_accessible(window, viewport, scheme):
    now = timezone.now()
    walk = factories.make_walk(capacity=10, note="Bring a hat", police_walk_along=False, wheelchair="yes")
    off = factories.make_walk(state="called_off", called_off_at=now, call_off_reason="Ice")
    past = factories.make_walk(
        meet_at=now - timedelta(days=2), step_off_at=now - timedelta(days=2), end_at=now - timedelta(days=1)
    )
    signup = factories.make_signup(walk=walk)
    addresses = [reverse("walks:detail", args=[one.public_id]) for one in (walk, off, past)]
    addresses += [reverse("walks:sign_up", args=[walk.public_id]), "/walks/", "/my/lost/"]
    addresses.append(reverse("walks:my", args=[signup_token(signup)]))
    page = window(viewport=viewport, color_scheme=scheme)
    for address in addresses:
        page.goto(address)
        assert not axe_violations(page), address
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_desk_pages_are_accessible(window, organizer, viewport):
    walk = factories.make_walk(capacity=10)
    empty = factories.make_walk(state="draft", published_at=None)
    team = Team.objects.create(walk=walk, number=1)
    factories.make_signup(walk=walk, team=team)
    factories.make_signup(
        walk=walk, organization_text="Club", person=factories.make_person(email="", phone="+18165550111")
    )
    minor = factories.make_signup(walk=walk, state="guardian", age_band="13_17")
    names = ("desk_detail", "desk_edit", "desk_roster", "desk_messages", "desk_call_off")
    addresses = [reverse(f"walks:{name}", args=[one.public_id]) for one in (walk, empty) for name in names]
    addresses += ["/desk/walks/", "/desk/walks/?show=past", "/desk/walks/new/"]
    addresses.append(reverse("walks:desk_guardian", args=[walk.public_id, minor.public_id]))
    page = window(organizer, viewport=viewport)
    for address in addresses:
        page.goto(address)
        assert not axe_violations(page), address
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], address
