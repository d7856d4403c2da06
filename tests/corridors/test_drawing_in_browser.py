"""Drawing a corridor in a real browser: by mouse, by touch, by keys, and without any script."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from corridors.models import Corridor
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import Window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Desk(Window):
    """Odessa's window."""

    def open(self, address: str = "/desk/corridors/new/") -> Page:
        self.page.goto(address)
        self.page.wait_for_selector("[data-line-map][data-ready]")
        return self.page

    def click_line(self, *shares: float) -> None:
        """Click along the middle of the map. A hand is slower: a second click within 50 ms doesn't count there."""
        for n, x in enumerate(shares, start=1):
            self.page.mouse.click(*self.spot(x, 0.5))
            expect(self.page.locator("[data-line-says]")).to_contain_text(f"Points so far: {n}")
            self.page.wait_for_timeout(80)

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """A place on the map, as shares of its width and height."""
        box = self.page.locator("[data-line-map]").bounding_box()
        assert box
        return box["x"] + x * box["width"], box["y"] + y * box["height"]


@pytest.fixture
def desks(browser: Browser, live_server: LiveServer, organizer: User) -> Iterator[Any]:
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        made.append(Desk(browser, live_server.url, user=organizer, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.close()
        desk.check()


def name_street(page: Page, n: int, name: str) -> None:
    page.get_by_label(f"Name of cross street {n}", exact=True).fill(name)


def save(page: Page) -> Corridor:
    page.get_by_role("button", name=re.compile("Make the corridor|Save the corridor")).click()
    page.wait_for_url(re.compile(r"/desk/corridors/[^/]+/$"))
    return Corridor.objects.get()


def blocks(corridor: Corridor) -> list[str]:
    return [f"{s.from_street} – {s.to_street}" for s in corridor.segments.current().order_by("position")]


def test_a_street_is_drawn_with_the_mouse_and_its_cross_streets_are_named_in_any_order(desks: Any) -> None:
    desk = desks()
    page = desk.open()
    page.get_by_label("Name", exact=True).fill("Independence Avenue")
    page.get_by_role("button", name="Draw the street").click()
    desk.click_line(0.1, 0.5, 0.9)
    page.get_by_role("button", name="Finish the line").click()
    page.mouse.click(*desk.spot(0.7, 0.5))
    name_street(page, 1, "Lawn Ave")
    page.mouse.click(*desk.spot(0.3, 0.51))
    name_street(page, 1, "Askew Ave")
    corridor = save(page)
    assert blocks(corridor) == ["west end – Askew Ave", "Askew Ave – Lawn Ave", "Lawn Ave – east end"]


def test_a_street_is_drawn_with_a_finger_in_more_than_two_taps(desks: Any) -> None:
    desk = desks(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = desk.open()
    page.get_by_label("Name", exact=True).fill("Independence Avenue")
    page.get_by_role("button", name="Draw the street").tap()
    page.locator("[data-line-map]").scroll_into_view_if_needed()
    for x, y in ((0.1, 0.4), (0.35, 0.5), (0.6, 0.6), (0.85, 0.6)):
        page.touchscreen.tap(*desk.spot(x, y))
        page.wait_for_timeout(400)  # quicker taps zoom the map
    expect(page.locator("[data-line-says]")).to_contain_text("Points so far: 4")
    page.get_by_role("button", name="Finish the line").tap()
    page.locator("[data-line-map]").scroll_into_view_if_needed()
    page.touchscreen.tap(*desk.spot(0.48, 0.55))
    name_street(page, 1, "Lawn Ave")
    corridor = save(page)
    assert len(corridor.line.coords) == 4
    assert blocks(corridor) == ["west end – Lawn Ave", "Lawn Ave – east end"]


def test_a_street_is_drawn_with_keys_alone(desks: Any) -> None:
    desk = desks()
    page = desk.open()
    page.get_by_label("Name", exact=True).fill("Independence Avenue")
    page.get_by_role("button", name="Draw the street").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-line-map]")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(350)
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-line-says]")).to_contain_text("Points so far: 1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Finish the line").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add a cross street")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Lawn Ave")
    before = page.locator("#id_cross_streets").input_value()
    later = page.get_by_role("button", name="Move toward the end: Lawn Ave")
    later.focus()
    page.keyboard.press("Enter")
    expect(later).to_be_focused()
    assert page.locator("#id_cross_streets").input_value() != before
    assert blocks(save(page)) == ["west end – Lawn Ave", "Lawn Ave – east end"]


def test_a_corridor_opens_as_it_was_and_a_cross_street_can_be_renamed_and_taken_out(desks: Any) -> None:
    corridor = factories.make_corridor()
    kept = corridor.segments.get(position=0).pk
    page = desks().open(f"/desk/corridors/{corridor.slug}/edit/")
    names = page.locator("[data-line-streets] input:not(.draw-block)")
    assert [names.nth(n).input_value() for n in range(names.count())] == ["Myrtle Ave", "Norton Ave"]
    name_street(page, 1, "Myrtle Avenue")
    page.get_by_role("button", name="Take out: Norton Ave").click()
    save(page)
    assert blocks(corridor) == ["Askew Ave – Myrtle Avenue", "Myrtle Avenue – Jackson Ave"]
    assert corridor.segments.current().filter(pk=kept).exists()


def test_what_was_drawn_is_still_there_after_a_refusal(desks: Any) -> None:
    desk = desks()
    page = desk.open()
    page.get_by_role("button", name="Draw the street").click()
    desk.click_line(0.1, 0.9)
    page.get_by_role("button", name="Finish the line").click()
    page.mouse.click(*desk.spot(0.5, 0.5))
    name_street(page, 1, "Lawn Ave")
    drawn = page.locator("#id_line").input_value()
    page.get_by_role("button", name="Make the corridor").click()
    page.wait_for_selector("[data-error-summary]")
    desk.complaints.clear()  # the browser notes the refusal's status
    page.wait_for_selector("[data-line-map][data-ready]")
    assert page.locator("#id_line").input_value() == drawn
    assert page.get_by_label("Name of cross street 1", exact=True).input_value() == "Lawn Ave"


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_nobody_is_kept_out_of_the_pages(desks: Any, width: int, height: int) -> None:
    corridor = factories.make_corridor()
    factories.make_landmark(corridor=corridor)
    page = desks(viewport={"width": width, "height": height}).page
    desk = f"/desk/corridors/{corridor.slug}/"
    for address in ("/corridors/", f"/corridors/{corridor.slug}/", "/desk/corridors/", desk, f"{desk}edit/"):
        page.goto(address)
        page.wait_for_selector("[data-map][data-ready], [data-line-map][data-ready]")
        assert axe_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_without_script_the_line_is_pasted_and_names_are_spaced_evenly(desks: Any) -> None:
    page = desks(java_script_enabled=False).page
    page.goto("/desk/corridors/new/")
    page.get_by_label("Name", exact=True).fill("Independence Avenue")
    page.get_by_label("The line").fill('{"type": "LineString", "coordinates": [[-94.54, 39.106], [-94.53, 39.106]]}')
    page.get_by_label("Cross streets").fill("Askew Ave\nLawn Ave")
    corridor = save(page)
    assert [round(s.line.coords[0][0], 4) for s in corridor.segments.all()] == [-94.54, -94.5367, -94.5333]
