"""Languages and areas of services: by name or code, beyond those that are ticked, and found by whoever looks."""

import json
import zipfile
from datetime import time
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon, Point
from django.test import Client
from django.utils import translation

from corridors.models import Area
from outreach.directory import areas_to_choose
from outreach.directory_links import directory_token
from outreach.hsds import FILES
from outreach.hsds_files import NotReadable
from outreach.hsds_read import import_services
from outreach.hsds_write import export, write_files, write_zip
from outreach.languages import LANGUAGES, MORE, THREE_LETTERS, code_of, name_of
from outreach.models import Service
from tests import factories


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("English", "en"), ("español", "es"), ("Spanish", "es"), ("vietnamita", "vi"), ("Tiếng Việt", "vi"),
        ("eng", "en"), ("spa", "es"), ("es-MX", "es"), ("spa_US", "es"), ("pt-BR", "pt"), ("Português", "pt"),
        ("中文", "zh"), ("Simplified Chinese", "zh"), ("ASL", "ase"), (" Dari ", "prs"), ("fuv", "fuv"),
        ("Klingon", None), ("", None), ("es; vi", None),
    ],
)  # fmt: skip
def test_a_word_or_a_code_means_a_language(word: str, code: str | None) -> None:
    assert code_of(word) == code


def test_every_code_that_we_know_is_understood_by_its_name_in_both_languages() -> None:
    for language in ("en", "es"):
        with translation.override(language):
            for code in [*dict(LANGUAGES), *dict(MORE)]:
                assert code_of(name_of(code)) == code, (language, code)
    assert all(len(long) == 3 and len(short) == 2 for long, short in THREE_LETTERS.items())


# --- The agency's own form ---


def area(name: str, middle: Point) -> Area:
    shape = MultiPolygon(middle.buffer(0.001), srid=4326)
    return Area.objects.create(kind=Area.Kind.NEIGHBORHOOD, name=name, source_id=name, shape=shape)


def typed(service: Service, **more: object) -> dict[str, object]:
    seen = service.changed_at.isoformat()
    return {"name": service.name, "needs": ["food"], "status": "active", "capacity": "open", "seen": seen} | more


@pytest.fixture
def pantry(db: None) -> Service:
    service = factories.make_service(name="Food pantry", languages=["en", "prs"])
    factories.make_listing(organization=service.organization)
    return service


def address_of(service: Service) -> str:
    return f"/directory/{directory_token(service.organization.listing)}/{service.public_id}/"


@pytest.mark.django_db
def test_the_agency_names_other_languages_and_they_are_found(client: Client, pantry: Service) -> None:
    page = client.get(address_of(pantry)).content.decode()
    assert 'value="Dari"' in page
    answer = client.post(address_of(pantry), typed(pantry, languages=["en"], other_languages="Dari; portugués, Twi"))
    assert answer.status_code == 302
    pantry.refresh_from_db()
    assert pantry.languages == ["en", "prs", "pt", "twi"]
    assert "English, Dari, Portuguese, twi" in client.get(f"/services/{pantry.public_id}/").content.decode()
    found = client.get("/services/", {"language": "pt"}).content.decode()
    assert '<option value="pt" selected>Portuguese</option>' in found
    assert "Food pantry" in found


@pytest.mark.django_db
def test_an_unknown_language_is_named_and_what_was_typed_stays(client: Client, pantry: Service) -> None:
    answer = client.post(address_of(pantry), typed(pantry, other_languages="Dari, Klingon"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "We don’t know “Klingon”" in page
    assert 'value="Dari, Klingon"' in page
    pantry.refresh_from_db()
    assert pantry.languages == ["en", "prs"]


@pytest.mark.django_db
def test_the_agency_chooses_areas_on_our_streets_and_is_found_there(client: Client, pantry: Service) -> None:
    corridor = factories.make_corridor()
    here, far = area("Lykins", corridor.line.interpolate_normalized(0.5)), area("Far", Point(-90, 30, srid=4326))
    assert list(areas_to_choose(pantry)) == [here]
    assert client.post(address_of(pantry), typed(pantry, areas=[far.pk])).status_code == 400
    assert client.post(address_of(pantry), typed(pantry, areas=[here.pk])).status_code == 302
    assert list(pantry.areas.all()) == [here]
    assert Service.objects.serving(corridor).get() == pantry
    # What a file brought stays to choose, wherever it is.
    pantry.areas.set([far])
    assert list(areas_to_choose(pantry)) == [far, here]
    assert not Service.objects.serving(corridor).exists()


@pytest.mark.django_db
def test_who_writes_second_sees_which_areas_and_languages_stand_there(client: Client, pantry: Service) -> None:
    here = area("Lykins", factories.make_corridor().line.interpolate_normalized(0.5))
    mine = typed(pantry, other_languages="Twi")
    client.post(address_of(pantry), typed(pantry, areas=[here.pk], other_languages="Dari"))
    page = client.post(address_of(pantry), mine).content.decode()
    says = page[page.index("What it says now") : page.index("<form")]
    assert "Lykins" in says
    assert "Dari" in says


# --- Files of others ---


def read(folder: Path, text: str, encoding: str = "utf-8") -> Service:
    path = folder / "partners.csv"
    path.write_bytes(text.encode(encoding))
    assert import_services(path, by=None).rejected == []
    return Service.objects.get()


@pytest.mark.django_db
def test_names_of_languages_and_websites_as_people_write_them(tmp_path: Path) -> None:
    head = "organization_name,name,languages,url,latitude,longitude"
    service = read(tmp_path, f"{head}\nOpen Pantry,Food,English; Spanish/Dari,openpantry.example.org,39.1,-94.5\n")
    assert service.languages == ["en", "es", "prs"]
    assert service.url == "https://openpantry.example.org"
    assert service.location is not None
    assert (service.location.x, service.location.y) == (-94.5, 39.1)


@pytest.mark.django_db
@pytest.mark.parametrize(("mark", "encoding"), [(";", "utf-8"), ("\t", "utf-16"), ("|", "utf-8-sig"), (",", "cp1252")])
def test_files_of_any_spreadsheet_program_are_read(tmp_path: Path, mark: str, encoding: str) -> None:
    text = "organization_name,name,fees\nNiños Unidos,Después,gratis\n".replace(",", mark)
    service = read(tmp_path, text, encoding)
    assert (service.organization.name, service.name, service.fees) == ("Niños Unidos", "Después", "gratis")


@pytest.mark.django_db
def test_a_file_without_names_of_columns_says_so(tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    path.write_text("Open Pantry,Food,English\n")
    with pytest.raises(NotReadable, match=r"first line must name the columns.*Open Pantry,Food"):
        import_services(path, by=None)


@pytest.mark.django_db
def test_phones_and_hours_of_a_service_at_its_place_are_its_own(tmp_path: Path) -> None:
    service = factories.make_service(name="Clinic", phone="")
    for name, text in write_files(export()).items():
        (tmp_path / f"{name}.csv").write_text(text)
    key = str(service.public_id)
    (tmp_path / "service_at_locations.csv").write_text(f"id,service_id,location_id\nat1,{key},place1\n")
    (tmp_path / "phones.csv").write_text("id,service_at_location_id,number\np,at1,816 555 0100\n")
    at = "s,at1,WEEKLY,MO,09:00,12:00"
    (tmp_path / "schedules.csv").write_text(f"id,service_at_location_id,freq,byday,opens_at,closes_at\n{at}\n")
    Service.objects.update(imported_at=service.changed_at)
    import_services(tmp_path, by=None)
    service.refresh_from_db()
    assert service.phone == "816 555 0100"
    assert service.hours.get().weekday == 0


@pytest.mark.django_db
def test_the_zip_says_what_is_in_it(pantry: Service) -> None:
    with zipfile.ZipFile(BytesIO(write_zip(export()))) as made:
        package = json.loads(made.read("datapackage.json"))
        for one in package["resources"]:
            head = made.read(one["path"]).decode().splitlines()[0].split(",")
            assert head == [field["name"] for field in one["schema"]["fields"]]
    assert [one["name"] for one in package["resources"]] == list(FILES)


@pytest.mark.django_db
@pytest.mark.parametrize(("mark", "is_ours"), [("-05:00", True), ("-0600", True), ("+01:00", False), ("Z", False)])
def test_hours_with_an_offset_are_those_of_the_clock_there(tmp_path: Path, mark: str, is_ours: bool) -> None:
    service = factories.make_service(name="Clinic")
    for name, text in write_files(export()).items():
        (tmp_path / f"{name}.csv").write_text(text)
    row = f"s,{service.public_id},WEEKLY,MO,09:00{mark},12:00{mark}"
    (tmp_path / "schedules.csv").write_text(f"id,service_id,freq,byday,opens_at,closes_at\n{row}\n")
    Service.objects.update(imported_at=service.changed_at)
    report = import_services(tmp_path, by=None)
    assert list(service.hours.values_list("opens_at", "closes_at")) == ([(time(9), time(12))] if is_ours else [])
    assert any("another time zone" in line for line in report.lines()) is not is_ours


@pytest.mark.django_db
def test_two_services_with_long_names_and_no_id_are_two(tmp_path: Path) -> None:
    path, home = tmp_path / "partners.csv", "The Association of Neighbors " * 4
    path.write_text(f"organization_name,name\n{home},Food\n{home},Rent\n")
    for _twice in range(2):
        assert import_services(path, by=None).rejected == []
    assert sorted(Service.objects.values_list("name", flat=True)) == ["Food", "Rent"]
