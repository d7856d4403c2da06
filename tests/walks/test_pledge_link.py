"""“We’ll bring __”: asked by mail, answered by its link or on the partner's page, written down at the desk."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from people.models import Organization
from tests import factories
from walks.models import Pledge, Walk
from walks.pledging import answer_pledge, pledge_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    return factories.make_walk()


@pytest.fixture
def pledge(walk):
    return factories.make_pledge(walk=walk)


def link(pledge):
    return reverse("walks:pledge", args=[pledge_token(pledge)])


def url(walk, name):
    return reverse(f"walks:desk_{name}", args=[walk.public_id])


def test_opening_the_link_changes_nothing(client, pledge):
    for method in (client.get, client.head):
        response = method(link(pledge))
        assert response.status_code == 200
        assert (response["Referrer-Policy"], response["Cache-Control"]) == ("no-referrer", "no-store")
    pledge.refresh_from_db()
    assert (pledge.n_people, pledge.answered_at) == (None, None)
    assert not AuditEvent.objects.exists()


def test_an_answer_is_kept_and_can_be_changed(client, pledge):
    client.post(link(pledge), {"n_people": "5", "contact_name": "Noor", "note": "two speak Spanish"})
    pledge.refresh_from_db()
    assert (pledge.n_people, pledge.contact_name, pledge.note) == (5, "Noor", "two speak Spanish")
    assert pledge.answered_at is not None
    html = client.post(link(pledge), {"n_people": "0"}, follow=True).content.decode()
    pledge.refresh_from_db()
    assert pledge.n_people == 0
    assert "can’t come this time" in html
    assert "Noor" not in str(list(AuditEvent.objects.values_list("detail", "reason")))


@pytest.mark.parametrize("typed", ["", "-1", "501", "many"])
def test_what_is_no_number_is_refused_in_words_and_kept(client, pledge, typed):
    html = client.post(link(pledge), {"n_people": typed, "note": "by bus"}).content.decode()
    assert "error" in html
    assert "by bus" in html
    pledge.refresh_from_db()
    assert pledge.answered_at is None


def test_forged_and_old_links_lead_nowhere(client, pledge):
    token = pledge_token(pledge)
    Pledge.objects.update(link_version=2)
    for address in (token, token[:-2] + "xx", "nonsense"):
        assert client.get(reverse("walks:pledge", args=[address])).status_code == 404
        assert client.post(reverse("walks:pledge", args=[address]), {"n_people": "3"}).status_code == 404
    pledge.refresh_from_db()
    assert pledge.n_people is None


def test_a_walk_that_doesnt_take_place_takes_no_answer(client, pledge):
    Walk.objects.update(state="called_off", call_off_reason="Storm", called_off_at=timezone.now())
    assert "called off" in client.get(link(pledge)).content.decode()
    client.post(link(pledge), {"n_people": "3"})
    pledge.refresh_from_db()
    assert pledge.n_people is None


# --- The desk ---


def test_thirty_are_asked_with_one_mail_each_in_their_language(desk, walk, django_assert_max_num_queries):
    some = [factories.make_organization(email=f"org{n}@example.org") for n in range(29)]
    silent = factories.make_organization(email="", public_phone="816-555-0133")
    factories.make_membership(factories.make_person(language="es"), some[0], is_contact=True)
    chosen = [str(one.public_id) for one in [*some, silent]]
    html = desk.post(url(walk, "ask"), {"organizations": chosen}, follow=True).content.decode()
    assert "30 organizations are asked." in html
    assert "1 has no e-mail address" in html
    mails = OutboxMessage.objects.filter(kind="walks.pledge")
    assert mails.count() == 29
    assert list(mails.filter(language="es").values_list("to_address", flat=True)) == ["org0@example.org"]
    for body in mails.values_list("body_text", flat=True)[:2]:
        assert Client().get(re.search(r"/pledge/[^\s?]+", body)[0]).status_code == 200
    with django_assert_max_num_queries(12):
        desk.get(url(walk, "plan"))


def test_who_was_asked_isnt_asked_twice_but_reminded_once_a_day(desk, walk):
    one = factories.make_organization(email="a@example.org")
    for _ in range(2):
        desk.post(url(walk, "ask"), {"organizations": [str(one.public_id)]})
    assert OutboxMessage.objects.count() == 1
    for _ in range(2):
        desk.post(url(walk, "remind"))
    assert OutboxMessage.objects.count() == 2
    answer_pledge(pledge=walk.pledges.get(), n_people=0)
    OutboxMessage.objects.all().delete()
    desk.post(url(walk, "remind"))
    assert not OutboxMessage.objects.exists()


def test_nobody_is_asked_about_a_draft(desk, walk):
    Walk.objects.update(state="draft")
    one = factories.make_organization(email="a@example.org")
    html = desk.post(url(walk, "ask"), {"organizations": [str(one.public_id)]}, follow=True).content.decode()
    assert "Publish the walk first" in html
    assert not Pledge.objects.exists()


def test_the_desk_writes_down_what_was_said_and_compares_it_with_sign_ups(desk, walk):
    one = factories.make_organization(name="Hearth and Key")
    factories.make_signup(walk=walk, organization=one, n_people=2)
    factories.make_signup(walk=walk, organization=one, state="withdrawn", withdrawn_at=timezone.now())
    desk.post(url(walk, "write_pledge"), {"organization": str(one.public_id), "n_people": "5", "note": "<b>vests</b>"})
    html = desk.get(url(walk, "plan")).content.decode()
    assert "1 asked, 1 answered: 5 people promised, 2 signed up." in html
    assert "3 missing" in html
    assert "<b>vests" not in html


# --- The partner's page ---


def test_an_agency_sees_and_answers_its_own_and_no_other(client, partner, partner_organization, walk):
    own = factories.make_pledge(walk=walk, organization=partner_organization)
    other = factories.make_pledge(walk=walk)
    client.force_login(partner, backend="allauth.account.auth_backends.AuthenticationBackend")
    html = client.get(reverse("concerns:partner")).content.decode()
    assert reverse("walks:partner_pledge", args=[own.public_id]) in html
    assert other.organization.name not in html
    client.post(reverse("walks:partner_pledge", args=[own.public_id]), {"n_people": "4"})
    assert client.post(reverse("walks:partner_pledge", args=[other.public_id]), {"n_people": "4"}).status_code == 404
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.n_people, other.n_people) == (4, None)


def test_a_merged_organization_is_offered_no_more(desk, walk):
    kept = factories.make_organization(name="Kept")
    factories.make_organization(name="Gone away", merged_into=kept)
    assert Organization.objects.count() == 2
    assert "Gone away" not in desk.get(url(walk, "plan")).content.decode()
