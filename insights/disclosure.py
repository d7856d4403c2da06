"""Counts about help that may be said aloud: none below three, and none from which one below three can be computed.

Pure. What is published are disjoint stretches of time, each once and never recounted (`insights.keeping`): two counts
of the same stretch, or of two that overlap, would give away by their difference what each of them hides. Inside one
stretch a table is shown by `shown_parts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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


def carry(waiting: int, new: int) -> tuple[int | None, int]:
    """What a stretch of time shows, and what waits for the next one: a count below three is told later, with the next.

    `waiting` is what earlier stretches didn't show, `new` what this one adds.
    """
    together = waiting + new
    return (together, 0) if together >= LEAST else (None, together)
