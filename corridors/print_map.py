"""A street as strips to print: the street laid level, its blocks numbered, what to look at on its side.

Lengths are millimetres on paper unless a name says otherwise; `y` grows downwards. Left of the line is above it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corridors.geometry import Plane, bearing, plane_of
from corridors.models import Corridor, Segment

XY = tuple[float, float]

WIDTH = 190.0
MARGIN = 7.0
NAME_ROOM = 13.0  # for the last slanted name
HEADROOM = 21.0  # for slanted street names
DEPTH = 15.0  # of the tinted blocks beside the street
HALF_STREET = 3.2
FINEST = 2.4  # metres to the millimetre: a block of 100 m is 4 cm at most
ROW_M = 900.0
MOST_BLOCKS = 8
TALLEST = 70.0
FOOT_M = 0.3048
FEET = (50, 100, 200, 250, 500, 1000, 2000, 5000)
NAME_GAP = 4.0  # between two slanted names
GAP = 5.6  # between two numbers that would cover each other


@dataclass(frozen=True)
class Stretch:
    """A block to draw: its number on the way, and the sides that the team walks (`Side` values)."""

    n: int
    segment: Segment
    faces: list[str]


@dataclass(frozen=True)
class Spot:
    """Something to look at: its number on the list, its block, its side, and where along the block (0 to 1)."""

    n: int
    segment_id: int
    side: str
    along: float


@dataclass
class Drawing:
    """One strip, ready for `corridors/_print_strip.html`."""

    height: float
    north: float  # degrees the arrow is turned clockwise
    bar: float
    bar_feet: int
    sides: tuple[str, str] = ("", "")
    tints: list[tuple[str, str]] = field(default_factory=list)
    streets: list[str] = field(default_factory=list)
    walked: list[str] = field(default_factory=list)
    crossings: list[tuple[float, float, float, str]] = field(default_factory=list)
    numbers: list[tuple[float, float, int, str]] = field(default_factory=list)
    spots: list[tuple[float, float, int]] = field(default_factory=list)
    foot: float = 0.0

    @property
    def half_bar(self) -> float:
        return self.bar / 2


def strips(corridor: Corridor, way: Sequence[Stretch], spots: Iterable[Spot]) -> list[Drawing]:
    """The way in as many strips as it needs; a corridor without blocks is one line. Reads no database."""
    found = list(spots)
    if not way:
        whole = Segment(corridor=corridor, position=0, line=corridor.line)
        whole.from_street, whole.to_street = corridor.from_street, corridor.to_street
        return [_draw([Stretch(0, whole, [])], found)]
    return [_draw(row, found) for row in rows(way)]


def one_strip(corridor: Corridor, segments: Sequence[Segment]) -> Drawing:
    """The whole street in one strip without numbers, for a poster. Reads no database."""
    if not segments:
        return strips(corridor, [], [])[0]
    return _draw([Stretch(0, segment, []) for segment in segments], [])


def rows(way: Sequence[Stretch]) -> list[list[Stretch]]:
    """Blocks that lie behind one another, as many as one strip shows well."""
    told: list[list[Stretch]] = []
    length = 0.0
    for stretch in way:
        metres = _length(stretch.segment)
        last = told[-1] if told else []
        follows = bool(last) and abs(stretch.segment.position - last[-1].segment.position) == 1
        if not follows or len(last) == MOST_BLOCKS or length + metres > ROW_M:
            told.append([])
            length = 0.0
        told[-1].append(stretch)
        length += metres
    return told


def _length(segment: Segment) -> float:
    flat = plane_of(segment.line).flat(segment.line.coords)
    return sum(math.dist(a, b) for a, b in pairwise(flat))


def _draw(row: Sequence[Stretch], spots: Sequence[Spot]) -> Drawing:
    """Turned so that the street runs level from left to right, and scaled to the paper's width."""
    plane = plane_of(row[0].segment.line)
    ordered = sorted(row, key=lambda stretch: stretch.segment.position)
    first, last = ordered[0].segment.line, ordered[-1].segment.line
    degrees = _heading(plane.flat([first[0], last[-1]])) if first[0] != last[-1] else bearing(first)
    lines = {id(s): _turn(plane, s.segment.line.coords, degrees) for s in ordered}
    every = [xy for line in lines.values() for xy in line]
    left, right = min(x for x, _y in every), max(x for x, _y in every)
    low, high = min(y for _x, y in every), max(y for _x, y in every)
    scale = max(FINEST, (right - left) / (WIDTH - 2 * MARGIN - NAME_ROOM), (high - low) / TALLEST)
    start = (WIDTH - NAME_ROOM - (right - left) / scale) / 2
    top = HEADROOM + DEPTH + HALF_STREET

    def place(xy: XY) -> XY:
        return start + (xy[0] - left) / scale, top + (high - xy[1]) / scale

    height = top + (high - low) / scale + HALF_STREET + DEPTH + 11
    drawing = Drawing(height, (90 - degrees) % 360, *_bar(scale))
    drawing.foot = drawing.height - 4
    drawing.sides = (ordered[0].segment.side_name("left"), ordered[0].segment.side_name("right"))
    for stretch in ordered:
        line = [place(xy) for xy in lines[id(stretch)]]
        _add_block(drawing, stretch, line, [spot for spot in spots if spot.segment_id == stretch.segment.pk])
    _add_crossings(drawing, ordered, lines, place)
    drawing.spots = _apart(drawing.spots)
    return drawing


def _heading(ends: Sequence[XY]) -> float:
    (x1, y1), (x2, y2) = ends
    return math.degrees(math.atan2(x2 - x1, y2 - y1)) % 360


def _turn(plane: Plane, coordinates: Iterable[Sequence[float]], degrees: float) -> list[XY]:
    angle = math.radians(degrees - 90)
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in plane.flat(coordinates)]


def _bar(scale: float) -> tuple[float, int]:
    """The longest round number of feet that fits, in millimetres and in feet."""
    fitting = [feet for feet in FEET if feet * FOOT_M / scale <= 42]
    feet = fitting[-1] if fitting else FEET[0]
    return feet * FOOT_M / scale, feet


def _add_block(drawing: Drawing, stretch: Stretch, line: list[XY], spots: Sequence[Spot]) -> None:
    drawing.streets.append(_points(line))
    for way, tint in ((-1, "sage"), (1, "rose")):
        inner = _beside(_short(line, 1.5), way * (HALF_STREET + 2.4))
        outer = _beside(_short(line, 1.5), way * (HALF_STREET + DEPTH))
        drawing.tints.append((tint, _points([*inner, *reversed(outer)])))
        if ("left" if way < 0 else "right") in stretch.faces:
            drawing.walked.append(_points(_beside(_short(line, 2.4), way * (HALF_STREET + 1.3))))
    x, y = _at(line, 0.5)
    if stretch.n:
        drawing.numbers.append((x, y, stretch.n, str(stretch.segment.block or "")))
    for spot in spots:
        x, y = _at(_beside(line, (1 if spot.side == "right" else -1) * (HALF_STREET + 6.5)), spot.along)
        drawing.spots.append((x, y, spot.n))


def _add_crossings(
    drawing: Drawing, ordered: Sequence[Stretch], lines: dict[int, list[XY]], place: Callable[[XY], XY]
) -> None:
    ends = [(lines[id(stretch)][0], stretch.segment.from_street) for stretch in ordered]
    ends.append((lines[id(ordered[-1])][-1], ordered[-1].segment.to_street))
    reach, last, named = HALF_STREET + DEPTH, place(ends[-1][0])[0], -NAME_GAP
    for n, (xy, name) in enumerate(ends, start=1):
        x, y = place(xy)
        fits = n == len(ends) or (x - named >= NAME_GAP and last - x >= NAME_GAP)
        named = x if fits else named
        drawing.crossings.append((x, y - reach, y + reach, name if fits else ""))


def _points(line: Iterable[XY]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in line)


def _short(line: list[XY], by: float) -> list[XY]:
    """The line without its first and last bit, so that crossings stay white."""
    total = math.dist(line[0], line[-1])
    if total <= 3 * by:
        return line
    (ax, ay), (bx, by_), (cx, cy), (dx, dy) = line[0], line[1], line[-2], line[-1]
    first, last = math.dist(line[0], line[1]), math.dist(line[-2], line[-1])
    if min(first, last) <= 2 * by:
        return line
    start = (ax + (bx - ax) * by / first, ay + (by_ - ay) * by / first)
    end = (dx - (dx - cx) * by / last, dy - (dy - cy) * by / last)
    return [start, *line[1:-1], end]


def _beside(line: list[XY], offset: float) -> list[XY]:
    """Moved at right angles to its chord; `offset` below zero is above the line."""
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = math.dist(line[0], line[-1]) or 1.0
    nx, ny = -(y2 - y1) / length, (x2 - x1) / length
    return [(x + nx * offset, y + ny * offset) for x, y in line]


def _at(line: list[XY], share: float) -> XY:
    """The point at a share of its length."""
    total = sum(math.dist(a, b) for a, b in pairwise(line)) or 1.0
    left = min(max(share, 0.0), 1.0) * total
    for (x1, y1), (x2, y2) in pairwise(line):
        step = math.dist((x1, y1), (x2, y2))
        if left <= step and step:
            return x1 + (x2 - x1) * left / step, y1 + (y2 - y1) * left / step
        left -= step
    return line[-1]


def _apart(spots: Iterable[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Numbers that would cover each other, moved on along the street; where that goes too far, a line further out."""
    placed: list[tuple[float, float, int]] = []
    for x, y, n in sorted(spots):
        tries = [(x + step * GAP, y) for step in (0, 1, -1, 2, -2, 3, -3, 4, 5, 6)]
        free = [xy for xy in tries if all(math.dist(xy, (px, py)) >= GAP - 0.2 for px, py, _n in placed)]
        x, y = free[0] if free else (x, y)
        placed.append((min(max(x, MARGIN), WIDTH - MARGIN), y, n))
    return placed
