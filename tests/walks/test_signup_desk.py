"""The desk's side of signing up: many at once, roles, who may walk with minors, doubles, asking earlier people."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from office.models import OutboxMessage
from people.merging import undo_merge
from people.models import User
from people.roles import AgeBand
from tests import factories
from walks.actions import Refused, sign_up
from walks.doubles import merge_signups
from walks.guardians import record_guardian
from walks.inviting import candidates, invite
from walks.links import signup_from_token, signup_token
from walks.models import Clearance, GroupMember, NoticeTo, Presence, Signup, Walk, WalkRole
from walks.pasting import read_people

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def walk(db: None) -> Walk:
    return factories.make_walk(capacity=5)


def _url(walk: Walk, name: str, *more: Any) -> str:
    return reverse(f"walks:{name}", args=[walk.public_id, *more])


# --- Many at once ---

LIST = """Wren Applegate, Wren@Example.org, Gladstone Block Club, scribe
- Teo Linden | (816) 555-0111
Odessa Quill

=cmd|' /C calc'!A0, x@example.org
Ana Ruiz, ana@, Casa
wren again, wren@example.org
Kid, 13–17
Baby, under 13
Zoe, 816 55
"""


def test_each_line_is_read_by_itself_and_says_what_to_do() -> None:
    lines = {line.name or line.number: line for line in read_people(LIST)}
    wren, teo = lines["Wren Applegate"], lines["Teo Linden"]
    assert (wren.email, wren.organization, wren.role) == ("wren@example.org", "Gladstone Block Club", "scribe")
    assert (teo.phone, teo.problem) == ("+18165550111", "")
    assert not lines["Odessa Quill"].problem
    assert "formula" in next(line.problem for line in lines.values() if line.name.startswith("="))
    assert "whole e-mail" in lines["Ana Ruiz"].problem
    assert lines["Kid"].age_band == AgeBand.TEEN
    assert "under 13" in lines["Baby"].problem
    assert "phone number" in lines["Zoe"].problem


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("role", [role for role in WalkRole if role != WalkRole.LEAD])
def test_a_role_is_read_as_the_site_itself_calls_it(role: WalkRole, language: str) -> None:
    with override(language):
        called = re.split("[,:]", str(role.label))[0]
    (line,) = read_people(f"Wren Applegate, {called}")
    assert (line.role, line.problem) == (role.value, ""), called


@pytest.mark.parametrize(
    "text",
    [
        'Name;E-Mail;Organización\nÁna Núñez;ana@example.org;"Casa; y más"',
        "nombre\tcorreo\torganizacion\nÁna Núñez\tana@example.org\tCasa; y más",
        'name,email,organization\n"Ána Núñez",ana@example.org,"Casa; y más"',
    ],
)
def test_files_of_spreadsheets_are_understood_with_any_separator(text: str) -> None:
    (line,) = read_people(text)
    assert (line.name, line.email, line.organization, line.problem) == (
        "Ána Núñez",
        "ana@example.org",
        "Casa; y más",
        "",
    )


def test_a_phone_that_our_own_file_guarded_comes_back() -> None:
    (line,) = read_people("name,phone\nTeo,'+1 816 555 0111")
    assert (line.phone, line.problem) == ("+18165550111", "")


def test_a_look_writes_nothing_and_adding_twice_adds_once(desk: Client, walk: Walk) -> None:
    known = factories.make_person(email="known@example.org")
    factories.make_signup(walk=walk, person=factories.make_person(name="On It", email="on@example.org"))
    text = "New One, new@example.org, hearth and key\nKnown, known@example.org\nOn It, on@example.org\nOnly Name\n@bad"
    club = factories.make_organization(name="Hearth and Key")
    page = desk.post(_url(walk, "desk_paste"), {"stage": "look", "lines": text})
    shown = page.content.decode()
    for words in ("is new, will be added", "is known, will be added", "on the roster already", "left out"):
        assert words in shown
    assert walk.signups.count() == 1
    for _ in range(2):
        desk.post(_url(walk, "desk_paste"), {"stage": "add", "lines": text, "token": str(page.context["token"])})
    names = sorted(walk.signups.values_list("name", flat=True))
    assert names == sorted([known.signups.get().name, "New One", "On It", "Only Name"])
    assert walk.signups.get(name="New One").organization == club
    assert walk.signups.get(name="New One").source == Signup.Source.DESK


def test_a_file_goes_through_the_same_look(desk: Client, walk: Walk) -> None:
    file = SimpleUploadedFile("who.csv", "Nombre;Correo\r\nÁna;ana@example.org\r\n".encode("cp1252"))
    page = desk.post(_url(walk, "desk_paste"), {"stage": "look", "file": file}).content.decode()
    assert "Ána" in page
    assert "ana@example.org" in page


def test_who_does_not_fit_waits_or_is_told(desk: Client) -> None:
    walk = factories.make_walk(capacity=1)
    data = {"stage": "add", "lines": "A, a@example.org\nB, b@example.org", "token": str(uuid.uuid4())}
    assert "fit" in desk.post(_url(walk, "desk_paste"), data, follow=True).content.decode()
    assert walk.signups.count() == 1
    desk.post(_url(walk, "desk_paste"), data | {"wait": "on"})
    assert list(walk.signups.order_by("pk").values_list("state", flat=True)) == ["going", "waitlist"]


@pytest.mark.parametrize("text", ["", "name,email\n", "\n".join(f"N{n}" for n in range(301)), "\0"])
def test_a_list_that_is_none_or_too_long_is_refused_with_what_was_typed(desk: Client, walk: Walk, text: str) -> None:
    response = desk.post(_url(walk, "desk_paste"), {"stage": "look", "lines": text})
    assert response.status_code == 400
    assert not walk.signups.exists()


def test_three_hundred_lines_are_looked_at_with_few_questions(
    desk: Client, walk: Walk, django_assert_max_num_queries: Any
) -> None:
    text = "\n".join(f"Name {n}, n{n}@example.org, Club {n}" for n in range(300))
    with django_assert_max_num_queries(12):
        assert desk.post(_url(walk, "desk_paste"), {"stage": "look", "lines": text}).status_code == 200


# --- Roles and clearances ---


def test_an_organizer_gives_roles_but_no_adults_role_to_a_minor(desk: Client, walk: Walk) -> None:
    adult, minor = factories.make_signup(walk=walk), factories.make_signup(walk=walk, age_band="13_17")
    for signup in (adult, minor):
        desk.post(_url(walk, "desk_role", signup.public_id), {"role": "marshal"})
        signup.refresh_from_db()
    assert (adult.role, minor.role) == ("marshal", "")


def test_a_clearance_is_recorded_shown_and_taken_back(desk: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk)
    address = _url(walk, "desk_clearance", signup.public_id)
    assert "is over" in desk.post(address, {"until_on": "2020-01-01"}).content.decode()
    until = timezone.localdate() + timedelta(days=200)
    desk.post(address, {"until_on": until.isoformat(), "what": "badge seen"})
    assert "may walk with minors until" in desk.get(_url(walk, "desk_roster")).content.decode()
    assert "badge seen" in desk.get(reverse("walks:desk_clearances")).content.decode()
    desk.post(address, {"withdraw": "1"})
    assert Clearance.objects.get().withdrawn_at is not None
    assert "may walk with minors until" not in desk.get(_url(walk, "desk_roster")).content.decode()


def test_a_minor_is_never_cleared(desk: Client, walk: Walk) -> None:
    person = factories.make_person(age_band=AgeBand.TEEN)
    signup = factories.make_signup(walk=walk, person=person, age_band="13_17")
    until = (timezone.localdate() + timedelta(days=20)).isoformat()
    assert (
        "Only adults" in desk.post(_url(walk, "desk_clearance", signup.public_id), {"until_on": until}).content.decode()
    )
    assert not Clearance.objects.exists()


def test_the_roster_shows_needs_groups_and_the_waitlist(desk: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk, n_people=3, emergency_contact="Vera 816", access_needs="no steps")
    GroupMember.objects.create(signup=signup, name="Pavel")
    late = timezone.now() + timedelta(hours=2)
    waiting = {"state": "offered", "waiting_since": timezone.now(), "offer_until": late}
    factories.make_signup(
        walk=walk, name="Lan", **waiting, person=factories.make_person(email="", phone="+18165550111")
    )
    page = desk.get(_url(walk, "desk_roster")).content.decode()
    for words in ("Vera 816", "no steps", "Pavel", "a place is kept until", "sms:+18165550111"):
        assert words in page


# --- One person twice ---


def test_doubles_become_one_sign_up_and_both_links_lead_to_it(organizer: User, walk: Walk) -> None:
    keep = factories.make_signup(walk=walk, name="Teo", n_people=1)
    drop = factories.make_signup(walk=walk, name="Teo L.", n_people=3, emergency_contact="Vera", role="scribe")
    GroupMember.objects.create(signup=drop, name="Pavel")
    Presence.objects.create(walk=walk, signup=drop, method="roster", arrived_at=timezone.now())
    old, new = signup_token(drop), signup_token(keep)
    merge_signups(keep=keep, drop=drop, by=organizer, reason="same phone")
    assert signup_from_token(old) == signup_from_token(new) == keep
    keep.refresh_from_db()
    assert (keep.state, keep.n_people, keep.role, keep.emergency_contact) == ("going", 3, "scribe", "Vera")
    assert keep.members.get().name == "Pavel"
    assert keep.presences.count() == 1
    assert walk.places_taken == 3
    undo_merge(drop=drop.person, by=organizer)
    drop.refresh_from_db()
    assert (drop.state, drop.n_people) == ("waitlist", 3)
    assert walk.places_taken <= 5


def test_who_waits_gets_the_place_that_a_double_had(organizer: User) -> None:
    walk = factories.make_walk(capacity=2)
    keep, drop = factories.make_signup(walk=walk), factories.make_signup(walk=walk)
    waiting = sign_up(walk=walk, name="W", email="w@example.org", wait=True).signup
    merge_signups(keep=keep, drop=drop, by=organizer, reason="x")
    assert waiting is not None
    waiting.refresh_from_db()
    assert (waiting.state, walk.places_taken) == ("offered", 2)


def test_a_minor_stays_one_through_a_merge(organizer: User, walk: Walk) -> None:
    keep = factories.make_signup(walk=walk)
    drop = factories.make_signup(walk=walk, age_band="13_17", state="guardian")
    merge_signups(keep=keep, drop=drop, by=organizer, reason="x")
    keep.refresh_from_db()
    assert (keep.state, keep.age_band) == ("guardian", "13_17")


def test_the_page_makes_them_one_and_wants_a_reason(desk: Client, walk: Walk) -> None:
    keep, drop = factories.make_signup(walk=walk), factories.make_signup(walk=walk)
    address = _url(walk, "desk_same", drop.public_id)
    assert "Say why" in desk.post(address, {"other": str(keep.public_id)}).content.decode()
    desk.post(address, {"other": str(keep.public_id), "reason": "same voice"})
    drop.person.refresh_from_db()
    assert drop.person.merged_into == keep.person


# --- Earlier people ---


def _earlier(walk: Walk, name: str, *, came: bool = False, days: int = 30, **person: Any) -> Signup:
    then = timezone.now() - timedelta(days=days)
    times = {"meet_at": then, "step_off_at": then, "end_at": then + timedelta(hours=2)}
    earlier = factories.make_walk(corridor=walk.corridor, **times)
    signup = factories.make_signup(walk=earlier, name=name, person=factories.make_person(name=name, **person))
    if came:
        Presence.objects.create(walk=earlier, signup=signup, method="roster", arrived_at=then)
    return signup


def test_who_came_and_was_asked_longest_ago_comes_first(organizer: User, walk: Walk) -> None:
    _earlier(walk, "Stayed Away")
    asked, never = _earlier(walk, "Asked", came=True), _earlier(walk, "Never Asked", came=True)
    before = factories.make_walk(corridor=walk.corridor)
    invite(walk=before, people=[asked.person.public_id], by=organizer)
    names = [one.signup.name for one in candidates(walk, timezone.now())]
    assert names == [never.name, "Asked", "Stayed Away"]


def test_who_cannot_be_asked_is_left_out(organizer: User, walk: Walk) -> None:
    _earlier(walk, "Unsubscribed", unsubscribed_at=timezone.now())
    _earlier(walk, "No mail", email="")
    _earlier(walk, "Long ago", days=900)
    on_it = _earlier(walk, "On it")
    factories.make_signup(walk=walk, person=on_it.person)
    minor = _earlier(walk, "Minor", age_band=AgeBand.TEEN)
    assert candidates(walk, timezone.now()) == []
    season = (walk.meet_at + timedelta(days=30)).date()
    Signup.objects.filter(pk=minor.pk).update(age_band="13_17")
    minor.refresh_from_db()
    record_guardian(signup=minor, by=organizer, guardian_name="V", how="paper", until_on=season)
    assert [one.signup.name for one in candidates(walk, timezone.now())] == ["Minor"]


def test_each_is_asked_once_with_a_one_click_way_out(desk: Client, organizer: User, walk: Walk) -> None:
    teo = _earlier(walk, "Teo", email="teo@example.org")
    _earlier(walk, "Not Chosen")
    address = _url(walk, "desk_invite")
    assert "Not Chosen" in desk.get(address).content.decode()
    assert "at least one" in desk.post(address, {"words": "Kept words"}).content.decode()
    for _ in range(2):
        desk.post(address, {"person": [str(teo.person.public_id), "nonsense"], "words": "Bring a friend"})
    mail = OutboxMessage.objects.get(kind="walks.invite")
    assert mail.to_address == "teo@example.org"
    assert "Bring a friend" in mail.body_text
    assert reverse("walks:detail", args=[walk.public_id]) in mail.body_text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.due_at > timezone.now()
    assert NoticeTo.objects.count() == 1


def test_nobody_is_asked_to_a_draft(organizer: User) -> None:
    walk = factories.make_walk(state="draft", published_at=None)
    signup = _earlier(walk, "Teo")
    with pytest.raises(Refused, match="Publish"):
        invite(walk=walk, people=[signup.person.public_id], by=organizer)


def test_the_list_of_earlier_people_costs_the_same_for_many(
    desk: Client, walk: Walk, django_assert_max_num_queries: Any
) -> None:
    for n in range(15):
        _earlier(walk, f"N{n}", came=n % 2 == 0)
    with django_assert_max_num_queries(12):
        desk.get(_url(walk, "desk_invite"))
