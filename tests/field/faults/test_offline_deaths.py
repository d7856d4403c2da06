"""The app without a network or a server, after the browser was killed, and while a new version is put in place."""

import re
from pathlib import Path

import pytest

from concerns.models import Concern
from tests.field.faults.evening import assert_all_in, noted
from tests.field.handset import Handset
from tests.field.mortal import MortalServer
from tests.field.proxy import BadLine
from tests.field.test_app import a_photo
from tests.field.test_app_offline import LOOK_FOR_UPDATE
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A browser that can send in the background says the first; one that can't, such as the engine alone, the second.
WHERE_IT_IS = re.compile("1 only on this phone|1 waiting: keep this page open")

VERSION = "document.documentElement.dataset.version"


def test_fault_01_after_a_dead_battery_the_page_opens_without_a_network_and_logs(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    handset.join(walk)
    handset.wait_until_kept()
    handset.kill()
    server.kill()
    handset.start()
    assert handset.context is not None
    handset.context.set_offline(True)
    handset.open()
    handset.log("light", photos=[a_photo()], note="Dark since Friday")
    handset.kill()
    handset.start().open("?from=home")
    handset.wait_for("queued", 1)
    said = noted(handset)
    assert (len(said.records), len(said.hashes)) == (1, 1)
    server.start()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert_all_in(walk, said, server.media)


def test_fault_02_at_a_server_that_was_killed_the_page_opens_saves_and_says_where_it_is(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    handset.join(walk)
    handset.wait_until_kept()
    server.kill()  # the phone still believes that it is connected
    page = handset.new_tab()
    handset.open()
    assert page.evaluate("navigator.onLine")
    handset.tap("ground")
    assert "Saved on this phone" in page.locator("[data-screen=c] .saved").inner_text()
    handset.done()
    handset.wait_for("queued", 1)
    page.locator("#net").get_by_text(WHERE_IT_IS).wait_for()
    server.start()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert Concern.objects.count() == 1


def test_fault_02_a_server_killed_before_the_rest_of_the_app_came_still_lets_the_phone_save_and_says_so(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    line.fault("drop_request", r"GET /(static/field/(sheet|mine)[\w.]*js|field/sw.js)")
    page = handset.join(walk)
    server.kill()
    for n in (1, 2):
        page.locator("#six [data-group=light]").tap()
        page.locator("#alert").get_by_text("Saved on this phone.").wait_for()
        assert page.locator("[data-screen=log]").is_visible()
        handset.wait_for("queued", n)
        page.wait_for_timeout(750)
    line.heal()
    server.start()
    page = handset.open("?again")
    handset.wait_for("sent", 2)
    assert Concern.objects.count() == 2


def test_fault_07_a_page_and_its_worker_that_send_at_once_send_each_record_once(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    handset.wait_until_kept()
    line.fault("reset", "PUT ")
    handset.log("light", photos=[a_photo("olive")])
    handset.log("house", photos=[a_photo("teal")])
    said = noted(handset)
    line.heal()
    line.calls.clear()
    page.evaluate(
        """() => {
            navigator.serviceWorker.controller.postMessage("send");
            dispatchEvent(new Event("online"));
            navigator.serviceWorker.controller.postMessage("send");
        }"""
    )
    handset.wait_for("sent", 2)
    sent = [call for call in line.calls if call.startswith("PUT")]
    assert sorted(sent) == sorted({*sent})
    assert_all_in(walk, said, server.media)


def another_version(folder: Path) -> None:
    with (folder / "field" / "dom.js").open("a") as module:
        module.write("\n// another version\n")


def half_a_version(folder: Path) -> None:
    another_version(folder)
    (folder / "field" / "store.js").unlink()


def test_fault_22_a_server_replaced_by_its_next_version_leaves_the_queue_alone(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    handset.wait_until_kept()
    before = page.evaluate(VERSION)
    line.fault("reset", "PUT ")  # nothing gets in before the phone has seen the new version
    server.kill()
    handset.log("light", photos=[a_photo()])
    said = noted(handset)
    server.release(another_version)
    assert page.evaluate(LOOK_FOR_UPDATE) == "installed"
    assert page.evaluate(VERSION) == before
    handset.kill()
    server.kill()
    page = handset.start().open()
    assert page.evaluate(VERSION) != before
    assert noted(handset) == said
    server.start()
    line.heal()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert_all_in(walk, said, server.media)


def test_fault_23_half_a_version_is_refused_and_the_old_one_opens_without_a_network(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    handset.wait_until_kept()
    before = page.evaluate(VERSION)
    server.release(half_a_version)
    assert page.evaluate(LOOK_FOR_UPDATE) in ("redundant", "refused at once")
    server.kill()
    handset.kill()
    page = handset.start().open()
    assert page.evaluate(VERSION) == before
    handset.log("light")
    handset.wait_for("queued", 1)


def test_fault_31_while_anything_waits_the_page_asks_to_leave_its_data_alone_and_after_clearing_claims_nothing(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    handset.wait_until_kept()
    server.kill()
    handset.log("light")
    banner = page.get_by_text(re.compile("on’t clear this browser’s data")).filter(visible=True).first
    for screen in ("log", "again", "mine", "people"):
        page.evaluate(f"() => {{ location.hash = '#{screen}'; }}")
        page.locator(f"[data-screen={screen}]:not([hidden])").wait_for()
        banner.wait_for()
    assert handset.context is not None
    server.start()
    handset.nudge()
    page.evaluate("() => { location.hash = '#log'; }")
    handset.wait_for("sent", 1)
    page.wait_for_function("() => !document.getElementById('net').textContent")

    origin = {"origin": handset.address, "storageTypes": "all"}
    handset.context.new_cdp_session(page).send("Storage.clearDataForOrigin", origin)
    page = handset.new_tab()
    handset.open()
    page.locator("[data-screen=join]:not([hidden])").wait_for()
    assert page.locator("#counts").is_hidden()
    assert Concern.objects.count() == 1
