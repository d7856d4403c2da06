"""Which block face a place belongs to, and the place that everybody may see instead of it.

A public place is snapped, never jittered: every concern on one side of one block gets the same point, so that reading
it five hundred times teaches nothing. Off the corridors the nearest node of a fixed grid stands for it.
"""

import math
import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.db.models import F, FloatField, Func, Value
from django.utils import translation
from django.utils.translation import gettext as _

from corridors.geometry import Plane, beside, grid_node, project
from corridors.models import WGS84, Area, Corridor, Landmark, Segment, Side

LARGEST_BUFFER_M = 500  # corridor_buffer_sensible
BESIDE_M = 12  # how far from the middle of the street a block face's public point lies
NEAR_LANDMARK_M = 250
FARTHER = 1e6  # ranks an area behind every landmark


@dataclass(frozen=True)
class Face:
    """One side ("left" or "right") of a segment, and how far a place is from the segment's line."""

    segment: Segment
    side: str
    distance_m: float


@dataclass(frozen=True)
class PublicPlace:
    """What everybody may see of a place: a snapped point and its words. No segment and no side off the corridors."""

    point: Point
    words: str
    segment: Segment | None = None
    side: str = ""


class MetresTo(Func):
    """Metres on the ellipsoid from a geometry column to a point."""

    function = "ST_Distance"
    template = "%(function)s(%(expressions)s::geography)"
    arg_joiner = "::geography, "
    output_field = FloatField()

    def __init__(self, column: str, point: Point) -> None:
        super().__init__(F(column), Value(point.hexewkb.decode()))


def box_around(point: Point, metres: float) -> Polygon:
    """A longitude/latitude box that holds everything within so many metres; the index's prefilter."""
    east, north = Plane(point.y).scale
    wide, high = 1.02 * metres / max(east, 1.0), 1.02 * metres / north
    box = Polygon.from_bbox((point.x - wide, point.y - high, point.x + wide, point.y + high))
    box.srid = WGS84
    return box


HOUSE_NUMBER = re.compile(r"\s*(\d{3,5})\b[\s,]+(.+)", re.DOTALL)
DIRECTION = re.compile(r"^(?:[nsew]\.?|north|south|east|west)\s+")
STREET_KIND = re.compile(
    r"\s+(?:ave(?:nue)?|st(?:reet)?|blvd|boulevard|r(?:oa)?d|dr(?:ive)?|pl(?:ace)?|terr?(?:ace)?|trfy|trafficway)\.?$"
)


def street_words(name: str) -> str:
    """What a street's name is told apart by: “E Independence Ave., Kansas City” → “independence”."""
    return STREET_KIND.sub("", DIRECTION.sub("", " ".join(name.partition(",")[0].lower().split())))


def face_of_address(address: str, *, corridor: Corridor | None = None) -> Face | None:
    """The block face of a house number: “4512 Independence Ave” → the 4500 block, its even side. One query at most.

    None without a number, off the corridors, and where two blocks carry the number. The side is "" where the corridor
    doesn't say which one is even. The phone does the same in `static/field/blocks.js` (`faceOfNumber`).
    """
    found = HOUSE_NUMBER.match(address)
    if found is None:
        return None
    number, street = int(found[1]), street_words(found[2])
    blocks = Segment.objects.current().filter(block=number // 100 * 100).select_related("corridor")
    if corridor is not None:
        blocks = blocks.filter(corridor=corridor.pk)
    here = [block for block in blocks if street_words(block.corridor.name) == street]
    if len(here) != 1:
        return None
    even = here[0].corridor.even_side
    odd = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}.get(Side(even), "") if even else ""
    return Face(here[0], even if number % 2 == 0 else str(odd), 0.0)


# Written out, because every record that a phone sends asks it: building the same with the ORM costs four times the CPU.
NEAREST = """
select s.* from corridors_segment s join corridors_corridor c on c.id = s.corridor_id
 where s.retired_at is null and s.line && %(box)s::geometry and (%(corridor)s is null or c.id = %(corridor)s)
   and ST_Distance(s.line::geography, %(point)s::geography) <= c.buffer_m
 order by ST_Distance(s.line::geography, %(point)s::geography), s.position, s.id limit 1
"""


def nearest_face(point: Point, *, corridor: Corridor | None = None) -> Face | None:
    """The block face that a place belongs to: within its corridor's `buffer_m`, else None. One query.

    Places in the middle of the street count to the left side.
    """
    if not _is_usable(point):
        return None
    values = {
        "box": box_around(point, LARGEST_BUFFER_M).hexewkb.decode(),
        "point": point.hexewkb.decode(),
        "corridor": corridor.pk if corridor else None,
    }
    for segment in Segment.objects.raw(NEAREST, values):
        spot = project(point, segment.line)
        return Face(segment, spot.side, spot.distance_m)
    return None


def _is_usable(point: Point) -> bool:
    return not point.empty and all(math.isfinite(n) for n in point.coords[:2]) and abs(point.y) < 89


def public_place(point: Point, *, segment: Segment | None = None, side: str = "") -> PublicPlace:
    """The place everybody may see. One query on a corridor, two off it; none where segment and side are known.

    Words are in the site's own language, because they are kept with the concern.
    """
    if segment is None or not side:
        face = nearest_face(point)
        segment, side = (face.segment, face.side) if face else (None, "")
    if segment is not None:
        return face_place(segment, side)
    node = grid_node(point)
    return PublicPlace(node, _words_near(node))


def face_place(segment: Segment, side: str) -> PublicPlace:
    """The public place of a block face: "4700 block, north side", at the middle of the block, beside the street."""
    with translation.override(settings.LANGUAGE_CODE):
        words = f"{segment.name}, {segment.compass_side(side)}"
    fixed = beside(segment.line, side, BESIDE_M)
    return PublicPlace(Point(round(fixed.x, 6), round(fixed.y, 6), srid=WGS84), words[:160], segment, side)


def _words_near(node: Point) -> str:
    """Words for a grid node, from the node alone: "near Fire Station 23", "in Lykins", "off the corridors"."""
    landmarks = (
        Landmark.objects.filter(is_public=True, location__bboverlaps=box_around(node, NEAR_LANDMARK_M))
        .annotate(metres=MetresTo("location", node))
        .filter(metres__lte=NEAR_LANDMARK_M)
        .values_list("metres", "name")
    )
    areas = (
        Area.objects.filter(kind=Area.Kind.NEIGHBORHOOD, shape__intersects=node)
        .exclude(name="")
        .annotate(metres=Value(FARTHER, output_field=FloatField()))
        .values_list("metres", "name")
    )
    found = landmarks.order_by().union(areas.order_by(), all=True).order_by("metres", "name").first()
    with translation.override(settings.LANGUAGE_CODE):
        if found is None:
            return _("off the corridors")
        metres, name = found
        return (_("in %(place)s") if metres == FARTHER else _("near %(place)s")) % {"place": name}
