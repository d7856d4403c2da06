"""What the tables of a directory say about one service, in the values that we keep (`hsds.Facts`)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _

from corridors.models import Area, Corridor
from office.models import Coalition
from outreach.hsds import DAYS, NEEDS, ROOM, STATUSES, Facts, need_of, plain
from outreach.hsds_files import Row, Source
from outreach.languages import code_of
from outreach.models import Need, Service

FLAT_HOURS = re.compile(r"([A-Za-z]{2})[a-z]*\s+(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
OLDEST = 120


class Rejected(Exception):
    """One row can't; its text is the reason."""


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
        self.at_phones, self.at_hours = (
            source.by(table, "service_at_location_id") for table in ("phones", "schedules")
        )
        self.areas, self.at = source.by("service_areas", "service_id"), source.by("service_at_locations", "service_id")
        self.locations = {row["id"]: row for _line, row in source.rows("locations")}
        self.addresses = source.by("addresses", "location_id")
        self.unsaid = source.unsaid()
        self.offsets = _offsets(Coalition.current().zone)
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
    there = [at["id"] for at in tables.at[key] if at["id"]]
    schedules = [*tables.hours[key], *_of(tables.at_hours, there)]
    hours, schedule_note = _hours(row, schedules, tables.offsets, notes)
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
        phone=_phone([*tables.phones[key], *_of(tables.at_phones, there)]) or _text(row, "phone", 30),
        email=_checked(row, "email", validate_email, 254),
        url=website(row, "url"),
        address=_address(address) or _text(row, "address", 200),
        place=_place(location) or _place(row),
        schedule_note=schedule_note,
        hours=hours,
        corridors=_areas(tables.areas[key], tables.corridors, "corridor:", notes),
        areas=_areas(tables.areas[key], tables.area_ids, "area:", notes),
        assured_on=_day(row, "assured_date"),
    )


def _of(rows: dict[str, list[Row]], ids: list[str]) -> list[Row]:
    """What hangs on any of these."""
    return [row for one in ids for row in rows.get(one, [])]


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


def website(row: Row, name: str) -> str:
    """People write “example.org”: without a scheme it is taken as https."""
    text = row.get(name, "")
    said = {name: f"https://{text}" if text and "://" not in text else text}
    return _checked(said, name, URLValidator(schemes=["http", "https"]), 200)


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
    words = [one.get("code") or one.get("name", "") for one in rows]
    words += re.split(r"[;,|/]", row.get("languages", ""))
    found = {word: code_of(word) for word in words if word.strip()}
    for word, code in found.items():
        if code is None:
            raise Rejected(
                _("a language isn’t known: “%(text)s”. Write its name in English, or its code like “es”")
                % {"text": word.strip()[:30]}
            )
    return tuple(sorted({code for code in found.values() if code}))


def _offsets(zone: ZoneInfo) -> set[str]:
    """How far our clock is from UTC, in winter and in summer: “-06:00”, “-05:00”."""
    year = timezone.now().year
    seen = (datetime(year, month, 1, tzinfo=zone).strftime("%z") for month in (1, 7))
    return {f"{offset[:3]}:{offset[3:]}" for offset in seen}


def _hours(
    row: Row, rows: list[Row], offsets: set[str], notes: Counter[str]
) -> tuple[tuple[tuple[int, time, time], ...], str]:
    """Hours past midnight are two stretches, on two days: as the site keeps them."""
    found: set[tuple[int, time, time]] = set()
    note = _text(row, "schedule_note", 200)
    for one in rows:
        if not _is_every_week(one):
            notes[_("hours that aren’t every week were left out")] += 1
        elif one.get("byday") and one.get("opens_at") and one.get("closes_at"):
            opens, closes = (_on_our_clock(one[name], offsets) for name in ("opens_at", "closes_at"))
            if not opens or not closes:
                notes[_("hours on the clock of another time zone were left out")] += 1
                continue
            for day in re.findall(r"[A-Z]{2}", one["byday"].upper()):
                found.update(_stretches(day, opens, closes))
        elif one.get("description"):
            note = _text(one, "description", 200)
    for day, opens, closes in FLAT_HOURS.findall(row.get("hours", "")):
        found.update(_stretches(day.upper(), opens, closes))
    return tuple(sorted(found)), note


def _is_every_week(row: Row) -> bool:
    """Whether a schedule holds each week from now on: any other would lead people to a closed door."""
    is_weekly = row.get("freq", "").upper() in {"", "WEEKLY"} and row.get("interval", "") in {"", "1"}
    ends = [row.get(name, "")[:10] for name in ("valid_to", "until")]
    is_over = any(end and end < timezone.localdate().isoformat() for end in ends)
    return is_weekly and not is_over and not row.get("count", "")


def _on_our_clock(text: str, offsets: set[str]) -> str:
    """The time as the clock there shows it (HSDS writes “09:00-05:00”); empty where that is another clock."""
    written = re.fullmatch(r"(.*?)(Z|[+-]\d\d:?\d\d)", text.strip())
    if written is None:
        return text
    offset = written[2].replace(":", "")
    return written[1] if f"{offset[:3]}:{offset[3:]}" in offsets else ""


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
