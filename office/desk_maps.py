"""Maps to look at in the Django admin; the same map kit as everywhere else."""

import json
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def feature(shape: GEOSGeometry, *, kind: str, **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature in the words of docs/look.md."""
    told = {name: str(value) if name == "id" else value for name, value in properties.items()}
    return {"type": "Feature", "geometry": json.loads(shape.geojson), "properties": {"kind": kind, **told}}


def map_of(features: list[dict[str, Any]], label: str) -> SafeString:
    """A small map with these features, or a dash where there are none. Needs the scripts of `admin/_map_head.html`."""
    if not features:
        return SafeString("–")
    features[0]["properties"]["focus"] = True
    data = {"type": "FeatureCollection", "features": features}
    return render_to_string("admin/_map.html", {"data": data, "label": _("Map: %(what)s") % {"what": label}})
