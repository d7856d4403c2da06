"""manage.py import_corridor."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command

from corridors.models import Area, Corridor, Segment
from corridors.places import MetresTo

pytestmark = pytest.mark.django_db
LINE = [[-94.540, 39.106], [-94.535, 39.106], [-94.530, 39.106]]


def write(folder: Path, *shapes: Any, name: str = "avenue.geojson", **properties: Any) -> Path:
    features = [{"type": "Feature", "properties": properties, "geometry": shape} for shape in shapes]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def line(coordinates: Any = LINE) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": coordinates}


def streets(folder: Path, *rows: tuple[dict[str, Any], list[float]]) -> Path:
    path = folder / "streets.geojson"
    features = [
        {"type": "Feature", "properties": told, "geometry": {"type": "Point", "coordinates": at}} for told, at in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_corridor", str(path), *options, stdout=out)
    return out.getvalue()


def test_it_makes_a_corridor_and_its_segments(tmp_path: Path) -> None:
    path = write(tmp_path, line(), name="a.geojson")
    crossing = streets(
        tmp_path,
        ({"street": "Norton Ave", "block": 3900}, [-94.535, 39.106]),
        ({"place": "Fire Station"}, [-94.535, 39.106]),
        ({"street": "Truman Rd"}, [-94.535, 39.09]),
    )
    told = run(
        path, "--name=Independence Avenue", f"--cross-streets={crossing}", "--first-block=3500", "--even-side=north"
    )
    corridor = Corridor.objects.get(slug="independence-avenue")
    assert list(corridor.segments.values_list("to_street", "block")) == [("Norton Ave", 3500), ("east end", 3900)]
    assert corridor.even_side == "left"
    assert "Cross streets: 1 skipped: no property “street”" in told
    assert "Cross streets: 1 skipped: farther than 60 m from the line" in told
    assert "Independence Avenue: 865.0 m, 2 segments, at /corridors/independence-avenue/" in told


def test_pieces_of_a_street_are_joined_in_the_first_one_s_direction(tmp_path: Path) -> None:
    run(write(tmp_path, line([LINE[1], LINE[0]]), line([LINE[2], LINE[1]]), name="x.geojson"), "--name=Avenue")
    assert Corridor.objects.get().line.coords == tuple(tuple(c) for c in reversed(LINE))


def test_pieces_that_do_not_meet_are_refused_with_the_gap(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"don’t join to one street: 2 pieces, the nearest ends are 8\d m apart"):
        run(write(tmp_path, line(LINE[:2]), line([[-94.534, 39.106], LINE[2]]), name="x.geojson"), "--name=Avenue")


def test_a_dry_run_shows_the_blocks_and_changes_nothing(tmp_path: Path) -> None:
    told = run(write(tmp_path, line(), name="x.geojson"), "--name=Avenue", "--dry-run")
    assert "west end to east end" in told
    assert told.endswith("Dry run: nothing was changed.\n")
    assert not Corridor.objects.exists()


def test_importing_twice_is_refused_unless_it_is_meant_as_drawing_again(tmp_path: Path) -> None:
    path = write(tmp_path, line(), name="x.geojson")
    run(path, "--name=Avenue")
    with pytest.raises(CommandError, match="There is a corridor at /corridors/avenue/ already"):
        run(path, "--name=Avenue")
    run(path, "--name=Avenue", "--redraw")
    assert Corridor.objects.count() == Segment.objects.count() == 1


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": "Point", "coordinates": [0, 0]}, "There is no line"),
        (line([]), "empty"),
        (line([[0, 0], [1e999, 1]]), "infinite"),
        (line([[39.106, -94.54], [39.106, -94.53]]), "looks swapped"),
        (line([[0, 0, 5], [1, 1, 5]]), "heights"),
        (line([[500, 500], [1, 1]]), "outside the map"),
        (line([[-94.54, 39.106], [-94.54, 39.10601]]), "only 1 m long"),
        ({"type": "MultiLineString", "coordinates": 5}, "empty"),
        (None, "There is no line"),
    ],
)
def test_a_bad_line_gets_a_sentence(tmp_path: Path, shape: Any, words: str) -> None:
    with pytest.raises(CommandError, match=words) as refusal:
        run(write(tmp_path, shape, name="x.geojson"), "--name=Avenue")
    assert refusal.value.returncode == 1
    assert not Corridor.objects.exists()


def test_a_street_without_a_name_is_asked_for_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--name"):
        run(write(tmp_path, line(), name="x.geojson"))


def test_wrong_arguments_end_with_2(tmp_path: Path) -> None:
    for options in (["missing.geojson"], [str(write(tmp_path, line(), name="x.geojson")), "--buffer=9999"]):
        with pytest.raises(CommandError) as refusal:
            call_command("import_corridor", *options, "--name=Avenue")
        assert refusal.value.returncode == 2


@pytest.mark.shared_data
def test_independence_avenue_from_the_city_s_own_files(kansas_city: Path) -> None:
    options = [f"--cross-streets={kansas_city / 'independence_ave_cross_streets.geojson'}", "--first-block=3100"]
    run(kansas_city / "independence_ave_centerline.geojson", *options)
    corridor = Corridor.objects.with_length().get()
    assert corridor.length.m == pytest.approx(2189.5, rel=0.001)
    assert corridor.stretch == "Benton Blvd to Hardesty Ave"
    assert corridor.segments.count() == 17


@pytest.mark.shared_data
def test_independence_avenue_crosses_exactly_its_areas(kansas_city: Path) -> None:
    run(kansas_city / "independence_ave_centerline.geojson")
    for kind, file, number in (
        ("neighborhood", "kc_neighborhoods", "nbh_id"),
        ("council_district", "kc_council_districts", "district"),
    ):
        path = str(kansas_city / f"{file}.geojson")
        call_command("import_areas", path, f"--kind={kind}", f"--id-field={number}", stdout=StringIO())
    crossed = Area.objects.crossing(Corridor.objects.get().line)
    assert sorted(crossed.filter(kind="neighborhood").values_list("name", flat=True)) == [
        "Independence Plaza",
        "Lykins",
        "Scarritt Point",
        "South Indian Mound",
    ]
    districts = crossed.filter(kind="council_district").values_list("source_id", "name")
    assert sorted(districts) == [("3", "Third District"), ("4", "Fourth District")]


@pytest.mark.shared_data
def test_fire_station_23_lies_31_metres_from_the_line(kansas_city: Path) -> None:
    run(kansas_city / "independence_ave_centerline.geojson")
    told = json.loads((kansas_city / "independence_ave_cross_streets.geojson").read_text())
    station = next(f for f in told["features"] if "Fire Station 23" in f["properties"].get("place", ""))
    point = Point(*station["geometry"]["coordinates"], srid=4326)
    metres = Corridor.objects.annotate(metres=MetresTo("line", point)).get().metres
    assert metres == pytest.approx(31, abs=0.5)
