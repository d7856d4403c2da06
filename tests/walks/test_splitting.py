"""Dividing a street among teams: everything once, in one piece, as even as it gets."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walks.splitting import Stretch, divide, split

LENGTHS = st.lists(st.floats(min_value=5, max_value=900), min_size=1, max_size=14)


def row(lengths):
    return [Stretch(n, length) for n, length in enumerate(lengths)]


@settings(max_examples=60)
@given(LENGTHS, st.integers(1, 9), st.sampled_from(["both", "one"]))
def test_every_side_is_given_exactly_once(lengths, n_teams, how):
    shares = split(row(lengths), n_teams, how)
    assert len(shares) == n_teams
    given_out = sorted(face for share in shares for face in share)
    assert given_out == sorted(itertools.product(range(len(lengths)), ["left", "right"]))


def is_in_one_piece(share, last):
    """Each step goes to the next block on the same side, or crosses the street."""
    return all((abs(a - b) == 1 and x == y) or (a == b and x != y) for (a, x), (b, y) in itertools.pairwise(share)) or (
        not share and last >= 0
    )


@settings(max_examples=60)
@given(LENGTHS, st.integers(1, 9), st.sampled_from(["both", "one"]))
def test_a_team_never_jumps(lengths, n_teams, how):
    for share in split(row(lengths), n_teams, how):
        assert is_in_one_piece(share, len(lengths) - 1)


@settings(max_examples=60)
@given(LENGTHS, st.integers(1, 9))
def test_nobody_goes_without_while_there_is_enough(lengths, n_teams):
    runs = divide(row(lengths), n_teams)
    assert sum(1 for run in runs if run) == min(n_teams, len(lengths))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 500), min_size=1, max_size=9), st.integers(1, 5))
def test_no_other_cut_is_more_even(lengths, n_teams):
    def squares(runs):
        return sum(sum(run) ** 2 for run in runs)

    n = min(n_teams, len(lengths))
    cuts = itertools.combinations(range(1, len(lengths)), n - 1)
    ways = [[lengths[a:b] for a, b in itertools.pairwise([0, *cut, len(lengths)])] for cut in cuts]
    found = [[int(block.length_m) for block in run] for run in divide(row(lengths), n_teams)]
    assert squares(found) == min(squares(way) for way in ways)


@settings(max_examples=30)
@given(LENGTHS, st.integers(1, 4))
def test_an_even_number_of_teams_keeps_to_one_side_each(lengths, half):
    for share in split(row(lengths), 2 * half, "one"):
        assert len({side for _key, side in share}) <= 1


def test_three_teams_on_two_sides_share_a_loop():
    assert split(row([100, 100, 100]), 3, "one") == [
        [(0, "left"), (1, "left")],
        [(2, "left"), (2, "right")],
        [(1, "right"), (0, "right")],
    ]


def test_nobody_is_no_team():
    with pytest.raises(ValueError, match="one team"):
        split(row([100]), 0, "both")
