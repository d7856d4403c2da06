"""corridors/places.py: which block face a place belongs to, and what everybody may see of it."""

import math

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from corridors.models import Area, Corridor, Segment
from corridors.places import nearest_face, public_place
from tests import factories

pytestmark = pytest.mark.django_db
NORTH_OF_FIRST_BLOCK = Point(-94.53912, 39.10612, srid=4326)
SOUTH_OF_FIRST_BLOCK = Point(-94.53912, 39.10588, srid=4326)
FAR_AWAY = Point(-94.5391, 39.1200, srid=4326)


@pytest.fixture
def corridor() -> Corridor:
    return factories.make_corridor()


def test_a_place_north_of_the_line_belongs_to_the_left_side_of_its_block(corridor: Corridor) -> None:
    face = nearest_face(NORTH_OF_FIRST_BLOCK)
    assert face
    assert (face.segment, face.side) == (corridor.segments.get(position=0), "left")
    assert face.distance_m == pytest.approx(13.3, abs=0.2)


def test_a_place_south_of_the_line_belongs_to_the_right_side(corridor: Corridor) -> None:
    face = nearest_face(SOUTH_OF_FIRST_BLOCK)
    assert face
    assert face.side == "right"


def test_the_nearest_of_two_corridors_wins_unless_one_is_named(corridor: Corridor) -> None:
    other = factories.make_corridor(line=corridor.line, buffer_m=200)
    Segment.objects.filter(corridor=other).update(line=other.segments.get(position=2).line)
    near = nearest_face(NORTH_OF_FIRST_BLOCK)
    named = nearest_face(Point(-94.5355, 39.1065, srid=4326), corridor=other)
    assert near
    assert near.segment.corridor == corridor
    assert named
    assert named.segment.corridor == other


@pytest.mark.parametrize(("buffer_m", "is_found"), [(60, True), (30, False)])
def test_a_place_counts_only_within_the_reach_of_its_corridor(buffer_m: int, is_found: bool) -> None:
    factories.make_corridor(buffer_m=buffer_m)
    fifty_metres_off = Point(-94.5391, 39.10645, srid=4326)
    assert (nearest_face(fifty_metres_off) is not None) is is_found


def test_a_retired_segment_has_no_faces(corridor: Corridor) -> None:
    Segment.objects.update(retired_at="2026-01-01T00:00Z")
    assert nearest_face(NORTH_OF_FIRST_BLOCK) is None


@pytest.mark.parametrize("point", [Point(math.nan, 39, srid=4326), Point(0, 90, srid=4326), Point(srid=4326)])
def test_places_that_are_none_have_no_face(corridor: Corridor, point: Point) -> None:
    assert nearest_face(point) is None


def test_it_asks_the_database_once_and_uses_the_index(corridor: Corridor) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert nearest_face(NORTH_OF_FIRST_BLOCK)
    assert len(queries) == 1
    assert "&&" in queries[0]["sql"]


def test_every_place_on_a_block_face_shows_as_the_same_point(corridor: Corridor) -> None:
    places = {
        (place.point.coords, place.words)
        for step in range(20)
        if (place := public_place(Point(-94.5399 + step * 0.00009, 39.1061 + step * 0.00001, srid=4326)))
    }
    assert len(places) == 1
    ((_, words),) = places
    assert words == "3500 block, north side"


def test_the_public_point_lies_beside_the_middle_of_its_own_block(corridor: Corridor) -> None:
    place = public_place(SOUTH_OF_FIRST_BLOCK)
    face = nearest_face(place.point)
    assert face
    assert (face.segment, face.side) == (place.segment, "right")
    assert face.distance_m == pytest.approx(12, abs=0.1)
    assert place.point.x == pytest.approx(-94.539, abs=1e-5)


def test_a_known_face_needs_no_query(corridor: Corridor) -> None:
    segment = corridor.segments.select_related("corridor").get(position=1)
    with CaptureQueriesContext(connection) as queries:
        place = public_place(FAR_AWAY, segment=segment, side="right")
    assert place.words == "3600 block, south side"
    assert not queries.captured_queries


def test_a_block_without_a_number_is_named_by_its_cross_streets(corridor: Corridor) -> None:
    corridor.segments.update(block=None)
    assert public_place(NORTH_OF_FIRST_BLOCK).words == "Askew Ave to Myrtle Ave, north side"


def test_off_the_corridors_the_nearest_node_of_the_grid_stands_for_the_place(corridor: Corridor) -> None:
    place = public_place(FAR_AWAY)
    again = public_place(Point(FAR_AWAY.x + 0.0002, FAR_AWAY.y + 0.0002, srid=4326))
    assert place == again
    assert place.point != FAR_AWAY
    assert (place.words, place.segment, place.side) == ("off the corridors", None, "")


def test_off_the_corridors_a_landmark_or_else_the_neighborhood_gives_the_words(corridor: Corridor) -> None:
    Area.objects.create(kind="neighborhood", name="Lykins", source_id="1", shape=_square(FAR_AWAY, 0.01))
    assert public_place(FAR_AWAY).words == "in Lykins"
    factories.make_landmark(name="Hidden Hall", location=FAR_AWAY, is_public=False)
    assert public_place(FAR_AWAY).words == "in Lykins"
    factories.make_landmark(name="Lantern Bakery 100%", location=FAR_AWAY)
    assert public_place(FAR_AWAY).words == "near Lantern Bakery 100%"


def test_words_that_are_kept_do_not_depend_on_who_pressed_the_button(corridor: Corridor) -> None:
    with translation.override("es"):
        assert public_place(NORTH_OF_FIRST_BLOCK).words == "3500 block, north side"


def _square(center: Point, reach: float) -> MultiPolygon:
    box = Polygon.from_bbox((center.x - reach, center.y - reach, center.x + reach, center.y + reach))
    return MultiPolygon(box, srid=4326)
