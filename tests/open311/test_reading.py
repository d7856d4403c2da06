"""GeoReport v2, reading: discovery, services, requests, tokens, in XML and JSON alike, from the public view only."""

import json
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from concerns import actions
from concerns.models import Concern
from concerns.workflow import Status
from tests import factories

pytestmark = pytest.mark.django_db
LISTS = {"attributes", "values", "endpoints", "formats"}


def published(*, days_ago: float = 1, **fields: Any) -> Concern:
    concern = factories.make_published_concern(**fields)
    Concern.objects.filter(pk=concern.pk).update(first_seen_at=timezone.now() - timedelta(days=days_ago))
    return concern


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"/open311/{path}")
    assert response.status_code == status, response.content
    return response.json()


def ids(client: Client, query: str = "") -> list[str]:
    return [one["service_request_id"] for one in get(client, f"v2/requests.json{query}")]


def as_plain(element: ElementTree.Element) -> Any:
    """What an XML answer says, in the shape of the JSON one; every value as text."""
    children = list(element)
    if not children:
        return element.text or ""
    if element.tag in LISTS or element.tag in {"services", "service_requests", "errors"}:
        return [as_plain(child) for child in children]
    return {child.tag: as_plain(child) for child in children}


def as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


ADDRESSES = [
    "discovery",
    "v2/services",
    "v2/services/LIGHT_OUT",
    "v2/requests",
    "v2/requests/{id}",
    "v2/services/NOPE",
    "v2/requests/" + str(uuid.UUID(int=7)),
    "v2/requests.{form}?status=what",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_xml_and_json_say_the_same(client, address):
    concern = published(note="Lamp & <b>bulb</b>")
    answers = {}
    for form in ("xml", "json"):
        path = address.format(id=concern.public_id, form=form)
        answers[form] = client.get("/open311/" + (path if "?" in path else f"{path}.{form}"))
    assert answers["xml"].status_code == answers["json"].status_code
    assert answers["xml"]["Content-Type"] == "text/xml; charset=utf-8"
    assert answers["json"]["Content-Type"] == "application/json; charset=utf-8"
    assert answers["xml"].content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert as_plain(ElementTree.fromstring(answers["xml"].content)) == as_text(answers["json"].json())


def test_discovery_names_the_endpoint(client, settings):
    found = get(client, "discovery.json")
    assert found["endpoints"][0]["url"] == settings.SITE_URL + "/open311/v2/"
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert found["changeset"]


def test_every_category_in_use_is_a_service_with_its_attributes(client):
    services = {service["service_code"]: service for service in get(client, "v2/services.json")}
    assert len(services) == 19
    assert services["LIGHT_OUT"]["metadata"] is True
    assert services["LIGHT_OUT"]["type"] == "realtime"
    attributes = {one["code"]: one for one in get(client, "v2/services/LIGHT_OUT.json")["attributes"]}
    assert attributes["pole"]["datatype"] == "string"
    assert attributes["what"]["datatype"] in ("singlevaluelist", "multivaluelist")
    assert {"key": "out", "name": "out"} in [
        {"key": value["key"], "name": value["name"].lower()} for value in attributes["what"]["values"]
    ]
    assert all(one["required"] is False and one["variable"] is True for one in attributes.values())


def test_a_request_holds_the_public_place_and_never_the_address(client):
    concern = published(address="4777 Independence Ave MARKER", note="private MARKER words")
    found = get(client, "v2/requests.json")[0]
    assert found["service_request_id"] == str(concern.public_id)
    assert found["address"] == concern.public_place
    assert isinstance(found["lat"], float)
    assert (round(found["lat"], 6), round(found["long"], 6)) != (concern.location.y, concern.location.x)
    assert "MARKER" not in json.dumps(found)


def test_empty_elements_are_left_out(client):
    published()
    found = get(client, "v2/requests.json")[0]
    assert "media_url" not in found
    assert all(value not in (None, "") for value in found.values())


def test_times_have_an_offset_of_the_coalitions_zone(client):
    published()
    found = get(client, "v2/requests.json")[0]
    assert found["requested_datetime"][-6:] in ("-06:00", "-05:00")


def test_the_city_saying_fixed_closes_nothing(client, organizer):
    concern = published()
    for to in (Status.IN_PROGRESS, Status.CLAIMED_FIXED):
        actions.move_concern(concern=concern, to=to, by=organizer)
    found = get(client, "v2/requests.json?extensions=true")[0]
    assert found["status"] == "open"
    assert found["extended_attributes"]["detailed_status"] == "claimed_fixed"
    Concern.objects.filter(pk=concern.pk).update(status=Status.VERIFIED_FIXED)
    assert get(client, "v2/requests.json")[0]["status"] == "closed"
    assert ids(client, "?status=open") == []
    assert ids(client, "?status=closed") == ids(client, "?status=open,closed") == [str(concern.public_id)]


def test_o11_a_counted_house_never_appears(client, organizer):
    house = factories.make_concern(category="VACANT_BLD")
    actions.publish_concern(concern=house, by=organizer)
    assert ids(client) == []
    get(client, f"v2/requests/{house.public_id}.json", status=404)


def test_o10_nothing_unread_or_hidden_appears(client, organizer):
    held, hidden = factories.make_concern(), published()
    actions.hide_concern(concern=hidden, by=organizer, reason="wrong")
    assert ids(client) == []
    for concern in (held, hidden):
        get(client, f"v2/requests/{concern.public_id}.json", status=404)


def test_without_dates_it_is_the_last_90_days_newest_first(client):
    old, older, newer = published(days_ago=91), published(days_ago=80), published(days_ago=2)
    assert ids(client) == [str(newer.public_id), str(older.public_id)]
    assert str(old.public_id) not in ids(client)


def moment(days_ago: float) -> str:
    return quote((timezone.now() - timedelta(days=days_ago)).isoformat())


def test_one_date_means_90_days_beside_it(client):
    first, second, third = published(days_ago=200), published(days_ago=130), published(days_ago=20)
    assert ids(client, f"?start_date={moment(201)}") == [str(second.public_id), str(first.public_id)]
    assert ids(client, f"?end_date={moment(15)}") == [str(third.public_id)]
    assert ids(client, f"?start_date={moment(140)}&end_date={moment(120)}") == [str(second.public_id)]


@pytest.mark.parametrize(
    "query",
    [
        "start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z",
        "start_date=2026-01-02T00:00:00Z&end_date=2026-01-01T00:00:00Z",
        "start_date=2026-01-01T00:00:00",
        "start_date=2026-01-01",
        "start_date=yesterday",
        "start_date=0001-01-01T00:00:00Z",
        "end_date=9999-99-99T00:00:00Z",
        "status=closed,new",
        "page=0",
        "page=-1",
        "page=1e9",
        "page=99999999999999999999",
        "page_size=1001",
        "page_size=x",
    ],
)
def test_a_bad_parameter_is_named(client, query):
    found = get(client, f"v2/requests.json?{query}", status=400)
    assert found[0]["code"] == 400
    assert query.partition("=")[0] in found[0]["description"]


@pytest.mark.parametrize("query", ["service_code=%00", "service_request_id=%00", "jurisdiction_id=%27", "page=", "x=1"])
def test_nonsense_is_never_a_fault_of_ours(client, query):
    assert client.get(f"/open311/v2/requests.json?{query}").status_code == 200


def test_ids_override_everything_else(client):
    old, other = published(days_ago=500), published()
    query = f"?service_request_id={old.public_id},nonsense,{uuid.UUID(int=3)}&status=closed&start_date=nonsense"
    assert ids(client, query) == [str(old.public_id)]
    assert str(other.public_id) not in ids(client, query)


def test_a_merged_one_leads_to_the_other(client, organizer):
    first, second = published(), published()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    assert ids(client, f"?service_request_id={second.public_id}") == [str(first.public_id)]
    assert get(client, f"v2/requests/{second.public_id}.json")[0]["service_request_id"] == str(first.public_id)


def test_pages(client):
    made = [str(published(days_ago=n).public_id) for n in range(1, 6)]
    assert ids(client, "?page_size=2") == made[:2]
    assert ids(client, "?page_size=2&page=3") == made[4:]
    assert ids(client, "?page_size=2&page=9") == []


def test_a_service_can_be_chosen(client):
    light, trash = published(), published(category="DUMPING")
    assert ids(client, "?service_code=DUMPING") == [str(trash.public_id)]
    assert set(ids(client, "?service_code=DUMPING,LIGHT_OUT")) == {str(light.public_id), str(trash.public_id)}
    assert ids(client, "?service_code=NOPE") == []


@pytest.mark.parametrize("text", ["\x00\x0b\ufffe", "<script>&]]>", "\u2028 Ünïcode 🏮"])
def test_hostile_words_keep_both_formats_whole(client, organizer, text):
    concern = factories.make_concern()
    actions.publish_concern(concern=concern, by=organizer, text="x")
    Concern.objects.filter(pk=concern.pk).update(public_text=text.replace("\x00", ""))
    assert ElementTree.fromstring(client.get("/open311/v2/requests.xml").content) is not None
    assert get(client, "v2/requests.json")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    response = getattr(client, method)("/open311/v2/requests.json")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"


def test_another_jurisdiction_is_not_found(client, settings):
    settings.OPEN311_JURISDICTION = "kcmo.gov"
    get(client, "v2/services.json?jurisdiction_id=elsewhere.gov", status=404)
    get(client, "v2/services.json?jurisdiction_id=kcmo.gov")


def test_other_endings_do_not_exist(client):
    assert client.get("/open311/v2/services.html").status_code == 404
    assert client.get("/open311/v2/")["Location"] == "/open311/discovery.xml"


def test_it_speaks_spanish(client):
    names = [{one["service_name"] for one in get(client, f"v2/services.json?lang={code}")} for code in ("en", "es")]
    assert names[0] != names[1]


def test_what_everybody_gets_may_be_cached_for_a_minute_and_read_by_other_pages(client):
    response = client.get("/open311/v2/requests.json")
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "sessionid" not in response.cookies


def test_its_queries_do_not_grow(client, django_assert_max_num_queries):
    for _ in range(4):
        published()
    with django_assert_max_num_queries(6):
        client.get("/open311/v2/requests.json")
