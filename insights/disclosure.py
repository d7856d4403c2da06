"""Counts about help that may be said aloud: none below three, and none from which one below three can be computed.

Pure. What is published are disjoint stretches of time, each once and never recounted (`insights.keeping`): two counts
of the same stretch, or of two that overlap, would give away by their difference what each of them hides. Inside one
stretch a table is shown by `shown_parts`. Whom this is held against is written down in docs/insights.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

LEAST = 3


def shown(n: int) -> int | None:
    """The count, or None for 0, 1 and 2."""
    return n if n >= LEAST else None


def say(n: int | None) -> str:
    """A count as it is read out."""
    return _("fewer than 3") if n is None else str(n)


@dataclass(frozen=True)
class Parts:
    """A total and its parts as they may be shown. None: below three, or left out so that another one stays hidden."""

    total: int | None
    parts: dict[str, int | None]

    @property
    def hides_something(self) -> bool:
        return None in self.parts.values()


def shown_parts(total: int, parts: Mapping[str, int]) -> Parts:
    """A total and disjoint parts of it, so that nothing hidden follows from what is shown.

    What the parts leave over of the total is a part, too, though it has no name: it can be computed. Hidden are at
    least two, together at least three, so that each of them could still be any of 0, 1 and 2. Who knows this rule can't
    tell either which of the hidden ones is small. Raises ValueError where the parts are no parts of the total.
    """
    rest = total - sum(parts.values())
    if rest < 0 or min(parts.values(), default=0) < 0:
        raise ValueError("the parts are more than the total")
    if total < LEAST:
        return Parts(None, dict.fromkeys(parts))
    cells = sorted([(n, name) for name, n in parts.items()] + [(rest, "")])
    n_hidden = sum(n < LEAST for n, _name in cells)
    if n_hidden:
        while n_hidden < len(cells) and (n_hidden < 2 or sum(n for n, _name in cells[:n_hidden]) < LEAST):
            n_hidden += 1
    hidden = {name for _n, name in cells[:n_hidden]}
    return Parts(total, {name: None if name in hidden else n for name, n in parts.items()})


def told(total: int, known: Iterable[int]) -> int | None:
    """The count, or None while it waits: it is told with later ones as soon as that gives nothing below three away.

    `known`: of each agency how many of these it knows itself (they may overlap). It takes its own away, so three must
    be left then, too. Where just three and three come together both would follow, also for who is neither.
    """
    most = max(known, default=0)
    left = total - most
    return None if left < LEAST or most == left == LEAST else total


@dataclass(frozen=True)
class Whole:
    """One line of a table: a total, and the ways in which it is split. What a split leaves over is a part, too."""

    total: int
    splits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownWhole:
    """What may be shown of a `Whole`: its total and all named parts, by their names."""

    total: int | None
    parts: dict[str, int | None] = field(default_factory=dict)


_Cell = tuple[str, str]  # whose, what; "" is the total, "/split" what the split leaves over


def shown_table(wholes: Mapping[str, Whole], *, hides_sums: bool = False) -> dict[str, ShownWhole]:
    """Several wholes side by side (help asked of each agency), also for who knows what all of them come to.

    In each split nothing hidden follows from the total; in each column nothing hidden follows from the column's sum,
    which somebody may know from elsewhere: hidden are at least two, together at least three, or all. A three isn't
    shown beside a hidden number: who has one itself, and is hidden, would know the other. Nothing is shown of a whole
    whose total is hidden. With `hides_sums` no column's sum can be computed either: needed where other pages gave all
    of it but a small rest away. Raises ValueError where parts are no parts.
    """
    n = _cells(wholes)
    rows, columns = _rows(wholes), _columns(n)
    hidden = {cell for cell, value in n.items() if value < LEAST}
    if hides_sums:
        hidden |= {min(column, key=lambda cell: (n[cell], cell)) for column in columns}
    while True:
        more = {cell for cell in n if (cell[0], "") in hidden} - hidden
        more |= {cell for line in [*rows, *columns] if (cell := _one_more(line, hidden | more, n))}
        more |= {cell for column in columns if hidden & set(column) for cell in column if n[cell] == LEAST} - hidden
        if not more:
            break
        hidden |= more
    return {who: _shown_whole(who, whole, n, hidden) for who, whole in wholes.items()}


def _cells(wholes: Mapping[str, Whole]) -> dict[_Cell, int]:
    n: dict[_Cell, int] = {}
    for who, whole in wholes.items():
        n[who, ""] = whole.total
        for split, parts in whole.splits.items():
            n |= {(who, name): value for name, value in parts.items()}
            n[who, f"/{split}"] = whole.total - sum(parts.values())
    if min(n.values(), default=0) < 0:
        raise ValueError("the parts are more than the total")
    return n


def _rows(wholes: Mapping[str, Whole]) -> list[list[_Cell]]:
    """Each split of each whole: its parts and what they leave over come to the total."""
    return [
        [(who, name) for name in [*parts, f"/{split}"]]
        for who, whole in wholes.items()
        for split, parts in whole.splits.items()
    ]


def _columns(n: Iterable[_Cell]) -> list[list[_Cell]]:
    """The same of all wholes: it comes to what the coalition has."""
    columns: dict[str, list[_Cell]] = {}
    for cell in n:
        columns.setdefault(cell[1], []).append(cell)
    return list(columns.values())


def _one_more(line: Sequence[_Cell], hidden: set[_Cell], n: Mapping[_Cell, int]) -> _Cell | None:
    """The smallest that must be hidden with the others of this line; None where they are safe, or all hidden."""
    out = [cell for cell in line if cell in hidden]
    if not out or (len(out) > 1 and sum(n[cell] for cell in out) >= LEAST):
        return None
    return min((cell for cell in line if cell not in hidden), key=lambda cell: (n[cell], cell), default=None)


def _shown_whole(who: str, whole: Whole, n: Mapping[_Cell, int], hidden: set[_Cell]) -> ShownWhole:
    def told(name: str) -> int | None:
        return None if (who, name) in hidden else n[who, name]

    return ShownWhole(told(""), {name: told(name) for parts in whole.splits.values() for name in parts})
