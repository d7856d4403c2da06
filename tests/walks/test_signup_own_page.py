"""What people do on their own page: role, needs, texts, clash, confirm, names of a group; and a guardian's yes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import OutboxMessage
from people.models import User
from tests import factories
from walks.actions import Refused, confirm, sign_up
from walks.guardians import ask_guardian, record_guardian, say_no, say_yes, say_yes_oneself, take_back_yes
from walks.links import guardian_token, signup_from_guardian_token, signup_from_token, signup_token
from walks.models import GuardianConsent, RoleNeed, Signup, Walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(db: None) -> Walk:
    return factories.make_walk(capacity=10)


def _my(signup: Signup, what: str = "") -> str:
    return reverse(f"walks:my{what}", args=[signup_token(signup)])


def _sign_up(client: Client, walk: Walk, **fields: str) -> Any:
    data = {"name": "Teo Linden", "contact": "teo@example.org", "age_band": "25_34", "language": "en", "n_people": "1"}
    return client.post(reverse("walks:sign_up", args=[walk.public_id]), data | fields)


# --- Roles and what somebody needs ---


def test_roles_are_offered_while_there_is_room_and_never_above_it(client: Client, walk: Walk) -> None:
    RoleNeed.objects.create(walk=walk, role="scribe", n_max=1)
    RoleNeed.objects.create(walk=walk, role="lead", n_max=1)
    page = client.get(reverse("walks:sign_up", args=[walk.public_id])).content.decode()
    assert 'value="scribe"' in page
    assert 'value="lead"' not in page
    assert _sign_up(client, walk, role="scribe").status_code == 302
    assert "was just taken" in _sign_up(client, walk, role="scribe", contact="w@example.org").content.decode()
    assert Signup.objects.get().role == "scribe"


@pytest.mark.parametrize(("age", "fits"), [("13_17", False), ("unknown", False), ("18_24", True), ("65_plus", True)])
def test_an_adults_role_asks_for_an_adults_age(walk: Walk, age: str, fits: bool) -> None:
    RoleNeed.objects.create(walk=walk, role="marshal", n_max=3)
    result = sign_up(walk=walk, name="T", email="t@example.org", role="marshal", age_band=age)
    assert (result.outcome != "role") is fits
    assert fits or "18 and over" in result.words


def test_a_walk_may_ask_for_an_older_age(walk: Walk) -> None:
    RoleNeed.objects.create(walk=walk, role="scribe", n_max=3, from_band="25_34")
    assert sign_up(walk=walk, name="T", email="t@example.org", role="scribe", age_band="18_24").outcome == "role"


def test_needs_and_texts_are_kept_and_a_number_is_asked_for(client: Client, walk: Walk) -> None:
    more = {"emergency_contact": "Vera, 816 555 0199", "access_needs": "No steps", "wants_texts": "on"}
    assert "Write your phone number" in _sign_up(client, walk, **more).content.decode()
    _sign_up(client, walk, phone="816 555 0111", **more)
    signup = Signup.objects.get()
    assert (signup.emergency_contact, signup.access_needs) == ("Vera, 816 555 0199", "No steps")
    assert signup.wants_texts_at is not None
    assert signup.person.phone == "+18165550111"


def test_a_stranger_turns_no_texts_on_for_somebody_known(client: Client, walk: Walk) -> None:
    factories.make_person(email="teo@example.org", phone="+18165550199")
    _sign_up(client, walk, phone="816 555 0111", wants_texts="on")
    signup = Signup.objects.get()
    assert (signup.wants_texts_at, signup.person.phone) == (None, "+18165550199")


# --- Two walks at once ---


def test_a_clash_is_said_and_forbids_nothing(client: Client, walk: Walk) -> None:
    first = sign_up(walk=walk, name="T", email="t@example.org").signup
    other = factories.make_walk(meet_at=walk.meet_at, step_off_at=walk.step_off_at, end_at=walk.end_at)
    second = sign_up(walk=other, name="T", email="t@example.org").signup
    assert first is not None
    assert second is not None
    assert other.title in client.get(_my(first)).content.decode()
    assert walk.title in client.get(_my(second)).content.decode()
    Walk.objects.filter(pk=other.pk).update(
        meet_at=walk.end_at, step_off_at=walk.end_at, end_at=walk.end_at + timedelta(hours=1)
    )
    assert other.title not in client.get(_my(first)).content.decode()


def test_who_is_signed_in_is_told_before(volunteer: User, client: Client, walk: Walk) -> None:
    client.force_login(volunteer, backend="allauth.account.auth_backends.AuthenticationBackend")
    factories.make_signup(walk=walk, person=volunteer.person)
    other = factories.make_walk(meet_at=walk.meet_at, step_off_at=walk.step_off_at, end_at=walk.end_at)
    assert "at the same time" in client.get(reverse("walks:sign_up", args=[other.public_id])).content.decode()


# --- Coming or not ---


def test_the_mails_link_asks_and_only_the_button_answers(client: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk)
    assert "Are you coming?" not in client.get(_my(signup)).content.decode()
    page = client.get(_my(signup) + "?confirm").content.decode()
    assert "Yes, I’m coming" in page
    assert "No, I can’t come" in page
    signup.refresh_from_db()
    assert signup.confirmed_at is None
    client.post(_my(signup, "_confirm"))
    signup.refresh_from_db()
    assert signup.confirmed_at is not None


def test_who_withdrew_confirms_nothing(walk: Walk) -> None:
    signup = factories.make_signup(walk=walk, state="withdrawn", withdrawn_at=timezone.now())
    with pytest.raises(Refused):
        confirm(signup=signup)


# --- A group ---


def _names(*rows: tuple[str, str]) -> dict[str, str]:
    return {key: value for n, row in enumerate(rows) for key, value in zip((f"name-{n}", f"age-{n}"), row, strict=True)}


def test_names_come_later_and_children_under_13_leave_none(client: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk, n_people=4)
    response = client.post(_my(signup, "_group"), _names(("Pavel", "35_54"), ("Pip Marker", "under_13")), follow=True)
    assert "counted at the table" in response.content.decode()
    member = signup.members.get()
    assert (member.name, member.age_band) == ("Pavel", "35_54")
    data = _names(("Pawel", "35_54"), ("Ana", "unknown")) | {"id-0": str(member.public_id)}
    client.post(_my(signup, "_group"), data)
    assert [(one.pk == member.pk, one.name) for one in signup.members.all()] == [(True, "Pawel"), (False, "Ana")]


def test_a_minor_in_a_group_is_refused_with_the_way_out(client: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk, n_people=3)
    page = client.post(_my(signup, "_group"), _names(("Kim", "13_17"))).content.decode()
    assert "form of their own" in page
    assert reverse("walks:sign_up", args=[walk.public_id]) in page
    assert 'value="Kim"' in page
    assert not signup.members.exists()


def test_a_group_is_never_smaller_than_its_names(client: Client, walk: Walk) -> None:
    signup = factories.make_signup(walk=walk, n_people=3)
    client.post(_my(signup, "_group"), _names(("A", "unknown"), ("B", "unknown")))
    assert "Take a name off" in client.post(_my(signup), {"n_people": "2", "language": "en"}).content.decode()


# --- A guardian's yes by link ---


@pytest.fixture
def minor(walk: Walk) -> Signup:
    signup = sign_up(walk=walk, name="Kim Marker", email="kim@example.org", age_band="13_17").signup
    assert signup is not None
    return signup


def _guardian(signup: Signup, what: str = "") -> str:
    return reverse(f"walks:guardian{what}", args=[guardian_token(signup)])


YES = {"guardian_name": "Vera Marker", "guardian_phone": "816 555 0199", "for_what": "walk"}


def _state(signup: Signup) -> str:
    signup.refresh_from_db()
    return signup.state


def test_the_link_goes_to_the_guardian_and_never_to_the_young_person(client: Client, minor: Signup) -> None:
    ask = {"guardian_name": "Vera", "guardian_contact": "vera@example.org"}
    for _ in range(2):
        client.post(_my(minor, "_ask"), ask)
    mail = OutboxMessage.objects.get(kind="walks.ask_guardian")
    assert mail.to_address == "vera@example.org"
    assert guardian_token(minor) in mail.body_text
    assert "Marker" not in mail.body_text + mail.subject
    assert guardian_token(minor) not in client.get(_my(minor)).content.decode()
    with pytest.raises(Refused, match="your own"):
        ask_guardian(signup=minor, guardian_name="V", email="kim@example.org")


def test_both_say_yes_and_then_it_counts(client: Client, walk: Walk, minor: Signup) -> None:
    page = client.get(_guardian(minor)).content.decode()
    assert "May Kim come" in page
    assert "olice" in page
    assert client.get(_guardian(minor, "_no")).status_code == 405
    client.post(_guardian(minor), YES)
    assert (_state(minor), walk.places_taken) == ("guardian", 0)
    assert "Yes, I want to come" in client.get(_my(minor)).content.decode()
    client.post(_my(minor, "_yes"))
    assert (_state(minor), walk.places_taken) == ("going", 1)
    consent = GuardianConsent.objects.get()
    assert (consent.how, consent.recorded_by, consent.walk, consent.wording) == ("link", None, walk, 1)
    assert consent.assented_at is not None


def test_the_own_yes_may_come_first(minor: Signup) -> None:
    say_yes_oneself(signup=minor)
    assert _state(minor) == "guardian"
    for _ in range(2):
        say_yes(signup=minor, guardian_name="Vera", guardian_phone="816 555 0199")
    assert _state(minor) == "going"
    assert minor.confirmed_at is None
    assert GuardianConsent.objects.count() == 1


def test_a_no_takes_them_off_and_the_desk_sees_it(client: Client, desk: Client, walk: Walk, minor: Signup) -> None:
    client.post(_guardian(minor, "_no"))
    assert _state(minor) == "withdrawn"
    page = desk.get(reverse("walks:desk_roster", args=[walk.public_id])).content.decode()
    assert "a guardian said no" in page
    assert "is not on the list" in client.get(_guardian(minor)).content.decode()


def test_a_season_taken_back_ends_every_walk_to_come_and_frees_the_places(organizer: User, minor: Signup) -> None:
    season = (minor.walk.meet_at + timedelta(days=60)).date()
    record_guardian(signup=minor, by=organizer, guardian_name="Vera", how="paper", until_on=season)
    other = sign_up(walk=factories.make_walk(capacity=1), name="Kim", email="kim@example.org").signup
    assert other is not None
    waiting = sign_up(walk=other.walk, name="W", email="w@example.org", wait=True).signup
    assert waiting is not None
    assert take_back_yes(signup=minor) == 2
    assert (_state(minor), _state(other), _state(waiting)) == ("guardian", "guardian", "offered")
    assert take_back_yes(signup=minor) == 0


def test_an_organizer_may_leave_the_own_yes_to_the_young_person(organizer: User, minor: Signup) -> None:
    record_guardian(signup=minor, by=organizer, guardian_name="Vera", how="by_phone", assented=False)
    assert _state(minor) == "guardian"
    assert say_yes_oneself(signup=minor).state == "going"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"guardian_name": ""}, "Write your name"),
        ({"guardian_phone": "12"}, "phone number"),
        ({"for_what": "season", "until_on": ""}, "until which day"),
        ({"for_what": "season", "until_on": "2020-01-01"}, "before the walk"),
        ({"for_what": "season", "until_on": "2999-01-01"}, "a year at most"),
    ],
)
def test_a_yes_that_is_not_clear_is_asked_again(
    client: Client, minor: Signup, fields: dict[str, str], words: str
) -> None:
    assert words in client.post(_guardian(minor), YES | fields).content.decode()
    assert not GuardianConsent.objects.exists()


def test_neither_link_opens_the_others_page(minor: Signup) -> None:
    assert signup_from_token(guardian_token(minor)) is None
    assert signup_from_guardian_token(signup_token(minor)) is None
    adult = factories.make_signup(walk=minor.walk)
    assert Client().get(reverse("walks:guardian", args=[guardian_token(adult)])).status_code == 404


def test_saying_no_twice_is_once(minor: Signup) -> None:
    for _ in range(2):
        say_no(signup=minor)
    assert GuardianConsent.objects.count() == 1
