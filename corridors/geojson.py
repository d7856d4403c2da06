"""Corridors, segments, landmarks and areas as GeoJSON for maps. Properties are those that docs/look.md lists."""

import math
from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import LineString, Polygon
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from corridors.geometry import WGS84, band
from corridors.models import Area, Corridor, Landmark, Segment

Feature = dict[str, Any]
AROUND_M = 600  # how much of an area is drawn around a corridor


def collection(*features: Iterable[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [feature for group in features for feature in group]}


def feature(*, kind: str, public_id: Any, name: str, shape: Any, **properties: Any) -> Feature:
    return {
        "type": "Feature",
        "geometry": {"type": shape.geom_type, "coordinates": _rounded(shape.coords)},
        "properties": {"id": str(public_id), "kind": kind, "name": name, **properties},
    }


def _rounded(coords: Any) -> Any:
    """Six decimals are a hand's breadth."""
    return round(coords, 6) if isinstance(coords, float) else [_rounded(part) for part in coords]


def corridor_features(corridors: Iterable[Corridor], *, desk: bool = False, focus: bool = False) -> list[Feature]:
    page = "corridors:desk_detail" if desk else "corridors:detail"
    more = {"focus": True} if focus else {}
    return [
        feature(
            kind="corridor",
            public_id=corridor.public_id,
            name=corridor.name,
            shape=corridor.line,
            url=reverse(page, args=[corridor.slug]),
            **more,
        )
        for corridor in corridors
    ]


def segment_features(segments: Iterable[Segment], *, desk: bool = False) -> list[Feature]:
    """Blocks; their corridor is read, so select it along."""
    page = "corridors:desk_detail" if desk else "corridors:detail"
    return [
        feature(
            kind="segment",
            public_id=segment.public_id,
            name=segment.name,
            shape=segment.line,
            from_name=segment.from_street,
            to_name=segment.to_street,
            block=segment.block,
            corridor=segment.corridor.slug,
            left=segment.side_name("left"),
            right=segment.side_name("right"),
            url=f"{reverse(page, args=[segment.corridor.slug])}#block-{segment.position + 1}",
        )
        for segment in segments
    ]


def landmark_features(landmarks: Iterable[Landmark], *, desk: bool = False) -> list[Feature]:
    return [
        feature(
            kind="meeting" if landmark.kind == Landmark.Kind.MEETING_POINT else "landmark",
            public_id=landmark.public_id,
            name=landmark.name,
            shape=landmark.location,
            **({"url": reverse("corridors:desk_landmark", args=[landmark.public_id])} if desk else {}),
        )
        for landmark in landmarks
    ]


def area_features(areas: Iterable[Area], *, around: LineString | None = None) -> list[Feature]:
    """Areas; with `around` only the part near that line, because a whole district would weigh a megabyte."""
    frame = band(around, AROUND_M).envelope if around else None
    features = []
    for area in areas:
        shape = area.shape.intersection(frame) if frame else area.shape
        shape = shape.simplify(0.00003, preserve_topology=True)
        if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.empty:
            name = area.shown_name
            more = {"rough": True} if area.is_approximate else {}
            features.append(feature(kind="area", public_id=area.public_id, name=name, shape=shape, **more))
    return features


def read_bbox(text: str) -> Polygon | None:
    """A box from "west,south,east,north"; None where nothing was asked. Raises ValidationError with a sentence."""
    if not text.strip():
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # false for NaN, too
        raise ValidationError(_("bbox is four numbers: west,south,east,north in degrees, like -94.6,39.0,-94.5,39.1."))
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = WGS84
    return box
