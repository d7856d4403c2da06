"""People counted by heads at the table, and what the day's board makes of the table."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from field.day import Day
from people.roles import AgeBand
from tests import factories
from walks.models import HeadCount, Walk
from walks.table_actions import Ticker, check_in, check_out, check_out_team
from walks.table_heads import heads_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    return factories.make_running_walk()


def tap(desk: Client, walk: Walk, **body: Any) -> Any:
    return desk.post(f"/desk/walks/{walk.public_id}/table/do/", body, content_type="application/json").json()


def counted(walk: Walk) -> dict[str, int]:
    return {row.band.value: row.n for row in heads_of(walk) if row.n}


def test_one_tap_is_one_head_however_often_it_arrives(desk: Client, walk: Walk) -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    for tick in (first, first, second):
        assert tap(desk, walk, do="head", age_band="under_13", tick=tick) == {"ok": True}
    assert counted(walk) == {"under_13": 2}


def test_a_tap_too_many_is_taken_back_once(desk: Client, walk: Walk) -> None:
    for _n in range(2):
        tap(desk, walk, do="head", age_band="under_13", tick=str(uuid.uuid4()))
    newest = next(row.newest for row in heads_of(walk) if row.band == AgeBand.UNDER_13)
    for _n in range(2):
        assert tap(desk, walk, do="head_back", head=str(newest))["ok"]
    assert counted(walk) == {"under_13": 1}


def test_what_a_phone_or_paper_counted_cannot_be_taken_back_here(desk: Client, walk: Walk) -> None:
    phone = factories.make_head_count(walk=walk, device=factories.make_device(walk=walk))
    paper = factories.make_head_count(walk=walk, n_13_17=3)
    for row in (phone, paper):
        tap(desk, walk, do="head_back", head=str(row.public_id))
    assert HeadCount.objects.standing().count() == 2


def test_an_age_that_is_none_is_refused(desk: Client, walk: Walk) -> None:
    assert tap(desk, walk, do="head", age_band="ancient") == {
        "ok": False,
        "says": "Choose an age.",
        "needs_guardian": False,
    }


def test_the_day_board_counts_phones_and_the_table_together(desk: Client, walk: Walk) -> None:
    factories.make_head_count(walk=walk, device=factories.make_device(walk=walk), n_under_13=2)
    before = Day(walk, walk.meet_at).n_heads
    tap(desk, walk, do="head", age_band="under_13", tick=str(uuid.uuid4()))
    assert Day(walk, walk.meet_at).n_heads == before + 1


def test_the_day_board_says_how_many_are_here_and_which_teams_the_table_has_back(desk: Client, walk: Walk) -> None:
    team = factories.make_team(walk=walk)
    group, one, other = (
        factories.make_signup(walk=walk, team=team, n_people=8),
        factories.make_signup(walk=walk, team=team),
        factories.make_signup(walk=walk),
    )
    here = [check_in(signup=signup, by=Ticker()) for signup in (group, one, other)]
    check_out(presence=here[0], by=Ticker())
    day = Day(walk, walk.end_at)
    assert (day.n_expected, day.n_arrived, day.n_left) == (10, 10, 8)
    (row,) = day.teams
    assert (row.n_back, row.n_out, row.is_back) == (8, 9, False)
    check_out_team(team=team, by=Ticker())
    (row,) = Day(walk, walk.end_at).teams
    assert (row.n_back, row.n_out, row.is_back) == (9, 9, True)
    page = desk.get(f"/desk/walks/{walk.public_id}/day/").content.decode()
    assert "10 here of 10 expected" in page
    assert "9 of 9 checked out at the table" in page


def test_a_team_that_nobody_ticked_is_not_back(walk: Walk) -> None:
    factories.make_team(walk=walk)
    (row,) = Day(walk, walk.end_at).teams
    assert not row.is_back


def test_a_device_that_has_the_list_gets_it_again_only_when_something_changed(desk: Client, walk: Walk) -> None:
    signup, url = factories.make_signup(walk=walk), f"/desk/walks/{walk.public_id}/table/"
    stamp = desk.get(url, headers={"X-Part": "table"})["X-Stamp"]

    def is_the_same() -> bool:
        return desk.get(url, headers={"X-Part": "table", "X-Stamp": stamp}).status_code == 204

    assert is_the_same()
    presence = check_in(signup=signup, by=Ticker())
    assert not is_the_same()
    stamp = desk.get(url, headers={"X-Part": "table"})["X-Stamp"]
    assert is_the_same()
    tap(desk, walk, do="head", age_band="unknown", tick=str(uuid.uuid4()))
    assert not is_the_same()
    stamp = desk.get(url, headers={"X-Part": "table"})["X-Stamp"]
    check_out(presence=presence, by=Ticker())
    assert not is_the_same()


def test_a_row_that_was_kept_is_drawn_anew_when_it_changed_and_holds_nobody_elses_token(
    desk: Client, walk: Walk
) -> None:
    signup, url = factories.make_signup(walk=walk, name="<b>Teo"), f"/desk/walks/{walk.public_id}/table/"
    first, again = (desk.get(url).content.decode() for _n in range(2))
    assert "&lt;b&gt;Teo" in again
    tokens = [set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)) for page in (first, again)]
    assert all(tokens)
    assert not tokens[0] & tokens[1]
    assert all(len(token) == 64 for token in tokens[0] | tokens[1])
    check_in(signup=signup, by=Ticker())
    assert "here since" in desk.get(url).content.decode()
    team = factories.make_team(walk=walk, name="Hackberry")
    assert "Hackberry" in desk.get(url).content.decode()
    type(team).objects.filter(pk=team.pk).update(name="Sycamore")
    assert "Hackberry" not in desk.get(url).content.decode()
