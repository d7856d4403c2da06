"""Many senders at the same moment, on connections of their own: one record stays one record."""

import uuid
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from concerns.models import Concern, ConcernUpdate, Look, Photo
from field.models import Receipt
from field.purging import purge
from tests import factories
from tests.at_once import at_once
from tests.field.phone import DAY_KINDS, Phone, make_jpeg
from walks.models import Device

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(db: None) -> None:
    """Real commits. The flush at the end of such tests also empties what migrations loaded, so it is loaded again."""
    import_module("concerns.migrations.0005_categories").add_categories(apps, None)


def test_fault_06_twenty_sends_of_one_record_make_one_row(committed):
    phone, client_id = Phone(), uuid.uuid4()
    body = phone.concern()

    answers = at_once([lambda: phone.send(f"concerns/{client_id}/", body) for _n in range(20)])

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["public_id"] for answer in answers}) == 1
    assert (Concern.objects.count(), Receipt.objects.count(), ConcernUpdate.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("path", DAY_KINDS)
def test_fault_06_twenty_sends_of_one_record_of_the_day_make_one_row(committed, path):
    from tests.field.test_api_day import MODELS

    phone, client_id = Phone(), uuid.uuid4()
    body = phone.day_body(path)

    answers = at_once([lambda: phone.send(f"{path}/{client_id}/", body) for _n in range(20)])

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["public_id"] for answer in answers}) == 1
    assert (MODELS[path].objects.count(), Receipt.objects.count()) == (1, 1)


def test_fault_06_twenty_sends_of_one_look_make_one_line(committed):
    phone, client_id = Phone(), uuid.uuid4()
    seen = factories.make_concern(walk=phone.walk, status="claimed_fixed", triaged_at=timezone.now())
    at = timezone.now().isoformat()
    send = partial(phone.put_look, client_id, concern=str(seen.public_id), captured_at=at, result="fixed", lit="dark")

    answers = at_once([send] * 20)

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert (Look.objects.count(), ConcernUpdate.objects.filter(kind="look").count()) == (1, 1)


def test_a_photo_on_the_way_and_the_change_that_drops_it_leave_no_photo(committed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    phone = Phone()
    for _round in range(4):
        client_id, photo_id = uuid.uuid4(), uuid.uuid4()
        phone.put_concern(client_id, photos=[str(photo_id)])
        data = make_jpeg()
        jobs = [partial(phone.put_photo, client_id, photo_id, data), partial(phone.put_concern, client_id, rev=2)]
        answers = at_once(jobs)
        assert {answer.status_code for answer in answers} <= {200, 201, 404}
    assert Photo.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_purge_and_a_phone_that_sends_at_the_same_time_never_wait_in_a_circle(committed):
    phone = Phone()
    for _round in range(4):
        client_id = uuid.uuid4()
        phone.put_concern(client_id)
        concern = Concern.objects.get()
        jobs = [partial(phone.put_concern, client_id, rev=rev, note=f"rev {rev}") for rev in range(2, 8)]
        at_once([*jobs, partial(purge, record=concern, by=None)])
        assert Concern.objects.count() == 0
        assert phone.put_concern(client_id, rev=9).json()["state"] == "closed"


def test_fault_06_two_phones_with_one_id_make_two_records(committed):
    walk, client_id = factories.make_running_walk(), uuid.uuid4()
    phones = [Phone(walk), Phone(walk)]
    body = phones[0].concern()
    answers = at_once(
        [lambda phone=phone: phone.send(f"concerns/{client_id}/", body) for phone in phones for _n in range(5)]
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 8 + [201] * 2
    assert Concern.objects.count() == 2


def test_fault_08_revisions_that_overtake_each_other_end_with_the_newest(committed):
    phone, client_id = Phone(), uuid.uuid4()
    revs = range(1, 13)
    answers = at_once([lambda rev=rev: phone.put_concern(client_id, rev=rev, note=f"rev {rev}") for rev in revs])
    assert {answer.status_code for answer in answers} == {200, 201}
    assert Concern.objects.get().note == "rev 12"
    assert Receipt.objects.get().rev == 12


def test_one_photo_sent_ten_times_at_once_is_kept_once(committed, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    phone, client_id, photo_id = Phone(), uuid.uuid4(), uuid.uuid4()
    phone.put_concern(client_id, photos=[str(photo_id)])
    data = make_jpeg()
    answers = at_once([lambda: phone.put_photo(client_id, photo_id, data) for _n in range(10)])
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["sha256"] for answer in answers}) == 1
    assert Photo.objects.count() == 1


def test_phones_that_join_at_once_never_exceed_the_places(committed, monkeypatch):
    from walks.invites import invite_for

    monkeypatch.setattr("field.actions.MAX_DEVICES", 3)
    walk = factories.make_running_walk()
    invite = invite_for(walk)
    phone = Phone(walk)

    def join() -> Any:
        body = {"invite": invite, "device": str(uuid.uuid4()), "secret": uuid.uuid4().hex}
        return phone.send("devices/", body, method="POST").status_code

    assert sorted(at_once([join] * 8)) == [201, 201, *[403] * 6]
    assert Device.objects.count() == 3
