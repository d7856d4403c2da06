"""The desk's pages about series, and the next walk like one."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from people.models import User
from tests import factories
from walks.actions import change_walk
from walks.copying import likely_day
from walks.models import RoleNeed, TeamSegment, Walk, WalkSeries
from walks.series import change_series

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    client.force_login(organizer, backend=BACKEND)
    return client


def _typed(**other):
    typed = {
        "title": "Saturday walk",
        "corridor": factories.make_corridor().pk,
        "often": "weekly",
        "week_days": ["SA"],
        "day": "2026-11-02",
        "meet_clock": "2 pm",
        "step_off_clock": "14:30",
        "end_clock": "16:30",
        "time_zone": "America/Chicago",
        "meeting_place": "Fire Station 23, at Lawn",
        "languages": ["en"],
        "wheelchair": "unsure",
        "weeks_ahead": "4",
        "purposes": ["audit"],
    }
    return typed | other


def _new(desk, **other):
    return desk.post(reverse("walks:series_new"), _typed(**other))


@pytest.fixture
def series(desk):
    _new(desk)
    return WalkSeries.objects.get()


def _page(desk, name, *args):
    response = desk.get(reverse(f"walks:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


# --- New ---


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({}, "FREQ=WEEKLY;BYDAY=SA"),
        ({"week_days": ["SA", "TU"]}, "FREQ=WEEKLY;BYDAY=TU,SA"),
        ({"week_days": []}, "FREQ=WEEKLY;BYDAY=MO"),
        ({"often": "fortnightly"}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"),
        ({"often": "monthly", "nth": "2", "nth_day": "SA"}, "FREQ=MONTHLY;BYDAY=2SA"),
        ({"often": "monthly", "nth": "-1", "nth_day": "TH"}, "FREQ=MONTHLY;BYDAY=-1TH"),
        ({"often": "own", "own_rule": "rrule:freq=daily;interval=10"}, "FREQ=DAILY;INTERVAL=10"),
    ],
)
def test_plain_choices_become_a_rule(desk, typed, rule):
    response = _new(desk, **typed)
    series = WalkSeries.objects.get()
    assert response.url == reverse("walks:series", args=[series.public_id])
    assert series.rule == rule
    assert (series.meet_clock, series.step_off_minutes, series.walk_minutes) == (time(14), 30, 150)
    assert series.walks.exists()
    # The form shows what was chosen again.
    form = desk.get(reverse("walks:series_edit", args=[series.public_id])).context["form"]
    chosen = typed.get("often", "weekly")
    assert form.initial["often"] == chosen
    if chosen == "monthly":
        assert (str(form.initial["nth"]), form.initial["nth_day"]) == (typed["nth"], typed["nth_day"])


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"often": ""}, "often", "how often"),
        ({"often": "own", "own_rule": "FREQ=HOURLY"}, "own_rule", "one walk a day"),
        ({"often": "own", "own_rule": ""}, "own_rule", "one rule"),
        ({"often": "own", "own_rule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"}, "own_rule", "No month"),
        ({"day": "soon"}, "day", "2026-12-02"),
        ({"day": "1926-11-02"}, "day", "first day"),
        ({"ends_on": "2026-11-01"}, "ends_on", "before the first"),
        ({"end_clock": "14:15"}, "end_clock", "later"),
        ({"step_off_clock": "13:00"}, "step_off_clock", "before"),
        ({"weeks_ahead": "9999"}, "weeks_ahead", "26"),
        ({"publishes": "on", "meeting_place": ""}, "meeting_place", "where people meet"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", ""),
    ],
)
def test_bad_input_gets_a_sentence_and_stays(desk, typed, field, words):
    response = _new(desk, **typed)
    assert response.status_code == 200
    form = response.context["form"]
    assert words in " ".join(form.errors[field])
    assert form["title"].value() == "Saturday walk"
    assert not WalkSeries.objects.exists()


def test_a_walk_over_midnight_is_one(desk):
    _new(desk, meet_clock="22:00", step_off_clock="22:30", end_clock="00:30")
    assert WalkSeries.objects.get().walk_minutes == 150


def test_its_walks_and_its_rule_are_shown(desk, series):
    page = _page(desk, "series", series.public_id)
    assert "Every week, on Saturday" in page
    assert page.count("2:00 PM") >= 4
    assert reverse("walks:desk_detail", args=[series.walks.first().public_id]) in page


def test_what_differs_is_named(desk, series, organizer):
    walk = series.walks.order_by("slot_on").first()
    change_walk(walk=walk, by=organizer, title="The <b>big</b> one", end_at=walk.end_at + timedelta(hours=1))
    page = _page(desk, "series", series.public_id)
    assert "The &lt;b&gt;big&lt;/b&gt; one" in page
    assert "5:30 PM <span" in page


def test_the_walk_itself_says_that_it_is_one_of_a_series(desk, series):
    page = _page(desk, "desk_detail", series.walks.first().public_id)
    assert reverse("walks:series", args=[series.public_id]) in page


# --- Change: look first ---


def _edit(desk, series, **other):
    seen = WalkSeries.objects.get(pk=series.pk).updated_at.isoformat()
    typed = _typed(corridor=series.corridor_id, seen=seen) | other
    return desk.post(reverse("walks:series_edit", args=[series.public_id]), typed), typed


def test_first_it_shows_what_becomes_of_the_walks(desk, series, organizer):
    own = series.walks.order_by("slot_on").first()
    later = timedelta(hours=1)
    change_walk(walk=own, by=organizer, meet_at=own.meet_at + later, step_off_at=own.step_off_at + later,
                end_at=own.end_at + later)  # fmt: skip
    response, _sent = _edit(desk, series, meet_clock="13:00", step_off_clock="13:30", end_clock="15:30")
    page = response.content.decode()
    assert "3 walks change" in page
    assert "2:00 PM → 1:00 PM" in page
    assert "1 walk keeps something of its own" in page
    series.refresh_from_db()
    assert series.meet_clock == time(14)
    assert Walk.objects.filter(meet_at__hour=19).count() == 0


def test_then_exactly_that_is_saved(desk, series):
    looked, typed = _edit(desk, series, title="Walk on Saturday")
    digest = looked.context["digest"]
    saved = desk.post(reverse("walks:series_edit", args=[series.public_id]), typed | {"save": digest})
    assert saved.status_code == 302
    assert {walk.title for walk in series.walks.all()} == {"Walk on Saturday"}


def test_what_was_not_looked_at_is_not_saved(desk, series):
    looked, typed = _edit(desk, series, title="Walk on Saturday")
    other = typed | {"save": looked.context["digest"], "title": "Something else"}
    again = desk.post(reverse("walks:series_edit", args=[series.public_id]), other)
    assert again.status_code == 200
    assert again.context["plan"].changing
    series.refresh_from_db()
    assert series.title == "Saturday walk"


def test_a_day_nobody_signed_up_for_goes_and_the_other_is_named(desk, series):
    kept = series.walks.order_by("slot_on").first()
    factories.make_signup(walk=kept)
    response, _sent = _edit(desk, series, week_days=["SU"])
    page = response.content.decode()
    assert "3 walks go" in page
    assert "1 walk stays" in page
    assert "1 sign-up" in page
    assert "4 new walks" in page


def test_the_second_of_two_people_sees_both(desk, series, organizer):
    looked, typed = _edit(desk, series, title="Mine")
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        change_series(series=series, by=organizer, title="Theirs")
    response = desk.post(
        reverse("walks:series_edit", args=[series.public_id]), typed | {"save": looked.context["digest"]}
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "Theirs" in page
    assert response.context["form"]["title"].value() == "Mine"
    series.refresh_from_db()
    assert series.title == "Theirs"


# --- End ---


def test_the_end_is_looked_at_and_then_done(desk, series):
    kept = series.walks.order_by("slot_on").first()
    factories.make_signup(walk=kept)
    page = _page(desk, "series_end", series.public_id)
    assert "3 walks go" in page
    assert "1 walk stays" in page
    assert Walk.objects.current().count() == 4
    response = desk.post(reverse("walks:series_end", args=[series.public_id]))
    assert response.status_code == 302
    assert [walk.pk for walk in Walk.objects.current()] == [kept.pk]
    assert "ended on" in _page(desk, "series", series.public_id)
    again = desk.post(reverse("walks:series_end", args=[series.public_id]), follow=True)
    assert "ended already" in again.content.decode()


# --- Lists ---


def test_the_list_shows_how_often_and_the_next_walk(desk, series):
    page = _page(desk, "series_list")
    assert "Every week, on Saturday" in page
    assert "Sat 7 Nov, 2:00 PM" in page
    WalkSeries.objects.update(ended_at=NOW)
    assert "No series yet" in _page(desk, "series_list")
    assert series.title in desk.get(reverse("walks:series_list"), {"show": "ended"}).content.decode()
    assert reverse("walks:series_list") in _page(desk, "desk_list")


def test_pages_cost_the_same_for_many(desk, series, django_assert_max_num_queries):
    for _ in range(4):
        factories.make_series()
    for walk in series.walks.all():
        factories.make_signup(walk=walk)
        Walk.objects.filter(pk=walk.pk).update(lead=factories.make_person(), corridor=factories.make_corridor())
    with django_assert_max_num_queries(12):
        _page(desk, "series_list")
    with django_assert_max_num_queries(12):
        _page(desk, "series", series.public_id)


# --- The next walk like this one ---


@pytest.fixture
def walk():
    """A Saturday walk that is over, with roles and teams."""
    meet = datetime(2026, 10, 10, 19, tzinfo=UTC)
    walk = factories.make_walk(
        title="Askew to Jackson", meet_at=meet, step_off_at=meet + timedelta(minutes=30),
        end_at=meet + timedelta(hours=2), note="Bring water", capacity=30,
    )  # fmt: skip
    RoleNeed.objects.create(walk=walk, role="scribe", n_min=2, n_max=4)
    team = factories.make_team(walk=walk, number=1, name="North")
    signup = factories.make_signup(walk=walk, team=team)
    team.lead = signup
    team.save()
    TeamSegment.objects.create(team=team, segment=walk.corridor.segments.first(), sides="left")
    return walk


def _copy(desk, walk, **other):
    typed = {
        "title": "Askew to Jackson", "day": "2026-11-14", "meet_clock": "14:00", "step_off_clock": "14:30",
        "end_clock": "16:00", "roles": "on", "teams": "on",
    }  # fmt: skip
    return desk.post(reverse("walks:desk_copy", args=[walk.public_id]), typed | other)


def test_the_likely_day_is_the_same_weekday(walk):
    assert likely_day(walk, now=NOW) == date(2026, 11, 14)
    assert likely_day(walk, now=walk.end_at) == date(2026, 11, 7)
    assert likely_day(walk, now=datetime(2027, 6, 1, tzinfo=UTC)) == date(2027, 6, 12)


def test_one_screen_makes_the_next_walk(desk, walk):
    page = desk.get(reverse("walks:desk_copy", args=[walk.public_id]))
    assert page.context["form"]["day"].value() == date(2026, 11, 14)
    assert page.context["form"]["meet_clock"].value() == time(14)
    response = _copy(desk, walk)
    copy = Walk.objects.exclude(pk=walk.pk).get()
    assert response.url == reverse("walks:desk_detail", args=[copy.public_id])
    # 2 p.m. before and after the clocks went back.
    assert (walk.meet_at.hour, copy.meet_at) == (19, datetime(2026, 11, 14, 20, tzinfo=UTC))
    assert (copy.state, copy.note, copy.capacity, copy.corridor) == ("draft", "Bring water", 30, walk.corridor)
    assert [(need.role, need.n_min, need.n_max) for need in copy.role_needs.all()] == [("scribe", 2, 4)]
    (team,) = copy.teams.all()
    assert (team.name, team.lead, team.blocks.get().sides) == ("North", None, "left")
    assert not copy.signups.exists()
    assert copy.series is None
    assert copy.code != walk.code


def test_roles_and_teams_can_be_left_behind(desk, walk):
    _copy(desk, walk, roles="", teams="")
    copy = Walk.objects.exclude(pk=walk.pk).get()
    assert not copy.role_needs.exists()
    assert not copy.teams.exists()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"day": ""}, "day"),
        ({"title": ""}, "title"),
        ({"end_clock": "14:10"}, "end_clock"),
        ({"day": "2027-03-14", "meet_clock": "02:30"}, "meet_clock"),
    ],
)
def test_a_copy_that_cannot_be_gets_a_sentence(desk, walk, typed, field):
    response = _copy(desk, walk, **typed)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert Walk.objects.count() == 1


def test_a_walk_lead_may_not_copy(client, lead, walk):
    Walk.objects.filter(pk=walk.pk).update(lead=lead.person)
    client.force_login(lead, backend=BACKEND)
    assert client.get(reverse("walks:desk_copy", args=[walk.public_id])).status_code == 403
    assert client.get(reverse("walks:series_list")).status_code == 403
