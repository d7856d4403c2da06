"""The long versions of the faults: real minutes, many kills, many records. script/soak runs them, script/test doesn't.

SOAK_SEED (1) chooses the seeds, SOAK_OUTAGE (900) how many seconds the outage lasts, SOAK_KILLS (20) how often the
server dies in one ledger.
"""

import os
import random
import time

import pytest

from concerns.models import Concern
from tests.field.faults.evening import assert_all_in, note_many, noted
from tests.field.faults.test_phone_deaths import DEATHS
from tests.field.faults.test_server_deaths import NAMED, Ledger
from tests.field.handset import Handset
from tests.field.mortal import MortalServer, WiredPhone
from tests.field.proxy import BadLine
from tests.field.test_app import a_photo
from walks.models import Walk

pytestmark = [pytest.mark.soak, pytest.mark.slow, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEED = int(os.environ.get("SOAK_SEED", "1"))
OUTAGE = float(os.environ.get("SOAK_OUTAGE", "900"))
KILLS = int(os.environ.get("SOAK_KILLS", "20"))
five_seeds = pytest.mark.parametrize("seed", range(SEED, SEED + 5))


def test_fault_10_a_quarter_of_an_hour_of_real_outage_ends_without_a_reload(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    page = handset.join(walk)
    page.evaluate("() => { window.sameLife = true; }")
    outage = line.fault("status", "PUT ", status=503)
    handset.log("light", photos=[a_photo()])
    said = noted(handset)
    end = time.monotonic() + OUTAGE
    while time.monotonic() < end:
        page.wait_for_timeout(min(5000, max(1.0, 1000 * (end - time.monotonic()))))
    assert len(outage.seen) >= OUTAGE / 90
    line.heal()
    handset.wait_for("sent", 1, timeout=90_000)  # nobody touches it
    assert page.evaluate("window.sameLife")
    assert_all_in(walk, said, server.media)


@five_seeds
def test_fault_34_forty_reports_and_eighty_photos_through_many_server_deaths_and_dead_browsers(
    handset: Handset, server: MortalServer, walk: Walk, seed: int
) -> None:
    dice = random.Random(seed)
    handset.join(walk)
    handset.wait_until_kept()
    server.kill()
    like = handset.log("light", photos=[a_photo("olive"), a_photo("teal")])
    note_many(handset, like=like, n=39, photos=2)
    said = noted(handset)
    ends = [(call, step) for call, steps in DEATHS.items() for step in steps]
    for n in range(KILLS):
        call, step = dice.choice(ends)
        server.die_at(step, call=call, nth=dice.choice([1, 1, 2, 5]))
        server.start()
        died = dies_soon(handset, server)
        if not died:  # everything of that kind is in
            server.live_on()
            server.kill()
        if n % 5 == 4:
            handset.kill()
            server.start()
            handset.start().open()
    server.start()
    handset.nudge()
    handset.wait_for("sent", 40, timeout=180_000)
    assert_all_in(walk, said, server.media)


def dies_soon(handset: Handset, server: MortalServer) -> bool:
    for _n in range(20):
        handset.nudge()
        handset.page.wait_for_timeout(300)
        if server.has_died():
            server.kill()
            return True
    return False


@five_seeds
def test_fault_04_a_ledger_through_twenty_deaths_of_the_whole_server(server: MortalServer, seed: int) -> None:
    dice = random.Random(seed)
    ledger = Ledger(WiredPhone(server))
    deaths = 0
    while deaths < KILLS:
        for _n in range(4):
            ledger.make(dice)
        call, step = dice.choice(NAMED)
        server.die_at(step, call=call, nth=dice.choice([1, 1, 2]))
        deaths += ledger.settle(server)
    server.live_on()
    ledger.check(server)


def test_fault_34_five_hundred_reports_with_a_photo_each_drain(
    handset: Handset, line: BadLine, server: MortalServer, walk: Walk
) -> None:
    """More than a phone may send in an hour: what is over the limit waits, and nothing is lost."""
    handset.join(walk)
    line.fault("reset", "PUT ")
    like = handset.log("light", photos=[a_photo()])
    note_many(handset, like=like, n=499, photos=1)
    said = noted(handset)
    line.heal()
    handset.nudge()
    end = time.monotonic() + 300
    while Concern.objects.count() < 300 and time.monotonic() < end:
        handset.page.wait_for_timeout(1000)
    assert 295 <= Concern.objects.count() <= 305
    walk.devices.get().receipts.update(received_at=walk.meet_at)  # an hour goes by
    handset.kill()
    handset.start().open()
    handset.nudge()
    handset.wait_for("sent", 500, timeout=300_000)
    assert_all_in(walk, said, server.media)
