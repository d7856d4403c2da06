"""What was purged or dropped is gone, files and story too, and no phone brings it back to life."""

import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate, Look, Photo, Proposal
from concerns.photos import process_waiting
from field.models import Receipt, Tombstone
from field.purging import purge
from office.models import AuditEvent
from office.refused import Refused
from tests import factories
from tests.field.phone import Phone, error_codes, make_jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def phone(db):
    return Phone()


def files_in(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


def sent_with_photos(phone, n=2):
    """A record with `n` photos that arrived, and the photos' ids."""
    record, photos = uuid.uuid4(), [str(uuid.uuid4()) for _n in range(n)]
    phone.put_concern(record, photos=photos)
    for photo in photos:
        assert phone.put_photo(record, photo, make_jpeg()).status_code == 201
    return record, photos


def test_a_purged_concern_leaves_no_row_no_file_and_no_line(
    phone, organizer, media, django_capture_on_commit_callbacks
):
    record, _photos = sent_with_photos(phone)
    concern = Concern.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        process_waiting()
    actions.triage(concern=concern, by=organizer)
    actions.add_case(concern=concern, by=organizer, system="311", number="2026-1")
    phone.put_concern(record, rev=2, note="changed")
    phone.put_look(concern=str(record), result="still_there")
    assert files_in(media)

    with django_capture_on_commit_callbacks(execute=True):
        purge(record=concern, by=organizer, reason="names a person")

    left = (Concern, ConcernUpdate, Look, Photo, Proposal)
    assert [model.objects.count() for model in left] == [0] * len(left)
    assert files_in(media) == []
    assert {stone.kind for stone in Tombstone.objects.all()} == {"concern", "look"}
    told = AuditEvent.objects.get(action="purge")
    assert (told.object_id, told.reason) == (concern.public_id, "names a person")


def test_the_story_is_append_only_again_after_a_purge(phone, organizer):
    from django.db import DatabaseError, transaction

    phone.put_concern()
    kept = factories.make_concern()
    purge(record=Concern.objects.exclude(pk=kept.pk).get(), by=organizer)
    with pytest.raises(DatabaseError), transaction.atomic():
        ConcernUpdate.objects.filter(concern=kept).delete()


def test_record_and_photos_of_a_purged_concern_are_answered_closed(phone, organizer):
    record, photos = sent_with_photos(phone)
    public_id = str(Concern.objects.get().public_id)
    purge(record=Concern.objects.get(), by=organizer)
    said = phone.put_concern(record, rev=2, photos=photos)
    photo = phone.put_photo(record, photos[0], make_jpeg())
    assert (said.status_code, said.json()["state"], said.json()["public_id"]) == (200, "closed", public_id)
    assert (photo.status_code, photo.json()["state"], photo.json()["photo"]) == (200, "closed", photos[0])
    assert Concern.objects.count() == Photo.objects.count() == 0


def test_it_stays_closed_for_a_phone_whose_entry_was_purged_and_made_anew(phone, organizer):
    record, photos = sent_with_photos(phone, 1)
    public_id = str(Concern.objects.get().public_id)
    purge(record=Concern.objects.get(), by=organizer)
    device_id = phone.device.client_id
    phone.device.delete()
    anew = Phone(phone.walk, client_id=device_id)

    early = anew.put_photo(record, photos[0], make_jpeg())
    answers = [anew.put_concern(record, rev=rev, photos=photos) for rev in (1, 2)]

    assert (early.status_code, early.json()["state"]) == (200, "closed")
    assert [answer.json()["state"] for answer in answers] == ["closed", "closed"]
    assert {answer.json()["public_id"] for answer in answers} == {public_id}
    assert anew.put_photo(record, photos[0], make_jpeg()).json()["state"] == "closed"
    assert Concern.objects.count() == 0


def test_another_phone_may_use_the_id_of_a_purged_record(phone, organizer):
    record, _photos = sent_with_photos(phone, 0)
    purge(record=Concern.objects.get(), by=organizer)
    assert Phone(phone.walk).put_concern(record).json()["state"] == "complete"


def test_a_look_at_something_purged_is_closed_and_does_not_wait_for_ever(phone, organizer):
    record, _photos = sent_with_photos(phone, 0)
    concern = Concern.objects.get()
    purge(record=concern, by=organizer)
    states = [phone.put_look(concern=str(named)).json()["state"] for named in (record, concern.public_id)]
    assert states == ["closed", "closed"]


def test_a_purged_look_stays_closed_and_its_concern_stays(phone, organizer, media):
    concern = factories.make_concern(walk=phone.walk, status="claimed_fixed", triaged_at=timezone.now())
    look, photo = uuid.uuid4(), str(uuid.uuid4())
    phone.put_look(look, concern=str(concern.public_id), photos=[photo])
    phone.put_photo(look, photo, make_jpeg(), under="looks")
    purge(record=Look.objects.get(), by=organizer)
    again = phone.put_look(look, rev=2, concern=str(concern.public_id), result="worse")
    assert (again.status_code, again.json()["state"]) == (200, "closed")
    assert (Look.objects.count(), Photo.objects.count(), Concern.objects.count()) == (0, 0, 1)


def test_what_others_are_the_same_as_is_not_purged(organizer):
    first, second = factories.make_concern(), factories.make_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    with pytest.raises(Refused, match="same as this one"):
        purge(record=first, by=organizer)
    purge(record=second, by=organizer)
    assert list(Concern.objects.all()) == [first]


def test_after_a_restore_the_saved_stones_purge_again(phone, organizer, capsys):
    record, _photos = sent_with_photos(phone, 1)
    purge(record=Concern.objects.get(), by=organizer)
    stone = Tombstone.objects.get()
    # The backup was older than the purge, so the record is back; the stones were saved and loaded again.
    back = factories.make_concern(walk=phone.walk, public_id=stone.public_id)
    Receipt.objects.update(concern=back)
    call_command("purge_again")
    assert capsys.readouterr().out == "Purged again: 1\n"
    assert Concern.objects.count() == 0
    assert phone.put_concern(record, rev=5).json()["state"] == "closed"


def test_a_photo_that_a_newer_state_leaves_out_is_dropped_with_its_file(
    phone, media, django_capture_on_commit_callbacks
):
    record, photos = sent_with_photos(phone)
    with django_capture_on_commit_callbacks(execute=True):
        said = phone.put_concern(record, rev=2, photos=photos[1:])
    assert [photo["id"] for photo in said.json()["photos"]] == photos[1:]
    assert said.json()["state"] == "complete"
    assert [str(photo.client_id) for photo in Photo.objects.all()] == photos[1:]
    assert (Concern.objects.get().n_photos_expected, len(files_in(media))) == (1, 1)
    refused = phone.put_photo(record, photos[0], make_jpeg())
    assert (refused.status_code, error_codes(refused)) == (404, [("photo", "not_listed")])


def test_after_an_organizer_read_it_no_photo_is_dropped(phone, organizer):
    record, photos = sent_with_photos(phone)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    assert phone.put_concern(record, rev=2, photos=[]).json()["state"] == "for_review"
    assert Photo.objects.count() == len(photos)
