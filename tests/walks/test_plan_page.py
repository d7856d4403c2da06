"""The plan of a walk at the desk: teams and their sides, roles, go or no-go."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.roles import Role
from tests import factories
from walks.models import Clearance, GoNoGo, RoleNeed, Team, TeamSegment, Walk
from walks.plan_actions import Refused
from walks.plan_actions import name_team as act
from walks.planning import Plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    return factories.make_walk(designee_name="Noor", designee_phone="+18165550177", weather_rule="Rain: we go")


def url(walk, name="plan"):
    return reverse(f"walks:desk_{name}", args=[walk.public_id])


def page(desk, walk):
    return desk.get(url(walk)).content.decode()


def split(desk, walk, **more):
    data = {"n_teams": 3, "how": "both", "seen": Plan(walk).version} | more
    return desk.post(url(walk, "split"), data, follow=True).content.decode()


def planned(walk):
    """{team number: ["block sides", …]} as the rows say it."""
    found: dict[int, list[str]] = {}
    for row in TeamSegment.objects.filter(team__walk=walk).order_by("team__number", "segment__position"):
        found.setdefault(row.team.number, []).append(f"{row.segment.block} {row.sides}")
    return found


def test_one_tap_makes_teams_and_gives_each_its_blocks(desk, walk):
    html = split(desk, walk)
    assert planned(walk) == {1: ["3500 both"], 2: ["3600 both"], 3: ["3700 both"]}
    assert "3600 block, both sides" in html
    assert "Split evenly: 6 sides among 3 teams." in html


def test_teams_may_walk_one_side_each(desk, walk):
    html = split(desk, walk, n_teams=2, how="one")
    assert planned(walk) == {1: ["3500 left", "3600 left", "3700 left"], 2: ["3500 right", "3600 right", "3700 right"]}
    assert "3500 block to 3700 block, north side" in html


def test_a_wrong_number_of_teams_is_said_and_kept(desk, walk):
    response = desk.post(url(walk, "split"), {"n_teams": "99", "how": "both", "seen": "x"})
    assert "30" in response.content.decode()
    assert 'value="99"' in response.content.decode()
    assert not walk.teams.exists()


def test_a_stretch_goes_to_another_team(desk, walk):
    split(desk, walk, n_teams=2)
    data = {"start": 2, "end": 1, "sides": "right", "team": 1, "seen": Plan(walk).version}
    html = desk.post(url(walk, "stretch"), data, follow=True).content.decode()
    assert set(Plan(walk).holders.values()) == {1, 2}
    assert all(Plan(walk).holders[s.pk, "right"] == 1 for s in walk.corridor.segments.filter(position__in=[1, 2]))
    assert "with another team" in html


def side(walk, position, which="left"):
    return f"{which}-{walk.corridor.segments.get(position=position).pk}"


def test_two_people_may_change_different_sides(desk, walk):
    split(desk, walk)
    first, last = side(walk, 0), side(walk, 2)
    both = {first: 1, f"was-{first}": 1, last: 3, f"was-{last}": 3}
    desk.post(url(walk, "sides"), both | {first: 2})
    desk.post(url(walk, "sides"), both | {last: 1})
    assert planned(walk) == {1: ["3500 right", "3700 left"], 2: ["3500 left", "3600 both"], 3: ["3700 right"]}


def test_the_second_of_two_who_change_one_side_sees_both_versions(desk, walk):
    split(desk, walk)
    name = side(walk, 0)
    desk.post(url(walk, "sides"), {name: 2, f"was-{name}": 1})
    html = desk.post(url(walk, "sides"), {name: 3, f"was-{name}": 1}, follow=True).content.decode()
    assert "Somebody else changed this" in html
    assert "3500 block, north side: team 3" in html
    assert planned(walk)[2] == ["3500 left", "3600 both"]


def test_a_split_over_a_newer_plan_writes_nothing(desk, walk):
    seen = Plan(walk).version
    split(desk, walk, n_teams=2)
    before = planned(walk)
    assert "Somebody else changed this" in split(desk, walk, n_teams=3, seen=seen)
    assert planned(walk) == before


def test_a_team_or_block_of_another_walk_is_refused(desk, walk):
    split(desk, walk)
    name, elsewhere = side(walk, 0), side(factories.make_walk(), 0)
    for data in ({name: 9, f"was-{name}": 1}, {name: "x", f"was-{name}": 1}):
        desk.post(url(walk, "sides"), data)
    desk.post(url(walk, "sides"), {elsewhere: 2, f"was-{elsewhere}": 0})
    assert planned(walk) == {1: ["3500 both"], 2: ["3600 both"], 3: ["3700 both"]}


# --- People of a team ---


@pytest.fixture
def team(walk):
    return factories.make_team(walk=walk, number=1)


def name_team(desk, walk, team, **more):
    row = next(row for row in Plan(walk).teams if row.team.pk == team.pk)
    data = {"team": team.public_id, "seen": row.version, "lead": "", "marshal": "", "back": ""} | more
    return desk.post(url(walk, "name_team"), data, follow=True).content.decode()


def test_lead_marshal_and_time_are_named(desk, walk, team):
    lead, marshal = (factories.make_signup(walk=walk) for _ in range(2))
    name_team(desk, walk, team, lead=lead.pk, marshal=marshal.pk, back="16:00")
    team.refresh_from_db()
    lead.refresh_from_db()
    assert (team.lead, team.marshal, lead.team) == (lead, marshal, team)
    assert team.expected_back_at.astimezone(walk.zone).strftime("%H:%M") == "16:00"


def test_a_minor_leads_no_team(desk, walk, team):
    minor = factories.make_signup(walk=walk, age_band="13_17")
    elsewhere = factories.make_signup()

    name_team(desk, walk, team, lead=elsewhere.pk)
    with pytest.raises(Refused, match="adults"):
        act(
            walk=walk,
            team=team,
            lead=minor,
            marshal=None,
            expected_back_at=None,
            by=factories.make_user(),
            expected=Plan(walk).teams[0].version,
        )
    team.refresh_from_db()
    assert team.lead is None


def test_the_second_of_two_who_name_a_lead_writes_nothing(desk, walk, team):
    one, other = (factories.make_signup(walk=walk) for _ in range(2))
    seen = Plan(walk).teams[0].version
    name_team(desk, walk, team, lead=one.pk)
    assert "Somebody else changed this" in name_team(desk, walk, team, lead=other.pk, seen=seen)
    team.refresh_from_db()
    assert team.lead == one


def test_a_time_before_step_off_is_refused_in_words(desk, walk, team):
    with pytest.raises(Refused, match="later"):
        act(
            walk=walk,
            team=team,
            lead=None,
            marshal=None,
            expected_back_at=walk.meet_at,
            by=factories.make_user(),
            expected=Plan(walk).teams[0].version,
        )
    assert "valid time" in name_team(desk, walk, team, back="soon")


# --- Roles ---


def test_the_usual_roles_come_in_one_tap_and_can_be_changed(desk, walk, team):
    desk.post(url(walk, "usual_needs"))
    assert walk.role_needs.get(role="marshal").n_min == 1
    desk.post(url(walk, "need"), {"role": "marshal", "n_min": 2, "n_max": 3, "from_band": "25_34"})
    need = walk.role_needs.get(role="marshal")
    assert (need.n_min, need.n_max, need.from_band) == (2, 3, "25_34")
    desk.post(url(walk, "need"), {"role": "scribe", "n_min": 0, "n_max": "", "from_band": ""})
    assert not walk.role_needs.filter(role="scribe").exists()


def test_at_most_below_at_least_is_refused_in_words(desk, walk):
    html = desk.post(url(walk, "need"), {"role": "marshal", "n_min": 3, "n_max": 2}).content.decode()
    assert "must not be less" in html
    assert not RoleNeed.objects.exists()


# --- What the teams lack ---


def codes(desk, walk):
    return {problem.code for problem in desk.get(url(walk)).context["problems"]}


def test_a_good_plan_lacks_nothing(desk, walk):
    split(desk, walk, n_teams=1)
    team = walk.teams.get()
    people = [factories.make_signup(walk=walk, team=team) for _ in range(3)]
    Team.objects.update(lead=people[0])
    assert codes(desk, walk) == set()
    assert "Nothing stands in the way." in page(desk, walk)


def test_each_gap_has_its_code(desk, walk):
    split(desk, walk, n_teams=3)
    one, two, three = walk.teams.all()
    factories.make_signup(walk=walk, team=one)
    factories.make_signup(walk=walk, team=two, n_people=6)
    TeamSegment.objects.filter(team=three).delete()
    RoleNeed.objects.create(walk=walk, role="scribe", n_min=2)
    RoleNeed.objects.create(walk=walk, role="greeter", n_min=0, n_max=0)
    factories.make_signup(walk=walk, role="greeter")
    factories.make_signup(walk=walk, role="first_aid", age_band="13_17")
    Walk.objects.update(designee_phone="")
    assert codes(desk, walk) == {
        "team_too_small",
        "team_too_large",
        "team_empty",
        "team_without_lead",
        "blocks_without_team",
        "role_under",
        "role_over",
        "too_young_for_role",
        "no_designee",
    }


def test_a_team_with_a_minor_needs_a_cleared_adult(desk, walk, organizer):
    split(desk, walk, n_teams=1)
    adult, _minor = (
        factories.make_signup(walk=walk, team=walk.teams.get(), age_band=band) for band in ("35_54", "13_17")
    )
    day = walk.meet_at.astimezone(walk.zone).date()
    assert "minor_without_cleared_adult" in codes(desk, walk)
    clearance = Clearance.objects.create(
        person=adult.person, until_on=day - timedelta(days=1), recorded_by=organizer.person
    )
    assert "minor_without_cleared_adult" in codes(desk, walk)
    clearance.until_on = day
    clearance.save()
    assert "minor_without_cleared_adult" not in codes(desk, walk)
    clearance.withdrawn_at = timezone.now()
    clearance.save()
    assert "can’t step off" in page(desk, walk)


# --- Go or no-go ---


def test_decisions_are_added_and_the_last_is_shown(desk, walk):
    desk.post(url(walk, "decide"), {"decision": "go", "why": ""})
    html = desk.post(
        url(walk, "decide"), {"decision": "no_go", "why": "Thunder from 5 PM"}, follow=True
    ).content.decode()
    assert [line.decision for line in walk.decisions.all()] == ["no_go", "go"]
    assert "Thunder from 5 PM" in html
    assert "Rain: we go" in html
    assert reverse("walks:desk_call_off", args=[walk.public_id]) in html
    assert "Thunder from 5 PM" in desk.get(reverse("walks:desk_detail", args=[walk.public_id])).content.decode()


def test_no_go_needs_a_reason(desk, walk):
    assert "Say why" in desk.post(url(walk, "decide"), {"decision": "no_go", "why": " "}).content.decode()
    assert not GoNoGo.objects.exists()


def test_a_walk_lead_plans_their_own_walk_and_no_other(client: Client, lead):
    own, other = factories.make_walk(lead=lead.person), factories.make_walk()
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url(own)).status_code == 200
    assert client.get(url(other)).status_code == 404
    assert client.post(url(own, "ask")).status_code == 403


def test_its_queries_dont_grow_with_the_walk(desk, walk, django_assert_max_num_queries, organizer):
    assert organizer.role == Role.ORGANIZER
    desk.get(url(walk))
    for _ in range(2):
        for _ in range(15):
            pledge = factories.make_pledge(walk=walk)
            team = factories.make_team(walk=walk, lead=factories.make_signup(walk=walk))
            factories.make_signup(walk=walk, team=team, organization=pledge.organization, age_band="13_17")
            GoNoGo.objects.create(walk=walk, decision="go", by=organizer)
        with django_assert_max_num_queries(13):
            assert desk.get(url(walk)).status_code == 200
