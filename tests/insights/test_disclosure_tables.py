"""Agencies side by side: nobody learns a count below three from the table, also who knows what its columns come to."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.disclosure import LEAST, Whole, carry, shown_parts, shown_table

MOST = 8
MOST_IN_ALL = 9
Row = tuple[int, int]  # asked, answered in time


def table(rows: tuple[Row, ...]) -> dict[str, Whole]:
    return {name: Whole(asked, {"time": {"in_time": ok}}) for name, (asked, ok) in zip("abc", rows, strict=False)}


def published(rows: tuple[Row, ...], *, with_sums: bool) -> tuple[object, ...]:
    """Everything that is shown; with what the whole coalition's numbers come to, as if another page said so."""
    out: list[object] = [(one.total, one.parts["in_time"]) for one in shown_table(table(rows)).values()]
    if with_sums:
        asked, ok = sum(row[0] for row in rows), sum(row[1] for row in rows)
        everybody = shown_parts(asked, {"in_time": ok})
        out += [everybody.total, everybody.parts["in_time"]]
    return tuple(out)


def secrets(rows: tuple[Row, ...]) -> list[int]:
    """Every number that somebody may want to know: each cell, and what is left over."""
    return [n for asked, ok in rows for n in (asked, ok, asked - ok)]


@cache
def what_follows(n_rows: int, *, with_sums: bool) -> dict[tuple[object, ...], list[set[int]]]:
    """For everything that can be published: what each secret can be in all worlds where just that is published."""
    follows: dict[tuple[object, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in range(3 * n_rows)])
    rows = [(asked, ok) for asked in range(MOST + 1) for ok in range(asked + 1)]
    for world in product(rows, repeat=n_rows):
        possible = follows[published(world, with_sums=with_sums)]
        for values, secret in zip(possible, secrets(world), strict=True):
            values.add(secret)
    return follows


@pytest.mark.parametrize(("n_rows", "with_sums"), [(1, False), (2, False), (2, True)])
def test_in_every_small_world_no_count_below_three_is_known(n_rows: int, with_sums: bool) -> None:
    for shown, possible in what_follows(n_rows, with_sums=with_sums).items():
        for values in possible:
            assert min(values) >= LEAST or len(values) > 1, (shown, values)


cells = st.integers(0, 9)
splits = st.fixed_dictionaries({"help": cells, "no_room": cells, "never": cells})


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(splits, cells, cells), min_size=1, max_size=5))
def test_a_table_shows_no_line_of_which_one_hidden_cell_follows(rows: list[tuple[dict[str, int], int, int]]) -> None:
    wholes = {}
    for i, (ends, rest, late) in enumerate(rows):
        total = sum(ends.values()) + rest
        wholes[str(i)] = Whole(total, {"end": ends, "time": {"in_time": max(total - late, 0)}})
    told = shown_table(wholes)
    for who, whole in wholes.items():
        assert told[who].total in {None, whole.total}
        for parts in whole.splits.values():
            for name, n in parts.items():
                assert told[who].parts[name] in {None, n}
                assert n >= LEAST or told[who].parts[name] is None
            hidden = [n for name, n in parts.items() if told[who].parts[name] is None]
            left = whole.total - sum(n for name, n in parts.items() if told[who].parts[name] is not None)
            # What is left once everything shown is taken away: nothing is hidden, or more than one thing, three at
            # least. The part without a name is one of them, so a single hidden part means that it is hidden as well.
            assert told[who].total is None or not hidden or left >= LEAST
            assert told[who].total is None or hidden or whole.total - sum(parts.values()) >= LEAST
    for name in ("help", "no_room", "never", "in_time"):
        column = [(told[who].parts[name], dict(parts_of(whole))[name]) for who, whole in wholes.items()]
        hidden = [n for shown, n in column if shown is None]
        assert not hidden or len(hidden) == len(column) or (len(hidden) > 1 and sum(hidden) >= LEAST)


def parts_of(whole: Whole) -> list[tuple[str, int]]:
    return [pair for parts in whole.splits.values() for pair in parts.items()]


def test_eight_of_nine_are_not_said() -> None:
    [told] = shown_table({"a": Whole(9, {"time": {"in_time": 8}})}).values()
    assert (told.total, told.parts) == (9, {"in_time": None})


def test_one_small_agency_takes_the_next_one_with_it() -> None:
    told = shown_table({"a": Whole(9), "b": Whole(2), "c": Whole(5)})
    assert [one.total for one in told.values()] == [9, None, None]


def test_of_an_agency_whose_total_is_hidden_nothing_is_shown() -> None:
    half = {"time": {"in_time": 4}}
    told = shown_table({"a": Whole(9, half), "b": Whole(2), "c": Whole(8, half)})
    assert told["a"].total == 9
    assert told["c"].total is None, "it hides the small one"
    assert told["c"].parts == {"in_time": None}


def test_parts_that_are_more_than_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the total"):
        shown_table({"a": Whole(2, {"time": {"in_time": 3}})})


World = tuple[int, ...]


def weeks_and_quarter(world: World, *, is_first: bool) -> tuple[object, ...]:
    """Two weeks as the coalition's weekly counts say them, carried, and what the quarter says of two agencies.

    The weeks count people, by the day on which they were answered; the quarter counts referrals, by the day on which
    they were sent. `world`: people of both agencies in the first week, in the second, people of the first week who
    were sent before the quarter began (none before the first quarter of all), and both agencies' second referrals
    for somebody who was counted already.
    """
    a1, b1, a2, b2, early, more_a, more_b = world
    first, waiting = carry(0, a1 + b1 + early)
    second, _waiting = carry(waiting, a2 + b2)
    agencies = {"a": Whole(a1 + a2 + more_a), "b": Whole(b1 + b2 + more_b)}
    return (first, second, *(one.total for one in shown_table(agencies, hides_sums=is_first).values()))


def secrets_of(world: World) -> list[int]:
    a1, b1, a2, b2, early, more_a, more_b = world
    return [*world, a1 + a2, b1 + b2, a1 + a2 + more_a, b1 + b2 + more_b, a1 + b1 + early, a2 + b2]


def leaks(*, is_first: bool, hides_sums: bool) -> list[object]:
    """Publications of which somebody who knows all rules learns that something is exactly 0, 1 or 2."""
    follows: dict[tuple[object, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in range(14)])
    for world in worlds(7, MOST_IN_ALL + 2):
        if not (is_first and world[4]):
            told = weeks_and_quarter(world, is_first=hides_sums)
            for values, n in zip(follows[told], (*secrets_of(world), sum(world)), strict=True):
                values.add(n)
    if is_first:
        for possible in follows.values():
            possible[4] = {0, 1}  # that nobody was sent before is known, and nothing about anybody
    # Worlds at the edge of what was looked through would seem to be fewer than they are.
    found = {shown: possible for shown, possible in follows.items() if min(possible[-1]) <= MOST_IN_ALL - 2}
    return [
        (shown, *all_of) for shown, all_of in found.items() if any(len(one) == 1 and min(one) < 3 for one in all_of)
    ]


def worlds(n: int, most: int) -> Iterator[World]:
    """All ways to have at most so many in `n` places."""
    if not n:
        yield ()
        return
    for here in range(most + 1):
        for more in worlds(n - 1, most - here):
            yield (here, *more)


def test_a_quarter_beside_its_weeks_pins_nothing_below_three() -> None:
    assert not leaks(is_first=False, hides_sums=False)


def test_nor_does_the_first_quarter_of_all() -> None:
    assert not leaks(is_first=True, hides_sums=True)
    assert leaks(is_first=True, hides_sums=False)
