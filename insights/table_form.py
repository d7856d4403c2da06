"""The form of a counted table: a block for each organization, a line for each role and age that somebody counted.

Names of its fields: `n:<line>` is the number wanted, `was:<line>` the one that was seen; a line is
`<organization or "none">:<role>:<age band>`. `do` says which button was pressed: `save`, `plus:<line>`, `minus:<line>`,
`add:<organization>:<age band>` (its role in `role:<organization>`), `bring` (its organization in `organization`).
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from insights.counting import MOST, Cell
from people.models import Organization
from people.roles import AgeBand
from walks.models import Attendance

NONE = "none"
ROLES = dict(Attendance.Role.choices)
# The usual line first: were there, no age given.
ROLE_ORDER = {role: -n for n, role in enumerate(Attendance.Role.values)}
BAND_ORDER = {band.value: n for n, band in enumerate(AgeBand)} | {AgeBand.UNKNOWN.value: -1}


def band_word(band: str) -> str:
    """What a band is called at a table that is counted by looking."""
    return pgettext("age", "no age given") if band == AgeBand.UNKNOWN else str(AgeBand(band).label)


@dataclass(frozen=True)
class Line:
    """So many people. `typed` is what stands in the field, also where that is no number."""

    key: str
    role: str
    age_band: str
    was: int
    typed: str
    problem: str = ""

    @property
    def words(self) -> str:
        role = "" if self.role == Attendance.Role.ATTENDED else str(ROLES[self.role])
        return ", ".join(filter(None, [role, band_word(self.age_band)]))

    @property
    def n(self) -> int:
        return int(self.typed) if self.typed.isdecimal() else 0


@dataclass
class Block:
    """The lines of one organization, or of people of none."""

    key: str
    name: str
    lines: list[Line] = field(default_factory=list)
    was_there: bool = False

    @property
    def n(self) -> int:
        return sum(line.n for line in self.lines)


@dataclass
class Typed:
    """What a form said: lines, changed or not, and a newcomer. `problems` are sentences, None stands for no line."""

    wanted: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    one_more: Cell | None = None
    texts: dict[Cell, str] = field(default_factory=dict)
    problems: dict[Cell | None, str] = field(default_factory=dict)

    def changed(self) -> set[Cell]:
        """Lines that this person wrote in."""
        moved = {cell for cell, (was, n) in self.wanted.items() if n != was}
        return moved | {cell for cell in self.problems if cell is not None}


def key_of(cell: Cell, ids: Mapping[int, uuid.UUID]) -> str:
    """The name of a line. `ids` are public ids by database id."""
    organization = NONE if cell.organization is None else str(ids[cell.organization])
    return f"{organization}:{cell.role}:{cell.age_band}"


def cell_of(key: str, pks: Mapping[str, int]) -> Cell | None:
    """The line of a name; None for what is no line. `pks` are database ids by public id."""
    organization, _colon, rest = key.partition(":")
    role, _colon, band = rest.partition(":")
    if role not in ROLES or band not in AgeBand.values or (organization != NONE and organization not in pks):
        return None
    return Cell(pks.get(organization), role, band)


def read(data: Any, organizations: Iterable[Organization]) -> Typed:
    """What was sent, a QueryDict. Whatever isn't a line of ours is left out."""
    organizations = list(organizations)
    pks = {str(one.public_id): one.pk for one in organizations}
    names = {one.pk: one.name for one in organizations}
    typed = Typed()
    for name in data:
        if name.startswith("n:") and (cell := cell_of(name[2:], pks)):
            _read_line(typed, name[2:], cell, data, names)
    _press(typed, data, pks)
    return typed


def _read_line(typed: Typed, key: str, cell: Cell, data: Any, names: Mapping[int, str]) -> None:
    text, was = data[f"n:{key}"].strip(), data.get(f"was:{key}", "0")
    typed.texts[cell] = text
    n = _number(text or "0")
    if n is None or not 0 <= n <= MOST:
        who = names.get(cell.organization or 0) or _("No organization")
        typed.problems[cell] = _("%(who)s: write a whole number from 0 to 500.") % {"who": who}
    else:
        typed.wanted[cell] = (_number(was) or 0, n)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def _press(typed: Typed, data: Any, pks: Mapping[str, int]) -> None:
    """What a button adds: steps count from what the field said, a newcomer from what is stored."""
    what, _colon, rest = data.get("do", "").partition(":")
    if what in {"plus", "minus"} and (cell := cell_of(rest, pks)) in typed.wanted:
        assert cell is not None
        was, n = typed.wanted[cell]
        typed.wanted[cell] = (was, min(n + 1, MOST) if what == "plus" else max(n - 1, 0))
    elif what == "add":
        key, _colon, band = rest.partition(":")
        role = data.get(f"role:{key}", "") or Attendance.Role.ATTENDED.value
        typed.one_more = cell_of(f"{key}:{role}:{band}", pks)
    elif what == "bring" and (pk := pks.get(data.get("organization", ""))):
        typed.one_more = Cell(pk)
    elif what == "bring":
        typed.problems[None] = _("Choose the organization that is there.")


def blocks(
    now: Mapping[Cell, int],
    organizations: Sequence[Organization],
    offered: Iterable[int],
    *,
    typed: Typed | None = None,
    lost: Mapping[Cell, int] | None = None,
) -> list[Block]:
    """Who is there, then who is offered (database ids), each by name; people of no organization at the end.

    `lost` are lines that somebody else changed meanwhile: both numbers are shown, and the next save goes by this one.
    """
    ids = {one.pk: one.public_id for one in organizations}
    there = {cell.organization for cell in now}
    # What was typed about somebody who left the list meanwhile is shown, too.
    mine = {cell.organization for cell in (typed.changed() if typed else ())}
    shown = (there | set(offered) | mine) & ids.keys()
    found = [
        Block(str(one.public_id), one.name, was_there=one.pk not in there) for one in organizations if one.pk in shown
    ]
    found.sort(key=lambda block: (block.was_there, block.name.casefold()))
    found.append(Block(NONE, _("People of no organization")))
    pks = {str(public_id): pk for pk, public_id in ids.items()}
    for block in found:
        organization = pks.get(block.key)
        block.lines = _lines(organization, now, ids, typed or Typed(), lost or {})
    return found


def _lines(
    organization: int | None,
    now: Mapping[Cell, int],
    ids: Mapping[int, uuid.UUID],
    typed: Typed,
    lost: Mapping[Cell, int],
) -> list[Line]:
    cells = {Cell(organization)} | {cell for cell in (*now, *typed.texts) if cell.organization == organization}
    return [
        _line(cell, key_of(cell, ids), now.get(cell, 0), typed, lost)
        for cell in sorted(cells, key=lambda cell: (ROLE_ORDER[cell.role], BAND_ORDER[cell.age_band]))
    ]


def _line(cell: Cell, key: str, n: int, typed: Typed, lost: Mapping[Cell, int]) -> Line:
    wanted = typed.wanted.get(cell)
    if wanted and wanted[0] != wanted[1]:
        text, was = str(wanted[1]), n if cell in lost else wanted[0]
    else:
        text, was = (typed.texts[cell], n) if cell in typed.problems else (str(n), n)
    problem = typed.problems.get(cell, "")
    if cell in lost:
        problem = _("Somebody else counted %(n)d here.") % {"n": n}
    return Line(key, cell.role, cell.age_band, was, text, problem)
