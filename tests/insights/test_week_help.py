"""Whatever happens week by week, what is said about help never gives away a count below three."""

from datetime import date, datetime
from itertools import pairwise
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import week_help
from insights.disclosure import LEAST
from insights.models import Snapshot
from insights.week_days import DAYS, Week

pytestmark = pytest.mark.django_db

FIRST = date(2026, 9, 7)
ZONE = ZoneInfo("America/Chicago")
# Of each week: how many asked, whether it was counted at all, whether somebody counted it a second time, and how many
# turned up in it only after it was counted first.
WEEKS = st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.booleans(), st.integers(0, 4)), min_size=2, max_size=7)


def _tell(weeks: list[tuple[int, bool, bool, int]], order: list[int] | None = None) -> list[Any]:
    """Count them one after the other, or in another order; every version that was made, with its cell."""
    asked = {FIRST + n * DAYS: one[0] for n, one in enumerate(weeks)}

    def count(_name: str, start: datetime, end: datetime) -> int:
        return sum(n for monday, n in asked.items() if start.date() <= monday < end.date())

    told = []
    with patch.object(week_help, "_count", count):
        for n in order or range(len(weeks)):
            _asked, is_counted, twice, late = weeks[n]
            week = Week(FIRST + n * DAYS, ZONE)
            for version in range(1, 1 + is_counted + (is_counted and twice)):
                cells = week_help.cells(week)
                kept = {"starts_on": week.monday, "ends_on": week.sunday, "version": version}
                Snapshot.objects.create(kind=Snapshot.Kind.WEEK, numbers={"help": cells}, **kept)
                told.append((week, version, cells["asked"]))
                asked[week.monday] += late
    return told


@settings(max_examples=25, deadline=None)
@given(weeks=WEEKS)
def test_no_sequence_of_weeks_reveals_a_count_below_three(weeks: list[tuple[int, bool, bool, int]]) -> None:
    with transaction.atomic():
        told = _tell(weeks)
        transaction.set_rollback(True)
    first = {week.monday: cell for week, version, cell in told if version == 1}
    assert all(cell == first[week.monday] for week, _version, cell in told), "counted again, it says the same"
    shown = [(date.fromisoformat(cell["since"]), monday, cell["n"]) for monday, cell in first.items() if cell["n"]]
    assert all(n >= LEAST for _since, _monday, n in shown)
    for (_a, before, _n), (since, _b, _m) in pairwise(shown):
        assert since == before + DAYS, "stretches follow each other: none is in two counts, and none is left out"


@settings(max_examples=25, deadline=None)
@given(weeks=WEEKS, data=st.data())
def test_weeks_counted_in_any_order_never_tell_a_day_twice(weeks: list[tuple[int, bool, bool, int]], data: Any) -> None:
    order = data.draw(st.permutations(range(len(weeks))))
    with transaction.atomic():
        told = _tell(weeks, order)
        transaction.set_rollback(True)
    shown = sorted(
        (cell["since"], week.sunday.isoformat()) for week, version, cell in told if version == 1 and cell["n"]
    )
    assert all(until < since for (_since, until), (since, _until) in pairwise(shown))


def test_what_a_missing_week_held_is_told_with_the_next() -> None:
    told = _tell([(4, True, False, 0), (2, False, False, 0), (1, True, False, 0)])
    assert [cell for _week, _version, cell in told] == [
        {"n": 4, "since": "2026-09-07"},
        {"n": 3, "since": "2026-09-14"},
    ]
