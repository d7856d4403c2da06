"""corridors/geometry.py, without a database."""

import itertools
import math
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.geometry import (
    CannotCut,
    CrossStreet,
    band,
    beside,
    compass_of_side,
    cut,
    cut_blocks,
    distance_m,
    end_name,
    grid_node,
    length_m,
    plane_of,
    point_along,
    project,
    reversed_line,
    runs_against,
    side_of_compass,
    span_m,
)

settings.register_profile("here", deadline=None)
settings.load_profile("here")
EASTWARD = LineString([(-94.540, 39.106), (-94.535, 39.106), (-94.530, 39.106)], srid=4326)


@st.composite
def streets(draw: st.DrawFn) -> LineString:
    """A street of 2 to 6 pieces of 60 to 400 m that turns at most 50 degrees at a corner, anywhere people live."""
    lat, lon = draw(st.floats(-65, 65)), draw(st.floats(-179, 179))
    heading = draw(st.floats(0, 360))
    x, y = 0.0, 0.0
    path: list[tuple[float, float]] = [(x, y)]
    for _ in range(draw(st.integers(1, 6))):
        heading += draw(st.floats(-50, 50)) if len(path) > 1 else 0
        step = draw(st.floats(60, 400))
        x, y = x + step * math.sin(math.radians(heading)), y + step * math.cos(math.radians(heading))
        path.append((x, y))
    east = 111320 * math.cos(math.radians(lat))
    return LineString([(lon + x / east, lat + y / 110574) for x, y in path], srid=4326)


shares = st.floats(0.02, 0.98)


@given(streets(), shares)
def test_a_point_taken_from_a_line_lies_on_it_where_it_was_taken(line: LineString, share: float) -> None:
    spot = project(point_along(line, share * length_m(line)), line)
    assert spot.distance_m < 0.01
    if line.simple:
        assert spot.along_m == pytest.approx(share * length_m(line), rel=1e-3, abs=0.1)


@given(streets(), st.sampled_from(["left", "right"]), st.floats(2, 25))
def test_a_point_beside_a_block_is_found_on_that_side_and_as_far_off(line: LineString, side: str, off: float) -> None:
    block = cut(line, [length_m(line) / len(line.coords)])[0]
    spot = project(beside(block, side, off), block)
    if len(block.coords) == 2:
        assert spot.side == side
        assert spot.distance_m == pytest.approx(off, rel=0.01)


@given(streets(), st.floats(-300, 300), st.floats(-300, 300))
def test_turning_a_line_round_swaps_the_sides_and_nothing_else(line: LineString, east: float, north: float) -> None:
    start = line.coords[0]
    point = Point(start[0] + east / 111320, start[1] + north / 110574, srid=4326)
    one, other = project(point, line), project(point, reversed_line(line))
    assert one.distance_m == pytest.approx(other.distance_m, abs=1e-3)
    unambiguous = one.distance_m > 0.5 and abs(one.along_m + other.along_m - length_m(line)) < 1
    if unambiguous and 0 < one.along_m < length_m(line):
        assert one.side != other.side


@given(streets(), st.lists(shares, min_size=1, max_size=5, unique_by=lambda share: round(share, 2)))
def test_pieces_of_a_line_join_to_the_line_again(line: LineString, at: list[float]) -> None:
    total = length_m(line)
    pieces = cut(line, sorted(share * total for share in at))
    assert len(pieces) == len(at) + 1
    assert all(one.coords[-1] == other.coords[0] for one, other in itertools.pairwise(pieces))
    assert (pieces[0].coords[0], pieces[-1].coords[-1]) == (line.coords[0], line.coords[-1])
    assert sum(map(length_m, pieces)) == pytest.approx(total, rel=1e-4)


@given(streets(), st.floats(5, 60))
def test_a_band_holds_what_is_near_and_only_that(line: LineString, metres: float) -> None:
    shape = band(line, metres)
    assert shape.contains(line)
    west, south, east, north = shape.extent
    plane = plane_of(line)
    reach = 1.02 * metres
    lons, lats = [c[0] for c in line.coords], [c[1] for c in line.coords]
    assert (min(lons) - west) * plane.scale[0] <= reach
    assert (north - max(lats)) * plane.scale[1] <= reach
    assert south <= min(lats)
    assert east >= max(lons)


@given(st.floats(-179, 179), st.floats(-70, 70))
def test_a_grid_node_is_near_and_its_own_node(lon: float, lat: float) -> None:
    point = Point(lon, lat, srid=4326)
    node = grid_node(point)
    assert distance_m(point, node) < 73
    assert grid_node(node).coords == node.coords


def test_sides_have_compass_names() -> None:
    assert compass_of_side(EASTWARD, "left") == "north"
    assert compass_of_side(EASTWARD, "right") == "south"
    assert side_of_compass(EASTWARD, "south") == "right"
    assert side_of_compass(EASTWARD, "east") is None
    assert (end_name(EASTWARD, start=True), end_name(EASTWARD, start=False)) == ("west end", "east end")


def test_a_line_from_the_other_end_is_noticed() -> None:
    assert runs_against(reversed_line(EASTWARD), EASTWARD)
    assert not runs_against(EASTWARD, EASTWARD)


def test_the_stretch_two_lines_share_is_measured_along_the_second() -> None:
    half = LineString([(-94.540, 39.10601), (-94.535, 39.10601)], srid=4326)
    span = span_m(half, EASTWARD)
    assert span
    assert span == pytest.approx((0, length_m(EASTWARD) / 2), abs=1)
    elsewhere = LineString([(-94.540, 39.116), (-94.535, 39.116)], srid=4326)
    assert span_m(elsewhere, EASTWARD) is None


# --- blocks ---


def street(name: str, lon: float, lat: float = 39.106, **more: Any) -> CrossStreet:
    return CrossStreet(name, Point(lon, lat, srid=4326), **more)


def names(*streets: CrossStreet, **options: Any) -> list[tuple[str, str, int | None]]:
    return [(b.from_street, b.to_street, b.number) for b in cut_blocks(EASTWARD, streets, **options)]


def test_a_street_without_cross_streets_is_one_block_between_its_ends() -> None:
    assert names() == [("west end", "east end", None)]
    assert names(from_street="Benton Blvd", to_street="Hardesty Ave") == [("Benton Blvd", "Hardesty Ave", None)]


def test_cross_streets_cut_in_the_order_of_the_line_however_they_were_named() -> None:
    assert names(street("Lawn", -94.533), street("Askew", -94.537), from_street="A", to_street="Z") == [
        ("A", "Askew", None),
        ("Askew", "Lawn", None),
        ("Lawn", "Z", None),
    ]


def test_a_cross_street_at_an_end_names_the_end() -> None:
    assert names(street("Benton", -94.5399), street("Hardesty", -94.5302)) == [("Benton", "Hardesty", None)]


def test_a_cross_street_near_an_end_that_has_a_name_makes_a_short_block() -> None:
    assert names(street("Alley", -94.5397), from_street="Benton", to_street="Z")[0] == ("Benton", "Alley", None)


def test_two_legs_of_a_street_count_as_one_halfway_between() -> None:
    blocks = cut_blocks(EASTWARD, [street("Indiana Ave", -94.5352), street("indiana ave", -94.5348)])
    assert [block.to_street for block in blocks] == ["Indiana Ave", "east end"]
    assert blocks[0].line.coords[-1][0] == pytest.approx(-94.535, abs=1e-5)


def test_legs_too_far_apart_stay_two_streets() -> None:
    assert len(cut_blocks(EASTWARD, [street("Indiana Ave", -94.537), street("Indiana Ave", -94.533)])) == 3


def test_numbers_count_up_and_a_number_of_a_cross_street_wins() -> None:
    streets = [street("B", -94.537), street("C", -94.535, block=3700), street("D", -94.533)]
    assert [number for *_, number in names(*streets, first_block=3100)] == [3100, 3200, 3700, 3800]
    assert [number for *_, number in names(*streets)] == [None, None, 3700, 3800]
    assert [number for *_, number in names(*streets[:1], first_block=3100, block_step=-100)] == [3100, 3000]


def test_a_cross_street_of_another_street_is_named_in_the_refusal() -> None:
    with pytest.raises(CannotCut, match=r"Truman Rd is 11\d m from the line"):
        cut_blocks(EASTWARD, [street("Truman Rd", -94.535, 39.107)])


def test_two_streets_at_one_place_are_refused_by_name() -> None:
    with pytest.raises(CannotCut, match="Askew and Norton are less than 12 m apart"):
        cut_blocks(EASTWARD, [street("Askew", -94.535), street("Norton", -94.53495)])
