"""Pure geometry of streets: no database, no models. Coordinates are WGS84 (longitude, latitude) in degrees.

Distances are metres on the ellipsoid, by the length of a degree at the place in question: within 0.01 % of PostGIS's
`geography` for anything as short as a street.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.contrib.gis.geos import LineString, Point, Polygon
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Compass = Literal["north", "east", "south", "west"]
XY = tuple[float, float]

WGS84 = 4326
FAR_M = 60  # a cross street farther from the line than this belongs to another street
NEAR_END_M = 30  # a cross street this near to an end of the line is that end
SAME_STREET_M = 60  # the north and south legs of one street may be this far apart
SHORTEST_BLOCK_M = 12
GRID_DEGREES = 0.0009  # 100 m of latitude
ENDS: dict[Compass, Promise] = {
    "north": gettext_lazy("north end"),
    "east": gettext_lazy("east end"),
    "south": gettext_lazy("south end"),
    "west": gettext_lazy("west end"),
}


class CannotCut(ValueError):
    """The cross streets don't fit the line; the message says which one and what to do."""


@dataclass(frozen=True)
class CrossStreet:
    """A street that crosses a corridor. `block` is the number of the block that begins here, where it is known."""

    name: str
    point: Point
    block: int | None = None


@dataclass(frozen=True)
class Block:
    """One piece of a line between two cross streets."""

    from_street: str
    to_street: str
    line: LineString
    number: int | None = None


@dataclass(frozen=True)
class Projection:
    """Where a point falls on a line: metres from the line's start, metres beside it, and on which side."""

    along_m: float
    distance_m: float
    side: Literal["left", "right"]


@dataclass(frozen=True)
class Plane:
    """A flat map of the surroundings of one latitude, in metres."""

    lat: float

    @property
    def scale(self) -> XY:
        """Metres in a degree of longitude and of latitude (WGS84 series)."""
        phi = math.radians(self.lat)
        east = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
        north = 111132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi) - 0.0023 * math.cos(6 * phi)
        return east, north

    def flat(self, coordinates: Iterable[Sequence[float]]) -> list[XY]:
        east, north = self.scale
        return [(c[0] * east, (c[1] - self.lat) * north) for c in coordinates]

    def point(self, xy: XY) -> Point:
        east, north = self.scale
        return Point(xy[0] / east, xy[1] / north + self.lat, srid=WGS84)


def plane_of(line: LineString) -> Plane:
    lats = [c[1] for c in line.coords]
    return Plane((min(lats) + max(lats)) / 2)


def bearing(line: LineString) -> float:
    """Degrees clockwise from north, from the line's first point to its last; 0 ≤ bearing < 360.

    Longitudes are scaled by the cosine of the latitude: exact enough for a block.
    """
    (x1, y1), (x2, y2) = line[0][:2], line[-1][:2]
    east = (x2 - x1) * math.cos(math.radians((y1 + y2) / 2))
    return math.degrees(math.atan2(east, y2 - y1)) % 360


def compass(degrees: float) -> Compass:
    names: list[Compass] = ["north", "east", "south", "west"]
    return names[round(degrees / 90) % 4]


def compass_of_side(line: LineString, side: str) -> Compass:
    """Which compass side of the street lies left or right of its line."""
    return compass((bearing(line) + (-90 if side == "left" else 90)) % 360)


def side_of_compass(line: LineString, name: str) -> Literal["left", "right"] | None:
    """Which side of the line is its north (east, south, west) one; None where the street has no such side."""
    sides: tuple[Literal["left", "right"], ...] = ("left", "right")
    return next((side for side in sides if compass_of_side(line, side) == name), None)


def end_name(line: LineString, *, start: bool) -> str:
    """What an end is called that nobody named: "west end"."""
    return str(ENDS[compass((bearing(line) + (180 if start else 0)) % 360)])


def length_m(line: LineString) -> float:
    """Metres along the line, each piece measured at its own latitude."""
    return sum(
        math.dist(*Plane((start[1] + end[1]) / 2).flat((start, end))) for start, end in itertools.pairwise(line.coords)
    )


def distance_m(one: Point, other: Point) -> float:
    return math.dist(*Plane((one.y + other.y) / 2).flat((one.coords, other.coords)))


def _lengths(path: Sequence[XY]) -> list[float]:
    """Metres from the start of the path to each of its corners."""
    return [0.0, *itertools.accumulate(math.dist(a, b) for a, b in itertools.pairwise(path))]


def _unit(a: XY, b: XY) -> XY:
    size = math.dist(a, b) or 1.0
    return (b[0] - a[0]) / size, (b[1] - a[1]) / size


def _nearest_on(a: XY, b: XY, p: XY) -> tuple[float, float]:
    """p's distance from the piece a–b, and the share of the way (0 to 1) where it is nearest."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square)) if square else 0.0
    return math.dist(p, (a[0] + share * dx, a[1] + share * dy)), share


def project(point: Point, line: LineString) -> Projection:
    """The place on the line that is nearest to the point. At a corner both pieces decide the side together."""
    plane = plane_of(line)
    path, (p,) = plane.flat(line.coords), plane.flat([point.coords])
    nearest = ((_nearest_on(a, b, p), i) for i, (a, b) in enumerate(itertools.pairwise(path)))
    (distance, share), i = min(nearest)
    along = _lengths(path)[i] + share * math.dist(path[i], path[i + 1])
    at = path[i][0] + share * (path[i + 1][0] - path[i][0]), path[i][1] + share * (path[i + 1][1] - path[i][1])
    dx, dy = _direction(path, i, share)
    left = dx * (p[1] - at[1]) - dy * (p[0] - at[0]) >= 0
    return Projection(along, distance, "left" if left else "right")


def _direction(path: Sequence[XY], i: int, share: float) -> XY:
    """Which way the path runs in its piece `i`; at a corner halfway between the two pieces that meet there."""
    here = _unit(path[i], path[i + 1])
    other = i + 1 if share == 1 else i - 1 if share == 0 else i
    if other == i or not 0 <= other < len(path) - 1:
        return here
    there = _unit(path[other], path[other + 1])
    return here[0] + there[0], here[1] + there[1]


def _place(path: Sequence[XY], along: float) -> tuple[XY, int]:
    """The place so many metres along the path, and the piece that it lies in."""
    lengths = _lengths(path)
    along = min(max(along, 0.0), lengths[-1])
    i = next((k for k in range(len(path) - 1) if along <= lengths[k + 1]), len(path) - 2)
    (x1, y1), (x2, y2) = path[i], path[i + 1]
    piece = lengths[i + 1] - lengths[i]
    share = (along - lengths[i]) / piece if piece else 0.0
    return (x1 + share * (x2 - x1), y1 + share * (y2 - y1)), i


def point_along(line: LineString, along_m: float) -> Point:
    """The point so many metres from the line's start; beyond an end, that end."""
    plane = plane_of(line)
    return plane.point(_place(plane.flat(line.coords), along_m)[0])


def beside(line: LineString, side: str, offset_m: float) -> Point:
    """The fixed point of a block face: from the middle of the line straight out to its side."""
    plane = plane_of(line)
    path = plane.flat(line.coords)
    (x, y), i = _place(path, _lengths(path)[-1] / 2)
    dx, dy = _unit(path[i], path[i + 1])
    turn = 1 if side == "left" else -1
    return plane.point((x - turn * dy * offset_m, y + turn * dx * offset_m))


def cut(line: LineString, at_m: Iterable[float]) -> list[LineString]:
    """The line in pieces, cut at these metres from its start (strictly inside it, rising)."""
    plane = plane_of(line)
    path = plane.flat(line.coords)
    lengths = _lengths(path)
    corners = [(length, c[:2]) for length, c in zip(lengths, line.coords, strict=True)]
    cuts = [(along, plane.point(_place(path, along)[0]).coords) for along in at_m]
    edges = [corners[0], *cuts, corners[-1]]
    pieces = []
    for (start, first), (end, last) in itertools.pairwise(edges):
        between = [c for length, c in corners if start + 1e-6 < length < end - 1e-6]
        pieces.append(LineString([first, *between, last], srid=WGS84))
    return pieces


def band(line: LineString, metres: float) -> Polygon:
    """Everything within so many metres of the line."""
    plane = plane_of(line)
    shape = LineString(plane.flat(line.coords)).buffer(metres, 4)
    assert isinstance(shape, Polygon)
    return Polygon([plane.point((x, y)).coords for x, y in shape.coords[0]], srid=WGS84)


def span_m(line: LineString, along: LineString, *, within_m: float = 30) -> tuple[float, float] | None:
    """From where to where `line` runs along `along`, in metres from its start; None if it runs elsewhere."""
    total = length_m(line)
    steps = max(4, round(total / 10))
    spots = [project(point_along(line, total * step / steps), along) for step in range(steps + 1)]
    near = [spot.along_m for spot in spots if spot.distance_m <= within_m]
    return (min(near), max(near)) if near else None


def runs_against(line: LineString, other: LineString) -> bool:
    """Whether `line` follows the same street as `other` from its other end."""
    start, end = (project(Point(*line.coords[i][:2]), other).along_m for i in (0, -1))
    return end < start


def reversed_line(line: LineString) -> LineString:
    return LineString(list(reversed(line.coords)), srid=WGS84)


def grid_node(point: Point) -> Point:
    """The nearest node of a grid of about 100 m that is the same for everybody, for ever."""
    row = round(point.y / GRID_DEGREES)
    lat = row * GRID_DEGREES
    step = GRID_DEGREES / max(math.cos(math.radians(lat)), 0.01)
    return Point(round(round(point.x / step) * step, 6), round(lat, 6), srid=WGS84)


def cut_blocks(
    line: LineString,
    cross_streets: Iterable[CrossStreet],
    *,
    from_street: str = "",
    to_street: str = "",
    first_block: int | None = None,
    block_step: int = 100,
) -> list[Block]:
    """The blocks of a street, in the order of its line. Raises CannotCut with a sentence.

    Two legs of a street that don't line up (same name, within 60 m) count as one cross street halfway between. A cross
    street within 30 m of an end is that end. Numbers count up from the first one given; a number of a cross street
    wins from there on.
    """
    total = length_m(line)
    places = _join_legs(_places_on(line, cross_streets))
    start, places = _take_end(places, from_street or end_name(line, start=True), bool(from_street), 0.0)
    end, places = _take_end(places, to_street or end_name(line, start=False), bool(to_street), total)
    _check_gaps([start, *places, end])
    lines = cut(line, [place.along_m for place in places])
    blocks, number = [], first_block
    for piece, (here, there) in zip(lines, itertools.pairwise([start, *places, end]), strict=True):
        number = here.block if here.block is not None else number
        blocks.append(Block(here.name, there.name, piece, number))
        number = None if number is None else max(number + block_step, 0)
    return blocks


@dataclass(frozen=True)
class _Place:
    along_m: float
    name: str
    block: int | None


def _places_on(line: LineString, cross_streets: Iterable[CrossStreet]) -> list[_Place]:
    """Cross streets by their metres along the line."""
    places = []
    for street in cross_streets:
        spot = project(street.point, line)
        if spot.distance_m > FAR_M:
            raise CannotCut(
                _("%(street)s is %(metres)d m from the line. Put it on the line, or take it out.")
                % {"street": street.name, "metres": round(spot.distance_m)}
            )
        places.append(_Place(spot.along_m, " ".join(street.name.split()), street.block))
    return sorted(places, key=lambda place: place.along_m)


def _join_legs(places: Sequence[_Place]) -> list[_Place]:
    joined: list[_Place] = []
    for place in places:
        last = joined[-1] if joined else None
        if last and _same(last.name, place.name) and place.along_m - last.along_m <= SAME_STREET_M:
            block = last.block if last.block is not None else place.block
            joined[-1] = replace(last, along_m=(last.along_m + place.along_m) / 2, block=block)
        else:
            joined.append(place)
    return joined


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _take_end(places: list[_Place], name: str, is_named: bool, at_m: float) -> tuple[_Place, list[_Place]]:
    """The end of the line at `at_m`, and the cross streets that are left."""
    near = sorted((abs(place.along_m - at_m), n) for n, place in enumerate(places))
    for gap, n in near[:2]:
        place = places[n]
        if gap <= (SAME_STREET_M if _same(place.name, name) else 0 if is_named else NEAR_END_M):
            return replace(place, along_m=at_m), places[:n] + places[n + 1 :]
    return _Place(at_m, name, None), places


def _check_gaps(places: Sequence[_Place]) -> None:
    for here, there in itertools.pairwise(places):
        if there.along_m - here.along_m < SHORTEST_BLOCK_M:
            raise CannotCut(
                _("%(one)s and %(other)s are less than %(metres)d m apart. Move one of them, or take it out.")
                % {"one": here.name, "other": there.name, "metres": SHORTEST_BLOCK_M}
            )
