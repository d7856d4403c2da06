"""The desk's list without a mouse, and how it stands up to axe: one window each."""

from typing import Any

import pytest
from playwright.sync_api import Page

from concerns.models import BulkMove, Concern
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, what_sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "The light in front of the bakery is out since Thanksgiving and people walk in the road there. " * 4
# Whether anything lies over the middle of what has the focus.
IS_COVERED = """() => { const one = document.activeElement, box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + Math.min(box.width / 2, 40), box.y + box.height / 2);
    return !(top && (top === one || one.contains(top) || top.contains(one))); }"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def press_and_load(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state()


def test_three_are_read_without_a_mouse_and_one_is_taken_back(windows: Any, organizer: User) -> None:
    walk = factories.make_walk()
    for n in range(14):
        factories.make_concern(walk=walk, address=f"{3500 + n} Independence Ave", note=LONG)
    first, second, third, *_rest = Concern.objects.order_by("-received_at", "-id")
    page = windows(user=organizer)
    page.goto("/desk/concerns/")

    press(page, "j")
    assert str(first.public_id) in page.evaluate("document.activeElement.href")
    press_and_load(page, "p")
    first.refresh_from_db()
    assert first.publication == "published"
    # The next one took its place.
    assert str(second.public_id) in page.evaluate("document.activeElement.href")

    press(page, "h")
    assert page.evaluate("document.activeElement.name") == "reason"
    press(page, "j", "Tab")
    press_and_load(page, "Enter")
    second.refresh_from_db()
    assert (second.publication, second.hidden_reason) == ("hidden", "It is about a person")

    press(page, "x", "j", "x")
    press_and_load(page, "r")
    assert Concern.objects.filter(status="triaged").count() == 3  # the published one, and two ticked
    press_and_load(page, "u")
    assert Concern.objects.filter(status="triaged").count() == 1
    assert BulkMove.objects.count() == 3

    # However far one goes, no bar lies over where one is.
    for _n in range(14):
        press(page, "j")
        assert not page.evaluate(IS_COVERED)
    for _n in range(14):
        press(page, "k")
        assert not page.evaluate(IS_COVERED)

    # Letters in a field are letters.
    press(page, "/")
    page.keyboard.type("phjx?")
    assert page.evaluate("document.activeElement.value") == "phjx?"
    page.evaluate("document.activeElement.blur()")

    # Switched off they do nothing, also on the next page.
    press(page, "?")
    assert page.locator("dialog[open]").is_visible()
    press(page, "Space", "Escape")
    page.reload()
    press(page, "j", "p", "?")
    assert page.locator("dialog[open]").count() == 0
    assert Concern.objects.filter(publication="published").count() == 1
    page.locator("[data-keys-open]").first.click()
    press(page, "Space", "Escape", "j")
    press_and_load(page, "o")
    assert str(third.public_id) in page.url
    press_and_load(page, "n")
    assert str(third.public_id) not in page.url


def test_the_list_is_for_everybody_narrow_and_wide_light_and_dark(windows: Any, organizer: User) -> None:
    walk = factories.make_walk()
    for n in range(45):
        factories.make_concern(walk=walk, note=LONG, flags=["person_text"] * (n % 2), danger_now=n == 3)
    factories.make_saved_view(user=organizer)
    found = []
    for viewport in (PHONE, WIDE):
        for scheme in ("light", "dark"):
            page = windows(user=organizer, viewport=viewport, color_scheme=scheme)
            page.goto("/desk/concerns/?show=all&category=LIGHT_OUT&older=1")
            found += axe_violations(page) + what_sticks_out(page)
            page.goto("/desk/concerns/?show=all")
            page.locator("input[name=concern]").first.check()
            page.locator(".filter-more > summary").click()
            page.locator("summary[data-key=s]").click()
            found += axe_violations(page) + what_sticks_out(page)
    assert not found, "\n".join(found)
