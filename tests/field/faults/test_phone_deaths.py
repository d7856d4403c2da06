"""The browser killed, the server killed, the line cut: what was saved is there, and it arrives once."""

import contextlib
import random

import pytest
from playwright.sync_api import Error

from concerns.models import Concern, Photo
from field.models import Receipt
from tests.field.faults.evening import assert_all_in, note_many, noted
from tests.field.handset import Handset
from tests.field.mortal import MortalServer
from tests.field.proxy import BadLine
from tests.field.test_app import a_photo
from walks.models import Walk

# The longest task that kept the page from answering, in ms; first one of 80 ms to see that the watch works.
WATCH_TASKS = """async () => {
    window.longest = [0, 0];
    let phase = 0;
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.longest[phase] = Math.max(window.longest[phase], duration);
    }).observe({ type: "longtask" });
    await new Promise((resolve) => setTimeout(resolve));
    for (const end = performance.now() + 80; performance.now() < end; );
    await new Promise((resolve) => setTimeout(resolve, 200));
    phase = 1;
}"""
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RECORDS, PHOTOS = r"PUT /field/api/\w+/[^/]+/$", r"PUT /field/api/.*/photos/"


def test_fault_03_a_browser_killed_right_after_saved_was_said_has_everything(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    handset.join(walk)
    line.fault("reset", "PUT ")
    with_photos = handset.log("house", photos=[a_photo("olive"), a_photo("teal")], note="Door stands open")
    handset.page.locator("#six [data-group=light]").tap()
    handset.page.locator("[data-screen=c]:not([hidden]) #done").wait_for()  # “saved” stands there
    handset.kill()

    handset.start().open()
    kept = handset.kept()
    assert len(kept["records"]) == 2
    whole = next(one for one in kept["records"] if one["id"] == with_photos)
    assert whole["body"]["note"] == "Door stands open"
    assert [one["id"] for one in kept["photos"]] != []
    assert sorted(whole["photos"]) == sorted(one["id"] for one in kept["photos"])
    assert all(one["now"] == one["sha256"] for one in kept["photos"])
    said = noted(handset)

    line.heal()
    handset.nudge()
    handset.wait_for("sent", 2)
    assert_all_in(walk, said, server.media)


def test_fault_04_a_server_killed_after_the_commit_gets_the_same_concern_again_and_keeps_one(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    handset.join(walk)
    server.die_at("committed", call=RECORDS)
    handset.log("light")
    server.wait_for_death()
    assert Concern.objects.count() == 1
    handset.wait_for("queued", 1)

    server.start()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert Concern.objects.count() == Receipt.objects.count() == 1


@pytest.mark.parametrize("step", ["body half read", pytest.param("committed", marks=pytest.mark.soak)])
def test_fault_05_a_server_killed_in_mid_photo_gets_it_again_and_keeps_one(
    handset: Handset, server: MortalServer, walk: Walk, step: str
) -> None:
    handset.join(walk)
    server.die_at(step, call=PHOTOS)
    handset.log("house", photos=[a_photo("olive"), a_photo("teal")])
    server.wait_for_death()
    assert Photo.objects.count() == (step == "committed")
    handset.wait_for("queued", 1)
    said = noted(handset)
    assert all(one["has_bytes"] for one in handset.kept()["photos"])

    server.start()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert len(said.hashes) == 2
    assert_all_in(walk, said, server.media)


def test_fault_07_three_tabs_that_send_at_once_send_each_record_and_photo_once(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    first = handset.join(walk)
    line.fault("reset", "PUT ")
    like = handset.log("light")
    note_many(handset, like=like, n=4, photos=1)
    tabs = [first]
    for _n in range(2):
        tabs.append(handset.new_tab())
        handset.open()
    said = noted(handset)
    line.heal()
    line.calls.clear()
    for _n in range(3):
        for tab in tabs:
            tab.evaluate("() => { dispatchEvent(new Event('online')); }")
    handset.wait_for("sent", 5)
    sent = [call for call in line.calls if call.startswith("PUT")]
    assert sorted(sent) == sorted({*sent})
    assert len(sent) == 5 + 4
    assert_all_in(walk, said, server.media)


def test_fault_09_a_captive_portal_that_answers_everything_is_no_success(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    handset.join(walk)
    portal = line.fault("portal")
    handset.log("light", photos=[a_photo()])
    handset.page.wait_for_selector("body[data-net=signal]")
    assert portal.seen
    assert handset.kept()["photos"][0]["has_bytes"]
    said = noted(handset)
    line.heal()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert_all_in(walk, said, server.media)


@pytest.mark.parametrize(
    ("kind", "calls", "times"),
    [
        ("drop_reply", RECORDS, 2),
        pytest.param("cut_reply", RECORDS, 2, marks=pytest.mark.soak),
        ("drop_reply", PHOTOS, 1),
        pytest.param("reset", PHOTOS, 2, marks=pytest.mark.soak),
    ],
)
def test_fault_04_a_reply_that_never_arrives_costs_nothing(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk, kind: str, calls: str, times: int
) -> None:
    handset.join(walk)
    lost = line.fault(kind, calls, times=times)
    handset.log("light", photos=[a_photo()])
    handset.page.wait_for_selector("body[data-net=signal]")
    said = noted(handset)
    for _n in range(times):
        handset.nudge()
        handset.page.wait_for_timeout(500)
    handset.wait_for("sent", 1)
    assert len(lost.seen) == times
    assert_all_in(walk, said, server.media)


def test_fault_10_a_quarter_of_an_hour_of_503_on_the_pages_clock_ends_without_a_reload(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    assert handset.context is not None
    handset.context.clock.install()
    page = handset.join(walk)
    page.evaluate("() => { window.sameLife = true; }")
    outage = line.fault("status", "PUT ", status=503)
    handset.tap("light")
    handset.done()
    for _half_minute in range(30):
        page.clock.fast_forward(30_000)
        page.wait_for_timeout(60)
    assert 8 <= len(outage.seen) <= 45  # it goes on trying, and it doesn't hammer
    assert Concern.objects.count() == 0
    handset.wait_for("queued", 1)

    line.heal()
    for _half_minute in range(4):
        page.clock.fast_forward(30_000)
        with contextlib.suppress(Error):  # a call under way needs its time: to leap again would end it
            handset.wait_for("sent", 1, timeout=5000)
            break
    handset.wait_for("sent", 1)
    assert page.evaluate("window.sameLife")
    assert Concern.objects.count() == 1


def test_fault_11_the_signal_comes_back_and_what_waits_goes_out_by_itself(handset: Handset, walk: Walk) -> None:
    handset.join(walk)
    handset.wait_until_kept()
    assert handset.context is not None
    handset.context.set_offline(True)
    handset.log("light")
    handset.page.wait_for_timeout(1000)
    handset.wait_for("queued", 1)
    handset.context.set_offline(False)
    handset.wait_for("sent", 1, timeout=6000)
    handset.context.set_offline(True)
    handset.log("house")
    handset.page.evaluate("() => { location.hash = '#mine'; }")
    handset.page.locator("#send-now").wait_for()
    handset.context.set_offline(False)
    with contextlib.suppress(Error):  # gone where the queue was quicker than the thumb
        handset.page.locator("#send-now").tap(timeout=1000)
    handset.wait_for("sent", 2, timeout=6000)
    assert Concern.objects.count() == 2


def test_fault_21_a_tab_killed_while_the_camera_is_open_comes_back_and_the_photo_joins_the_same_record(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    line.fault("reset", "PUT ")
    record = handset.tap("house")
    page.locator("#note").fill("Camera was open")
    page.wait_for_timeout(500)
    address = page.url
    with page.expect_file_chooser():  # the camera is in front now
        page.locator("#photo-part-add").tap()
    handset.crash_tabs()

    page = handset.new_tab()
    page.wait_for_timeout(500)
    page.goto(address, wait_until="commit")  # as the system does when it shows the tab again
    handset.ready()
    page.locator("[data-screen=c]:not([hidden]) #note").wait_for()
    assert page.locator("#note").input_value() == "Camera was open"
    page.locator("#camera").set_input_files(a_photo())
    page.wait_for_selector("#photos li")
    handset.done()
    said = noted(handset)
    assert said.records == {record}
    assert len(said.hashes) == 1
    line.heal()
    handset.nudge()
    handset.wait_for("sent", 1)
    assert Concern.objects.get().note == "Camera was open"
    assert_all_in(walk, said, server.media)


def test_fault_34_forty_reports_with_two_photos_each_drain_while_the_page_answers(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    line.fault("reset", "PUT ")
    like = handset.log("light", photos=[a_photo("olive"), a_photo("teal")])
    note_many(handset, like=like, n=39, photos=2, side=300)
    said = noted(handset)
    assert (len(said.records), len(said.hashes)) == (40, 80)
    page.evaluate(WATCH_TASKS)
    line.heal()
    handset.nudge()
    record = handset.tap("good")  # one more report, while the others go out
    handset.done()
    handset.wait_for("sent", 41, timeout=60_000)
    known, longest = page.evaluate("window.longest")
    print(f"the longest task while 40 reports and 80 photos went out: {longest:.0f} ms")
    assert known >= 60  # the watch sees what it should
    assert longest < 1500
    said.records.add(record)
    assert_all_in(walk, said, server.media)
    assert not any(one["has_bytes"] for one in handset.kept()["photos"] if one["state"] != "held")


def test_fault_34_forty_reports_and_eighty_photos_through_five_server_deaths_and_a_dead_browser(
    handset: Handset, server: MortalServer, walk: Walk
) -> None:
    dice = random.Random(36)
    print("seed 36")
    handset.join(walk)
    handset.wait_until_kept()
    server.kill()
    like = handset.log("light", photos=[a_photo("olive"), a_photo("teal")])
    note_many(handset, like=like, n=39, photos=2, settle=0)
    said = noted(handset)
    assert (len(said.records), len(said.hashes)) == (40, 80)
    ends = [(call, step) for call, steps in DEATHS.items() for step in steps]
    for n, (call, step) in enumerate(dice.sample(ends, 5)):
        server.die_at(step, call=call, nth=1)
        server.start()
        handset.nudge()
        server.wait_for_death()
        if n == 2:
            handset.kill()
            server.start()
            handset.start().open()
    server.start()
    handset.nudge()
    handset.wait_for("sent", 40, timeout=90_000)
    assert_all_in(walk, said, server.media)


DEATHS = {
    RECORDS: [
        "arrived",
        "body half read",
        "insert field_receipt",
        "insert concerns_concern",
        "before commit",
        "committed",
        "answer half sent",
    ],
    PHOTOS: ["body half read", "file written", "fsync file", "insert concerns_photo", "committed", "answer half sent"],
}
