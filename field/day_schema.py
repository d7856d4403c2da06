"""What a phone may send of a walk's day: blocks walked, heads, incidents, teams back. Pure, no database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from corridors.models import Side
from field.reader import MAX_REV, Reader, read_json
from people.roles import AgeBand
from walks.models import MOST_RATING, Incident, Rating
from walks.sun import Lit

MOST_HEADS = 2000
MOST_OF_A_TEAM = 200
MAX_PLACE = 200
MAX_INCIDENT_NOTE = 500
MAX_BACK_NOTE = 300


@dataclass(frozen=True)
class DayBody:
    """What every record of the day says. One that is taken back need say no more than this."""

    rev: int
    walk: UUID
    deleted: bool

    @property
    def photos(self) -> list[UUID]:
        return []


@dataclass(frozen=True)
class PassBody(DayBody):
    segment: UUID | None
    side: str
    lit: str
    started_at: datetime
    ended_at: datetime
    ratings: dict[str, int]


@dataclass(frozen=True)
class HeadCountBody(DayBody):
    counted_at: datetime
    counts: dict[str, int]


@dataclass(frozen=True)
class IncidentBody(DayBody):
    kind: str
    place: str
    segment: UUID | None
    side: str
    note: str
    happened_at: datetime


@dataclass(frozen=True)
class TeamBackBody(DayBody):
    n_back: int
    n_out: int
    note: str
    back_at: datetime


SIDES, LITS = frozenset(Side.values), frozenset(Lit.values)
RATINGS, BANDS = frozenset(Rating.values), frozenset(AgeBand.values)
INCIDENT_KINDS = frozenset(Incident.Kind.values)


def start_reading(raw: bytes, body: type[DayBody]) -> tuple[Reader[Any], dict[str, Any], bool]:
    """A reader for this kind of body, what every kind says, and whether it is kept (and so must be whole)."""
    reader: Reader[Any] = Reader(read_json(raw), frozenset(body.__dataclass_fields__))
    deleted = reader.yes_no("deleted")
    rev, walk = reader.whole("rev", least=1, most=MAX_REV), reader.uuid("walk", required=True)
    return reader, {"rev": rev, "walk": cast(UUID, walk), "deleted": deleted}, not deleted


def read_pass(raw: bytes) -> PassBody:
    """One side of one block, walked. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, PassBody)
    segment, side = reader.uuid("segment", required=kept), reader.choice("side", SIDES, required=kept)
    lit = reader.choice("lit", LITS, required=kept)
    n_faults = len(reader.faults)
    started_at, ended_at = reader.moment("started_at", required=kept), reader.moment("ended_at", required=kept)
    if ended_at < started_at and len(reader.faults) == n_faults:
        reader.refuse("ended_at", "too_early", _("The end lies before the start. Put it at the same time or later."))
    ratings = reader.numbers("ratings", RATINGS, most=MOST_RATING)
    return reader.done(lambda: PassBody(**head, segment=segment, side=side, lit=lit, started_at=started_at,
                                        ended_at=ended_at, ratings=ratings))  # fmt: skip


def read_head_count(raw: bytes) -> HeadCountBody:
    """How many of which age. Bands that aren't named count nobody. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, HeadCountBody)
    counted_at = reader.moment("counted_at", required=kept)
    counts = reader.numbers("counts", BANDS, most=MOST_HEADS, required=kept)
    return reader.done(lambda: HeadCountBody(**head, counted_at=counted_at, counts=counts))


def read_incident(raw: bytes) -> IncidentBody:
    """Somebody needs help. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, IncidentBody)
    kind = reader.choice("kind", INCIDENT_KINDS, required=kept)
    place, note = reader.text("place", most=MAX_PLACE), reader.text("note", most=MAX_INCIDENT_NOTE)
    segment, side = reader.uuid("segment"), reader.choice("side", SIDES)
    happened_at = reader.moment("happened_at", required=kept)
    return reader.done(lambda: IncidentBody(**head, kind=kind, place=place, segment=segment, side=side, note=note,
                                            happened_at=happened_at))  # fmt: skip


def read_team_back(raw: bytes) -> TeamBackBody:
    """“4 of 5 back”. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, TeamBackBody)
    n_faults = len(reader.faults)
    n_back = reader.whole("n_back", least=0, most=MOST_OF_A_TEAM, required=kept)
    n_out = reader.whole("n_out", least=1, most=MOST_OF_A_TEAM, required=kept)
    if n_back > n_out and len(reader.faults) == n_faults:
        reader.refuse("n_back", "too_many", _("More are back than went out. Check both numbers."))
    note, back_at = reader.text("note", most=MAX_BACK_NOTE), reader.moment("back_at", required=kept)
    return reader.done(lambda: TeamBackBody(**head, n_back=n_back, n_out=n_out, note=note, back_at=back_at))
