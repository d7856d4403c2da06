"""Exact places for the desk: never cached, never public."""

from typing import Any

from django.db.models import Count, FloatField, Func, Value

from concerns.desk_filters import DeskFilter, asked_for
from concerns.features import desk_features
from concerns.models import ConcernQuerySet
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
    """Counted by the numbers of their cells: grouping by geometry sorts on disk."""
    west, _south, east, _north = asked.box.extent if asked.box else (-180.0, -90.0, 180.0, 90.0)
    step = (east - west) / GRID
    column, row = (
        Func(Func("location", function=axis, output_field=FloatField()) / Value(step), function="round")
        for axis in ("ST_X", "ST_Y")
    )
    cells = placed.order_by().annotate(column=column, row=row).values_list("column", "row").annotate(n=Count("*"))
    return [_cell(column * step, row * step, n) for column, row, n in cells]


def _cell(x: float, y: float, n: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [x, y]},
        "properties": {"id": f"{x},{y}", "kind": "cell", "count": n},
    }
