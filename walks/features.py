"""Walks as GeoJSON features for the map kit (docs/look.md)."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.urls import reverse

from corridors.models import Corridor, Landmark, Segment
from walks.models import Walk

Feature = dict[str, Any]


def feature(geometry: GEOSGeometry, **properties: Any) -> Feature:
    return {"type": "Feature", "geometry": json.loads(geometry.geojson), "properties": properties}


def collection(features: Iterable[Feature]) -> Feature:
    return {"type": "FeatureCollection", "features": list(features)}


def walk_features(walk: Walk, segments: Iterable[Segment] | None = None) -> Feature:
    """The corridor of a walk with its blocks and where people meet. One query for the blocks, if not given."""
    features = [corridor_feature(walk.corridor), *segment_features(walk.corridor, segments)]
    if meeting := meeting_feature(walk):
        features.append(meeting)
    return collection(features)


def list_features(walks: Iterable[Walk]) -> Feature:
    """Where each of these walks meets, and the corridors they follow. Needs `select_related("corridor")`."""
    walks = list(walks)
    corridors = {walk.corridor_id: walk.corridor for walk in walks}
    features = [corridor_feature(corridor, focus=True) for corridor in corridors.values()]
    for walk in walks:
        url = reverse("walks:detail", args=[walk.public_id])
        if meeting := meeting_feature(walk, name=walk.title, url=url):
            features.append(meeting)
    return collection(features)


def pick_features(corridors: Iterable[Corridor], landmarks: Iterable[Landmark]) -> Feature:
    """What lies beneath the pin while an organizer picks the meeting point."""
    features = [corridor_feature(corridor) for corridor in corridors]
    features += [
        feature(place.location, id=str(place.public_id), kind="landmark", name=place.name) for place in landmarks
    ]
    return collection(features)


def corridor_feature(corridor: Corridor, **more: bool) -> Feature:
    return feature(corridor.line, id=str(corridor.public_id), kind="corridor", name=corridor.name, **more)


def segment_features(corridor: Corridor, segments: Iterable[Segment] | None = None) -> list[Feature]:
    """The blocks of today; one query where they weren't read before."""
    return [
        feature(
            segment.line,
            id=str(segment.public_id),
            kind="segment",
            name=segment.name,
            from_name=segment.from_street,
            to_name=segment.to_street,
        )
        for segment in (corridor.segments.current() if segments is None else segments)
    ]


def meeting_feature(walk: Walk, *, name: str = "", url: str = "") -> Feature | None:
    """None where no place is on the map yet."""
    if walk.meeting_location is None:
        return None
    properties = {"id": str(walk.public_id), "kind": "meeting", "name": name or walk.meeting_place, "focus": True}
    return feature(walk.meeting_location, **properties | ({"url": url} if url else {}))
