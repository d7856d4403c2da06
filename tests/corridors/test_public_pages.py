"""/corridors/, /corridors/<slug>/ and /map/segments.geojson, for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Polygon
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from corridors.models import Area, Corridor
from office.models import Coalition
from people.models import User
from tests import factories
from walks.models import Walk

pytestmark = pytest.mark.django_db
AT_MOST = 12


@pytest.fixture
def corridor() -> Corridor:
    return factories.make_corridor(name="Independence Avenue", slug="independence-avenue")


def page(client: Client, slug: str = "independence-avenue", **query: str) -> str:
    response = client.get(f"/corridors/{slug}/", query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- the list ---


def test_the_list_shows_each_public_corridor_with_its_length_and_blocks(client: Client, corridor: Corridor) -> None:
    factories.make_corridor(name="Secret Street", is_public=False)
    html = " ".join(client.get("/corridors/").content.decode().split())
    assert "Independence Avenue" in html
    assert "0.3 miles, 3 blocks." in html
    assert "Secret Street" not in html


def test_an_empty_list_says_what_comes(client: Client) -> None:
    assert "No corridor yet" in client.get("/corridors/").content.decode()


def test_the_list_asks_the_database_as_often_for_one_corridor_as_for_five(
    client: Client, corridor: Corridor, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        factories.make_walk()
    Coalition.current()
    with django_assert_max_num_queries(2):
        client.get("/corridors/")


@pytest.mark.parametrize("address", ["/corridors/", "/corridors/independence-avenue/", "/map/segments.geojson"])
def test_they_are_for_looking_only(client: Client, corridor: Corridor, address: str) -> None:
    assert client.post(address).status_code == 405


# --- one corridor ---


def test_the_page_names_every_block_and_both_its_sides(client: Client, corridor: Corridor) -> None:
    html = page(client)
    assert "Askew Ave to Myrtle Ave" in html
    assert "3600 block" in html
    assert "North side (even numbers)" in html
    assert "South side (odd numbers)" in html


def test_a_corridor_that_is_not_public_is_not_there_even_for_an_organizer(desk: Client, corridor: Corridor) -> None:
    Corridor.objects.update(is_public=False)
    assert desk.get("/corridors/independence-avenue/").status_code == 404
    assert desk.get("/corridors/nothing/").status_code == 404


def test_a_block_nobody_walked_is_unknown_and_not_empty(client: Client, corridor: Corridor) -> None:
    html = page(client)
    assert html.count("not walked") >= 6
    assert "nothing open" not in html.replace("walked, nothing open", "")


def past_walk(corridor: Corridor) -> Walk:
    now = timezone.now()
    times = {
        "meet_at": now - timedelta(days=2),
        "step_off_at": now - timedelta(days=2),
        "end_at": now - timedelta(days=1),
    }
    return factories.make_walk(corridor=corridor, **times)


def nothing_open(html: str) -> int:
    """How many sides are said to be walked with nothing open; the key of the strip says it once."""
    return html.replace("walked, nothing open", "").count("nothing open")


def test_a_side_that_a_team_walked_has_nothing_open_and_the_other_side_stays_unknown(
    client: Client, corridor: Corridor
) -> None:
    walk = past_walk(corridor)
    factories.make_pass(walk=walk, segment=corridor.segments.get(position=1), side="right")
    assert nothing_open(page(client)) == 1
    factories.make_pass(walk=walk, segment=corridor.segments.get(position=1), side="left")
    assert nothing_open(page(client)) == 2


def test_a_team_s_plan_is_no_walk(client: Client, corridor: Corridor) -> None:
    team = factories.make_team(walk=past_walk(corridor))
    team.segments.set(corridor.segments.all())
    assert nothing_open(page(client)) == 0


def test_where_teams_are_now_and_what_was_taken_back_shows_nowhere(client: Client, corridor: Corridor) -> None:
    factories.make_pass(walk=factories.make_running_walk(corridor=corridor))
    factories.make_pass(walk=past_walk(corridor), side="right", withdrawn_at=timezone.now())
    called_off = past_walk(corridor)
    Walk.objects.filter(pk=called_off.pk).update(
        state="called_off", call_off_reason="Storm", called_off_at=timezone.now()
    )
    factories.make_pass(walk=called_off, segment=corridor.segments.get(position=2))
    assert nothing_open(page(client)) == 0


def test_published_concerns_are_counted_on_their_side_and_held_ones_nowhere(client: Client, corridor: Corridor) -> None:
    walk = factories.make_walk(corridor=corridor)
    factories.make_published_concern(walk=walk)
    factories.make_published_concern(walk=walk)
    factories.make_published_concern(walk=walk, status="verified_fixed")
    factories.make_concern(walk=walk, side="right")
    html = page(client)
    assert "2 open" in html
    assert "2 things are open now." in html
    assert html.count("not walked") >= 5


def test_two_houses_on_a_block_are_fewer_than_3_and_their_place_is_not_told(client: Client, corridor: Corridor) -> None:
    walk = factories.make_walk(corridor=corridor)
    for _ in range(2):
        factories.make_published_concern(walk=walk, category="VACANT_BLD", public_text="MARKER house")
    html = page(client)
    assert "fewer than 3" in html
    assert "MARKER" not in html
    factories.make_published_concern(walk=walk, category="VACANT_BLD")
    assert '<td class="number" data-label="Empty houses">3</td>' in page(client)


def test_nothing_private_is_on_the_page(client: Client, corridor: Corridor) -> None:
    Corridor.objects.update(note="MARKER note")
    factories.make_landmark(name="MARKER place", corridor=corridor, is_public=False)
    factories.make_walk(corridor=corridor, title="MARKER draft", state="draft", published_at=None)
    factories.make_concern(walk=factories.make_walk(corridor=corridor), note="MARKER words")
    assert "MARKER" not in page(client)


def test_the_next_walk_and_the_areas_are_named(client: Client, corridor: Corridor) -> None:
    walk = factories.make_walk(corridor=corridor, title="Askew to Jackson, by day")
    box = MultiPolygon(Polygon.from_bbox((-94.55, 39.10, -94.53, 39.1061)), srid=4326)
    Area.objects.create(kind="neighborhood", name="Lykins", source_id="17", shape=box)
    Area.objects.create(kind="neighborhood", name="", source_id="0", shape=box)
    html = page(client)
    assert f'href="/walks/{walk.public_id}/"' in html
    assert "Lykins" in html
    assert "neighborhood without a name" in html


def test_scripts_in_names_come_out_as_text(client: Client, corridor: Corridor) -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    Corridor.objects.update(name=nasty, from_street=nasty)
    corridor.segments.update(from_street=nasty[:80])
    factories.make_landmark(name=nasty, corridor=corridor)
    assert "<img src=x" not in page(client)


def test_a_corridor_without_blocks_says_so(client: Client, corridor: Corridor) -> None:
    corridor.segments.update(retired_at=timezone.now())
    assert "No blocks yet" in page(client)


def test_the_page_speaks_spanish(client: Client, corridor: Corridor) -> None:
    assert '<html lang="es"' in page(client, lang="es")


def test_the_page_asks_the_database_as_often_for_many_blocks_as_for_few(
    client: Client, corridor: Corridor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    walk = factories.make_walk(corridor=corridor)
    for n in range(8):
        factories.make_published_concern(walk=walk, status=["triaged", "verified_fixed"][n % 2])
        factories.make_landmark(corridor=corridor)
        factories.make_walk(corridor=corridor)
    Coalition.current()
    with django_assert_max_num_queries(AT_MOST):
        page(client)


# --- map data ---


def test_the_map_gives_corridors_and_blocks(client: Client, corridor: Corridor) -> None:
    response = client.get("/map/segments.geojson")
    assert response["Content-Type"].startswith("application/geo+json")
    features = response.json()["features"]
    assert [feature["properties"]["kind"] for feature in features] == ["corridor", "segment", "segment", "segment"]
    assert features[1]["properties"] | {"id": ""} == {
        "id": "",
        "kind": "segment",
        "name": "3500 block",
        "from_name": "Askew Ave",
        "to_name": "Myrtle Ave",
        "block": 3500,
        "corridor": "independence-avenue",
        "left": "north side (even numbers)",
        "right": "south side (odd numbers)",
        "url": "/corridors/independence-avenue/#block-1",
    }


def test_the_map_is_the_same_for_everybody_and_may_be_kept(desk: Client, organizer: User, corridor: Corridor) -> None:
    factories.make_corridor(is_public=False)
    stranger = Client().get("/map/segments.geojson")
    response = desk.get("/map/segments.geojson", headers={"accept-language": "es", "cookie": "django_language=es"})
    assert response.content == stranger.content
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize(("box", "n"), [("-94.5401,39.1,-94.5381,39.2", 2), ("-94.0,39.1,-93.9,39.2", 0), ("", 4)])
def test_the_map_answers_a_box(client: Client, corridor: Corridor, box: str, n: int) -> None:
    assert len(client.get("/map/segments.geojson", {"bbox": box}).json()["features"]) == n


@pytest.mark.parametrize(
    "box", ["1,2,3", "a,b,c,d", "NaN,1,2,3", "1,2,1e999,3", "3,2,1,4", "-200,0,1,1", "'", "1,2,3,4,5", "\x00"]
)
@pytest.mark.parametrize("address", ["/map/segments.geojson", "/desk/map/segments.geojson"])
def test_a_box_that_is_none_gets_a_sentence(desk: Client, corridor: Corridor, address: str, box: str) -> None:
    response = desk.get(address, {"bbox": box})
    assert response.status_code == 400
    assert "west,south,east,north" in response.json()["errors"][0]


def test_the_desk_s_map_has_everything_and_is_never_kept(desk: Client, client: Client, corridor: Corridor) -> None:
    factories.make_corridor(is_public=False, line=LineString(factories.AVENUE, srid=4326))
    response = desk.get("/desk/map/segments.geojson")
    assert len(response.json()["features"]) == 8
    assert response["Cache-Control"] == "private, no-store"
    assert Client().get("/desk/map/segments.geojson").status_code == 302
