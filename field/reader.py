"""Reads the body that a phone sent field by field, and collects what is wrong with it. Pure, no database."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

MAX_PHOTOS = 6
MAX_ANSWERS = 40
MAX_ANSWER = 300
MAX_REV = 2_000_000_000
YEARS = range(1900, 2201)
POSITION_KEYS = frozenset({"lat", "lon", "accuracy_m", "source"})
PLACE_SOURCES = frozenset({"gps", "pin", "address"})
FIX_KEYS = frozenset({"lat", "lon", "accuracy_m", "at"})

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
class Fix:
    """What the phone's GPS measured: degrees, metres and when. Never the place that somebody chose."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime


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
class Reader(Generic[T]):
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

    def whole(self, name: str, *, least: int, most: int, required: bool = True) -> int:
        value = self.value(name, required=required)
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

    def inside(self, name: str, keys: frozenset[str], message: str, *, code: str) -> "Reader[Any] | None":
        """A reader for an object in this one; `adopt` its faults when it is read. None where there is none."""
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(name, code, message)
            return None
        return Reader(value, keys, prefix=f"{self.prefix}{name}.")

    def adopt(self, inner: "Reader[Any]") -> None:
        self.faults += inner.faults

    def position(self) -> Position | None:
        inner = self.inside(
            "position", POSITION_KEYS, _("This must hold lat, lon, accuracy_m and source."), code="not_a_place"
        )
        if inner is None:
            return None
        found = Position(
            lat=inner.number("lat", most=90),
            lon=inner.number("lon", most=180),
            accuracy_m=inner.accuracy(),
            source=inner.choice("source", PLACE_SOURCES) or "gps",
        )
        self.adopt(inner)
        return found

    def fix(self) -> Fix | None:
        inner = self.inside("fix", FIX_KEYS, _("This must hold lat, lon, accuracy_m and at."), code="not_a_fix")
        if inner is None:
            return None
        found = Fix(
            lat=inner.number("lat", most=90),
            lon=inner.number("lon", most=180),
            accuracy_m=inner.accuracy(),
            at=inner.moment("at"),
        )
        self.adopt(inner)
        return found

    def numbers(self, name: str, keys: frozenset[str], *, most: int, required: bool = False) -> dict[str, int]:
        """Whole numbers from 0 by their name; what is absent or null isn't in the answer."""
        if required:
            self.value(name, required=True)
        inner = self.inside(name, keys, _("This must hold whole numbers by their names."), code="not_numbers")
        if inner is None:
            return {}
        given = [key for key, value in inner.body.items() if key in keys and value is not None]
        found = {key: inner.whole(key, least=0, most=most) for key in given}
        self.adopt(inner)
        return found

    def codes(self, name: str, options: frozenset[str]) -> list[str]:
        """Different words of `options`, in the order given."""
        value = self.body.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(name, "not_words", _("This must be a list of words."))
        elif len(set(value)) != len(value):
            self.refuse(name, "twice", _("Name each one only once."))
        elif set(value) - options:
            self.refuse(name, "unknown", _("Choose from: %(options)s.") % {"options": ", ".join(sorted(options))})
        else:
            return value
        return []

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
