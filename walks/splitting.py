"""Dividing a street among teams. Pure: no database, no models."""

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

How = Literal["both", "one"]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Stretch(Generic[Key]):
    """One block: what it is known by, and its length in metres."""

    key: Key
    length_m: float


def split(blocks: Sequence[Stretch[Key]], n_teams: int, how: How) -> list[list[tuple[Key, str]]]:
    """Give every side of every block to exactly one team: `n_teams` lists of (key, "left" or "right").

    `blocks` come in the order of the street, and so do the lists. With "both" each team walks both sides of a stretch;
    with "one" it goes along one side. An odd number of teams shares the two sides as a loop (up one side, back on the
    other), so that the one in the middle turns around at the far end. Lengths are as even as whole blocks allow (least
    squares). Where there are fewer blocks than teams, some teams get none. Raises ValueError without a team.
    """
    if n_teams < 1:
        raise ValueError("a street is divided among one team or more")
    if how == "both":
        return [[*_side(run, "left"), *reversed(_side(run, "right"))] for run in divide(blocks, n_teams)]
    if n_teams % 2 == 0:
        runs = divide(blocks, n_teams // 2)
        return [_side(run, "left") for run in runs] + [_side(run, "right") for run in runs]
    loop = [(block, "left") for block in blocks] + [(block, "right") for block in reversed(blocks)]
    shares = divide([Stretch(step, step[0].length_m) for step in loop], n_teams)
    return [[(share.key[0].key, share.key[1]) for share in run] for run in shares]


def _side(run: Sequence[Stretch[Key]], side: str) -> list[tuple[Key, str]]:
    return [(block.key, side) for block in run]


def divide(blocks: Sequence[Stretch[Key]], n: int) -> list[list[Stretch[Key]]]:
    """Cut a row into `n` runs whose lengths are as even as possible: the least sum of their squares.

    No run is empty while there are blocks enough. Takes n · blocks² steps.
    """
    n_runs = min(n, len(blocks))
    ends = [0.0, *itertools.accumulate(block.length_m for block in blocks)]
    # best[k][i]: the least sum for the first i blocks in k runs, and where the last of them begins.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for k in range(1, n_runs + 1):
        row = {}
        for i in range(k, len(blocks) - (n_runs - k) + 1):
            sums = ((best[k - 1][j][0] + (ends[i] - ends[j]) ** 2, j) for j in range(k - 1, i) if j in best[k - 1])
            row[i] = min(sums, default=(math.inf, 0))
        best.append(row)
    cuts = [len(blocks)]
    for k in range(n_runs, 0, -1):
        cuts.append(best[k][cuts[-1]][1])
    cuts.reverse()
    runs = [list(blocks[start:end]) for start, end in itertools.pairwise(cuts)]
    return runs + [[] for _ in range(n - n_runs)]
