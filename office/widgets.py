"""Form widgets every room may use."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry

from office.templatetags.look import map_settings


class PointPick(forms.Textarea):
    """Picks one point on a map; the value is a GeoJSON Point in WGS84.

    `data` is a FeatureCollection (or a list of them) drawn beneath, see docs/look.md. Without script "39.10, -94.53"
    (latitude, longitude) can be typed; anything else is passed on, for the field to refuse.
    """

    template_name = "parts/_map_pick_widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, data: Any = None) -> None:
        super().__init__({"rows": 1, **(attrs or {})})
        self.data = data

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, GEOSGeometry):
            return str(value.geojson)
        return super().format_value(value)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return _as_geojson(value) if isinstance(value, str) else value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        map_id = f"{context['widget']['attrs'].get('id', name)}-map"
        context["widget"] |= {
            "map_id": map_id,
            "settings_id": f"{map_id}-settings",
            "data_id": f"{map_id}-data",
            "map_settings": map_settings(),
            "map_data": self.data,
        }
        return context


def _as_geojson(typed: str) -> str:
    """ "39.10, -94.53" as a GeoJSON Point; everything else as it was."""
    try:
        latitude, longitude = (float(part) for part in typed.split(","))
    except ValueError:
        return typed
    return json.dumps({"type": "Point", "coordinates": [longitude, latitude]})
