"""Everything a neighbor needs works with JavaScript switched off."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.browser import PHONE, Window
from walks.links import signup_token
from walks.models import Signup

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    window = Window(browser, site, viewport=PHONE, java_script_enabled=False)
    yield window.page
    window.close()
    window.check()


def test_somebody_signs_up_changes_it_and_withdraws(page: Page, settings: Any) -> None:
    walk = factories.make_walk(title="Askew to Jackson, by day", capacity=5)
    page.goto("/")
    page.get_by_role("link", name="Join a walk").click()
    page.get_by_role("link", name="Askew to Jackson, by day").first.click()
    expect(page.get_by_text(walk.meeting_place).first).to_be_visible()
    page.get_by_label("Your name").fill("Teo Linden")
    page.get_by_label("E-mail or phone").fill("(816) 555-0111")
    page.get_by_label("25–34").check()
    page.get_by_role("button", name="I’ll be there").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, see you there")
    expect(page.locator(".qr svg")).to_be_visible()
    signup = Signup.objects.get()
    expect(page.locator(".walk-link a")).to_contain_text(signup_token(signup))

    page.goto(f"/my/{signup_token(signup)}/")
    page.get_by_label("How many people come").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="I can’t come").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not on the list any more")
    signup.refresh_from_db()
    assert (signup.n_people, signup.state) == (2, Signup.State.WITHDRAWN)


def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(page: Page) -> None:
    walk = factories.make_walk()
    page.goto(f"/walks/{walk.public_id}/sign-up/")
    page.get_by_label("Your name").fill("Teo Linden")
    page.get_by_label("E-mail or phone").fill("teo@")
    page.get_by_role("button", name="I’ll be there").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Teo Linden")
    assert not Signup.objects.exists()


def test_concerns_are_a_list_that_can_be_filtered_and_opened(page: Page) -> None:
    walk = factories.make_walk()
    factories.make_published_concern(walk=walk, public_text="Lamp by the alley is dark")
    factories.make_published_concern(walk=walk, category="DUMPING", public_text="Tires behind the fence")
    page.goto("/concerns/")
    expect(page.get_by_text("Everything on it is also in the list").first).to_be_visible()
    page.get_by_label("Kind").select_option("DUMPING")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Lamp by the alley is dark")).to_have_count(0)
    page.locator("li.seen a").click()
    expect(page.get_by_text("Tires behind the fence").first).to_be_visible()
    expect(page.get_by_text("3500 block, north side").first).to_be_visible()


def test_a_corridor_tells_its_blocks_in_words(page: Page) -> None:
    corridor = factories.make_corridor(name="Independence Avenue")
    factories.make_published_concern(walk=factories.make_walk(corridor=corridor))
    page.goto("/corridors/")
    page.get_by_role("link", name="Independence Avenue").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Independence Avenue")
    for street in factories.STREETS:
        expect(page.get_by_text(street).first).to_be_attached()
