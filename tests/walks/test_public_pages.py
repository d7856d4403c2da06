"""/walks/, one walk, short addresses: what everybody may see, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from office.models import Coalition
from tests import factories
from walks.models import Walk

pytestmark = pytest.mark.django_db

CALLED_OFF = {"state": "called_off", "called_off_at": timezone.now(), "call_off_reason": "Ice on the sidewalks"}


def _past(**fields):
    now = timezone.now()
    times = {"meet_at": now - timedelta(days=3), "step_off_at": now - timedelta(days=3)}
    return factories.make_walk(**times | {"end_at": now - timedelta(days=2, hours=20)} | fields)


def _url(walk, name="detail"):
    return reverse(f"walks:{name}", args=[walk.public_id])


def test_the_list_shows_what_is_coming_and_what_was(client):
    coming, off, past = factories.make_walk(), factories.make_walk(**CALLED_OFF), _past()
    draft = factories.make_walk(state="draft", published_at=None)
    gone = factories.make_walk(deleted_at=timezone.now())
    page = client.get(reverse("walks:list")).content.decode()
    assert coming.title in page
    assert off.title in page
    assert "Ice on the sidewalks" in page
    assert past.title in page
    assert draft.title not in page
    assert gone.title not in page


def test_the_map_holds_the_same_walks_as_the_list(client):
    walks = [factories.make_walk() for _ in range(3)]
    response = client.get(reverse("walks:list"))
    meetings = [f for f in response.context["features"]["features"] if f["properties"]["kind"] == "meeting"]
    assert {f["properties"]["id"] for f in meetings} == {str(walk.public_id) for walk in walks}
    page = response.content.decode()
    assert all(f'data-feature="{walk.public_id}"' in page for walk in walks)


def test_an_empty_list_says_what_to_do(client):
    page = client.get(reverse("walks:list")).content.decode()
    assert "No walk is planned right now" in page


def test_the_page_tells_when_where_and_how(client):
    walk = factories.make_walk(
        wheelchair="yes",
        wheelchair_note="one curb without a ramp",
        police_walk_along=False,
        capacity=40,
        note="Bring a hat",
    )
    page = client.get(_url(walk)).content.decode()
    for words in (walk.title, walk.meeting_place, "one curb without a ramp", "Bring a hat", "0 of 40 places", "Sunset"):
        assert words in page


@pytest.mark.parametrize(("value", "words"), [(True, "yes"), (False, "no"), (None, "not decided yet")])
def test_it_says_whether_police_walk_along(client, value, words):
    walk = factories.make_walk(police_walk_along=value)
    page = client.get(_url(walk)).content.decode()
    assert f"<dt>Police walk with us</dt><dd>{words}</dd>" in page


def test_it_never_shows_roster_lead_or_internal_note(client, lead):
    lead.person.phone = "+18165550177"
    lead.person.save()
    walk = factories.make_walk(lead=lead.person, internal_note="The key is under the third stone")
    factories.make_signup(walk=walk, person=factories.make_person(name="Zebulon Marker", phone="+18165550188"))
    page = client.get(_url(walk)).content.decode()
    for secret in (
        "Zebulon",
        "5550188",
        "555-0188",
        "5550177",
        "555-0177",
        lead.person.name,
        "third stone",
        lead.email,
    ):
        assert secret not in page


DRAFT: dict[str, object] = {"state": "draft", "published_at": None}


# A deleted walk that people had in their calendars stays in its feed as CANCELLED (test_series_calendars.py).
@pytest.mark.parametrize(
    ("name", "fields"),
    [(name, DRAFT) for name in ("detail", "sign_up", "ics")]
    + [(name, {"deleted_at": timezone.now()}) for name in ("detail", "sign_up")],
)
def test_drafts_and_deleted_walks_are_not_found(client, fields, name):
    assert client.get(_url(factories.make_walk(**fields), name)).status_code == 404


def test_a_walk_called_off_says_so_and_takes_nobody(client):
    page = client.get(_url(factories.make_walk(**CALLED_OFF))).content.decode()
    assert "Ice on the sidewalks" in page
    assert '<form method="post"' not in page


def test_hostile_words_stay_words(client):
    hostile = "</script><img src=x onerror=alert(1)> {{7*7}}"
    walk = factories.make_walk(title=hostile, meeting_place=hostile, note=hostile, weather_rule=hostile)
    for url in (_url(walk), _url(walk, "sign_up"), reverse("walks:list")):
        page = client.get(url).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


@pytest.mark.parametrize("name", ["detail", "sign_up", "ics"])
def test_the_number_of_queries_does_not_grow(client, django_assert_max_num_queries, name):
    walk = factories.make_walk(capacity=100)
    for _ in range(20):
        factories.make_signup(walk=walk)
        factories.make_organization()
    with django_assert_max_num_queries(12):
        client.get(_url(walk, name))


def test_the_list_costs_the_same_for_many(client):
    Coalition.current()
    factories.make_walk()
    _past()
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("walks:list"))
    for _ in range(6):
        factories.make_signup(walk=factories.make_walk())
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("walks:list"))
    assert len(many) == len(few) <= 12


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_for_reading_refuse_other_methods(client, method):
    walk = factories.make_walk()
    for url in (reverse("walks:list"), _url(walk), _url(walk, "ics"), reverse("walks:calendar"), "/w/next"):
        assert getattr(client, method)(url).status_code == 405


class TestShortAddress:
    def test_it_leads_to_the_walk_however_it_is_typed(self, client):
        walk = factories.make_walk(code="K0Y1AB")
        for typed in ("K0Y1AB", "k0y1ab", "koyiab", "KOY-LAB", "k0y1ab/"):
            assert client.get(f"/w/{typed}").headers["Location"] == _url(walk)

    @pytest.mark.parametrize("fields", [{"state": "draft", "published_at": None}, {"deleted_at": timezone.now()}])
    def test_only_public_walks_have_one(self, client, fields):
        walk = factories.make_walk(**fields)
        assert client.get(f"/w/{walk.code}").status_code == 404

    def test_an_unknown_code_is_not_found(self, client):
        assert client.get("/w/ZZZZZZ").status_code == 404
        assert client.get("/w/%00").status_code == 404

    def test_next_is_the_first_walk_that_takes_place(self, client):
        _past()
        factories.make_running_walk(**CALLED_OFF)
        later = factories.make_walk(
            meet_at=timezone.now() + timedelta(days=9),
            step_off_at=timezone.now() + timedelta(days=9),
            end_at=timezone.now() + timedelta(days=10),
        )
        assert client.get("/w/next").headers["Location"] == _url(later)
        sooner = factories.make_walk()
        assert client.get("/w/next").headers["Location"] == _url(sooner)

    def test_next_without_any_is_the_list(self, client):
        assert client.get("/w/next").headers["Location"] == reverse("walks:list")

    def test_the_page_behind_it_has_a_link_preview(self, client):
        walk = factories.make_walk(title='Lawn & "Van Brunt"')
        page = client.get(f"/w/{walk.code}", follow=True).content.decode()
        assert 'property="og:title"' in page
        assert "Lawn &amp; &quot;Van Brunt&quot;" in page
        assert f'property="og:url" content="http://testserver{_url(walk)}"' in page


def test_times_are_those_of_the_walk(client, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    walk = factories.make_walk()
    assert walk.time_zone == "America/Chicago"
    local = walk.meet_at.astimezone(walk.zone)
    assert f"{local:%-I:%M %p}" in client.get(_url(walk)).content.decode()


def test_spanish_pages_are_spanish(client):
    walk = factories.make_walk()
    for url in (_url(walk), _url(walk, "sign_up"), reverse("walks:list"), reverse("walks:lost")):
        response = client.get(url + "?lang=es")
        assert 'lang="es"' in response.content.decode()
    assert Walk.objects.get().title in client.get(_url(walk)).content.decode()
