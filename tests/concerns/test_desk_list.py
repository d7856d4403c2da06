"""The desk's list and map: what is to be read, exact places, many at once."""

import uuid
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concerns import desk_map
from concerns.models import Concern
from office.models import Coalition
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
LIST, MAP, BULK = "/desk/concerns/", "/desk/map/concerns.geojson", "/desk/concerns/bulk/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user, backend=BACKEND)
    return client


def listed(response: Any) -> list[Concern]:
    return list(response.context["page"])


def test_it_opens_on_what_nobody_has_read(desk: Client) -> None:
    unread = factories.make_concern(note="Lamp by the stop")
    factories.make_published_concern()
    response = desk.get(LIST)
    assert listed(response) == [unread]
    page = response.content.decode()
    assert "Lamp by the stop" in page
    assert "3512 Independence Ave" in page
    assert [tab[2] for tab in response.context["tabs"]] == [1, 2, 1, 2]


def test_danger_comes_first(desk: Client) -> None:
    danger = factories.make_concern(danger_now=True)
    newer = factories.make_concern()
    assert listed(desk.get(LIST)) == [danger, newer]


def test_list_and_map_hold_the_same_numbered_items(desk: Client) -> None:
    for _n in range(3):
        factories.make_concern()
    response = desk.get(LIST)
    features = [f["properties"] for f in response.context["features"]["features"] if "number" in f["properties"]]
    assert [(f["id"], f["number"]) for f in features] == [
        (str(concern.public_id), n) for n, concern in enumerate(listed(response), 1)
    ]
    assert f"1 · {listed(response)[0].category.name}" in response.content.decode()


def test_filters_choose(desk: Client) -> None:
    walk = factories.make_walk()
    light = factories.make_concern(walk=walk, flags=["person_text"])
    trash = factories.make_published_concern(category="DUMPING", status="reported", danger_now=True)
    trash.photos.create(sha256="0" * 64, n_bytes=1)
    trash.photos.create(sha256="1" * 64, n_bytes=1)
    for query, expected in [
        (f"walk={walk.public_id}", {light}),
        (f"corridor={walk.corridor.slug}", {light}),
        ("category=DUMPING", {trash}),
        ("status=reported", {trash}),
        ("status=open", {light, trash}),
        ("publication=held", {light}),
        ("flagged=1", {light}),
        ("photo=1", {trash}),
        ("danger=1", {trash}),
        ("unread=1", {light}),
        ("bbox=-95,39,-94,40", {light, trash}),
        ("bbox=-95,38,-94,39", set()),
        ("show=all", {light, trash}),
    ]:
        assert set(listed(desk.get(f"{LIST}?{query}"))) == expected, query
        if not query.startswith("show"):
            found = desk.get(f"{MAP}?{query}").json()
            assert {f["properties"]["id"] for f in found["features"]} == {str(c.public_id) for c in expected}, query
            assert found["count"] == len(expected)


@pytest.mark.parametrize("address", [LIST, MAP])
@pytest.mark.parametrize(
    "query",
    [
        "walk=7",
        "walk='",
        "flagged=yes",
        "photo=2",
        "publication=secret",
        "status=x",
        "bbox=1,2,3",
        "category=a'",
        "corridor='",
    ],
)
def test_a_filter_that_cannot_be_read_gets_a_sentence(desk: Client, address: str, query: str) -> None:
    response = desk.get(f"{address}?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in response.content.decode()


@pytest.mark.parametrize(
    "query", ["page=-1", "page=zzz", "show=nonsense", "order_by=password", "category=NO_SUCH", "walk="]
)
def test_what_it_does_not_know_does_no_harm(desk: Client, query: str) -> None:
    assert desk.get(f"{LIST}?{query}").status_code == 200


def test_the_exact_map_is_never_stored(desk: Client) -> None:
    concern = factories.make_concern()
    response = desk.get(MAP)
    assert response.headers["Cache-Control"] == "private, no-store"
    (feature,) = response.json()["features"]
    assert feature["geometry"]["coordinates"] == [concern.location.x, concern.location.y]


def test_the_exact_map_counts_in_cells_when_there_are_too_many(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_map, "MOST_FEATURES", 3)
    walk = factories.make_walk()
    for n in range(4):
        factories.make_concern(walk=walk, location=Point(-94.54 + n / 100, 39.1, srid=4326))
    found = desk.get(f"{MAP}?bbox=-94.6,39,-94.4,39.2").json()
    assert (found["grid"], found["count"]) == (True, 4)
    assert sum(f["properties"]["count"] for f in found["features"]) == 4


# Who.


@pytest.mark.parametrize("address", [LIST, MAP])
def test_a_stranger_is_asked_to_sign_in(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]


@pytest.mark.parametrize("who", ["volunteer", "partner", "outsider", "lead"])
@pytest.mark.parametrize("address", [LIST, MAP])
def test_the_desk_is_not_for_everybody(client: Client, who: str, address: str, request: Any) -> None:
    factories.make_concern()
    assert signed_in(client, request.getfixturevalue(who)).get(address).status_code == 403


def test_a_walk_lead_sees_only_the_concerns_of_own_walks(client: Client, lead: User) -> None:
    mine = factories.make_concern(walk=factories.make_walk(lead=lead.person))
    factories.make_concern(note="somebody else’s")
    response = signed_in(client, lead).get(LIST)
    assert listed(response) == [mine]
    page = response.content.decode()
    assert "somebody else’s" not in page
    assert 'name="do"' not in page
    assert [f["properties"]["id"] for f in client.get(MAP).json()["features"]] == [str(mine.public_id)]


# Many at once.


def test_many_are_published_and_the_skipped_are_explained(desk: Client) -> None:
    good = [factories.make_concern() for _n in range(2)]
    house = factories.make_concern(category="VACANT_BLD", answers={"occupied": "yes"})
    chosen = [str(concern.public_id) for concern in [*good, house]]
    response = desk.post(BULK, {"do": "publish", "concern": chosen, "back": f"{LIST}?show=all"}, follow=True)
    page = response.content.decode()
    assert "2 published, 1 skipped" in page
    assert "help was offered" in page
    assert f'href="{LIST}?show=all"' in page
    assert Concern.objects.filter(publication="published").count() == 2


def test_many_are_hidden_with_their_reason(desk: Client) -> None:
    concern = factories.make_published_concern()
    desk.post(BULK, {"do": "hide", "reason": "It is not true", "concern": [str(concern.public_id)]})
    assert Concern.objects.get().hidden_reason == "It is not true"


@pytest.mark.parametrize("chosen", [[], ["nonsense"], [str(uuid.UUID(int=7))]])
def test_nothing_ticked_changes_nothing(desk: Client, chosen: list[str]) -> None:
    factories.make_concern()
    assert desk.post(BULK, {"do": "publish", "concern": chosen}).status_code == 302
    assert Concern.objects.get().publication == "held"


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example/desk/concerns/", "/admin/", "javascript:alert(1)", ""]
)
def test_it_never_leads_away_from_the_list(desk: Client, back: str) -> None:
    response = desk.post(BULK, {"do": "publish", "concern": [], "back": back})
    assert response.headers["Location"] == LIST


def test_bulk_is_for_organizers_by_post(client: Client, desk: Client, lead: User) -> None:
    concern = factories.make_concern(walk=factories.make_walk(lead=lead.person))
    assert desk.get(BULK).status_code == 405
    other = signed_in(Client(), lead)
    assert other.post(BULK, {"do": "publish", "concern": [str(concern.public_id)]}).status_code == 403
    assert Concern.objects.get().publication == "held"


def test_a_post_without_its_token_is_refused(organizer: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(organizer, backend=BACKEND)
    concern = factories.make_concern()
    assert browser.post(BULK, {"do": "publish", "concern": [str(concern.public_id)]}).status_code == 403


# Queries.


def test_the_list_asks_the_database_a_constant_number_of_times(desk: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"{LIST}?show=all").status_code == 200
        return len(asked)

    Coalition.current()
    walk = factories.make_walk()
    factories.make_concern(walk=walk).photos.create(sha256="0" * 64, n_bytes=1)
    first = count()
    for n in range(15):
        concern = factories.make_concern(walk=walk if n % 2 else factories.make_walk())
        concern.photos.create(sha256="0" * 64, n_bytes=1)
    assert count() == first <= 12
