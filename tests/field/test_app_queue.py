"""The phone's queue: what is sent when and by whom, what stops it, and what is kept until the server has it."""

import uuid

import pytest
from playwright.sync_api import Page, Route

from concerns.models import Concern
from field.models import Receipt
from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.queue_lab import MADE_UP_SERVER, ON_A_WALK, RUN_WORKER, let_workers_in
from tests.field.test_app import CONCERNS
from walks.models import Device, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


@pytest.fixture
def lab(phone: PhoneInHand) -> Page:
    """The app's page with a server of its own, on a walk; nothing reaches the real one."""
    page = phone.open()
    page.evaluate(MADE_UP_SERVER)
    page.evaluate(ON_A_WALK)
    return page


# --- One sender a phone -----------------------------------------------------------------------------------------------


def test_fault_06_without_locks_two_tabs_that_send_at_once_make_one_concern(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.add_init_script("Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })")
    page = phone.join(walk)
    waiting: list[Route] = []
    phone.context.route(CONCERNS, lambda route: waiting.append(route))
    phone.tap("light")
    phone.done()
    other = phone._watched(phone.context.new_page())
    other.goto(f"{phone.address}/field/")
    for _ in range(80):
        page.wait_for_timeout(100)
        if len(waiting) >= 2:
            break
    for route in waiting:
        route.continue_()
    phone.context.unroute(CONCERNS)
    phone.wait_for("sent", 1)
    assert len(waiting) == 2
    assert Concern.objects.count() == Receipt.objects.count() == 1


def test_fault_07_a_worker_sends_nothing_that_a_page_is_sending(phone: PhoneInHand, walk: Walk) -> None:
    let_workers_in(phone)
    page = phone.join(walk)
    sent: list[str] = []

    def slowly(route: Route) -> None:
        sent.append(route.request.url)
        page.wait_for_timeout(1500)
        route.continue_()

    phone.context.route(CONCERNS, slowly)
    for button in ("light", "house"):
        phone.tap(button)
        phone.done()
    page.wait_for_timeout(500)
    page.evaluate(RUN_WORKER)
    phone.wait_for("sent", 2)
    page.wait_for_timeout(1000)
    assert len(sent) == len(set(sent)) == 2


def test_fault_07_a_sender_that_fell_silent_for_minutes_is_passed_over(lab: Page) -> None:
    asleep = lab.context.new_page()
    asleep.goto(lab.url)
    asleep.evaluate("() => void navigator.locks.request('saferoutes-outbox', () => new Promise(() => {}))")
    states = lab.evaluate(
        """async () => {
            await note("pass");
            await drain();
            const held = Object.values(await states());
            const now = Date.now;
            Date.now = () => now() + 6 * 60000;
            await drain();
            return [held, Object.values(await states())];
        }"""
    )
    assert states == [["queued"], ["sent"]]


def test_what_waits_is_sent_by_a_worker_without_a_page(phone: PhoneInHand, walk: Walk) -> None:
    let_workers_in(phone)
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("light")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    phone.context.unroute(CONCERNS)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('not the page')); }")
    assert page.evaluate(RUN_WORKER) == {"net": "idle", "waiting": 0}
    phone.wait_for("sent", 1)  # the page hears of it
    assert Concern.objects.count() == 1


# --- What stops the queue and what doesn't ----------------------------------------------------------------------------


def test_a_silent_server_is_asked_once_and_everything_waits(lab: Page) -> None:
    counted = lab.evaluate(
        """async () => {
            reply = () => [0];
            for (let i = 0; i < 3; i += 1) await note("pass");
            const before = calls.length;
            const { net, waiting } = await sendNow();
            return [net, waiting, new Set(calls.map(({ id }) => id)).size <= calls.length, calls.length - before < 3];
        }"""
    )
    assert counted == ["signal", 3, True, True]


def test_fault_13_a_refused_record_holds_up_none_of_those_behind_it(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            reply = () => [0];
            const [bad, ...good] = [await note("pass"), await note("pass"), await note("pass")];
            await drain();
            for (const { id } of await all("records")) await update("records", id, (row) => ({ ...row, tries: 0 }));
            reply = ({ id }) => (id === bad.id ? [400, { errors: [{ field: "lit", message: "No." }] }] : [201, {}]);
            calls.length = 0;
            await sendNow(); // a drain that runs already would be joined, and had the silent server
            const now = await states();
            const n = new Set(calls.filter(({ method }) => method === "PUT").map(({ id }) => id)).size;
            return [n, now[bad.id], ...good.map(({ id }) => now[id])];
        }"""
    )
    assert found == [3, "refused", "sent", "sent"]


def test_a_record_the_server_stumbles_over_goes_behind_the_others(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const bad = await note("pass", { n: 0 });
            reply = ({ id }) => (id === bad.id ? [500, {}] : [201, {}]);
            const good = [await note("pass"), await note("concern")];
            await picture(good[1].id);
            for (let i = 0; i < 3; i += 1) await sendNow();
            const now = await states();
            return [now[bad.id], ...good.map(({ id }) => now[id])];
        }"""
    )
    assert found == ["queued", "sent", "sent"]


def test_two_records_the_server_stumbles_over_block_no_photo_of_the_others(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const bad = [await note("pass"), await note("pass")];
            reply = ({ id }) => (bad.some((one) => one.id === id) ? [503, {}] : [201, {}]);
            const good = await note("concern");
            await picture(good.id);
            for (let i = 0; i < 4; i += 1) await sendNow();
            return (await states())[good.id];
        }"""
    )
    assert found == "sent"


def test_a_photo_the_server_stumbles_over_blocks_no_other_photo(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const [bad, good] = [await note("concern"), await note("concern")];
            const stuck = await picture(bad.id, 1);
            await picture(bad.id, 2);
            await picture(good.id, 3);
            reply = ({ photo }) => (photo === stuck.id ? [500, {}] : [201, {}]);
            for (let i = 0; i < 4; i += 1) await sendNow();
            const photos = (await all("photos")).filter(({ id }) => id !== stuck.id);
            return [(await states())[bad.id], (await states())[good.id], ...photos.map(({ state }) => state)];
        }"""
    )
    assert found == ["queued", "sent", "held", "held"]


def test_urgent_records_go_first_and_bodies_before_photos(lab: Page) -> None:
    order = lab.evaluate(
        """async () => {
            reply = () => [0];
            const plain = await note("concern");
            await picture(plain.id);
            await note("pass");
            await note("concern", { danger_now: true });
            await note("team_back");
            await note("incident");
            await drain();
            reply = () => [201, {}];
            calls.length = 0;
            await sendNow();
            return calls.filter(({ method }) => method === "PUT").map(({ kind, photo }) => (photo ? "photo" : kind));
        }"""
    )
    assert sorted(order[:3]) == ["concerns", "incidents", "team-backs"]
    assert sorted(order[3:5]) == ["concerns", "passes"]
    assert order[5:] == ["photo"]


def test_a_look_waits_for_the_concern_it_names(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const concern = await note("concern");
            const look = await note("look", { concern: concern.id, result: "fixed" });
            reply = ({ kind }) => (kind === "concerns" ? [500, {}] : [201, {}]);
            await sendNow();
            await sendNow();
            const looks = calls.filter(({ kind }) => kind === "looks").length;
            reply = () => [201, {}];
            await sendNow();
            await sendNow();
            return [looks, (await states())[look.id]];
        }"""
    )
    assert found == [0, "sent"]


def test_fault_09_an_answer_without_our_marker_is_no_answer(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const { id } = await note("pass");
            reply = () => [200, { saferoutes: undefined }];
            const { net } = await sendNow();
            return [net, (await states())[id]];
        }"""
    )
    assert found == ["signal", "queued"]


def test_an_answer_about_another_record_or_another_photo_is_no_answer(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const one = await note("pass");
            const two = await note("concern");
            await picture(two.id);
            reply = ({ kind, photo }) => [201, kind === "passes" ? { id: "x" } : photo ? { sha256: "0" } : {}];
            for (let i = 0; i < 3; i += 1) await sendNow();
            const now = await states();
            return [now[one.id], now[two.id], (await all("photos"))[0].bytes.byteLength];
        }"""
    )
    assert found == ["queued", "queued", 3]


def test_a_token_that_got_lost_on_the_way_is_renewed_by_the_kept_code(phone: PhoneInHand, walk: Walk) -> None:
    phone.join(walk)
    Device.objects.update(token_sha256=uuid.uuid4().hex)
    phone.tap("light")
    phone.done()
    phone.wait_for("sent", 1)
    assert Device.objects.count() == Concern.objects.count() == 1


def test_a_token_that_is_never_known_is_not_renewed_again_and_again(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            await update("walks", "walk", (row) => ({ ...row, invite: "letters" }));
            const errors = [{ field: "token", code: "token_unknown", message: "Who?" }];
            reply = ({ kind }) => (kind === "devices" ? [201, { walk: "walk", token: "t2" }] : [401, { errors }]);
            await note("pass");
            for (let i = 0; i < 4; i += 1) await sendNow();
            return [calls.filter(({ kind }) => kind === "devices").length, (await drain()).net];
        }"""
    )
    assert found == [1, "ended"]


def test_the_server_may_ask_for_more_time_than_a_minute(lab: Page) -> None:
    pauses = lab.evaluate(
        """async () => {
            const made = [];
            const wait = window.setTimeout;
            const respond = window.fetch;
            await note("pass");
            window.fetch = async (...call) => {
                const answer = await respond(...call);
                return new Response(await answer.text(), { status: 429, headers: { "Retry-After": "300" } });
            };
            window.setTimeout = (work, ms) => (made.push(ms), wait(work, ms));
            await drain();
            await new Promise((resolve) => wait(resolve, 1500));
            return made.filter((ms) => ms > 60000);
        }"""
    )
    assert pauses
    assert all(295_000 < pause <= 360_000 for pause in pauses)


def test_fault_11_send_now_sends_what_was_put_off(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("light")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    page.evaluate(
        """async () => {
            const { all, update } = await import("/static/field/store.js");
            const putOff = (row) => ({ ...row, next_at: Date.now() + 60000 });
            for (const { id } of await all("records")) await update("records", id, putOff);
        }"""
    )
    phone.context.unroute(CONCERNS)
    page.locator("#counts").tap()
    page.locator("#send-now").tap()
    page.locator("#said").get_by_text("Everything is sent").wait_for(timeout=3000)
    assert Concern.objects.count() == 1


# --- Clocks -----------------------------------------------------------------------------------------------------------


def test_fault_19_a_clock_set_back_freezes_nothing(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const { id } = await note("pass");
            reply = () => [0];
            await drain();
            await update("records", id, (row) => ({ ...row, next_at: Date.now() + 30000 }));
            const now = Date.now;
            Date.now = () => now() - 5 * 3600000;
            reply = () => [201, {}];
            await drain();
            return (await states())[id];
        }"""
    )
    assert found == "sent"


def test_fault_18_a_phone_days_ahead_learns_the_time_and_keeps_its_pack(phone: PhoneInHand, walk: Walk) -> None:
    ahead = "{ const now = Date.now; Date.now = () => now() + 3 * 86400000; }"
    phone.context.add_init_script(ahead)
    page = phone.join(walk)
    off = "async () => (await import('/static/field/clock.js')).serverNow() - (Date.now() - 3 * 86400000)"
    assert abs(page.evaluate(off)) < 60_000
    phone.context.route("**/field/api/**", lambda route: route.abort())
    phone.open()
    assert page.locator("[data-screen=log]").is_visible()
    assert abs(page.evaluate(off)) < 60_000  # kept, though nobody has said it again
    phone.context.unroute("**/field/api/**")
    phone.tap("light")
    phone.done()
    phone.wait_for("sent", 1)
    assert Concern.objects.get().walk == walk


def test_fault_18_a_clock_that_jumps_ahead_without_signal_wipes_nothing_and_a_server_does(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const soon = new Date(Date.now() + 3600000).toISOString();
            await update("walks", "walk", (row) => ({ ...row, pack: { ...row.pack, expires_at: soon } }));
            const now = Date.now;
            Date.now = () => now() + 3 * 86400000;
            const jumped = Boolean((await currentWalk()).pack);
            window.skew = 0;
            await note("pass");
            await drain();
            return [jumped, Boolean((await currentWalk()).pack)];
        }"""
    )
    assert found == [True, False]


# --- The disk ---------------------------------------------------------------------------------------------------------


def test_fault_20_a_dropped_connection_is_opened_again(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.add_init_script(
        """const open = IDBFactory.prototype.open;
        window.handles = [];
        IDBFactory.prototype.open = function (...named) {
            const asked = open.apply(this, named);
            asked.addEventListener("success", () => window.handles.push(asked.result));
            return asked;
        };"""
    )
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    page.evaluate("handles.forEach((one) => one.close())")
    phone.tap("light")
    phone.done()
    page.evaluate("handles.forEach((one) => { one.close(); one.dispatchEvent(new Event('close')); })")
    phone.tap("house")
    phone.done()
    page.evaluate("handles.forEach((one) => one.dispatchEvent(new Event('versionchange')))")
    phone.tap("ground")
    phone.done()
    assert phone.count("queued") == 3
    assert page.evaluate("handles.length") >= 4


def test_a_database_that_never_answers_is_said_aloud(lab: Page) -> None:
    said = lab.evaluate(
        """async () => {
            const open = IDBFactory.prototype.open;
            const handle = await new Promise((resolve) => {
                IDBFactory.prototype.open = () => ({});
                const asked = open.call(indexedDB, "saferoutes-field");
                asked.onsuccess = () => resolve(asked.result);
            });
            handle.close();
            const wait = window.setTimeout;
            window.setTimeout = (work, ms) => wait(work, ms / 100);
            const { within } = await import("/static/field/store.js?again");
            return within(["meta"], "readonly", () => 1).catch((error) => error.name);
        }"""
    )
    assert said == "TimeoutError"


def test_a_full_disk_gives_up_photos_that_the_server_holds_before_it_refuses_to_save(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const sent = await note("concern");
            await picture(sent.id);
            await sendNow();
            const had = (await all("photos"))[0].bytes?.byteLength;
            const add = IDBObjectStore.prototype.add;
            IDBObjectStore.prototype.add = function (...row) {
                IDBObjectStore.prototype.add = add;
                throw new DOMException("The disk is full", "QuotaExceededError");
            };
            const saved = await note("pass");
            return [had, (await all("photos"))[0].bytes, Boolean(await get("records", saved.id))];
        }"""
    )
    assert found == [3, None, True]


def test_the_browser_is_asked_once_to_keep_everything(phone: PhoneInHand) -> None:
    phone.context.add_init_script(
        """window.asked = 0;
        StorageManager.prototype.persist = async () => { window.asked += 1; return true; };"""
    )
    page = phone.open()
    page.evaluate(ON_A_WALK)
    page.evaluate("async () => { await note('pass'); await note('pass'); }")
    page.wait_for_timeout(300)
    assert page.evaluate("asked") == 1


def test_little_room_is_said_before_the_disk_is_full(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.add_init_script(
        "StorageManager.prototype.estimate = async () => ({ quota: 1e9, usage: 1e9 - (window.free ?? 1e7) });"
    )
    page = phone.join(walk)
    phone.tap("light")
    phone.done()
    page.locator("#counts").tap()
    page.locator("#mine-room").get_by_text("Little room left").wait_for()
    page.evaluate("window.free = 5e8; location.hash = '#log'")
    page.locator("#counts").tap()
    page.locator("#mine-room").wait_for(state="hidden")
