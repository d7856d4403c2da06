"""The sign-in table on two phones, one of them without a network for a while."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window, what_sticks_out
from walks.models import Presence, Walk
from walks.table_links import greeter_token, offsite_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk() -> Walk:
    return factories.make_running_walk()


def here(window: Window, name: str) -> None:
    window.page.get_by_role("button", name=f"{name} is here").click()


def test_two_greeters_and_a_line_that_is_cut_make_each_check_in_once(
    browser: Browser, site: str, organizer: User, walk: Walk
) -> None:
    names = ["Abel Ash", "Bea Birch", "Cal Cedar", "Dee Dogwood"]
    for name in names:
        factories.make_signup(walk=walk, name=name)
    one = Window(browser, site, user=organizer)
    two = Window(browser, site, viewport=PHONE)
    one.page.goto(f"/desk/walks/{walk.public_id}/table/")
    two.page.goto(f"/greet/{greeter_token(walk)}/")
    two.page.get_by_label("Your first name").fill("Wil")
    two.page.context.set_offline(True)
    for name in ("Abel Ash", "Bea Birch"):
        here(two, name)
    two.page.locator("#id_walk_up_name").fill("Eli Elm")
    two.page.get_by_role("button", name="They are here").click()
    two.page.locator("[data-wait]").get_by_text("3 waiting").wait_for()
    here(one, "Abel Ash")
    one.page.locator("[data-guest='Abel Ash'] .table-state").wait_for()  # the server said so
    assert Presence.objects.count() == 1
    two.page.context.set_offline(False)
    two.page.evaluate("dispatchEvent(new Event('online'))")
    two.page.locator("[data-wait]").wait_for(state="hidden")
    two.page.locator("[data-n-arrived]").get_by_text("3", exact=True).wait_for()
    assert sorted(Presence.objects.values_list("name", "greeter")) == [
        ("Abel Ash", ""),
        ("Bea Birch", "Wil"),
        ("Eli Elm", "Wil"),
    ]
    one.check()
    one.close()
    two.close()


def test_what_waits_survives_a_reload_and_a_refusal_is_said(browser: Browser, site: str, walk: Walk) -> None:
    factories.make_signup(walk=walk, name="Abel Ash")
    window = Window(browser, site, viewport=PHONE)
    page, url = window.page, f"/greet/{greeter_token(walk)}/"
    page.goto(url)
    page.route("**/do/", lambda route: route.abort())
    here(window, "Abel Ash")
    page.locator("#id_walk_up_name").fill("Kid Kim")
    page.get_by_label("13–17").check()
    page.get_by_role("button", name="They are here").click()
    page.locator("[data-wait]").get_by_text("2 waiting").wait_for()
    again = window.context.new_page()  # as after the browser threw the page away
    again.route("**/do/", lambda route: route.abort())
    page.close()
    page = window.page = again
    page.goto(f"{site}{url}")
    page.locator("[data-wait]").get_by_text("2 waiting").wait_for()
    page.unroute("**/do/")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("[data-wait]").wait_for(state="hidden", timeout=20_000)
    page.locator("[data-refusals]").get_by_text("Kid Kim: A minor without a guardian’s yes").wait_for()
    assert list(Presence.objects.values_list("name", flat=True)) == ["Abel Ash"]
    window.close()


@pytest.mark.parametrize(("size", "theme"), [(PHONE, "dark"), (WIDE, "light")])
def test_the_table_is_free_of_findings(
    browser: Browser, site: str, organizer: User, walk: Walk, size: Any, theme: str
) -> None:
    team = factories.make_team(walk=walk, number=1)
    for n in range(3):
        factories.make_signup(walk=walk, team=team, n_people=n + 1)
    factories.make_signup(walk=walk, age_band="13_17", state="guardian")
    window = Window(browser, site, user=organizer, viewport=size, color_scheme=theme)
    window.page.goto(f"/desk/walks/{walk.public_id}/table/")
    tabs = window.page.locator(".switch-long")
    assert tabs.locator("a").last.is_visible()
    tabs.locator("a").last.click(trial=True)  # reachable on a phone, too
    window.page.locator(".table-guest .btn-go").first.click()
    window.page.locator(".table-guest.is-here .table-state").first.wait_for()
    for address in ("", f"/greet/{greeter_token(walk)}/", f"/off-site/{offsite_token(walk)}/"):
        if address:
            window.page.goto(address)
        assert axe_violations(window.page) == []
        assert what_sticks_out(window.page) == []
    window.check()
    window.close()
