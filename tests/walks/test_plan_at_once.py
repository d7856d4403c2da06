"""Several people change one plan at the same moment, each over a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from tests import factories
from walks.models import TeamSegment
from walks.plan_actions import PlanChanged, give_sides, split_evenly
from walks.planning import Plan, holders_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(n, act):
    """What each of `n` people got who press at the same moment: "done" or "refused"."""
    start = Barrier(n)

    def press(number: int) -> str:
        try:
            start.wait(30)
            act(number)
        except PlanChanged:
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(n) as pool:
        return sorted(pool.map(press, range(n)))


def test_of_four_who_split_at_once_one_wins_and_the_plan_is_whole():
    walk, by = factories.make_walk(), factories.make_user()
    seen = Plan(walk).version
    outcomes = at_once(4, lambda n: split_evenly(walk=walk, n_teams=n + 1, how="both", by=by, expected=seen))
    assert outcomes == ["done", "refused", "refused", "refused"]
    n_teams = walk.teams.count()
    assert len(holders_of(walk)) == 6
    assert set(holders_of(walk).values()) == set(range(1, min(n_teams, 3) + 1))


def test_of_two_who_move_one_side_one_sees_the_other_and_different_sides_both_hold():
    walk, by = factories.make_walk(), factories.make_user()
    split_evenly(walk=walk, n_teams=3, how="both", by=by, expected=Plan(walk).version)
    first, _second, last = (segment.pk for segment in walk.corridor.segments.all())
    same = at_once(2, lambda n: give_sides(walk=walk, wanted={(first, "left"): (1, 2 + n)}, by=by))
    assert same == ["done", "refused"]
    moves = [{(first, "right"): (1, 2)}, {(last, "left"): (3, 1)}]
    assert at_once(2, lambda n: give_sides(walk=walk, wanted=moves[n], by=by)) == ["done", "done"]
    holders = holders_of(walk)
    assert (holders[first, "right"], holders[last, "left"], len(holders)) == (2, 1, 6)
    assert sum(len(row.faces) for row in TeamSegment.objects.all()) == 6
