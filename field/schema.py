"""What a phone may send of concerns and looks, and about itself: plain records, or refused with every fault named.

The records of a walk's day are in `field.day_schema`. Pure, no database.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from field.reader import MAX_REV, Fix, Position, Reader, read_json

MAX_NOTE = 2000
MAX_ADDRESS = 200
MAX_CASE = 40
SHA256 = re.compile(r"[0-9a-f]{64}")


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
    fix: Fix | None


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


SIDES = frozenset({"left", "right"})
LITS = frozenset({"day", "dusk", "dark"})
TELLERS = frozenset({"seen", "resident", "business", "passer_by"})
RESULTS = frozenset({"fixed", "still_there", "worse", "cannot_tell", "gone"})
CONCERN_KEYS = frozenset(ConcernBody.__dataclass_fields__)
LOOK_KEYS = frozenset(LookBody.__dataclass_fields__)


def read_concern(raw: bytes) -> ConcernBody:
    """A concern body of the Field API. Raises BadBody with every fault."""
    reader: Reader[ConcernBody] = Reader(read_json(raw), CONCERN_KEYS)
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
    photos, fix = reader.photos(), reader.fix()
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
            fix=fix,
        )
    )


def read_look(raw: bytes) -> LookBody:
    """A look body of the Field API. Raises BadBody with every fault."""
    reader: Reader[LookBody] = Reader(read_json(raw), LOOK_KEYS)
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
    reader: Reader[EnrolBody] = Reader(
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
    reader: Reader[StatusBody] = Reader(read_json(raw), frozenset({"waiting", "oldest_at", "app"}))
    waiting, app = reader.whole("waiting", least=0, most=1_000_000), reader.text("app", most=40)
    has_oldest = reader.body.get("oldest_at") is not None
    oldest = reader.moment("oldest_at", required=False)
    return reader.done(lambda: StatusBody(waiting, oldest if has_oldest else None, app))
