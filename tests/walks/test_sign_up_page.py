"""/walks/<uuid>/sign-up/: without an account, without JavaScript, and without telling who is on the roster."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from office.models import AuditEvent, Coalition, OutboxMessage, RateCount
from people.models import Person
from tests import factories
from walks.links import signup_token
from walks.models import Signup

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(db):
    return factories.make_walk(capacity=10)


def _post(client, walk, **fields):
    data = {"name": "Teo Linden", "contact": "teo@example.org", "age_band": "25_34", "language": "en", "n_people": "1"}
    return client.post(reverse("walks:sign_up", args=[walk.public_id]), data | fields)


def _receipt(client, response):
    assert response.status_code == 302, response.content.decode()[:3000]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    return client.get(response.headers["Location"])


def test_it_signs_somebody_up_by_mail_and_never_shows_the_link(client, walk):
    page = _receipt(client, _post(client, walk, n_people="2"))
    signup = Signup.objects.get()
    assert (signup.walk, signup.n_people, signup.age_band) == (walk, 2, "25_34")
    assert "Look into your mail" in page.content.decode()
    assert signup_token(signup) not in page.content.decode()
    assert "/my/" not in page.content.decode().replace("/my/lost/", "")
    assert OutboxMessage.objects.count() == 1


def test_without_mail_the_page_shows_link_qr_and_text_message(client, walk):
    response = _receipt(client, _post(client, walk, contact="(816) 555-0111"))
    page = response.content.decode()
    token = signup_token(Signup.objects.get())
    assert f"/my/{token}/" in page
    assert "sms:+18165550111?&amp;body=" in page
    assert "<svg" in page
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not OutboxMessage.objects.exists()


def test_the_same_form_twice_gives_the_same_receipt_and_one_place(client, walk):
    token = str(uuid.uuid4())
    first = _receipt(client, _post(client, walk, contact="8165550111", form_token=token))
    again = _receipt(client, _post(client, walk, contact="8165550111", form_token=token))
    assert walk.places_taken == 1
    link = f"/my/{signup_token(Signup.objects.get())}/"
    assert link in first.content.decode()
    assert link in again.content.decode()


def test_every_form_carries_its_own_token(client, walk):
    url = reverse("walks:detail", args=[walk.public_id])
    tokens = {client.get(url).context["form"].initial["form_token"] for _ in range(2)}
    assert len(tokens) == 2


def test_known_and_unknown_addresses_get_the_same_page(client, walk):
    factories.make_signup(walk=walk, person=factories.make_person(email="wren@example.org"))
    known = _receipt(client, _post(client, walk, contact="wren@example.org")).content.decode()
    unknown = _receipt(client, _post(client, walk, contact="new@example.org")).content.decode()
    assert _without_receipt(known) == _without_receipt(unknown)
    assert OutboxMessage.objects.filter(to_address="wren@example.org").count() == 1


def test_a_full_walk_answers_known_and_unknown_alike_and_keeps_the_form(client):
    walk = factories.make_walk(capacity=1)
    factories.make_signup(walk=walk, person=factories.make_person(email="wren@example.org"))
    pages = []
    for address in ("wren@example.org", "none@example.org"):
        response = _post(client, walk, contact=address, name="Same Name", form_token="")
        assert response.status_code == 200
        pages.append(response.content.decode())
        assert "All places of this walk are taken." in pages[-1]
        assert f'value="{address}"' in pages[-1]
    assert _plain(pages[0], "wren@example.org") == _plain(pages[1], "none@example.org")
    assert Signup.objects.count() == 1


def test_too_large_a_group_is_told_how_many_fit(client, walk):
    page = _post(client, walk, n_people="11").content.decode()
    assert "10 left" in page
    assert not Signup.objects.exists()


def test_o16_under_13_is_a_polite_stop_that_keeps_nothing(client, walk):
    response = _post(client, walk, age_band="under_13", name="Pip Marker", contact="pip@example.org")
    page = response.content.decode()
    assert response.status_code == 200
    assert "Come with a grown-up" in page
    assert "Pip" not in page
    assert "pip@" not in page
    for model in (Signup, Person, OutboxMessage, AuditEvent, RateCount, Session):
        assert not model.objects.exists(), model


def test_under_13_stops_even_where_the_rest_is_wrong(client, walk):
    page = _post(client, walk, age_band="under_13", name="", contact="nonsense").content.decode()
    assert "Come with a grown-up" in page


def test_a_minor_is_told_how_a_guardian_says_yes(client, walk):
    page = _receipt(client, _post(client, walk, age_band="13_17")).content.decode()
    assert "as soon as your parent or guardian has said yes" in page
    assert Signup.objects.get().state == "guardian"
    assert walk.places_taken == 0


def test_a_minor_with_a_group_is_asked_to_sign_up_alone(client, walk):
    page = _post(client, walk, age_band="13_17", n_people="4").content.decode()
    assert "sign up alone" in page
    assert not Signup.objects.exists()


def test_organizations_are_offered_and_others_are_kept_as_words(client, walk):
    club = factories.make_organization(name="Avenue Business Circle")
    assert "Avenue Business Circle" in client.get(reverse("walks:detail", args=[walk.public_id])).content.decode()
    _post(client, walk, organization=str(club.public_id))
    assert Signup.objects.get().organization == club
    _post(client, walk, contact="w@example.org", organization="other", organization_text="Gladstone Block Club")
    assert Signup.objects.unmatched().get().organization_text == "Gladstone Block Club"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Write the name you want to be called by."),
        ({"contact": ""}, "Give an e-mail address or a phone number"),
        ({"contact": "teo@"}, "is not a whole e-mail address"),
        ({"contact": "555-01"}, "Write all ten digits"),
        ({"n_people": "61"}, "Up to 60 people"),
        ({"n_people": "0"}, "Write 1 if you come alone."),
        ({"n_people": "many"}, "whole number"),
        ({"age_band": "999"}, "valid choice"),
        ({"language": "xx"}, "valid choice"),
        ({"organization": str(uuid.uuid4())}, "valid choice"),
        ({"organization": "other"}, "Write the name of your organization"),
        ({"name": "x" * 3000}, "120 characters"),
        ({"name": "a\x00b"}, "Null characters"),
        ({"form_token": "not-a-token"}, "UUID"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(client, walk, fields, words):
    response = (
        _post(client, walk, organization_text="Kept Words", **fields)
        if "organization" not in fields
        else _post(client, walk, **fields)
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "data-error-summary" in page
    if "organization" not in fields:
        assert "Kept Words" in page
    assert not Signup.objects.exists()


def test_the_trap_looks_like_success_and_keeps_nothing(client, walk):
    page = _receipt(client, _post(client, walk, website="http://spam.example")).content.decode()
    assert "Look into your mail" in page
    assert not Signup.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_get_changes_nothing(client, walk):
    url = reverse("walks:sign_up", args=[walk.public_id])
    assert client.get(url, {"name": "Teo", "contact": "teo@example.org"}).status_code == 200
    assert client.head(url).status_code == 200
    assert not Signup.objects.exists()


def test_a_forged_receipt_is_just_the_form(client, walk):
    url = reverse("walks:sign_up", args=[walk.public_id])
    assert "I’ll be there" in client.get(url, {"receipt": "eyJraW5kIjoibGluayJ9:x:y"}).content.decode()


def test_a_receipt_of_another_walk_shows_no_link(client, walk):
    response = _post(client, walk, contact="8165550111")
    query = response.headers["Location"].partition("?")[2]
    other = factories.make_walk()
    page = client.get(reverse("walks:sign_up", args=[other.public_id]) + "?" + query).content.decode()
    assert signup_token(Signup.objects.get()) not in page


def test_the_61st_in_an_hour_is_asked_to_wait_and_keeps_the_form(client):
    walk = factories.make_walk(capacity=None)
    for n in range(60):
        assert _post(client, walk, contact=f"w{n}@example.org").status_code == 302
    response = _post(client, walk, contact="late@example.org")
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 3600
    assert 'value="late@example.org"' in response.content.decode()
    assert Signup.objects.count() == 60


def test_somebody_signed_in_is_limited_apart(client, volunteer):
    walk = factories.make_walk(capacity=None)
    for n in range(61):
        _post(client, walk, contact=f"w{n}@example.org")
    client.force_login(volunteer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert _post(client, walk).status_code == 302


def test_who_holds_the_data_is_said_before_anything_is_given(client, walk):
    Coalition.current()
    Coalition.objects.update(public_body="City of Exampleville, Public Safety Office")
    page = client.get(reverse("walks:sign_up", args=[walk.public_id])).content.decode()
    assert page.index("City of Exampleville") < page.index('name="contact"')
    assert "records law can apply" in page
    assert "anonymous" not in page.lower()


def test_o27_a_missing_csrf_token_is_refused(walk):
    from django.test import Client

    assert _post(Client(enforce_csrf_checks=True), walk).status_code == 403
    assert not Signup.objects.exists()


def test_a_walk_that_ended_meanwhile_says_so(client, walk):
    from django.utils import timezone

    type(walk).objects.update(state="called_off", called_off_at=timezone.now(), call_off_reason="Ice")
    response = _post(client, walk)
    assert "takes no more sign-ups" in response.content.decode()
    assert not Signup.objects.exists()


def _without_receipt(page: str) -> str:
    import re

    return re.sub(r"receipt=[^\"'&]+|nonce=\"[^\"]+\"|value=\"[A-Za-z0-9]{64}\"", "", page)


def _plain(page: str, address: str) -> str:
    import re

    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", _without_receipt(page))
    return page.replace(address, "")
