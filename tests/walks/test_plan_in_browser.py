"""The plan in a real browser: the map draws each team in its own pattern, which only a browser can say, and axe."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window
from walks.plan_actions import set_usual_needs, split_evenly
from walks.planning import Plan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Any]:
    opened: list[Window] = []

    def make(user: Any, **options: Any) -> Any:
        opened.append(Window(browser, live_server.url, user=user, **options))
        return opened[-1].page

    yield make
    for one in opened:
        one.close()
        one.check()


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_plan_is_drawn_and_can_be_used_by_everybody(window, organizer, viewport):
    walk = factories.make_walk()
    split_evenly(walk=walk, n_teams=2, how="one", by=organizer, expected=Plan(walk).version)
    set_usual_needs(walk=walk, n_teams=2, by=organizer)
    factories.make_pledge(walk=walk)
    factories.make_signup(walk=walk, team=walk.teams.first(), age_band="13_17")
    page = window(organizer, viewport=viewport)
    page.goto(reverse("walks:desk_plan", args=[walk.public_id]))
    expect(page.locator("path.team-line.team-c1.team-d1")).to_have_count(3)
    expect(page.locator("path.team-line.team-c2.team-d2")).to_have_count(3)
    expect(page.locator(".team-flag")).to_have_text(["1", "2"])
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    for details in page.locator("main details").all():
        details.evaluate("one => (one.open = true)")
    assert axe_violations(page) == []
    first = page.get_by_label("3500 block, north side").first
    first.select_option(label="Team 2")
    page.get_by_role("button", name="Save the sides").click()
    expect(page.locator("path.team-line.team-c1")).to_have_count(2)
    expect(page.get_by_text("3500 block, both sides; 3600 block to 3700 block, south side")).to_be_visible()
