"""News of public concerns as RSS."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.contrib.gis.geos import Point

from concerns import actions
from concerns.models import Category
from concerns.workflow import LookResult, Source, Status
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/feeds/concerns.rss"


@pytest.fixture
def concern(organizer):
    made = actions.log_concern(
        category=Category.objects.get(code="LIGHT_OUT"),
        source=Source.FIELD,
        walk=factories.make_walk(),
        location=Point(-94.53912, 39.10612, srid=4326),
        address="3512 Independence Ave",
    )
    actions.publish_concern(concern=made, by=organizer, text="The lamp is dark")
    actions.move_concern(concern=made, to=Status.IN_PROGRESS, by=organizer)
    return made


def items(client, query=""):
    response = client.get(ADDRESS + query)
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("application/rss+xml")
    return [
        {part.tag: part.text for part in item} for item in ElementTree.fromstring(response.content).iter("item")
    ]  # fmt: skip


def test_it_tells_what_happened_newest_first(client, concern):
    found = items(client)
    assert "Street light not working" in found[0]["title"]
    assert any(item["description"] == "The lamp is dark" for item in found)
    assert all(item["link"].endswith(f"/concerns/{concern.public_id}/") for item in found)
    assert len({item["guid"] for item in found}) == len(found)


def test_o10_nothing_that_is_not_public_is_in_it(client, concern):
    factories.make_concern(note="MARKER-held", address="MARKER-address")
    told = client.get(ADDRESS).content.decode()
    assert "MARKER" not in told
    assert concern.address not in told


def test_what_was_hidden_is_gone_at_once(client, concern, organizer):
    actions.hide_concern(concern=concern, by=organizer, reason="wrong")
    assert items(client) == []


def test_a_corridor_can_be_followed_alone(client, concern):
    assert items(client, f"?corridor={concern.segment.corridor.slug}")
    assert items(client, "?corridor=another-street") == []


@pytest.mark.parametrize("query", ["?corridor='", "?status=nonsense", "?category=%00", "?bbox=1,2,3"])
def test_a_bad_filter_is_a_sentence(client, concern, query):
    response = client.get(ADDRESS + query)
    assert response.status_code == 400
    assert response.content


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "]]>&amp;<b>", "\u2028 \x0b"])
def test_hostile_words_are_words(client, organizer, text):
    made = factories.make_concern()
    actions.publish_concern(concern=made, by=organizer, text=text)
    assert b"<script" not in client.get(ADDRESS).content
    items(client)


def test_looks_are_told_once_they_are_public(client, concern, organizer):
    look = actions.record_look(concern=concern, result=LookResult.STILL_THERE, by=organizer)
    actions.publish_look(look=look, by=organizer)
    assert any("still there" in item["title"] for item in items(client))


def test_it_speaks_spanish(client, concern):
    assert items(client, "?lang=es")[0]["title"] != items(client)[0]["title"]


def test_its_queries_do_not_grow(client, concern, organizer, django_assert_max_num_queries):
    for _ in range(3):
        actions.publish_concern(concern=factories.make_concern(), by=organizer, text="x")
    with django_assert_max_num_queries(6):
        client.get(ADDRESS)
