"""/my/<token>/ and /my/lost/: one person's own sign-up, by their link."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import OutboxMessage
from tests import factories
from walks.actions import renew_link
from walks.links import signup_token
from walks.models import Signup

pytestmark = pytest.mark.django_db


@pytest.fixture
def signup(db):
    return factories.make_signup(walk=factories.make_walk(capacity=5), n_people=2)


def _url(signup, name="my"):
    return reverse(f"walks:{name}", args=[signup_token(signup)])


FORM = {"organization": "", "organization_text": "", "n_people": "3", "language": "es", "phone": "816 555 0111"}


def test_it_shows_the_walk_and_keeps_the_address_secret(client, signup):
    response = client.get(_url(signup))
    assert response.status_code == 200
    assert signup.walk.title in response.content.decode()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "data-no-tiles" in response.content.decode()


def test_opening_it_changes_nothing(client, signup):
    before = Signup.objects.values().get(pk=signup.pk)
    for name in ("my", "my_withdraw", "my_back"):
        for method in (client.get, client.head):
            assert method(_url(signup, name)).status_code == (200 if name == "my" else 405)
    assert Signup.objects.values().get(pk=signup.pk) == before


def test_it_changes_what_was_asked(client, signup):
    assert client.post(_url(signup), FORM).headers["Location"] == _url(signup)
    signup.refresh_from_db()
    assert (signup.n_people, signup.language, signup.person.phone) == (3, "es", "+18165550111")


def test_o09_it_takes_no_other_fields(client, signup):
    client.post(_url(signup), FORM | {"state": "guardian", "age_band": "13_17", "walk": "1", "name": "Other"})
    signup.refresh_from_db()
    assert (signup.state, signup.age_band, signup.name) == ("going", "unknown", signup.person.name)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n_people": "9"}, "There are only 5 places left."),
        ({"n_people": "x"}, "whole number"),
        ({"phone": "12"}, "Write all ten digits"),
        ({"organization": "other"}, "Write the name of your organization"),
    ],
)
def test_bad_input_gets_a_sentence(client, signup, fields, words):
    response = client.post(_url(signup), FORM | {"organization_text": ""} | fields)
    assert words in response.content.decode()
    signup.refresh_from_db()
    assert signup.n_people == 2


def test_withdrawing_and_coming_back(client, signup):
    assert "I can’t come" in client.get(_url(signup)).content.decode()
    page = client.post(_url(signup, "my_withdraw"), follow=True).content.decode()
    assert "You are not on the list any more" in page
    assert signup.walk.places_taken == 0
    client.post(_url(signup, "my_back"))
    assert signup.walk.places_taken == 2


def test_no_way_back_to_a_walk_that_filled_up(client, signup):
    client.post(_url(signup, "my_withdraw"))
    factories.make_signup(walk=signup.walk, n_people=5)
    page = client.post(_url(signup, "my_back"), follow=True).content.decode()
    assert "All places of this walk are taken." in page


@pytest.mark.parametrize("name", ["my", "my_withdraw", "my_back"])
def test_an_old_or_forged_link_is_not_found(client, signup, name):
    old = _url(signup, name)
    renew_link(signup=signup)
    assert client.post(old).status_code == 404
    assert client.post(reverse(f"walks:{name}", args=["forged"])).status_code == 404
    signup.refresh_from_db()
    assert signup.state == "going"


def test_the_phone_opens_the_walk_only_while_the_invite_holds(client, signup):
    assert "/field/#i=" not in client.get(_url(signup)).content.decode()
    running = factories.make_signup(walk=factories.make_running_walk())
    assert "/field/#i=" in client.get(_url(running)).content.decode()
    waiting = factories.make_signup(walk=running.walk, state="guardian", age_band="13_17")
    assert "/field/#i=" not in client.get(_url(waiting)).content.decode()


def test_a_walk_called_off_says_why(client):
    walk = factories.make_walk(state="called_off", called_off_at=timezone.now(), call_off_reason="Ice")
    page = client.get(_url(factories.make_signup(walk=walk))).content.decode()
    assert "Your walk is called off" in page
    assert "Ice" in page


def test_it_shows_nobody_else(client, signup):
    factories.make_signup(walk=signup.walk, person=factories.make_person(name="Zebulon Marker"))
    assert "Zebulon" not in client.get(_url(signup)).content.decode()


def test_it_costs_few_queries(client, signup, django_assert_max_num_queries):
    for _ in range(10):
        factories.make_organization()
    with django_assert_max_num_queries(12):
        client.get(_url(signup))


def test_a_browser_that_hides_where_it_comes_from_may_still_withdraw(signup):
    """Pages with `no-referrer` make browsers send `Origin: null`; the secret in the form still counts."""
    browser = Client(enforce_csrf_checks=True)
    browser.get(_url(signup))
    token = browser.cookies["csrftoken"].value
    answer = browser.post(_url(signup, "my_withdraw"), {"csrfmiddlewaretoken": token}, headers={"Origin": "null"})
    assert answer.status_code == 302
    assert browser.post(_url(signup, "my_withdraw"), headers={"Origin": "null"}).status_code == 403


class TestLost:
    def test_known_and_unknown_addresses_get_the_same_page(self, client, signup):
        pages = []
        for address in (signup.person.email.upper(), "nobody@example.org"):
            response = client.post(reverse("walks:lost"), {"email": address})
            pages.append(response.content.decode())
            assert response.status_code == 200
        assert "Done." in pages[0]
        assert pages[0] == pages[1]
        mail = OutboxMessage.objects.get()
        assert mail.to_address == signup.person.email
        assert signup_token(signup) in mail.body_text

    def test_it_sends_once_an_hour(self, client, signup):
        for _ in range(3):
            client.post(reverse("walks:lost"), {"email": signup.person.email})
        assert OutboxMessage.objects.count() == 1

    def test_get_sends_nothing(self, client, signup):
        assert client.get(reverse("walks:lost"), {"email": signup.person.email}).status_code == 200
        assert not OutboxMessage.objects.exists()

    def test_too_many_tries_wait(self, client):
        for n in range(20):
            assert client.post(reverse("walks:lost"), {"email": f"w{n}@example.org"}).status_code == 200
        response = client.post(reverse("walks:lost"), {"email": "late@example.org"})
        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) > 0
        assert "late@example.org" in response.content.decode()

    def test_a_bad_address_gets_a_sentence(self, client):
        page = client.post(reverse("walks:lost"), {"email": "teo@"}).content.decode()
        assert "Write it like name@example.org." in page

    def test_who_withdrew_gets_a_mail_that_says_so(self, client, signup):
        client.post(_url(signup, "my_withdraw"))
        client.post(reverse("walks:lost"), {"email": signup.person.email})
        assert "not on the list" in OutboxMessage.objects.get().body_text
