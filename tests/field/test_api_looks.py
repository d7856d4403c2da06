"""PUT /field/api/looks/<uuid>/: somebody on a walk checked a concern again."""

import uuid

import pytest
from django.utils import timezone

from concerns.actions import decide_proposal, mark_duplicate, triage
from concerns.models import Concern, Look, Photo, Proposal
from field import actions
from tests import factories
from tests.field.phone import Phone, error_codes, make_jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(db):
    return Phone()


def known(phone, **fields):
    return factories.make_concern(
        **{"walk": phone.walk, "status": "claimed_fixed", "triaged_at": timezone.now()} | fields
    )


def test_it_takes_a_look_and_moves_the_concern(phone):
    concern = known(phone)
    response = phone.put_look(concern=str(concern.public_id), result="still_there", lit="dark", note="dark again")
    look = Look.objects.get()
    assert (response.status_code, response.json()["state"]) == (201, "complete")
    assert response.json()["public_id"] == str(look.public_id)
    assert (look.concern, look.walk, look.device, look.lit, look.note) == (
        concern, phone.walk, phone.device, "dark", "dark again"
    )  # fmt: skip
    concern.refresh_from_db()
    assert concern.status == "reopened"


def test_it_may_name_the_phones_own_record_by_its_own_id(phone):
    client_id = uuid.uuid4()
    phone.put_concern(client_id)
    assert phone.put_look(concern=str(client_id)).status_code == 201


def test_a_look_at_an_unsent_concern_waits_for_it(phone):
    concern_id, look_id = uuid.uuid4(), uuid.uuid4()
    early = phone.put_look(look_id, concern=str(concern_id))
    assert (early.status_code, error_codes(early)) == (404, [("concern", "no_record")])
    phone.put_concern(concern_id)
    assert phone.put_look(look_id, concern=str(concern_id)).status_code == 201


def test_the_same_again_is_one_look(phone):
    concern, look_id, at = known(phone), uuid.uuid4(), timezone.now().isoformat()
    answers = [phone.put_look(look_id, concern=str(concern.public_id), captured_at=at) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert Look.objects.count() == 1


def test_another_result_later_is_for_an_organizer_to_decide(phone):
    concern, look_id = known(phone), uuid.uuid4()
    phone.put_look(look_id, concern=str(concern.public_id))
    response = phone.put_look(look_id, concern=str(concern.public_id), rev=2, result="fixed")
    assert (response.status_code, response.json()["state"]) == (200, "for_review")
    assert Look.objects.get().result == "still_there"
    assert Proposal.objects.get().body["result"] == "fixed"


@pytest.mark.parametrize("hidden", ["other corridor", "unread", "vacant"])
def test_it_looks_only_at_what_its_pack_holds(phone, hidden):
    fields = {
        "other corridor": {"walk": factories.make_walk()},
        "unread": {"status": "new", "triaged_at": None},
        "vacant": {"category": "VACANT_BLD"},
    }[hidden]
    response = phone.put_look(concern=str(known(phone, **fields).public_id))
    assert (response.status_code, error_codes(response)) == (404, [("concern", "no_record")])
    assert Look.objects.count() == 0


def test_a_confirmed_phone_looks_at_vacant_buildings(phone, lead):
    actions.confirm_device(device=phone.device, by=lead)
    assert phone.put_look(concern=str(known(phone, category="VACANT_BLD").public_id)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"result": "maybe"}, ("result", "unknown")),
        ({"result": None}, ("result", "missing")),
        ({"concern": "x"}, ("concern", "not_an_id")),
        ({"rev": -1}, ("rev", "not_a_number")),
        ({"status": "verified_fixed"}, ("status", "unknown")),
        ({"walk": str(uuid.uuid4())}, ("walk", "other_walk")),
    ],
)
def test_it_refuses_bad_bodies_with_a_sentence(phone, changes, error):
    response = phone.put_look(**{"concern": str(known(phone).public_id)} | changes)
    assert (response.status_code, error_codes(response)) == (400, [error])
    assert Look.objects.count() == 0


def test_an_id_of_a_concern_is_not_taken_for_a_look(phone):
    client_id = uuid.uuid4()
    phone.put_concern(client_id)
    response = phone.put_look(client_id, concern=str(known(phone).public_id))
    assert (response.status_code, error_codes(response)) == (400, [("id", "id_used")])


def test_a_photo_of_a_look_is_kept_under_it(phone, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    look_id, photo_id = uuid.uuid4(), uuid.uuid4()
    first = phone.put_look(look_id, concern=str(known(phone).public_id), photos=[str(photo_id)])
    assert first.json()["state"] == "waiting_photos"
    assert phone.put_photo(look_id, photo_id, make_jpeg(), under="looks").status_code == 201
    assert Photo.objects.get().look == Look.objects.get()


def test_fault_04_a_look_sent_again_after_it_fixed_the_concern_is_the_same_look(phone):
    concern, look_id, at = known(phone), uuid.uuid4(), timezone.now().isoformat()
    fields = {"concern": str(concern.public_id), "result": "fixed", "lit": "dark", "captured_at": at}
    answers = [phone.put_look(look_id, **fields) for _time in range(2)]
    concern.refresh_from_db()
    assert concern.status == "verified_fixed"
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [
        (201, "complete"),
        (200, "complete"),
    ]
    assert Look.objects.count() == 1


def test_a_second_team_that_saw_it_fixed_offline_is_heard_too(phone):
    concern = known(phone)
    phone.put_look(concern=str(concern.public_id), result="fixed", lit="dark")
    late = Phone(phone.walk).put_look(concern=str(concern.public_id), result="still_there", lit="dark")
    concern.refresh_from_db()
    assert (late.status_code, concern.status) == (201, "reopened")


def test_a_look_at_what_was_merged_meanwhile_counts_for_the_other(phone, organizer):
    concern, other = known(phone), known(phone)
    mark_duplicate(concern=concern, of=other, by=organizer)
    assert phone.put_look(concern=str(concern.public_id)).status_code == 201
    assert Look.objects.get(device=phone.device).concern == other


@pytest.mark.parametrize("publication", ["hidden", "spam"])
def test_a_look_at_what_was_taken_out_of_sight_is_closed(phone, publication):
    reason = {"hidden_reason": "names a person"} if publication == "hidden" else {}
    concern = known(phone, publication=publication, **reason)
    response = phone.put_look(concern=str(concern.public_id))
    assert (response.status_code, response.json()["state"]) == (201, "closed")
    assert Look.objects.count() == 0


def test_a_change_of_a_look_and_one_of_the_report_wait_side_by_side(phone, organizer):
    record, look = uuid.uuid4(), uuid.uuid4()
    phone.put_concern(record, note="as seen")
    concern = Concern.objects.get()
    triage(concern=concern, by=organizer)
    phone.put_look(look, concern=str(record), result="still_there", note="first")
    phone.put_concern(record, rev=2, note="changed")
    states = [
        phone.put_look(look, concern=str(record), rev=rev, result="worse", note="second").json()["state"]
        for rev in (2, 3)
    ]
    assert states == ["for_review", "for_review"]
    assert sorted(proposal.look is not None for proposal in Proposal.objects.all()) == [False, True]
    for proposal in Proposal.objects.all():
        decide_proposal(proposal=proposal, by=organizer, accept=True)
    concern.refresh_from_db()
    now = Look.objects.get()
    assert (concern.note, now.result, now.note) == ("changed", "worse", "second")


def test_taking_a_look_back_never_takes_the_report_back(phone, organizer):
    concern, look = known(phone), uuid.uuid4()
    phone.put_look(look, concern=str(concern.public_id), result="still_there")
    phone.put_look(look, concern=str(concern.public_id), rev=2, deleted=True)
    decide_proposal(proposal=Proposal.objects.get(), by=organizer, accept=True)
    concern.refresh_from_db()
    assert concern.status != "withdrawn"
    assert Look.objects.get().publication == "hidden"


def test_the_desk_reads_what_a_changed_look_says(phone, organizer, desk):
    concern, look = known(phone), uuid.uuid4()
    phone.put_look(look, concern=str(concern.public_id), note="MARKER-BEFORE")
    phone.put_look(look, concern=str(concern.public_id), rev=2, result="fixed", note="MARKER-AFTER")
    page = desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()
    assert "MARKER-BEFORE → <b>MARKER-AFTER</b>" in page
    assert "still there → <b>fixed</b>" in page


def test_undoing_a_concern_after_its_look_was_changed_leaves_nothing_to_decide(phone):
    concern_id, look_id = uuid.uuid4(), uuid.uuid4()
    phone.put_concern(concern_id)
    phone.put_look(look_id, concern=str(concern_id), result="still_there")
    assert phone.put_look(look_id, rev=2, concern=str(concern_id), deleted=True).json()["state"] == "for_review"
    phone.put_concern(concern_id, rev=2, deleted=True)
    concern = Concern.objects.get()
    assert (concern.status, Proposal.objects.get().state) == ("withdrawn", "declined")
    assert "changed" not in concern.flags


def test_saying_again_what_stands_takes_the_proposal_back(phone):
    concern, look_id = known(phone), uuid.uuid4()
    said = {"concern": str(concern.public_id), "result": "still_there", "lit": "dark", "note": ""}
    phone.put_look(look_id, **said)
    assert phone.put_look(look_id, rev=2, **said | {"result": "worse"}).json()["state"] == "for_review"
    assert phone.put_look(look_id, rev=3, **said).json()["state"] == "complete"
    concern.refresh_from_db()
    assert (Proposal.objects.get().state, "changed" in concern.flags) == ("declined", False)
    assert list(concern.updates.filter(kind="proposal").values_list("to_value", flat=True)) == ["open", "declined"]
