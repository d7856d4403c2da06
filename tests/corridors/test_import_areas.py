"""manage.py import_areas."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from corridors.models import Area

pytestmark = pytest.mark.django_db
SQUARE: list[list[list[float]]] = [[[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]]
BOW_TIE = [[[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]]


def area(name: Any, number: Any, coordinates: Any = SQUARE, kind: str = "Polygon") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name, "number": number},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def moved(by: float) -> Any:
    return [[[x + by, y] for x, y in SQUARE[0]]]


def write(folder: Path, *features: Any, **more: Any) -> Path:
    path = folder / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | more))
    return path


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_areas", str(path), "--kind=neighborhood", "--id-field=number", *options, stdout=out)
    return out.getvalue()


def test_it_imports_polygons_and_multipolygons(tmp_path: Path) -> None:
    path = write(tmp_path, area("Lykins", 17), area("Mount Hope", 26, [SQUARE, moved(1)], "MultiPolygon"))
    assert run(path) == "Read 2: 2 added, 0 updated, 0 unchanged, 0 skipped.\n"
    assert list(Area.objects.values_list("name", "source", "source_id")) == [
        ("Lykins", "places", "17"),
        ("Mount Hope", "places", "26"),
    ]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, area("Lykins", 17), area(None, 0), area(None, 0, moved(1)))
    run(path)
    before = list(Area.objects.values_list("pk", flat=True))
    assert run(path).startswith("Read 3: 0 added, 0 updated, 3 unchanged, 0 skipped.")
    assert list(Area.objects.values_list("pk", flat=True)) == before


def test_a_new_name_or_shape_updates_the_row_it_belongs_to(tmp_path: Path) -> None:
    run(write(tmp_path, area("Lykins", 17)))
    was = Area.objects.get()
    assert run(write(tmp_path, area("Lykins Square", 17, moved(1)))).startswith("Read 1: 0 added, 1 updated")
    now = Area.objects.get()
    assert (now.pk, now.name) == (was.pk, "Lykins Square")
    assert not now.shape.equals(was.shape)


def test_areas_without_a_name_are_kept_and_counted(tmp_path: Path) -> None:
    told = run(write(tmp_path, area(None, 0), area("", 0, moved(1)), area("Lykins", 17)))
    assert "2 without a name, kept" in told
    assert Area.objects.filter(name="").count() == 2
    assert "without a name" in str(Area.objects.filter(name="").first())


def test_a_broken_shape_is_repaired_and_said_so(tmp_path: Path) -> None:
    assert "1 with a broken shape, repaired." in run(write(tmp_path, area("Bow tie", 1, BOW_TIE)))
    assert Area.objects.get().shape.valid


def test_bad_records_are_skipped_by_reason_and_stop_no_other(tmp_path: Path) -> None:
    told = run(
        write(
            tmp_path,
            area("Lykins", 17),
            area("Lamp", 1, [0, 0], "Point"),
            area("Swapped", 2, [[[39.1, -94.5], [39.2, -94.5], [39.2, -94.6], [39.1, -94.5]]]),
            area("Nowhere", 3, [[[1e999, 0], [1, 1], [2, 0], [1e999, 0]]]),
            area("Thin", 4, [[[0, 0], [1, 1], [0, 0]]]),
            {"type": "Feature", "geometry": None, "properties": None},
            None,
        )
    )
    assert told.startswith("Read 7: 1 added, 0 updated, 0 unchanged, 6 skipped.")
    assert "1 skipped: not an area but Point" in told
    assert "looks swapped" in told
    assert "infinite" in told


def test_heights_are_dropped(tmp_path: Path) -> None:
    run(write(tmp_path, area("Lykins", 17, [[[x, y, 250.0] for x, y in SQUARE[0]]])))
    assert not Area.objects.get().shape.hasz


def test_without_a_number_the_name_is_the_number(tmp_path: Path) -> None:
    path = write(tmp_path, area("Lykins", 17))
    call_command("import_areas", str(path), "--kind=neighborhood", stdout=StringIO())
    assert Area.objects.get().source_id == "Lykins"


def test_a_rough_area_is_labelled_approximate(tmp_path: Path) -> None:
    path = write(tmp_path, area("East Patrol", 1))
    call_command(
        "import_areas", str(path), "--kind=patrol_division", "--approximate", "--source=drawn", stdout=StringIO()
    )
    assert str(Area.objects.get()) == "East Patrol (approximate)"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "this isn’t GeoJSON"),
        ("[]", "this isn’t GeoJSON but something else"),
        ('[{"latitude": "39", "longitude": "-94"}]', "a list of records. Export"),
        ('[{"latitude": "-94.49", "longitude": "38.91"}]', "latitude and longitude look swapped"),
        ('{"type": "FeatureCollection", "features": []}', "nothing in this file"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}', "no area in this file could be used"),
        ('{"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}', "WGS 84"),
        ("\udcff", "this isn’t GeoJSON"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CommandError, match=words) as refusal:
        run(path)
    assert refusal.value.returncode == 1


def test_a_missing_file_is_a_wrong_argument(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file") as refusal:
        run(tmp_path / "nothing.geojson")
    assert refusal.value.returncode == 2


@pytest.mark.shared_data
def test_the_246_neighborhoods_of_kansas_city_import_and_the_6_nameless_ones_stay(kansas_city: Path) -> None:
    out = StringIO()
    options = ["--kind=neighborhood", "--name-field=name", "--id-field=nbh_id"]
    call_command("import_areas", str(kansas_city / "kc_neighborhoods.geojson"), *options, stdout=out)
    assert out.getvalue().startswith("Read 246: 246 added, 0 updated, 0 unchanged, 0 skipped.\n6 without a name, kept")
    assert Area.objects.filter(name="").count() == 6
    again = StringIO()
    call_command("import_areas", str(kansas_city / "kc_neighborhoods.geojson"), *options, stdout=again)
    assert again.getvalue().startswith("Read 246: 0 added, 0 updated, 246 unchanged")


@pytest.mark.shared_data
def test_lamp_posts_with_swapped_coordinates_are_no_areas(kansas_city: Path) -> None:
    with pytest.raises(CommandError, match="latitude and longitude look swapped"):
        run(kansas_city / "kc_street_light_poles_SWAPPED_latlon.json")
