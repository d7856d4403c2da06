"""Reading GeoJSON from outside: WGS84 and nothing else, every fault a sentence that names the remedy.

GEOS and GDAL read almost anything: an empty line, Infinity, (500, 500), a third dimension; and some texts make them
raise. So the JSON is read here; neither GDAL nor a coordinate system from outside is ever involved.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSException,
    GEOSGeometry,
    LineString,
    MultiPolygon,
    Point,
    Polygon,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corridors.geometry import WGS84

XY = tuple[float, float]
Bounds = tuple[float, float, float, float]  # west, south, east, north

MAX_VERTICES = 2000
MAX_CHARACTERS = 200_000
NORTHERNMOST = 85.06  # where web maps end
OUR_SYSTEMS = {"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"}
KIND_WORDS = {
    "Point": gettext_lazy("a point"),
    "LineString": gettext_lazy("a line"),
    "Polygon": gettext_lazy("an area"),
    "MultiPolygon": gettext_lazy("an area of several parts"),
    "MultiPoint": gettext_lazy("several points"),
    "MultiLineString": gettext_lazy("several lines"),
}
NESTING = {"Point": 0, "LineString": 1, "Polygon": 2, "MultiPolygon": 3}  # lists around a corner


def parse_geometry(
    text: str,
    *,
    types: Sequence[str] = ("Point",),
    max_vertices: int = MAX_VERTICES,
    bounds: Bounds | None = None,
) -> GEOSGeometry:
    """A geometry (SRID 4326) from GeoJSON text: a geometry, a Feature, or a collection that holds exactly one.

    `bounds` only help to notice swapped latitude and longitude; a place outside them is fine. Raises ValidationError.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValidationError(_("This shape is too large. Draw it with fewer points."), code="too_large")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError(
            _("This isn’t GeoJSON. Draw on the map, or paste the text of a .geojson file."), code="not_geojson"
        ) from None
    return geometry_from(data, types=types, max_vertices=max_vertices, bounds=bounds)


def geometry_from(
    data: Any, *, types: Sequence[str], max_vertices: int = MAX_VERTICES, bounds: Bounds | None = None
) -> GEOSGeometry:
    """See `parse_geometry`; takes the GeoJSON as Python objects."""
    shape = _unwrap(data)
    if shape["type"] not in types:
        raise ValidationError(
            _("This is %(found)s. Needed here: %(wanted)s."),
            code="wrong_type",
            params={
                "found": KIND_WORDS.get(shape["type"], shape["type"]),
                "wanted": " / ".join(str(KIND_WORDS[kind]) for kind in types),
            },
        )
    corners = _corners(shape["coordinates"], NESTING[shape["type"]])
    if len(corners) > max_vertices:
        raise ValidationError(
            _("This shape has %(n)s points; at most %(max)s are possible. Simplify it first."),
            code="too_many",
            params={"n": len(corners), "max": max_vertices},
        )
    for corner in corners:
        _check_corner(corner)
    _check_world([(corner[0], corner[1]) for corner in corners], bounds)
    return _build(shape["type"], shape["coordinates"])


def _unwrap(data: Any, depth: int = 0) -> dict[str, Any]:
    """The bare geometry inside a Feature or a collection of one; refuses other coordinate systems."""
    not_ours = ValidationError(
        _("This isn’t a GeoJSON shape. Draw on the map, or paste the text of a .geojson file."), code="not_geojson"
    )
    if not isinstance(data, dict) or depth > 3:
        raise not_ours
    check_system(data)
    if data.get("type") == "FeatureCollection" and isinstance(data.get("features"), list):
        if len(data["features"]) != 1:
            raise ValidationError(
                _("This file holds %(n)s shapes. Paste one of them."), code="many", params={"n": len(data["features"])}
            )
        return _unwrap(data["features"][0], depth + 1)
    if data.get("type") == "Feature":
        return _unwrap(data.get("geometry"), depth + 1)
    if not isinstance(data.get("type"), str) or not isinstance(data.get("coordinates"), list):
        raise not_ours
    if not data["coordinates"]:
        raise ValidationError(_("This shape is empty. Draw it on the map."), code="empty")
    return data


def check_system(data: dict[str, Any]) -> None:
    """Refuses GeoJSON of another coordinate system than ours (the `crs` of older files). Raises ValidationError."""
    crs = data.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name not in OUR_SYSTEMS:
        raise ValidationError(
            _("This shape uses another coordinate system. Save it as WGS 84 (EPSG:4326), then paste it again."),
            code="wrong_system",
        )


def _corners(coordinates: Any, depth: int) -> list[Any]:
    """All corners of lists nested so deep, none of them empty; what a corner holds isn't checked yet."""
    if not isinstance(coordinates, list):
        raise ValidationError(_("A coordinate of this shape isn’t a pair of numbers. Draw it again."), code="corner")
    if not coordinates:
        raise ValidationError(_("This shape is empty. Draw it on the map."), code="empty")
    if depth == 0:
        return [coordinates]
    if depth == 1:
        return coordinates
    return [corner for part in coordinates for corner in _corners(part, depth - 1)]


def _check_corner(corner: Any) -> None:
    if isinstance(corner, list) and len(corner) == 3 and all(_is_number(n) for n in corner):
        raise ValidationError(
            _("This shape has heights (a third number for each point). Save it without them."), code="three_d"
        )
    if not isinstance(corner, list) or len(corner) != 2 or not all(_is_number(n) for n in corner):
        raise ValidationError(_("A coordinate of this shape isn’t a pair of numbers. Draw it again."), code="corner")
    if not all(_is_finite(n) for n in corner):
        raise ValidationError(_("A coordinate of this shape is infinite or no number. Draw it again."), code="infinite")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _is_in_world(x: float, y: float) -> bool:
    return -180 <= x <= 180 and -NORTHERNMOST <= y <= NORTHERNMOST


def _is_within(corners: Sequence[XY], bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return all(west <= x <= east and south <= y <= north for x, y in corners)


def _check_world(corners: list[XY], bounds: Bounds | None) -> None:
    turned = [(y, x) for x, y in corners]
    in_world = all(_is_in_world(*corner) for corner in corners)
    turned_fits = all(_is_in_world(*corner) for corner in turned)
    if bounds and not _is_within(corners, bounds) and _is_within(turned, bounds):
        raise _swapped(corners[0])
    if in_world:
        return
    # Off the map as it stands, on it the other way round: most likely swapped, unless our own bounds say otherwise.
    if turned_fits and not bounds:
        raise _swapped(corners[0])
    if any(abs(n) > 1000 for corner in corners for n in corner):
        raise ValidationError(
            _("These numbers aren’t degrees: they look like metres or feet. Save the shape as WGS 84 (EPSG:4326)."),
            code="not_degrees",
        )
    raise ValidationError(
        _("This place is outside the map: longitude is −180 to 180, latitude −85 to 85. Check the numbers."),
        code="outside",
    )


def _swapped(corner: XY) -> ValidationError:
    return ValidationError(
        _("This looks swapped: longitude comes first, latitude second. Write %(right)s, not %(wrong)s."),
        code="swapped",
        params={"right": f"{corner[1]:g}, {corner[0]:g}", "wrong": f"{corner[0]:g}, {corner[1]:g}"},
    )


def _build(kind: str, coordinates: list[Any]) -> GEOSGeometry:
    crosses = ValidationError(_("This shape crosses itself. Draw it again without the loop."), code="crosses")
    try:
        shape = _make(kind, coordinates)
    except (GEOSException, GDALException, ValueError, TypeError):
        raise ValidationError(
            _("This shape isn’t complete: a line needs two points, an area at least three. Draw it again."),
            code="incomplete",
        ) from None
    if isinstance(shape, LineString):
        if len(set(shape.coords)) < 2:
            raise ValidationError(_("A line needs two different points. Draw it again."), code="incomplete")
        if not shape.simple:
            raise crosses
    elif not isinstance(shape, Point) and (not _is_valid(shape) or not shape.area):
        raise crosses
    return shape


def _make(kind: str, coordinates: list[Any]) -> GEOSGeometry:
    match kind:
        case "Point":
            return Point(coordinates[0], coordinates[1], srid=WGS84)
        case "LineString":
            return LineString([tuple(corner) for corner in coordinates], srid=WGS84)
        case "Polygon":
            return Polygon(*[[tuple(corner) for corner in ring] for ring in coordinates], srid=WGS84)
    parts = [Polygon(*[[tuple(corner) for corner in ring] for ring in part], srid=WGS84) for part in coordinates]
    return MultiPolygon(parts, srid=WGS84)


def area_from(data: Any, *, bounds: Bounds | None = None) -> tuple[MultiPolygon, bool]:
    """An area of one or several parts from somebody's file, and whether its shape had to be repaired.

    Heights are dropped; rings that cross or touch themselves are made valid. Raises ValidationError.
    """
    shape = _unwrap(data)
    kind = shape["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValidationError(_("not an area but %(found)s"), code="wrong_type", params={"found": kind})
    flat = _without_heights(shape["coordinates"], NESTING[kind])
    corners = _corners(flat, NESTING[kind])
    for corner in corners:
        _check_corner(corner)
    _check_world([(corner[0], corner[1]) for corner in corners], bounds)
    try:
        made = _make(kind, flat)
    except (GEOSException, GDALException, ValueError, TypeError):
        raise ValidationError(_("an area with fewer than three corners"), code="incomplete") from None
    good = made if _is_valid(made) else made.make_valid()  # type: ignore[attr-defined]
    parts = [part for part in _polygons(good) if part.area]
    if not parts:
        raise ValidationError(_("an area without a surface"), code="incomplete")
    return MultiPolygon(parts, srid=WGS84), good is not made


def _is_valid(shape: GEOSGeometry) -> bool:
    """Whether GEOS finds nothing wrong; its notice about what is wrong doesn't go to the log."""
    return shape.valid_reason == "Valid Geometry"


def _without_heights(coordinates: Any, depth: int) -> Any:
    if not isinstance(coordinates, list):
        return coordinates
    if depth == 0:
        return coordinates[:2] if len(coordinates) == 3 else coordinates
    return [_without_heights(part, depth - 1) for part in coordinates]


def _polygons(shape: GEOSGeometry) -> list[Polygon]:
    """The polygons in a geometry; what a repair left over as lines or points is dropped."""
    if isinstance(shape, Polygon):
        return [shape]
    if isinstance(shape, GeometryCollection):  # MultiPolygon is one
        return [polygon for part in shape for polygon in _polygons(part)]
    return []
