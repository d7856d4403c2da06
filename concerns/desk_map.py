"""Exact places for the desk: never cached, never public."""

from typing import Any

from django.contrib.gis.db.models.functions import SnapToGrid
from django.db.models import Count

from concerns.desk_filters import DeskFilter, asked_for
from concerns.features import desk_features
from concerns.models import Concern, ConcernQuerySet
from concerns.public_map import GRID, MOST_FEATURES


def desk_collection(rows: ConcernQuerySet, asked: DeskFilter) -> dict[str, Any]:
    """A FeatureCollection with `count`; beyond 2,000 concerns they are counted in cells. Two queries."""
    placed = asked_for(rows, asked).exclude(location=None)
    if placed.order_by()[: MOST_FEATURES + 1].count() <= MOST_FEATURES:
        few = list(placed.select_related("category").order_by("-received_at", "-id"))
        return {"type": "FeatureCollection", "count": len(few), "grid": False, "features": desk_features(few)}
    cells = _cells(placed, asked)
    return {
        "type": "FeatureCollection",
        "count": sum(cell["properties"]["count"] for cell in cells),
        "grid": True,
        "features": cells,
    }


def _cells(placed: ConcernQuerySet, asked: DeskFilter) -> list[dict[str, Any]]:
    west, _south, east, _north = asked.box.extent if asked.box else (-180.0, -90.0, 180.0, 90.0)
    inside = Concern.objects.filter(pk__in=placed.values("pk")).order_by()
    counted = (
        inside.annotate(cell=SnapToGrid("location", (east - west) / GRID)).values_list("cell").annotate(Count("pk"))
    )
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [cell.x, cell.y]},
            "properties": {"id": f"{cell.x},{cell.y}", "kind": "cell", "count": n},
        }
        for cell, n in counted
    ]
