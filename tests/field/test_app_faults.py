"""What goes wrong with a phone, a link or a server on a walk, and what the phone app makes of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Route

from concerns.models import Concern, Photo
from field.answers import VERIFIED_BACKUP
from field.models import Receipt
from office.models import Coalition, Heartbeat
from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.test_app import CONCERNS, a_photo
from walks.invites import invite_for, rotate_invite
from walks.models import Device, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a browser does when the disk is full.
FULL_DISK = """() => { IDBObjectStore.prototype.add = () => {
    throw new DOMException("The disk is full", "QuotaExceededError");
}; }"""


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def test_fault_17_a_full_phone_says_not_saved_and_never_saved(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.evaluate(FULL_DISK)
    page.locator("#six [data-group=light]").tap()
    page.locator("#alert").get_by_text("NOT saved").wait_for()
    assert page.locator("[data-screen=c]").is_hidden()
    assert phone.count("queued") == 0


def test_fault_16_a_photo_without_room_leaves_the_concern_saved(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    page.evaluate(FULL_DISK)
    page.locator("#camera").set_input_files(a_photo())
    page.locator("#alert").get_by_text("the photo is NOT").wait_for()
    phone.done()
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == 1
    assert Photo.objects.count() == 0


def test_fault_14_what_is_no_photo_is_said_at_once(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    page.locator("#camera").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"not a photo"})
    page.locator("#alert").get_by_text("not a photo").wait_for()
    assert page.locator("#photos li").count() == 0


def test_fault_15_a_photo_too_large_for_the_server_is_made_smaller(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    sizes: list[int] = []

    def refuse_once(route: Route) -> None:
        sizes.append(len(route.request.post_data_buffer or b""))
        if len(sizes) == 1:
            errors = [{"field": "photo", "code": "too_large", "message": "Too large."}]
            route.fulfill(status=413, json={"saferoutes": 1, "errors": errors})
        else:
            route.continue_()

    phone.context.route("**/photos/**", refuse_once)
    phone.tap("house")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.done()
    phone.wait_for("sent", 1)
    assert sizes[1] < sizes[0]
    assert Photo.objects.count() == 1


def test_fault_09_only_an_answer_with_our_marker_is_an_answer(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)

    def portal(route: Route) -> None:
        route.fulfill(status=200, json={"id": route.request.url.split("/")[-2], "photos": [], "state": "complete"})

    phone.context.route(CONCERNS, portal)
    phone.tap("light")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    assert phone.count("queued") == 1
    phone.context.unroute(CONCERNS)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == 1


def test_fault_12_an_ended_link_keeps_the_queue_until_the_code_is_scanned_again(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    Device.objects.update(token_sha256=uuid.uuid4().hex)
    walk = rotate_invite(walk=walk, by=None)
    phone.tap("light")
    phone.done()
    page.locator("#net").get_by_text("Scan the code again").wait_for()
    assert phone.count("queued") == 1
    phone.open(f"?again#i={invite_for(walk)}")
    phone.wait_for("sent", 1)
    assert Device.objects.count() == 1


def test_fault_12_a_phone_taken_off_the_walk_keeps_its_queue(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    Device.objects.update(revoked_at=timezone.now())
    phone.tap("light")
    phone.done()
    page.locator("#net").get_by_text("Ask the walk lead").wait_for()
    assert phone.count("queued") == 1
    Device.objects.update(revoked_at=None)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)


def test_fault_04_a_lost_answer_makes_no_second_concern(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.context.route(CONCERNS, lose_the_first)
    phone.tap("light")
    phone.done()
    phone.wait_for("sent", 1)
    assert lost == [201]
    assert Concern.objects.count() == 1
    assert page.locator("[data-count=attention]").count() == 0


def test_fault_24_a_change_while_it_is_being_sent_is_sent_afterwards(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: (page.wait_for_timeout(0), route.continue_()))
    phone.tap("light")
    record = page.evaluate("location.hash.slice(3)")
    page.evaluate(
        """async (id) => {
            const { change, release } = await import("/static/field/records.js");
            const { kick } = await import("/static/field/outbox.js");
            const send = window.fetch;
            window.fetch = async (...call) => {
                const answer = await send(...call);
                window.fetch = send;
                await change(id, { note: "while it was under way" }, { settle: 0 });
                return answer;
            };
            await release(id);
            kick();
        }""",
        record,
    )
    phone.wait_for("sent", 1)
    assert Concern.objects.get().note == "while it was under way"
    assert Receipt.objects.get().rev == 2


def test_fault_08_two_tabs_with_the_same_concern_keep_both_changes(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("light")
    other = phone._watched(phone.context.new_page())
    other.goto(page.url)
    other.wait_for_selector("body[data-ready]", state="attached")
    other.locator("[name=danger][value=yes]").locator("..").tap()
    other.wait_for_selector(".note-danger:not([hidden])")
    page.locator("#note").fill("Two tabs")
    phone.context.unroute(CONCERNS)
    phone.done()
    phone.wait_for("sent", 1)
    concern = Concern.objects.get()
    assert (concern.note, concern.danger_now) == ("Two tabs", True)


def test_confirmed_means_that_a_verified_backup_has_it(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    phone.done()
    phone.wait_for("sent", 1)
    assert phone.count("confirmed") == 0
    later = timezone.now() + timedelta(minutes=1)
    Heartbeat.objects.update_or_create(name=VERIFIED_BACKUP, defaults={"at": later})
    phone.tap("house")
    phone.done()
    phone.wait_for("confirmed", 2)
    assert page.locator("[data-count=queued]").get_attribute("data-n") == "0"


def test_after_a_restored_backup_everything_is_offered_again(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    phone.done()
    phone.wait_for("sent", 1)
    Receipt.objects.all().delete()
    Photo.objects.all().delete()
    Coalition.objects.update(epoch=uuid.uuid4())
    phone.tap("house")
    phone.done()
    phone.wait_for("sent", 2)
    page.wait_for_timeout(1500)
    phone.wait_for("sent", 2)
    assert Receipt.objects.count() == 2
    assert Photo.objects.count() == 1


def test_the_pack_is_forgotten_when_it_expires(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.evaluate(
        """async () => {
            const { all, set } = await import("/static/field/store.js");
            const [walk] = await all("walks");
            walk.pack.expires_at = "2020-01-01T00:00:00Z";
            await set("walks", walk);
        }"""
    )
    phone.open()
    assert page.locator("#join-ended").is_visible()
    packs: list[Any] = page.evaluate(
        """async () => (await (await import("/static/field/store.js")).all("walks")).map((walk) => walk.pack)"""
    )
    assert packs == [None]
