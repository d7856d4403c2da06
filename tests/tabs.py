"""Tabs of the tests' browser that go from test to test.

A new page costs the browser a new process, and the site's scripts are compiled anew in it: more than what most tests do
there. So a tab that was left as it began is emptied and used again; one on which a test did something that can't be
taken back (a script for every page, a clock, a listener, …) is closed.
"""

import json
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page

# What leaves something in a context or a page that outlives the test. Calls of these spoil the tab.
OF_A_CONTEXT = ["add_init_script", "clear_permissions", "expose_binding", "expose_function", "grant_permissions"]
OF_A_CONTEXT += ["new_cdp_session", "on", "once", "set_extra_http_headers"]
OF_A_PAGE = ["add_init_script", "close", "emulate_media", "expose_binding", "expose_function", "on", "once"]
OF_A_PAGE += ["set_extra_http_headers"]
MAX_IDLE = 4
EMPTY = "an-empty-page"
# Nothing of these may be left: `fresh` tells whether the clock is still the machine's own.
LEAVE = """() => { try { sessionStorage.clear(); } catch {} return !("__pwClock" in globalThis); }"""


class Tab:
    """A context with one page in it. Its makers' own listeners are put on by `listen`, and taken off at the end."""

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self.options = options
        self.context: BrowserContext = browser.new_context(
            **{name: value for name, value in options.items() if name != "init_script"}
        )
        if "init_script" in options:
            self.context.add_init_script(options["init_script"])
        self.page: Page = self.context.new_page()
        self.is_spoiled = False
        self.listeners: list[tuple[Any, str, Any]] = []
        self.devtools = self.context.new_cdp_session(self.page)
        self._on: dict[int, Any] = {id(owner): owner.on for owner in (self.context, self.page)}
        for owner, names in ((self.context, OF_A_CONTEXT), (self.page, OF_A_PAGE)):
            for name in names:
                setattr(owner, name, self._spoiling(getattr(owner, name)))

    def _spoiling(self, method: Any) -> Any:
        def spoil(*args: Any, **kwargs: Any) -> Any:
            self.is_spoiled = True
            return method(*args, **kwargs)

        return spoil

    def listen(self, owner: BrowserContext | Page, event: str, handler: Any) -> None:
        put_on: Any = self._on.get(id(owner), owner.on)
        put_on(event, handler)
        self.listeners.append((owner, event, handler))

    def empty(self) -> bool:
        """Back to how it began, with nothing of the site left in it. False where that can't be."""
        if self.is_spoiled or self.page.is_closed():
            return False
        try:
            for owner, event, handler in self.listeners:
                if owner in (self.context, self.page):
                    owner.remove_listener(event, handler)
            self.listeners.clear()
            return self._leave_the_site()
        except Error:
            return False

    def _leave_the_site(self) -> bool:
        for other in self.context.pages:
            if other is not self.page:
                other.close()
        if not self.page.evaluate(LEAVE):
            return False
        origin = self.page.evaluate("origin")
        if origin.startswith("http"):  # an empty page there: on about:blank the browser would let go of the process
            self.page.route(f"{origin}/{EMPTY}", lambda route: route.fulfill(body="", content_type="text/html"))
            self.page.goto(f"{origin}/{EMPTY}")
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.set_offline(False)
        if "geolocation" in self.options:
            self.context.set_geolocation(self.options["geolocation"])
        if self.options.get("viewport"):
            self.page.set_viewport_size(self.options["viewport"])
        if origin.startswith("http"):
            self.devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.devtools.send("Network.clearBrowserCache")
        self.devtools.send("Page.resetNavigationHistory")
        self.context.clear_cookies()
        return True


_idle: list[tuple[str, Tab]] = []


def borrow(browser: Browser, **options: Any) -> Tab:
    """A tab like a new one, of a context with these options; `init_script` runs before each page's own."""
    key = json.dumps(options, sort_keys=True)
    for place, (other, tab) in enumerate(_idle):
        if other == key and tab.context.browser is browser:
            del _idle[place]
            return tab
    return Tab(browser, options)


def give_back(tab: Tab) -> None:
    if not tab.empty():
        tab.context.close()
        return
    _idle.append((json.dumps(tab.options, sort_keys=True), tab))
    if len(_idle) > MAX_IDLE:
        _idle.pop(0)[1].context.close()
