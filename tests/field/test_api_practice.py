"""GET /field/api/practice/: a pack of nobody's walk, for anybody to try the app with."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from corridors.models import Corridor
from tests import factories
from tests.field.phone import Phone
from walks.models import Walk

PRACTICE = "/field/api/practice/"
pytestmark = pytest.mark.django_db


def test_it_has_every_part_of_a_real_pack_and_says_that_it_is_practice(client):
    phone = Phone()
    real, practice = phone.get("pack/").json(), client.get(PRACTICE).json()
    assert set(practice) - {"practice"} == set(real) - {"server_time", "epoch", "safe_until"}
    assert (practice["saferoutes"], practice["practice"]) == (1, True)
    assert set(practice["walk"]) == set(real["walk"])
    assert set(practice["labels"]) == set(real["labels"])
    assert practice["categories"] == real["categories"]
    assert practice["walk"]["id"] == "practice"
    assert Walk.objects.count() == 1


def test_anybody_may_keep_it_for_an_hour(client):
    response = client.get(PRACTICE)
    assert response["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert "server_time" not in response.json()  # a kept one would set phones' clocks wrong


def test_it_draws_a_public_corridor_and_two_things_to_check_again(client):
    hidden = factories.make_corridor(is_public=False, name="MARKER")
    shown = factories.make_corridor()
    practice = client.get(PRACTICE).json()
    features = practice["map"]["features"]
    assert practice["walk"]["corridor"] == shown.name
    assert sum(feature["properties"]["kind"] == "segment" for feature in features) == 3
    assert {look["category"] for look in practice["looks"]} == {"LIGHT_OUT", "DUMPING"}
    assert {look["segment"] for look in practice["looks"]} <= {str(row.public_id) for row in shown.segments.all()}
    assert hidden.name not in str(practice)


def test_without_a_public_corridor_it_makes_one_up(client):
    practice = client.get(PRACTICE).json()
    kinds = [feature["properties"]["kind"] for feature in practice["map"]["features"]]
    assert kinds == ["corridor", "segment", "segment"]
    assert Corridor.objects.count() == 0


def test_it_names_nobody_and_no_number_but_the_emergency(client, lead):
    lead.person.phone = "+18165550142"
    lead.person.save()
    walk = factories.make_running_walk(lead=lead.person, designee_name="MARKER", designee_phone="+18165550177")
    factories.make_concern(walk=walk, status="triaged", triaged_at=walk.meet_at, note="MARKER", address="MARKER")
    practice = client.get(PRACTICE)
    assert [call["kind"] for call in practice.json()["call"]] == ["emergency"]
    for marker in ("MARKER", "5550142", "5550177", lead.person.name):
        assert marker not in practice.content.decode()


def test_its_queries_do_not_grow_with_what_there_is(client):
    counts = []
    for _n in range(2):
        factories.make_corridor()
        client.get(PRACTICE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PRACTICE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_it_is_read_only(client):
    response = client.post(PRACTICE)
    assert (response.status_code, response.json()["saferoutes"]) == (405, 1)
