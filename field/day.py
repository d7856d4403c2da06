"""What a walk looks like while it is under way: teams, phones, heads, blocks. Read for the desk's day board.

Everything is as told by phones: what nobody told is unknown, never zero.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Max, OuterRef, Sum, Value
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import ConcernQuerySet
from concerns.workflow import Publication, Status
from corridors.geometry import length_m
from corridors.models import Side
from office.strip import Block
from outreach.models import Contact
from people.roles import AgeBand
from walks.models import Device, HeadCount, SegmentPass, Signup, Team, TeamBack, TeamSegment, Walk
from walks.sun import Lit

SILENT_AFTER = timedelta(minutes=20)
WALKED = 6  # draws a side in full; how often it was walked doesn't matter here
Face = tuple[int, str]


class PhoneState(Enum):
    """What we know about what still waits on a phone. The value is the word for people."""

    OFF = gettext_lazy("taken off")
    NEVER = gettext_lazy("never said what waits on it")
    WAITING = gettext_lazy("records wait on it")
    BEHIND = gettext_lazy("sent something and hasn’t said since whether more waits")
    SILENT = gettext_lazy("silent")
    OUT = gettext_lazy("nothing waits so far")
    IN = gettext_lazy("everything in")


@dataclass(frozen=True)
class PhoneRow:
    """A phone of the walk. `last_at` is when it was last heard of in any way."""

    device: Device
    n_sent: int
    sent_at: datetime | None
    last_at: datetime
    state: PhoneState

    @property
    def is_in(self) -> bool:
        return self.state is PhoneState.IN


@dataclass
class TeamRow:
    """A team with what it told. `walked` and `planned` are sides of blocks; `by_light` counts walked ones."""

    team: Team
    planned: set[Face]
    walked: set[Face]
    by_light: list[tuple[str, int]]
    back: TeamBack | None
    n_phones: int
    n_concerns: int
    n_looks: int
    n_contacts: int
    last_at: datetime | None
    walk: Walk
    now: datetime
    blocks: list[Block] = field(default_factory=list)
    # As the table ticked them: people of the team who arrived, and those of them who were checked out.
    n_arrived: int = 0
    n_left: int = 0

    @property
    def n_planned(self) -> int:
        return len(self.planned)

    @property
    def n_walked_planned(self) -> int:
        return len(self.walked & self.planned)

    @property
    def n_elsewhere(self) -> int:
        return len(self.walked) - self.n_walked_planned

    @property
    def is_back(self) -> bool:
        """The team told so, or the table checked all of it out."""
        return (self.back is not None and self.back.is_complete) or 0 < self.n_arrived == self.n_left

    @property
    def due_at(self) -> datetime:
        """When the plan expects them: their own time, else the walk's end."""
        return self.team.expected_back_at or self.walk.end_at

    @property
    def is_overdue(self) -> bool:
        return not self.is_back and self.now > self.due_at

    @property
    def n_out(self) -> int:
        """How many went out: as the team told, else as the table ticked, else as many as signed up. 0: nobody knows."""
        return self.back.n_out if self.back else self.n_arrived or self.team.n_people  # type: ignore[attr-defined]

    @property
    def n_back(self) -> int:
        return max(self.back.n_back if self.back else 0, min(self.n_left, self.n_out))

    @property
    def heads(self) -> list[bool]:
        """One for each person, True where back; empty where there are too many to draw."""
        return [n < self.n_back for n in range(self.n_out)] if self.n_out <= 12 else []

    @property
    def back_at(self) -> datetime | None:
        """When they were back, as far as the phone's clock can be believed."""
        if self.back is None:
            return None
        return self.back.received_at if self.back.is_clock_off else self.back.back_at

    @property
    def order(self) -> tuple[int, int]:
        return (0 if self.is_overdue else 2 if self.is_back else 1, self.team.number)


@dataclass
class Day:
    """One walk's day, read in nine queries whatever its size. `walk` holds its corridor."""

    walk: Walk
    now: datetime

    @cached_property
    def devices(self) -> list[Any]:
        """Phones with `n_sent`, `sent_at` and `heads`, those taken off last. One query."""
        rows = self.walk.devices.select_related("signup__person", "team").annotate(
            n_sent=Count("receipts"), sent_at=Max("receipts__updated_at"), heads=HeadCount.objects.newest()
        )
        return list(rows.order_by(F("revoked_at").asc(nulls_first=True), "team__number", "enrolled_at", "id"))

    @cached_property
    def segments(self) -> list[Any]:
        """Blocks of the corridor with `faces`, what was walked of them on this walk. One query."""
        passes = SegmentPass.objects.filter(walk=self.walk)
        rows = list(self.walk.corridor.segments.annotate(faces=passes.faces()).order_by("position", "id"))
        for row in rows:
            row.corridor = self.walk.corridor
        return rows

    @cached_property
    def segment_of(self) -> dict[int, Any]:
        return {segment.pk: segment for segment in self.segments}

    @cached_property
    def counts(self) -> Counter[tuple[str, int | None, str]]:
        """How much was told, by (what, team, result of a contact). One query."""
        rows = _counted(logged(self.walk), "concern", "team_id")
        rows = rows.union(
            _counted(self.walk.looks.exclude(publication=Publication.SPAM), "look", "device__team_id"),
            _counted(Contact.objects.standing().filter(walk=self.walk), "contact", "team_id", "result"),
            *self._at_the_table(),
            all=True,
        )
        found: Counter[tuple[str, int | None, str]] = Counter()
        for what, team, came, n in rows:
            found[what, team, came] += n
        return found

    def _at_the_table(self) -> list[Any]:
        """People expected, here and gone again by team, and heads that no phone counted by age: parts of `counts`."""
        here = self.walk.presences.standing()
        heads = HeadCount.objects.standing().filter(walk=self.walk, device=None)
        return [
            _summed(self.walk.signups.counted(), "expected", "n_people"),
            _summed(here, "arrived", "n_people"),
            _summed(here.exclude(left_at=None), "left", "n_people"),
            *(_summed(heads, "head", f"n_{band.value}", came=band.value) for band in AgeBand),
        ]

    @property
    def n_expected(self) -> int:
        return self.n("expected", of_all=True)

    @property
    def n_arrived(self) -> int:
        """People whom the table checked in, also those who went again. Nobody ticked: 0."""
        return self.n("arrived", of_all=True)

    @property
    def n_left(self) -> int:
        return self.n("left", of_all=True)

    def n(self, what: str, team: int | None = None, *, of_all: bool = False) -> int:
        """How many concerns, looks or contacts a team told, or all together."""
        return sum(
            n for (kind, team_id, _came), n in self.counts.items() if kind == what and (of_all or team_id == team)
        )

    # --- teams ---

    @cached_property
    def teams(self) -> list[TeamRow]:
        """Late ones first, those who are back last. Two queries."""
        blocks = TeamSegment.objects.filter(team=OuterRef("pk")).values(
            block=JSONObject(id="segment_id", sides="sides")
        )
        teams = self.walk.teams.with_sizes().select_related("lead__person")
        backs = {back.team_id: back for back in TeamBack.objects.filter(walk=self.walk).last_by_team()}
        rows = [self._row(team, backs.get(team.pk)) for team in teams.annotate(block_sides=ArraySubquery(blocks))]
        return sorted(rows, key=lambda row: row.order)

    def _row(self, team: Any, back: TeamBack | None) -> TeamRow:
        sides = {block["id"]: TeamSegment(sides=block["sides"]).faces for block in team.block_sides}
        planned = {(s.pk, side) for s in self.segments for side in sides.get(s.pk, [])}
        faces = [
            (segment.pk, face["side"], face["lit"])
            for segment in self.segments
            for face in segment.faces
            if face["team"] == team.pk
        ]
        walked = {(segment_id, side) for segment_id, side, _lit in faces}
        shown = [segment for segment in self.segments if segment.pk in {pk for pk, _side in walked | planned}]
        return TeamRow(
            team=team,
            planned=planned,
            walked=walked,
            by_light=_by_light(faces),
            back=back,
            n_phones=team.n_phones,
            n_concerns=self.n("concern", team.pk),
            n_looks=self.n("look", team.pk),
            n_contacts=self.n("contact", team.pk),
            n_arrived=self.n("arrived", team.pk),
            n_left=self.n("left", team.pk),
            last_at=max((_last_of(row) for row in self.devices if row.team_id == team.pk), default=None),
            walk=self.walk,
            now=self.now,
            blocks=[_block(segment, walked) for segment in shown],
        )

    @cached_property
    def n_back(self) -> int:
        return sum(row.n_back for row in self.teams)

    @cached_property
    def n_out(self) -> int:
        return sum(row.n_out for row in self.teams)

    @cached_property
    def n_unsized(self) -> int:
        """Teams of which nobody knows how many went."""
        return sum(1 for row in self.teams if not row.n_out)

    @cached_property
    def n_overdue(self) -> int:
        return sum(1 for row in self.teams if row.is_overdue)

    @property
    def all_back(self) -> bool:
        return bool(self.teams) and all(row.is_back for row in self.teams)

    # --- blocks ---

    @cached_property
    def walked(self) -> set[Face]:
        return {(segment.pk, face["side"]) for segment in self.segments for face in segment.faces}

    @cached_property
    def planned(self) -> set[Face]:
        """The sides that teams have; all sides of today's blocks where no team has any."""
        current = {(s.pk, side) for s in self.segments if s.retired_at is None for side in Side.values}
        given = {face for row in self.teams for face in row.planned}
        return current & given if given else current

    @property
    def n_planned_walked(self) -> int:
        return len(self.walked & self.planned)

    @property
    def n_beside_plan(self) -> int:
        return len(self.walked - self.planned)

    @cached_property
    def ribbon(self) -> list[Block]:
        """The planned blocks and those walked beside the plan, in order."""
        ids = {pk for pk, _side in self.walked | self.planned}
        return [_block(segment, self.walked) for segment in self.segments if segment.pk in ids]

    @property
    def sides(self) -> tuple[str, str] | None:
        """What the ribbon's upper and lower line are called, going by its first block."""
        first = next(iter(self.segments), None)
        return (first.side_name(Side.LEFT), first.side_name(Side.RIGHT)) if first else None

    @cached_property
    def by_light(self) -> list[tuple[str, int]]:
        return _by_light((s.pk, face["side"], face["lit"]) for s in self.segments for face in s.faces)

    @cached_property
    def still_to_do(self) -> list[str]:
        """Planned sides nobody walked yet, in words: "4700 block, both sides"."""
        missing = self.planned - self.walked
        words = []
        for segment in self.segments:
            sides = [side for side in Side.values if (segment.pk, side) in missing]
            if len(sides) == 2:
                words.append(_("%(block)s, both sides") % {"block": segment.name})
            elif sides:
                words.append(f"{segment.name}, {segment.compass_side(sides[0])}")
        return words

    # --- phones ---

    @cached_property
    def phones(self) -> list[PhoneRow]:
        done = {row.team.pk: row.back_at for row in self.teams if row.is_back}
        return [self._phone(device, done.get(device.team_id)) for device in self.devices]

    def _phone(self, device: Any, team_back_at: datetime | None) -> PhoneRow:
        over_at = min(team_back_at or self.walk.end_at, self.walk.end_at)
        return PhoneRow(device, device.n_sent, device.sent_at, _last_of(device), _state(device, over_at, self.now))

    @cached_property
    def active(self) -> list[PhoneRow]:
        return [row for row in self.phones if row.state is not PhoneState.OFF]

    @cached_property
    def not_in(self) -> list[PhoneRow]:
        return [row for row in self.active if not row.is_in]

    @property
    def everything_in(self) -> bool:
        """Every phone said, after its last record and after its team was back, that nothing waits on it."""
        return bool(self.active) and not self.not_in

    @cached_property
    def n_silent(self) -> int:
        return sum(1 for row in self.not_in if self.now - row.last_at > SILENT_AFTER)

    @cached_property
    def n_waiting(self) -> int:
        return sum(row.device.n_waiting or 0 for row in self.active)

    # --- people ---

    @cached_property
    def heads(self) -> list[tuple[str, int]]:
        """People by age band: the newest count of each phone, and what table or paper counted. Empty: nobody."""
        told = [device.heads for device in self.devices if device.heads]
        rows = [
            (str(band.label), self.counts["head", None, band.value] + sum(one[band.value] for one in told))
            for band in AgeBand
        ]
        return rows if told or any(n for _band, n in rows) else []

    @property
    def n_counting(self) -> int:
        return sum(1 for device in self.devices if device.heads)

    @property
    def n_heads(self) -> int:
        return sum(n for _band, n in self.heads)

    @cached_property
    def contacts(self) -> list[tuple[str, int]]:
        """Contacts by what came of them; results that didn't happen are left out."""
        by_result: Counter[str] = Counter()
        for (what, _team, came), n in self.counts.items():
            if what == "contact":
                by_result[came] += n
        return [(str(result.label), by_result[result]) for result in Contact.Result if by_result[result]]


def logged(walk: Walk) -> ConcernQuerySet:
    """What the teams noticed on a walk, without what was taken back or is spam."""
    return walk.concerns.exclude(status=Status.WITHDRAWN).exclude(publication=Publication.SPAM)


def callback(signup: Signup | None) -> str:
    """The number under which somebody on the roster is reached, or "". Reads the person."""
    return signup.person.phone if signup else ""


def _counted(rows: Any, what: str, team: str, came: str = "") -> Any:
    grouped = rows.order_by().values(
        what=Value(what), of_team=F(team), came=F(came) if came else Value("")
    )  # fmt: skip
    return grouped.annotate(n=Count("pk")).values_list("what", "of_team", "came", "n")


def _summed(rows: Any, what: str, column: str, *, came: str = "") -> Any:
    grouped = rows.order_by().values(what=Value(what), of_team=F("team_id"), came=Value(came))
    return grouped.annotate(n=Sum(column)).values_list("what", "of_team", "came", "n")


def _by_light(faces: Iterable[tuple[int, str, str]]) -> list[tuple[str, int]]:
    by_light = Counter(lit for _segment, _side, lit in set(faces))
    return [(str(lit.label), by_light[lit]) for lit in Lit if by_light[lit]]


def _block(segment: Any, walked: set[Face]) -> Block:
    left, right = (WALKED if (segment.pk, side) in walked else None for side in (Side.LEFT, Side.RIGHT))
    return {
        "name": segment.name,
        "from_name": segment.from_street,
        "to_name": segment.to_street,
        "length_m": length_m(segment.line),
        "left": left,
        "right": right,
    }


def _last_of(device: Any) -> datetime:
    return max(at for at in (device.enrolled_at, device.last_seen_at, device.sent_at) if at)


def _state(device: Any, over_at: datetime, now: datetime) -> PhoneState:
    """`over_at` is when its team was back, or the walk's end: what it says before that isn't its last word."""
    if device.revoked_at:
        return PhoneState.OFF
    if device.n_waiting is None or device.last_seen_at is None:
        return PhoneState.NEVER
    if device.n_waiting:
        return PhoneState.WAITING
    if device.sent_at and device.sent_at > device.last_seen_at:
        return PhoneState.BEHIND
    if device.last_seen_at >= over_at:
        return PhoneState.IN
    return PhoneState.SILENT if now - _last_of(device) > SILENT_AFTER else PhoneState.OUT
