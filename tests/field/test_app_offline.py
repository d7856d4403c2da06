"""The phone app without a network: what a phone keeps, how it opens, how a new version comes, the home screen."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.templatetags.static import static
from django.utils import timezone
from playwright.sync_api import Page

from concerns.models import Concern
from field.offline import kept_files
from field.words import words
from office.models import Coalition
from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.proxy import BadLine
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A browser that can send in the background says the first; one that can't, such as the engine alone, the second.
WHERE_IT_IS = re.compile("1 only on this phone|1 waiting: keep this page open")

FIELD_PAGE = re.compile(r"^GET /field/( |$|\?)")
API_PUTS = "^(PUT|POST) /field/api/"
# Looks for a new version; answers "installed" (it waits), "redundant" (it was refused) or "refused at once".
LOOK_FOR_UPDATE = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const found = new Promise((resolve) => registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker.addEventListener("statechange", () => resolve(worker.state));
    }));
    const refused = registration.update().then(() => new Promise(() => {}), () => "refused at once");
    return Promise.race([found, refused]);
}"""


@pytest.fixture
def walk(phone_offline: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def wait_until_kept(page: Page) -> Page:
    page.wait_for_selector("body[data-offline-ready]", state="attached", timeout=20_000)
    return page


def reopen(phone: PhoneInHand, hash_: str = "") -> Page:
    """Close the app and open it anew, as a phone does."""
    phone.page.close()
    phone.page = phone._watched(phone.context.new_page())
    phone.page.wait_for_timeout(300)
    return phone.open(hash_)


def version_of(page: Page) -> str:
    return str(page.locator("html").get_attribute("data-version"))


# --- Opening ---


def test_fault_01_without_a_network_the_page_opens_and_logs(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    wait_until_kept(phone_offline.join(walk))
    line.fault("reset", ".")
    phone_offline.context.set_offline(True)
    page = reopen(phone_offline, "?from=home")
    for screen in ("kinds", "again", "mine", "people", "log"):
        page.evaluate(f"location.hash = '#{screen}'")
        page.locator(f"[data-screen={screen}]:not([hidden])").wait_for()
    phone_offline.tap("light")
    phone_offline.done()
    assert phone_offline.count("queued") == 1
    line.heal()
    phone_offline.context.set_offline(False)
    phone_offline.wait_for("sent", 1)
    assert Concern.objects.count() == 1


def test_fault_02_connected_to_a_dead_server_the_page_opens_at_once_and_saves(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    wait_until_kept(phone_offline.join(walk))
    dead = line.fault("hang", ".")
    began = time.monotonic()
    page = reopen(phone_offline)
    assert time.monotonic() - began < 3
    phone_offline.tap("ground")
    assert "Saved on this phone" in page.locator("[data-screen=c] .saved").inner_text()
    phone_offline.done()
    page.locator("#net").get_by_text(WHERE_IT_IS).wait_for()
    assert dead.seen
    line.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    phone_offline.wait_for("sent", 1)
    assert page.locator("#net").inner_text() == ""


def test_a_code_scanned_again_at_a_dead_server_leaves_the_phone_on_its_walk(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    from walks.invites import invite_for

    wait_until_kept(phone_offline.join(walk))
    line.fault("hang", ".")
    began = time.monotonic()
    page = reopen(phone_offline, f"#i={invite_for(walk)}")
    assert time.monotonic() - began < 3
    assert page.locator("[data-screen=log]").is_visible()
    assert page.locator("#alert").inner_text() == ""


def test_the_language_chosen_earlier_is_there_without_a_network(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    page.locator("#language").tap()
    page.wait_for_selector("html[lang=es]")
    line.fault("reset", ".")
    page = reopen(phone_offline)
    assert 'lang="en"' in page.evaluate("fetch('/field/').then((answer) => answer.text())")
    assert page.locator("html").get_attribute("lang") == "es"
    assert page.locator("#tabs").inner_text().split("\n")[-1].strip() == words("es")["tab_people"]
    page.locator("#language").tap()
    page.wait_for_selector("html[lang=en]")
    assert page.locator("#tabs").inner_text().split("\n")[-1].strip() == words("en")["tab_people"]


def test_a_phone_keeps_the_app_and_neither_answers_nor_tiles(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    asked: list[str] = []
    phone_offline.context.on("request", lambda request: asked.append(request.url))
    page = wait_until_kept(phone_offline.join(walk))
    kept: list[str] = page.evaluate(
        """async () => {
            const names = await caches.keys();
            const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
            return requests.flat().map(({ url }) => url.replace(location.origin, ""));
        }"""
    )
    assert sorted(kept) == sorted(
        ["/field/", "/field/words/es/", "/field/manifest.webmanifest", *map(static, kept_files())]
    )
    assert [url for url in asked if not url.startswith((line.address, "data:", "blob:"))] == []
    line.fault("reset", ".")
    answered = """async ([path, options]) => fetch(path, options).then((answer) => answer.status, () => "no answer")"""
    style = next(path for path in kept if path.endswith("field.css"))
    assert page.evaluate(answered, [style, {}]) == 200
    assert page.evaluate(answered, [style, {"headers": {"Range": "bytes=0-9"}}]) == "no answer"
    assert page.evaluate(answered, ["/field/api/pack/", {}]) == "no answer"


# --- A new version ---


def test_fault_22_an_update_with_a_queue_waits_and_loses_nothing(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    line.fault("status", API_PUTS)
    phone_offline.tap("light")
    phone_offline.done()
    before = version_of(page)
    Coalition.objects.update(name="Eastside Neighbors")
    assert page.evaluate(LOOK_FOR_UPDATE) == "installed"
    page.evaluate("location.hash = '#people'")
    page.locator("#app-update").get_by_text("A new version is ready").wait_for()
    phone_offline.open("?again")
    assert version_of(page) == before
    page = reopen(phone_offline)
    assert version_of(page) != before
    assert page.locator("#app-update").is_hidden()
    assert phone_offline.count("queued") == 1
    wait_until_kept(page)
    assert page.evaluate("caches.keys()") == [f"field-{version_of(page)}"]
    line.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    phone_offline.wait_for("sent", 1)
    assert Concern.objects.count() == 1


class OddLine(BadLine):
    """Also redirects to the sign-in page, and answers as an earlier version did."""

    KINDS = (*BadLine.KINDS, "redirect", "earlier")
    earlier = b""

    def remember(self, path: str) -> None:
        self.earlier = self._forward(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n".encode(), b"")

    def _handle(self, client: Any, head: bytes, body: bytes) -> None:
        call = b" ".join(head.split(b" ", 2)[:2]).decode()
        fault = next((one for one in self.faults if one.calls.search(call)), None)
        if fault is None or fault.kind not in ("redirect", "earlier"):
            super()._handle(client, head, body)
            return
        fault.seen.append(call)
        where = b"HTTP/1.1 302 Found\r\nLocation: /accounts/login/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        client.sendall(where if fault.kind == "redirect" else self.earlier)


@pytest.fixture
def line(site: str, request: pytest.FixtureRequest) -> Any:
    bad = OddLine(int(site.rsplit(":", 1)[1]))
    yield bad
    bad.close()


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        pytest.param("redirect", FIELD_PAGE.pattern, id="the page redirects to sign in"),
        pytest.param("earlier", FIELD_PAGE.pattern, id="the page is of another version"),
        pytest.param("status", r"/static/field/log\.", id="one file is missing"),
        pytest.param("portal", "/field/rest/", id="a captive portal answers for the rest"),
        pytest.param("cut_reply", "/field/rest/", id="the rest is cut off"),
        pytest.param("redirect", "/field/rest/", id="the rest redirects"),
    ],
)
def test_fault_23_an_update_that_is_not_whole_is_refused_and_the_old_app_stays(
    phone_offline: PhoneInHand, walk: Walk, line: OddLine, kind: str, calls: str
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    before = version_of(page)
    line.remember("/field/")
    Coalition.objects.update(name="Eastside Neighbors")
    fault = line.fault(kind, calls)
    assert page.evaluate(LOOK_FOR_UPDATE) == "redundant"
    assert fault.seen
    line.heal()
    line.fault("reset", ".")
    page = reopen(phone_offline)
    assert version_of(page) == before
    phone_offline.tap("light")
    phone_offline.done()
    assert phone_offline.count("queued") == 1


@pytest.mark.parametrize("kind", ["redirect", "portal", "status", "reset"])
def test_fault_23_a_worker_that_is_no_script_is_refused_and_the_old_app_stays(
    phone_offline: PhoneInHand, walk: Walk, line: OddLine, kind: str
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    before = version_of(page)
    Coalition.objects.update(name="Eastside Neighbors")
    fault = line.fault(kind, r"/field/sw\.js")
    assert page.evaluate(LOOK_FOR_UPDATE) == "refused at once"
    assert fault.seen
    line.heal()
    line.fault("reset", ".")
    assert version_of(reopen(phone_offline)) == before


def test_a_half_deployed_first_visit_keeps_nothing_and_the_next_one_all(
    phone_offline: PhoneInHand, walk: Walk, line: OddLine
) -> None:
    line.remember("/field/")
    Coalition.objects.update(name="Eastside Neighbors")
    half = line.fault("earlier", FIELD_PAGE.pattern)
    page = phone_offline.join(walk)
    for _ in range(50):
        if len(half.seen) > 1:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)
    assert page.locator("body[data-offline-ready]").count() == 0
    line.heal()
    wait_until_kept(phone_offline.open("?again"))


# --- Sending without a page ---


def dispatch_sync(page: Page, origin: str) -> None:
    """The browser wakes the worker, as it does when signal comes back."""
    devtools = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    for _ in range(50):
        ours = [one for one in registrations if one["scopeURL"].startswith(origin) and not one["isDeleted"]]
        if ours:
            break
        page.wait_for_timeout(100)
    wanted = {"origin": origin, "registrationId": ours[0]["registrationId"], "tag": "outbox", "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", wanted)


def test_what_waits_is_sent_by_the_worker_after_the_page_was_closed(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    line.fault("status", API_PUTS)
    for button in ("light", "ground"):
        phone_offline.tap(button)
        phone_offline.done()
    assert phone_offline.count("queued") == 2
    elsewhere = phone_offline._watched(phone_offline.context.new_page())
    page.close()
    elsewhere.wait_for_timeout(1500)
    line.heal()
    assert Concern.objects.count() == 0
    dispatch_sync(elsewhere, line.address)
    for _ in range(100):
        if Concern.objects.count() == 2:
            break
        elsewhere.wait_for_timeout(100)
    assert Concern.objects.count() == 2
    phone_offline.page = elsewhere
    phone_offline.open()
    phone_offline.wait_for("sent", 2)
    assert phone_offline.count("queued") == 0


def test_fault_31_a_banner_stands_while_something_is_only_on_the_phone(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    page = wait_until_kept(phone_offline.join(walk))
    line.fault("status", API_PUTS)
    phone_offline.tap("light")
    phone_offline.done()
    banner = page.locator("#net")
    banner.get_by_text("Don’t clear this browser’s data").wait_for()
    for screen in ("again", "mine", "people", "log"):
        page.evaluate(f"location.hash = '#{screen}'")
        page.locator(f"[data-screen={screen}]:not([hidden])").wait_for()
        assert "Don’t clear this browser’s data" in banner.inner_text()
    line.heal()
    page.evaluate("dispatchEvent(new Event('online'))")
    phone_offline.wait_for("sent", 1)
    assert banner.inner_text() == ""


def test_a_browser_that_cannot_send_alone_is_asked_to_stay_open(
    phone_offline: PhoneInHand, walk: Walk, line: BadLine
) -> None:
    phone_offline.context.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page = wait_until_kept(phone_offline.join(walk))
    line.fault("status", API_PUTS)
    phone_offline.tap("light")
    phone_offline.done()
    page.locator("#net").get_by_text("1 waiting: keep this page open").wait_for()


# --- On the home screen ---


def test_fault_32_the_app_on_the_home_screen_says_what_it_cannot_see(phone_offline: PhoneInHand, walk: Walk) -> None:
    phone_offline.context.add_init_script("Object.defineProperty(navigator, 'standalone', { value: true })")
    page = phone_offline.open("?from=home#mine")
    assert page.locator("#join-app").is_visible()
    assert "can’t see what your browser kept" in page.locator("#join-app").inner_text()
    assert page.locator("#letters").is_visible()
    assert page.locator("#mine-list, #mine-empty, #counts").locator("visible=true").count() == 0
    phone_offline.join(walk)
    assert page.locator("#join-app").is_hidden()


def test_in_a_browser_nothing_is_said_about_the_home_screen(phone_offline: PhoneInHand) -> None:
    assert phone_offline.open().locator("#join-app").is_hidden()


def test_installing_is_offered_on_the_team_screen_and_never_around_a_walk(
    phone_offline: PhoneInHand, walk: Walk
) -> None:
    page = phone_offline.join(walk)
    offer = """() => {
        const question = new Event("beforeinstallprompt", { cancelable: true });
        question.prompt = () => { document.body.dataset.asked = "yes"; };
        dispatchEvent(question);
        return question.defaultPrevented;
    }"""
    assert page.evaluate(offer) is True
    page.evaluate("location.hash = '#people'")
    page.locator("[data-screen=people]:not([hidden])").wait_for()
    button = page.locator("#app-install")
    assert button.is_hidden()
    over = timezone.now() - timedelta(minutes=10)
    Walk.objects.update(meet_at=over - timedelta(hours=3), step_off_at=over - timedelta(hours=2), end_at=over)
    phone_offline.open("?again#people")
    page.wait_for_timeout(500)
    assert button.is_hidden()
    page.evaluate(offer)
    button.tap()
    page.wait_for_selector("body[data-asked]")
    assert button.is_hidden()
