"""Every public page and every page of the desk in a real browser, on an empty site and on the demo.

Each: no accessibility violation at 390 and 1280 px, nothing sticks out at 390 and 320 px, nothing is asked of another
host but map tiles (which are blocked), no refusal by the content security policy, no error, and our own lines stand on
the map without tiles. A test goes on after a fault and tells all of them at its end.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, ViewportSize, expect

from concerns.models import Concern
from concerns.public import PublicConcern
from corridors.models import Corridor
from people.models import User
from saferoutes.demo.story import Story
from tests import factories
from tests.axe import axe_violations
from tests.browser import PHONE, WIDE, Window, what_sticks_out
from tests.tables import copy_tables, paste_tables, tables_of
from walks.links import signup_token
from walks.models import Signup, Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NARROW = ViewportSize(width=320, height=700)
MAPS = "[data-map], [data-pick-map], [data-line-map]"
LISTS = [
    "/",
    "/walks/",
    "/corridors/",
    "/concerns/",
    "/help/",
    "/help/code/",
    "/services/",
    "/my/lost/",
    "/accounts/login/",
    "/accounts/password/reset/",
]
DESK_LISTS = [
    "/desk/",
    "/desk/walks/",
    "/desk/walks/new/",
    "/desk/corridors/",
    "/desk/corridors/new/",
    "/desk/corridors/landmarks/",
    "/desk/concerns/",
    "/desk/organizations/",
    "/desk/colleagues/",
    "/desk/setup/",
]


# Each way of looking costs a whole round, so that the dark pages are the Spanish ones.
both_ways = pytest.mark.parametrize(
    "inspection",
    [{"color_scheme": "light"}, {"color_scheme": "dark", "locale": "es-US"}],
    ids=["light English", "dark Spanish"],
    indirect=True,
)


class Inspection:
    """A window that goes from page to page and writes down what is wrong with each."""

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.window = Window(browser, site, viewport=PHONE, **options)
        self.page: Page = self.window.page
        self.faults: list[str] = []

    def visit(self, addresses: Iterable[str], *, status: int = 200, lines: bool | None = None) -> None:
        """`lines`: whether a corridor is to be seen on each page's map. Not said: it makes no difference."""
        for address in addresses:
            self.window.expected_status = status
            answer = self.page.goto(address)
            assert answer
            if answer.status != status or not answer.url.endswith(address):
                self.faults.append(f"{address}: {answer.status} {answer.url}")
                continue
            self.look(address, lines=bool(lines))
            if lines is not None and bool(self.window.tiles) != lines:
                self.faults.append(f"{address}: tiles asked for: {self.window.tiles[:1]}")
            self.window.tiles.clear()

    def look(self, name: str, *, lines: bool = False) -> None:
        """The page that is open, at three widths."""
        maps = self.page.locator(MAPS)
        for n in range(maps.count()):
            expect(maps.nth(n).locator(".leaflet-map-pane")).to_be_attached()
        if lines and our_longest_line(self.page) < 100:
            self.faults.append(f"{name}: no corridor on the map")
        for size in (PHONE, NARROW, WIDE):
            self.page.set_viewport_size(size)
            self.page.wait_for_timeout(100)
            width = size["width"]
            if size is not WIDE:
                self.faults += [f"{name} at {width}: {found}" for found in what_sticks_out(self.page)]
            if size is not NARROW:
                self.faults += [f"{name} at {width}: {found}" for found in axe_violations(self.page)]
        self.page.set_viewport_size(PHONE)

    def end(self) -> None:
        self.window.close()
        said = self.window.complaints + self.window.foreign + self.window.dialogs
        assert not self.faults + said, "\n".join(self.faults + said)


def our_longest_line(page: Page) -> float:
    """How long the longest visible corridor on the map is, in pixels."""
    page.locator("[data-map] path.corridor-line").first.wait_for(state="attached")
    longest: float = page.evaluate(
        """() => Math.max(0, ...[...document.querySelectorAll("[data-map] path.corridor-line")]
            .filter((path) => path.checkVisibility() && getComputedStyle(path).stroke !== "none")
            .map((path) => path.getTotalLength()))"""
    )
    return longest


@pytest.fixture
def inspection(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Inspection]:
    looking = Inspection(browser, site, **getattr(request, "param", {}))
    yield looking
    looking.end()


@pytest.fixture(scope="module")
def kept_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "photos"


@pytest.fixture
def demo(site: str, tmp_path: Path, kept_photos: Path) -> None:
    """The demo. Telling it takes seconds, so that it is told once and then copied."""
    if kept_photos.exists():
        paste_tables("demo_for_tests", *tables_of("demo_for_tests"))
        shutil.copytree(kept_photos, tmp_path, dirs_exist_ok=True)
        return
    Story(now=timezone.now(), password=factories.PASSWORD).tell()
    copy_tables("demo_for_tests")
    shutil.copytree(tmp_path, kept_photos)


def test_public_pages_hold_together_while_the_site_is_empty(inspection: Inspection) -> None:
    inspection.visit(LISTS)
    inspection.visit(["/nothing/here/"], status=404)


def test_the_desk_holds_together_while_the_site_is_empty(inspection: Inspection, organizer: User) -> None:
    inspection.window.sign_in(organizer)
    inspection.visit(DESK_LISTS)


@both_ways
def test_public_pages_hold_together_with_the_demo(inspection: Inspection, demo: None) -> None:
    walk = Walk.objects.get(title="Lawn and Van Brunt, by day")
    past = Walk.objects.get(title="Lights from Askew to Hardesty, after dark")
    signup = Signup.objects.filter(walk=walk).exclude(person__email="").first()
    concerns = [PublicConcern.objects.filter(status=status).first() for status in ("verified_fixed", "reopened")]
    assert signup
    assert all(concerns)
    with_map = ["/", "/corridors/", "/concerns/", f"/corridors/{Corridor.objects.get().slug}/"]
    with_map += [f"/walks/{one.public_id}/" for one in (walk, past)]
    with_map += [f"/concerns/{one.public_id}/" for one in concerns if one]
    inspection.visit(with_map, lines=True)
    inspection.visit([address for address in LISTS if address not in with_map])
    inspection.visit([f"/my/{signup_token(signup)}/"])
    assert our_longest_line(inspection.page) > 100


def test_what_follows_a_sign_up_holds_together(inspection: Inspection, demo: None) -> None:
    page = inspection.page
    walk = Walk.objects.get(title="Lawn and Van Brunt, by day")
    inspection.visit([f"/walks/{walk.public_id}/sign-up/"])
    inspection.window.expected_status = 400
    page.get_by_role("button", name="I’ll be there").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    inspection.look("sign-up with mistakes")
    page.get_by_label("Your name").fill("Wren Applegate")
    page.get_by_label("E-mail or phone").fill("(816) 555-0188")
    page.get_by_text("25–34").click()
    page.get_by_role("button", name="I’ll be there").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, see you there")
    inspection.look("signed up")


@both_ways
def test_lists_of_the_desk_hold_together_with_the_demo(inspection: Inspection, demo: None) -> None:
    inspection.window.sign_in(User.objects.get(email="organizer@demo.example"))
    inspection.visit(DESK_LISTS)


@both_ways
def test_pages_of_the_desk_about_one_thing_hold_together(inspection: Inspection, demo: None) -> None:
    inspection.window.sign_in(User.objects.get(email="organizer@demo.example"))
    walk = Walk.objects.get(title="Lawn and Van Brunt, by day")
    draft = Walk.objects.get(title="Benton to Myrtle, by day")
    for one in (walk, draft):
        inspection.visit(f"/desk/walks/{one.public_id}/{more}" for more in ("", "roster/", "edit/", "day/"))
    read = [Concern.objects.filter(status=status).first() for status in ("new", "verified_fixed")]
    assert all(read)
    inspection.visit(f"/desk/concerns/{one.public_id}/" for one in read if one)
    slug = Corridor.objects.get().slug
    inspection.visit([f"/desk/corridors/{slug}/", f"/desk/corridors/{slug}/edit/", "/desk/corridors/areas/"])
