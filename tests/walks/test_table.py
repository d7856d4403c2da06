"""The sign-in table: who is here, teams off and back, greeters by link."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from office.models import AuditEvent, Coalition
from office.refused import Refused
from people.models import User
from people.roles import AgeBand
from tests import factories
from walks import table_actions as table
from walks.invites import rotate_invite
from walks.links import signup_token
from walks.models import Clearance, Presence, Signup, Walk
from walks.table import Table
from walks.table_actions import NeedsGuardian, Ticker
from walks.table_links import greeter_token, offsite_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk() -> Walk:
    return factories.make_running_walk()


@pytest.fixture
def by(organizer: User) -> Ticker:
    return Ticker(user=organizer)


def url_of(walk: Walk) -> str:
    return f"/desk/walks/{walk.public_id}/table/"


def send(client: Client, url: str, **body: Any) -> Any:
    return client.post(f"{url}do/", body, content_type="application/json").json()


# --- Checking in ---


def test_a_tick_checks_in_and_says_who_did(desk: Client, walk: Walk, organizer: User) -> None:
    signup = factories.make_signup(walk=walk, n_people=3)
    answer = desk.post(f"{url_of(walk)}do/", {"do": "check_in", "signup": signup.public_id, "n_people": "2", "q": "a"})
    assert (answer.status_code, answer["Location"]) == (302, f"{url_of(walk)}?q=a")
    presence = Presence.objects.get()
    assert (presence.signup, presence.n_people, presence.by, presence.method) == (signup, 2, organizer, "roster")
    event = AuditEvent.objects.get(action="presence.in")
    assert signup.name not in str(event.detail)


def test_a_tick_that_comes_twice_and_one_by_another_greeter_are_one_check_in(desk: Client, walk: Walk) -> None:
    signup, tick = factories.make_signup(walk=walk), str(uuid.uuid4())
    for id_ in (tick, tick, str(uuid.uuid4())):
        assert send(desk, url_of(walk), do="check_in", signup=str(signup.public_id), client_id=id_) == {"ok": True}
    assert Presence.objects.count() == 1
    # The second greeter's queue checks out by its own id, and means the same person.
    sent = send(desk, url_of(walk), do="out", presence=str(uuid.uuid4()), signup=str(signup.public_id))
    assert sent == {"ok": True}
    assert Presence.objects.get().left_at


def test_an_undone_tick_can_be_made_again(walk: Walk, by: Ticker) -> None:
    signup = factories.make_signup(walk=walk)
    first = table.check_in(signup=signup, by=by)
    table.undo_check_in(presence=first, by=by)
    assert Table(walk, timezone.now()).n_arrived == 0
    second = table.check_in(signup=signup, by=by)
    assert second.pk != first.pk
    assert Table(walk, timezone.now()).n_arrived == 1


@pytest.mark.parametrize("state", ["withdrawn", "waitlist"])
def test_whoever_stands_at_the_table_is_there(walk: Walk, by: Ticker, state: str) -> None:
    now = timezone.now()
    signup = factories.make_signup(walk=walk, state=state, withdrawn_at=now, waiting_since=now)
    table.check_in(signup=signup, by=by)
    signup.refresh_from_db()
    assert signup.state == Signup.State.GOING


def test_a_greeters_clock_counts_where_it_can_be_right(walk: Walk, by: Ticker) -> None:
    now = timezone.now()
    earlier = table.check_in(signup=factories.make_signup(walk=walk), by=by, at=now - timedelta(minutes=9))
    far_off = table.check_in(signup=factories.make_signup(walk=walk), by=by, at=now - timedelta(days=400))
    ahead = table.check_in(signup=factories.make_signup(walk=walk), by=by, at=now + timedelta(hours=1))
    assert earlier.arrived_at == now - timedelta(minutes=9)
    assert all(abs(one.arrived_at - now) < timedelta(minutes=1) for one in (far_off, ahead))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "draft"}, "isn’t published"),
        ({"meet": timedelta(days=2)}, "too early"),
        ({"meet": timedelta(days=-3)}, "is over"),
    ],
)
def test_the_table_is_open_on_the_day(by: Ticker, fields: dict[str, Any], words: str) -> None:
    times = {}
    if meet := fields.pop("meet", None):
        start = timezone.now() + meet
        times = {"meet_at": start, "step_off_at": start, "end_at": start + timedelta(hours=2)}
    walk = factories.make_running_walk(**times)
    Walk.objects.filter(pk=walk.pk).update(**fields)
    with pytest.raises(Refused, match=words):
        table.check_in(signup=factories.make_signup(walk=walk), by=by)
    assert not Presence.objects.exists()


# --- Minors ---


def test_o17_a_minor_without_a_guardians_yes_is_called_for_or_does_not_walk(walk: Walk, by: Ticker) -> None:
    minor = factories.make_signup(walk=walk, age_band=AgeBand.TEEN, state="guardian")
    with pytest.raises(NeedsGuardian):
        table.check_in(signup=minor, by=by)
    with pytest.raises(NeedsGuardian):
        table.walk_up(walk=walk, name="Ada", age_band=AgeBand.TEEN, by=by)
    assert not Presence.objects.exists()
    note = "Mother called by Odessa at 5:50, says yes"
    assert table.check_in(signup=minor, by=by, guardian_note=note).guardian_note == note


def test_nothing_is_kept_of_a_child_under_13(desk: Client, walk: Walk) -> None:
    said = send(desk, url_of(walk), do="walk_up", name="Marker Child", age_band="under_13")
    assert not said["ok"]
    assert "under 13" in said["says"]
    assert not Presence.objects.exists()
    assert "Marker Child" not in str(list(AuditEvent.objects.values()))


# --- Walk-ups ---


def test_a_walk_up_needs_a_name_and_nothing_else(desk: Client, walk: Walk) -> None:
    assert send(desk, url_of(walk), do="walk_up", name=" Bo ", client_id=str(uuid.uuid4())) == {"ok": True}
    presence = Presence.objects.get()
    assert (presence.name, presence.method, presence.signup) == ("Bo", "walk_up", None)
    assert not send(desk, url_of(walk), do="walk_up", name=" ")["ok"]
    assert "Bo" in desk.get(url_of(walk)).content.decode()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"do": "fly"},
        {"do": "check_in"},
        {"do": "check_in", "signup": "x" * 5000},
        {"do": "out", "presence": ["a"]},
        {"do": "team_out", "team": "1"},
        {"do": "bring_back", "equipment": None},
        {"do": "walk_up", "name": "\x00 ", "n_people": "9" * 400, "age_band": "old", "at": "yesterday"},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(desk: Client, walk: Walk, body: dict[str, Any]) -> None:
    said = send(desk, url_of(walk), **body)
    assert said["ok"] is False
    assert said["says"].endswith(".")


@pytest.mark.parametrize("raw", [b"[1]", b"{" * 3000, b"\xff"])
def test_bytes_that_are_no_object_are_refused(desk: Client, walk: Walk, raw: bytes) -> None:
    answer = desk.generic("POST", f"{url_of(walk)}do/", raw, content_type="application/json")
    assert answer.json()["ok"] is False


# --- Teams ---


def test_nobody_walks_alone_and_no_minor_without_a_cleared_adult(walk: Walk, by: Ticker) -> None:
    team = factories.make_team(walk=walk, number=1)
    adult = factories.make_signup(walk=walk, team=team)
    table.check_in(signup=adult, by=by)
    with pytest.raises(Refused, match="alone"):
        table.step_off(team=team, by=by)
    table.walk_up(walk=walk, name="Ada", age_band=AgeBand.TEEN, by=by, team=team, guardian_note="yes, by phone")
    with pytest.raises(Refused, match="minor"):
        table.step_off(team=team, by=by)
    day = walk.meet_at.astimezone(walk.zone).date()
    Clearance.objects.create(person=adult.person, until_on=day, recorded_by=adult.person)
    assert table.step_off(team=team, by=by).stepped_off_at


def test_a_team_is_overdue_until_all_of_it_is_back(walk: Walk, by: Ticker, desk: Client) -> None:
    team = factories.make_team(walk=walk, number=1)
    for _n in range(2):
        table.check_in(signup=factories.make_signup(walk=walk, team=team), by=by)
    table.step_off(team=team, by=by)
    later = walk.end_at + timedelta(minutes=12)
    row = Table(walk, later).teams[0]
    assert (row.is_overdue, row.minutes_late, row.n_out) == (True, 12, 2)
    assert send(desk, url_of(walk), do="team_out", team=str(team.public_id)) == {"ok": True}
    board = Table(walk, later)
    assert (board.teams[0].is_overdue, board.everybody_is_back) == (False, True)
    assert "Everybody is back" in desk.get(url_of(walk)).content.decode()


def test_agreeing_and_the_briefing_are_ticked_and_taken_back(walk: Walk, by: Ticker) -> None:
    presence = table.check_in(signup=factories.make_signup(walk=walk), by=by)
    ticked = table.tick(presence=presence, by=by, agreed=True, briefed=True)
    assert ticked.agreement is not None
    assert ticked.agreement.version == 1
    assert ticked.agreed_at
    assert ticked.briefed_at
    back = table.tick(presence=presence, by=by, agreed=False)
    assert (back.agreement, back.agreed_at) == (None, None)
    assert back.briefed_at


def test_what_went_out_comes_back(desk: Client, walk: Walk) -> None:
    tick = str(uuid.uuid4())
    for _n in range(2):
        send(desk, url_of(walk), do="hand_out", what="vests", n="12", client_id=tick)
    thing = walk.equipment.get()
    assert (thing.what, thing.n, thing.back_at) == ("vests", 12, None)
    send(desk, url_of(walk), do="bring_back", equipment=tick)
    assert walk.equipment.out().count() == 0


# --- Pages and links ---


def test_the_page_finds_by_name_also_who_withdrew(desk: Client, walk: Walk) -> None:
    factories.make_signup(walk=walk, name="Maribel Oaks")
    gone = factories.make_signup(walk=walk, name="Mario Gone", state="withdrawn", withdrawn_at=timezone.now())
    everybody = desk.get(url_of(walk)).content.decode()
    assert "Maribel Oaks" in everybody
    assert gone.name not in everybody
    found = desk.get(url_of(walk), {"q": "mari"}).content.decode()
    assert "Maribel Oaks" in found
    assert "Mario Gone" in found
    assert "Maribel Oaks" not in desk.get(url_of(walk), {"q": "zz"}).content.decode()


def test_three_hundred_people_cost_no_more_questions_than_three(
    desk: Client, walk: Walk, by: Ticker, django_assert_max_num_queries: Any
) -> None:
    Coalition.current()
    team = factories.make_team(walk=walk, number=1)
    people = [factories.make_signup(walk=walk, team=team) for _n in range(300)]
    for signup in people[:20]:
        table.check_in(signup=signup, by=by)
    with django_assert_max_num_queries(12):
        assert desk.get(url_of(walk)).status_code == 200


def test_greeters_by_link_see_names_and_no_contacts(client: Client, walk: Walk) -> None:
    person = factories.make_person(name="Teo Linden", email="teo@example.org", phone="+18165550123")
    signup = factories.make_signup(walk=walk, person=person, name="Teo Linden")
    url = f"/greet/{greeter_token(walk)}/"
    note = "Mother Rosa, 816-555-0199, says yes"
    table.walk_up(walk=walk, name="Ada", age_band=AgeBand.TEEN, by=Ticker(), guardian_note=note)
    page = client.get(url).content.decode()
    assert "written down" in page
    assert "Rosa" not in page
    assert "Teo Linden" in page
    assert "teo@example.org" not in page
    assert "5550123" not in page.replace("-", "")
    assert "off-site" not in page
    assert send(client, url, do="check_in", signup=str(signup.public_id), greeter="Wil") == {"ok": True}
    assert Presence.objects.get(signup=signup).greeter == "Wil"


@pytest.mark.parametrize("token_of", [greeter_token, offsite_token])
def test_a_link_ends_with_a_new_code_with_the_day_and_when_it_is_forged(
    client: Client, walk: Walk, token_of: Any
) -> None:
    base = "/greet/" if token_of is greeter_token else "/off-site/"
    token = token_of(walk)
    assert client.get(f"{base}{token}/").status_code == 200
    assert client.get(f"{base}{token[:-2]}xx/").status_code == 404
    Walk.objects.filter(pk=walk.pk).update(
        meet_at=timezone.now() - timedelta(days=3),
        step_off_at=timezone.now() - timedelta(days=3),
        end_at=timezone.now() - timedelta(days=2),
    )
    assert client.get(f"{base}{token}/").status_code == 404
    fresh = factories.make_running_walk()
    token = token_of(fresh)
    rotate_invite(walk=fresh, by=None)
    assert client.get(f"{base}{token}/").status_code == 404


def test_who_waits_off_site_sees_teams_and_their_leads_alone(client: Client, walk: Walk, by: Ticker) -> None:
    lead = factories.make_signup(walk=walk, name="Lena Lead", person=factories.make_person(phone="+18165550177"))
    team = factories.make_team(walk=walk, number=1, lead=lead)
    other = factories.make_signup(walk=walk, name="Otto Other", team=team)
    table.check_in(signup=other, by=by)
    page = client.get(f"/off-site/{offsite_token(walk)}/").content.decode()
    assert "Lena Lead" in page
    assert "tel:+18165550177" in page
    assert "Otto Other" not in page


def test_a_scanned_code_names_its_sign_up_on_its_own_walk(desk: Client, walk: Walk) -> None:
    own, other = factories.make_signup(walk=walk), factories.make_signup()
    ask = {"HTTP_X_PART": "code"}
    found = desk.get(url_of(walk), {"code": signup_token(own)}, **ask).json()
    assert found == {"signup": str(own.public_id)}
    assert desk.get(url_of(walk), {"code": signup_token(other)}, **ask).json() == {"signup": None}
    assert desk.get(url_of(walk), {"code": "forged"}, **ask).json() == {"signup": None}
