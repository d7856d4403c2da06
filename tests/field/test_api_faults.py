"""Faults of phone and network by their number in the list of promises, as the server meets them."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate, Proposal
from tests.field.phone import Phone, error_codes

pytestmark = pytest.mark.django_db


def test_fault_04_a_reply_lost_after_the_commit_costs_nothing():
    phone, client_id = Phone(), uuid.uuid4()
    body = phone.concern()
    lost = phone.send(f"concerns/{client_id}/", body).json()
    again = phone.send(f"concerns/{client_id}/", body).json()
    assert {key: again[key] for key in ("id", "public_id", "rev", "state", "received_at")} == {
        key: lost[key] for key in ("id", "public_id", "rev", "state", "received_at")
    }
    assert Concern.objects.count() == ConcernUpdate.objects.count() == 1


def test_fault_04_a_server_that_dies_before_the_commit_kept_nothing(monkeypatch):
    phone, client_id = Phone(), uuid.uuid4()

    def dies(*_args, **_kwargs):
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr("field.sync.settle", dies)
        with pytest.raises(SystemExit):
            phone.put_concern(client_id)
    assert Concern.objects.count() == 0
    assert phone.put_concern(client_id).status_code == 201


def test_fault_13_a_refused_record_does_not_stop_the_next():
    phone = Phone()
    answers = [phone.put_concern(note=note).status_code for note in ("one", "x" * 3000, "three")]
    assert answers == [201, 400, 201]
    assert set(Concern.objects.values_list("note", flat=True)) == {"one", "three"}


@pytest.mark.parametrize(
    "claimed",
    ["1970-01-01T00:00:00+00:00", timedelta(days=2), timedelta(days=-2), timedelta(days=-400), timedelta(minutes=15)],
)
def test_fault_18_a_wrong_clock_is_kept_as_claimed_and_flagged(claimed):
    phone, now = Phone(), timezone.now()
    at = datetime.fromisoformat(claimed) if isinstance(claimed, str) else now + claimed

    response = phone.put_concern(captured_at=at.isoformat())

    concern = Concern.objects.get()
    assert response.status_code == 201
    assert concern.captured_at == at
    assert concern.flags == ["clock_off"]
    assert concern.walk == phone.walk
    assert abs(concern.received_at - now) < timedelta(minutes=5)


def test_fault_18_a_right_clock_is_not_flagged_wherever_it_stands():
    phone = Phone()
    here = timezone.now() - timedelta(minutes=20)
    there = here.astimezone(timezone.get_fixed_timezone(9 * 60))
    phone.put_concern(captured_at=there.isoformat())
    concern = Concern.objects.get()
    assert (concern.captured_at, concern.flags) == (here, [])


def test_fault_24_an_edit_made_while_it_was_sent_arrives_as_its_newer_rev():
    phone, client_id = Phone(), uuid.uuid4()
    sent = phone.put_concern(client_id, rev=1)
    assert sent.json()["rev"] == 1
    assert phone.put_concern(client_id, rev=2, note="edited meanwhile").json()["rev"] == 2
    assert Concern.objects.get().note == "edited meanwhile"


def test_fault_25_an_undo_after_it_was_sent_takes_it_back():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    response = phone.put_concern(client_id, rev=2, deleted=True)
    assert (response.status_code, response.json()["state"], response.json()["rev"]) == (200, "closed", 2)
    assert Concern.objects.get().status == "withdrawn"
    assert Proposal.objects.count() == 0
    assert phone.put_concern(client_id, rev=1).json()["state"] == "closed"


def test_fault_25_undo_while_an_organizer_reads_it_does_not_get_lost(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    phone.put_concern(client_id, rev=2, deleted=True)
    actions.decide_proposal(proposal=Proposal.objects.get(), by=organizer, accept=True)
    assert Concern.objects.get().status == "withdrawn"


def test_fault_12_a_phone_that_was_readmitted_sends_what_it_kept(organizer):
    from field.actions import readmit_device, revoke_device

    phone, client_id = Phone(), uuid.uuid4()
    revoke_device(device=phone.device, by=organizer)
    refused = phone.put_concern(client_id)
    assert (refused.status_code, error_codes(refused)) == (403, [("token", "revoked")])
    readmit_device(device=phone.device, by=organizer)
    assert phone.put_concern(client_id).status_code == 201
