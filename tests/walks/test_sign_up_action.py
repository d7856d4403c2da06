"""What `sign_up` and its sisters do, without pages."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from people.models import Person
from tests import factories
from walks.actions import (
    Refused,
    change_signup,
    come_after_all,
    leave_organization,
    match_organization,
    record_guardian,
    renew_link,
    sign_up,
    withdraw,
)
from walks.links import signup_from_token, signup_token
from walks.models import Signup, Walk

pytestmark = pytest.mark.django_db


def _teo(walk, **fields):
    return sign_up(walk=walk, **{"name": "Teo Linden", "email": "teo@example.org"} | fields)


def test_it_gives_a_place_and_mails_the_link():
    walk = factories.make_walk(capacity=10)
    result = _teo(walk, n_people=3, email=" Teo@Example.org ")
    assert result.outcome == "going"
    assert walk.places_taken == 3
    assert result.signup.person.email == "teo@example.org"
    mail = OutboxMessage.objects.get()
    assert mail.to_address == "teo@example.org"
    assert mail.about == f"walk:{walk.public_id}"
    assert signup_token(result.signup) in mail.body_text
    assert signup_token(result.signup) in mail.body_html
    assert AuditEvent.objects.get(action="signup.create").detail == {
        "walk": str(walk.public_id),
        "state": "going",
        "source": "web",
    }


def test_the_mail_is_in_their_language():
    walk = factories.make_walk(languages=["en", "es", "vi"])
    _teo(walk, language="es")
    sign_up(walk=walk, name="Lan Truong", email="lan@example.org", language="vi")
    assert set(OutboxMessage.objects.values_list("to_address", "language")) == {
        ("teo@example.org", "es"),
        ("lan@example.org", "en"),
    }


def test_it_refuses_a_full_walk():
    walk = factories.make_walk(capacity=2)
    assert _teo(walk, n_people=3).outcome == "full"
    assert _teo(walk, n_people=2).outcome == "going"
    result = sign_up(walk=walk, name="Wren", email="wren@example.org")
    assert (result.outcome, result.signup, result.has_room) == ("full", None, False)
    assert not Person.objects.filter(email="wren@example.org").exists()


def test_a_walk_without_a_limit_takes_everybody():
    walk = factories.make_walk(capacity=None)
    assert _teo(walk, n_people=60).outcome == "going"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft", "published_at": None},
        {"state": "called_off", "called_off_at": timezone.now(), "call_off_reason": "Ice"},
        {"deleted_at": timezone.now()},
        {
            "meet_at": timezone.now() - timedelta(hours=3),
            "step_off_at": timezone.now() - timedelta(hours=2),
            "end_at": timezone.now() - timedelta(minutes=1),
        },
    ],
)
def test_it_is_closed_unless_published_and_to_come(fields):
    assert _teo(factories.make_walk(**fields)).outcome == "closed"
    assert not Signup.objects.exists()


def test_under_13_keeps_nothing():
    result = _teo(factories.make_walk(), age_band="under_13")
    assert (result.outcome, result.signup) == ("too_young", None)
    assert not Person.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert not AuditEvent.objects.exists()


def test_o17_a_minor_waits_and_does_not_count():
    walk = factories.make_walk(capacity=5)
    result = _teo(walk, age_band="13_17", n_people=4)
    assert result.outcome == "guardian"
    assert result.signup.n_people == 1
    assert walk.places_taken == 0
    mail = OutboxMessage.objects.get()
    assert walk.meeting_place not in mail.body_text
    assert walk.meeting_place not in mail.body_html


def test_the_same_form_twice_is_one_sign_up():
    walk, token = factories.make_walk(), uuid.uuid4()
    first = sign_up(walk=walk, name="Teo", phone="816 555 0111", form_token=token)
    again = sign_up(walk=walk, name="Teo", phone="816 555 0111", form_token=token)
    assert first.signup == again.signup
    assert (again.outcome, again.is_repeat) == ("going", True)
    assert Signup.objects.count() == 1


def test_somebody_known_by_e_mail_gets_the_link_again_at_most_once_an_hour():
    walk = factories.make_walk()
    _teo(walk)
    assert _teo(walk, name="Somebody Else", email="TEO@example.org").outcome == "already"
    assert _teo(walk).outcome == "already"
    signup = Signup.objects.get()
    assert (signup.name, signup.person.name) == ("Teo Linden", "Teo Linden")
    assert OutboxMessage.objects.count() == 2


def test_a_full_walk_looks_full_to_those_on_it_too():
    walk = factories.make_walk(capacity=1)
    _teo(walk)
    assert not _teo(walk).has_room


def test_a_phone_number_alone_never_reaches_somebody_elses_sign_up():
    walk = factories.make_walk()
    first = sign_up(walk=walk, name="Teo", phone="(816) 555-0111").signup
    second = sign_up(walk=walk, name="Teo", phone="+1 816 555 0111").signup
    assert first != second
    assert first.person != second.person
    assert first.person.phone == second.person.phone == "+18165550111"


def test_the_desk_knows_people_by_phone_and_name(organizer):
    walk, other = factories.make_walk(), factories.make_walk()
    first = sign_up(walk=walk, name="Teo", phone="8165550111", source="desk", by=organizer).signup
    second = sign_up(walk=other, name="teo ", phone="816-555-0111", source="desk", by=organizer).signup
    assert first.person == second.person


def test_withdrawing_frees_the_place_and_can_be_taken_back():
    walk = factories.make_walk(capacity=1)
    signup = _teo(walk).signup
    withdraw(signup=signup)
    withdraw(signup=signup)
    assert walk.places_taken == 0
    assert AuditEvent.objects.filter(action="signup.withdraw").count() == 1
    other = sign_up(walk=walk, name="Wren", email="wren@example.org").signup
    with pytest.raises(Refused, match="taken"):
        come_after_all(signup=signup)
    withdraw(signup=other)
    assert come_after_all(signup=signup).state == Signup.State.GOING


def test_who_withdrew_may_sign_up_again():
    walk = factories.make_walk()
    signup = _teo(walk).signup
    withdraw(signup=signup)
    result = _teo(walk, n_people=2)
    assert (result.outcome, result.signup, result.signup.n_people) == ("going", signup, 2)
    assert result.signup.withdrawn_at is None


def test_nobody_comes_back_to_a_walk_that_is_called_off():
    walk = factories.make_walk()
    signup = _teo(walk).signup
    withdraw(signup=signup)
    Walk.objects.update(state="called_off", called_off_at=timezone.now(), call_off_reason="Ice")
    with pytest.raises(Refused):
        come_after_all(signup=signup)


def test_changing_keeps_to_the_places():
    walk = factories.make_walk(capacity=4)
    signup = _teo(walk, n_people=2).signup
    change_signup(signup=signup, n_people=4, language="es", phone="816 555 0111")
    signup.refresh_from_db()
    assert (signup.n_people, signup.language, signup.person.phone) == (4, "es", "+18165550111")
    with pytest.raises(Refused, match="4 places"):
        change_signup(signup=signup, n_people=5)
    signup.refresh_from_db()
    assert signup.n_people == 4
    change_signup(signup=signup, n_people=1)
    assert walk.places_taken == 1


def test_an_organization_in_other_words_is_unsettled_again(organizer):
    signup = _teo(factories.make_walk(), organization_text="Block Club").signup
    leave_organization(signup=signup, by=organizer)
    assert not Signup.objects.unmatched().exists()
    change_signup(signup=signup, organization_text="Another Club")
    assert Signup.objects.unmatched().get() == signup


def test_matching_settles_everybody_who_wrote_the_same(organizer):
    first = _teo(factories.make_walk(), organization_text="Gladstone Block Club").signup
    second = sign_up(
        walk=factories.make_walk(), name="W", email="w@example.org", organization_text="gladstone block club"
    ).signup
    third = sign_up(walk=first.walk, name="X", email="x@example.org", organization_text="Another").signup
    club = factories.make_organization(name="Gladstone Block Club")
    assert match_organization(signup=first, organization=club, by=organizer) == 2
    second.refresh_from_db()
    assert second.organization == club
    assert list(Signup.objects.unmatched()) == [third]


def test_a_new_link_kills_the_old_one():
    signup = _teo(factories.make_walk()).signup
    old = signup_token(signup)
    assert signup_from_token(old) == signup
    renew_link(signup=signup)
    assert signup_from_token(old) is None
    assert signup_from_token(signup_token(signup)) == signup


@pytest.mark.parametrize("token", ["", "x", "AAAAAAAAAAAAAAAAAAAAAA~1.forged", "~", "a" * 500, "ü~1.x"])
def test_a_forged_link_is_nobodys(token):
    assert signup_from_token(token) is None


class TestGuardian:
    def _minor(self, walk, **fields):
        return _teo(walk, age_band="13_17", **fields).signup

    def _yes(self, signup, by, **fields):
        return record_guardian(signup=signup, by=by, **{"guardian_name": "Vera Linden", "how": "by_phone"} | fields)

    def test_a_yes_makes_the_place_count_and_tells_them(self, organizer):
        walk = factories.make_walk(capacity=1)
        signup = self._minor(walk)
        consent = self._yes(signup, organizer, guardian_phone="816 555 0199")
        assert (consent.walk, consent.guardian_phone, consent.recorded_by) == (walk, "+18165550199", organizer.person)
        assert walk.places_taken == 1
        assert OutboxMessage.objects.count() == 2
        assert walk.meeting_place in OutboxMessage.objects.first().body_text

    def test_on_a_full_walk_a_yes_is_kept_and_they_wait_for_a_place(self, organizer):
        walk = factories.make_walk(capacity=1)
        signup = self._minor(walk)
        factories.make_signup(walk=walk)
        self._yes(signup, organizer)
        signup.refresh_from_db()
        assert signup.state == Signup.State.WAITLIST
        assert signup.person.guardian_consents.exists()
        assert walk.places_taken == 1

    def test_a_season_counts_for_other_walks(self, organizer):
        walk, other = factories.make_walk(), factories.make_walk()
        signup, waiting = self._minor(walk), self._minor(other)
        self._yes(signup, organizer, until_on=(walk.meet_at + timedelta(days=100)).date())
        waiting.refresh_from_db()
        assert waiting.state == Signup.State.GOING
        assert self._minor(factories.make_walk()).state == Signup.State.GOING

    def test_a_yes_for_one_walk_does_not_count_for_another(self, organizer):
        self._yes(self._minor(factories.make_walk()), organizer)
        assert self._minor(factories.make_walk()).state == Signup.State.GUARDIAN

    def test_a_yes_that_was_withdrawn_does_not_count(self, organizer):
        walk = factories.make_walk()
        consent = self._yes(self._minor(walk), organizer, until_on=(walk.meet_at + timedelta(days=100)).date())
        consent.withdrawn_at = timezone.now()
        consent.save()
        assert self._minor(factories.make_walk()).state == Signup.State.GUARDIAN

    def test_a_season_that_ends_before_the_walk_is_refused(self, organizer):
        walk = factories.make_walk()
        with pytest.raises(Refused, match="before the walk"):
            self._yes(self._minor(walk), organizer, until_on=(walk.meet_at - timedelta(days=2)).date())

    def test_rather_not_say_does_not_hide_a_known_minor(self):
        self._minor(factories.make_walk())
        assert _teo(factories.make_walk(), age_band="unknown").outcome == "guardian"
