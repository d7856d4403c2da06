"""A proposed change as a phone sent it, read as fields of a concern."""

import math
import uuid
from typing import Any

from django.contrib.gis.geos import Point

from concerns.models import Category, Concern
from corridors.models import WGS84, Segment, Side

TEXTS = {"address": 200, "note": 2000, "city_case": 40}


def body_as_fields(body: dict[str, Any]) -> tuple[dict[str, Any], Category | None]:
    """The fields a body names, and its category where that is known. What can't be read is left as it is.

    Up to two queries (category and segment).
    """
    fields: dict[str, Any] = {
        name: body[name].strip()[:most] for name, most in TEXTS.items() if isinstance(body.get(name), str)
    }
    if isinstance(body.get("answers"), dict):
        fields["answers"] = body["answers"]
    if isinstance(body.get("danger_now"), bool):
        fields["danger_now"] = body["danger_now"]
    if body.get("told_by") in Concern.ToldBy.values:
        fields["told_by"] = body["told_by"]
    if body.get("lit") in {"day", "dusk", "dark"}:
        fields["lit"] = body["lit"]
    fields |= _place(body)
    return fields, Category.objects.filter(code=str(body.get("category", ""))).first()


def _place(body: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    position = body.get("position")
    if isinstance(position, dict) and (point := _point(position)):
        fields["location"] = point
        if position.get("source") in Concern.PlaceFrom.values:
            fields["place_from"] = position["source"]
    if segment := _segment(body.get("segment")):
        fields["segment"] = segment
    if body.get("side") in Side.values:
        fields["side"] = body["side"]
    return fields


def _point(position: dict[str, Any]) -> Point | None:
    try:
        lon, lat = float(position["lon"]), float(position["lat"])
    except (KeyError, TypeError, ValueError):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return Point(lon, lat, srid=WGS84)


def _segment(value: object) -> Segment | None:
    try:
        return Segment.objects.filter(public_id=uuid.UUID(str(value))).first()
    except ValueError:
        return None
