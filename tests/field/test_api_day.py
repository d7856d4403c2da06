"""What teams tell of the day (blocks walked, heads, incidents, teams back, contacts) arrives once, as it was meant."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from field.models import Receipt, Tombstone
from field.purging import purge
from outreach.models import Contact
from tests import factories
from tests.field.phone import DAY_KINDS, ON_THE_AVENUE, Phone, error_codes
from walks.models import HeadCount, Incident, SegmentPass, TeamBack

MOST_STATEMENTS = 8
MODELS = {
    "passes": SegmentPass,
    "headcounts": HeadCount,
    "incidents": Incident,
    "team-backs": TeamBack,
    "contacts": Contact,
}
# A change that each kind may make, and where it shows.
CHANGES = {
    "passes": ({"lit": "dusk", "ratings": {"light": 3}}, lambda row: (row.lit, row.ratings), ("dusk", {"light": 3})),
    "headcounts": ({"counts": {"13_17": 4}}, lambda row: row.n_people, 4),
    "incidents": ({"note": "An ambulance came"}, lambda row: row.note, "An ambulance came"),
    "team-backs": ({"n_back": 5, "note": ""}, lambda row: (row.n_back, row.note), (5, "")),
    "contacts": ({"result": "left_material", "needs": []}, lambda row: (row.result, row.needs), ("left_material", [])),
}
pytestmark = pytest.mark.django_db
every_kind = pytest.mark.parametrize("path", DAY_KINDS)


@every_kind
def test_it_takes_a_record_and_says_what_became_of_it(path):
    walk = factories.make_running_walk()
    team = factories.make_team(walk=walk)
    phone, client_id = Phone(walk, team=team), uuid.uuid4()

    response = phone.put_day(path, client_id)

    said, row = response.json(), MODELS[path].objects.get()
    assert (response.status_code, said["id"], said["rev"], said["state"]) == (201, str(client_id), 1, "complete")
    assert (said["saferoutes"], said["photos"]) == (1, [])
    assert said["public_id"] == str(row.public_id) != str(client_id)
    assert (row.walk, row.team, row.device, row.withdrawn_at) == (walk, team, phone.device, None)
    assert row.is_clock_off is False


@every_kind
def test_the_same_again_gets_the_same_answer(path):
    phone, client_id = Phone(), uuid.uuid4()
    body = phone.day_body(path)
    first = phone.send(f"{path}/{client_id}/", body)
    again = phone.send(f"{path}/{client_id}/", dict(reversed(body.items())))
    ours = ("id", "public_id", "rev", "state", "photos", "received_at", "epoch")
    assert (first.status_code, again.status_code) == (201, 200)
    assert [first.json()[key] for key in ours] == [again.json()[key] for key in ours]
    assert MODELS[path].objects.count() == Receipt.objects.count() == 1


@every_kind
def test_a_newer_rev_changes_it_and_an_older_one_does_not(path):
    phone, client_id = Phone(), uuid.uuid4()
    changes, shown, wanted = CHANGES[path]
    phone.put_day(path, client_id)
    newer = phone.put_day(path, client_id, rev=3, **changes)
    late = phone.put_day(path, client_id, rev=2)
    assert (newer.status_code, newer.json()["rev"], newer.json()["state"]) == (200, 3, "complete")
    assert (late.status_code, late.json()["rev"]) == (200, 3)
    assert shown(MODELS[path].objects.get()) == wanted


@every_kind
def test_two_contents_with_one_rev_are_not_mixed_up(path):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_day(path, client_id)
    before = MODELS[path].objects.values().get()
    response = phone.put_day(path, client_id, **CHANGES[path][0])
    assert (response.status_code, error_codes(response)) == (400, [("rev", "rev_used")])
    assert MODELS[path].objects.values().get() == before


@every_kind
def test_fault_25_it_can_be_taken_back_and_stays_so(path):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_day(path, client_id)
    undo = {"rev": 2, "walk": str(phone.walk.public_id), "deleted": True}
    taken_back = phone.send(f"{path}/{client_id}/", undo)
    again = phone.put_day(path, client_id, rev=3)
    assert (taken_back.status_code, taken_back.json()["state"], taken_back.json()["rev"]) == (200, "closed", 2)
    assert (again.status_code, again.json()["state"]) == (200, "closed")
    row = MODELS[path].objects.get()
    assert row.withdrawn_at is not None
    assert list(MODELS[path].objects.standing()) == []


@every_kind
def test_taken_back_before_it_was_ever_sent_leaves_only_a_receipt(path):
    phone, client_id = Phone(), uuid.uuid4()
    undo = {"rev": 2, "walk": str(phone.walk.public_id), "deleted": True}
    first = phone.send(f"{path}/{client_id}/", undo)
    again = phone.put_day(path, client_id, rev=1)
    assert (first.status_code, first.json()["state"], again.json()["state"]) == (201, "closed", "closed")
    assert MODELS[path].objects.count() == 0


@every_kind
def test_a_purged_record_stays_closed_also_for_a_phone_that_joined_anew(organizer, path):
    phone, client_id = Phone(), uuid.uuid4()
    public_id = phone.put_day(path, client_id).json()["public_id"]
    purge(record=MODELS[path].objects.get(), by=organizer)
    answers = [phone.put_day(path, client_id, rev=rev).json() for rev in (1, 2)]
    device_id = phone.device.client_id
    phone.device.delete()  # its receipts go with it
    anew = Phone(phone.walk, client_id=device_id)
    answers += [anew.put_day(path, client_id, rev=rev).json() for rev in (2, 3)]
    assert [said["state"] for said in answers] == ["closed"] * 4
    assert {said["public_id"] for said in answers} == {public_id}
    assert MODELS[path].objects.count() == 0
    assert Tombstone.objects.get().kind == Receipt.objects.get().kind


@every_kind
def test_the_same_id_from_another_phone_is_that_phones_own_record(path):
    walk, client_id = factories.make_running_walk(), uuid.uuid4()
    answers = [Phone(walk).put_day(path, client_id) for _phone in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert MODELS[path].objects.count() == 2


@every_kind
def test_an_id_of_another_kind_is_refused(path):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    response = phone.put_day(path, client_id)
    assert (response.status_code, error_codes(response)) == (400, [("id", "id_used")])


@every_kind
def test_fault_18_a_wrong_clock_is_kept_as_claimed_and_flagged(path):
    body = Phone().day_body(path)
    for at in (timezone.now() + timedelta(days=2), timezone.now() - timedelta(days=400)):
        times = {key: at.isoformat() for key in body if key.endswith("_at")}
        assert Phone().put_day(path, **times).status_code == 201
    assert list(MODELS[path].objects.values_list("is_clock_off", flat=True)) == [True, True]


@every_kind
def test_it_costs_few_statements(path):
    phone = Phone()
    phone.put_day(path)
    with CaptureQueriesContext(connection) as queries:
        assert phone.put_day(path).status_code == 201
    assert len(queries) <= MOST_STATEMENTS, [query["sql"][:90] for query in queries]


@every_kind
def test_leftovers_never_land_in_the_next_walk(path):
    response = Phone().put_day(path, walk=str(uuid.uuid4()))
    assert (response.status_code, error_codes(response)) == (400, [("walk", "other_walk")])


HOSTILE = [
    b"", b"{", b"[]", b"null", b'"x"', b"NaN", b"\xff\xfe", b'{"rev": 1e999}', b"[" * 20000, b'{"a":' * 5000,
    b'{"rev": ' + b"9" * 5000 + b"}",
]  # fmt: skip
WRONG: list[Any] = [
    None,
    True,
    -1,
    10**400,
    1.5,
    "x" * 3000,
    "\x00\ud800",
    [],
    [[]],
    [1],
    {},
    {"a": {"b": []}},
    "2026-13-45T99:99",
]


@every_kind
@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_400_with_a_sentence(path, raw):
    response = Phone().send(f"{path}/{uuid.uuid4()}/", raw)
    assert response.status_code == 400, raw[:40]
    assert all(error["message"].endswith(".") for error in response.json()["errors"])


@every_kind
def test_no_value_in_any_field_breaks_it(path):
    phone = Phone()
    for name in phone.day_body(path):
        for value in WRONG:
            body = phone.day_body(path, **{name: value})
            response = phone.send(f"{path}/{uuid.uuid4()}/", body)
            assert response.status_code in {201, 400}, (name, value)
            if response.status_code == 400:
                fields = {error["field"].partition(".")[0] for error in response.json()["errors"]}
                assert fields == {name}, (name, value)


@every_kind
def test_it_names_every_fault_at_once(path):
    body = {"rev": 0, "walk": "x", "status": 1, "device": "me"}
    response = Phone().send(f"{path}/{uuid.uuid4()}/", body)
    codes = set(error_codes(response))
    assert {("rev", "not_a_number"), ("walk", "not_an_id"), ("status", "unknown"), ("device", "unknown")} <= codes
    assert any(code == "missing" for _field, code in codes)


BAD = [
    ("passes", {"segment": str(uuid.uuid4())}, ("segment", "unknown")),
    ("passes", {"segment": None}, ("segment", "missing")),
    ("passes", {"lit": None}, ("lit", "missing")),
    ("passes", {"lit": "noon"}, ("lit", "unknown")),
    ("passes", {"side": "north"}, ("side", "unknown")),
    ("passes", {"ended_at": "2020-01-01T00:00:00Z"}, ("ended_at", "too_early")),
    ("passes", {"started_at": "soon"}, ("started_at", "not_a_time")),
    ("passes", {"ratings": {"light": 4}}, ("ratings.light", "not_a_number")),
    ("passes", {"ratings": {"light": True}}, ("ratings.light", "not_a_number")),
    ("passes", {"ratings": {"smell": 1}}, ("ratings.smell", "unknown")),
    ("passes", {"ratings": [1]}, ("ratings", "not_numbers")),
    ("headcounts", {"counts": None}, ("counts", "missing")),
    ("headcounts", {"counts": {"18_24": -1}}, ("counts.18_24", "not_a_number")),
    ("headcounts", {"counts": {"18_24": 40000}}, ("counts.18_24", "not_a_number")),
    ("headcounts", {"counts": {"teens": 1}}, ("counts.teens", "unknown")),
    ("incidents", {"kind": "police"}, ("kind", "unknown")),
    ("incidents", {"kind": None}, ("kind", "missing")),
    ("incidents", {"note": "x" * 501}, ("note", "too_long")),
    ("incidents", {"happened_at": None}, ("happened_at", "missing")),
    ("incidents", {"position": ON_THE_AVENUE}, ("position", "unknown")),
    ("team-backs", {"n_back": 6}, ("n_back", "too_many")),
    ("team-backs", {"n_out": 0}, ("n_out", "not_a_number")),
    ("team-backs", {"n_back": None}, ("n_back", "missing")),
    ("contacts", {"kind": "neighbor"}, ("kind", "unknown")),
    ("contacts", {"result": None}, ("result", "missing")),
    ("contacts", {"needs": ["money"]}, ("needs", "unknown")),
    ("contacts", {"needs": ["food", "food"]}, ("needs", "twice")),
    ("contacts", {"needs": "food"}, ("needs", "not_words")),
    ("contacts", {"consent": False}, ("consent", "not_a_consent")),
    ("contacts", {"name": "MARKER"}, ("name", "unknown")),
    ("contacts", {"note": "x" * 301}, ("note", "too_long")),
    ("contacts", {"do_not_visit": True}, ("landmark", "missing")),
    ("contacts", {"card": "KHT4"}, ("card", "unknown")),
    ("contacts", {"position": {"lat": 99, "lon": 1}}, ("position.lat", "not_degrees")),
]


@pytest.mark.parametrize(("path", "changes", "error"), BAD)
def test_it_refuses_bad_fields_one_by_one_with_a_sentence(path, changes, error):
    response = Phone().put_day(path, **changes)
    assert (response.status_code, error_codes(response)) == (400, [error])
    assert response.json()["errors"][0]["message"].endswith(".")
    assert MODELS[path].objects.count() == Receipt.objects.count() == 0


def test_blocks_of_another_corridor_are_not_walked_here():
    elsewhere = factories.make_corridor().segments.first()
    response = Phone().put_day("passes", segment=str(elsewhere.public_id))
    assert error_codes(response) == [("segment", "unknown")]


def test_a_call_for_help_is_taken_whatever_block_it_names():
    response = Phone().put_day("incidents", segment=str(uuid.uuid4()))
    incident = Incident.objects.get()
    assert (response.status_code, incident.segment, incident.side) == (201, None, "")
    assert incident.place == "3600 block, by the laundromat"


def test_who_took_care_stays_when_the_team_adds_words(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_day("incidents", client_id)
    handled_at = timezone.now()
    Incident.objects.update(handled_at=handled_at, handled_by=organizer, handled_note="Odessa drives there")
    phone.put_day("incidents", client_id, rev=2, note="We wait at the corner", kind="stuck")
    incident = Incident.objects.get()
    assert (incident.note, incident.kind) == ("We wait at the corner", "stuck")
    assert (incident.handled_at, incident.handled_by, incident.handled_note) == (
        handled_at, organizer, "Odessa drives there"
    )  # fmt: skip


def test_bands_that_are_not_named_count_nobody():
    Phone().put_day("headcounts", counts={"65_plus": 3, "13_17": None})
    assert HeadCount.objects.get().by_band == {
        "under_13": 0, "13_17": 0, "18_24": 0, "25_34": 0, "35_54": 0, "55_64": 0, "65_plus": 3, "unknown": 0
    }  # fmt: skip


def test_what_cannot_be_told_is_not_rated():
    Phone().put_day("passes", ratings={"light": None, "feeling": 2})
    assert SegmentPass.objects.get().ratings == {"feeling": 2}


def test_a_contact_keeps_its_block_and_no_point():
    phone = Phone()
    phone.put_day("contacts")
    contact = Contact.objects.get()
    assert (contact.segment, contact.side) == (phone.walk.corridor.segments.get(position=0), "left")
    assert (contact.kind, contact.result, contact.needs) == ("business", "talked", ["food", "safety"])
    kept = str(Contact.objects.values().get()) + str(Receipt.objects.values().get())
    assert "39.106" not in kept
    assert "94.539" not in kept


def test_where_a_contact_was_cannot_be_found_by_trying_hashes():
    phone = Phone()
    at = timezone.now().isoformat()
    for position in (ON_THE_AVENUE, ON_THE_AVENUE | {"lat": 39.10599}, None):
        phone.put_day("contacts", captured_at=at, position=position)
    assert Receipt.objects.values("body_sha256").distinct().count() == 1


def test_a_contact_keeps_its_block_when_a_newer_state_has_no_place():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_day("contacts", client_id)
    phone.put_day("contacts", client_id, rev=2, position=None, needs=["housing"])
    contact = Contact.objects.get()
    assert (contact.needs, contact.segment, contact.side) == (
        ["housing"], phone.walk.corridor.segments.get(position=0), "left"
    )  # fmt: skip


def test_a_contact_off_the_corridor_is_kept_without_a_block():
    assert Phone().put_day("contacts", position={"lat": 39.2, "lon": -94.5}).status_code == 201
    assert Contact.objects.get().segment is None
