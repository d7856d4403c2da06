"""What was refused, saved to a file, handed over with the phone, or only practised."""

import json
import uuid
from typing import Any

import pytest
from playwright.sync_api import Route

from concerns.models import Concern
from field.models import Receipt
from tests import factories
from tests.field.conftest import PhoneInHand
from tests.field.queue_lab import RUN_WORKER, kept, let_workers_in, refuse
from tests.field.test_app import CONCERNS, a_photo
from walks.invites import invite_for, rotate_invite
from walks.models import Device, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


# --- Refused ----------------------------------------------------------------------------------------------------------


def test_fault_13_a_refused_record_says_why_field_by_field_and_is_mended_on_the_sheet(
    phone: PhoneInHand, walk: Walk
) -> None:
    page = phone.join(walk)

    def refuse_long_notes(route: Route) -> None:
        if "the wrong words" in (route.request.post_data or ""):
            refuse("note", "These words can’t be taken.")(route)
        else:
            route.continue_()

    phone.context.route(CONCERNS, refuse_long_notes)
    phone.tap("light")
    page.locator("#note").fill("the wrong words")
    phone.done()
    phone.tap("house")
    phone.done()
    phone.wait_for("sent", 1)
    phone.wait_for("attention", 1)
    page.locator("#counts").tap()
    refused = page.locator("#mine-list [data-state=refused]")
    refused.wait_for()
    assert "Note: These words can’t be taken." in refused.inner_text()
    refused.get_by_role("link", name="Open and correct").tap()
    page.locator("#note").fill("the right words")
    phone.done()
    phone.wait_for("sent", 2)
    assert page.locator("[data-count=attention]").count() == 0
    assert set(Concern.objects.values_list("note", flat=True)) == {"", "the right words"}


def test_fault_13_a_refused_record_can_be_sent_again_or_deleted(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, refuse("walk", "Not on this walk."))
    for button in ("light", "house"):
        phone.tap(button)
        phone.done()
    phone.wait_for("attention", 2)
    page.locator("#counts").tap()
    page.locator("#mine-list [data-state=refused]").first.get_by_role("button", name="Delete").tap()
    page.wait_for_timeout(500)
    phone.wait_for("attention", 1)  # refused as well, and the server never had it: it is gone
    phone.context.unroute(CONCERNS)
    page.locator("#mine-list [data-state=refused]").get_by_role("button", name="Send again").tap()
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == 1


HOSTILE = """</script><script>document.title = 'broken'</script><img src=x onerror="document.title='broken'">
"'><svg onload="document.title='broken'"> &lt;b&gt; \u2028 {{7*7}} javascript:alert(1)"""


def test_fault_13_what_waits_becomes_one_file_that_reads_well_and_runs_nothing(
    phone: PhoneInHand, walk: Walk, tmp_path: Any
) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, refuse("note", HOSTILE))
    phone.tap("light")
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    page.locator("#note").fill(HOSTILE)
    phone.done()
    phone.wait_for("attention", 1)
    page.locator("#counts").tap()
    with page.expect_download() as coming:
        page.locator("#mine-list").get_by_role("button", name="Save to a file").tap()
    assert coming.value.suggested_filename.startswith("safe-routes-20")
    assert coming.value.suggested_filename.endswith("-1.html")
    file = tmp_path / "notes.html"
    coming.value.save_as(file)
    reader = phone.context.browser.new_page()  # type: ignore[union-attr]
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(file.as_uri())
    assert "from a phone" in reader.title()
    text = reader.locator("body").inner_text()
    assert "Light" in text or "light" in text
    assert "</script><script>document.title = 'broken'</script>" in text
    assert reader.locator("script:not([type='application/json']), svg, [onerror], [onload]").count() == 0
    assert reader.evaluate("document.images[0].decode().then(() => document.images[0].naturalWidth)") > 100
    data = json.loads(reader.locator("#records").text_content() or "")
    assert data[0]["body"]["note"] == kept(page)["records"][0]["body"]["note"]
    assert data[0]["path"].startswith("concerns/")
    assert "token" not in json.dumps(data)
    assert [one for one in asked if not one.startswith(("data:", "file:"))] == []
    reader.close()


def test_fault_12_what_an_ended_link_left_can_be_saved_and_goes_after_a_new_scan(
    phone: PhoneInHand, walk: Walk
) -> None:
    page = phone.join(walk)
    Device.objects.update(token_sha256=uuid.uuid4().hex)
    walk = rotate_invite(walk=walk, by=None)
    phone.tap("light")
    phone.done()
    page.wait_for_selector("body[data-net=ended]")
    page.locator("#counts").tap()
    page.locator("#mine-net").get_by_text("Scan the code again").wait_for()
    with page.expect_download() as coming:
        page.locator("#save-waiting").tap()
    assert coming.value.suggested_filename.endswith("-1.html")
    phone.open(f"?again#i={invite_for(walk)}")
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == 1


# --- Handing the phone over -------------------------------------------------------------------------------------------


def test_fault_36_a_walk_leaves_the_phone_only_when_all_of_it_is_in(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    # A server that asks for ten minutes: else what waits goes by itself, and the button with it.
    busy = {"status": 503, "headers": {"Retry-After": "600"}, "json": {"saferoutes": 1, "errors": []}}
    phone.context.route(CONCERNS, lambda route: route.fulfill(**busy))
    phone.tap("light")
    phone.done()
    page.wait_for_selector("body[data-net=signal]")
    page.evaluate("location.hash = '#leave'")
    page.locator("#leave-state").get_by_text("Only on this phone: 1").wait_for()
    assert page.locator("#leave-now").is_hidden()
    assert len(kept(page)["walks"]) == 1
    phone.context.unroute(CONCERNS)
    page.locator("#leave-send").tap()
    page.locator("#leave-state").get_by_text("Everything is sent").wait_for()
    page.locator("#leave-now").tap()
    page.locator("[data-screen=join]:not([hidden])").wait_for()
    left = kept(page)
    assert (left["records"], left["photos"], left["walks"], left["current"]) == ([], [], [], "")
    assert Concern.objects.count() == 1
    phone.open()
    assert page.locator("[data-screen=join]").is_visible()


def test_fault_36_o34_a_phone_handed_over_keeps_its_queue_sealed_and_sends_it(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("light")
    phone.done()
    page.evaluate("location.hash = '#leave'")
    page.locator("#leave-later").tap()
    page.locator("[data-screen=join]:not([hidden])").wait_for()
    sealed = kept(page)
    assert [one["state"] for one in sealed["records"]] == ["queued"]
    assert [(one["pack"], bool(one["token"])) for one in sealed["walks"]] == [(None, True)]
    other = factories.make_running_walk()
    phone.context.unroute(CONCERNS)
    phone.join(other)
    page.evaluate("location.hash = '#mine'")
    page.locator("#mine-empty").wait_for()  # the next person sees nothing of it
    for _ in range(60):
        page.wait_for_timeout(100)
        if len(kept(page)["walks"]) == 1:
            break
    assert Concern.objects.get().walk == walk
    assert [one["id"] for one in kept(page)["walks"]] == [str(other.public_id)]


# --- Practice ---------------------------------------------------------------------------------------------------------


def test_practice_sends_nothing_and_leaves_the_real_queue_alone(phone: PhoneInHand, walk: Walk) -> None:
    let_workers_in(phone)
    page = phone.join(walk)
    phone.context.route(CONCERNS, lambda route: route.abort())
    phone.tap("light")
    phone.done()
    before = kept(page)["records"]
    page.evaluate("location.hash = '#practice'")
    page.locator("#practice-start").tap()
    page.locator(".practice").get_by_text("Practice: nothing is sent").wait_for()
    sent: list[str] = []
    phone.context.on("request", lambda request: sent.append(request.post_data or ""))
    practised = []
    for button in ("house", "ground"):
        phone.tap(button)
        practised.append(page.evaluate("location.hash.slice(3)"))
        assert page.locator(".practice").is_visible()
        phone.done()
    page.locator("#counts").tap()
    page.locator("#mine-list li[data-record]").nth(1).wait_for()
    assert page.locator("#mine-list li[data-record]").count() == 2
    page.evaluate("async () => { await (await import('/static/field/outbox.js')).sendNow(); }")
    page.evaluate(RUN_WORKER)
    phone.open()
    page.wait_for_timeout(1500)
    assert page.locator(".practice").is_visible()
    assert not any(id_ in one for id_ in [*practised, '"practice"'] for one in sent)
    page.locator(".practice a").tap()
    page.locator(".practice").wait_for(state="hidden")
    after = kept(page)
    assert [(one["id"], one["rev"], one["state"]) for one in after["records"]] == [
        (one["id"], one["rev"], one["state"]) for one in before
    ]
    assert after["current"] == str(walk.public_id)
    phone.context.unroute(CONCERNS)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for("sent", 1)
    assert Concern.objects.count() == Receipt.objects.count() == 1


def test_practice_works_without_a_walk(phone: PhoneInHand) -> None:
    factories.make_running_walk()
    page = phone.open()
    asked: list[str] = []
    phone.context.on("request", lambda request: asked.append(request.method))
    page.get_by_role("link", name="Practice first: nothing is sent").tap()
    page.locator("#practice-start").tap()
    page.locator("[data-screen=log]:not([hidden])").wait_for()
    phone.tap("light")
    phone.done()
    page.evaluate("async () => { await (await import('/static/field/outbox.js')).sendNow(); }")
    page.locator(".practice a").tap()
    page.locator("[data-screen=join]:not([hidden])").wait_for()
    assert set(asked) == {"GET"}
    assert kept(page)["records"] == []
    assert Receipt.objects.count() == 0
