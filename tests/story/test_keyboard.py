"""What matters most, without a mouse: only Tab, arrows, Space, Enter and letters."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from concerns.models import Concern
from concerns.workflow import Publication
from people.models import User
from tests import factories
from walks.models import Signup

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_TABS = 80
HAS_RING = """one => { const style = getComputedStyle(one); const label = one.closest("label") || one;
    const around = getComputedStyle(label);
    return [style, around].some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)
        || [style, around].some((s) => s.boxShadow !== "none"); }"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus stands there, and see that it can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            assert wanted.evaluate(HAS_RING), wanted
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def test_a_neighbor_signs_up(windows: Any) -> None:
    factories.make_walk(title="Askew to Jackson, by day")
    page = windows()
    page.goto("/walks/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#")
    tab_to(page, page.get_by_role("link", name="Askew to Jackson, by day").first)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    tab_to(page, page.get_by_label("Your name"))
    page.keyboard.type("Teo Linden")
    tab_to(page, page.get_by_label("E-mail or phone"))
    page.keyboard.type("teo@example.org")
    tab_to(page, page.locator("[name=age_band]:checked"))
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("65 and over")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="I’ll be there"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    assert Signup.objects.get().name == "Teo Linden"


def test_an_organizer_reads_and_publishes_a_concern(windows: Any, organizer: User) -> None:
    concern = factories.make_concern(note="Lamp by the bus stop is dark")
    page = windows(user=organizer)
    page.goto("/desk/concerns/")
    tab_to(page, page.locator(f"[data-feature='{concern.public_id}'] a").first)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/concerns/{concern.public_id}/**")
    tab_to(page, page.get_by_role("button", name="Publish", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It is public")).to_be_visible()
    concern.refresh_from_db()
    assert concern.publication == Publication.PUBLISHED
    assert Concern.objects.count() == 1


def test_the_map_of_concerns_steps_from_mark_to_mark(windows: Any) -> None:
    walk = factories.make_walk()
    concern = factories.make_published_concern(walk=walk)
    page = windows()
    page.goto("/concerns/")
    a_map = page.locator("[data-map]").first
    expect(a_map.locator(".map-mark")).to_have_count(1)
    tab_to(page, a_map)
    page.keyboard.press("n")
    expect(page.locator(".leaflet-popup")).to_contain_text(concern.category.name)
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
