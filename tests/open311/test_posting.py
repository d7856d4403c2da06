"""GeoReport v2, posting: a key, a concern that is held, and its status for that key alone."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from concerns import actions
from concerns.models import Concern
from concerns.reporters import Reporter
from concerns.workflow import Publication, Source, Status
from open311.actions import make_key, revoke_key
from open311.models import ApiKey, Posted
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = "the-words-of-a-key"
PAGE = "/open311/v2/requests.json"


@pytest.fixture
def key(db: None) -> ApiKey:
    return factories.make_api_key(words=WORDS)


def post(client: Client, **fields: Any) -> Any:
    body = {
        "api_key": WORDS,
        "service_code": "LIGHT_OUT",
        "lat": "39.10612",
        "long": "-94.53912",
        "description": "Dark for weeks MARKER",
    }
    return client.post(PAGE, {name: value for name, value in (body | fields).items() if value is not None})


def test_a_post_is_held_and_gets_an_id(client, key):
    corridor = factories.make_corridor()
    response = post(client, email="rosa@example.org", first_name="Rosa", last_name="Linden", phone="816-555-0142")
    assert response.status_code == 201
    concern = Concern.objects.get()
    assert response.json()[0]["service_request_id"] == str(concern.public_id)
    assert (concern.source, concern.publication) == (Source.OPEN311, Publication.HELD)
    assert concern.segment.corridor == corridor
    assert Reporter.objects.get().name == "Rosa Linden"


def test_xml_answers_the_same(client, key):
    response = client.post(
        "/open311/v2/requests.xml", {"api_key": WORDS, "service_code": "DUMPING", "address_string": "4777 Independence"}
    )
    assert response.status_code == 201
    assert f"<service_request_id>{Concern.objects.get().public_id}</service_request_id>" in response.content.decode()


def test_attributes_become_answers(client, key):
    response = post(client, **{"attribute[what]": "out", "attribute[pole]": "SAH 1621"})
    assert response.status_code == 201, response.content
    assert Concern.objects.get().answers["pole"] == "SAH 1621"


@pytest.mark.parametrize("given", [None, "", "wrong", "x" * 5000, "ключ"])
def test_without_a_key_nothing_is_taken(client, key, given):
    response = post(client, api_key=given)
    assert response.status_code == 403
    assert response.json()[0]["code"] == 403
    assert Concern.objects.count() == 0


def test_a_key_taken_back_is_refused_at_once(client, key, admin):
    revoke_key(key=key, by=admin)
    assert post(client).status_code == 403


def test_only_a_hash_of_the_key_is_kept(admin):
    key, words = make_key(name="City app", by=admin)
    assert words not in str(ApiKey.objects.values().get(pk=key.pk))


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "suspicious_person"}, 404, "service_code"),
        ({"service_code": "\x00"}, 404, "service_code"),
        ({"lat": None}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "NaN"}, 400, "lat"),
        ({"long": "1e3"}, 400, "long"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"address_id": "7"}, 400, "address_id"),
        ({"email": "nobody"}, 400, "email"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"attribute[colour]": "red"}, 400, "colour"),
        ({"attribute[what]": "on fire"}, 400, "what"),
        ({"status": "published"}, 400, "status"),
    ],
)
def test_a_bad_post_names_the_field_and_keeps_nothing(client, key, fields, status, named):
    response = post(client, **fields)
    assert response.status_code == status, response.content
    assert named in response.json()[0]["description"]
    assert Concern.objects.count() == 0


def test_the_same_again_is_the_same_concern(client, key):
    answers = {post(client).json()[0]["service_request_id"] for _ in range(3)}
    assert len(answers) == 1
    assert Concern.objects.count() == 1
    post(client, description="Another one")
    assert Concern.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_at_the_same_moment_is_one(client):
    factories.make_api_key(words=WORDS)
    statuses = []

    def send() -> None:
        try:
            statuses.append(post(Client()).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    assert Concern.objects.count() == Posted.objects.count() == 1


def test_until_published_its_key_alone_reads_the_status_and_nobody_the_words(client, key):
    named = post(client).json()[0]["service_request_id"]
    factories.make_api_key(words="another")
    own = client.get(f"/open311/v2/requests/{named}.json?api_key={WORDS}")
    assert own.json()[0]["status"] == "open"
    assert "MARKER" not in own.content.decode()
    assert own["Cache-Control"] == "private, no-store"
    for address in (f"/open311/v2/requests/{named}.json", f"/open311/v2/requests/{named}.json?api_key=another"):
        assert client.get(address).status_code == 404
    assert client.get(f"{PAGE}?service_request_id={named}&api_key={WORDS}").json()
    assert client.get(f"{PAGE}?service_request_id={named}").json() == []
    assert client.get(f"{PAGE}?api_key={WORDS}").json() == []
    assert client.get(f"{PAGE}?api_key=wrong").status_code == 403


def test_once_published_everybody_reads_it(client, key, organizer):
    factories.make_corridor()
    named = post(client).json()[0]["service_request_id"]
    actions.publish_concern(concern=Concern.objects.get(), by=organizer, text="A lamp is dark")
    found = client.get(f"/open311/v2/requests/{named}.json").json()[0]
    assert found["description"] == "A lamp is dark"


def test_what_was_withdrawn_is_closed_for_its_key(client, key):
    named = post(client).json()[0]["service_request_id"]
    Concern.objects.update(status=Status.WITHDRAWN)
    assert client.get(f"/open311/v2/requests/{named}.json?api_key={WORDS}").json()[0]["status"] == "closed"


def test_a_token_is_the_id(client, key):
    named = post(client).json()[0]["service_request_id"]
    found = client.get(f"/open311/v2/tokens/{named}.json").json()
    assert found == [{"service_request_id": named, "token": named}]
    held = factories.make_concern()
    for token in (held.public_id, "nonsense"):
        assert client.get(f"/open311/v2/tokens/{token}.json").status_code == 404


def test_a_key_posts_only_so_often(client, key):
    ApiKey.objects.update(per_hour=2)
    answers = [post(client, description=f"no. {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"]
    assert Concern.objects.count() == 2


def test_a_foreign_picture_is_neither_fetched_nor_linked(client, key, organizer):
    factories.make_corridor()
    named = post(client, media_url="https://evil.example/x.jpg").json()[0]["service_request_id"]
    concern = Concern.objects.get()
    actions.publish_concern(concern=concern, by=organizer, text="A lamp")
    assert "evil" not in client.get(f"/open311/v2/requests/{named}.json").content.decode()
    assert concern.photos.count() == 0


def test_words_about_a_person_are_flagged(client, key):
    post(client, description="The man who lives at 4512")
    assert Concern.Flag.PERSON_TEXT in Concern.objects.get().flags


def test_a_new_key_is_shown_once_in_the_admin(client, admin, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post("/admin/open311/apikey/add/", {"name": "City app", "per_hour": "50"}, follow=True)
    assert "The key, shown only now" in response.content.decode()
    key = ApiKey.objects.get()
    assert (key.name, key.per_hour, key.created_by) == ("City app", 50, admin)
    assert "The key, shown only now" not in client.get("/admin/open311/apikey/").content.decode()
