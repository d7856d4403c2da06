"""corridors/fields.py: every way a shape can be wrong gets a sentence, never an exception."""

import json
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.gis.geos import Point, Polygon
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from corridors.fields import AdminGeometry, LinePick, StrictGeometryAdmin, StrictGeometryField
from corridors.models import Area, Corridor
from corridors.shapes import NESTING, parse_geometry
from office.models import Coalition

pytestmark = pytest.mark.django_db
AVENUE = [[-94.54, 39.106], [-94.53, 39.106]]


def line(coordinates: Any, **more: Any) -> str:
    return json.dumps({"type": "LineString", "coordinates": coordinates} | more)


WEB_MERCATOR = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}
BAD_LINES = {
    "not GeoJSON": ("not_geojson", "Oak Street"),
    "cut off": ("not_geojson", '{"type": "LineString", "coordinates": [[-94.5, 39'),
    "WKT": ("not_geojson", "LINESTRING(0 0, 1 1)"),
    "WKT with a system that isn’t one": ("not_geojson", "SRID=99999999;LINESTRING(0 0,1 1)"),
    "hex": ("not_geojson", "0102000020E6100000"),
    "a list": ("not_geojson", "[]"),
    "a number": ("not_geojson", "0101"),
    "null": ("not_geojson", "null"),
    "two thousand brackets": ("not_geojson", "[" * 2000),
    "no coordinates": ("not_geojson", '{"type": "LineString"}'),
    "a type that is a list": ("not_geojson", '{"type": ["LineString"], "coordinates": [[0, 0], [1, 1]]}'),
    "too long": ("too_large", " " * 200_001),
    "empty": ("empty", line([])),
    "an empty feature": ("not_geojson", '{"type": "Feature", "geometry": null}'),
    "two shapes": ("many", '{"type": "FeatureCollection", "features": [{}, {}]}'),
    "an area": ("wrong_type", '{"type": "Polygon", "coordinates": [[[0,0],[0,1],[1,1],[0,0]]]}'),
    "something unknown": ("wrong_type", '{"type": "Circle", "coordinates": [1, 2]}'),
    "infinity": ("infinite", '{"type": "LineString", "coordinates": [[0, 0], [1e999, 1]]}'),
    "Infinity": ("infinite", '{"type": "LineString", "coordinates": [[0, 0], [Infinity, 1]]}'),
    "no number": ("infinite", '{"type": "LineString", "coordinates": [[0, 0], [NaN, 1]]}'),
    "a number of 400 digits": ("infinite", '{"type": "LineString", "coordinates": [[0, 0], [1%s, 1]]}' % ("0" * 400)),
    "outside the world": ("outside", line([[500, 500], [1, 2]])),
    "too far north": ("outside", line([[179, 89], [170, 89]])),
    "swapped": ("swapped", line([[39.106, -94.54], [39.106, -94.53]])),
    "heights": ("three_d", line([[0, 0, 1], [1, 2, 3]])),
    "words": ("corner", line([["-94.5", "39.1"], ["-94.6", "39.1"]])),
    "true": ("corner", line([[True, 1], [1, 1]])),
    "one number": ("corner", line([[1], [2]])),
    "numbers without pairs": ("corner", line([1, 2])),
    "nothing in a pair": ("corner", line([None, None])),
    "deeper than a line": ("corner", line([[[0, 0]], [[1, 1]]])),
    "one point": ("incomplete", line([[1, 1]])),
    "the same point twice": ("incomplete", line([[1, 1], [1, 1]])),
    "crossing itself": ("crosses", line([[0, 0], [1, 1], [1, 0], [0, 1]])),
    "another system": ("wrong_system", line(AVENUE, **WEB_MERCATOR)),
    "a system from the network": (
        "wrong_system",
        line(AVENUE, crs={"type": "link", "properties": {"href": "http://127.0.0.1/"}}),
    ),
    "a system of nonsense": ("wrong_system", line(AVENUE, crs={"properties": []})),
    "metres": ("not_degrees", line([[-10523000, 4740000], [-10522000, 4740000]])),
    "too many points": ("too_many", line([[n / 1e4, 0] for n in range(2001)])),
}


class LineForm(forms.Form):
    line = StrictGeometryField(types=("LineString",), widget=LinePick())


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_gets_a_sentence_and_keeps_what_was_typed(name: str) -> None:
    code, typed = BAD_LINES[name]
    form = LineForm({"line": typed})
    assert not form.is_valid()
    (error,) = form.errors.as_data()["line"]
    assert error.code == code
    assert str(form.errors["line"][0]).endswith(".")
    shown = str(form["line"])
    if code != "too_large":
        assert forms.Textarea().render("x", typed).split(">", 1)[1] in shown


@pytest.mark.parametrize(
    "typed",
    [
        line(AVENUE),
        line(AVENUE, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
        json.dumps({"type": "Feature", "properties": {}, "geometry": json.loads(line(AVENUE))}),
        json.dumps(
            {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": json.loads(line(AVENUE))}]}
        ),
    ],
)
def test_a_good_line_comes_through_in_all_its_wrappings(typed: str) -> None:
    form = LineForm({"line": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["line"].coords == tuple(map(tuple, AVENUE))
    assert form.cleaned_data["line"].srid == 4326


def test_nothing_drawn_is_said_so() -> None:
    form = LineForm({"line": ""})
    assert form.errors["line"] == ["Draw it on the map."]


def test_where_we_work_tells_swapped_numbers_that_would_fit_the_world() -> None:
    columbus = (-83.2, 39.8, -82.8, 40.2)
    swapped = '{"type": "Point", "coordinates": [40.0, -83.0]}'
    assert parse_geometry(swapped).y == -83
    with pytest.raises(ValidationError, match="looks swapped"):
        parse_geometry(swapped, bounds=columbus)
    assert parse_geometry('{"type": "Point", "coordinates": [-90, 30]}', bounds=columbus)


def test_the_field_asks_the_coalition_where_it_works() -> None:
    Coalition.objects.update_or_create(id=1, defaults={"service_bounds": Polygon.from_bbox((-83.2, 39.8, -82.8, 40.2))})
    field = StrictGeometryField()
    with pytest.raises(ValidationError, match=r"Write -83, 40, not 40, -83"):
        field.clean('{"type": "Point", "coordinates": [40.0, -83.0]}')


@pytest.mark.parametrize("coordinates", ["[[1, 2]]", "[]", "{}", "[1]", "[1, 2, 3]", '[1, "2"]'])
def test_a_point_is_two_numbers(coordinates: str) -> None:
    with pytest.raises(ValidationError):
        parse_geometry(f'{{"type": "Point", "coordinates": {coordinates}}}')


def test_an_area_that_crosses_itself_is_refused() -> None:
    bow_tie = '{"type": "Polygon", "coordinates": [[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'
    with pytest.raises(ValidationError, match="crosses itself"):
        parse_geometry(bow_tie, types=["Polygon"])


@pytest.mark.parametrize("ring", ["[[0,0],[1,1]]", "[[0,0],[1,1],[2,2]]", "[[0,0],[1,1],[2,2],[0,0]]", "[[0,0]]"])
def test_an_area_without_a_surface_is_refused(ring: str) -> None:
    with pytest.raises(ValidationError):
        parse_geometry(f'{{"type": "Polygon", "coordinates": [{ring}]}}', types=["Polygon"])


scalars = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5)
anything = st.recursive(
    scalars, lambda kids: st.lists(kids, max_size=4) | st.dictionaries(st.text(max_size=8), kids, max_size=3)
)


@given(
    kind=st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Feature", "FeatureCollection"]),
    body=st.fixed_dictionaries({}, optional=dict.fromkeys(("coordinates", "geometry", "features", "crs"), anything)),
)
def test_no_json_makes_it_raise_anything_but_a_refusal(kind: str, body: dict[str, Any]) -> None:
    try:
        shape = parse_geometry(json.dumps({"type": kind} | body), types=tuple(NESTING))
    except ValidationError:
        return  # a refusal is fine; anything else fails the test
    assert shape.srid == 4326


@given(st.text(max_size=60))
def test_no_text_makes_it_raise_anything_but_a_refusal(typed: str) -> None:
    with pytest.raises(ValidationError):
        parse_geometry(typed, types=("Polygon",))


class CorridorDesk(StrictGeometryAdmin, admin.ModelAdmin):
    pass


def admin_field(model: Any, name: str) -> Any:
    request = RequestFactory().get("/admin/")
    request.csp_nonce = "n0nce"
    return CorridorDesk(model, admin.site).formfield_for_dbfield(model._meta.get_field(name), request)


def test_the_admin_gets_the_same_refusals_with_a_map_and_a_nonce() -> None:
    field = admin_field(Corridor, "line")
    with pytest.raises(ValidationError, match="crosses itself"):
        field.clean(BAD_LINES["crossing itself"][1])
    html = field.widget.render("line", BAD_LINES["infinity"][1], {"id": "id_line"})
    assert 'nonce="n0nce"' in html
    assert "1e999" in html
    assert "leaflet.draw.js" in str(field.widget.media)


def test_the_admin_keeps_an_area_of_one_part_as_one_of_several() -> None:
    field = admin_field(Area, "shape")
    shape = field.clean('{"type": "Polygon", "coordinates": [[[0,0],[0,1],[1,1],[0,0]]]}')
    assert shape.geom_type == "MultiPolygon"
    assert not field.has_changed(shape, shape.geojson)
    assert field.has_changed(shape, "nonsense")


def test_the_admin_map_draws_what_is_kept() -> None:
    assert '"Point"' in AdminGeometry().render("place", Point(-94.5, 39.1, srid=4326), {"id": "id_place"}).replace(
        "&quot;", '"'
    )
