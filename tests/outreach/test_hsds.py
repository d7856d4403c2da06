"""The directory goes out as HSDS CSV and comes back the same; what is wrong in a file is told, and loses nothing."""

import csv
import io
import zipfile
from datetime import time, timedelta
from pathlib import Path

import pytest
from django.contrib.gis.geos import Point
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from outreach.hsds import need_of
from outreach.hsds_files import NotReadable
from outreach.hsds_read import import_services
from outreach.hsds_write import export, write_files, write_zip
from outreach.models import Listing, Service, ServiceHours
from people.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


def flat(folder: Path, *rows: str, encoding: str = "utf-8", name: str = "partners.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(rows).encode(encoding))
    return path


def rejected(path: Path) -> list[dict[str, str]]:
    text = path.with_name(f"{path.name}.rejected.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def wipe() -> None:
    Service.objects.all().delete()
    Listing.objects.all().delete()
    Organization.objects.all().delete()


def unpack(data: bytes, folder: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return folder


# --- There and back ---

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x85"), max_size=12)
SERVICE = st.fixed_dictionaries(
    {
        "name": WORDS.map(str.strip).filter(lambda name: name.strip("'= +-@")),
        "description": WORDS.map(str.strip),
        "needs": st.lists(st.sampled_from(["food", "housing", "legal"]), unique=True).map(sorted),
        "status": st.sampled_from(["active", "inactive", "defunct"]),
        "capacity": st.sampled_from(["open", "limited", "waitlist", "closed"]),
        "eligibility": st.sampled_from(["", "=1+1", "+1 816 555 0100", "@home", "“Adults”, and\nchildren", "'quoted"]),
        "minimum_age": st.none() | st.integers(0, 30),
        "maximum_age": st.none() | st.integers(31, 99),
        "languages": st.lists(st.sampled_from(["en", "es", "ase", "zh"]), unique=True).map(sorted),
        "schedule_note": st.sampled_from(["", "by appointment", "-closed on holidays"]),
        "address": st.sampled_from(["", "3512 Independence Ave"]),
        "location": st.none() | st.just(Point(-94.5411, 39.1053, srid=4326)),
    }
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture],
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
@given(said=st.lists(SERVICE, min_size=1, max_size=3, unique_by=lambda one: one["name"].casefold()))
@example(said=[{"name": "=HYPERLINK(1)", "eligibility": "'=", "needs": ["food"], "languages": ["es"]}])
def test_what_goes_out_comes_back_the_same_also_into_an_empty_site(tmp_path: Path, said) -> None:
    with transaction.atomic():
        home = factories.make_organization(name="Söm & “Sons”, Inc.", public_phone="+1 816 555 0110")
        corridor = factories.make_corridor()
        for one in said:
            service = factories.make_service(organization=home, **one)
            ServiceHours.objects.create(service=service, weekday=2, opens_at=time(9), closes_at=time(17, 30))
            service.corridors.add(corridor)
        data = write_zip(export())
        wipe()
        (path := tmp_path / "out.zip").write_bytes(data)
        report = import_services(path, by=None)
        assert [bad.reason for bad in report.rejected] == []
        assert report.done == {"added": len(said)}
        assert texts(write_zip(export())) == texts(data)
        assert import_services(path, by=None).done == {"same": len(said)}
        transaction.set_rollback(True)


def texts(data: bytes) -> dict[str, list[dict[str, str]]]:
    """The rows of each file of a zip, but for the time of writing."""
    packed = zipfile.ZipFile(io.BytesIO(data))
    files = {name: csv.DictReader(io.StringIO(packed.read(name).decode(), newline="")) for name in packed.namelist()}
    return {name: [row | {"last_modified": ""} for row in rows] for name, rows in files.items()}


def test_the_same_directory_is_the_same_bytes_and_no_mailbox_is_in_it() -> None:
    service = factories.make_service(organization=factories.make_organization(email="intake@example.org"))
    factories.make_listing(organization=service.organization, description="Food for all")
    assert write_zip(export()) == write_zip(export())
    assert "intake@example.org" not in str(write_files(export()))


def test_an_agencys_word_after_the_file_was_written_stays(tmp_path: Path) -> None:
    service = factories.make_service(name="Pantry")
    path = unpack(write_zip(export()), tmp_path)
    (path / "services.csv").write_text((path / "services.csv").read_text().replace("Pantry", "Food bank"))
    Service.objects.update(capacity="closed", changed_at=timezone.now() + timedelta(minutes=1))
    assert import_services(path, by=None).done == {"kept": 1}
    service.refresh_from_db()
    assert (service.name, service.capacity) == ("Pantry", "closed")


def test_a_newer_file_is_taken_and_what_it_wrote_it_may_write_again(tmp_path: Path) -> None:
    path = flat(tmp_path, "id,organization_name,name,needs", "7,Open Pantry,Groceries,food")
    assert import_services(path, by=None).done == {"added": 1}
    flat(tmp_path, "id,organization_name,name,needs", "7,Open Pantry,Groceries and meals,food;housing")
    assert import_services(path, by=None).done == {"changed": 1}
    service = Service.objects.get()
    assert (service.name, service.needs, service.source_id) == ("Groceries and meals", ["food", "housing"], "7")
    assert service.assured_on is None, "a file is no agency that confirms"


# --- What a spreadsheet may hold ---


def test_a_flat_file_is_enough(tmp_path: Path) -> None:
    rows = [
        "organization_name,name,needs,languages,hours,phone,minimum_age,assured_date,address",
        'Second Loaf,Pantry,"Food Pantries; vivienda",en;es,"Mo 9:00-12:00; fr 22:00-2:00",816-555-0154,18,2026-11-01,',
    ]
    report = import_services(flat(tmp_path, *rows), by=None)
    assert [bad.reason for bad in report.rejected] == []
    service = Service.objects.get()
    assert (service.needs, service.languages, service.minimum_age) == (["food", "housing"], ["en", "es"], 18)
    hours = [(one.weekday, f"{one.opens_at:%H:%M}", f"{one.closes_at:%H:%M}") for one in service.hours.all()]
    assert hours == [(0, "09:00", "12:00"), (4, "22:00", "23:59"), (5, "00:00", "02:00")]
    assert str(service.assured_on) == "2026-11-01"
    assert Organization.objects.get().kind == "service_provider"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (",,,", None),
        ("1,,Pantry,", "leads to no organization"),
        ("1,Org,,", "name is empty"),
        ("1,Org,Pantry,abc", "no age in years"),
        ("1,Org,Pantry,1e999", "no age in years"),
        ("1,Org,Pantry,-4", "no age in years"),
        (f"1,Org,{'x' * 161},", "longer than 160"),
        (f"{'9' * 81},Org,Pantry,", "longer than 80"),
    ],
)
def test_a_bad_row_is_told_with_its_reason_and_the_others_are_in(tmp_path: Path, bad, reason) -> None:
    path = flat(tmp_path, "id,organization_name,name,minimum_age", bad, "2,Org,Good one,", "3,Org,Good two,")
    report = import_services(path, by=None)
    assert report.done == {"added": 2}
    assert [reason in one.reason for one in report.rejected] == ([True] if reason else [])


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("status", "maybe", "status is none of"),
        ("capacity", "lots", "capacity is none of"),
        ("email", "no mail", "email can’t be right"),
        ("url", "javascript:alert(1)", "url can’t be right"),
        ("assured_date", "30/11/2026", "no day like"),
        ("assured_date", "2026-13-45", "no day like"),
        ("languages", "Klingon", "a language isn’t known"),
        ("hours", "Mo 9:00-25:00", "hours can’t be read"),
        ("hours", "Mo 9:00-9:00", "hours can’t be read"),
    ],
)
def test_what_cannot_be_is_rejected(tmp_path: Path, column, text, reason) -> None:
    path = flat(tmp_path, f"id,organization_name,name,{column}", f"1,Org,Pantry,{text}")
    (bad,) = import_services(path, by=None).rejected
    assert reason in bad.reason
    assert bad.line == 2
    assert not Service.objects.exists()


def test_ages_in_the_wrong_order_and_an_id_twice(tmp_path: Path) -> None:
    head = "id,organization_name,name,minimum_age,maximum_age"
    path = flat(tmp_path, head, "1,Org,Teens,18,13", "2,Org,Good,,", "2,Org,Again,,")
    report = import_services(path, by=None)
    assert [one.reason for one in report.rejected] == [
        "minimum_age lies above maximum_age: swap them", "id stands in it twice",
    ]  # fmt: skip
    assert Service.objects.get().name == "Good"


def test_needs_nobody_knows_are_left_out_and_said(tmp_path: Path) -> None:
    path = flat(tmp_path, "organization_name,name,needs", "Org,Pantry,food;Underwater basket weaving")
    report = import_services(path, by=None)
    assert Service.objects.get().needs == ["food"]
    assert any("Underwater basket weaving" in note for note in report.notes)


@pytest.mark.parametrize(
    ("word", "need"),
    [
        ("Food", "food"),
        ("  housing ", "housing"),
        ("salud mental", "mental_health"),
        ("Rent payment assistance", "housing"),
        ("x", None),
    ],
)
def test_needs_are_known_by_many_words(word, need) -> None:
    assert need_of(word) == need


def test_a_file_of_an_older_excel_is_read_and_said(tmp_path: Path) -> None:
    path = flat(tmp_path, "organization_name,name", "Niños Unidos,Después de la escuela", encoding="cp1252")
    report = import_services(path, by=None)
    assert Service.objects.get().name == "Después de la escuela"
    assert any("Windows-1252" in note for note in report.notes)


def test_a_wall_stays_and_no_organization_is_doubled(tmp_path: Path) -> None:
    police = factories.make_organization(name="East Patrol", kind="police")
    import_services(flat(tmp_path, "organization_id,organization_name,name", "77,EAST PATROL,Bike marking"), by=None)
    police.refresh_from_db()
    assert (police.kind, police.is_walled) == ("police", True)
    assert Service.objects.get().organization == police
    assert Organization.objects.count() == 1


def test_what_a_file_does_not_speak_of_stays_as_it_is(tmp_path: Path) -> None:
    head = "id,organization_name,name"
    import_services(flat(tmp_path, f"{head},needs,capacity,hours", "7,Org,Pantry,food,closed,Mo 9:00-12:00"), by=None)
    assert import_services(flat(tmp_path, head, "7,Org,Groceries"), by=None).done == {"changed": 1}
    service = Service.objects.get()
    assert (service.name, service.needs, service.capacity, service.hours.count()) == (
        "Groceries",
        ["food"],
        "closed",
        1,
    )


@pytest.mark.parametrize(
    "row",
    [
        "MONTHLY,,MO,09:00,12:00,",
        "WEEKLY,2,MO,09:00,12:00,",
        "WEEKLY,,MO,09:00Z,12:00Z,",
        "WEEKLY,1,MO,09:00,12:00,2020-01-01",
    ],
)
def test_hours_that_are_not_every_week_lead_nobody_to_a_closed_door(tmp_path: Path, row) -> None:
    folder = tmp_path / "hsds"
    folder.mkdir()
    flat(folder, "id,organization_name,name", "7,Org,Pantry", name="services.csv")
    flat(folder, "service_id,freq,interval,byday,opens_at,closes_at,valid_to", f"7,{row}", name="schedules.csv")
    report = import_services(folder, by=None)
    assert not ServiceHours.objects.exists()
    assert any("every week" in note or "another time zone" in note for note in report.notes)


def test_a_fax_is_no_phone_and_a_huge_cell_is_one_bad_row(tmp_path: Path) -> None:
    folder = tmp_path / "hsds"
    folder.mkdir()
    rows = ["7,Org,Pantry,", f"8,Org,Meals,{'x' * 200_000}"]
    flat(folder, "id,organization_name,name,description", *rows, name="services.csv")
    flat(folder, "service_id,number,type", "7,816-555-0001,fax", "7,816-555-0002,voice", name="phones.csv")
    report = import_services(folder, by=None)
    assert Service.objects.get().phone == "816-555-0002"
    assert [bad.reason for bad in report.rejected] == ["description is longer than 2000 characters"]


def test_a_corridor_hidden_from_everybody_is_in_no_file_and_not_lost(tmp_path: Path) -> None:
    hidden = factories.make_corridor(name="Quiet Street", is_public=False)
    service = factories.make_service(name="Pantry")
    service.corridors.add(hidden)
    path = unpack(write_zip(export()), tmp_path)
    assert "Quiet Street" not in str(write_files(export()))
    (path / "services.csv").write_text((path / "services.csv").read_text().replace("Pantry", "Meals"))
    Service.objects.update(imported_at=timezone.now() + timedelta(minutes=1))
    assert import_services(path, by=None).done == {"changed": 1}
    assert list(service.corridors.all()) == [hidden]


# --- The command ---


def test_the_command_writes_what_it_rejects_beside_the_file_and_says_so(tmp_path: Path, capsys) -> None:
    path = flat(tmp_path, "id,organization_name,name,status", "1,Org,=cmd,maybe", "2,Org,Good,active")
    with pytest.raises(CommandError, match="1 rows were rejected") as failed:
        call_command("import_services", str(path))
    assert failed.value.returncode == 1
    (bad,) = rejected(path)
    assert (bad["rejected_line"], bad["id"], bad["name"]) == ("2", "1", "'=cmd")
    assert "status is none of" in bad["rejected_reason"]
    said = capsys.readouterr().out
    assert "2 services read" in said
    assert Service.objects.get().name == "Good"
    path.with_name(f"{path.name}.rejected.csv").rename(again := tmp_path / "again.csv")
    again.write_text(again.read_text(encoding="utf-8-sig").replace("maybe", "active"))
    call_command("import_services", str(again))
    assert set(Service.objects.values_list("name", flat=True)) == {"Good", "=cmd"}


def test_a_dry_run_changes_nothing(tmp_path: Path, capsys) -> None:
    path = flat(tmp_path, "organization_name,name", "Org,Pantry")
    call_command("import_services", str(path), "--dry-run")
    assert "1  added" in capsys.readouterr().out
    assert not Service.objects.exists()
    assert not Organization.objects.exists()


def test_what_is_no_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as failed:
        call_command("import_services", str(tmp_path / "nothing.csv"))
    assert failed.value.returncode == 2
    (tmp_path / "a.csv").write_text("x\n")
    (tmp_path / "b.csv").write_text("x\n")
    with pytest.raises(CommandError, match=r"no services\.csv"):
        call_command("import_services", str(tmp_path))
    with pytest.raises(NotReadable):
        import_services(tmp_path / "gone", by=None)
