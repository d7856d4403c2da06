"""Walk over walk: each concern in exactly one group, never day with dark, and what nobody walked is never zero."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from concerns.actions import mark_duplicate
from concerns.comparing import SHOWN, Comparison, Group, Seen, Walked, compare, judge
from concerns.comparing_views import sentence
from concerns.models import Concern
from corridors.models import Corridor, Segment
from people.models import User
from tests import factories
from walks.models import Walk

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY_ZERO = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)


class Street:
    """A corridor of three blocks that is walked again and again."""

    def __init__(self) -> None:
        self.corridor: Corridor = factories.make_corridor()
        self.blocks: list[Segment] = list(self.corridor.segments.all())

    def walk(self, week: int, *, lit: str = "day", sides: str = "left right", blocks: int = 3) -> Walk:
        """A walk some weeks after the first, on both sides of so many blocks."""
        meet = DAY_ZERO + timedelta(weeks=week)
        times = {"meet_at": meet, "step_off_at": meet, "end_at": meet + timedelta(hours=2)}
        walk = factories.make_walk(corridor=self.corridor, title=f"Week {week}", **times)
        for segment in self.blocks[:blocks]:
            for side in sides.split():
                self.passed(walk, segment, side, lit)
        return walk

    def passed(self, walk: Walk, segment: Segment, side: str, lit: str) -> None:
        factories.make_pass(
            walk=walk, segment=segment, side=side, lit=lit, started_at=walk.meet_at, ended_at=walk.end_at
        )

    def noticed(self, walk: Walk | None, **fields: Any) -> Concern:
        """Trash on the left side of the first block, by day."""
        at = walk.meet_at if walk else DAY_ZERO
        usual = {"category": "DUMPING", "lit": "day", "segment": self.blocks[0], "side": "left", "received_at": at}
        concern = factories.make_concern(**usual | {"walk": walk or factories.make_walk()} | fields)
        if walk is None:
            Concern.objects.filter(pk=concern.pk).update(walk=None, source="web")
        return concern

    def looked(self, concern: Concern, walk: Walk | None, result: str, **fields: Any) -> None:
        at = walk.meet_at if walk else DAY_ZERO
        factories.make_look(**{"concern": concern, "walk": walk, "result": result, "lit": "day", "received_at": at}
                            | fields)  # fmt: skip

    def compared(self, after: Walk, before: Walk | None = None, lit: str = "day") -> Comparison:
        return compare(self.corridor, Walked(self.corridor, timezone.now()), lit=lit, after=after, before=before)


@pytest.fixture
def street(db: None) -> Street:
    return Street()


def groups_of(found: Comparison) -> dict[int, Group]:
    """Each concern with its group. Fails where one is in two."""
    listed = [(pk, group) for group, pks in found.groups.items() for pk in pks]
    assert len(listed) == len(dict(listed)), "a concern is in two groups"
    return dict(listed)


# --- judging one concern ---


def at(week: int) -> tuple[datetime, int]:
    return (DAY_ZERO + timedelta(weeks=week), 1)


def seen(*told: tuple[int, bool]) -> list[Seen]:
    """What was seen in which week, there or fixed; the earliest line is what made it known."""
    first = min(range(len(told)), key=lambda n: told[n][0]) if told else None
    return [Seen(at(week), at(week)[0], there, n == first) for n, (week, there) in enumerate(told)]


@pytest.mark.parametrize(
    ("told", "group"),
    [
        ([(2, True)], Group.NEW),
        ([(1, True), (2, True)], Group.STILL),
        ([(1, True), (2, False)], Group.FIXED),
        ([(0, True), (1, False), (2, True)], Group.BACK),
        ([(1, True)], Group.UNSURE),
        ([(0, True), (1, False)], Group.EARLIER),
        ([(0, True), (1, False), (2, False)], Group.EARLIER),
        ([(3, True)], None),
        ([], None),
    ],
)
def test_what_became_of_one_concern(told: list[tuple[int, bool]], group: Group | None) -> None:
    assert judge(seen(*told), before=at(1), after=at(2)) == group


def test_fixed_in_between_and_there_again_came_back() -> None:
    told = seen((0, True), (2, False), (3, True))
    assert judge(told, before=at(1), after=at(3)) == Group.BACK
    assert judge(told, before=at(1), after=at(2)) == Group.FIXED


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=7), st.integers(0, 4), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_the_group_agrees_with_the_last_that_was_seen(told: list[tuple[int, bool]], before: int, span: int) -> None:
    """Whatever was seen when: there at the end is never fixed, fixed at the end is never wrong, later doesn't count."""
    after = before + span
    rows = seen(*told)
    group = judge(rows, before=at(before), after=at(after))
    assert group == judge([one for one in rows if one.moment <= at(after)], before=at(before), after=at(after))
    known = sorted(one for one in rows if one.moment <= at(after))
    fresh = [one for one in known if one.moment > at(before)]
    if group in (Group.NEW, Group.STILL, Group.BACK):
        assert fresh[-1].is_there
    elif group == Group.FIXED:
        assert not fresh[-1].is_there
        assert any(one.is_there for one in known)
    elif group in (Group.UNSURE, Group.EARLIER):
        assert not fresh or not fresh[-1].is_there
    else:
        assert not known
    if group == Group.STILL:
        assert all(one.is_there for one in fresh)
    if group == Group.NEW:
        assert known == fresh


# --- on a street ---


def test_four_kinds_of_news_between_two_walks(street: Street) -> None:
    first, second, third = street.walk(0), street.walk(4), street.walk(8)
    stays, goes, returns = street.noticed(first), street.noticed(first), street.noticed(first)
    street.looked(returns, second, "fixed")
    for concern, result in ((stays, "worse"), (goes, "fixed"), (returns, "still_there")):
        street.looked(concern, third, result)
    fresh = street.noticed(third)
    told = groups_of(street.compared(third, second))
    assert told == {
        stays.pk: Group.STILL, goes.pk: Group.FIXED, returns.pk: Group.BACK, fresh.pk: Group.NEW,
    }  # fmt: skip
    assert sentence(street.compared(third)) == (
        "1 new, 1 still there, 1 fixed, 1 came back, on the 6 of 6 block sides that were walked both times by day."
    )


def test_a_side_that_was_not_walked_both_times_is_unknown_and_never_zero(street: Street) -> None:
    first = street.walk(0, blocks=2)
    second = street.walk(1, sides="left")
    elsewhere = street.noticed(first, side="right")
    new_there = street.noticed(second, segment=street.blocks[2])
    found = street.compared(second)
    assert groups_of(found) == {elsewhere.pk: Group.NOT_WALKED, new_there.pk: Group.NOT_WALKED}
    sides = {(row.segment.position, row.side): row.n(Group.NEW) for row in found.faces}
    assert sides == {(0, "left"): 0, (1, "left"): 0, (2, "left"): None} | {(n, "right"): None for n in range(3)}
    assert [block["left"] for block in found.blocks(Group.NEW)] == [0, 0, None]


def test_day_is_never_compared_with_dark(street: Street) -> None:
    by_day, by_night = street.walk(0), street.walk(1, lit="dark")
    street.noticed(by_day)
    assert not Walked(street.corridor, timezone.now()).before(by_night, "dark")
    again = street.walk(2, lit="dark")
    lamp = street.noticed(by_night, category="LIGHT_OUT", lit="dark")
    street.looked(lamp, again, "fixed", lit="dark")
    assert groups_of(street.compared(again, lit="dark")) == {lamp.pk: Group.FIXED}
    third = street.walk(3)
    assert lamp.pk not in groups_of(street.compared(third))


def test_a_lamp_that_is_called_fixed_by_day_is_not_fixed(street: Street) -> None:
    first, second = street.walk(0), street.walk(1)
    lamp = street.noticed(first, category="LIGHT_OUT")
    street.looked(lamp, second, "fixed")
    assert groups_of(street.compared(second)) == {lamp.pk: Group.UNSURE}


def test_the_same_walk_after_sunset_counts_its_own_light(street: Street) -> None:
    """Nobody said how light it was: the light in which that walk passed that side counts, where it was one."""
    first = street.walk(0, lit="dark")
    unsaid = street.noticed(first, lit="")
    second = street.walk(1, lit="dark")
    assert groups_of(street.compared(second, lit="dark")) == {unsaid.pk: Group.UNSURE}
    street.passed(first, street.blocks[0], "left", "day")
    assert groups_of(street.compared(second, lit="dark")) == {}


def test_whoever_should_fix_it_and_the_city_do_not_count(street: Street) -> None:
    first, second = street.walk(0), street.walk(1)
    concern = street.noticed(first, status="claimed_fixed", triaged_at=timezone.now())
    street.looked(concern, second, "fixed", is_by_fixer=True)
    street.looked(concern, second, "cannot_tell")
    assert groups_of(street.compared(second)) == {concern.pk: Group.UNSURE}


def test_what_residents_told_us_is_not_new_when_a_walk_sees_it(street: Street) -> None:
    street.walk(0)
    second = street.walk(1)
    told = street.noticed(None)
    street.looked(told, second, "still_there")
    assert groups_of(street.compared(second)) == {told.pk: Group.UNSURE}


def test_two_reports_of_one_thing_count_once_and_as_seen_again(street: Street, organizer: User) -> None:
    first, second = street.walk(0), street.walk(1)
    one, same = street.noticed(first), street.noticed(second)
    mark_duplicate(concern=same, of=one, by=organizer)
    assert groups_of(street.compared(second)) == {one.pk: Group.STILL}


def test_spam_and_good_things_and_what_was_taken_back_are_left_out(street: Street) -> None:
    street.walk(0)
    second = street.walk(1)
    street.noticed(second, publication="spam")
    street.noticed(second, status="withdrawn")
    street.noticed(second, category="ASSET")
    assert groups_of(street.compared(second)) == {}


def test_a_pass_that_was_taken_back_and_a_walk_under_way_do_not_count(street: Street) -> None:
    first, second = street.walk(0), street.walk(1)
    first.passes.update(withdrawn_at=timezone.now())
    Walk.objects.filter(pk=second.pk).update(end_at=timezone.now() + timedelta(hours=1))
    assert Walked(street.corridor, timezone.now()).walks == {}


RESULTS = ["fixed", "still_there", "worse", "cannot_tell", "gone"]


@pytest.mark.django_db
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_each_known_concern_is_in_exactly_one_group_and_the_sides_add_up(data: st.DataObject) -> None:
    """Any walks, passes, reports and looks: groups part the concerns, and a side that isn't compared has no number."""
    street = Street()
    lights, sides = st.sampled_from(["day", "dark", "dusk"]), st.sampled_from(["left", "right"])
    walks = [
        street.walk(week, lit=data.draw(lights), sides=data.draw(st.sampled_from(["left", "right", "left right"])))
        for week in range(3)
    ]
    for _n in range(data.draw(st.integers(0, 6))):
        concern = street.noticed(
            data.draw(st.sampled_from(walks)), lit=data.draw(lights), side=data.draw(sides),
            segment=data.draw(st.sampled_from(street.blocks)),
        )  # fmt: skip
        for _m in range(data.draw(st.integers(0, 2))):
            street.looked(concern, data.draw(st.sampled_from(walks)), data.draw(st.sampled_from(RESULTS)),
                          lit=data.draw(lights))  # fmt: skip
    walked = Walked(street.corridor, timezone.now())
    for lit in ("day", "dusk", "dark"):
        for after in walked.in_light(lit):
            found = compare(street.corridor, walked, lit=lit, after=after, before=None)
            told = groups_of(found)
            assert set(told) <= set(Concern.objects.filter(segment__corridor=street.corridor).values_list("pk", flat=1))
            for group in SHOWN:
                known = [row.n(group) for row in found.faces]
                assert sum(n or 0 for n in known) == found.n(group)
                assert all((n is None) != row.is_compared for n, row in zip(known, found.faces, strict=True))


# --- the page ---


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    client.force_login(organizer, backend=BACKEND)
    return client


def url_of(street: Street, end: str = "") -> str:
    return f"/desk/corridors/{street.corridor.slug}/over-time/{end}"


def test_the_page_says_it_in_words_and_shows_vacant_buildings_to_the_desk(desk: Client, street: Street) -> None:
    street.walk(0)
    house = street.noticed(street.walk(1), category="VACANT_BLD", address="3544 Independence Ave")
    page = desk.get(url_of(street)).content.decode()
    assert "1 new, 0 still there, 0 fixed, 0 came back, on the 6 of 6 block sides" in page
    assert house.address in page
    assert "What the words mean" in page


def test_without_a_second_walk_nothing_is_compared(desk: Client, street: Street) -> None:
    assert "Nobody walked here in this light yet" in desk.get(url_of(street)).content.decode()
    street.walk(0)
    assert "One walk in this light so far" in desk.get(url_of(street)).content.decode()


def test_walks_and_light_are_chosen_in_the_address(desk: Client, street: Street) -> None:
    first, second, third = street.walk(0), street.walk(1), street.walk(2)
    street.noticed(second)
    page = desk.get(url_of(street), {"light": "day", "walk": third.public_id, "before": second.public_id})
    assert "0 new" in page.content.decode()
    page = desk.get(url_of(street), {"light": "day", "walk": second.public_id, "before": first.public_id})
    assert "1 new" in page.content.decode()


@pytest.mark.parametrize("query", ["light=noon", "walk=x'--", "before=00000000-0000-0000-0000-000000000000"])
def test_what_cannot_be_compared_is_said_in_a_sentence(desk: Client, street: Street, query: str) -> None:
    street.walk(0)
    street.walk(1)
    answer = desk.get(f"{url_of(street)}?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_the_file_is_safe_for_a_spreadsheet_and_empty_where_nobody_walked(desk: Client, street: Street) -> None:
    street.blocks[0].from_street = "=1+1"
    street.blocks[0].save()
    street.walk(0)
    street.noticed(street.walk(1, sides="left"))
    answer = desk.get(url_of(street, "sides.csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert rows[0]["from"] == "'=1+1"
    assert (rows[0]["compared"], rows[0]["new"], rows[0]["fixed"]) == ("yes", "1", "0")
    assert (rows[1]["compared"], rows[1]["new"], rows[1]["fixed"]) == ("no", "", "")


def test_the_page_asks_as_few_questions_for_many_walks_as_for_two(desk: Client, street: Street) -> None:
    for week in range(2):
        street.noticed(street.walk(week))
    desk.get(url_of(street))
    with CaptureQueriesContext(connection) as few:
        desk.get(url_of(street))
    for week in range(2, 5):
        walk = street.walk(week)
        street.looked(street.noticed(walk, side="right", segment=street.blocks[1]), walk, "worse")
    with CaptureQueriesContext(connection) as many:
        desk.get(url_of(street))
    assert len(many) == len(few) <= 12, [query["sql"] for query in many.captured_queries]


def test_the_corridors_page_leads_here(desk: Client, street: Street) -> None:
    assert url_of(street) in desk.get(f"/desk/corridors/{street.corridor.slug}/").content.decode()
