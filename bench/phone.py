"""`script/bench phone`: what the phone app weighs, and how quick it is on a slow phone with a bad signal.

Chromium runs with a quarter of the processor and a line of 400 kbit/s and 400 ms, against the web server as
script/server starts it. Each figure is the median of several runs with a new browser profile.
"""

import argparse
import gzip
import http.client
import io
import json
import os
import re
import secrets
import statistics
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from bench import data
from bench.report import Check, judge, percentile, save
from bench.server import Server, database_url, serve

SLOWER, KBIT, DELAY_MS = 4, 400, 400
MOST_PAGE_KB, MOST_OFFLINE_KB = 12.0, 110.0
WORKER_MS = 30_000
MOST_COLD_MS, MOST_WARM_MS, MOST_TAP_MS = 5000.0, 1000.0, 100.0
TAPS = ["light", "ground", "way", "plants", "good", "light"]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "en-US",
    "geolocation": {"latitude": 39.10612, "longitude": -94.53912, "accuracy": 8},
    "permissions": ["geolocation"],
}
WHEN_READY = """new MutationObserver((_changes, observer) => {
    if (document.body?.dataset.ready === undefined) return;
    window.readyAt = performance.now();
    observer.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });"""
CACHED = """async () => {
    const urls = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) urls.push(request.url);
    }
    return urls;
}"""


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    data.make_database()
    walk = _walk_on_the_avenue()
    call_command("collectstatic", interactive=False, verbosity=0)
    with serve("saferoutes.wsgi", url=database_url()) as server:
        checks = [*measure_weights(server, walk), *measure_speed(server, walk, runs=options.runs)]
    title = f"phone: processor {SLOWER} times slower, {KBIT} kbit/s, {DELAY_MS} ms; medians of {options.runs} runs"
    is_fine = judge(title, checks)
    save("phone", checks, **vars(options))
    print(f"  kept in {settings.VAR_DIR / 'bench.json'}")
    return 0 if is_fine else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench phone", description="Weights, and a slow phone.")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured (5)")
    return parser.parse_args(arguments)


def _walk_on_the_avenue() -> Any:
    """A running walk on the Independence Avenue of the demo, whose pack is what volunteers carry."""
    from corridors.models import Corridor

    os.environ.setdefault("DEMO_PASSWORD", secrets.token_urlsafe(9))
    sign_ins = settings.VAR_DIR / "bench-sign-ins.txt"
    call_command("load_demo", sign_ins=str(sign_ins), stdout=io.StringIO())
    sign_ins.unlink(missing_ok=True)
    corridor = Corridor.objects.filter(name__startswith="Independence").order_by("id")[0]
    return data.add_running_walk(corridor, 1)


# --- Weights ----------------------------------------------------------------------------------------------------------


def measure_weights(server: Server, walk: Any) -> Iterator[Check]:
    """Kilobytes on the wire, compressed as the server does it."""
    page = fetch(server, "/field/")
    yield Check("field page", len(page) / 1000, "kB", MOST_PAGE_KB)
    first = sorted({"/field/", *_first_files(gzip.decompress(page).decode())})
    weights = {path: len(fetch(server, path)) / 1000 for path in first}
    yield Check("first screen: page, styles, modules", sum(weights.values()), "kB")
    yield Check("requests of the first screen", len(first))


def _first_files(html: str) -> set[str]:
    """What the page itself names: styles, scripts, and modules fetched ahead."""
    return {path for path in re.findall(r'(?:href|src)="(/static/[^"#]+)', html) if path.endswith((".js", ".css"))}


def fetch(server: Server, path: str, **headers: str) -> bytes:
    """The body as it travels, gzip where the server does that."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    client.request("GET", path, headers={"Accept-Encoding": "gzip"} | headers)
    response = client.getresponse()
    body = response.read()
    client.close()
    if response.status != 200:
        raise RuntimeError(f"GET {path} answered {response.status}")
    return body


def pack_of(server: Server, walk: Any) -> bytes:
    """The pack of a phone that joins now, as it travels."""
    from walks.invites import invite_for

    asked = {"invite": invite_for(walk), "device": str(uuid.uuid4()), "secret": secrets.token_hex(32)}
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    client.request("POST", "/field/api/devices/", json.dumps(asked), {"Content-Type": "application/json"})
    token = json.loads(client.getresponse().read())["token"]
    client.close()
    return fetch(server, "/field/api/pack/", Authorization=f"Bearer {token}")


def offline_weight(server: Server, walk: Any, cached: Sequence[str]) -> Iterator[Check]:
    """All that works without signal: the page and what it names, the rest in its one answer, the pack of the walk."""
    rest = "/field/rest/en/"
    in_the_rest = set(json.loads(gzip.decompress(fetch(server, rest)))["files"])
    paths = {urlsplit(url)._replace(scheme="", netloc="").geturl() for url in cached} - in_the_rest
    weights = {path: len(fetch(server, path)) / 1000 for path in paths | {"/field/", rest}}
    weights["the pack"] = len(pack_of(server, walk)) / 1000
    yield Check("all that offline needs", sum(weights.values()), "kB", MOST_OFFLINE_KB)
    ours = {path: weight for path, weight in weights.items() if path.startswith("/static/field/")}
    yield Check(f"of it {len(ours)} modules and styles of the app", sum(ours.values()), "kB")
    for path, weight in sorted(weights.items(), key=lambda item: -item[1])[:6]:
        yield Check(f"of it {path.removeprefix('/static/')}"[:44], weight, "kB")


# --- A slow phone -----------------------------------------------------------------------------------------------------


def measure_speed(server: Server, walk: Any, *, runs: int) -> Iterator[Check]:
    """Open it the first time, again from the service worker, tap, and take a photo; each run with a new profile."""
    from walks.invites import invite_for

    address, picture = f"http://127.0.0.1:{server.port}", a_large_photo()
    heard: dict[str, list[float]] = {"cold": [], "joined": [], "warm": [], "dead": [], "tap": [], "photo": []}
    cached: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for _ in range(runs):
            with a_slow_phone(browser.new_context(**PHONE)) as (page, line):
                heard["cold"].append(opened(page, f"{address}/field/"))
            with a_slow_phone(browser.new_context(**PHONE)) as (page, line):
                heard["joined"].append(opened(page, f"{address}/field/#i={invite_for(walk)}"))
                page.wait_for_selector("[data-screen=log]:not([hidden])")
                cached = _let_it_settle(page, line)
                if cached:
                    heard["warm"].append(opened(page, f"{address}/field/"))
                    line.send("Network.emulateNetworkConditions", _line(offline=True))
                    heard["dead"].append(opened(page, f"{address}/field/"))
                    line.send("Network.emulateNetworkConditions", _line())
                heard["tap"] += taps(page)
                heard["photo"].append(a_photo(page, picture))
        browser.close()
    if cached:
        yield from offline_weight(server, walk, cached)
    yield Check("ready, first time", _median(heard["cold"]), "ms", MOST_COLD_MS)
    yield Check("ready, first time, with a walk's code", _median(heard["joined"]), "ms")
    warm = _median(heard["warm"]) if cached else float("inf")
    yield Check("ready from the service worker", warm, "ms", MOST_WARM_MS)
    yield Check("ready from it without signal", _median(heard["dead"]) if cached else float("inf"), "ms", MOST_WARM_MS)
    yield Check(f"tap to durable, median of {len(heard['tap'])}", _median(heard["tap"]), "ms", MOST_TAP_MS)
    yield Check("tap to durable, p95", percentile(heard["tap"], 0.95), "ms", MOST_TAP_MS)
    yield Check("photo of 12 megapixels to durable", _median(heard["photo"]), "ms")


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _line(*, offline: bool = False, quick: bool = False) -> dict[str, Any]:
    speed, delay = (-1, 0) if quick else (KBIT * 1000 / 8, DELAY_MS)
    return {"offline": offline, "latency": delay, "downloadThroughput": speed, "uploadThroughput": speed}


@contextmanager
def a_slow_phone(context: BrowserContext) -> Iterator[tuple[Page, CDPSession]]:
    """A new page with a slow processor and a slow line, and its line; no map tile is ever asked for."""
    tiles = urlsplit(settings.MAP_TILES_URL).netloc
    page = context.new_page()
    page.add_init_script(WHEN_READY)
    page.set_default_timeout(60_000)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setBlockedURLs", {"urls": [f"*{tiles}*"] if tiles else []})
    line.send("Network.emulateNetworkConditions", _line())
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    try:
        yield page, line
    finally:
        context.close()


def opened(page: Page, url: str) -> float:
    """Milliseconds from the start of the navigation until the page says that it is ready."""
    if page.url == url:
        page.reload(wait_until="commit")
    else:
        page.goto("about:blank")
        page.goto(url, wait_until="commit")
    page.wait_for_selector("body[data-ready]", state="attached")
    return float(page.evaluate("window.readyAt"))


def _let_it_settle(page: Page, line: CDPSession) -> list[str]:
    """On a quick line, wait until the service worker keeps everything. Its addresses; none where there is no worker."""
    line.send("Network.emulateNetworkConditions", _line(quick=True))
    try:
        page.wait_for_selector("body[data-offline-ready]", state="attached", timeout=WORKER_MS)
    except BrowserError:
        return []
    kept: list[str] = page.evaluate(CACHED)
    page.wait_for_timeout(1000)  # the other screens arrive meanwhile
    line.send("Network.emulateNetworkConditions", _line())
    return kept


def taps(page: Page) -> list[float]:
    """Milliseconds from each tap on a button until the concern is on the disk, as the page measures them."""
    for button in TAPS:
        page.locator(f"#six [data-group={button}]").tap()
        page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
        page.wait_for_timeout(750)  # two taps within 0.7 s are one
        page.locator("#done").tap()
        page.locator("[data-screen=log]:not([hidden])").wait_for()
    return _measured(page, "tap-to-durable")


def a_photo(page: Page, picture: Path) -> float:
    page.locator("#six [data-group=house]").tap()
    page.locator("[data-screen=c]:not([hidden]) #done").wait_for()
    page.locator("#camera").set_input_files(picture)
    page.wait_for_selector("#photos li")
    return _measured(page, "photo-to-durable")[-1]


def _measured(page: Page, name: str) -> list[float]:
    found = page.evaluate("(name) => performance.getEntriesByName(name).map((one) => one.duration)", name)
    return [float(one) for one in found]


def a_large_photo() -> Path:
    """4000 by 3000 pixels, held upright and stored on its side, as cameras do."""
    exif = Image.Exif()
    exif[0x0112] = 6
    rough = Image.effect_noise((500, 375), 60).resize((4000, 3000), Image.Resampling.BICUBIC)
    path = settings.VAR_DIR / "bench-photo.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.merge("RGB", [rough, rough.transpose(Image.Transpose.FLIP_LEFT_RIGHT), rough]).save(path, exif=exif)
    return Path(path)
