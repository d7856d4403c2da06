"""The directory written as HSDS CSV, the same bytes for the same directory."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from django.utils import timezone, translation

from office.cells import safe_cell
from outreach.hsds import DAYS, FILES, NEEDS, ROOM
from outreach.languages import name_of
from outreach.models import Need, Service

Row = dict[str, Any]
NAME = "safe-routes-hsds"
# Zip files know no time zone, and nothing before this day.
EPOCH = (1980, 1, 1, 0, 0, 0)


def export() -> list[Service]:
    """All that is offered or was, of organizations that stand, with all that the files say. Six queries."""
    rows = Service.objects.filter(organization__merged_into=None).select_related("organization__listing")
    return list(
        rows.prefetch_related("hours", "corridors", "areas").order_by("organization__name", "name", "public_id")
    )


def write_zip(services: Sequence[Service]) -> bytes:
    """A zip with one CSV for each table, and `datapackage.json`, which says what they are."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        texts = {f"{name}.csv": text for name, text in write_files(services).items()} | {"datapackage.json": _package()}
        for name, text in texts.items():
            made.writestr(zipfile.ZipInfo(name, EPOCH), text, compress_type=zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def write_files(services: Sequence[Service]) -> dict[str, str]:
    """The text of each file by its table's name: UTF-8 is the caller's, lines end as RFC 4180 says."""
    tables: dict[str, list[Row]] = {name: [] for name in FILES}
    tables["taxonomies"] = [
        {"id": NEEDS, "name": "Needs", "description": "What people ask for on safety walks"},
        {"id": ROOM, "name": "Room", "description": "How much room a service has"},
    ]
    tables["taxonomy_terms"] = list(_terms())
    for service in services:
        _add_service(service, tables)
    return {name: _csv(columns, tables[name]) for name, columns in FILES.items()}


def _package() -> str:
    """Which files there are, with which columns (Frictionless tabular data package, as HSDS 3.0 asks for)."""
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "schema": {"fields": [{"name": column, "type": "string"} for column in columns]},
        }
        for name, columns in FILES.items()
    ]
    return json.dumps({"name": NAME, "profile": "tabular-data-package", "resources": resources}, indent=1)


def _csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _terms() -> Iterator[Row]:
    with translation.override("en"):
        for taxonomy, choices in ((NEEDS, Need.choices), (ROOM, Service.Capacity.choices)):
            for code, label in choices:
                yield {
                    "id": f"{taxonomy}:{code}", "code": code, "name": str(label), "taxonomy": taxonomy,
                    "taxonomy_id": taxonomy, "language": "en",
                }  # fmt: skip


def id_of(service: Service) -> str:
    """Its id in the file that it came from, else our own."""
    return service.source_id or str(service.public_id)


def _add_service(service: Service, tables: dict[str, list[Row]]) -> None:
    organization, key = service.organization, id_of(service)
    listing = getattr(organization, "listing", None)
    home = (listing and listing.source_id) or str(organization.public_id)
    if not any(row["id"] == home for row in tables["organizations"][-1:]):
        told = {"name": organization.name, "website": organization.website}
        # Its mailbox is where requests go and isn't public.
        tables["organizations"].append({"id": home, "description": listing.description if listing else "", **told})
        if organization.public_phone:
            phone = {"organization_id": home, "number": organization.public_phone, "type": "voice"}
            tables["phones"].append({"id": f"{home}:phone", **phone})
    tables["services"].append(_service_row(service, key, home))
    if service.phone:
        tables["phones"].append({"id": f"{key}:phone", "service_id": key, "number": service.phone, "type": "voice"})
    for code in sorted(service.languages):
        with translation.override("en"):
            name = name_of(code)
        tables["languages"].append({"id": f"{key}:{code}", "service_id": key, "name": name, "code": code})
    for taxonomy, codes in ((NEEDS, sorted(service.needs)), (ROOM, [service.capacity])):
        for code in codes:
            term = f"{taxonomy}:{code}"
            link = {"link_id": key, "link_entity": "service", "taxonomy_term_id": term}
            tables["attributes"].append({"id": f"{key}:{term}", **link})
    _add_place(service, key, home, tables)
    _add_hours(service, key, tables)
    for kind, name, extent in [
        *(("corridor", one.name, one.slug) for one in service.corridors.all() if one.is_public),
        *(("area", one.name, str(one.public_id)) for one in service.areas.all()),
    ]:
        where = {"name": name, "extent": f"{kind}:{extent}", "extent_type": "other"}
        tables["service_areas"].append({"id": f"{key}:{kind}:{extent}", "service_id": key, **where})


def _service_row(service: Service, key: str, home: str) -> Row:
    return {
        "id": key,
        "organization_id": home,
        "name": service.name,
        "description": service.description,
        "url": service.url,
        "email": service.email,
        "status": service.status,
        "application_process": service.application_process,
        "fees_description": service.fees,
        "eligibility_description": service.eligibility,
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
        "assured_date": service.assured_on,
        "last_modified": timezone.localtime(service.changed_at, UTC).isoformat(),
    }


def _add_place(service: Service, key: str, home: str, tables: dict[str, list[Row]]) -> None:
    if not (service.address or service.location):
        return
    place, spot = f"{key}:place", service.location
    where = {"latitude": round(spot.y, 6), "longitude": round(spot.x, 6)} if spot else {}
    tables["locations"].append({"id": place, "location_type": "physical", "organization_id": home, **where})
    tables["service_at_locations"].append({"id": f"{key}:at", "service_id": key, "location_id": place})
    if service.address:
        tables["addresses"].append(
            {"id": f"{key}:address", "location_id": place, "address_1": service.address, "address_type": "physical"}
        )


def _add_hours(service: Service, key: str, tables: dict[str, list[Row]]) -> None:
    hours = sorted((one.weekday, one.opens_at, one.closes_at) for one in service.hours.all())
    for number, (day, opens, closes) in enumerate(hours, start=1):
        row = {"freq": "WEEKLY", "byday": DAYS[day], "opens_at": f"{opens:%H:%M}", "closes_at": f"{closes:%H:%M}"}
        tables["schedules"].append({"id": f"{key}:hours:{number}", "service_id": key, **row})
    if service.schedule_note:
        row = {"service_id": key, "description": service.schedule_note}
        tables["schedules"].append({"id": f"{key}:hours:note", **row})
