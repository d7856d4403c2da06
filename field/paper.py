"""What a print pack holds, sheet by sheet. Only reads; the sheets' numbers are made by `field.paper_actions`.

A sheet is one page with one number. Full names and team leads' phones stay at the table (cover and sign-in sheet);
what goes out with a team has first names and the numbers to call only.
"""

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import F, FloatField, Func, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from concerns.again import LOOKABLE, in_walking_order, the_most_wanted
from concerns.models import Category, Concern
from concerns.workflow import Publication
from corridors.models import Segment
from corridors.print_map import Drawing, Spot, Stretch, strips
from field.paper_shops import SHOPS_A_PAGE, Placed, ShopItem, shops_of_team, shops_on
from outreach.models import Contact, Need
from people.roles import AgeBand
from walks.models import Sheet, Signup, Team, TeamSegment, Walk

Kind = Sheet.Kind
BLANK_ROWS = 20
ROWS_A_PAGE = 21
CONCERNS_A_PAGE = 4
LOOKS_A_PAGE = 13
MOST_LOOKS = 60  # of one team: more than that nobody looks at in an evening
ROSTER_MOST = 24
FIRST_MAP_MM, NEXT_MAP_MM = 148.0, 196.0
MOST_PAGES = 30  # of one file: what a server makes while somebody waits
TEAM_KINDS = (Kind.MAP, Kind.AGAIN, Kind.SHOPS, Kind.CONCERNS, Kind.CONTACTS)
LANGUAGES = {"en": ("en",), "es": ("es",), "both": ("en", "es")}


@dataclass(frozen=True)
class Row:
    """A line of the sign-in sheet. `minor` is "", "minor" or "minor_waits"; an empty name is a blank line."""

    n: int
    name: str = ""
    organization: str = ""
    team: int | None = None
    minor: str = ""
    more: int = 0


@dataclass(frozen=True)
class LookItem:
    n: int
    concern: Concern
    block: str
    place: str

    @property
    def words(self) -> str:
        """What an organizer published of it; unpublished words stay at the desk."""
        concern = self.concern
        return concern.public_text if concern.publication == Publication.PUBLISHED else ""


@dataclass
class TeamPart:
    """What one team takes along; `team` is None where the walk has no teams."""

    team: Team | None
    way: list[Stretch]
    is_whole_street: bool
    people: list[tuple[str, str]]  # first name, and "", "minor", "lead" or "marshal"
    n_people: int
    looks: list[LookItem]
    drawings: list[Drawing]
    shops: list[ShopItem]

    def has(self, kind: str) -> bool:
        """Whether there is anything for a sheet of that kind: lists of nothing aren't printed."""
        return bool(self.looks if kind == Kind.AGAIN else self.shops if kind == Kind.SHOPS else True)


@dataclass
class Page:
    """One sheet to print. `number` is None on a draft."""

    kind: str
    number: int | None
    part: TeamPart | None = None
    rows: Sequence[Row] = ()
    looks: Sequence[LookItem] = ()
    drawings: Sequence[Drawing] = ()
    shops: Sequence[ShopItem] = ()
    is_first: bool = True
    address: str = ""


@dataclass
class Pack:
    walk: Walk
    parts: list[TeamPart]
    rows: list[Row]
    categories: list[Category] = field(default_factory=list)

    def leaves(self, kind: str, part: TeamPart | None) -> list[dict[str, Any]]:
        """What fills the pages of a kind, page by page; at least one."""
        if kind == Kind.SIGN_IN:
            return [{"rows": rows} for rows in _chunks(self.rows, ROWS_A_PAGE)]
        if part is not None and kind == Kind.AGAIN:
            return [{"looks": looks} for looks in _chunks(part.looks, LOOKS_A_PAGE)]
        if part is not None and kind == Kind.SHOPS:
            return [{"shops": shops} for shops in _chunks(part.shops, SHOPS_A_PAGE)]
        if part is not None and kind == Kind.MAP:
            return [{"drawings": drawings} for drawings in _by_height(part.drawings)]
        return [{}]

    def ids(self, kind: str, part: TeamPart) -> list[list[uuid.UUID]]:
        """What stands on each page of one of a team's two lists: concerns, or shops."""
        if kind == Kind.SHOPS:
            return [[item.landmark.public_id for item in leaf["shops"]] for leaf in self.leaves(kind, part)]
        return [[item.concern.public_id for item in leaf["looks"]] for leaf in self.leaves(kind, part)]


def pack_of(walk: Walk, *, with_hidden: bool) -> Pack:
    """Everything for the pages. A constant number of queries (9), whatever the size of the walk.

    `with_hidden`: with the empty buildings, for sheets that are numbered and collected.
    """
    signups = _signups(walk)
    teams = list(walk.teams.select_related("lead__person", "marshal"))
    segments = list(walk.corridor.segments.current())
    for segment in segments:
        segment.corridor = walk.corridor
    ways = _ways(walk, teams, segments)
    looks, shops = _looks(walk, with_hidden=with_hidden), shops_on(walk, segments)
    parts = [_part(walk, team, signups, segments, ways.get(team.pk, []), looks, shops) for team in teams]
    if not teams:
        parts = [_part(walk, None, [], segments, _whole(segments), looks, shops)]
    return Pack(walk, parts, _rows(signups), list(Category.objects.filter(is_active=True)))


def plan(pack: Pack, kinds: Iterable[str], team_ids: set[int] | None, copies: int) -> list[tuple[str, Team | None]]:
    """The sheets of a pack in the order they are printed. `team_ids` None: every team."""
    wanted = set(kinds)
    told: list[tuple[str, Team | None]] = []
    if Kind.SIGN_IN in wanted:
        told += [(Kind.SIGN_IN, None)] * len(pack.leaves(Kind.SIGN_IN, None))
    for part in pack.parts:
        if part.team and team_ids is not None and part.team.pk not in team_ids:
            continue
        for kind in TEAM_KINDS:
            if kind in wanted and part.has(kind):
                n = copies if kind == Kind.CONCERNS else len(pack.leaves(kind, part))
                told += [(kind, part.team)] * n
    return told


@dataclass(frozen=True)
class Leaf:
    """A sheet to print: the how-manieth of its kind and team that was made together, and whether it is the last."""

    kind: str
    team_id: int | None
    number: int | None
    index: int
    is_last: bool


def leaves_of(sheets: Sequence[tuple[str, int | None, int | None]]) -> list[Leaf]:
    """Of all the sheets `(kind, team's id, number)` that were made together, in their order."""
    told = []
    for (kind, team_id), group in itertools.groupby(sheets, key=lambda sheet: sheet[:2]):
        numbers = [number for _kind, _team, number in group]
        told += [Leaf(kind, team_id, n, index, index == len(numbers) - 1) for index, n in enumerate(numbers)]
    return told


def pages_of(pack: Pack, leaves: Iterable[Leaf]) -> list[Page]:
    """The pages of these sheets. What has grown since they were made gets pages without a number behind the last."""
    parts = {part.team and part.team.pk: part for part in pack.parts}
    told: list[Page] = []
    for leaf in leaves:
        part = parts.get(leaf.team_id)
        if leaf.kind != Kind.SIGN_IN and part is None:
            continue  # the team is gone
        fill = pack.leaves(leaf.kind, part)
        own = fill[leaf.index] if leaf.index < len(fill) else {}
        address = typing_address(pack.walk, leaf.number) if leaf.number else ""
        told.append(Page(leaf.kind, leaf.number, part, is_first=leaf.index == 0, address=address, **own))
        if leaf.is_last:
            told += [Page(leaf.kind, None, part, is_first=False, **more) for more in fill[leaf.index + 1 :]]
    return told


def typing_address(walk: Walk, number: int) -> str:
    return settings.SITE_URL + reverse("field:desk_sheet", args=[walk.public_id, number])


def files_of(sheets: Sequence[Sheet]) -> list[tuple[int, int]]:
    """First and last number of each file to print: whole teams, at most `MOST_PAGES` sheets where that can be."""
    told: list[tuple[int, int]] = []
    for _team, group in itertools.groupby(sheets, key=lambda sheet: sheet.team_id):
        numbers = [sheet.number for sheet in group]
        for chunk in _chunks(numbers, MOST_PAGES):
            first, last = chunk[0], chunk[-1]
            if told and told[-1][1] == first - 1 and last - told[-1][0] < MOST_PAGES:
                told[-1] = (told[-1][0], last)
            else:
                told.append((first, last))
    return told


def _chunks(rows: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)] or [[]]


def _by_height(drawings: Sequence[Drawing]) -> list[list[Drawing]]:
    pages: list[list[Drawing]] = [[]]
    left = FIRST_MAP_MM
    for drawing in drawings:
        if pages[-1] and drawing.height > left:
            pages.append([])
            left = NEXT_MAP_MM
        pages[-1].append(drawing)
        left -= drawing.height + 3
    return pages


# --- People ---


def _signups(walk: Walk) -> list[Signup]:
    """Who comes or waits for a guardian, by name. Two queries."""
    rows = walk.signups.on_roster().select_related("organization", "team").prefetch_related("members")
    return sorted(rows, key=lambda signup: (signup.name.casefold(), signup.pk))


def _rows(signups: Iterable[Signup]) -> list[Row]:
    lines: list[dict[str, Any]] = []
    for signup in signups:
        organization = signup.organization.name if signup.organization else signup.organization_text
        members = list(signup.members.all())
        more = max(signup.n_people - 1 - len(members), 0)
        about = {"organization": organization, "team": signup.team.number if signup.team else None}
        minor = _minor(signup.age_band, is_waiting=signup.state == Signup.State.GUARDIAN)
        lines.append({"name": signup.name, "minor": minor, "more": more, **about})
        lines += [{"name": member.name, "minor": _minor(member.age_band), **about} for member in members]
    lines += [{}] * BLANK_ROWS
    return [Row(n, **line) for n, line in enumerate(lines, start=1)]


def _minor(age_band: str, *, is_waiting: bool = False) -> str:
    return "" if age_band != AgeBand.TEEN else "minor_waits" if is_waiting else "minor"


def on_the_street(name: str, others: Sequence[str]) -> str:
    """A first name, with the last one's letter only where the team has that first name twice."""
    words = name.split() or [""]
    twice = sum(1 for other in others if other.split()[:1] == words[:1]) > 1
    return f"{words[0]} {words[-1][0]}." if twice and len(words) > 1 else words[0]


def _people(team: Team | None, signups: Iterable[Signup]) -> list[tuple[str, str]]:
    if team is None:
        return []
    mine = [signup for signup in signups if signup.team_id == team.pk and signup.is_counted]
    names = [signup.name for signup in mine]
    return [(on_the_street(signup.name, names), _task(team, signup)) for signup in mine]


def _task(team: Team, signup: Signup) -> str:
    if signup.pk == team.lead_id:
        return "lead"
    return "marshal" if signup.pk == team.marshal_id else _minor(signup.age_band)


# --- The way, and what to look at on it ---


def _ways(walk: Walk, teams: Sequence[Team], segments: Sequence[Segment]) -> dict[int, list[Stretch]]:
    """The blocks of each team in the order of the street. One query."""
    told: defaultdict[int, list[Stretch]] = defaultdict(list)
    blocks = TeamSegment.objects.filter(team__in=teams).select_related("segment")
    for block in blocks.order_by("segment__position", "id"):
        block.segment.corridor = walk.corridor
        way = told[block.team_id]
        way.append(Stretch(len(way) + 1, block.segment, block.faces))
    return told


def _whole(segments: Iterable[Segment]) -> list[Stretch]:
    return [Stretch(n, segment, []) for n, segment in enumerate(segments, start=1)]


def _looks(walk: Walk, *, with_hidden: bool) -> list[tuple[Concern, float]]:
    """What a confirmed phone of the walk would get, in walking order, each with its share along its block."""
    rules = [Category.Rule.PLACE, *([Category.Rule.SEGMENT_COUNT] if with_hidden else [])]
    rows = Concern.objects.on_corridor(walk.corridor).filter(LOOKABLE, category__publication_rule__in=rules)
    chosen = the_most_wanted(rows, timezone.localdate())
    at = Func(F("segment__line"), F("location"), function="ST_LineLocatePoint", output_field=FloatField())
    share = Coalesce(at, Value(0.5))
    placed = in_walking_order(chosen).annotate(share=share).select_related("category", "segment")
    return [(concern, float(concern.share)) for concern in placed]  # type: ignore[attr-defined]


def _part(
    walk: Walk,
    team: Team | None,
    signups: Sequence[Signup],
    segments: Sequence[Segment],
    way: list[Stretch],
    looks: Sequence[tuple[Concern, float]],
    shops: Sequence[Placed],
) -> TeamPart:
    names = {stretch.segment.pk: stretch.segment for stretch in way}
    mine = [(concern, share) for concern, share in looks if concern.segment_id in names][:MOST_LOOKS]
    items = [
        LookItem(n, concern, names[concern.segment_id or 0].name, _place(walk, concern))
        for n, (concern, _share) in enumerate(mine, start=1)
    ]
    spots = [
        Spot(item.n, item.concern.segment_id or 0, item.concern.side, share)
        for item, (_concern, share) in zip(items, mine, strict=True)
    ]
    people = _people(team, signups)
    n_people = sum(one.n_people for one in signups if team and one.team_id == team.pk and one.is_counted)
    is_whole = not way
    drawings = strips(walk.corridor, way or _whole(segments), spots)
    on_the_way = shops_of_team(shops, way)
    return TeamPart(team, way, is_whole or team is None, people, n_people, items, drawings, on_the_way)


def _place(walk: Walk, concern: Concern) -> str:
    """Where it is: its address, else its block and side. As a phone's pack says it."""
    segment = concern.segment
    if concern.address:
        return concern.address
    if segment is None:
        return concern.public_place
    segment.corridor = walk.corridor
    return ", ".join(filter(None, [segment.name, concern.side and segment.compass_side(concern.side)]))


def tally_columns() -> tuple[list[Any], list[Any], list[Any]]:
    """Kinds and results of a contact, and what it was about: the lazy words of each."""
    return (
        [label for _value, label in Contact.Kind.choices],
        [label for _value, label in Contact.Result.choices],
        [label for _value, label in Need.choices],
    )
