"""Agencies side by side: nobody learns a count below three from the table, also who knows what its columns come to."""

from collections import defaultdict
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.disclosure import LEAST, Whole, shown_parts, shown_table

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


@pytest.mark.parametrize(("n_rows", "most"), [(2, MOST), (3, 4)])
def test_nor_does_an_agency_that_knows_its_own_numbers_know_another_ones(n_rows: int, most: int) -> None:
    follows: dict[tuple[object, ...], list[set[int]]] = defaultdict(lambda: [set() for _ in range(3 * n_rows - 3)])
    for world in product([(asked, ok) for asked in range(most + 1) for ok in range(asked + 1)], repeat=n_rows):
        seen = published(world, with_sums=False)
        for mine in range(n_rows):
            others = world[:mine] + world[mine + 1 :]
            for values, secret in zip(follows[(mine, world[mine], *seen)], secrets(others), strict=True):
                values.add(secret)
    assert not [
        seen for seen, possible in follows.items() if any(one <= {0, 1, 2} and len(one) == 1 for one in possible)
    ]


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
