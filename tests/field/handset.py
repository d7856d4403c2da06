"""A phone whose browser can be killed and started again on what its disk holds.

A persistent profile in a folder, service workers allowed: what a volunteer's phone keeps when it runs out of battery.
"""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, Error, FilePayload, Page

from tests.browser import EXECUTABLE
from tests.field.conftest import PHONE
from walks.invites import invite_for
from walks.models import Walk

ARGUMENTS = ["--no-sandbox", "--disk-cache-size=4000000", "--disable-features=Translate"]
OF_THE_BROWSER = ("Failed to load resource", "net::ERR_", "when fetching the script")
TILES = "https://tile.openstreetmap.org/**"
# What the phone keeps, without the bytes of photos but with their hash as the phone computes it now.
KEPT = """async () => {
    const { all } = await import("/static/field/store.js");
    const hash = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
        .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const photos = [];
    for (const { bytes, thumb, ...photo } of await all("photos")) {
        photos.push({ ...photo, has_bytes: Boolean(bytes), now: bytes ? await hash(bytes) : null });
    }
    return { records: await all("records"), photos, walks: await all("walks") };
}"""


def processes_of(folder: Path) -> list[int]:
    """Processes that were started with this profile."""
    found = []
    for place in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if str(folder).encode() in (place / "cmdline").read_bytes() and int(place.name) != os.getpid():
                found.append(int(place.name))
    return found


class Handset:
    """A phone at the field app of `address`. `start()` after `kill()` finds what the disk holds."""

    def __init__(self, browser_type: BrowserType, folder: Path, address: str, **options: Any) -> None:
        self.browser_type, self.folder, self.address, self.options = browser_type, folder, address, options
        self.context: BrowserContext | None = None
        self.faults: list[str] = []

    # --- On and off ---

    def start(self) -> "Handset":
        self.context = self.browser_type.launch_persistent_context(
            str(self.folder),
            executable_path=EXECUTABLE,
            args=ARGUMENTS,
            **PHONE | {"permissions": ["geolocation", "background-sync"]} | self.options,
        )
        self.context.route(TILES, lambda route: route.abort())
        self.page = self._watched(self.context.pages[0] if self.context.pages else self.context.new_page())
        return self

    def _watched(self, page: Page) -> Page:
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        return page

    def _hear(self, kind: str, text: str) -> None:
        # What the browser says of a server that is dead is no fault of the page.
        if kind == "error" and not any(words in text for words in OF_THE_BROWSER):
            self.faults.append(text)

    def kill(self) -> None:
        """kill -9 of the browser with all its processes: an empty battery."""
        pids = processes_of(self.folder)
        assert pids, "there is no browser to kill"
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
        self._wait_until_gone()
        with contextlib.suppress(Error):
            assert self.context is not None
            self.context.close()
        self.context = None

    def crash_tabs(self) -> None:
        """kill -9 of the tabs alone: the system wanted their memory. The browser goes on."""
        with contextlib.suppress(Error):
            for page in self.context.pages if self.context else []:
                page.goto("chrome://crash", timeout=3000)

    def _wait_until_gone(self) -> None:
        end = time.monotonic() + 20
        while processes_of(self.folder):
            assert time.monotonic() < end, "the browser doesn't end"
            time.sleep(0.05)

    def close(self) -> None:
        if self.context is None:
            return
        with contextlib.suppress(Error):
            self.context.close()
        self.context = None
        with contextlib.suppress(ProcessLookupError):
            for pid in processes_of(self.folder):
                os.kill(pid, signal.SIGKILL)
        self._wait_until_gone()

    def new_tab(self) -> Page:
        assert self.context is not None
        self.page = self._watched(self.context.new_page())
        return self.page

    # --- In the hand ---

    def open(self, hash_: str = "") -> Page:
        self.page.goto(f"{self.address}/field/{hash_}")
        return self.ready()

    def ready(self) -> Page:
        try:
            self.page.wait_for_selector("body[data-ready]", state="attached")
        except Error as slow:
            raise AssertionError(f"the app didn’t start: {self.faults or slow}") from slow
        return self.page

    def wait_until_kept(self) -> Page:
        """Until the app would open without a network."""
        self.page.wait_for_selector("body[data-offline-ready]", state="attached", timeout=30_000)
        return self.page

    def join(self, walk: Walk) -> Page:
        page = self.open(f"#i={invite_for(walk)}")
        page.wait_for_selector("[data-screen=log]:not([hidden])")
        return page

    def log(self, button: str, *, photos: list[FilePayload] | None = None, note: str = "") -> str:
        """A tap on one of the six buttons, what else is given, and Done. Returns the record's id."""
        record = self.tap(button)
        for n, photo in enumerate(photos or [], 1):
            self.page.locator("#camera").set_input_files(photo)
            self.page.wait_for_function("n => document.querySelectorAll('#photos li').length === n", arg=n)
        if note:
            self.page.locator("#note").fill(note)
        self.done()
        return record

    def tap(self, button: str) -> str:
        self.page.locator(f"#six [data-group={button}]").tap()
        self.page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
        self.page.wait_for_timeout(750)  # two taps within 0.7 s are one
        return str(self.page.evaluate("location.hash.slice(3)"))

    def done(self) -> None:
        self.page.locator("#done").tap()
        self.page.locator("[data-screen=log]:not([hidden])").wait_for()

    def nudge(self) -> None:
        """What a phone does by itself when its signal comes back."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def wait_for(self, state: str, n: int, *, timeout: float = 20_000) -> None:
        self.page.wait_for_selector(f"[data-count={state}][data-n='{n}']", state="attached", timeout=timeout)

    def kept(self) -> Any:
        """{"records", "photos", "walks"} as the phone keeps them; a photo's `now` is the hash of the bytes it has."""
        return self.page.evaluate(KEPT)
