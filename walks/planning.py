"""What is planned for a walk: which team walks which side of which block. Read here, written in `plan_actions`."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from corridors.geometry import length_m
from corridors.models import Segment, Side
from walks.features import Feature, collection, corridor_feature, feature, meeting_feature, segment_features
from walks.models import Signup, Team, TeamSegment, Walk

Face = tuple[int, str]  # a block's database id and "left" or "right"

# Colours and dashes repeat, never in the same pair for the first 30 teams.
N_COLOURS = 6
PEOPLE_PER_TEAM = (3, 5)
STRIP_WIDTH = 1200.0
LANES = {Side.LEFT.value: 26, Side.RIGHT.value: 66}


def look_of(number: int) -> dict[str, int]:
    """How a team is drawn: one of six colours and one of six dashes, each from 1; its number stands beside it."""
    n = max(number, 1) - 1
    return {"colour": n % N_COLOURS + 1, "dash": (n + n // N_COLOURS) % N_COLOURS + 1}


def digest(*parts: object) -> str:
    """What somebody saw, as a short word that a form carries and the action compares."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def team_version(team: Team) -> str:
    """Who is named in a team and when it is expected back."""
    back = team.expected_back_at.timestamp() if team.expected_back_at else 0
    return digest(team.name, team.lead_id, team.marshal_id, back)


def blocks_version(holders: dict[Face, int], teams: Iterable[Team]) -> str:
    """Who has which sides, and which teams there are."""
    return digest(sorted(holders.items()), sorted(team.number for team in teams))


def holders_of(walk: Walk) -> dict[Face, int]:
    """The number of the team that has a side; the lowest where several have it. One query."""
    rows = TeamSegment.objects.filter(team__walk=walk).order_by("-team__number").select_related("team")
    return {(row.segment_id, side): row.team.number for row in rows for side in row.faces}


@dataclass(frozen=True)
class Block:
    """One block with the numbers of the teams that have its sides (0: nobody)."""

    segment: Segment
    length_m: float
    left: int
    right: int

    @property
    def name(self) -> str:
        return self.segment.name

    def holder(self, side: str) -> int:
        return self.left if side == Side.LEFT else self.right


@dataclass
class TeamPlan:
    """One team with its people and the stretches it walks, in words."""

    team: Team
    people: list[Signup]
    faces: list[Face]
    length_m: float
    stretches: list[str]
    look: dict[str, int] = field(default_factory=dict)

    @property
    def n_people(self) -> int:
        return sum(one.n_people for one in self.people)

    @property
    def version(self) -> str:
        return team_version(self.team)


@dataclass
class Plan:
    """A walk's route and teams, read in four queries whatever its size. `walk` holds its corridor."""

    walk: Walk

    @cached_property
    def segments(self) -> list[Segment]:
        rows = list(self.walk.corridor.segments.current().order_by("position", "id"))
        for row in rows:
            row.corridor = self.walk.corridor
        return rows

    @cached_property
    def holders(self) -> dict[Face, int]:
        return holders_of(self.walk)

    @cached_property
    def people(self) -> list[Signup]:
        """Everybody who comes, by name."""
        return list(self.walk.signups.counted().select_related("person", "organization").order_by("name", "id"))

    @cached_property
    def blocks(self) -> list[Block]:
        get = self.holders.get
        return [
            Block(s, length_m(s.line), get((s.pk, Side.LEFT.value), 0), get((s.pk, Side.RIGHT.value), 0))
            for s in self.segments
        ]

    @cached_property
    def teams(self) -> list[TeamPlan]:
        return [self._team(team) for team in self.walk.teams.select_related("lead", "marshal").order_by("number")]

    def _team(self, team: Team) -> TeamPlan:
        faces = [(b.segment.pk, s) for b in self.blocks for s in Side.values if b.holder(s) == team.number]
        length = sum(b.length_m for b in self.blocks for s in Side.values if b.holder(s) == team.number)
        people = [one for one in self.people if one.team_id == team.pk]
        return TeamPlan(team, people, faces, length, stretches(self.blocks, team.number), look_of(team.number))

    @property
    def version(self) -> str:
        return blocks_version(self.holders, [row.team for row in self.teams])

    @cached_property
    def unassigned(self) -> list[str]:
        """Sides nobody walks, as stretches in words."""
        return stretches(self.blocks, 0)

    @property
    def n_people(self) -> int:
        return sum(one.n_people for one in self.people)

    @property
    def without_team(self) -> list[Signup]:
        return [one for one in self.people if one.team_id is None]

    @property
    def usual_teams(self) -> int:
        """How many teams of about four these people make; at least one."""
        return max(1, round(self.n_people / 4))

    @property
    def strip(self) -> list[dict[str, Any]]:
        """Both sides of the street flattened, each block as wide as it is long: for `walks/_plan_strip.html`."""
        total = sum(max(b.length_m, 1.0) for b in self.blocks) or 1.0
        bars, x = [], 0.0
        for block in self.blocks:
            width = max(block.length_m, 1.0) * STRIP_WIDTH / total
            for side, y in LANES.items():
                number = block.holder(side)
                look = look_of(number) if number else {"colour": 0, "dash": 0}
                middle = round(x + width / 2, 1)
                bar: dict[str, Any] = {"x": round(x + 4, 1), "end": round(x + width - 4, 1), "y": y, "middle": middle}
                bars.append(bar | {"number": number, "block": block.segment.block or "", **look})
            x += width
        return bars

    @property
    def side_names(self) -> tuple[str, str] | None:
        """What the strip's upper and lower line are called, going by its first block."""
        first = next(iter(self.segments), None)
        return (first.side_name(Side.LEFT), first.side_name(Side.RIGHT)) if first else None

    @property
    def features(self) -> Feature:
        """The route, each side in its team's pattern, and where people meet."""
        features = [corridor_feature(self.walk.corridor), *segment_features(self.walk.corridor, self.segments)]
        before = Block(self.segments[0], 0, -1, -1) if self.segments else None
        for block in self.blocks:
            features += _side_features(block, before)
            before = block
        if meeting := meeting_feature(self.walk):
            # The map opens on the teams' blocks, not on the meeting point alone.
            meeting["properties"]["focus"] = False
            features.append(meeting)
        return collection(features)


def _side_features(block: Block, before: Block | None) -> list[Feature]:
    """Both sides of a block; the first of a team's stretch carries its number."""
    line: GEOSGeometry = block.segment.line
    found = []
    for side in Side.values:
        number = block.holder(side)
        more: dict[str, Any] = look_of(number) if number else {}
        flag = bool(number) and before is not None and before.holder(side) != number
        properties = {"kind": "team", "id": f"team-{number}", "side": side, "number": number, "flag": flag, **more}
        found.append(feature(line, **properties))
    return found


def stretches(blocks: Iterable[Block], number: int) -> list[str]:
    """What a team (0: nobody) walks, in words: "4400 block to 4700 block, both sides"."""
    words = []
    for sides in (list(Side.values), [Side.LEFT.value], [Side.RIGHT.value]):
        run: list[Segment] = []
        for block in [*blocks, None]:
            if block is not None and _sides_of(block, number) == sides:
                run.append(block.segment)
            elif run:
                words.append((run[0].position, _in_words(run, sides)))
                run = []
    return [text for _position, text in sorted(words)]


def _sides_of(block: Block, number: int) -> list[str]:
    return [side for side in Side.values if block.holder(side) == number]


def _in_words(run: list[Segment], sides: list[str]) -> str:
    where = {"start": run[0].name, "end": run[-1].name}
    place = run[0].name if len(run) == 1 else _("%(start)s to %(end)s") % where
    which = _("both sides") if len(sides) == 2 else run[0].compass_side(sides[0])
    return _("%(place)s, %(sides)s") % {"place": place, "sides": which}
