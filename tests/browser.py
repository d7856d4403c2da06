"""Debian’s chromium for tests, and windows that remember whatever went wrong in them.

Tests ask for the fixture `browser` (tests/conftest.py): one chromium for the whole run, because Playwright's loop may
be started only once in a thread.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, ViewportSize, sync_playwright

from people.models import User
from tests.tabs import borrow, give_back

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PHONE, WIDE = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)
# The browser's engine without its windows: the whole of Debian's chromium draws tabs and bars that nobody sees.
EXECUTABLE = "/usr/bin/chromium-headless-shell"
# No other host is found. Blocking tiles call by call instead would cost a round trip for each call there is.
ARGUMENTS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
TILES = re.compile(r"^https://tile\.openstreetmap\.org/")
# Chromium says most refusals itself; this says each of them, also those it keeps quiet about.
TELL_REFUSALS = """document.addEventListener("securitypolicyviolation",
    (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium. Playwright runs a loop in this thread, beside which Django would refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Window:
    """One person's browser window on the running site, with its map tiles blocked.

    `complaints` are script errors, lines of the console's kind "error" and refusals of the content security policy;
    an answer of the `expected_status` is none of them;
    `foreign` the addresses asked for that are neither ours nor map tiles; `tiles` those that were blocked;
    `dialogs` what alert() and its kin said. `check()` fails on any but the tiles.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        user: User | None = None,
        expected_status: int | None = None,
        **options: Any,
    ) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.tiles: list[str] = []
        self.dialogs: list[str] = []
        self.expected_status = expected_status
        self.under_way: set[Request] = set()
        usual = {"base_url": address, "viewport": WIDE, "locale": "en-US"}
        self.tab = borrow(browser, init_script=TELL_REFUSALS, **usual | options)
        self.context, self.page = self.tab.context, self.tab.page
        self.tab.listen(self.context, "request", self._see)
        self.tab.listen(self.context, "requestfinished", self._arrived)
        self.tab.listen(self.context, "requestfailed", self._arrived)
        if user:
            self.sign_in(user)
        self.page.set_default_timeout(10_000)
        self.tab.listen(self.page, "pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.listen(self.page, "console", self._hear)
        self.tab.listen(self.page, "dialog", self._answer)

    def sign_in(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend=BACKEND)
        self.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.address}]
        )

    def _see(self, request: Request) -> None:
        self.under_way.add(request)
        if TILES.match(request.url):
            self.tiles.append(request.url)
        elif not request.url.startswith((self.address + "/", "data:", "blob:")):
            self.foreign.append(request.url)

    def _arrived(self, request: Request) -> None:
        self.under_way.discard(request)

    def _hear(self, message: ConsoleMessage) -> None:
        blocked = "ERR_NAME_NOT_RESOLVED" in message.text and TILES.match(message.location["url"])
        expected = self.expected_status and f"a status of {self.expected_status}" in message.text
        if message.type == "error" and not blocked and not expected:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answer(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def check(self) -> None:
        assert not self.complaints, "\n".join(self.complaints)
        assert not self.foreign, self.foreign
        assert not self.dialogs, self.dialogs

    def close(self) -> None:
        """Let what is under way arrive first: the tables are emptied next."""
        for _ in range(30):
            if not self.under_way:
                break
            self.page.wait_for_timeout(100)
        give_back(self.tab)


def what_sticks_out(page: Page) -> list[str]:
    """What makes the page scroll sideways: the innermost elements beyond its edge. Empty where it doesn't scroll."""
    found: list[str] = page.evaluate(
        """() => {
            const page = document.documentElement;
            if (page.scrollWidth <= page.clientWidth) return [];
            const isClipped = (one) => one && one !== document.body
                && (getComputedStyle(one).overflowX !== "visible" || isClipped(one.parentElement));
            const out = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility()
                && one.getBoundingClientRect().right > page.clientWidth + 1 && !isClipped(one.parentElement));
            const inner = out.filter((one) => !out.some((other) => other !== one && one.contains(other)));
            const said = inner.slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
            return ["scrolls sideways", ...said];
        }"""
    )
    return found
