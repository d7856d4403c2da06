"""Corridors and areas from GeoJSON files. Bad files raise ImportRefused with a sentence; bad records are counted."""

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point
from django.core.exceptions import ValidationError
from django.db import transaction

from corridors.fields import service_bounds
from corridors.geometry import FAR_M, WGS84, CrossStreet, distance_m, project
from corridors.models import Area
from corridors.shapes import area_from, check_system, geometry_from
from office.actions import record

MAX_LINE_VERTICES = 20_000
Record = dict[str, Any]


class ImportRefused(Exception):
    """The file can't be read as what it should be; the message is a sentence."""


def read_features(path: Path) -> list[Record]:
    """The features of a GeoJSON file, each a dict with `geometry` and `properties`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ImportRefused(f"{path}: can’t be read ({problem.strerror}).") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ImportRefused(f"{path.name}: this isn’t GeoJSON. Export it as GeoJSON and try again.") from None
    if not isinstance(data, dict):
        raise ImportRefused(f"{path.name}: this isn’t GeoJSON but {_what_it_is(data)}. Export it as GeoJSON.")
    try:
        check_system(data)
    except ValidationError as problem:
        raise ImportRefused(f"{path.name}: {problem.messages[0]}") from None
    features = data.get("features") if data.get("type") == "FeatureCollection" else [_as_feature(data)]
    if not isinstance(features, list) or not features:
        raise ImportRefused(f"{path.name}: there is nothing in this file.")
    return [_as_feature(item) for item in features]


def _as_feature(item: Any) -> Record:
    """A Feature with a dict of properties, whatever it was; a bare geometry becomes one."""
    if not isinstance(item, dict):
        return {"geometry": None, "properties": {}}
    if item.get("type") != "Feature":
        return {"geometry": item, "properties": {}}
    properties = item.get("properties")
    return {
        "id": item.get("id"),
        "geometry": item.get("geometry"),
        "properties": properties if isinstance(properties, dict) else {},
    }


def _what_it_is(data: Any) -> str:
    """What a JSON file holds instead, in words; notices latitude and longitude in each other's column."""
    rows = data if isinstance(data, list) else []
    row = next((row for row in rows if isinstance(row, dict)), None)
    if row is None:
        return "something else"
    try:
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
    except (KeyError, TypeError, ValueError):
        return "a list of records"
    looks_swapped = longitude > 0 > latitude or abs(latitude) > 90
    return "a list of records whose latitude and longitude look swapped" if looks_swapped else "a list of records"


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else " ".join(str(value).split())


# --- areas ---


@dataclass
class AreaReport:
    """What an import did, by the record."""

    n_read: int = 0
    n_added: int = 0
    n_updated: int = 0
    n_unchanged: int = 0
    n_nameless: int = 0
    n_repaired: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        n_skipped = sum(self.skipped.values())
        yield (
            f"Read {self.n_read}: {self.n_added} added, {self.n_updated} updated, {self.n_unchanged} unchanged, "
            f"{n_skipped} skipped."
        )
        if self.n_nameless:
            yield f"{self.n_nameless} without a name, kept; they show as “without a name”."
        if self.n_repaired:
            yield f"{self.n_repaired} with a broken shape, repaired."
        for reason, n in self.skipped.most_common():
            yield f"{n} skipped: {reason}"


@transaction.atomic
def import_areas(
    features: Sequence[Record],
    *,
    kind: str,
    source: str,
    name_field: str = "name",
    id_field: str = "",
    is_approximate: bool = False,
) -> AreaReport:
    """Add areas or bring them up to date, by (kind, source, number at the source). One bad record stops no other.

    Without `id_field` the number is the feature's own id, else its name. Where it is missing or stands for several
    records, a fingerprint of the shape takes its place, so that the same file twice changes nothing.
    """
    report = AreaReport(n_read=len(features))
    known = {area.source_id: area for area in Area.objects.filter(kind=kind, source=source)}
    numbers = [_number_of(item, id_field=id_field, name_field=name_field) for item in features]
    times = Counter(numbers)
    bounds, fresh, changed = service_bounds(), [], []
    for item, number in zip(features, numbers, strict=True):
        shape = _area_of(item, report, bounds)
        if shape is None:
            continue
        number = number if number and times[number] == 1 else _fingerprint(shape)
        name = _text(item["properties"].get(name_field))[:120]
        report.n_nameless += not name
        area = known.get(number)
        if area is None:
            area = Area(kind=kind, source=source, source_id=number)
            fresh.append(area)
            known[number] = area
        elif (area.name, area.is_approximate) == (name, is_approximate) and area.shape.equals_exact(shape, 1e-9):
            report.n_unchanged += 1
            continue
        elif area.pk:
            changed.append(area)
        else:
            report.skipped["the same shape twice"] += 1
        area.name, area.shape, area.is_approximate = name, shape, is_approximate
    Area.objects.bulk_create(fresh, batch_size=200)
    Area.objects.bulk_update(changed, ["name", "shape", "is_approximate"], batch_size=200)
    report.n_added, report.n_updated = len(fresh), len(changed)
    detail = {"kind": kind, "source": source[:60], "added": report.n_added, "updated": report.n_updated}
    record(actor=None, action="import", resource="area", detail=detail)
    return report


def _number_of(item: Record, *, id_field: str, name_field: str) -> str:
    if id_field:
        return _text(item["properties"].get(id_field))[:80]
    return (_text(item.get("id")) or _text(item["properties"].get(name_field)))[:80]


def _area_of(item: Record, report: AreaReport, bounds: Any) -> MultiPolygon | None:
    try:
        shape, was_repaired = area_from(item["geometry"], bounds=bounds)
    except ValidationError as problem:
        report.skipped[problem.messages[0]] += 1
        return None
    report.n_repaired += was_repaired
    return shape


def _fingerprint(shape: MultiPolygon) -> str:
    return "shape-" + hashlib.sha256(bytes(shape.wkb)).hexdigest()[:8]


# --- corridors ---


def read_street(features: Sequence[Record]) -> LineString:
    """One line from a file's LineStrings and MultiLineStrings, joined end to end. Raises ImportRefused."""
    parts = [line for item in features for line in _lines_of(item)]
    if not parts:
        raise ImportRefused("There is no line in this file. A corridor needs a LineString.")
    if len(parts) == 1:
        return parts[0]
    merged: Any = MultiLineString(parts, srid=WGS84).merged
    if isinstance(merged, LineString):
        merged.srid = WGS84
        return _in_direction_of(parts[0], merged)
    gap = min(
        distance_m(Point(a, srid=WGS84), Point(b, srid=WGS84))
        for one, other in itertools.combinations(merged, 2)
        for a in (one.coords[0], one.coords[-1])
        for b in (other.coords[0], other.coords[-1])
    )
    raise ImportRefused(
        f"The lines of this file don’t join to one street: {len(merged)} pieces, the nearest ends are {gap:.0f} m "
        "apart. Join them first, or import one street at a time."
    )


def _in_direction_of(first: LineString, merged: LineString) -> LineString:
    start, end = (project(Point(first.coords[i], srid=WGS84), merged).along_m for i in (0, -1))
    return merged if start <= end else LineString(list(reversed(merged.coords)), srid=WGS84)


def _lines_of(item: Record) -> Iterator[LineString]:
    shape = item["geometry"]
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind not in ("LineString", "MultiLineString"):
        return
    coordinates = shape.get("coordinates")
    for part in coordinates if kind == "MultiLineString" and isinstance(coordinates, list) else [coordinates]:
        single = {"type": "LineString", "coordinates": part if isinstance(part, list) else []}
        try:
            made = geometry_from(single, types=("LineString",), max_vertices=MAX_LINE_VERTICES, bounds=service_bounds())
        except ValidationError as problem:
            raise ImportRefused(problem.messages[0]) from None
        assert isinstance(made, LineString)
        yield made


def read_cross_streets(features: Sequence[Record], line: LineString) -> tuple[list[CrossStreet], Counter[str]]:
    """Points with a property `street` (and perhaps `block`) near the line; the others counted by reason."""
    streets: list[CrossStreet] = []
    skipped: Counter[str] = Counter()
    for item in features:
        name = _text(item["properties"].get("street"))
        try:
            point = geometry_from(item["geometry"], types=("Point",), bounds=service_bounds())
        except ValidationError as problem:
            skipped[problem.messages[0]] += 1
            continue
        assert isinstance(point, Point)
        if not name:
            skipped["no property “street”"] += 1
        elif project(point, line).distance_m > FAR_M:
            skipped[f"farther than {FAR_M} m from the line"] += 1
        else:
            block = _text(item["properties"].get("block"))
            streets.append(CrossStreet(name[:80], point, int(block) if block.isdecimal() else None))
    return streets, skipped
