"""The pages about looking again in a real browser: on a phone and a wide screen, without script, free of findings."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, ViewportSize, expect

from concerns.models import ConcernUpdate, Look
from people.models import User
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window, what_sticks_out

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NARROW = ViewportSize(width=320, height=700)
LONG = "Alumbrado público que no funciona desde hace semanas junto a la parada " * 3


def some_concerns() -> tuple[str, str]:
    """A street with something due, claimed, disputed and claimed too early. Its address, and that of a concern."""
    now = timezone.now()
    walk = factories.make_walk()
    for status in ("triaged", "claimed_fixed", "reopened"):
        concern = factories.make_published_concern(
            walk=walk, status=status, public_text=LONG, relook_on=now.date() - timedelta(days=2)
        )
        said = {"concern": concern, "at": now - timedelta(days=9), "is_public": True}
        ConcernUpdate.objects.create(kind="status", to_value="claimed_fixed", voice="agency", **said)
        factories.make_look(concern=concern, received_at=now - timedelta(days=5), publication="published")
        said |= {"at": now - timedelta(days=3), "is_public": False}
        ConcernUpdate.objects.create(kind="said", to_value="fixed", voice="resident", **said)
    return f"?corridor={walk.corridor.slug}", f"/concerns/{concern.public_id}/"


def test_pages_about_looking_again_hold_together(browser: Browser, site: str, organizer: User) -> None:
    """Spanish and dark on the phone, English and light on the wide screen: each page once in each."""
    street, concern = some_concerns()
    pages = [f"/desk/concerns/again/{street}", "/desk/concerns/claims/", f"/look/{street}", concern, "/concerns/"]
    ways: list[dict[str, Any]] = [
        {"viewport": PHONE, "locale": "es-US", "color_scheme": "dark"},
        {"viewport": WIDE, "color_scheme": "light"},
    ]
    faults: list[str] = []
    for way in ways:
        window = Window(browser, site, user=organizer, **way)
        for address in pages:
            window.page.goto(address)
            faults += [f"{address}: {fault}" for fault in axe_violations(window.page)]
            for size in (way["viewport"], NARROW):
                window.page.set_viewport_size(size)
                faults += [f"{address} at {size['width']}: {fault}" for fault in what_sticks_out(window.page)]
            window.page.set_viewport_size(way["viewport"])
        window.close()
        faults += window.complaints
    assert not faults, "\n".join(faults)


def test_a_look_takes_one_tap_and_no_script(browser: Browser, site: str, organizer: User) -> None:
    street, _concern = some_concerns()
    window = Window(browser, site, user=organizer, viewport=PHONE, java_script_enabled=False)
    window.page.goto(f"/desk/concerns/again/{street}")
    before = Look.objects.count()
    second = window.page.locator(".again-item").nth(1)
    second.locator("select[name=lit]").select_option("dark")
    second.get_by_role("button", name="Still there").click()
    expect(window.page.get_by_text("Your look is kept: still there.")).to_be_visible()
    assert Look.objects.count() == before + 1
    assert Look.objects.latest("pk").lit == "dark"
    window.close()
    window.check()
