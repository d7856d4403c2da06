"""The day board in a real browser: it refreshes itself and takes nothing from anybody; accessible, narrow and wide."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window, what_sticks_out
from tests.field.test_desk_day import fill, over
from walks.day_actions import handle_incident
from walks.models import Incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Any]:
    """`window(user, viewport=…)` opens a page; at the end nothing may have been complained about."""
    opened: list[Window] = []

    def make(user: Any, **options: Any) -> Page:
        opened.append(Window(browser, live_server.url, user=user, **options))
        return opened[-1].page

    yield make
    for one in opened:
        one.close()
        one.check()


@pytest.fixture
def walk(db):
    return factories.make_running_walk()


def open_board(page: Page, walk: Any) -> None:
    page.goto(f"/desk/walks/{walk.public_id}/day/")
    page.wait_for_selector("[data-map][data-ready]")


def refresh(page: Page) -> None:
    """What the clock does every 25 seconds."""
    with page.expect_response(lambda answer: answer.url.endswith("/day/")):
        page.evaluate("htmx.trigger(document.querySelector('[data-board]'), 'board:now')")
    page.wait_for_timeout(150)


def test_a_new_call_for_help_is_said_and_shown_while_a_note_is_being_written(window, organizer, walk):
    first = factories.make_incident(walk=walk, place="by the bakery")
    page = window(organizer)
    open_board(page, walk)
    note = page.locator(f"#note-incident-{first.public_id}")
    note.fill("Bea goes the")
    note.focus()
    second = factories.make_incident(walk=walk, kind=Incident.Kind.THREAT, place="at Quincy")
    refresh(page)
    expect(page.locator(f"#incident-{second.public_id}")).to_be_visible()
    expect(page.locator("[data-toasts]")).to_contain_text("New: we feel threatened, at Quincy")
    expect(page.locator("#alarms-title")).to_contain_text("2 things need somebody now")
    assert page.title().startswith("(2) ")
    expect(note).to_be_focused()
    page.keyboard.type("re")
    expect(note).to_have_value("Bea goes there")
    page.get_by_role("button", name="See it").click()
    expect(page.locator(f"#incident-{second.public_id}")).to_be_focused()
    page.locator(f"#take-incident-{first.public_id}").click()
    expect(page.locator(".handled")).to_contain_text("“Bea goes there”")


def test_what_somebody_else_took_goes_quiet_and_a_note_half_written_is_told_who_was_quicker(
    window, organizer, coordinator, walk
):
    rows = [factories.make_incident(walk=walk) for _n in range(2)]
    page = window(organizer, expected_status=409)
    open_board(page, walk)
    page.locator(f"#note-incident-{rows[0].public_id}").fill("Calling an ambulance")
    for row in rows:
        handle_incident(incident=row, by=coordinator, expected=row.version)
    refresh(page)
    expect(page.locator(f"#incident-{rows[1].public_id}")).to_have_count(0)
    expect(page.locator(".handled li")).to_have_count(2)
    page.locator(f"#take-incident-{rows[0].public_id}").click()
    expect(page.locator("#unsaved")).to_be_focused()
    expect(page.locator("#unsaved")).to_contain_text("Ines Marbury takes care of it since")
    expect(page.locator("#unsaved")).to_contain_text("You had written: “Calling an ambulance”")


def test_the_rest_of_the_board_follows_and_the_focus_stays_on_its_button(window, organizer, walk):
    team = factories.make_team(walk=walk, number=3, name="Sycamore")
    device = factories.make_device(walk=walk, team=team, name="Rosa’s phone")
    page = window(organizer)
    open_board(page, walk)
    button = page.locator(f"#revoke-{device.public_id}")
    button.focus()
    factories.make_team_back(walk=walk, team=team, n_back=4)
    factories.make_concern(walk=walk, team=team)
    refresh(page)
    expect(page.locator("#teams")).to_contain_text("4 of 5 back at")
    expect(page.locator("#noticed li")).to_have_count(1)
    expect(button).to_be_focused()
    expect(page.locator(".map-pile, .leaflet-marker-icon").first).to_be_visible()


def test_a_page_that_cannot_be_refreshed_says_so(window, organizer, walk):
    page = window(organizer)
    page.clock.install()
    open_board(page, walk)
    expect(page.locator("[data-board-stale]")).to_be_hidden()
    page.context.clear_cookies()  # as if the sign-in had ended
    page.clock.fast_forward("02:00")
    page.evaluate("htmx.trigger(document.querySelector('[data-board]'), 'board:now')")
    expect(page.locator("[data-board-stale]")).to_be_visible()


def test_it_works_without_script(window, organizer, walk):
    incident = factories.make_incident(walk=walk)
    page = window(organizer, java_script_enabled=False)
    page.goto(f"/desk/walks/{walk.public_id}/day/")
    page.locator(f"#note-incident-{incident.public_id}").fill("I go")
    page.get_by_role("button", name="I take care of it").click()
    expect(page.locator(".handled")).to_contain_text("“I go”")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("state", ["empty", "full", "all in"])
def test_everybody_can_use_it(window, organizer, walk, state, viewport, scheme):
    if state == "full":
        fill(walk, 3)
    if state == "all in":
        factories.make_device(walk=walk, name="Rosa’s phone", n_waiting=0, last_seen_at=timezone.now())
    if state != "empty":
        over(walk, minutes=12)
    page = window(organizer, viewport=viewport, color_scheme=scheme)
    open_board(page, walk)
    assert axe_violations(page) == []
    assert what_sticks_out(page) == []
