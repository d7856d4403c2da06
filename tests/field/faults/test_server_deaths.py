"""kill -9 between any two steps of a call: what was acknowledged is there once, what wasn't is there once after the
next try, and half a record is never there. Then kill -9 of the whole server at each named step, with a ledger."""

import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from concerns.models import Concern, ConcernUpdate, Look, Photo
from field.models import Receipt
from tests.field.mortal import Answer, MortalServer, NoAnswer, WiredPhone, sha256
from tests.field.phone import DAY_KINDS, make_jpeg
from tests.field.test_api_day import MODELS
from walks.models import Walk

pytestmark = [pytest.mark.django_db(transaction=True)]

SEEN_AT = "2026-11-22T18:04:05-06:00"


@dataclass
class Try:
    """One call that may be sent again and again, and what the database should hold of it."""

    send: Callable[[], Answer]
    is_whole: Callable[[], bool]
    is_absent: Callable[[], bool]
    first_status: int = 201
    data: bytes = b""


def dies_at_each_step(server: MortalServer, make: Callable[[], Try]) -> list[str]:
    """Let a worker die at each step of a call, look at what was kept, and send again. Returns the steps."""
    steps = server.steps_of(make().send)
    for at, step in enumerate(steps):
        one, where = make(), f"after the death at step {at}, {step}, of {steps}"
        server.die_at(step, nth=steps[: at + 1].count(step), whole=False)
        first = answer_or_none(one.send)
        server.wait_until_died(f"at step {at} of {steps}")
        was_kept = one.is_whole()
        assert was_kept or one.is_absent(), f"half a record {where}"
        assert was_kept or first is None, f"an acknowledgement without a record {where}"
        again = one.send()
        assert again.status_code == (200 if was_kept else one.first_status), where
        assert one.is_whole(), where
        assert first is None or what_counts(first) == what_counts(again), where
        assert what_counts(one.send()) == what_counts(again), where
    return steps


def answer_or_none(send: Callable[[], Answer]) -> Answer | None:
    try:
        return send()
    except NoAnswer:
        return None


def what_counts(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer.json().items() if key not in ("server_time", "safe_until")}


# --- Between any two steps --------------------------------------------------------------------------------------------


def test_fault_04_a_server_killed_between_any_two_steps_of_a_concern_keeps_it_once_or_not_at_all(
    server: MortalServer,
) -> None:
    phone = WiredPhone(server)

    def make() -> Try:
        client_id = uuid.uuid4()
        body = phone.concern(note=str(client_id))
        concerns, receipts = Concern.objects.filter(note=str(client_id)), Receipt.objects.filter(client_id=client_id)
        updates = ConcernUpdate.objects.filter(concern__in=concerns)
        return Try(
            send=partial(phone.send, f"concerns/{client_id}/", body),
            is_whole=lambda: (
                concerns.count()
                == updates.count()
                == receipts.filter(concern__in=concerns).count()
                == receipts.count()
                == 1
            ),
            is_absent=lambda: not concerns.exists() and not receipts.exists(),
        )

    steps = dies_at_each_step(server, make)
    assert {"insert field_receipt", "insert concerns_concern", "before commit", "committed", "answer made"} <= {*steps}
    assert Concern.objects.count() == Receipt.objects.count() == len(steps) + 1


def test_fault_04_a_server_killed_between_any_two_steps_of_a_change_keeps_one_state_or_the_other(
    server: MortalServer,
) -> None:
    phone = WiredPhone(server)

    def make() -> Try:
        client_id = uuid.uuid4()
        assert phone.put_concern(client_id, note="as it was").status_code == 201
        body = phone.concern(rev=2, note="as it is now", lit="day")
        state = Receipt.objects.filter(client_id=client_id).values_list("rev", "concern__note", "concern__lit")
        return Try(
            send=partial(phone.send, f"concerns/{client_id}/", body),
            is_whole=lambda: state.get() == (2, "as it is now", "day"),
            is_absent=lambda: state.get() == (1, "as it was", "dark"),
            first_status=200,
        )

    steps = dies_at_each_step(server, make)
    assert Concern.objects.count() == len(steps) + 1


def test_fault_25_a_server_killed_between_any_two_steps_of_an_undo_takes_it_back_or_not_at_all(
    server: MortalServer,
) -> None:
    phone = WiredPhone(server)

    def make() -> Try:
        client_id = uuid.uuid4()
        assert phone.put_concern(client_id).status_code == 201
        state = Receipt.objects.filter(client_id=client_id).values_list("rev", "concern__status")
        return Try(
            send=partial(phone.put_concern, client_id, rev=2, deleted=True),
            is_whole=lambda: state.get() == (2, "withdrawn"),
            is_absent=lambda: state.get() == (1, "new"),
            first_status=200,
        )

    dies_at_each_step(server, make)


def test_fault_04_a_server_killed_between_any_two_steps_of_a_look_keeps_it_once_or_not_at_all(
    server: MortalServer,
) -> None:
    phone, concern_id = WiredPhone(server), uuid.uuid4()
    phone.put_concern(concern_id)

    def make() -> Try:
        client_id = uuid.uuid4()
        looks, receipts = Look.objects.filter(note=str(client_id)), Receipt.objects.filter(client_id=client_id)
        return Try(
            send=partial(phone.put_look, client_id, concern=str(concern_id), note=str(client_id), captured_at=SEEN_AT),
            is_whole=lambda: looks.count() == receipts.filter(look__in=looks).count() == receipts.count() == 1,
            is_absent=lambda: not looks.exists() and not receipts.exists(),
        )

    steps = dies_at_each_step(server, make)
    assert Look.objects.count() == len(steps) + 1


@pytest.mark.parametrize(
    "path",
    [one if one == "incidents" else pytest.param(one, marks=pytest.mark.soak) for one in DAY_KINDS],
)
def test_fault_04_a_server_killed_between_any_two_steps_of_a_record_of_the_day_keeps_it_once_or_not_at_all(
    server: MortalServer, path: str
) -> None:
    phone = WiredPhone(server)

    def make() -> Try:
        client_id = uuid.uuid4()
        receipts = Receipt.objects.filter(client_id=client_id)
        rows = MODELS[path].objects.filter(public_id__in=receipts.values("public_id"))
        return Try(
            send=partial(phone.send, f"{path}/{client_id}/", phone.day_body(path)),
            is_whole=lambda: receipts.count() == rows.count() == 1,
            is_absent=lambda: not receipts.exists(),
        )

    steps = dies_at_each_step(server, make)
    assert MODELS[path].objects.count() == Receipt.objects.count() == len(steps) + 1


def a_photo_try(server: MortalServer, phone: WiredPhone) -> Try:
    record_id, photo_id = uuid.uuid4(), uuid.uuid4()
    data = make_jpeg(color=f"#{record_id.hex[:6]}", size=(200, 150))
    phone.put_concern(record_id, photos=[str(photo_id)])
    photos = Photo.objects.filter(client_id=photo_id)

    def is_whole() -> bool:
        photo = photos.get() if photos.count() == 1 else None
        return photo is not None and (server.media / photo.original.name).read_bytes() == data

    return Try(partial(phone.put_photo, record_id, photo_id, data), is_whole, lambda: not photos.exists(), data=data)


def test_fault_05_a_server_killed_between_any_two_steps_of_a_photo_keeps_it_once_with_all_its_bytes(
    server: MortalServer,
) -> None:
    phone = WiredPhone(server)
    steps = dies_at_each_step(server, lambda: a_photo_try(server, phone))
    assert {"body half read", "file written", "insert concerns_photo", "committed", "answer made"} <= {*steps}
    assert Photo.objects.count() == len(steps) + 1


def test_fault_05_a_photo_and_its_folders_are_on_the_disk_before_its_row_is_committed(server: MortalServer) -> None:
    """A power cut can't be made here; what protects from it is the order of the steps."""
    phone = WiredPhone(server)
    steps = server.steps_of(a_photo_try(server, phone).send)
    n_folders = len(["originals", "year", "month"]) + 1  # and the media folder itself
    written, committed = steps.index("file written"), steps.index("committed")
    assert steps[written:committed].count("fsync file") == 1
    assert steps[written:committed].count("fsync folder") == n_folders
    assert steps.index("fsync file") < steps.index("insert concerns_photo") < committed < steps.index("answer made")


# --- The whole server at each named step, with a ledger ---------------------------------------------------------------

NAMED = [
    ("PUT .*/concerns/[^/]+/$", "arrived"),
    ("PUT .*/concerns/[^/]+/$", "insert field_receipt"),
    ("PUT .*/concerns/[^/]+/$", "insert concerns_concern"),
    ("PUT .*/concerns/[^/]+/$", "before commit"),
    ("PUT .*/concerns/[^/]+/$", "committed"),
    ("PUT .*/concerns/[^/]+/$", "answer half sent"),
    ("PUT .*/looks/[^/]+/$", "before commit"),
    ("PUT .*/looks/[^/]+/$", "committed"),
    ("PUT .*/photos/", "body half read"),
    ("PUT .*/photos/", "file written"),
    ("PUT .*/photos/", "fsync file"),
    ("PUT .*/photos/", "insert concerns_photo"),
    ("PUT .*/photos/", "committed"),
]


class Ledger:
    """What one phone sent, in order, and what was acknowledged. `settle()` sends again until everything is."""

    def __init__(self, phone: WiredPhone) -> None:
        self.phone = phone
        self.calls: dict[uuid.UUID, Callable[[], Answer]] = {}
        self.answers: dict[uuid.UUID, Answer] = {}
        self.hashes: dict[uuid.UUID, str] = {}
        self.looks: set[uuid.UUID] = set()

    def make(self, dice: random.Random) -> None:
        """A concern, now and then with photos, or a look at one."""
        record_id, photo_ids = uuid.UUID(int=dice.getrandbits(128), version=4), []
        concerns = [one for one in self.calls if one not in self.looks and one not in self.hashes]
        if concerns and dice.random() < 0.3:
            self.looks.add(record_id)
            seen = str(dice.choice(concerns))
            self.calls[record_id] = partial(self.phone.put_look, record_id, concern=seen, captured_at=SEEN_AT)
            return
        for _n in range(dice.choice([0, 1, 2])):
            photo_ids.append(uuid.UUID(int=dice.getrandbits(128), version=4))
        body = self.phone.concern(note=f"{record_id}", photos=[*map(str, photo_ids)])
        self.calls[record_id] = partial(self.phone.send, f"concerns/{record_id}/", body)
        for photo_id in photo_ids:
            data = make_jpeg(color=f"#{dice.getrandbits(24):06x}", size=(80 + dice.randrange(80), 60))
            self.hashes[photo_id] = sha256(data)
            self.calls[photo_id] = partial(self.phone.put_photo, record_id, photo_id, data)

    def send(self, one: uuid.UUID) -> None:
        """Raises NoAnswer."""
        answer = self.calls[one]()
        assert answer.status_code in (200, 201), answer.content
        if one in self.hashes:
            assert answer.json()["sha256"] == self.hashes[one]
        if one in self.answers and one not in self.hashes:
            assert answer.json()["public_id"] == self.answers[one].json()["public_id"]
        self.answers[one] = answer

    def settle(self, server: MortalServer) -> int:
        """Send what isn't acknowledged; start the server again whenever it is dead. Returns how often it died."""
        deaths = 0
        for one in self.calls:
            while one not in self.answers:
                try:
                    self.send(one)
                except NoAnswer:
                    server.kill()
                    server.start()
                    deaths += 1
        return deaths

    def check(self, server: MortalServer) -> None:
        """Everything acknowledged is there exactly once with equal hashes, and nothing else is."""
        assert {*self.answers} == {*self.calls}
        records = {one for one in self.calls if one not in self.hashes}
        device = self.phone.device
        assert sorted(Receipt.objects.filter(device=device).values_list("client_id", flat=True)) == sorted(records)
        assert Concern.objects.filter(device=device).count() == len(records - self.looks)
        assert Look.objects.filter(device=device).count() == len(self.looks)
        photos = {photo.client_id: photo for photo in Photo.objects.filter(device=device) if photo.client_id}
        assert {one: photo.sha256 for one, photo in photos.items()} == self.hashes
        for one, photo in photos.items():
            assert sha256((server.media / photo.original.name).read_bytes()) == self.hashes[one]


@pytest.mark.parametrize("ends", [NAMED[1::2], pytest.param(NAMED, marks=pytest.mark.soak)], ids=["some", "all"])
def test_fault_04_a_server_killed_whole_at_each_named_step_loses_and_doubles_nothing(
    server: MortalServer, ends: list[tuple[str, str]]
) -> None:
    dice = random.Random(20261122)
    ledger = Ledger(WiredPhone(server))
    for call, step in ends:
        for _n in range(3):
            ledger.make(dice)
        for _n in range(100):  # until there is a call of the kind that shall meet its end
            if has_waiting(ledger, call):
                break
            ledger.make(dice)
        server.die_at(step, call=call)
        assert ledger.settle(server) == 1, f"nobody died at {step} of {call}"
    first = {one: what_counts(answer) for one, answer in ledger.answers.items()}
    for one in ledger.calls:
        ledger.send(one)
        again = what_counts(ledger.answers[one])
        assert {**again, "state": "", "photos": []} == {**first[one], "state": "", "photos": []}
    ledger.check(server)


def has_waiting(ledger: Ledger, call: str) -> bool:
    waiting = [one for one in ledger.calls if one not in ledger.answers]
    if "photos" in call:
        return any(one in ledger.hashes for one in waiting)
    return any((one in ledger.looks) == ("looks" in call) and one not in ledger.hashes for one in waiting)


# --- At once ----------------------------------------------------------------------------------------------------------


def test_fault_06_twenty_sends_of_one_record_to_two_real_processes_make_one_row(server: MortalServer) -> None:
    walk: Walk
    phone = WiredPhone(server)
    walk, client_id = phone.walk, uuid.uuid4()
    other = WiredPhone(server, walk)
    body = phone.concern()

    with ThreadPoolExecutor(20) as pool:
        mine = [pool.submit(phone.send, f"concerns/{client_id}/", body) for _n in range(20)]
        answers = [one.result() for one in mine]

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["public_id"] for answer in answers}) == 1
    assert (Concern.objects.count(), Receipt.objects.count()) == (1, 1)
    theirs = other.send(f"concerns/{client_id}/", body)
    assert theirs.status_code == 201
    assert theirs.json()["public_id"] != answers[0].json()["public_id"]
    assert (Concern.objects.count(), Receipt.objects.count()) == (2, 2)


def test_fault_06_one_photo_sent_twelve_times_at_once_to_two_real_processes_is_kept_once(server: MortalServer) -> None:
    one = a_photo_try(server, WiredPhone(server))
    with ThreadPoolExecutor(12) as pool:
        answers = [future.result() for future in [pool.submit(one.send) for _n in range(12)]]
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["sha256"] for answer in answers}) == 1
    assert one.is_whole()
    kept = Photo.objects.get()
    files = {path.name for path in (server.media / "originals").rglob("*.jpg") if path.read_bytes() == one.data}
    assert files == {kept.original.name.rpartition("/")[2]}
