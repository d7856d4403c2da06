"""The pages around signing up in a real browser: axe in both lights, and that nothing is wider than a small phone."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import Window
from walks.links import guardian_token, signup_token
from walks.models import GroupMember, RoleNeed, Signup, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": int(os.environ.get("SHOTS_WIDTH", "320")), "height": 700}
AFTER_DARK = {"offered", "guardian", "roster", "preview"}
LINES = (
    "Wren Applegate, wren@example.org, Gladstone Block Club, scribe\nTeo Linden, 816 555\n=HYPERLINK(1), x@example.org"
)


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Any]:
    opened: list[Window] = []

    def make(user: Any = None, **options: Any) -> Page:
        opened.append(Window(browser, live_server.url, user=user, **options))
        return opened[-1].page

    yield make
    for one in opened:
        one.close()
        one.check()


def _my(signup: Signup) -> str:
    return reverse("walks:my", args=[signup_token(signup)])


def _own_pages(walk: Walk) -> dict[str, str]:
    soon = timezone.now() + timedelta(hours=6)
    offered = factories.make_signup(
        walk=walk, name="Lan", state="offered", waiting_since=timezone.now(), offer_until=soon, role="scribe"
    )
    waiting = factories.make_signup(walk=walk, name="Ana", n_people=3, state="waitlist", waiting_since=timezone.now())
    group = factories.make_signup(walk=walk, name="Odessa", n_people=3, access_needs="No steps")
    GroupMember.objects.create(signup=group, name="Pavel")
    minor = factories.make_signup(walk=walk, name="Kim Marker", age_band="13_17", state="guardian")
    return {
        "sign-up": reverse("walks:sign_up", args=[walk.public_id]),
        "offered": _my(offered),
        "waiting": _my(waiting),
        "confirm": _my(group) + "?confirm",
        "minor": _my(minor),
        "guardian": reverse("walks:guardian", args=[guardian_token(minor)]),
    }


def _desk_pages(walk: Walk) -> dict[str, str]:
    signup = factories.make_signup(walk=walk, name="Wren")
    then = timezone.now() - timedelta(days=40)
    earlier = factories.make_walk(
        corridor=walk.corridor, meet_at=then, step_off_at=then, end_at=then + timedelta(hours=2)
    )
    for n in range(3):
        factories.make_signup(walk=earlier, name=f"Earlier {n}")
    names = {"roster": "desk_roster", "paste": "desk_paste", "invite": "desk_invite"}
    return {key: reverse(f"walks:{name}", args=[walk.public_id]) for key, name in names.items()} | {
        key: reverse(f"walks:{name}", args=[walk.public_id, signup.public_id])
        for key, name in {"clearance": "desk_clearance", "same": "desk_same", "yes": "desk_guardian"}.items()
    }


def _look(page: Page, name: str) -> None:
    """No complaint of axe by day, of the pages with parts of their own also after dark, and no scrolling sideways."""
    for scheme in ("light", "dark") if name in AFTER_DARK else ("light",):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert not axe_violations(page), (name, scheme)
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}-{scheme}.png", full_page=True)  # type: ignore[index]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, name


def test_the_pages_around_signing_up_are_clean(window: Any, organizer: User) -> None:
    walk = factories.make_walk(capacity=4)
    RoleNeed.objects.create(walk=walk, role="scribe", n_max=3)
    RoleNeed.objects.create(walk=walk, role="marshal")
    pages = _own_pages(walk)
    page = window(viewport=SMALL)
    for name, address in pages.items():
        page.goto(address)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        _look(page, name)
    desk = window(organizer, viewport=SMALL)
    for name, address in _desk_pages(walk).items():
        desk.goto(address)
        _look(desk, name)
    desk.goto(reverse("walks:desk_paste", args=[walk.public_id]))
    desk.get_by_label("Names").fill(LINES)
    desk.get_by_role("button", name="Look at it first").click()
    desk.get_by_text("is new, will be added").first.wait_for()
    _look(desk, "preview")
