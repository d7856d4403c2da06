"""The strip: a corridor flattened, distances true, the left side of its line above and the right side below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

WIDTH, MARGIN, GAP = 1200.0, 4.0, 3.0
NAMES_MARGIN = 70.0  # room at the end for the last slanted name
LANES = {"left": 8.0, "right": 30.0}  # middle of each side's line, below the top of the road


class Block(TypedDict):
    """One block: its length in metres and a count per side. None = nobody walked it, so we don't know."""

    name: str
    from_name: str
    to_name: str
    length_m: float
    left: int | None
    right: int | None


@dataclass(frozen=True)
class Bar:
    """One side of one block, ready to draw. `kind` is unknown, 0, 1, 2 or 3 (none, 1 or 2, 3 to 5, 6 or more)."""

    kind: str
    x: float
    y: float
    width: float
    height: float

    @property
    def hatch(self) -> str:
        """Slanted lines that fill a bar nobody walked, as a path."""
        top, bottom = self.y, self.y + self.height
        steps = range(int(self.width // 7))
        return "".join(f"M{self.x + step * 7:.1f} {bottom:.1f}L{self.x + step * 7 + 7:.1f} {top:.1f}" for step in steps)


@dataclass(frozen=True)
class Tick:
    """A cross street."""

    x: float
    name: str


def kind_of(count: int | None) -> str:
    """Which of the five thicknesses a count gets."""
    if count is None:
        return "unknown"
    return "0" if count <= 0 else "1" if count <= 2 else "2" if count <= 5 else "3"


HEIGHTS = {"unknown": 12.0, "0": 0.0, "1": 3.0, "2": 7.0, "3": 13.0}


def layout(blocks: Sequence[Block], *, top: float, end_margin: float = MARGIN) -> tuple[list[Bar], list[Tick]]:
    """Bars and cross streets of a strip 1200 wide whose road begins at `top`. Lengths are drawn to one scale."""
    total = sum(max(block["length_m"], 1.0) for block in blocks) or 1.0
    scale = (WIDTH - MARGIN - end_margin) / total
    bars, ticks, x = [], [], MARGIN
    for block in blocks:
        width = max(block["length_m"], 1.0) * scale
        ticks.append(Tick(round(x, 1), block["from_name"]))
        for side, lane in LANES.items():
            kind = kind_of(block[side])  # type: ignore[literal-required]
            height = HEIGHTS[kind]
            y = round(top + lane - height / 2, 1)
            bars.append(Bar(kind, round(x + GAP, 1), y, round(max(width - 2 * GAP, 1), 1), height))
        x += width
    if blocks:
        ticks.append(Tick(round(x, 1), blocks[-1]["to_name"]))
    return bars, ticks
