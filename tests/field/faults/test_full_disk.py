"""A phone whose disk is really full: the browser's profile lies on a small tmpfs, and a file takes up the rest."""

import io
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload

from concerns.models import Concern, Photo
from tests.field.handset import Handset
from tests.field.mortal import MortalServer
from tests.field.proxy import BadLine
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZE = 256_000_000


class SmallDisk:
    """A tmpfs at `folder`. `fill()` leaves so many bytes free, `free()` gives all back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"

    def left(self) -> int:
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def fill(self, leave: int = 0) -> None:
        with self.ballast.open("ab", buffering=0) as file:
            try:
                while (more := self.left() - leave) > 0:
                    file.write(b"\1" * min(more, 4_000_000))
            except OSError:
                return

    @contextmanager
    def kept_full(self, leave: int) -> Iterator[None]:
        """Full again at once where the browser frees something: it throws old caches away when it likes to."""
        over = threading.Event()

        def refill() -> None:
            while not over.wait(0.01):
                self.fill(leave)

        self.fill(leave)
        filler = threading.Thread(target=refill, daemon=True)
        filler.start()
        try:
            yield
        finally:
            over.set()
            filler.join()

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)


def a_detailed_photo() -> FilePayload:
    """A photo that stays large when the phone has made it smaller."""
    picture = Image.effect_noise((2000, 1500), 90).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return {"name": "IMG_0002.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", str(folder)]
    made = subprocess.run(mount, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no small disk may be mounted here, so none can be filled: {made.stderr.strip()}")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def handset(browser: Browser, line: BadLine, disk: SmallDisk) -> Iterator[Handset]:
    held = Handset(browser.browser_type, disk.folder / "profile", line.address).start()
    yield held
    disk.free()
    held.close()


def test_fault_16_a_disk_too_full_for_the_photo_keeps_the_text_and_says_so_aloud(
    handset: Handset, line: BadLine, disk: SmallDisk, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    line.fault("reset", "PUT ")
    record = handset.tap("house")
    with disk.kept_full(leave=150_000):
        page.locator("#camera").set_input_files(a_detailed_photo())
        page.locator("#alert").get_by_text("photo is NOT").wait_for()
    assert page.locator("#photos li").count() == 0
    disk.free()
    handset.done()
    kept = handset.kept()
    assert [(one["id"], one["photos"]) for one in kept["records"]] == [(record, [])]
    assert kept["photos"] == []
    line.heal()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert (Concern.objects.count(), Photo.objects.count()) == (1, 0)


def test_fault_17_a_disk_too_full_for_the_text_says_not_saved_and_never_saved(
    handset: Handset, line: BadLine, disk: SmallDisk, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    line.fault("reset", "PUT ")
    said_saved, n_refused = {handset.log("light")}, 0
    for _n in range(30):  # the browser's last page on the disk may still have room for a few
        disk.fill()
        assert disk.left() == 0
        page.locator("#six [data-group=house]").tap()
        refusal = page.locator("#alert").get_by_text("NOT saved")
        refusal.or_(page.locator("#done")).filter(visible=True).first.wait_for()
        if refusal.is_visible():
            assert page.locator("[data-screen=c]").is_hidden()
            n_refused += 1
        else:
            said_saved.add(str(page.evaluate("location.hash.slice(3)")))
            page.evaluate("() => { location.hash = '#log'; }")
            page.locator("[data-screen=log]:not([hidden])").wait_for()
        if n_refused == 2:
            break
        page.wait_for_timeout(750)
    assert n_refused == 2
    disk.free()
    handset.kill()
    handset.start().open()
    assert {one["id"] for one in handset.kept()["records"]} == said_saved
    line.heal()
    handset.nudge()
    handset.wait_for("sent", len(said_saved))
    handset.log("house")
    handset.wait_for("sent", len(said_saved) + 1)
    assert Concern.objects.count() == len(said_saved) + 1
