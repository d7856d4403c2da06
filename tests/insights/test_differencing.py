"""Weeks beside a quarter beside what an agency knows of itself: nobody subtracts down to a count of one or two.

Two who try: somebody who reads every page, and an agency that knows all its own numbers besides, day by day. Both know
all rules. What they want to know are counts of an agency, of everybody but an agency, and of everybody, in a week or in
all of it. See docs/insights.md.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import week_help
from insights.disclosure import LEAST, Whole, shown_table, told
from insights.models import Snapshot
from insights.week_days import DAYS, Week
from outreach.workflow import Outcome
from people.models import Organization
from tests import factories

MOST = 11
# Worlds with nearly as many people as were looked through would seem to be fewer than they are.
EDGE = 3
Known = tuple[object, ...]


class People(NamedTuple):
    """Who was answered in a week: by agency A alone, by B alone, by both; and by B, but the quarter leaves them out:
    they were sent before it began, or took their yes back.
    """

    a: int
    b: int
    both: int
    out: int

    @property
    def of_a(self) -> int:
        return self.a + self.both

    @property
    def of_b(self) -> int:
        return self.b + self.both + self.out

    def together(self, other: "People") -> "People":
        return People(self.a + other.a, self.b + other.b, self.both + other.both, self.out + other.out)


World = tuple[People, People]


def ways(n: int, most: int) -> Iterator[tuple[int, ...]]:
    """All ways to have at most so many in `n` places."""
    if not n:
        yield ()
        return
    for here in range(most + 1):
        for more in ways(n - 1, most - here):
            yield (here, *more)


def worlds(*, is_first: bool) -> Iterator[World]:
    """In the first quarter of all nobody was sent before it."""
    if is_first:
        yield from ((People(a, b, c, 0), People(d, e, f, 0)) for a, b, c, d, e, f in ways(6, MOST))
    else:
        yield from ((People(*one[:4]), People(*one[4:])) for one in ways(8, MOST))


def week_of(people: People, *, with_known: bool) -> int | None:
    return told(sum(people), [people.of_a, people.of_b] if with_known else [])


@cache
def quarter_of(a: int, b: int, *, hides_sums: bool) -> tuple[int | None, ...]:
    return tuple(one.total for one in shown_table({"a": Whole(a), "b": Whole(b)}, hides_sums=hides_sums).values())


def published(world: World, *, is_first: bool, with_known: bool) -> Known:
    first, second = world
    in_first = week_of(first, with_known=with_known)
    in_second = week_of(first.together(second) if in_first is None else second, with_known=with_known)
    a, b = first.of_a + second.of_a, first.of_b + second.of_b - first.out - second.out
    return (in_first, in_second, *quarter_of(a, b, hides_sums=is_first))


def secrets(world: World, *, of_a: bool) -> list[int]:
    """`of_a`: also what A has, and everybody: for A itself those are no secrets, but what is left without it."""
    first, second = world
    both = first.together(second)
    found = [one.of_b for one in (first, second, both)] + [one.of_b - one.out for one in (first, second, both)]
    if of_a:
        return found + [one.of_a for one in (first, second, both)] + [sum(one) for one in (first, second)]
    return found + [one.b + one.out for one in (first, second, both)] + [one.b for one in (first, second)]


def leaks(*, is_first: bool, is_agency: bool, with_known: bool = True) -> list[Known]:
    """What can be published (and known to A) of which it follows that a secret is exactly one, or exactly two."""
    follows: dict[Known, list[set[int]]] = defaultdict(lambda: [set() for _ in range(11)])
    fewest: dict[Known, int] = {}
    for world in worlds(is_first=is_first):
        seen = published(world, is_first=is_first, with_known=with_known)
        seen += (world[0].of_a, world[1].of_a) if is_agency else ()
        for values, n in zip(follows[seen], secrets(world, of_a=not is_agency), strict=True):
            values.add(n)
        fewest[seen] = min(fewest.get(seen, MOST), sum(map(sum, world)))
    inside = {seen: possible for seen, possible in follows.items() if fewest[seen] <= MOST - EDGE}
    return [seen for seen, possible in inside.items() if any(one in ({1}, {2}) for one in possible)]


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("is_agency", [False, True])
def test_weeks_beside_a_quarter_pin_no_count_of_one_or_two(is_first: bool, is_agency: bool) -> None:
    assert not leaks(is_first=is_first, is_agency=is_agency)


def test_without_looking_at_what_agencies_know_they_would() -> None:
    assert leaks(is_first=True, is_agency=True, with_known=False)


# --- More agencies, more weeks: everything subtracted from everything that overlaps ---

AGENCIES = 3
# Of each week: how many people each set of agencies answered, by the bits of its number. 0: people whom none answered.
a_week = st.lists(st.integers(0, 5), min_size=2**AGENCIES, max_size=2**AGENCIES)


def known_to(agency: int, week: list[int]) -> int:
    return sum(n for answered, n in enumerate(week) if answered >> agency & 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(a_week, min_size=1, max_size=6))
def test_no_stretch_nor_any_of_them_together_leaves_less_than_three_to_any_agency(weeks: list[list[int]]) -> None:
    stretches: list[list[int]] = []
    waiting = [0] * 2**AGENCIES
    for week in weeks:
        waiting = [n + m for n, m in zip(waiting, week, strict=True)]
        if told(sum(waiting), [known_to(one, waiting) for one in range(AGENCIES)]) is not None:
            stretches.append(waiting)
            waiting = [0] * 2**AGENCIES
    for first in range(len(stretches)):
        for last in range(first, len(stretches)):
            together = [sum(cells) for cells in zip(*stretches[first : last + 1], strict=True)]
            assert sum(together) >= LEAST
            assert all(sum(together) - known_to(one, together) >= LEAST for one in range(AGENCIES))


@pytest.mark.parametrize(
    ("total", "known", "says"),
    [(2, [], None), (3, [], 3), (5, [4], None), (5, [2, 2], 5), (6, [3, 3], None), (7, [4, 3], 7), (9, [9], None)],
)
def test_a_count_is_told_where_three_are_left_to_whoever_knows_most(
    total: int, known: list[int], says: int | None
) -> None:
    assert told(total, known) == says


# --- The pages' own counts ---

ZONE = ZoneInfo("America/Chicago")
WEEK = Week(date(2026, 9, 7), ZONE)
TUESDAY = datetime(2026, 9, 8, 17, tzinfo=UTC)


def answer(organization: Organization, n: int, *, at: datetime = TUESDAY) -> None:
    """So many people asked, were answered in time and got help from it, all in one moment."""
    for _n in range(n):
        asked = factories.make_help_request(created_at=at)
        ended = {"state": "completed", "outcome": Outcome.GOT_HELP, "closed_at": at, "closed_by": "agency"}
        times = {"sent_at": at, "due_at": at + timedelta(days=2), "answered_at": at}
        factories.make_referral(help_request=asked, organization=organization, **times, **ended)


@pytest.mark.django_db
def test_an_agency_does_not_read_from_the_week_what_the_others_did() -> None:
    pantry, housing = factories.make_organization(), factories.make_organization()
    answer(pantry, 5)
    answer(housing, 2)
    first = week_help.cells(WEEK)
    assert {first[name]["n"] for name in ("asked", "in_time", "got_help")} == {None}, "7 - 5 would be the others' two"
    Snapshot.objects.create(
        kind=Snapshot.Kind.WEEK, numbers={"help": first}, starts_on=WEEK.monday, ends_on=WEEK.sunday, version=1
    )
    answer(housing, 1, at=TUESDAY + DAYS)
    second = week_help.cells(Week(WEEK.monday + DAYS, ZONE))
    assert [second[name]["n"] for name in ("asked", "in_time", "got_help", "never_answered")] == [8, 8, 8, None]
    assert {cell["since"] for cell in second.values()} == {"2026-09-07"}


@pytest.mark.django_db
def test_people_whom_two_agencies_know_are_taken_away_once() -> None:
    pantry, housing = factories.make_organization(), factories.make_organization()
    for _n in range(4):
        asked = factories.make_help_request(created_at=TUESDAY)
        for organization in (pantry, housing):
            factories.make_referral(help_request=asked, organization=organization)
    assert week_help.cells(WEEK)["asked"]["n"] is None, "each of the two knows them all"
    for _n in range(3):
        factories.make_consent(help_request=factories.make_help_request(created_at=TUESDAY), scope="call_me")
    assert week_help.cells(WEEK)["asked"]["n"] == 7
