"""/desk/walks/ and one walk's page: what is missing, the field code, publishing, calling off, teams."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from tests import factories
from walks.invites import field_link, letters_for
from walks.models import Signup, Team, Walk
from walks.panels import panels
from walks.problems import problems

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DRAFT = {"state": "draft", "published_at": None}
OFF = {"state": "called_off", "called_off_at": timezone.now(), "call_off_reason": "Ice"}


def _url(walk, name="desk_detail"):
    return reverse(f"walks:{name}", args=[walk.public_id])


def _past(**fields):
    now = timezone.now()
    times = {"meet_at": now - timedelta(days=3), "step_off_at": now - timedelta(days=3)}
    return factories.make_walk(**times | {"end_at": now - timedelta(days=2)} | fields)


class TestList:
    URL = "/desk/walks/"

    def test_each_walk_is_under_its_tab(self, desk):
        walks = {"upcoming": factories.make_walk(), "drafts": factories.make_walk(**DRAFT), "past": _past()}
        for tab, own in walks.items():
            page = desk.get(self.URL, {"show": tab}).content.decode()
            for walk in walks.values():
                assert (walk.title in page) == (walk == own)

    def test_the_newest_past_walk_comes_first(self, desk):
        days = [9, 4, 12, 6]
        for day in days:
            at = timezone.now() - timedelta(days=day)
            _past(title=f"{day:02} days ago", meet_at=at, step_off_at=at, end_at=at + timedelta(hours=2))
        page = desk.get(self.URL, {"show": "past"}).content.decode()
        places = [page.index(f"{day:02} days ago") for day in sorted(days)]
        assert places == sorted(places)

    @pytest.mark.parametrize("query", ["?show='", "?show=drafts&page=-1", "?page=1e9", "?page=x", "?show=%00"])
    def test_odd_addresses_show_a_page(self, desk, query):
        factories.make_walk()
        assert desk.get(self.URL + query).status_code == 200

    def test_empty_says_what_to_do(self, desk):
        page = desk.get(self.URL).content.decode()
        assert "No walk is coming" in page
        assert reverse("walks:desk_new") in page

    def test_others_see_only_what_they_may_open(self, client, lead, volunteer, outsider):
        led, joined, other = (factories.make_walk() for _ in range(3))
        Walk.objects.filter(pk=led.pk).update(lead=lead.person)
        factories.make_signup(walk=joined, person=volunteer.person)
        for user, seen in ((lead, {led}), (volunteer, {joined}), (outsider, set())):
            client.force_login(user, backend=BACKEND)
            page = client.get(self.URL).content.decode()
            assert {walk for walk in (led, joined, other) if walk.title in page} == seen

    def test_strangers_sign_in_first(self, client):
        assert client.get(self.URL).headers["Location"].startswith("/accounts/login/")

    def test_the_number_of_queries_does_not_grow(self, desk):
        desk.get(self.URL)
        factories.make_signup()
        with CaptureQueriesContext(connection) as few:
            desk.get(self.URL)
        for _ in range(6):
            factories.make_signup(organization_text="Club")
        with CaptureQueriesContext(connection) as many:
            desk.get(self.URL)
        assert len(few) == len(many) <= 12


class TestDetail:
    def test_an_organizer_sees_plan_numbers_and_the_field_code(self, desk):
        walk = factories.make_walk(capacity=40, internal_note="Key at the desk")
        factories.make_signup(walk=walk, n_people=3)
        page = desk.get(_url(walk)).content.decode()
        for words in (
            "3 of 40 places",
            "Key at the desk",
            letters_for(walk),
            f"/w/{walk.code}",
            "<svg",
            "Nobody leads it",
        ):
            assert words in page
        assert field_link(walk).replace("&", "&amp;") in page

    def test_who_walks_along_sees_the_plan_only(self, client, volunteer):
        walk = factories.make_walk(internal_note="Key at the desk", note="Bring a hat")
        factories.make_signup(walk=walk, person=volunteer.person)
        client.force_login(volunteer, backend=BACKEND)
        page = client.get(_url(walk)).content.decode()
        assert "Bring a hat" in page
        for secret in ("Key at the desk", letters_for(walk), "/field/#i=", "Nobody leads it", "roster"):
            assert secret not in page

    def test_it_closes_a_day_after_the_walk(self, client, volunteer):
        walk = _past(end_at=timezone.now() - timedelta(hours=25))
        factories.make_signup(walk=walk, person=volunteer.person)
        client.force_login(volunteer, backend=BACKEND)
        assert client.get(_url(walk)).status_code == 404

    @pytest.mark.parametrize("state", ["withdrawn", "guardian"])
    def test_who_does_not_come_sees_nothing(self, client, volunteer, state):
        signup = factories.make_signup(person=volunteer.person, state=state, withdrawn_at=timezone.now())
        client.force_login(volunteer, backend=BACKEND)
        assert client.get(_url(signup.walk)).status_code == 404

    def test_hostile_words_stay_words(self, desk):
        hostile = "</script><img src=x onerror=alert(1)>"
        walk = factories.make_walk(title=hostile, meeting_place=hostile, note=hostile, internal_note=hostile)
        factories.make_signup(walk=walk, name=hostile, organization_text=hostile)
        for name in ("desk_detail", "desk_edit", "desk_roster", "desk_messages", "desk_call_off"):
            assert "<img src=x" not in desk.get(_url(walk, name)).content.decode()

    def test_the_number_of_queries_does_not_grow(self, desk, django_assert_max_num_queries):
        walk = factories.make_walk(capacity=40)
        for number in range(1, 5):
            team = Team.objects.create(walk=walk, number=number)
            factories.make_signup(walk=walk, team=team)
        desk.get(_url(walk))
        with django_assert_max_num_queries(12):
            desk.get(_url(walk))


@pytest.mark.parametrize("name", ["desk_publish", "desk_on_again", "desk_new_invite", "desk_teams"])
class TestButtons:
    def test_reading_changes_nothing(self, desk, name):
        walk = factories.make_walk(**DRAFT)
        for method in (desk.get, desk.head):
            assert method(_url(walk, name)).status_code == 405

    def test_strangers_and_outsiders_get_nowhere(self, client, outsider, name):
        walk = factories.make_walk(**DRAFT)
        assert client.post(_url(walk, name)).headers["Location"].startswith("/accounts/login/")
        client.force_login(outsider, backend=BACKEND)
        assert client.post(_url(walk, name), {"n_teams": 3}).status_code in {403, 404}
        walk.refresh_from_db()
        assert (walk.state, walk.invite_version, walk.teams.count()) == ("draft", 1, 0)


class TestPublish:
    def test_it_shows_the_walk_to_everybody(self, desk, client):
        walk = factories.make_walk(**DRAFT)
        desk.post(_url(walk, "desk_publish"))
        walk.refresh_from_db()
        assert walk.is_public
        assert AuditEvent.objects.filter(action="walk.publish").count() == 1
        desk.post(_url(walk, "desk_publish"))
        assert AuditEvent.objects.filter(action="walk.publish").count() == 1

    def test_without_a_meeting_point_it_stays_a_draft(self, desk):
        walk = factories.make_walk(**DRAFT, meeting_place="")
        page = desk.post(_url(walk, "desk_publish"), follow=True).content.decode()
        assert "Say where people meet first" in page
        walk.refresh_from_db()
        assert not walk.is_public

    def test_a_lead_does_not_publish(self, client, lead):
        walk = factories.make_walk(**DRAFT, lead=lead.person)
        client.force_login(lead, backend=BACKEND)
        assert client.post(_url(walk, "desk_publish")).status_code == 403


class TestCallOff:
    def _call_off(self, client, walk, **fields):
        return client.post(_url(walk, "desk_call_off"), {"kind": "other", "reason": "The street is closed"} | fields)

    def test_everybody_is_told_and_the_others_are_listed(self, desk):
        walk = factories.make_walk()
        told = factories.make_signup(walk=walk)
        waiting = factories.make_signup(walk=walk, state="guardian", age_band="13_17")
        factories.make_signup(walk=walk, state="withdrawn", withdrawn_at=timezone.now())
        factories.make_signup(walk=walk, person=factories.make_person(name="No Mail", email="", phone="+18165550111"))
        response = self._call_off(desk, walk)
        walk.refresh_from_db()
        assert (walk.state, walk.call_off_reason, walk.sequence) == ("called_off", "The street is closed", 1)
        assert set(OutboxMessage.objects.values_list("to_address", flat=True)) == {
            told.person.email,
            waiting.person.email,
        }
        assert "The street is closed" in OutboxMessage.objects.first().body_text
        page = desk.get(response.headers["Location"]).content.decode()
        assert "No Mail" in page
        assert 'href="tel:+18165550111"' in page
        assert "sms:+18165550111" in page

    def test_a_second_time_tells_nobody_again(self, desk):
        walk = factories.make_walk()
        factories.make_signup(walk=walk)
        self._call_off(desk, walk)
        self._call_off(desk, walk)
        assert OutboxMessage.objects.count() == 1
        assert AuditEvent.objects.filter(action="walk.call_off").count() == 1

    @pytest.mark.parametrize("fields", [{"kind": ""}, {"reason": " "}, {"kind": "x"}, {"reason": "x" * 400}])
    def test_it_needs_a_reason(self, desk, fields):
        walk = factories.make_walk()
        assert self._call_off(desk, walk, **fields).status_code == 200
        walk.refresh_from_db()
        assert walk.state == "published"

    @pytest.mark.parametrize("walk_of", [lambda: factories.make_walk(**DRAFT), _past])
    def test_drafts_and_walks_that_are_over_stay(self, desk, walk_of):
        walk = walk_of()
        before = walk.state
        assert 'class="error-summary"' in self._call_off(desk, walk).content.decode()
        walk.refresh_from_db()
        assert walk.state == before

    def test_a_lead_may_for_the_weather_only(self, client, lead):
        walk = factories.make_walk(lead=lead.person)
        client.force_login(lead, backend=BACKEND)
        assert self._call_off(client, walk).status_code == 200
        walk.refresh_from_db()
        assert walk.state == "published"
        self._call_off(client, walk, kind="weather", reason="Ice")
        walk.refresh_from_db()
        assert (walk.state, walk.call_off_reason) == ("called_off", "The weather. Ice")

    def test_taking_it_back_tells_them_too(self, desk):
        walk = factories.make_walk()
        factories.make_signup(walk=walk)
        self._call_off(desk, walk, at_once="on")
        desk.post(_url(walk, "desk_on_again"))
        walk.refresh_from_db()
        assert (walk.state, walk.sequence, walk.call_off_reason) == ("published", 2, "")
        assert set(OutboxMessage.objects.values_list("kind", flat=True)) == {"walks.called_off", "walks.on_again"}


class TestTeams:
    def test_teams_come_and_go(self, desk):
        walk = factories.make_walk()
        for n in (4, 2):
            desk.post(_url(walk, "desk_teams"), {"n_teams": n})
            assert list(walk.teams.values_list("number", flat=True)) == list(range(1, n + 1))

    def test_a_team_that_phones_joined_stays(self, desk):
        walk = factories.make_running_walk()
        desk.post(_url(walk, "desk_teams"), {"n_teams": 2})
        factories.make_device(walk=walk, team=walk.teams.get(number=2))
        page = desk.post(_url(walk, "desk_teams"), {"n_teams": 1}, follow=True).content.decode()
        assert "Phones have already joined" in page
        assert walk.teams.count() == 2

    @pytest.mark.parametrize("n", ["-1", "31", "x", ""])
    def test_odd_numbers_are_refused(self, desk, n):
        walk = factories.make_walk()
        assert "between 0 and 30" in desk.post(_url(walk, "desk_teams"), {"n_teams": n}, follow=True).content.decode()


class TestProblems:
    def _codes(self, walk):
        return {problem.code for problem in problems(walk, timezone.now())}

    def test_a_walk_that_is_planned_has_none(self, lead):
        walk = factories.make_walk(
            lead=lead.person, lead_organization=factories.make_organization(), capacity=40, police_walk_along=False
        )
        factories.make_signup(walk=walk)
        assert self._codes(walk) == set()

    def test_it_names_what_is_missing(self):
        walk = factories.make_walk(meeting_place="", purposes=[], **DRAFT)
        assert self._codes(walk) == {
            "no_lead",
            "no_meeting_point",
            "no_lead_organization",
            "no_purpose",
            "no_capacity",
            "police_not_said",
            "still_draft",
        }

    def test_it_names_what_is_odd_about_the_place(self):
        assert "meeting_point_not_on_map" in self._codes(factories.make_walk(meeting_location=None))
        far = factories.make_walk(meeting_location="SRID=4326;POINT(-94.60 39.10)")
        far.refresh_from_db()
        assert "meeting_point_far" in self._codes(far)

    def test_it_names_the_dark_without_a_plan(self):
        day = (timezone.now() + timedelta(days=10)).replace(hour=1, minute=0)
        times = {"meet_at": day, "step_off_at": day, "end_at": day + timedelta(hours=2)}
        assert "after_sunset_without_plan" in self._codes(factories.make_walk(**times))
        assert "after_sunset_without_plan" not in self._codes(factories.make_walk(**times, note="Bring a light"))

    def test_it_names_what_is_odd_about_people(self):
        walk = factories.make_walk()
        assert "nobody_signed_up" in self._codes(walk)
        factories.make_signup(walk=walk, state="guardian", age_band="13_17")
        factories.make_signup(walk=walk, organization_text="Club")
        factories.make_signup(walk=walk, person=factories.make_person(email=""))
        assert {"minors_waiting", "organizations_unmatched", "without_mail"} <= self._codes(walk)

    def test_six_people_two_days_before_want_teams(self):
        walk = factories.make_running_walk()
        factories.make_signup(walk=walk, n_people=6)
        assert "no_teams" in self._codes(walk)
        Team.objects.create(walk=walk, number=1)
        assert "no_teams" not in self._codes(walk)

    def test_the_heaviest_come_first(self):
        weights = [problem.weight for problem in problems(factories.make_walk(), timezone.now())]
        assert weights == sorted(weights, key=["must", "should", "know"].index)

    def test_the_list_counts_like_the_page(self):
        walk = factories.make_walk()
        factories.make_signup(walk=walk, n_people=3, organization_text="Club")
        factories.make_signup(walk=walk, state="guardian")
        factories.make_signup(walk=walk, state="withdrawn", withdrawn_at=timezone.now(), organization_text="Gone")
        counted = Walk.objects.with_roster_counts().get()
        assert (counted.n_taken, counted.n_waiting, counted.n_unmatched) == (3, 1, 1)

    def test_a_walk_called_off_has_none(self):
        assert self._codes(factories.make_walk(**OFF)) == set()


class TestPanels:
    def test_they_say_what_needs_an_organizer(self, organizer):
        walk = factories.make_walk()
        factories.make_signup(walk=walk, state="guardian", age_band="13_17")
        factories.make_signup(walk=walk, organization_text="Club")
        factories.make_signup(walk=walk, organization_text="Club")
        Signup.objects.filter(organization_text="").update(language="es")
        factories.make_walk(
            **DRAFT,
            meet_at=timezone.now() + timedelta(days=20),
            step_off_at=timezone.now() + timedelta(days=20),
            end_at=timezone.now() + timedelta(days=21),
        )
        found = [panel for panel in panels(user=organizer, now=timezone.now()) if panel.n]
        assert [(panel.n, panel.url) for panel in found] == [
            (1, _url(walk)),
            (1, _url(walk, "desk_roster")),
            (1, _url(walk, "desk_roster")),
            (1, "/desk/walks/?show=drafts"),
        ]

    def test_nothing_to_do_is_nothing_to_show(self, organizer):
        assert not [panel for panel in panels(user=organizer, now=timezone.now()) if panel.n]
