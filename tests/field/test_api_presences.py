"""A greeter's check-ins and check-outs from a phone: each arrives once, also where another greeter was quicker."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from field.models import Receipt
from people.roles import AgeBand
from tests import factories
from tests.field.phone import Phone, error_codes
from walks.links import signup_token
from walks.models import Presence, Signup
from walks.table_actions import Ticker, check_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone() -> Phone:
    return Phone(factories.make_running_walk())


def put(phone: Phone, client_id: uuid.UUID, **changes: Any) -> Any:
    body = {"rev": 1, "walk": str(phone.walk.public_id), "name": "Teo", "arrived_at": timezone.now().isoformat()}
    return phone.send(f"presences/{client_id}/", body | changes)


def by_code(signup: Signup) -> dict[str, str]:
    return {"code": f"http://testserver/my/{signup_token(signup)}/", "name": ""}


def test_a_walk_up_is_checked_in_once_and_out_by_a_newer_rev(phone: Phone) -> None:
    client_id, at = uuid.uuid4(), timezone.now().isoformat()
    first, again = (put(phone, client_id, arrived_at=at) for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["public_id"] == again.json()["public_id"]
    row = Presence.objects.get()
    assert (row.name, row.method, row.device, row.left_at) == ("Teo", Presence.Method.WALK_UP, phone.device, None)
    out = put(phone, client_id, rev=2, arrived_at=at, left_at=timezone.now().isoformat())
    assert (out.status_code, out.json()["state"]) == (200, "complete")
    assert Presence.objects.get().left_at is not None


def test_a_scanned_code_checks_in_as_many_as_signed_up(phone: Phone) -> None:
    signup = factories.make_signup(walk=phone.walk, n_people=8)
    assert put(phone, uuid.uuid4(), **by_code(signup)).status_code == 201
    row = Presence.objects.get()
    assert (row.signup, row.n_people, row.method) == (signup, 8, Presence.Method.QR)


def test_whom_another_greeter_ticked_is_the_same_check_in_and_goes_out_from_here_too(phone: Phone) -> None:
    signup, client_id = factories.make_signup(walk=phone.walk), uuid.uuid4()
    table = check_in(signup=signup, by=Ticker(greeter="Bea"))
    said = put(phone, client_id, **by_code(signup))
    assert (said.status_code, said.json()["public_id"]) == (201, str(table.public_id))
    put(phone, client_id, rev=2, left_at=timezone.now().isoformat(), **by_code(signup))
    assert Presence.objects.get().left_at is not None


def test_taken_back_it_stays_so(phone: Phone) -> None:
    client_id = uuid.uuid4()
    put(phone, client_id)
    assert put(phone, client_id, rev=2, deleted=True).json()["state"] == "closed"
    assert put(phone, client_id, rev=3).json()["state"] == "closed"
    assert not Presence.objects.standing().exists()


def test_a_minor_needs_the_guardians_yes_and_leaves_no_receipt_without_it(phone: Phone) -> None:
    client_id = uuid.uuid4()
    refused = put(phone, client_id, age_band=AgeBand.TEEN)
    assert (refused.status_code, error_codes(refused)) == (400, [("guardian_note", "needs_guardian")])
    assert not Receipt.objects.exists()
    note = "Mother, by phone, 2:05"
    assert put(phone, client_id, age_band=AgeBand.TEEN, guardian_note=note).status_code == 201


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, ("name", "required")),
        ({"age_band": "under_13"}, ("age_band", "unknown")),
        ({"n_people": 61}, ("n_people", "not_a_number")),
        ({"arrived_at": "yesterday"}, ("arrived_at", "not_a_time")),
        ({"code": "forged.x"}, ("code", "unknown")),
        ({"telephone": "8165550111"}, ("telephone", "unknown_field")),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(phone: Phone, changes: dict[str, Any], fault: tuple[str, str]) -> None:
    answer = put(phone, uuid.uuid4(), **changes)
    assert answer.status_code == 400
    assert fault[0] in [name for name, _code in error_codes(answer)]
    assert not Presence.objects.exists()


def test_a_code_of_another_walk_is_refused(phone: Phone) -> None:
    assert error_codes(put(phone, uuid.uuid4(), **by_code(factories.make_signup()))) == [("code", "unknown")]
