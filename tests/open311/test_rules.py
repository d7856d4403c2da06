"""The published rules of GeoReport v2, and clients that others wrote: georeport reads both formats, civicbot posts."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
import requests
import xmltodict
import yaml
from civicbot.http import HttpTransport, RateLimiter
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint as TheirEndpoint
from django.test import Client
from django.utils import timezone
from georeport import GeoReport

from concerns import actions
from concerns.models import Concern
from concerns.workflow import Status
from open311.models import ApiKey
from tests import factories

WORDS = "the-words-of-a-key"
PAGE = "/open311/v2/requests.json"
SHARED = Path(os.environ.get("SAFEROUTES_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SPECIFICATION = SHARED / "data/open/open311/georeport_v2-1.yaml"


# --- Clients that others wrote, against the running site -------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_clients_of_others_list_post_and_read_back_in_both_formats(live_server, settings):
    factories.make_api_key(words=WORDS)
    factories.make_corridor()
    organizer = factories.make_user(role="organizer")
    root = f"{live_server.url}/open311/v2/"
    readers = {form: GeoReport(root, output_format=form) for form in ("json", "xml")}
    poster = Open311Client(TheirEndpoint("here", "Here", root, write=True), HttpTransport(rate_limiter=RateLimiter(0)))

    def plain(value: Any) -> Any:
        """One reader gives text where the other gives numbers and truth values."""
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items() if inner is not None}
        return str(value).lower()

    services = {form: [plain(one) for one in reader.get_service_list()] for form, reader in readers.items()}
    assert services["json"] == services["xml"]
    assert len(services["json"]) == 19
    light = {form: reader.get_service_definition("LIGHT_OUT") for form, reader in readers.items()}
    asked = light["xml"]["attributes"]["attribute"]
    assert [one["code"] for one in light["json"]["attributes"]] == [one["code"] for one in asked]

    said = {"lat": 39.10612, "lng": -94.53912, "description": "Lámpara rota & <b>", "attributes": {"what": ["out"]}}
    first = poster.create_request(
        "LIGHT_OUT", **said, dry_run=False, confirm="SEND", api_key=WORDS, validate_remote=True
    )  # fmt: skip
    number = first.response[0]["service_request_id"]
    # No client of others that runs today posts in XML: the same form, answered in XML, is read by a parser of others.
    form = first.form | {"description": "Another lamp"}
    answer = requests.post(f"{root}requests.xml", data=form, timeout=30)
    assert answer.status_code == 201
    other = xmltodict.parse(answer.content)["service_requests"]["request"]["service_request_id"]
    assert number != other

    for concern in Concern.objects.all():
        assert concern.answers == {"what": ["out"]}
        actions.publish_concern(concern=concern, by=organizer, text=concern.note)
    one = {form: plain(reader.get_service_request(number)) for form, reader in readers.items()}
    assert one["json"] == one["xml"]
    assert one["json"]["description"] == "lámpara rota & <b>"
    assert poster.get_request(number)["service_request_id"] == number
    for reader in readers.values():
        found = reader.get_service_requests(service_code="LIGHT_OUT", status="open")
        assert {entry["service_request_id"] for entry in found} == {number, other}
    assert len(poster.list_requests(service_request_ids=[number, other])) == 2
    assert poster.get_token(number)[0]["service_request_id"] == number


# --- The structure, as it is published -------------------------------------------------------------------------------

KINDS: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": float, "array": list, "object": dict}


def faults(value: Any, schema: dict[str, Any], known: dict[str, Any], where: str = "") -> list[str]:
    """What of an answer isn't as the specification's definitions say."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind and not isinstance(value, KINDS[kind]):
        return [f"{where}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} isn't one of {schema['enum']}"]
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        return [f"{where}: {value!r} has no offset"]
    if kind == "array":
        return [fault for one in value for fault in faults(one, schema["items"], known, where)]
    if kind != "object":
        return []
    found = [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
    found += [f"{where}.{name} isn't known" for name in value if name not in schema["properties"]]
    for name, inner in schema["properties"].items():
        if name in value:
            found += faults(value[name], inner, known, f"{where}.{name}")
    return found


@pytest.mark.shared_data
@pytest.mark.django_db
@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the specification isn't beside the project (SAFEROUTES_SHARED)")
def test_every_answer_has_the_published_structure(client):
    known = yaml.safe_load(SPECIFICATION.read_text())["definitions"]
    known["Error"] = {
        "required": ["code", "description"],
        "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
    }
    concern = factories.make_published_concern()
    factories.make_photo(concern=concern)
    factories.make_api_key(words=WORDS)
    body = {"api_key": WORDS, "service_code": "DUMPING", "lat": "39.1", "long": "-94.5"}
    answers = [
        ("Service", client.get("/open311/v2/services.json").json()),
        ("ServiceDefinition", [client.get("/open311/v2/services/LIGHT_OUT.json").json()]),
        ("Request", client.get(PAGE).json()),
        ("Request", client.get(f"/open311/v2/requests/{concern.public_id}.json").json()),
        ("RequestResponse", client.post(PAGE, body).json()),
        ("Error", client.get("/open311/v2/requests/7.json").json()),
        ("Error", client.post(PAGE, {}).json()),
    ]
    for name, records in answers:
        assert records, name
        assert [fault for one in records for fault in faults(one, known[name], known, name)] == []


# --- Rules one by one ------------------------------------------------------------------------------------------------


@pytest.fixture
def key(db: None) -> ApiKey:
    return factories.make_api_key(words=WORDS)


def ids(client: Client, query: str) -> list[str]:
    answer = client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200, answer.content
    return [one["service_request_id"] for one in answer.json()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["start_date=", "end_date=", "status=", "service_code=", "service_request_id=", "jurisdiction_id=", "page=",
     "page_size=", "api_key=", "extensions=", "start_date=&end_date=&status=&service_code="],
)  # fmt: skip
def test_an_empty_argument_is_as_good_as_none_when_reading(client, query):
    concern = factories.make_published_concern()
    assert ids(client, query) == [str(concern.public_id)]


@pytest.mark.parametrize(
    "empty", ["address_string", "email", "first_name", "phone", "device_id", "account_id", "media_url", "address_id",
              "jurisdiction_id", "attribute[what]", "attribute[pole]", "attribute[what][]", "attribute[unknown]"],
)  # fmt: skip
def test_an_empty_argument_is_as_good_as_none_when_posting(client, key, empty):
    body = {"api_key": WORDS, "service_code": "LIGHT_OUT", "lat": "39.10612", "long": "-94.53912", empty: ""}
    assert client.post(PAGE, body).status_code == 201
    assert Concern.objects.get().answers == {}


def test_an_empty_point_beside_an_address_is_none(client, key):
    body = {"api_key": WORDS, "service_code": "DUMPING", "lat": "", "long": "", "address_string": "4777 Independence"}
    assert client.post(PAGE, body).status_code == 201


def test_several_answers_to_one_question_stand_in_brackets_as_published(client, key):
    body = "&".join([
        f"api_key={WORDS}", "service_code=LIGHT_OUT", "lat=39.10612", "long=-94.53912",
        "attribute[what][]=out", "attribute[what][]=dim", "attribute[pole]=SAH+1621",
    ])  # fmt: skip
    answer = client.post(PAGE, body, content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert answer.status_code == 201, answer.content
    assert Concern.objects.get().answers == {"what": ["out", "dim"], "pole": "SAH 1621"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 403), ({"api_key": "no"}, 403), ({"api_key": WORDS}, 400), ({"api_key": WORDS, "service_code": "NO"}, 404),
     ({"api_key": WORDS, "service_code": "DUMPING"}, 400),
     ({"api_key": WORDS, "service_code": "DUMPING", "lat": "1", "long": "1", "jurisdiction_id": "else.example"}, 404)],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_error_has_its_status_in_both_formats(client, key, settings, fields, status, form):
    settings.OPEN311_JURISDICTION = "kcmo.example"
    answer = client.post(f"/open311/v2/requests.{form}", fields)
    assert answer.status_code == status
    assert answer["Content-Type"] == {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}[form]
    if form == "json":
        assert [set(one) for one in answer.json()] == [{"code", "description"}]
        assert answer.json()[0]["code"] == status
    else:
        top = ElementTree.fromstring(answer.content)
        assert (top.tag, [one.tag for one in top], [one.tag for one in top[0]]) == (
            "errors", ["error"], ["code", "description"],
        )  # fmt: skip
        assert top.findtext("error/code") == str(status)


@pytest.mark.django_db
def test_ids_override_everything_else_even_what_couldnt_be_read(client):
    old = factories.make_published_concern()
    Concern.objects.filter(pk=old.pk).update(first_seen_at=timezone.now() - timedelta(days=900))
    rest = "start_date=nonsense&end_date=2026&status=what&service_code=NOPE&page=-1&page_size=99999"
    assert ids(client, f"service_request_id={old.public_id}&{rest}") == [str(old.public_id)]


@pytest.mark.django_db
def test_a_thousand_at_once_and_the_next_on_the_next_page(client):
    now, one = timezone.now(), factories.make_published_concern()
    Concern.objects.filter(pk=one.pk).update(first_seen_at=now)
    rest = [factories.make_published_concern(walk=one.walk) for _n in range(2)]
    for days, concern in enumerate(rest, start=1):
        Concern.objects.filter(pk=concern.pk).update(first_seen_at=now - timedelta(days=days))
    named = [str(one.public_id), *(str(concern.public_id) for concern in rest)]
    assert ids(client, "page_size=2") == named[:2]
    assert ids(client, "page_size=2&page=2") == named[2:]
    assert ids(client, "page_size=2&page=3") == []
    assert client.get(f"{PAGE}?page_size=1001").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "status"), [(90, 200), (90.01, 400)])
def test_a_span_is_at_most_90_days(client, days, status):
    until = timezone.now()
    span = f"start_date={quote((until - timedelta(days=days)).isoformat())}&end_date={quote(until.isoformat())}"
    assert client.get(f"{PAGE}?{span}").status_code == status


@pytest.mark.django_db
def test_what_was_closed_says_when(client):
    concern = factories.make_published_concern()
    at = timezone.now() - timedelta(days=2)
    Concern.objects.filter(pk=concern.pk).update(status=Status.VERIFIED_FIXED, status_changed_at=at)
    found = client.get(f"{PAGE}?status=closed").json()[0]
    assert datetime.fromisoformat(found["updated_datetime"]) == at.replace(microsecond=0)


@pytest.mark.django_db
def test_xml_is_utf8_with_a_declaration_and_no_namespace(client):
    factories.make_published_concern(public_text="Lámpara \x0b rota <&> \u2028")
    answer = client.get("/open311/v2/requests.xml")
    assert re.match(rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]utf-8['\"]\?>", answer.content, re.I)
    assert b"xmlns" not in answer.content
    top = ElementTree.fromstring(answer.content)
    assert (top.tag, top[0].tag) == ("service_requests", "request")
    assert "Lámpara" in (top.findtext("request/description") or "")


@pytest.mark.django_db
def test_discovery_leads_to_the_calls(client, settings):
    url = urlsplit(client.get("/open311/discovery.json").json()["endpoints"][0]["url"]).path
    for call in ("services.xml", "services.json", "requests.xml", "services/LIGHT_OUT.json"):
        assert client.get(url + call).status_code == 200
    for call in ("services.txt", "requests", "nothing.json"):
        assert client.get(url + call).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused_in_the_calls_own_form(client, method):
    answer = getattr(client, method)(PAGE)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert answer.json()[0]["code"] == 405
