"""Geometry in forms: a field that refuses everything but good GeoJSON, and the widgets that draw it."""

from collections.abc import Sequence
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.forms import Field, Textarea
from django.utils.translation import gettext_lazy
from leaflet.admin import LeafletAdminWidget

from corridors.geometry import WGS84
from corridors.shapes import MAX_VERTICES, NESTING, Bounds, parse_geometry
from office.models import Coalition
from office.templatetags.look import map_settings

MODEL_TYPES = {
    "POINT": ("Point",),
    "LINESTRING": ("LineString",),
    "POLYGON": ("Polygon",),
    "MULTIPOLYGON": ("MultiPolygon", "Polygon"),
}


def service_bounds() -> Bounds | None:
    """The box where the coalition works, to notice swapped numbers; None where nobody set it. One query."""
    shape = Coalition.objects.filter(service_bounds__isnull=False).values_list("service_bounds", flat=True).first()
    return shape.extent if shape else None


class StrictGeometryField(Field):
    """A form field whose value is a geometry in WGS84 (`types` of GeoJSON), or None where it isn't required.

    Give it a widget: `office.widgets.PointPick` for a point, `LinePick` for a line, `AdminGeometry` in the admin. What
    was typed is shown again as it was.
    """

    widget = Textarea
    default_error_messages = {"required": gettext_lazy("Draw it on the map.")}

    def __init__(
        self, *, types: Sequence[str] = ("Point",), max_vertices: int = MAX_VERTICES, geom_type: str = "", **kwargs: Any
    ) -> None:
        # `geom_type` and `srid` come from the model field, `dim` from nobody; none of them may loosen anything.
        kwargs.pop("srid", None)
        self.types = MODEL_TYPES.get(geom_type.upper(), tuple(types))
        self.wraps_area = geom_type.upper() == "MULTIPOLYGON"
        self.max_vertices = max_vertices
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> GEOSGeometry | None:
        if value in self.empty_values:
            return None
        if isinstance(value, GEOSGeometry):
            return value
        shape = parse_geometry(str(value), types=self.types, max_vertices=self.max_vertices, bounds=service_bounds())
        return MultiPolygon(shape, srid=WGS84) if self.wraps_area and isinstance(shape, Polygon) else shape

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            now = self.to_python(data)
        except ValidationError:
            return True
        was = self.to_python(initial) if initial else None
        return not (was is None and now is None) and not (was and now and was.equals_exact(now, 1e-7))


class GeoJSONTextarea(Textarea):
    """Shows a geometry as GeoJSON; text that was no geometry stays as it was typed."""

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, GEOSGeometry):
            return str(value.geojson)
        return super().format_value(value)


class LinePick(GeoJSONTextarea):
    """Draws a line on a map (mouse, touch, keyboard); without script GeoJSON is pasted.

    `data` is a FeatureCollection drawn beneath. `streets` is the id of the field that holds the cross streets.
    """

    template_name = "corridors/_line_pick_widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, data: Any = None, streets: str = "") -> None:
        super().__init__({"rows": 4, **(attrs or {})})
        self.data, self.streets = data, streets

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        map_id = f"{context['widget']['attrs'].get('id', name)}-map"
        settings = map_settings()
        if not (self.data or {}).get("features") and (box := service_bounds()):
            settings |= {"center": ((box[1] + box[3]) / 2, (box[0] + box[2]) / 2), "zoom": 13}
        context["widget"] |= {
            "map_id": map_id,
            "settings_id": f"{map_id}-settings",
            "data_id": f"{map_id}-data",
            "map_settings": settings,
            "map_data": self.data,
            "streets": self.streets,
        }
        return context


class AdminGeometry(LeafletAdminWidget):
    """django-leaflet's widget for the admin; set `csp_nonce` to the request's. Bad text is shown again, not drawn."""

    supports_3d = False
    display_raw = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if isinstance(value, str):
            context["serialized"] = value
        return context

    def deserialize(self, value: str) -> GEOSGeometry | None:
        """The geometry of text that was typed; None instead of an exception."""
        try:
            return parse_geometry(value, types=tuple(NESTING))
        except ValidationError:
            return None


class StrictGeometryAdmin:
    """Mix into a ModelAdmin, before it: geometry columns get a map, and only good geometry gets in."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if not isinstance(db_field, GeometryField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        kind = db_field.geom_type.upper()
        nonce = getattr(request, "csp_nonce", None)
        looks = {"geom_type": kind, "csp_nonce": nonce, "template_name": "leaflet/admin/widget.html"}
        return StrictGeometryField(
            geom_type=kind,
            widget=type("AdminMap", (AdminGeometry,), looks),
            label=db_field.verbose_name,
            help_text=db_field.help_text,
            required=not db_field.blank,
        )
