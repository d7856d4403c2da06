"""The load driver at a small scale: every phone's ledger holds, and the comparison notices whatever doesn't."""

import argparse
import random
import uuid
from pathlib import Path
from typing import Any

import pytest

from bench.field import make_walks, measure, media_folder, verify
from bench.phones import LATER, Answer, Entry, Line, Phone, Tally, unlike_any
from concerns.models import Concern, Photo
from field.models import Receipt
from tests import factories
from tests.field.phone import make_jpeg

SMALL: dict[str, Any] = {"devices": 8, "each": 3, "seconds": 4.0, "readers": 0, "photos": 0.4, "lost": 0.1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_all_that_the_phones_were_told_is_there_once_and_nothing_else_is(tmp_path: Path) -> None:
    factories.make_corridor()
    walks = make_walks(SMALL["devices"])
    with media_folder(tmp_path / "media") as media:
        result, tally, checks = measure(walks, argparse.Namespace(**SMALL), media)
        assert result.wrong == []
        assert (result.n_sent, result.n_kept) == (24, 24)
        assert result.n_photos_kept == result.n_photos_sent > 0
        assert tally.count(lambda status: status >= 500 and status not in LATER) == 0
        assert tally.statuses["text", 200] + tally.statuses["text", 201] >= 24
        assert next(check.value for check in checks if check.name == "answers lost on purpose") > 0
        _breaks_are_noticed(walks, media)


def _breaks_are_noticed(walks: list, media: Path) -> None:
    """Each of these stays: whatever is noticed is one more than before."""
    phones = [_as_told(walks, device) for device in {row.device_id for row in Receipt.objects.all()}]
    noticed = 0
    photo = Photo.objects.filter(state="ready")[0]
    for break_it in (
        lambda: Concern.objects.filter(pk=Receipt.objects.all()[0].concern_id).update(note="something else"),
        lambda: (media / photo.image.name).write_bytes(b""),
        lambda: Photo.objects.exclude(pk=photo.pk).order_by("pk").last().delete(),
        lambda: _double(Receipt.objects.all()[1]),
        lambda: phones[0].ledger.pop(),
    ):
        break_it()
        now = len(verify(phones, walks, media).wrong)
        assert now > noticed
        noticed = now


def _as_told(walks: list, device_id: int) -> Phone:
    """A phone whose ledger says what is in the database."""
    phone = Phone(1, "", Tally(), n=0, photo_share=0, lost=0, dice=random.Random(1))
    for row in Receipt.objects.filter(device=device_id).select_related("device", "concern"):
        entry = Entry(row.device.client_id, row.client_id, row.concern.note, public_id=str(row.concern.public_id))
        for photo in row.concern.photos.all():
            entry.photo, entry.sha256 = photo.client_id, photo.sha256
        phone.ledger.append(entry)
    return phone


def _double(receipt: Receipt) -> None:
    twin = Concern.objects.get(pk=receipt.concern_id)
    twin.pk, twin.public_id = None, uuid.uuid4()
    twin._state.adding = True
    twin.save()
    Receipt.objects.create(
        device=receipt.device,
        client_id=uuid.uuid4(),
        kind=receipt.kind,
        public_id=twin.public_id,
        rev=1,
        body_sha256="0" * 64,
        concern=twin,
        received_at=receipt.received_at,
        updated_at=receipt.updated_at,
    )


@pytest.mark.parametrize(
    ("answer", "is_acknowledged", "is_refused"),
    [
        (Answer(201, {"saferoutes": 1}), True, False),
        (Answer(200, None), False, False),
        (Answer(200, {"hello": "portal"}), False, False),
        (Answer(0), False, False),
        (Answer(429, {"saferoutes": 1}, 5), False, False),
        (Answer(503, {"saferoutes": 1}), False, False),
        (Answer(400, {"saferoutes": 1}), False, True),
    ],
)
def test_only_our_own_yes_counts_and_only_our_own_no_ends_it(
    answer: Answer, is_acknowledged: bool, is_refused: bool
) -> None:
    assert (answer.is_acknowledged, answer.is_refused) == (is_acknowledged, is_refused)


def test_no_two_photos_have_the_same_bytes_and_all_open() -> None:
    jpeg = make_jpeg()
    assert len({unlike_any(jpeg) for _ in range(50)}) == 50
    assert unlike_any(jpeg)[:2] == jpeg[:2]


def test_a_server_that_is_away_is_an_answer_without_status() -> None:
    tally = Tally()
    assert Line(9, tally, timeout=1).ask("text", "PUT", "/nowhere/") == Answer(0)
    assert tally.statuses["text", 0] == 1
