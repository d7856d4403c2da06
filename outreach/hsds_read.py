"""HSDS CSV read into services: twice is harmless, a bad row never stops the others, nothing said here is overwritten.

The files are read by `hsds_files`, one service is understood by `hsds_facts`; here it gets into the database.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from corridors.models import WGS84, Area, Corridor
from office.actions import record
from office.cells import safe_cell
from outreach.hsds import SAME_NAME, Facts, facts_of, plain
from outreach.hsds_facts import Rejected, Tables, read_facts, website
from outreach.hsds_files import NotReadable, Row, Source
from outreach.models import Listing, Service, ServiceHours
from people.models import Organization, User
from people.roles import OrganizationKind

MOST_ROWS = 50_000
KEY = 80  # characters of `Service.source_id`


class BadRow(NamedTuple):
    """A row that was left out: where it stands, why, and all that it says."""

    file: str
    line: int
    reason: str
    row: Row


@dataclass
class Report:
    """What an import did, or would do."""

    n_read: int = 0
    done: Counter[str] = field(default_factory=Counter)  # added, changed, same, kept
    rejected: list[BadRow] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)  # names of services that were changed here since

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield _("%(n)d services read") % {"n": self.n_read}
        words = {
            "added": _("added"),
            "changed": _("updated"),
            "same": _("unchanged"),
            "kept": _("left alone: changed here since"),
        }
        for key, word in words.items():
            yield f"{self.done[key]:>6}  {word}"
        for reason, n in sorted(Counter(bad.reason for bad in self.rejected).items()):
            yield f"{n:>6}  {_('rejected')}: {reason}"
        for note, n in sorted(self.notes.items()):
            yield f"{n:>6}  {note}"


def rejected_csv(bad: list[BadRow]) -> str:
    """Rows as they came, each with its file, line and reason in front, so that they can be mended and sent again."""
    columns = list(dict.fromkeys(name for one in bad for name in one.row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["rejected_file", "rejected_line", "rejected_reason", *columns])
    for one in bad:
        cells = [one.file, one.line, one.reason, *(one.row.get(name, "") for name in columns)]
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def import_services(path: Path, *, by: User | None, is_dry: bool = False) -> Report:
    """Read a directory into ours. Raises NotReadable; everything else is in the report.

    Each service is a transaction of its own: what can't be read is rejected with its reason, and the others are in.
    """
    source = Source(path)
    tables, report = Tables(source), Report(notes=Counter(source.notes))
    seen: set[str] = set()
    for line, row in source.rows("services"):
        report.n_read += 1
        if report.n_read > MOST_ROWS:
            raise NotReadable(_("There are more than %(n)d services in it.") % {"n": MOST_ROWS})
        try:
            facts = read_facts(row, tables, report.notes)
            key = row["id"] or _own_key(f"{_home_name(row, tables)} {facts.name}")
            if key in seen:
                raise Rejected(_("id stands in it twice"))
            seen.add(key)
            with transaction.atomic():
                report.done[_take(key, row, facts, tables, report)] += 1
                transaction.set_rollback(is_dry)
        except Rejected as refused:
            report.rejected.append(BadRow("services.csv", line, str(refused), dict(row)))
    if by is not None and not is_dry:
        record(actor=by, action="directory.import", resource="service", detail=dict(report.done))
    return report


def _own_key(names: str) -> str:
    """For a row without an id. Where long names would be cut, what was cut still tells two services apart."""
    key = plain(names)
    return key if len(key) <= KEY else f"{key[: KEY - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _home_name(row: Row, tables: Tables) -> str:
    home = tables.organizations.get(row["organization_id"], {})
    return home.get("name", "") or row["organization_name"] or row["organization"]


def _take(key: str, row: Row, facts: Facts, tables: Tables, report: Report) -> str:
    """Add it, change it, or leave it as it is: the word under which it is counted."""
    now = timezone.now()
    if len(key) > 80:
        raise Rejected(_("%(column)s is longer than %(n)d characters") % {"column": "id", "n": 80})
    known = Service.objects.filter(source_id=key).first() or _by_our_id(key)
    organization = known.organization if known else _organization(row, tables)
    if known is None:
        known = Service.objects.filter(organization=organization, name=facts.name, source_id="").first()
    if known is None:
        _write(Service(organization=organization, source_id=key), facts, now)
        return "added"
    known = Service.objects.select_for_update(of=("self",)).get(pk=known.pk)
    current = facts_of(known)
    facts = replace(facts, **{name: getattr(current, name) for name in tables.unsaid})
    if current == facts:
        return "same"
    if _changed_here(known, row):
        report.kept.append(known.name)
        return "kept"
    known.source_id = known.source_id or ("" if str(known.public_id) == key else key)
    _write(known, facts, now)
    return "changed"


def _by_our_id(key: str) -> Service | None:
    return Service.objects.filter(public_id=key).first() if re.fullmatch(r"[0-9a-f-]{36}", key) else None


def _changed_here(service: Service, row: Row) -> bool:
    """Whether somebody said something here that the file doesn't know yet."""
    if service.imported_at is not None and service.changed_at <= service.imported_at:
        return False
    try:
        told = parse_datetime(row["last_modified"]) or parse_datetime(f"{row['last_modified'][:10]}T23:59:59")
    except ValueError:
        told = None
    if told is None:
        return True
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) <= service.changed_at


def _organization(row: Row, tables: Tables) -> Organization:
    """Known by its id in the file, by ours, or by its name; else a new one. A wall is never taken down."""
    key, home = row["organization_id"], tables.organizations.get(row["organization_id"], {})
    name = _home_name(row, tables)[:160]
    listing = Listing.objects.filter(source_id=key).exclude(source_id="").select_related("organization").first()
    if listing:
        return listing.organization.merged_into or listing.organization
    current = Organization.objects.current()
    found = current.filter(public_id=key).first() if re.fullmatch(r"[0-9a-f-]{36}", key) else None
    found = found or current.filter(name__iexact=name).first()
    if found is None and not name:
        raise Rejected(_("organization_id leads to no organization"))
    if found is None:
        phone = next(iter(tables.home_phones.get(key, [])), {}).get("number", "")[:30]
        found = Organization.objects.create(
            name=name, kind=OrganizationKind.SERVICE_PROVIDER, public_phone=phone,
            website=website(home, "website"),
        )  # fmt: skip
    if key and key != str(found.public_id):
        made, _is_new = Listing.objects.get_or_create(organization=found)
        if not made.source_id:
            made.source_id, made.description = key[:80], made.description or home.get("description", "")[:2000]
            made.save(update_fields=["source_id", "description"])
    return found


def _write(service: Service, facts: Facts, now: datetime) -> None:
    assured = service.assured_on
    for name in SAME_NAME:
        setattr(service, name, getattr(facts, name))
    service.needs, service.languages = list(facts.needs), list(facts.languages)
    service.location = Point(facts.place, srid=WGS84) if facts.place else None
    # What the agency confirmed here isn't made older by a file.
    service.assured_on = max(filter(None, [assured, facts.assured_on]), default=None)
    service.changed_at = service.imported_at = now
    service.save()
    service.hours.all().delete()
    rows = (ServiceHours(service=service, weekday=day, opens_at=a, closes_at=b) for day, a, b in facts.hours)
    ServiceHours.objects.bulk_create(rows)
    hidden = service.corridors.filter(is_public=False).values_list("pk", flat=True)
    service.corridors.set(Corridor.objects.filter(Q(slug__in=facts.corridors) | Q(pk__in=list(hidden))))
    service.areas.set(Area.objects.filter(public_id__in=facts.areas))
