"""PUT /field/api/concerns/<uuid>/: a concern arrives once, whole, and as it was meant."""

import hashlib
import json
import uuid
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate, Proposal
from field.models import Receipt, Tombstone
from field.schema import read_concern
from office.models import Coalition
from tests import factories
from tests.field.phone import ON_THE_AVENUE, Phone, error_codes

MOST_STATEMENTS = 10

pytestmark = pytest.mark.django_db


def test_it_takes_a_concern_and_says_what_became_of_it():
    phone, client_id = Phone(), uuid.uuid4()

    response = phone.put_concern(client_id)

    assert response.status_code == 201
    said, concern = response.json(), Concern.objects.get()
    assert (said["saferoutes"], said["id"], said["rev"], said["state"]) == (1, str(client_id), 1, "complete")
    assert said["public_id"] == str(concern.public_id) != str(client_id)
    assert said["epoch"] == str(Coalition.current().epoch)
    assert said["safe_until"] is None
    assert said["photos"] == []


def test_it_keeps_every_field_as_it_was_sent():
    phone = Phone(team=None)
    phone.put_concern(danger_now=True, told_by="business", city_case="2026-118", answers={"what": ["out"], "row": 3})

    concern = Concern.objects.get()

    assert (concern.category.code, concern.walk, concern.device) == ("LIGHT_OUT", phone.walk, phone.device)
    assert concern.location.coords == (-94.53912, 39.10612)
    assert (concern.accuracy_m, concern.place_from, concern.lit) == (12.5, "gps", "dark")
    assert (concern.danger_now, concern.told_by, concern.city_case) == (True, "business", "2026-118")
    assert concern.answers == {"what": ["out"], "row": 3}
    assert (concern.publication, concern.status, concern.source) == ("held", "new", "field")


def test_it_belongs_to_the_phones_team():
    walk = factories.make_running_walk()
    team = factories.make_team(walk=walk)
    Phone(walk, team=team).put_concern()
    assert Concern.objects.get().team == team


def test_it_works_out_the_block_and_side_where_the_phone_did_not():
    phone = Phone()
    phone.put_concern()
    concern = Concern.objects.get()
    assert (concern.segment, concern.side) == (phone.walk.corridor.segments.get(position=0), "left")


def test_it_takes_the_block_and_side_that_the_phone_chose():
    phone = Phone()
    chosen = phone.walk.corridor.segments.get(position=2)
    phone.put_concern(segment=str(chosen.public_id), side="right")
    concern = Concern.objects.get()
    assert (concern.segment, concern.side) == (chosen, "right")


def test_it_refuses_a_block_of_another_corridor():
    phone, elsewhere = Phone(), factories.make_corridor().segments.first()
    response = phone.put_concern(segment=str(elsewhere.public_id))
    assert (response.status_code, error_codes(response)) == (400, [("segment", "unknown")])


def test_it_costs_at_most_ten_statements():
    phone = Phone()
    phone.put_concern()  # first use makes the coalition's row
    with CaptureQueriesContext(connection) as queries:
        assert phone.put_concern().status_code == 201
    assert len(queries) <= MOST_STATEMENTS, [query["sql"][:90] for query in queries]


def test_the_same_again_gets_the_same_answer():
    phone, client_id = Phone(), uuid.uuid4()
    body = phone.concern()
    first = phone.send(f"concerns/{client_id}/", body)
    again = phone.send(f"concerns/{client_id}/", dict(reversed(body.items())))

    assert (first.status_code, again.status_code) == (201, 200)
    ours = ("id", "public_id", "rev", "state", "photos", "received_at", "epoch")
    assert [first.json()[key] for key in ours] == [again.json()[key] for key in ours]
    assert Concern.objects.count() == 1
    assert ConcernUpdate.objects.count() == 1


def test_a_newer_rev_changes_it():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    response = phone.put_concern(client_id, rev=2, note="Two lamps", category="LIGHT_NONE")
    concern = Concern.objects.get()
    assert (response.status_code, response.json()["rev"], response.json()["state"]) == (200, 2, "complete")
    assert (concern.note, concern.category.code) == ("Two lamps", "LIGHT_NONE")


def test_an_older_rev_changes_nothing_and_is_told_the_current_one():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, rev=3, note="newest")
    response = phone.put_concern(client_id, rev=2, note="late")
    assert (response.status_code, response.json()["rev"]) == (200, 3)
    assert Concern.objects.get().note == "newest"


def test_two_contents_with_one_rev_are_not_mixed_up():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, note="one")
    response = phone.put_concern(client_id, note="other")
    assert (response.status_code, error_codes(response)) == (400, [("rev", "rev_used")])
    assert Concern.objects.get().note == "one"


def test_the_same_id_from_another_phone_is_that_phones_own_record():
    walk, client_id = factories.make_running_walk(), uuid.uuid4()
    answers = [Phone(walk).put_concern(client_id).json() for _phone in range(2)]
    assert answers[0]["public_id"] != answers[1]["public_id"]
    assert Concern.objects.count() == 2


def test_after_an_organizer_read_it_a_change_is_only_proposed(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, note="as seen")
    actions.triage(concern=Concern.objects.get(), by=organizer)

    response = phone.put_concern(client_id, rev=2, note="changed my mind")

    assert (response.status_code, response.json()["state"], response.json()["rev"]) == (200, "for_review", 2)
    assert Concern.objects.get().note == "as seen"
    assert Proposal.objects.get().body["note"] == "changed my mind"


def test_an_undo_after_an_organizer_read_it_is_only_proposed(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    response = phone.put_concern(client_id, rev=2, deleted=True)
    assert response.json()["state"] == "for_review"
    assert Concern.objects.get().status == "triaged"
    assert Proposal.objects.get().body["deleted"] is True


def test_a_proposal_sent_again_is_kept_once(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    body = phone.concern(rev=2, note="changed my mind")
    states = [phone.send(f"concerns/{client_id}/", body).json()["state"] for _time in range(2)]
    assert states == ["for_review", "for_review"]
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("ended", ["hidden", "spam", "withdrawn", "purged"])
def test_what_was_taken_out_of_sight_stays_so(organizer, ended):
    phone, client_id = Phone(), uuid.uuid4()
    public_id = phone.put_concern(client_id).json()["public_id"]
    concern = Concern.objects.get()
    if ended == "purged":
        Receipt.objects.update(concern=None)
        Tombstone.objects.create(public_id=concern.public_id, kind="concern")
    elif ended == "withdrawn":
        actions.withdraw_concern(concern=concern)
    else:
        fields = {"publication": ended} | ({"hidden_reason": "names a person"} if ended == "hidden" else {})
        Concern.objects.update(**fields)
    before = Concern.objects.values().get()

    response = phone.put_concern(client_id, rev=7, note="alive again")

    assert (response.status_code, response.json()["state"]) == (200, "closed")
    assert response.json()["public_id"] == public_id
    assert Concern.objects.values().get() == before
    assert Proposal.objects.count() == 0


def test_taken_back_before_it_was_ever_sent_leaves_only_a_receipt():
    phone, client_id = Phone(), uuid.uuid4()
    first = phone.put_concern(client_id, rev=2, deleted=True)
    again = phone.put_concern(client_id, rev=1)
    assert (first.status_code, first.json()["state"], again.json()["state"]) == (201, "closed", "closed")
    assert Concern.objects.count() == 0


def test_who_takes_it_back_need_not_say_again_what_it_was():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    body = {"rev": 2, "walk": str(phone.walk.public_id), "deleted": True}
    assert phone.send(f"concerns/{client_id}/", body).json()["state"] == "closed"


def test_it_names_every_key_it_does_not_know():
    phone = Phone()
    response = phone.put_concern(status="published", is_staff=True, agency=3, created_by="me")
    assert response.status_code == 400
    assert set(error_codes(response)) == {(key, "unknown") for key in ("status", "is_staff", "agency", "created_by")}
    assert Concern.objects.count() == 0


def test_o02_it_names_an_unknown_key_inside_the_position():
    response = Phone().put_concern(position=ON_THE_AVENUE | {"altitude": 3})
    assert error_codes(response) == [("position.altitude", "unknown")]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"category": "suspicious_person"}, ("category", "unknown")),
        ({"category": None}, ("category", "missing")),
        ({"rev": 0}, ("rev", "not_a_number")),
        ({"rev": True}, ("rev", "not_a_number")),
        ({"rev": "2"}, ("rev", "not_a_number")),
        ({"rev": 10**30}, ("rev", "not_a_number")),
        ({"walk": str(uuid.uuid4())}, ("walk", "other_walk")),
        ({"walk": "x"}, ("walk", "not_an_id")),
        ({"walk": None}, ("walk", "missing")),
        ({"captured_at": "2026-11-22T18:04:05"}, ("captured_at", "not_a_time")),
        ({"captured_at": "yesterday"}, ("captured_at", "not_a_time")),
        ({"captured_at": "9999-12-31T23:59:59-12:00"}, ("captured_at", "not_a_time")),
        ({"captured_at": 1700000000}, ("captured_at", "not_a_time")),
        ({"position": {"lat": 139.1, "lon": -94.5, "source": "gps"}}, ("position.lat", "not_degrees")),
        ({"position": {"lat": True, "lon": -94.5, "source": "gps"}}, ("position.lat", "not_degrees")),
        ({"position": {"lat": 10**400, "lon": -94.5, "source": "gps"}}, ("position.lat", "not_degrees")),
        ({"position": {"lat": 39.1, "source": "gps"}}, ("position.lon", "missing")),
        ({"position": ON_THE_AVENUE | {"accuracy_m": -1}}, ("position.accuracy_m", "not_metres")),
        ({"position": ON_THE_AVENUE | {"source": "guess"}}, ("position.source", "unknown")),
        ({"position": [39.1, -94.5]}, ("position", "not_a_place")),
        ({"position": None, "address": " "}, ("position", "missing")),
        ({"side": "north"}, ("side", "unknown")),
        ({"lit": "noon"}, ("lit", "unknown")),
        ({"told_by": "police"}, ("told_by", "unknown")),
        ({"note": "x" * 2001}, ("note", "too_long")),
        ({"note": 5}, ("note", "not_text")),
        ({"address": "x" * 201}, ("address", "too_long")),
        ({"answers": {"what": {"deep": 1}}}, ("answers", "not_answers")),
        ({"answers": [1]}, ("answers", "not_answers")),
        ({"danger_now": "yes"}, ("danger_now", "not_yes_or_no")),
        ({"deleted": 1}, ("deleted", "not_yes_or_no")),
        ({"photos": [str(uuid.uuid4()) for _n in range(7)]}, ("photos", "too_many")),
        ({"photos": ["a"]}, ("photos", "not_ids")),
        ({"photos": [[]]}, ("photos", "not_ids")),
    ],
)
def test_it_refuses_bad_fields_one_by_one_with_a_sentence(changes, error):
    response = Phone().put_concern(**changes)
    assert (response.status_code, error_codes(response)) == (400, [error])
    said = response.json()
    assert said["saferoutes"] == 1
    assert said["errors"][0]["message"].endswith(".")
    assert Concern.objects.count() == 0
    assert Receipt.objects.count() == 0


def test_it_speaks_spanish_to_a_phone_that_does(settings):
    response = Phone().send("concerns/" + str(uuid.uuid4()) + "/", {"rev": 0}, **{"Accept-Language": "es"})
    assert response.status_code == 400
    assert response["Content-Language"] == "es"


def test_text_that_no_database_can_keep_is_kept_without_it():
    Phone().put_concern(note="dark\x00 lamp \ud83d", answers={"po\x00le": "a\x00b"})
    concern = Concern.objects.get()
    assert (concern.note, concern.answers) == ("dark lamp ?", {"pole": "ab"})


def test_a_place_may_be_an_address_alone():
    response = Phone().put_concern(position=None, address="4777 Independence Ave")
    concern = Concern.objects.get()
    assert response.status_code == 201
    assert (concern.location, concern.address, concern.place_from) == (None, "4777 Independence Ave", "address")
    assert concern.flags == ["no_block"]


def test_outside_where_we_work_it_is_taken_and_flagged():
    coalition = Coalition.current()
    coalition.service_bounds = Polygon.from_bbox((-95, 38, -94, 40))
    coalition.save()
    phone = Phone()
    outside = phone.put_concern(position={"lat": 0, "lon": 0, "source": "pin"})
    inside = phone.put_concern()
    flags = dict(Concern.objects.values_list("public_id", "flags"))
    assert "outside" in flags[uuid.UUID(outside.json()["public_id"])]
    assert flags[uuid.UUID(inside.json()["public_id"])] == []


def test_words_about_a_person_are_kept_and_flagged():
    Phone().put_concern(note="Call 816-555-0142, he lives at 4512")
    concern = Concern.objects.get()
    assert "person_text" in concern.flags
    assert concern.note.startswith("Call 816")


def test_a_phone_sends_only_so_much_that_is_new_in_an_hour(monkeypatch):
    monkeypatch.setattr("field.receipts.MAX_NEW_AN_HOUR", 2)
    phone, known = Phone(), uuid.uuid4()
    assert phone.put_concern(known).status_code == 201
    assert phone.put_concern().status_code == 201
    refused = phone.put_concern()
    assert (refused.status_code, error_codes(refused)) == (429, [("", "too_many")])
    assert int(refused["Retry-After"]) > 0
    assert phone.put_concern(known, rev=2).status_code == 200
    assert Receipt.objects.count() == 2


def test_late_sends_are_taken_for_fourteen_days():
    end = timezone.now() - timedelta(days=13)
    times = {"meet_at": end - timedelta(hours=3), "step_off_at": end - timedelta(hours=2), "end_at": end}
    phone = Phone(factories.make_walk(**times))
    captured = (end - timedelta(hours=1)).isoformat()
    assert phone.put_concern(captured_at=captured).status_code == 201
    assert Concern.objects.get().flags == []


def test_only_put_is_taken():
    phone = Phone()
    response = phone.get(f"concerns/{uuid.uuid4()}/")
    assert (response.status_code, response["Allow"], response.json()["saferoutes"]) == (405, "PUT", 1)


FIX = {"lat": 39.10601, "lon": -94.53899, "accuracy_m": 34.0, "at": "2026-11-22T18:04:03-06:00"}


def test_what_the_phone_measured_is_kept_apart_from_the_place_somebody_chose():
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, fix=FIX)
    concern = Concern.objects.get()
    assert concern.location.coords == (-94.53912, 39.10612)
    assert concern.fix_location.coords == (-94.53899, 39.10601)
    assert (concern.fix_accuracy_m, concern.fix_at.isoformat()) == (34.0, "2026-11-23T00:04:03+00:00")
    phone.put_concern(client_id, rev=2, fix=FIX | {"accuracy_m": None}, position=ON_THE_AVENUE | {"source": "pin"})
    concern.refresh_from_db()
    assert (concern.fix_accuracy_m, concern.place_from) == (None, "pin")


def test_the_desk_reads_what_the_phone_measured_and_the_public_does_not(desk, client):
    Phone().put_concern(fix=FIX)
    concern = Concern.objects.get()
    concern.publication, concern.status, concern.published_at = "published", "triaged", timezone.now()
    concern.triaged_at, concern.public_point, concern.public_place = timezone.now(), concern.location, "3500 block"
    concern.save()
    assert "39.10601, -94.53899 ± 34 m" in desk.get(f"/desk/concerns/{concern.public_id}/").content.decode()
    for address in (f"/concerns/{concern.public_id}/", "/map/concerns.geojson"):
        page = client.get(address)
        assert page.status_code == 200
        assert "39.10601" not in page.content.decode()


@pytest.mark.parametrize(
    ("fix", "error"),
    [
        ([39.1, -94.5], ("fix", "not_a_fix")),
        (FIX | {"lat": "39"}, ("fix.lat", "not_degrees")),
        (FIX | {"accuracy_m": -3}, ("fix.accuracy_m", "not_metres")),
        (FIX | {"at": "now"}, ("fix.at", "not_a_time")),
        (FIX | {"at": None}, ("fix.at", "missing")),
        (FIX | {"source": "gps"}, ("fix.source", "unknown")),
    ],
)
def test_a_bad_fix_is_named(fix, error):
    response = Phone().put_concern(fix=fix)
    assert (response.status_code, error_codes(response)) == (400, [error])


def test_no_public_table_has_what_the_phone_measured():
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_name like 'public\\_%%' and column_name like 'fix%%'"
        )
        assert cursor.fetchall() == []
        cursor.execute("select count(*) from information_schema.columns where table_name = 'public_concern'")
        assert cursor.fetchone()[0] > 10


def test_a_body_of_before_there_was_a_fix_is_the_same_content_after_an_update():
    phone, client_id = Phone(), uuid.uuid4()
    body = phone.concern()
    phone.send(f"concerns/{client_id}/", body)
    content = asdict(read_concern(json.dumps(body).encode())) | {"rev": 0}
    del content["fix"]
    before = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
    assert Receipt.objects.get().body_sha256 == before
    assert phone.send(f"concerns/{client_id}/", body | {"fix": None}).status_code == 200


def test_a_newer_proposal_of_the_same_phone_replaces_the_older(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    for rev in (2, 3, 4):
        assert phone.put_concern(client_id, rev=rev, note=f"rev {rev}").json()["state"] == "for_review"
    assert Proposal.objects.get().body["note"] == "rev 4"
    assert ConcernUpdate.objects.filter(kind="proposal").count() == 1


def test_after_a_decision_a_newer_change_is_a_proposal_of_its_own(organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id)
    actions.triage(concern=Concern.objects.get(), by=organizer)
    phone.put_concern(client_id, rev=2, note="rev 2")
    actions.decide_proposal(proposal=Proposal.objects.get(), by=organizer, accept=False)
    phone.put_concern(client_id, rev=3, note="rev 3")
    assert list(Proposal.objects.values_list("state", flat=True)) == ["declined", "open"]


@pytest.fixture
def bounds(db):
    coalition = Coalition.current()
    coalition.service_bounds = Polygon.from_bbox((-95, 38, -94, 40))
    coalition.save()


def test_a_pin_that_is_moved_back_inside_is_outside_no_more(bounds):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, position={"lat": 0, "lon": 0, "source": "pin"})
    assert "outside" in Concern.objects.get().flags
    phone.put_concern(client_id, rev=2)
    assert Concern.objects.get().flags == []
    phone.put_concern(client_id, rev=3, position={"lat": 0, "lon": 0, "source": "pin"})
    assert "outside" in Concern.objects.get().flags


def test_an_accepted_move_of_the_pin_says_anew_whether_it_is_outside(bounds, organizer):
    phone, client_id = Phone(), uuid.uuid4()
    phone.put_concern(client_id, position={"lat": 0, "lon": 0, "source": "pin"})
    actions.triage(concern=Concern.objects.get(), by=organizer)
    phone.put_concern(client_id, rev=2)
    actions.decide_proposal(proposal=Proposal.objects.get(), by=organizer, accept=True)
    assert Concern.objects.get().flags == []


def test_an_address_instead_of_a_far_pin_is_outside_no_more(bounds, organizer):
    concern = factories.make_concern(flags=["outside"])
    actions.change_concern(concern=concern, location=None, address="4777 Independence Ave")
    assert Concern.objects.get().flags == ["no_block"]
