"""A pledge's link that got into wrong hands is replaced at the desk."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from office.refused import Refused
from people.models import User
from tests import factories
from walks.models import Pledge, Walk
from walks.pledging import answer_pledge, pledge_token, pledge_url, renew_link

pytestmark = pytest.mark.django_db


@pytest.fixture
def pledge() -> Pledge:
    return factories.make_pledge(organization=factories.make_organization(name="Hearth", email="hearth@example.org"))


def renew(client: Client, pledge: Pledge, walk: Walk | None = None) -> Any:
    ids = [(walk or pledge.walk).public_id, pledge.public_id]
    return client.post(reverse("walks:desk_renew_pledge", args=ids), follow=True)


def test_the_old_link_leads_nowhere_and_the_new_one_is_mailed(desk: Client, pledge: Pledge, organizer: User) -> None:
    old = reverse("walks:pledge", args=[pledge_token(pledge)])
    page = renew(desk, pledge).content.decode()
    assert "A new link is on its way to Hearth." in page
    assert Client().get(old).status_code == 404
    assert Client().post(old, {"n_people": "3"}).status_code == 404
    mail = OutboxMessage.objects.get()
    assert mail.to_address == "hearth@example.org"
    found = re.search(r"/pledge/[^\s?]+", mail.body_text)
    assert found
    Client().post(found[0], {"n_people": "3"})
    pledge.refresh_from_db()
    assert (pledge.n_people, pledge.link_version) == (3, 2)
    event = AuditEvent.objects.get(action="pledge.renew_link")
    assert (event.actor, event.detail["version"], event.detail["mailed"]) == (organizer.public_id, 2, True)
    assert "hearth" not in str(event.detail).lower()


def test_each_new_link_is_a_mail_of_its_own(desk: Client, pledge: Pledge) -> None:
    for n in (1, 2):
        renew(desk, pledge)
        assert OutboxMessage.objects.count() == n


def test_without_an_address_the_page_says_to_pass_it_on(desk: Client) -> None:
    pledge = factories.make_pledge(organization=factories.make_organization(name="Hearth", email=""))
    page = renew(desk, pledge).content.decode()
    pledge.refresh_from_db()
    assert "Hearth has a new link: pass it on yourself." in page
    assert pledge_url(pledge) in page
    assert not OutboxMessage.objects.exists()


def test_a_link_of_a_walk_that_was_called_off_ends_without_a_mail(desk: Client, pledge: Pledge) -> None:
    Walk.objects.update(state="called_off", call_off_reason="Storm", called_off_at=timezone.now())
    renew(desk, pledge)
    pledge.refresh_from_db()
    assert pledge.link_version == 2
    assert not OutboxMessage.objects.exists()


def test_an_answer_from_a_page_that_was_open_is_refused(pledge: Pledge, organizer: User) -> None:
    as_it_was = Pledge.objects.select_related("walk").get()
    renew_link(pledge=pledge, by=organizer)
    with pytest.raises(Refused, match="new link"):
        answer_pledge(pledge=as_it_was, n_people=3)
    # Who answers signed in doesn't need the link.
    answer_pledge(pledge=as_it_was, n_people=4, by=organizer)
    pledge.refresh_from_db()
    assert pledge.n_people == 4


def test_a_pledge_of_another_walk_a_get_and_a_stranger_change_nothing(
    desk: Client, client: Client, pledge: Pledge, lead: User
) -> None:
    assert renew(desk, pledge, factories.make_walk()).status_code == 404
    address = reverse("walks:desk_renew_pledge", args=[pledge.walk.public_id, pledge.public_id])
    assert desk.get(address).status_code == 405
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(address).status_code in {403, 404}
    pledge.refresh_from_db()
    assert pledge.link_version == 1
