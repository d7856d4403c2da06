"""What the phone's queue keeps until the server has it: revisions, photos, what is private, what a backup holds."""

import re

import pytest
from playwright.sync_api import Page, Route

from concerns.models import Concern, Photo
from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.queue_lab import MADE_UP_SERVER, ON_A_WALK, RUN_WORKER, kept, let_workers_in, refuse
from tests.field.test_app import a_photo
from walks.models import Walk

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


# --- Revisions --------------------------------------------------------------------------------------------------------


def test_fault_24_a_change_while_it_is_being_sent_stays_queued_and_follows(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const { id } = await note("concern", { note: "before" });
            reply = async ({ body, kind }) => {
                if (kind === "concerns" && body.rev === 1) await change(id, { note: "meanwhile" }, { settle: 0 });
                return [201, {}];
            };
            await drain();
            await sendNow();
            const sent = calls.filter(({ kind }) => kind === "concerns").map(({ body }) => [body.rev, body.note]);
            return [sent, (await states())[id]];
        }"""
    )
    assert found == [[[1, "before"], [2, "meanwhile"]], "sent"]


def test_fault_08_two_tabs_that_change_one_record_keep_both_changes(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            reply = () => [0];
            const { id } = await note("concern", { note: "", lit: "day" });
            await Promise.all([change(id, { note: "from one tab" }), change(id, { lit: "dark" })]);
            const { body, rev } = await get("records", id);
            return [body.note, body.lit, rev];
        }"""
    )
    assert found == ["from one tab", "dark", 3]


def test_fault_25_what_was_sent_is_taken_back_by_a_higher_revision(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const { id } = await note("pass");
            await sendNow();
            await takeBack(id);
            await sendNow();
            const never = await note("pass");
            await takeBack(never.id);
            const sent = calls.filter(({ kind }) => kind === "passes").map(({ body }) => [body.rev, body.deleted]);
            return [sent, await get("records", never.id)];
        }"""
    )
    assert found == [[[1, False], [2, True]], None]


# --- Photos -----------------------------------------------------------------------------------------------------------


def test_fault_26_a_photo_that_is_missing_keeps_its_bytes_until_its_hash_comes_back(
    phone: PhoneInHand, walk: Walk
) -> None:
    page = phone.join(walk)
    photos: list[str] = []

    def lie_about_the_second(route: Route) -> None:
        photos.append(route.request.url)
        if len(set(photos)) == 1:
            route.continue_()
        else:
            photo = route.request.url.split("/")[-2]
            route.fulfill(status=200, json={"saferoutes": 1, "photo": photo, "sha256": "0" * 64})

    phone.context.route("**/photos/**", lie_about_the_second)
    phone.tap("house")
    for n, color in enumerate(("olive", "navy"), start=1):
        page.locator("#camera").set_input_files(a_photo(color))
        page.wait_for_selector(f"#photos li:nth-child({n})")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    page.locator("#counts").tap()
    page.get_by_text("1 of 2 photos sent").wait_for()
    concern = Concern.objects.get()
    assert (concern.n_photos_expected, concern.photos.count()) == (2, 1)
    assert all(photo["n_bytes"] for photo in kept(page)["photos"])
    phone.context.unroute("**/photos/**")
    page.locator("#send-now").tap()
    phone.wait_for("sent", 1)
    assert concern.photos.count() == 2


def test_fault_14_a_photo_that_is_not_taken_is_named_and_holds_back_nothing(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    photos: list[str] = []

    def refuse_the_first(route: Route) -> None:
        photos.append(route.request.url)
        if route.request.url == photos[0]:
            refuse("photo", "This picture is broken.")(route)
        else:
            route.continue_()

    phone.context.route("**/photos/**", refuse_the_first)
    phone.tap("house")
    for n, color in enumerate(("olive", "navy"), start=1):
        page.locator("#camera").set_input_files(a_photo(color))
        page.wait_for_selector(f"#photos li:nth-child({n})")
    phone.done()
    phone.wait_for("sent", 1)
    assert Photo.objects.count() == 1
    page.locator("#counts").tap()
    page.get_by_text("Photo 1 was not taken: This picture is broken.").wait_for()
    assert "1 of 2 photos sent" in page.locator("#mine-list").inner_text()


def test_fault_15_a_photo_too_large_met_by_the_worker_is_made_smaller_by_the_page(
    phone: PhoneInHand, walk: Walk
) -> None:
    let_workers_in(phone)
    page = phone.join(walk)
    sizes: list[int] = []

    def too_large(route: Route) -> None:
        sizes.append(len(route.request.post_data_buffer or b""))
        if sizes[-1] < sizes[0]:
            route.continue_()
        else:
            refuse("photo", "Too large.", 413)(route)

    phone.context.route("**/photos/**", too_large)
    body = re.compile("/field/api/concerns/[^/]+/$")
    phone.context.route(body, lambda route: route.abort())
    phone.tap("house")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    phone.context.unroute(body)
    assert page.evaluate(RUN_WORKER) == {"net": "idle", "waiting": 0}  # nothing more that a worker can do
    assert phone.count("queued") == 1
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)
    assert sizes[-1] < sizes[0]
    assert Photo.objects.count() == 1


def test_after_a_restored_backup_photos_whose_bytes_are_gone_are_asked_after_and_said(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const [one, two] = [await note("concern"), await note("concern")];
            await note("contact", { needs: ["food"] });
            const [known, lost] = [await picture(one.id, 1), await picture(two.id, 2)];
            await sendNow();
            for (const { id } of await all("photos")) await update("photos", id, (row) => ({ ...row, bytes: null }));
            calls.length = 0;
            const held = [{ id: known.id, sha256: known.sha256, state: "ready" }];
            reply = ({ id }) => [201, { epoch: "two", photos: id === one.id ? held : [] }];
            await note("pass");
            await sendNow();
            await sendNow();
            const again = calls.filter(({ method, photo }) => method === "PUT" && !photo).map(({ kind }) => kind);
            const states = await Promise.all([one.id, two.id].map((id) => get("records", id)));
            const photo = (row) => row.photo_states[row.photos[0]].state;
            return [again.sort(), states.map((row) => [row.state, row.photo_refused, photo(row)])];
        }"""
    )
    assert found[0] == ["concerns", "concerns", "passes"]  # what is private has left the phone and isn't offered again
    assert found[1] == [["sent", False, "held"], ["sent", True, "gone"]]


# --- What the server is told, and what leaves the phone ---------------------------------------------------------------


def test_the_walk_lead_hears_at_once_when_the_last_one_is_in(lab: Page) -> None:
    reports = lab.evaluate(
        """async () => {
            const errors = [{ field: "lit", code: "x", message: "No." }];
            reply = ({ kind }) => (kind === "passes" ? [400, { errors }] : [201, {}]);
            const { id } = await note("pass");
            await sendNow();
            reply = () => [201, {}];
            await change(id, { lit: "day" }, { settle: 0 });
            await sendNow();
            await sendNow();
            return calls.filter(({ kind }) => kind === "status").map(({ body }) => body.waiting);
        }"""
    )
    assert reports == [1, 0]


def test_a_contact_keeps_no_place_and_no_needs_once_it_is_acknowledged(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const position = { lat: 39.1, lon: -94.5 };
            const body = { kind: "resident", result: "talked", needs: ["food"], position, consent: null };
            const { id } = await note("contact", body);
            const before = (await get("records", id)).body;
            await sendNow();
            await change(id, { result: "declined" });
            const { body: after, state } = await get("records", id);
            return [calls.find(({ kind }) => kind === "contacts").body.needs, before.needs, after, state];
        }"""
    )
    assert found == [["food"], ["food"], {"kind": "resident", "result": "talked"}, "sent"]


def test_a_later_change_is_not_confirmed_by_an_earlier_backup(lab: Page) -> None:
    found = lab.evaluate(
        """async () => {
            const ago = (seconds) => new Date(Date.now() - 1000 * seconds).toISOString();
            const early = ago(60);
            const answer = (safe_until) => () => [201, { received_at: early, safe_until }];
            reply = answer(null);
            const { id } = await note("pass");
            await sendNow();
            await change(id, { lit: "dark" }, { settle: 0 });
            await sendNow();
            const confirmed = [];
            for (const backup of [ago(30), ago(-30)]) {
                reply = answer(backup);
                await note("pass");
                await sendNow();
                confirmed.push((await get("records", id)).confirmed);
            }
            return confirmed;
        }"""
    )
    assert found == [False, True]
