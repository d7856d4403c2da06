"""The public list, map data and page of a concern."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions, public_map
from concerns.models import Concern
from office.models import Coalition
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
LIST, MAP = "/concerns/", "/map/concerns.geojson"

BAD = [
    "bbox=1,2,3",
    "bbox=NaN,NaN,NaN,NaN",
    "bbox=nan,1,2,3",
    "bbox=inf,-inf,inf,inf",
    "bbox=39.0,-94.6,39.2,-94.5",
    "bbox=-94.5,39.2,-94.6,39.0",
    "bbox=-94.6,39.0,-94.6,39.0",
    "bbox=a,b,c,d",
    "bbox=-94.6,39.0,-94.5,39.2,7",
    "bbox=-994.6,39.0,-94.5,39.2",
    "bbox=1e400,0,1,1",
    "bbox=';select pg_sleep(9)--",
    "category=light",
    "category=LIGHT_OUT'",
    "category=LIGHT_OUT);drop table concerns_concern;--",
    "category=%00",
    "category=" + "A" * 400,
    "status=nonsense",
    "status=new'%20or%201=1",
    "status=%00",
    "corridor='",
    "corridor=../../etc/passwd",
    "corridor=%00",
    "since=yesterday",
    "since=2026-02-30",
    "since=0001-01-01",
    "since=20261101",
    "since='%20or%201=1",
    "since=%00",
    "place=%00",
    "place=" + "4" * 61,
]
HARMLESS = [
    "page=-1",
    "page=1e9",
    "page=999999999999999999999",
    "page='",
    "page=%00",
    "order_by=password",
    "note__startswith=a",
    "location=1",
    "category=&status=&corridor=&bbox=&since=&place=",
    "place='",
    "place=%25_",
    "place=no%20such%20block",
    "since=2099-12-31",
    "category=NO_SUCH",
    "corridor=no-such-street",
    "lang=xx",
    "lang=%00",
    "q=%27",
]


@pytest.mark.parametrize("address", [LIST, MAP])
@pytest.mark.parametrize("query", BAD)
def test_a_filter_that_cannot_be_read_gets_a_sentence(client: Client, address: str, query: str) -> None:
    response = client.get(f"{address}?{query}")
    assert response.status_code == 400
    said = response.json()["error"] if address == MAP else response.content.decode()
    assert query.partition("=")[0] in said


@pytest.mark.parametrize("address", [LIST, MAP])
@pytest.mark.parametrize("query", HARMLESS)
def test_what_it_does_not_know_does_no_harm(client: Client, address: str, query: str) -> None:
    assert client.get(f"{address}?{query}").status_code == 200


@pytest.mark.parametrize("address", [LIST, MAP, f"{LIST}{uuid.UUID(int=1)}/", f"/photos/{uuid.UUID(int=1)}/400.jpg"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_reading_is_answered(client: Client, address: str, method: str) -> None:
    assert getattr(client, method)(address).status_code == 405


def test_the_list_shows_what_is_published_with_the_same_items_on_the_map(client: Client) -> None:
    shown = factories.make_published_concern(public_text="A dark lamp")
    factories.make_concern(note="not read yet")
    response = client.get(LIST)
    page = response.content.decode()
    assert "A dark lamp" in page
    assert "3500 block, north side" in page
    assert "not read yet" not in page
    on_map = [f["properties"]["id"] for f in response.context["features"]["features"] if "group" in f["properties"]]
    assert on_map == [str(shown.public_id)]
    assert page.count("data-feature=") == 1


def test_an_empty_site_says_what_to_do_next(client: Client) -> None:
    assert "See the next walks" in client.get(LIST).content.decode()


def test_filters_choose_and_their_state_is_in_the_address(client: Client) -> None:
    walk = factories.make_walk()
    light = factories.make_published_concern(walk=walk)
    long_ago = timezone.now() - timedelta(days=20)
    trash = factories.make_published_concern(
        category="DUMPING", status="verified_fixed", status_changed_at=long_ago
    )  # fmt: skip
    for query, expected in [
        ("category=LIGHT_OUT", {light}),
        ("category=LIGHT_OUT,DUMPING", {light, trash}),
        ("category=LIGHT_OUT&category=DUMPING", {light, trash}),
        ("status=open", {light}),
        ("status=verified_fixed", {trash}),
        (f"corridor={walk.corridor.slug}", {light}),
        ("bbox=-95,39,-94,40", {light, trash}),
        ("bbox=-95,38,-94,39", set()),
        ("status=fixed", {trash}),
        ("place=3500+NORTH", {light, trash}),
        ("place=3500+south", set()),
        ("place=%25", set()),
        (f"since={timezone.localdate()}", {light}),
        ("since=2026-01-01", {light, trash}),
    ]:
        rows = {row.public_id for row in client.get(f"{LIST}?{query}").context["page"]}
        assert rows == {concern.public_id for concern in expected}, query
        found = client.get(f"{MAP}?{query}").json()
        assert {f["properties"]["id"] for f in found["features"]} == {str(c.public_id) for c in expected}, query
        assert found["count"] == len(expected)


def test_each_tab_tells_how_many_there_are_under_the_other_filters(client: Client) -> None:
    walk = factories.make_walk()
    for status in ("triaged", "reopened", "claimed_fixed", "verified_fixed"):
        factories.make_published_concern(walk=walk, status=status)
    factories.make_published_concern(walk=walk, category="DUMPING")
    response = client.get(f"{LIST}?category=LIGHT_OUT&status=claimed_fixed")
    tabs = {tab["value"]: tab["n"] for tab in response.context["tabs"]}
    assert tabs == {"": 4, "open": 2, "claimed_fixed": 1, "verified_fixed": 1, "reopened": 1}
    assert response.context["page"].paginator.count == len(response.context["page"]) == 1
    assert 'href="?category=LIGHT_OUT&amp;status=open"' in response.content.decode()


def test_the_page_adds_up_what_the_story_holds(client: Client, organizer: User) -> None:
    first = timezone.now() - timedelta(days=38)
    concern = factories.make_published_concern(first_seen_at=first)
    actions.move_concern(concern=concern, to="claimed_fixed", by=organizer)
    for result, lit in (("cannot_tell", "day"), ("fixed", "dark")):
        actions.publish_look(look=actions.record_look(concern=concern, result=result, lit=lit), by=organizer)
    page = client.get(reverse("concerns:detail", args=[concern.public_id])).content.decode()
    for words in ("seen fixed after", "seen by 3 people on 1 walk", "2, 1 after dark", "Said to be fixed", "1 time"):
        assert words in page, words


def test_the_photo_pair_carries_the_day_and_the_words_of_its_look(client: Client, organizer: User) -> None:
    concern = factories.make_published_concern(status="claimed_fixed")
    then = factories.make_photo(concern=concern)
    seen = timezone.now() - timedelta(days=3)
    look = actions.record_look(concern=concern, result="fixed", lit="dark", note="Two lamps burn", received_at=seen)
    now = factories.make_photo(concern=None, look=look)
    address = reverse("concerns:detail", args=[concern.public_id])
    assert str(now.public_id) not in client.get(address).content.decode()
    actions.publish_look(look=look, by=organizer)
    page = client.get(address).content.decode()
    pair = page[page.index('class="photo-pair"') : page.index("</section>", page.index('class="photo-pair"'))]
    assert pair.index(str(then.public_id)) < pair.index(str(now.public_id))
    assert f"{timezone.localtime(seen):%-d %b}, after dark" in pair
    assert "Two lamps burn" in pair


def test_the_page_shows_place_status_story_and_nothing_private(client: Client, organizer: User) -> None:
    concern = factories.make_concern(note="private words", address="3512 Independence Ave")
    actions.publish_concern(concern=concern, by=organizer, text="A dark lamp")
    actions.move_concern(concern=concern, to="claimed_fixed", by=organizer, note="secret", public_note="Case closed")
    look = actions.record_look(concern=concern, result="still_there", lit="dark", note="All three dark")
    actions.publish_look(look=look, by=organizer)
    response = client.get(reverse("concerns:detail", args=[concern.public_id]))
    page = response.content.decode()
    for words in (
        "A dark lamp",
        "3500 block",
        "Case closed",
        "Still there.",
        "All three dark",
        "Back again",
        "after dark",
    ):
        assert words in page
    for words in ("private words", "3512", "secret", "Odessa", "39.10612", "94.53912"):
        assert words not in page


def test_a_look_and_what_it_led_to_are_one_line(client: Client, organizer: User) -> None:
    concern = factories.make_published_concern(status="claimed_fixed")
    actions.publish_look(look=actions.record_look(concern=concern, result="fixed", lit="dark"), by=organizer)
    beats = client.get(reverse("concerns:detail", args=[concern.public_id])).context["beats"]
    assert [(beat.words, beat.status) for beat in beats if beat.is_look] == [("Fixed.", "verified_fixed")]


@pytest.mark.parametrize("fields", [{}, {"publication": "hidden", "hidden_reason": "x"}, {"publication": "spam"}])
def test_what_is_not_public_has_no_page(client: Client, fields: dict[str, Any]) -> None:
    concern = factories.make_concern(**fields)
    unknown = client.get(reverse("concerns:detail", args=[uuid.uuid4()]))
    response = client.get(reverse("concerns:detail", args=[concern.public_id]))
    assert response.status_code == unknown.status_code == 404


def test_o11_a_building_has_no_page_even_when_it_is_counted(client: Client, organizer: User) -> None:
    concern = factories.make_concern(category="VACANT_BLD")
    actions.publish_concern(concern=concern, by=organizer)
    assert client.get(reverse("concerns:detail", args=[concern.public_id])).status_code == 404
    assert "Empty houses are never in this list" not in client.get(LIST).content.decode()
    factories.make_published_concern()
    assert "Empty houses are never in this list" in client.get(LIST).content.decode()


def test_o11_two_houses_on_a_block_are_fewer_than_three_and_are_counted_a_week_later(
    client: Client, organizer: User
) -> None:
    walk = factories.make_walk()
    address = reverse("corridors:detail", args=[walk.corridor.slug])

    def told() -> list[int | None]:
        return [row.houses for row in client.get(address).context["rows"]]

    houses = [factories.make_concern(walk=walk, category="VACANT_OPEN") for _ in range(3)]
    for house in houses:
        actions.publish_concern(concern=house, by=organizer)
    assert told() == [None, None, None]
    week = timezone.now() - timedelta(days=8)
    Concern.objects.filter(pk__in=[house.pk for house in houses[:2]]).update(triaged_at=week)
    assert told() == [None, None, None]
    assert "fewer than 3" in client.get(address).content.decode()
    Concern.objects.filter(pk=houses[2].pk).update(triaged_at=week)
    assert told() == [3, None, None]


def test_an_old_address_of_a_merged_concern_leads_on(client: Client, organizer: User) -> None:
    first, second = factories.make_published_concern(), factories.make_published_concern()
    actions.mark_duplicate(concern=second, of=first, by=organizer)
    response = client.get(reverse("concerns:detail", args=[second.public_id]))
    assert (response.status_code, response.headers["Location"]) == (
        302,
        reverse("concerns:detail", args=[first.public_id]),
    )
    actions.hide_concern(concern=first, by=organizer, reason="x")
    assert client.get(reverse("concerns:detail", args=[second.public_id])).status_code == 404


# Map data.


def test_map_data_is_valid_geojson_of_the_snapped_places(client: Client) -> None:
    concern = factories.make_published_concern(public_text='"><script>alert(1)</script>')
    response = client.get(MAP)
    assert response.headers["Content-Type"] == "application/geo+json"
    (feature,) = response.json()["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-94.539, 39.1061]}
    assert feature["properties"] == {
        "id": str(concern.public_id),
        "kind": "concern",
        "name": "Street light not working",
        "group": "light",
        "status": "triaged",
        "detail": "3500 block, north side",
        "url": f"/concerns/{concern.public_id}/",
    }


def test_map_data_is_the_same_for_everybody_and_may_be_cached(client: Client, organizer: User) -> None:
    factories.make_published_concern()
    factories.make_concern()
    stranger = client.get(MAP)
    client.force_login(organizer, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "es"
    signed_in = client.get(MAP)
    assert signed_in.content == stranger.content
    assert "public" in signed_in.headers["Cache-Control"]
    assert "Cookie" not in signed_in.headers.get("Vary", "")
    assert not signed_in.cookies
    assert client.get(f"{MAP}?lang=es").json()["features"][0]["properties"]["name"].startswith("Luz")


def test_more_than_the_most_are_counted_in_cells_and_none_is_dropped(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_map, "MOST_FEATURES", 5)
    walk = factories.make_walk()
    for n in range(5):
        factories.make_published_concern(walk=walk, public_point=Point(-94.54 + n / 100, 39.10, srid=4326))
    assert client.get(MAP).json()["grid"] is False
    factories.make_published_concern(walk=walk)
    found = client.get(f"{MAP}?bbox=-94.6,39,-94.4,39.2").json()
    assert (found["grid"], found["count"]) == (True, 6)
    assert sum(feature["properties"]["count"] for feature in found["features"]) == 6
    assert {feature["properties"]["kind"] for feature in found["features"]} == {"cell"}


def test_no_concern_is_an_empty_collection(client: Client) -> None:
    assert client.get(MAP).json() == {"type": "FeatureCollection", "count": 0, "grid": False, "features": []}


# Queries.


def test_the_pages_ask_the_database_a_constant_number_of_times(client: Client, organizer: User) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    walk = factories.make_walk()
    Coalition.current()
    first = factories.make_published_concern(walk=walk)
    detail = reverse("concerns:detail", args=[first.public_id])
    few = {address: count(address) for address in (LIST, MAP, detail)}
    for n in range(12):
        concern = factories.make_published_concern(walk=walk if n % 2 else factories.make_walk())
        actions.publish_look(look=actions.record_look(concern=first, result="still_there"), by=organizer)
        actions.move_concern(concern=concern, to="reported", by=organizer)
    assert {address: count(address) for address in few} == few
    assert few[MAP] == 1
    assert max(few.values()) <= 12


def test_the_list_goes_on_in_pages(client: Client) -> None:
    walk = factories.make_walk()
    for _n in range(61):
        factories.make_published_concern(walk=walk)
    first = client.get(LIST)
    assert (len(first.context["page"]), first.context["page"].paginator.count) == (60, 61)
    assert "page 1 of 2" in first.context["sentence"]
    assert len(client.get(f"{LIST}?page=2").context["page"]) == 1


def test_text_is_text_on_the_page(client: Client) -> None:
    evil = '"><img src=x onerror=alert(1)></script><script>alert(2)</script>{{7*7}}'
    concern = factories.make_published_concern(public_text=evil, public_place=evil[:100])
    for address in (LIST, reverse("concerns:detail", args=[concern.public_id])):
        page = client.get(address).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "49" not in page.split("{{7*7}}")[0][-50:]
    assert json.loads(client.get(MAP).content)["features"][0]["properties"]["detail"] == evil[:100]


def test_the_pages_speak_spanish(client: Client) -> None:
    concern = factories.make_published_concern()
    page = client.get(reverse("concerns:detail", args=[concern.public_id]) + "?lang=es").content.decode()
    assert 'lang="es"' in page
    assert "Luz de la calle que no funciona" in page


def test_published_concern_factory_is_what_the_view_shows() -> None:
    """The tests of this file would prove nothing if the factory's concern weren't public."""
    assert Concern.objects.filter(publication="published").count() == 0
    factories.make_published_concern()
    assert Concern.objects.filter(publication="published").count() == 1
