"""/desk/walks/<uuid>/roster/: who comes, and what is done for one person."""

import pytest
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from people.models import Organization
from tests import factories
from walks.actions import Refused, assign_teams
from walks.links import signup_from_token, signup_token
from walks.models import GuardianConsent, Signup, Team

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def walk(db, lead):
    return factories.make_walk(capacity=5, lead=lead.person)


def _url(walk, name="desk_roster", *more):
    return reverse(f"walks:{name}", args=[walk.public_id, *more])


def _do(client, signup, name, data=None):
    return client.post(_url(signup.walk, name, signup.public_id), data or {})


ADD = {"name": "Wren", "contact": "wren@example.org", "age_band": "unknown", "language": "en", "n_people": "2"}


def test_it_shows_who_comes_with_contact_and_organization(desk, walk):
    club = factories.make_organization(name="Avenue Business Circle")
    person = factories.make_person(name="Teo Linden", email="teo@example.org", phone="+18165550111")
    factories.make_signup(walk=walk, person=person, organization=club, language="es", n_people=3)
    factories.make_signup(walk=walk, name="Pip", state="guardian", age_band="13_17")
    page = desk.get(_url(walk)).content.decode()
    for words in (
        "Teo Linden",
        "teo@example.org",
        "(816) 555-0111",
        "Avenue Business Circle",
        "Español",
        "3 of 5 people",
    ):
        assert words in page
    assert "minor" in page
    assert "13–17</td>" not in page


def test_the_lead_sees_the_own_roster_and_no_other(client, lead, walk):
    client.force_login(lead, backend=BACKEND)
    assert client.get(_url(walk)).status_code == 200
    assert client.get(_url(factories.make_walk())).status_code == 404


def test_others_do_not_see_it(client, volunteer, outsider, walk):
    factories.make_signup(walk=walk, person=volunteer.person)
    assert client.get(_url(walk)).headers["Location"].startswith("/accounts/login/")
    for user in (volunteer, outsider):
        client.force_login(user, backend=BACKEND)
        assert client.get(_url(walk)).status_code == 404
        assert client.get(_url(walk, "desk_reach")).status_code == 404
        assert client.post(_url(walk, "desk_roster_add"), ADD).status_code == 404


def test_the_number_of_queries_does_not_grow(desk, walk, django_assert_max_num_queries):
    for number in range(1, 6):
        team = Team.objects.create(walk=walk, number=number)
        factories.make_signup(walk=walk, team=team, organization=factories.make_organization())
        factories.make_signup(walk=walk, organization_text="Club")
    desk.get(_url(walk))
    with django_assert_max_num_queries(12):
        desk.get(_url(walk))


class TestAdd:
    def test_somebody_is_added_and_gets_their_link(self, desk, walk):
        assert desk.post(_url(walk, "desk_roster_add"), ADD).status_code == 302
        signup = Signup.objects.get()
        assert (signup.source, signup.n_people, signup.person.email) == ("desk", 2, "wren@example.org")
        assert OutboxMessage.objects.count() == 1

    def test_they_need_no_address(self, desk, walk):
        desk.post(_url(walk, "desk_roster_add"), ADD | {"contact": ""})
        assert Signup.objects.get().person.email == ""

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"name": ""}, "Write a name."),
            ({"contact": "x@"}, "whole e-mail address"),
            ({"n_people": "6"}, "All places are taken."),
            ({"age_band": "under_13"}, "valid choice"),
        ],
    )
    def test_bad_input_gets_a_sentence(self, desk, walk, fields, words):
        response = desk.post(_url(walk, "desk_roster_add"), ADD | fields)
        assert response.status_code == 200
        assert words in response.content.decode()
        assert not Signup.objects.exists()

    def test_who_is_on_it_already_is_said(self, desk, walk):
        desk.post(_url(walk, "desk_roster_add"), ADD)
        assert "on the roster already" in desk.post(_url(walk, "desk_roster_add"), ADD).content.decode()


class TestOnePerson:
    def test_withdrawing_for_them_and_back(self, desk, walk):
        signup = factories.make_signup(walk=walk)
        _do(desk, signup, "desk_withdraw")
        assert walk.places_taken == 0
        _do(desk, signup, "desk_come_back")
        assert walk.places_taken == 1

    def test_somebody_of_another_walk_is_not_found(self, desk, walk):
        stranger = factories.make_signup()
        for name in ("desk_withdraw", "desk_come_back", "desk_guardian", "desk_match", "desk_new_link"):
            assert desk.post(_url(walk, name, stranger.public_id)).status_code == 404
        stranger.refresh_from_db()
        assert stranger.state == "going"

    @pytest.mark.parametrize("name", ["desk_withdraw", "desk_come_back", "desk_match", "desk_new_link"])
    def test_reading_changes_nothing(self, desk, walk, name):
        signup = factories.make_signup(walk=walk)
        assert desk.get(_url(walk, name, signup.public_id)).status_code == 405

    def test_a_new_link_ends_the_old(self, desk, walk):
        signup = factories.make_signup(walk=walk)
        old = signup_token(signup)
        _do(desk, signup, "desk_new_link")
        assert signup_from_token(old) is None
        assert OutboxMessage.objects.count() == 1


class TestGuardian:
    YES = {"guardian_name": "Vera Linden", "guardian_phone": "816 555 0199", "how": "by_phone", "for_what": "walk"}

    @pytest.fixture
    def minor(self, walk):
        return factories.make_signup(walk=walk, state="guardian", age_band="13_17")

    def test_a_yes_makes_them_count(self, desk, walk, minor):
        assert _do(desk, minor, "desk_guardian", self.YES).status_code == 302
        assert walk.places_taken == 1
        assert GuardianConsent.objects.get().guardian_name == "Vera Linden"
        assert "Vera" not in str(AuditEvent.objects.get(action="guardian.record").detail)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"guardian_name": ""}, "Write their name."),
            ({"how": ""}, "Choose how they said yes."),
            ({"for_what": "season"}, "Say until which day"),
            ({"for_what": "season", "until_on": "2020-01-01"}, "before the walk"),
            ({"guardian_phone": "12"}, "all ten digits"),
        ],
    )
    def test_bad_input_gets_a_sentence(self, desk, walk, minor, fields, words):
        assert words in _do(desk, minor, "desk_guardian", self.YES | fields).content.decode()
        assert not GuardianConsent.objects.exists()

    def test_a_lead_does_not_record_it(self, client, lead, minor):
        client.force_login(lead, backend=BACKEND)
        assert _do(client, minor, "desk_guardian", self.YES).status_code == 403
        assert not GuardianConsent.objects.exists()


class TestMatch:
    @pytest.fixture
    def signup(self, walk):
        return factories.make_signup(walk=walk, organization_text="Gladstone Block Club")

    def test_to_one_of_ours(self, desk, signup):
        club = factories.make_organization()
        _do(desk, signup, "desk_match", {"organization": str(club.public_id)})
        signup.refresh_from_db()
        assert signup.organization == club

    def test_to_a_new_one(self, desk, signup):
        _do(desk, signup, "desk_match", {"organization": "new", "kind": "neighborhood"})
        club = Organization.objects.get(name="Gladstone Block Club")
        signup.refresh_from_db()
        assert (signup.organization, club.kind) == (club, "neighborhood")

    def test_leaving_the_words_settles_it(self, desk, signup):
        _do(desk, signup, "desk_match", {"organization": "none"})
        assert not Signup.objects.unmatched().exists()
        signup.refresh_from_db()
        assert signup.organization_text == "Gladstone Block Club"

    @pytest.mark.parametrize("chosen", ["", "x", "00000000-0000-4000-8000-000000000000"])
    def test_nothing_chosen_is_said(self, desk, signup, chosen):
        page = desk.post(
            _url(signup.walk, "desk_match", signup.public_id), {"organization": chosen}, follow=True
        ).content.decode()
        assert "Choose an organization first." in page
        assert Signup.objects.unmatched().exists()

    def test_a_name_we_have_already_is_said(self, desk, signup):
        factories.make_organization(name="gladstone block club")
        _do(desk, signup, "desk_match", {"organization": "new"})
        assert Organization.objects.count() == 1


class TestTeams:
    def test_people_are_put_into_teams(self, desk, walk):
        team = Team.objects.create(walk=walk, number=1)
        first, second = factories.make_signup(walk=walk), factories.make_signup(walk=walk, team=team)
        desk.post(
            _url(walk, "desk_roster_teams"),
            {f"team-{first.public_id}": "1", f"team-{second.public_id}": "", "team-x": "1"},
        )
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.team, second.team) == (team, None)

    def test_a_team_that_is_not_there_changes_nothing(self, desk, walk):
        signup = factories.make_signup(walk=walk)
        desk.post(_url(walk, "desk_roster_teams"), {f"team-{signup.public_id}": "9"})
        signup.refresh_from_db()
        assert signup.team is None

    def test_a_team_of_another_walk_is_refused(self, organizer, walk):
        signup = factories.make_signup(walk=walk)
        with pytest.raises(Refused, match="another walk"):
            assign_teams(walk=walk, teams={signup: factories.make_team()}, by=organizer)
        signup.refresh_from_db()
        assert signup.team is None


def test_whom_no_mail_reaches(desk, walk):
    person = factories.make_person(name="No Mail", email="", phone="+18165550111")
    factories.make_signup(walk=walk, person=person)
    factories.make_signup(walk=walk, person=person.__class__.objects.create(name="Nothing"))
    factories.make_signup(walk=walk, person=factories.make_person(name="Has Mail"))
    gone = factories.make_person(name="Gone Away", email="")
    factories.make_signup(walk=walk, person=gone, state="withdrawn", withdrawn_at=timezone.now())
    page = desk.get(_url(walk, "desk_reach"), follow=True).content.decode()
    assert "No Mail" in page
    assert "no number either" in page
    assert "Has Mail" not in page
    assert "Gone Away" not in page
