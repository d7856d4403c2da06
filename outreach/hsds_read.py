"""HSDS CSV read into services: twice is harmless, a bad row never stops the others, nothing said here is overwritten.

A folder or zip with the standard's files, or one flat file with a row for each service (`organization_name`, `needs`,
`languages`, `hours` and so on beside the standard's columns), since spreadsheets are what agencies have.
"""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.translation import gettext as _

from corridors.models import WGS84, Area, Corridor
from office.actions import record
from office.cells import plain_cell, safe_cell
from outreach.hsds import DAYS, NEEDS, ROOM, SAME_NAME, STATUSES, Facts, facts_of, need_of, plain
from outreach.models import Listing, Need, Service, ServiceHours
from people.models import Organization, User
from people.roles import OrganizationKind

Row = dict[str, str]
MOST_ROWS, MOST_BYTES = 50_000, 50_000_000
FLAT_HOURS = re.compile(r"([A-Za-z]{2})[a-z]*\s+(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
OLDEST = 120
csv.field_size_limit(MOST_BYTES)  # a long cell is one bad row, and never the end of the file
# What a file speaks of, by the columns of services.csv or the tables that say it. What it doesn't stays as it is.
SAID_BY = {
    "description": ({"description"}, set()),
    "needs": ({"needs"}, {"attributes"}),
    "status": ({"status"}, set()),
    "capacity": ({"capacity"}, set()),
    "eligibility": ({"eligibility", "eligibility_description"}, set()),
    "minimum_age": ({"minimum_age"}, set()),
    "maximum_age": ({"maximum_age"}, set()),
    "languages": ({"languages"}, {"languages"}),
    "application_process": ({"application_process"}, set()),
    "fees": ({"fees", "fees_description"}, set()),
    "phone": ({"phone", "number"}, {"phones"}),
    "email": ({"email"}, set()),
    "url": ({"url"}, set()),
    "address": ({"address"}, {"addresses"}),
    "place": (set(), {"locations"}),
    "schedule_note": ({"schedule_note"}, {"schedules"}),
    "hours": ({"hours"}, {"schedules"}),
    "corridors": (set(), {"service_areas"}),
    "areas": (set(), {"service_areas"}),
}  # fmt: skip


class NotReadable(Exception):
    """The file as a whole can't be used; its text says why."""


class Rejected(Exception):
    """One row can't; its text is the reason."""


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


# --- The files ---


class Source:
    """The tables of a folder, a zip or a flat file, each row with its line. Raises NotReadable."""

    def __init__(self, path: Path) -> None:
        self.path, self.notes = path, list[str]()
        try:
            self._texts = {plain(name).replace(" ", "_"): text for name, text in self._read()}
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
            raise NotReadable(_("The zip can’t be opened: it is broken, or needs a password.")) from None
        if "services" not in self._texts:
            if len(self._texts) != 1:
                raise NotReadable(_("There is no services.csv in it."))
            self._texts = {"services": next(iter(self._texts.values()))}

    def _read(self) -> Iterator[tuple[str, str]]:
        if self.path.is_dir():
            for one in sorted(self.path.glob("*.csv")):
                yield one.stem, self._decode(one.read_bytes(), one.name)
        elif zipfile.is_zipfile(self.path):
            with zipfile.ZipFile(self.path) as packed:
                if sum(info.file_size for info in packed.infolist()) > MOST_BYTES:
                    raise NotReadable(_("It is too large unpacked: at most 50 MB."))
                for info in packed.infolist():
                    if info.filename.endswith(".csv"):
                        yield Path(info.filename).stem, self._decode(packed.read(info), info.filename)
        elif self.path.is_file():
            yield self.path.stem, self._decode(self.path.read_bytes(), self.path.name)
        else:
            raise NotReadable(_("There is no such file or folder."))

    def _decode(self, raw: bytes, name: str) -> str:
        if len(raw) > MOST_BYTES:
            raise NotReadable(_("It is too large: at most 50 MB."))
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.notes.append(_("%(file)s isn’t UTF-8 and was read as Windows-1252") % {"file": name})
            return raw.decode("cp1252", errors="replace")

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """(line, row) with trimmed text; missing columns are empty."""
        reader = csv.DictReader(io.StringIO(self._texts.get(table, ""), newline=""))
        try:
            for row in reader:
                said = {plain(key).replace(" ", "_"): _cell(value) for key, value in row.items() if key}
                if any(said.values()):
                    yield reader.line_num, defaultdict(str, said)
        except csv.Error as problem:
            raise NotReadable(f"{table}.csv, {_('line')} {reader.line_num}: {problem}") from None

    def unsaid(self) -> frozenset[str]:
        """The facts that neither a column nor a table of it speaks of."""
        head = next(csv.reader(io.StringIO(self._texts["services"], newline="")), [])
        columns, tables = {plain(name).replace(" ", "_") for name in head}, self._texts.keys()
        left = {fact for fact, (by, of) in SAID_BY.items() if not by & columns and not of & tables}
        return frozenset(left - ({"capacity"} if ROOM in self._texts.get("taxonomy_terms", "") else set()))

    def by(self, table: str, column: str) -> dict[str, list[Row]]:
        """The rows of a table by what they belong to."""
        found: dict[str, list[Row]] = defaultdict(list)
        for _line, row in self.rows(table):
            found[row[column]].append(row)
        return found


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return plain_cell(text.replace("\0", "").replace("\r\n", "\n").strip())


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


# --- One service ---


class Tables:
    """What the other files say about each service."""

    def __init__(self, source: Source) -> None:
        self.organizations = {row["id"]: row for _line, row in source.rows("organizations")}
        terms = {row["id"]: row for _line, row in source.rows("taxonomy_terms")}
        self.terms: dict[str, list[Row]] = defaultdict(list)
        for link, rows in source.by("attributes", "link_id").items():
            self.terms[link] = [terms.get(row["taxonomy_term_id"], row) for row in rows]
        self.phones, self.home_phones = source.by("phones", "service_id"), source.by("phones", "organization_id")
        self.languages, self.hours = source.by("languages", "service_id"), source.by("schedules", "service_id")
        self.areas, self.at = source.by("service_areas", "service_id"), source.by("service_at_locations", "service_id")
        self.locations = {row["id"]: row for _line, row in source.rows("locations")}
        self.addresses = source.by("addresses", "location_id")
        self.unsaid = source.unsaid()
        self.corridors = {plain(one.name): one.slug for one in Corridor.objects.filter(is_public=True)}
        self.corridors |= {plain(f"corridor:{slug}"): slug for slug in self.corridors.values()}
        self.area_ids = {plain(one.name): str(one.public_id) for one in Area.objects.all()}
        self.area_ids |= {plain(f"area:{pk}"): pk for pk in self.area_ids.values()}


def read_facts(row: Row, tables: Tables, notes: Counter[str]) -> Facts:
    """The facts of one row of services.csv with all that belongs to it. Raises Rejected with a sentence."""
    key = row["id"]
    needs, capacity = _needs_and_room(row, tables.terms[key], notes)
    location = next(
        (tables.locations[at["location_id"]] for at in tables.at[key] if at["location_id"] in tables.locations), {}
    )
    address = next(iter(tables.addresses.get(location.get("id", "-"), [])), {})
    hours, schedule_note = _hours(row, tables.hours[key], notes)
    young, old = _age(row, "minimum_age"), _age(row, "maximum_age")
    if young is not None and old is not None and young > old:
        raise Rejected(_("minimum_age lies above maximum_age: swap them"))
    return Facts(
        name=_text(row, "name", 160, required=True),
        description=_text(row, "description", 2000),
        needs=needs,
        status=_status(row),
        capacity=capacity,
        eligibility=_text(row, "eligibility_description", 500) or _text(row, "eligibility", 500),
        minimum_age=young,
        maximum_age=old,
        languages=_languages(row, tables.languages[key]),
        application_process=_text(row, "application_process", 500),
        fees=_text(row, "fees_description", 200) or _text(row, "fees", 200),
        phone=_phone(tables.phones[key]) or _text(row, "phone", 30),
        email=_checked(row, "email", validate_email, 254),
        url=_checked(row, "url", URLValidator(schemes=["http", "https"]), 200),
        address=_address(address) or _text(row, "address", 200),
        place=_place(location),
        schedule_note=schedule_note,
        hours=hours,
        corridors=_areas(tables.areas[key], tables.corridors, "corridor:", notes),
        areas=_areas(tables.areas[key], tables.area_ids, "area:", notes),
        assured_on=_day(row, "assured_date"),
    )


def _text(row: Row, name: str, most: int, *, required: bool = False) -> str:
    text = row.get(name, "")
    if required and not text:
        raise Rejected(_("%(column)s is empty") % {"column": name})
    if len(text) > most:
        raise Rejected(_("%(column)s is longer than %(n)d characters") % {"column": name, "n": most})
    return text


def _phone(rows: list[Row]) -> str:
    """The first that somebody answers: a fax is none."""
    spoken = [row for row in rows if row.get("type", "").casefold() not in {"fax", "tty", "textphone", "pager"}]
    return _text(spoken[0], "number", 30) if spoken else ""


def _checked(row: Row, name: str, check: Any, most: int) -> str:
    text = _text(row, name, most)
    try:
        if text:
            check(text)
    except ValidationError:
        raise Rejected(_("%(column)s can’t be right: “%(text)s”") % {"column": name, "text": text[:60]}) from None
    return text


def _age(row: Row, name: str) -> int | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        age = int(float(text))
    except (ValueError, OverflowError):
        age = -1
    if not 0 <= age <= OLDEST:
        raise Rejected(_("%(column)s is no age in years: “%(text)s”") % {"column": name, "text": text[:20]})
    return age


def _day(row: Row, name: str) -> date | None:
    text = row.get(name, "")[:10]
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is not None and day > timezone.localdate():
        return timezone.localdate()  # nobody confirmed anything tomorrow
    if day is None:
        raise Rejected(_("%(column)s is no day like 2026-11-30: “%(text)s”") % {"column": name, "text": text})
    return day


def _status(row: Row) -> str:
    text = row.get("status", "").casefold() or "active"
    if text not in STATUSES:
        raise Rejected(
            _("status is none of active, inactive, defunct, temporarily closed: “%(text)s”") % {"text": text[:30]}
        )
    return STATUSES[text]


def _needs_and_room(row: Row, terms: list[Row], notes: Counter[str]) -> tuple[tuple[str, ...], str]:
    words = [one for one in re.split(r"[;|]", row.get("needs", "")) if one.strip()]
    room = row.get("capacity", "").strip()
    for term in terms:
        if ROOM in {term.get("taxonomy"), term.get("taxonomy_id"), term.get("taxonomy_term_id", "").split(":")[0]}:
            room = term.get("code") or term["taxonomy_term_id"].partition(":")[2]
        else:
            own = term.get("taxonomy_term_id", "")
            words.append(own.partition(":")[2] if own.startswith(NEEDS) else term.get("code") or term.get("name", ""))
            if term.get("name") and need_of(words[-1]) is None:
                words[-1] = term["name"]
    found = set()
    for word in words:
        need = word if word in Need.values else need_of(word)
        if need is None:
            notes[_("need not known and left out: “%(word)s”") % {"word": word.strip()[:60]}] += 1
        else:
            found.add(need)
    if room and room not in Service.Capacity.values:
        raise Rejected(_("capacity is none of open, limited, waitlist, closed: “%(text)s”") % {"text": room[:30]})
    return tuple(sorted(found)), room or Service.Capacity.OPEN


def _languages(row: Row, rows: list[Row]) -> tuple[str, ...]:
    codes = {(one.get("code") or one.get("name", "")).strip().lower() for one in rows}
    codes |= {one.strip().lower() for one in re.split(r"[;,|]", row.get("languages", ""))}
    codes.discard("")
    for code in codes:
        if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", code) or len(code) > 8:
            raise Rejected(_("a language isn’t a code like “es” or “vi”: “%(text)s”") % {"text": code[:30]})
    return tuple(sorted(codes))


def _hours(row: Row, rows: list[Row], notes: Counter[str]) -> tuple[tuple[tuple[int, time, time], ...], str]:
    """Hours past midnight are two stretches, on two days: as the site keeps them."""
    found: set[tuple[int, time, time]] = set()
    note = _text(row, "schedule_note", 200)
    for one in rows:
        if not _is_every_week(one):
            notes[_("hours that aren’t every week were left out")] += 1
        elif one.get("byday") and one.get("opens_at") and one.get("closes_at"):
            for day in re.findall(r"[A-Z]{2}", one["byday"].upper()):
                found.update(_stretches(day, one["opens_at"], one["closes_at"]))
        elif one.get("description"):
            note = _text(one, "description", 200)
    for day, opens, closes in FLAT_HOURS.findall(row.get("hours", "")):
        found.update(_stretches(day.upper(), opens, closes))
    return tuple(sorted(found)), note


def _is_every_week(row: Row) -> bool:
    """Whether a schedule holds each week from now on, on our clock: any other would lead people to a closed door."""
    is_weekly = row.get("freq", "").upper() in {"", "WEEKLY"} and row.get("interval", "") in {"", "1"}
    ends = [row.get(name, "")[:10] for name in ("valid_to", "until")]
    is_over = any(end and end < timezone.localdate().isoformat() for end in ends)
    has_zone = any(re.search(r"(Z|[+-]\d\d:?\d\d)$", row.get(name, "")) for name in ("opens_at", "closes_at"))
    return is_weekly and not is_over and not has_zone and not row.get("count", "")


def _stretches(day: str, opens: str, closes: str) -> Iterator[tuple[int, time, time]]:
    begin, end = _clock(opens), _clock(closes)
    if day not in DAYS or begin is None or end is None or begin == end:
        raise Rejected(_("hours can’t be read: “%(text)s”") % {"text": f"{day} {opens}–{closes}"[:40]})
    weekday = DAYS.index(day)
    if begin < end:
        yield weekday, begin, end
        return
    yield weekday, begin, time(23, 59)
    if end > time(0):
        yield (weekday + 1) % 7, time(0), end


def _clock(text: str) -> time | None:
    text = text.strip()
    try:
        return parse_time(f"0{text}" if re.match(r"\d:", text) else text)
    except ValueError:
        return None


def _address(row: Row) -> str:
    parts = [row.get(name, "") for name in ("address_1", "address_2", "city", "state_province", "postal_code")]
    return _text({"address": ", ".join(part for part in parts if part)}, "address", 200)


def _place(row: Row) -> tuple[float, float] | None:
    if not (row.get("latitude") and row.get("longitude")):
        return None
    try:
        lon, lat = float(row["longitude"]), float(row["latitude"])
    except ValueError:
        lon = lat = 999.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (lon, lat) == (0, 0):
        raise Rejected(_("latitude and longitude are no place on earth"))
    return round(lon, 6), round(lat, 6)


def _areas(rows: list[Row], known: dict[str, str], prefix: str, notes: Counter[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for row in rows:
        extent = row.get("extent", "")
        if extent and ":" in extent and not extent.startswith(prefix):
            continue  # the other kind
        one = known.get(plain(extent)) or known.get(plain(row.get("name", "")))
        if one:
            found.add(one)
        elif prefix == "area:" and not extent.startswith("corridor:"):
            notes[_("area not known and left out: “%(name)s”") % {"name": row.get("name", "")[:60]}] += 1
    return tuple(sorted(found))


# --- Into the database ---


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
            key = row["id"] or plain(f"{_home_name(row, tables)} {facts.name}")[:80]
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
            website=_checked(home, "website", URLValidator(schemes=["http", "https"]), 200),
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
