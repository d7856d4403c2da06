"""Nobody learns a count below three from what is published, also who knows the rules and takes everything together."""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from insights.disclosure import LEAST, say, shown, shown_parts, told

SMALL = {0, 1, 2}
NAMES = "abc"


@pytest.mark.parametrize(("n", "said"), [(0, None), (1, None), (2, None), (3, 3), (41, 41)])
def test_a_count_below_three_is_not_shown(n, said):
    assert shown(n) == said
    assert say(shown(n)) == ("fewer than 3" if said is None else str(n))


def everything_that_looks_alike(total, parts):
    """All tables of that total, with as many parts, of which the very same would be published."""
    published = shown_parts(total, parts)
    for cells in product(range(total + 1), repeat=len(parts)):
        table = dict(zip(parts, cells, strict=True))
        if sum(cells) <= total and shown_parts(total, table) == published:
            yield table


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=4).filter(lambda cells: sum(cells) <= 11))
@example([5, 6])
@example([1, 8])
@example([2, 2, 2])
@example([0, 0, 3])
def test_no_hidden_part_nor_the_rest_of_a_total_can_be_computed(cells):
    *named, rest = cells
    parts, total = dict(zip(NAMES, named, strict=False)), sum(cells)
    published = shown_parts(total, parts)
    assert published.total == shown(total)
    if published.total is None:
        assert set(published.parts.values()) == {None}
        return
    alike = list(everything_that_looks_alike(total, parts))
    for name in parts:
        possible = {table[name] for table in alike}
        if published.parts[name] is None:
            assert len(possible & SMALL) != 1 or not possible <= SMALL, (name, possible)
            assert len(possible) > 1
        else:
            assert possible == {parts[name]}
            assert parts[name] >= LEAST
    leftovers = {total - sum(table.values()) for table in alike}
    assert rest >= LEAST or len(leftovers) > 1, leftovers


def test_one_small_part_takes_the_next_one_with_it():
    assert shown_parts(9, {"answered": 8}).parts == {"answered": None}
    assert shown_parts(9, {"answered": 6}).parts == {"answered": 6}
    assert shown_parts(9, {"answered": 9}).parts == {"answered": None}
    assert shown_parts(20, {"a": 1, "b": 4, "c": 10}).parts == {"a": None, "b": None, "c": 10}


def test_parts_that_are_no_parts_are_refused():
    with pytest.raises(ValueError, match="more than the total"):
        shown_parts(3, {"a": 2, "b": 2})


def publish(weeks):
    waiting, said = 0, []
    for new in weeks:
        n = told(waiting + new, [])
        waiting = 0 if n else waiting + new
        said.append(n)
    return said


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=4))
@example([0, 0, 3])
@example([2, 1, 2])
def test_no_week_below_three_can_be_computed_from_all_weeks_together(weeks):
    published = publish(weeks)
    alike = [other for other in product(range(sum(weeks) + LEAST), repeat=len(weeks)) if publish(other) == published]
    for week, n in enumerate(weeks):
        possible = {other[week] for other in alike}
        assert n >= LEAST or len(possible) > 1, (week, possible)
    assert sum(n for n in published if n) <= sum(weeks) < sum(n for n in published if n) + LEAST
