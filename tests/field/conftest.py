"""A phone-sized browser for the tests of the phone app."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.field.proxy import BadLine
from tests.tabs import Tab, borrow, give_back
from walks.models import Walk

ON_THE_NORTH_SIDE = {"latitude": 39.10612, "longitude": -94.53912, "accuracy": 8}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-US",
    "geolocation": ON_THE_NORTH_SIDE,
    "permissions": ["geolocation"],
}


class PhoneInHand:
    """One person's phone: a page at the field app, and what went wrong on it."""

    def __init__(self, tab: Tab, address: str) -> None:
        self.tab = tab
        self.context: BrowserContext = tab.context
        self.address = address
        self.faults: list[str] = []
        self.under_way: set[Request] = set()
        tab.listen(tab.context, "request", lambda request: self.under_way.add(request))
        tab.listen(tab.context, "requestfinished", lambda request: self.under_way.discard(request))
        tab.listen(tab.context, "requestfailed", lambda request: self.under_way.discard(request))
        self.page = self._watched(tab.page)

    def _watched(self, page: Page) -> Page:
        page.set_default_timeout(8000)
        self.tab.listen(page, "pageerror", lambda error: self.faults.append(str(error)))
        self.tab.listen(page, "console", lambda said: self._hear(said.type, said.text))
        return page

    def _hear(self, kind: str, text: str) -> None:
        # Only the page's own faults count: a refused answer is a line in the console, too, and so is a worker still on
        # its way when the phone is put away.
        passing = ("Failed to load resource", "An unknown error occurred when fetching the script")
        if kind == "error" and not text.startswith(passing):
            self.faults.append(text)

    def open(self, hash_: str = "") -> Page:
        self.page.goto(f"{self.address}/field/{hash_}")
        self.page.wait_for_selector("body[data-ready]", state="attached")
        return self.page

    def join(self, walk: Walk) -> Page:
        from walks.invites import invite_for

        page = self.open(f"#i={invite_for(walk)}")
        page.wait_for_selector("[data-screen=log]:not([hidden]), [data-screen=crew]:not([hidden])")
        return page

    def tap(self, button: str) -> None:
        """A tap on one of the six buttons, and the sheet that follows."""
        self.page.locator(f"#six [data-group={button}]").tap()
        self.page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
        self.page.wait_for_timeout(750)  # two taps within 0.7 s are one

    def done(self) -> None:
        self.page.locator("#done").tap()
        self.page.locator("[data-screen=log]:not([hidden])").wait_for()

    def put_away(self) -> None:
        """Let what is under way arrive and nothing new start: the tables are emptied next."""
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.route("**/*", lambda route: route.abort())
        for _ in range(30):
            self.page.wait_for_timeout(100)
            if not self.under_way:
                break
        give_back(self.tab)

    def count(self, state: str) -> int:
        return int(self.page.locator(f"[data-count={state}]").get_attribute("data-n") or -1)

    def wait_for(self, state: str, n: int) -> None:
        self.page.wait_for_selector(f"[data-count={state}][data-n='{n}']", state="attached", timeout=15000)


@pytest.fixture
def phone(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[PhoneInHand]:
    """A phone on the north side of the first block; parametrize it (indirect) with other options of the browser.

    It has no service worker, so that tests may answer in the server's place.
    """
    in_hand = PhoneInHand(borrow(browser, **PHONE | {"service_workers": "block"} | getattr(request, "param", {})), site)
    yield in_hand
    in_hand.put_away()
    assert in_hand.faults == []


@pytest.fixture
def line(site: str) -> Iterator[BadLine]:
    """The way from the phone to the running site; tests make it bad."""
    bad = BadLine(int(site.rsplit(":", 1)[1]))
    yield bad
    bad.close()


@pytest.fixture
def phone_offline(browser: Browser, line: BadLine, request: pytest.FixtureRequest) -> Iterator[PhoneInHand]:
    """A phone with a service worker on a line that can be cut, once `body[data-offline-ready]` is there."""
    permissions = {"permissions": ["geolocation", "background-sync"]}
    tab = Tab(browser, PHONE | permissions | getattr(request, "param", {}))
    tab.is_spoiled = True  # a service worker outlives its pages
    # A route switches the browser's own cache off: what opens without a network the worker has kept.
    tab.context.route("https://tile.openstreetmap.org/**", lambda route: route.abort())
    in_hand = PhoneInHand(tab, line.address)
    yield in_hand
    line.fault("drop_request", ".")
    in_hand.put_away()
    assert in_hand.faults == []
