"""Text that tries to become script, in every field a stranger, a volunteer or an organizer can fill (O37).

It must come out as the text it is: in pages, popups, lists, the admin and the map's data.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from concerns.models import Concern, Question
from people.models import User
from tests import factories
from tests.browser import PHONE, Window
from walks.links import signup_token
from walks.models import Team, Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "</script><script>alert(1)</script>",
    "{{7*7}}",
    "javascript:alert(1)",
    "\u2028alert(1)//",
]
EVERYTHING = " ".join(HOSTILE)
SHORT = EVERYTHING[:118]
# What would show that text became markup: elements nobody of us makes, and handlers in attributes.
INTRUDERS = """() => [...document.querySelectorAll(
        "img[src='x'], svg[onload], [onerror], [onload], a[href^='javascript:']")]
    .map((one) => one.outerHTML)"""


class World:
    """One walk, running now, with all that people write about it."""

    def __init__(self) -> None:
        self.corridor = factories.make_corridor(
            name=SHORT[:100], from_street=HOSTILE[0], to_street=HOSTILE[1], note=EVERYTHING
        )
        segments = list(self.corridor.segments.order_by("position"))
        for segment, text in zip(segments, HOSTILE[2:5], strict=True):
            segment.from_street = segment.to_street = text
            segment.save()
        self.landmark = factories.make_landmark(name=SHORT, corridor=self.corridor, facilities=SHORT, address=SHORT)
        self.organization = factories.make_organization(name=SHORT)
        texts = dict.fromkeys(("note", "internal_note", "weather_rule"), EVERYTHING)
        self.walk = factories.make_running_walk(
            corridor=self.corridor, title=SHORT, meeting_place=SHORT, facilities=SHORT, wheelchair_note=SHORT,
            meeting_landmark=self.landmark, lead_organization=self.organization, **texts,
        )  # fmt: skip
        self.called_off = factories.make_walk(
            corridor=self.corridor, title=SHORT, state=Walk.State.CALLED_OFF, call_off_reason=EVERYTHING,
            called_off_at=self.walk.published_at,
        )  # fmt: skip
        self.team = Team.objects.create(walk=self.walk, number=1, name=HOSTILE[0])
        self.signups = [
            factories.make_signup(
                walk=self.walk, name=text, organization_text=text, team=self.team,
                person=factories.make_person(name=text),
            )
            for text in HOSTILE
        ]  # fmt: skip
        self.device = factories.make_device(walk=self.walk, name=HOSTILE[0], team=self.team)
        self.concerns()

    def concerns(self) -> None:
        written: dict[str, Any] = {"note": EVERYTHING, "address": SHORT, "city_case": HOSTILE[0], "device": self.device}
        question = Question.objects.filter(category__code="LIGHT_OUT", kind="text").first()
        assert question
        written["answers"] = {question.code: EVERYTHING, HOSTILE[1]: [HOSTILE[2]], "what": HOSTILE[0]}
        self.unread = factories.make_concern(walk=self.walk, **written)
        self.public = factories.make_published_concern(
            walk=self.walk, public_text=EVERYTHING, public_place=SHORT, **written
        )
        self.look = factories.make_look(concern=self.public, note=EVERYTHING, publication="published")
        self.proposal = factories.make_proposal(
            concern=self.unread, device=self.device, body={"note": EVERYTHING, "address": SHORT}
        )


@pytest.fixture
def world(site: str) -> World:
    return World()


def visit(page: Page, address: str, *, shows: str = HOSTILE[0]) -> None:
    answer = page.goto(address)
    assert answer
    assert answer.status == 200, address
    open_all_popups(page)
    assert page.evaluate(INTRUDERS) == [], address
    if shows:
        assert shows in page.locator("body").inner_text(), address


def open_all_popups(page: Page) -> None:
    """Click each mark and dot on the maps."""
    maps = page.locator("[data-map]")
    for n in range(maps.count()):
        expect(maps.nth(n).locator(".leaflet-map-pane")).to_be_attached()
    marks = page.locator("[data-map] :is(.map-mark, path.leaflet-interactive)")
    for n in range(min(marks.count(), 12)):
        marks.nth(n).dispatch_event("click")
        page.wait_for_timeout(60)


def test_o37_public_pages_show_it_as_text(windows: Any, world: World) -> None:
    page = windows()
    for address in ("/", "/walks/", "/corridors/", "/concerns/"):
        visit(page, address)
    page.locator("[data-map] .map-mark").first.dispatch_event("click")
    expect(page.locator(".leaflet-popup")).to_contain_text(HOSTILE[0])
    for address in (
        f"/walks/{world.walk.public_id}/",
        f"/walks/{world.called_off.public_id}/",
        f"/walks/{world.walk.public_id}/sign-up/",
        f"/corridors/{world.corridor.slug}/",
        f"/concerns/{world.public.public_id}/",
        f"/my/{signup_token(world.signups[0])}/",
    ):
        visit(page, address)


def test_o37_the_desk_shows_it_as_text(windows: Any, world: World, organizer: User) -> None:
    page = windows(user=organizer)
    walk = f"/desk/walks/{world.walk.public_id}/"
    for address in ("/desk/", "/desk/setup/"):
        visit(page, address, shows="")
    for address in ("/desk/walks/", "/desk/concerns/", "/desk/corridors/", "/desk/organizations/"):
        visit(page, address)
    for address in (walk, f"{walk}roster/", f"{walk}day/", f"/desk/corridors/{world.corridor.slug}/"):
        visit(page, address)
    for address in (f"/desk/corridors/{world.corridor.slug}/edit/", f"{walk}edit/"):
        visit(page, address, shows="")
    for concern in (world.unread, world.public):
        visit(page, f"/desk/concerns/{concern.public_id}/")


def test_o37_the_admin_shows_it_as_text(windows: Any, world: World, admin: User) -> None:
    page = windows(user=admin)
    for address in (
        "/admin/concerns/concern/",
        f"/admin/concerns/concern/{world.unread.pk}/change/",
        "/admin/walks/signup/",
        "/admin/walks/walk/",
    ):
        visit(page, address)


def test_o37_the_phone_shows_it_as_text(windows: Any, world: World) -> None:
    from walks.invites import invite_for

    # Choosing a team gives the phone a new token; a word under way with the old one is answered 401, and no harm done.
    page = windows(viewport=PHONE, has_touch=True, is_mobile=True, expected_status=401)
    page.goto(f"/field/#i={invite_for(world.walk)}")
    page.get_by_role("button", name=HOSTILE[0]).tap()
    page.locator("[data-screen=log]:not([hidden])").wait_for()
    expect(page.locator("#who")).to_contain_text(HOSTILE[0])
    assert page.evaluate(INTRUDERS) == []
    assert Concern.objects.count() == 2


def test_an_intruder_would_be_seen(browser: Browser, site: str) -> None:
    window = Window(browser, site)
    window.page.goto("/walks/")
    window.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<svg onload=\"alert(1)\"></svg>')")
    window.page.wait_for_timeout(200)
    assert len(window.page.evaluate(INTRUDERS)) == 1
    assert any("policy: script-src-attr" in complaint for complaint in window.complaints)
    window.close()
