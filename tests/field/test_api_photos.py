"""PUT …/photos/<uuid>/: a photo is taken whole, on the disk, or not at all; the others and the record go on."""

import hashlib
import os
import uuid
from pathlib import Path

import pytest

from concerns import actions
from concerns.models import Concern, Photo
from tests.field.phone import Phone, error_codes, make_jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def phone(db):
    return Phone()


def send_record(phone, n):
    """A record that names `n` photos, and their ids."""
    record, photos = uuid.uuid4(), [uuid.uuid4() for _n in range(n)]
    response = phone.put_concern(record, photos=[str(photo) for photo in photos])
    assert response.json()["state"] == ("waiting_photos" if n else "complete")
    return record, photos


def test_it_keeps_the_bytes_and_echoes_their_hash(phone, media):
    record, [photo] = send_record(phone, 1)
    data = make_jpeg()
    response = phone.put_photo(record, photo, data)
    kept = Photo.objects.get()
    assert response.status_code == 201
    assert response.json()["photo"] == str(photo)
    assert response.json()["sha256"] == hashlib.sha256(data).hexdigest()
    assert Path(media, kept.original.name).read_bytes() == data
    assert (kept.concern, kept.device, kept.position) == (Concern.objects.get(), phone.device, 0)


def test_the_bytes_are_on_the_disk_before_they_are_acknowledged(phone, monkeypatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.readlink(f"/proc/self/fd/{fd}")), real(fd)))
    record, [photo] = send_record(phone, 1)
    phone.put_photo(record, photo, make_jpeg())
    assert any(path.endswith(Photo.objects.get().original.name) for path in synced)


def test_fault_05_a_photo_that_broke_off_is_sent_again_and_kept_once(phone):
    record, [photo] = send_record(phone, 1)
    data = make_jpeg()
    broken = phone.put_photo(record, photo, data[:300], sha256=hashlib.sha256(data).hexdigest())
    assert (broken.status_code, error_codes(broken)) == (400, [("sha256", "hash")])
    assert Photo.objects.count() == 0
    assert [phone.put_photo(record, photo, data).status_code for _time in range(2)] == [201, 200]
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"no photo", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"<?php", b"\xff\xd8\xff\xe0half"],
)
def test_fault_14_one_unusable_photo_stops_neither_the_record_nor_the_others(phone, data):
    record, [bad, good] = send_record(phone, 2)
    refused = phone.put_photo(record, bad, data)
    assert refused.status_code == 400
    assert "JPEG, PNG, WebP or HEIC" in refused.json()["errors"][0]["message"]
    assert phone.put_photo(record, good, make_jpeg()).status_code == 201
    assert Concern.objects.count() == 1
    assert [held.client_id for held in Photo.objects.all()] == [good]


def test_fault_15_a_photo_over_the_limit_is_413_and_the_next_is_taken(phone, settings):
    settings.PHOTO_MAX_BYTES = 20_000
    record, [large, small] = send_record(phone, 2)
    refused = phone.put_photo(record, large, make_jpeg() + b"\0" * 30_000)
    assert (refused.status_code, error_codes(refused)) == (413, [("body", "too_large")])
    assert "20 kB" in refused.json()["errors"][0]["message"]
    assert phone.put_photo(record, small, make_jpeg()).status_code == 201


def test_fault_26_the_record_says_which_photos_it_holds(phone):
    record, [first, second] = send_record(phone, 2)
    body = phone.concern(photos=[str(first), str(second)], rev=2)
    data = make_jpeg(color="navy")
    phone.put_photo(record, second, data)
    said = phone.send(f"concerns/{record}/", body).json()
    assert said["state"] == "waiting_photos"
    held = {"id": str(second), "sha256": hashlib.sha256(data).hexdigest(), "state": "held"}
    assert said["photos"] == [held]
    assert Concern.objects.get().n_photos_expected == 2

    phone.put_photo(record, first, make_jpeg())
    said = phone.send(f"concerns/{record}/", body).json()
    assert said["state"] == "complete"
    assert [photo["id"] for photo in said["photos"]] == [str(first), str(second)]


def test_a_photo_before_its_record_is_told_to_wait(phone):
    response = phone.put_photo(uuid.uuid4(), uuid.uuid4(), make_jpeg())
    assert (response.status_code, error_codes(response)) == (404, [("concern", "no_record")])


def test_a_photo_that_the_record_does_not_name_is_told_to_wait(phone):
    record, _photos = send_record(phone, 1)
    response = phone.put_photo(record, uuid.uuid4(), make_jpeg())
    assert (response.status_code, error_codes(response)) == (404, [("photo", "not_listed")])


def test_another_phones_record_takes_no_photo_of_mine(phone):
    record, [photo] = send_record(phone, 1)
    response = Phone(phone.walk).put_photo(record, photo, make_jpeg())
    assert (response.status_code, error_codes(response)) == (404, [("concern", "no_record")])


@pytest.mark.parametrize("header", ["", "abc", "g" * 64])
def test_without_a_hash_nothing_is_kept(phone, header):
    record, [photo] = send_record(phone, 1)
    response = phone.client.put(
        f"/field/api/concerns/{record}/photos/{photo}/",
        make_jpeg(),
        content_type="image/jpeg",
        headers=phone.headers({"X-Content-SHA256": header}),
    )
    assert (response.status_code, error_codes(response)) == (400, [("sha256", "sha_missing")])


def test_other_bytes_under_a_known_id_are_refused(phone):
    record, [photo] = send_record(phone, 1)
    phone.put_photo(record, photo, make_jpeg())
    response = phone.put_photo(record, photo, make_jpeg(color="red"))
    assert (response.status_code, error_codes(response)) == (400, [("photo", "other_photo")])


def test_a_photo_of_what_is_closed_is_answered_but_not_kept(phone):
    record, [photo] = send_record(phone, 1)
    actions.withdraw_concern(concern=Concern.objects.get())
    response = phone.put_photo(record, photo, make_jpeg())
    assert (response.status_code, response.json()["state"]) == (200, "closed")
    assert Photo.objects.count() == 0


def test_a_full_disk_says_that_it_will_be_sent_again(phone, monkeypatch):
    record, [photo] = send_record(phone, 1)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("concerns.photos.default_storage.save", full)
    response = phone.put_photo(record, photo, make_jpeg())
    assert response.status_code == 507
    assert int(response["Retry-After"]) > 0
    assert Photo.objects.count() == 0
