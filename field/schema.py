"""What a phone may send: bodies are read into plain records, or refused with every fault named. Pure, no database."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.utils.translation import gettext as _

MAX_PHOTOS = 6
MAX_NOTE = 2000
MAX_ADDRESS = 200
MAX_CASE = 40
MAX_ANSWERS = 40
MAX_ANSWER = 300
MAX_REV = 2_000_000_000
YEARS = range(1900, 2201)
SHA256 = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: which field, a word for programs, a sentence for people."""

    field: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": str(self.message)}


class BadBody(Exception):
    """The body can't be taken. Carries every fault found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(f"{fault.field} {fault.code}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Position:
    """Degrees and metres, as the phone measured or the person pinned."""

    lat: float
    lon: float
    accuracy_m: float | None
    source: str


@dataclass(frozen=True)
class EnrolBody:
    invite: str
    device: UUID
    secret: str
    team: UUID | None
    signup: str
    name: str


@dataclass(frozen=True)
class ConcernBody:
    rev: int
    walk: UUID
    category: str
    captured_at: datetime
    position: Position | None
    address: str
    segment: UUID | None
    side: str
    lit: str
    note: str
    answers: dict[str, Any]
    danger_now: bool
    told_by: str
    city_case: str
    photos: list[UUID]
    deleted: bool


@dataclass(frozen=True)
class LookBody:
    rev: int
    walk: UUID | None
    concern: UUID
    result: str
    lit: str
    note: str
    captured_at: datetime
    position: Position | None
    photos: list[UUID]
    deleted: bool


@dataclass(frozen=True)
class StatusBody:
    waiting: int
    oldest_at: datetime | None
    app: str


def read_json(raw: bytes) -> dict[str, Any]:
    """The object in a body. Raises BadBody where it isn't one object of JSON in UTF-8 without NaN and Infinity."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise BadBody(Fault("body", "not_utf8", _("The record must be text in UTF-8."))) from error
    except (ValueError, RecursionError) as error:
        raise BadBody(Fault("body", "not_json", _("The record must be one JSON object."))) from error
    if not isinstance(value, dict):
        raise BadBody(Fault("body", "not_an_object", _("The record must be one JSON object.")))
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def clean_text(text: str) -> str:
    """Text as the database can keep it: without NUL, with halves of characters replaced."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


@dataclass
class _Reader(Generic[T]):
    """Takes the fields of one object one by one and collects what is wrong instead of stopping at the first."""

    body: Mapping[str, Any]
    known: frozenset[str]
    prefix: str = ""
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key in self.body:
            if key not in self.known:
                self.refuse(clean_text(key)[:60], "unknown", _("This field isn’t known here. Leave it out."))

    def refuse(self, name: str, code: str, message: str) -> None:
        self.faults.append(Fault(self.prefix + name, code, message))

    def value(self, name: str, *, required: bool) -> Any:
        value = self.body.get(name)
        if value is None and required:
            self.refuse(name, "missing", _("This field is missing."))
        return value

    def text(self, name: str, *, most: int, required: bool = False) -> str:
        value = self.value(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(name, "not_text", _("This must be text."))
            return ""
        value = clean_text(value).strip()
        if len(value) > most:
            self.refuse(name, "too_long", _("This is too long: at most %(most)d characters, please.") % {"most": most})
        elif required and not value:
            self.refuse(name, "missing", _("This field is missing."))
        return value

    def choice(self, name: str, options: frozenset[str], *, required: bool = False) -> str:
        value = self.text(name, most=40, required=required)
        if value and value not in options:
            self.refuse(name, "unknown", _("Choose one of: %(options)s.") % {"options": ", ".join(sorted(options))})
        return value

    def uuid(self, name: str, *, required: bool = False) -> UUID | None:
        value = self.value(name, required=required)
        if value is None:
            return None
        found = _as_uuid(value)
        if found is None:
            self.refuse(name, "not_an_id", _("This must be an id (UUID)."))
        return found

    def whole(self, name: str, *, least: int, most: int) -> int:
        value = self.value(name, required=True)
        if value is None:
            return least
        if type(value) is not int or not least <= value <= most:
            self.refuse(
                name,
                "not_a_number",
                _("This must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most},
            )
            return least
        return value

    def yes_no(self, name: str) -> bool:
        value = self.body.get(name, False)
        if not isinstance(value, bool):
            self.refuse(name, "not_yes_or_no", _("This must be true or false."))
            return False
        return value

    def moment(self, name: str, *, required: bool = True) -> datetime:
        value = self.value(name, required=required)
        found = _as_moment(value)
        if value is not None and found is None:
            self.refuse(name, "not_a_time", _("This must be a time with its offset, like 2026-11-22T18:04:05-06:00."))
        return found or datetime.fromtimestamp(0, tz=UTC)

    def photos(self) -> list[UUID]:
        value = self.body.get("photos")
        if value is None:
            return []
        found = [_as_uuid(item) for item in value] if isinstance(value, list) else [None]
        if None in found or len(set(found)) != len(found):
            self.refuse("photos", "not_ids", _("This must be a list of different ids (UUID)."))
        elif len(found) > MAX_PHOTOS:
            self.refuse("photos", "too_many", _("At most %(most)d photos, please.") % {"most": MAX_PHOTOS})
        return [item for item in found if item]

    def position(self) -> Position | None:
        value = self.body.get("position")
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse("position", "not_a_place", _("This must hold lat, lon, accuracy_m and source."))
            return None
        inner: _Reader[Position] = _Reader(value, POSITION_KEYS, prefix="position.")
        found = Position(
            lat=inner.number("lat", most=90),
            lon=inner.number("lon", most=180),
            accuracy_m=inner.accuracy(),
            source=inner.choice("source", PLACE_SOURCES) or "gps",
        )
        self.faults += inner.faults
        return found

    def number(self, name: str, *, most: float) -> float:
        value = self.value(name, required=True)
        if value is None:
            return 0.0
        if not _is_number(value) or abs(value) > most:
            self.refuse(
                name, "not_degrees", _("This must be degrees from −%(most)d to %(most)d.") % {"most": int(most)}
            )
            return 0.0
        return float(value)

    def accuracy(self) -> float | None:
        value = self.body.get("accuracy_m")
        if value is None:
            return None
        if not _is_number(value) or not 0 <= value <= 10_000_000:
            self.refuse("accuracy_m", "not_metres", _("This must be metres, or null."))
            return None
        return float(value)

    def answers(self) -> dict[str, Any]:
        """Answers by question code. Their words are not checked: the phone's questions may be older than ours."""
        value = self.body.get("answers")
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > MAX_ANSWERS or not all(map(_is_answer, value.values())):
            self.refuse(
                "answers", "not_answers", _("This must hold, for each question, a word, a number or a list of words.")
            )
            return {}
        return {clean_text(code)[:30]: _clean_answer(answer) for code, answer in value.items()}

    def done(self, record: Callable[[], T]) -> T:
        if self.faults:
            raise BadBody(*self.faults)
        return record()


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e15 and math.isfinite(value)  # in this order: a huge int can't become a float


def _as_uuid(value: Any) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None


def _as_moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo and found.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def _is_answer(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= MAX_ANSWERS and all(isinstance(item, str) and len(item) <= MAX_ANSWER for item in value)
    if isinstance(value, str):
        return len(value) <= MAX_ANSWER
    return value is None or isinstance(value, bool) or _is_number(value)


def _clean_answer(value: Any) -> Any:
    if isinstance(value, list):
        return [clean_text(item) for item in value]
    return clean_text(value) if isinstance(value, str) else value


POSITION_KEYS = frozenset({"lat", "lon", "accuracy_m", "source"})
PLACE_SOURCES = frozenset({"gps", "pin", "address"})
SIDES = frozenset({"left", "right"})
LITS = frozenset({"day", "dusk", "dark"})
TELLERS = frozenset({"seen", "resident", "business", "passer_by"})
RESULTS = frozenset({"fixed", "still_there", "worse", "cannot_tell", "gone"})
CONCERN_KEYS = frozenset(ConcernBody.__dataclass_fields__)
LOOK_KEYS = frozenset(LookBody.__dataclass_fields__)


def read_concern(raw: bytes) -> ConcernBody:
    """A concern body of the Field API. Raises BadBody with every fault."""
    reader: _Reader[ConcernBody] = _Reader(read_json(raw), CONCERN_KEYS)
    kept = not reader.yes_no("deleted")  # who takes a record back needn't say again what it was
    position, address = reader.position(), reader.text("address", most=MAX_ADDRESS)
    if kept and reader.body.get("position") is None and not address:
        reader.refuse("position", "missing", _("Say where it is: a place on the map or an address."))
    rev, walk = reader.whole("rev", least=1, most=MAX_REV), reader.uuid("walk", required=True)
    category, captured_at = reader.text("category", most=20, required=kept), reader.moment("captured_at", required=kept)
    segment, side = reader.uuid("segment"), reader.choice("side", SIDES)
    lit, note = reader.choice("lit", LITS), reader.text("note", most=MAX_NOTE)
    answers, danger_now = reader.answers(), reader.yes_no("danger_now")
    told_by, city_case = reader.choice("told_by", TELLERS), reader.text("city_case", most=MAX_CASE)
    photos = reader.photos()
    return reader.done(
        lambda: ConcernBody(
            rev=rev,
            walk=cast(UUID, walk),
            category=category,
            captured_at=captured_at,
            position=position,
            address=address,
            segment=segment,
            side=side,
            lit=lit,
            note=note,
            answers=answers,
            danger_now=danger_now,
            told_by=told_by or "seen",
            city_case=city_case,
            photos=photos,
            deleted=not kept,
        )
    )


def read_look(raw: bytes) -> LookBody:
    """A look body of the Field API. Raises BadBody with every fault."""
    reader: _Reader[LookBody] = _Reader(read_json(raw), LOOK_KEYS)
    rev, walk = reader.whole("rev", least=1, most=MAX_REV), reader.uuid("walk")
    concern, result = reader.uuid("concern", required=True), reader.choice("result", RESULTS, required=True)
    lit, note = reader.choice("lit", LITS), reader.text("note", most=MAX_NOTE)
    captured_at, position = reader.moment("captured_at"), reader.position()
    photos, deleted = reader.photos(), reader.yes_no("deleted")
    return reader.done(
        lambda: LookBody(
            rev=rev,
            walk=walk,
            concern=cast(UUID, concern),
            result=result,
            lit=lit,
            note=note,
            captured_at=captured_at,
            position=position,
            photos=photos,
            deleted=deleted,
        )
    )


def read_enrol(raw: bytes) -> EnrolBody:
    """What a phone sends to join a walk; `letters` is another name for `invite`. Raises BadBody."""
    reader: _Reader[EnrolBody] = _Reader(
        read_json(raw), frozenset({"invite", "letters", "device", "secret", "team", "signup", "name"})
    )
    invite = reader.text("letters", most=40) or reader.text("invite", most=400, required=True)
    device, secret = reader.uuid("device", required=True), reader.text("secret", most=200, required=True)
    if secret and len(secret) < 16:
        reader.refuse("secret", "too_short", _("The phone’s secret must have at least 16 characters."))
    team, signup, name = reader.uuid("team"), reader.text("signup", most=400), reader.text("name", most=120)
    return reader.done(lambda: EnrolBody(invite, cast(UUID, device), secret, team, signup, name))


def read_status(raw: bytes) -> StatusBody:
    """How much waits on the phone. Raises BadBody."""
    reader: _Reader[StatusBody] = _Reader(read_json(raw), frozenset({"waiting", "oldest_at", "app"}))
    waiting, app = reader.whole("waiting", least=0, most=1_000_000), reader.text("app", most=40)
    has_oldest = reader.body.get("oldest_at") is not None
    oldest = reader.moment("oldest_at", required=False)
    return reader.done(lambda: StatusBody(waiting, oldest if has_oldest else None, app))
