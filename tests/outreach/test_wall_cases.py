"""The wall while something changes: a person moves, an agency becomes police, a yes ends, a grant is taken away.

Each story goes through an open session: what was reachable a moment ago isn't with the next request, and a form
that still stands open changes nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import OutboxMessage
from outreach import helping, referring
from outreach.help_links import referral_token
from outreach.models import Consent, HelpRequest, Referral
from people.actions import change_organization, change_role
from people.merging import merge_organizations, merge_people
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db
MARKERS = ("Nadia Quarles", "8165550142", "nadia@example.org", "Two children")
ANSWER = {"act": "accepted", "seen": "requested"}


@pytest.fixture
def staff(client: Client, agency: Organization) -> User:
    """Pia works at Open Pantry and has the site open."""
    user = factories.make_user(name="Pia Ford")
    factories.make_membership(user.person, agency, since_at=timezone.now() - timedelta(days=9))
    client.force_login(user)
    return user


def at(referral: Referral) -> str:
    return reverse("outreach:partner_referral", args=[referral.public_id])


def opens(client: Client, referral: Referral) -> bool:
    """Whether the page, its form and the line on the partner's page are there; all or none of them."""
    page = client.get(at(referral))
    listed = at(referral) in client.get("/partner/").content.decode()
    assert (page.status_code == 200) == listed
    return listed


def assert_shut(client: Client, referral: Referral) -> None:
    """Not to be read any more, and the form in an open tab changes nothing."""
    before = Referral.objects.values().get(pk=referral.pk)
    assert not opens(client, referral)
    answers = [client.get(at(referral)), client.post(at(referral), ANSWER), client.post(at(referral), {"attempt": "1"})]
    assert [one.status_code for one in answers] == [404, 404, 404]
    assert not any(marker in one.content.decode() for one in answers for marker in MARKERS)
    assert Referral.objects.values().get(pk=referral.pk) == before


def link_of(referral: Referral) -> str:
    return reverse("outreach:referral_link", args=[referral_token(referral)])


# --- A person, an organization ---


def test_o04_who_moves_to_another_agency_loses_the_old_ones_and_gets_the_new_ones(
    client: Client, staff: User, agency: Organization
) -> None:
    other = factories.make_organization()
    old, new = factories.make_referral(organization=agency), factories.make_referral(organization=other)
    assert opens(client, old)
    assert not opens(client, new)
    staff.person.memberships.update(until_at=timezone.now() - timedelta(seconds=1))
    factories.make_membership(staff.person, other)
    assert_shut(client, old)
    assert client.get(reverse("outreach:partner_handoff", args=[agency.public_id])).status_code == 404
    assert opens(client, new)
    client.post(at(new), ANSWER)
    new.refresh_from_db()
    assert new.state == "accepted"


def test_an_agency_that_becomes_police_keeps_only_what_names_it(
    client: Client, staff: User, agency: Organization, organizer: User
) -> None:
    named = factories.make_referral(organization=agency)
    alone = factories.make_referral(organization=agency, consent=Consent.Scope.NEED_ONLY)
    assert opens(client, named)
    assert opens(client, alone)
    change_organization(organization=agency, by=organizer, kind="police")
    assert opens(client, named)
    assert_shut(client, alone)
    assert client.get(link_of(alone)).status_code == 404
    change_organization(organization=agency, by=organizer, kind="service_provider")
    assert_shut(client, alone)  # a wall is never taken down


def test_when_a_colleague_of_two_agencies_gets_a_walled_membership_the_open_agency_is_shut(
    client: Client, staff: User, agency: Organization
) -> None:
    police = factories.make_organization(kind="police")
    open_one, walled_one = factories.make_referral(organization=agency), factories.make_referral(organization=police)
    assert opens(client, open_one)
    factories.make_membership(staff.person, police)
    assert_shut(client, open_one)
    assert opens(client, walled_one)


@pytest.mark.parametrize("which", ["keep", "drop"])
def test_after_a_merge_neither_half_reads_what_the_other_was_told(
    client: Client, staff: User, agency: Organization, organizer: User, which: str
) -> None:
    other = factories.make_organization()
    told = factories.make_referral(organization=agency if which == "drop" else other)
    old_link = link_of(told)
    keep, drop = (other, agency) if which == "drop" else (agency, other)
    merge_organizations(keep=keep, drop=drop, by=organizer, reason="same people")
    assert_shut(client, told)
    assert client.get(old_link).status_code == 404
    told.refresh_from_db()
    assert told.outcome == "passed_on"


def test_a_person_who_turns_out_to_be_police_is_walled_at_once(
    client: Client, staff: User, agency: Organization, admin: User
) -> None:
    referral = factories.make_referral(organization=agency)
    twin = factories.make_person()
    factories.make_membership(twin, factories.make_organization(kind="sheriff"))
    assert opens(client, referral)
    merge_people(keep=staff.person, drop=twin, by=admin, reason="same person")
    assert_shut(client, referral)


def test_o06_who_is_suspended_is_signed_out_and_changes_nothing(
    client: Client, staff: User, agency: Organization, admin: User
) -> None:
    referral = factories.make_referral(organization=agency)
    assert opens(client, referral)
    change_role(user=staff, by=admin, is_active=False)
    for answer in (client.get(at(referral)), client.post(at(referral), ANSWER)):
        assert "/accounts/login/" in answer["Location"]
    referral.refresh_from_db()
    assert referral.state == "requested"


# --- A yes ---


def test_a_yes_that_is_taken_back_shuts_page_form_link_and_mail(
    client: Client, staff: User, agency: Organization, coordinator: User
) -> None:
    asked = factories.make_help_request()
    yes = factories.make_consent(help_request=asked, organization=agency)
    referral = referring.refer(help_request=asked, organization=agency, need="food", by=coordinator)
    assert opens(client, referral)
    assert OutboxMessage.objects.filter(status="queued").exists()
    helping.withdraw_consent(consent=yes)
    assert_shut(client, referral)
    assert client.get(link_of(referral)).status_code == 404
    assert client.post(link_of(referral), ANSWER).status_code == 404
    assert not OutboxMessage.objects.filter(status="queued").exists()


def test_a_yes_that_runs_out_between_reading_and_answering_refuses_the_answer(
    client: Client, staff: User, agency: Organization
) -> None:
    referral = factories.make_referral(organization=agency)
    by_mail = Client()
    assert "Nadia Quarles" in client.get(at(referral)).content.decode()
    assert by_mail.get(link_of(referral)).status_code == 200
    Consent.objects.update(expires_at=timezone.now())
    assert by_mail.post(link_of(referral), ANSWER).status_code == 404
    assert_shut(client, referral)


def test_one_yes_that_ends_leaves_the_other_agencys_alone(client: Client, staff: User, agency: Organization) -> None:
    asked = factories.make_help_request()
    theirs = factories.make_referral(help_request=asked, organization=agency)
    others = factories.make_referral(help_request=asked)
    helping.withdraw_consent(consent=asked.consents.get(organization=others.organization))
    assert opens(client, theirs)
    others.refresh_from_db()
    assert others.outcome == "withdrawn"


# --- A coordinator ---


def desk_addresses(asked: HelpRequest) -> list[tuple[str, dict[str, Any] | None]]:
    """What a coordinator can open and press, with what is sent."""
    return [
        (reverse("outreach:requests"), None),
        (reverse("outreach:request", args=[asked.public_id]), None),
        (reverse("outreach:request_do", args=[asked.public_id]), {"act": "close"}),
        (reverse("outreach:request_new"), {"needs": ["food"], "scope": "need_only", "how": "spoken"}),
        (reverse("outreach:help_export"), {"reason": "x", "since": "2026-01-01", "until": "2026-12-31"}),
    ]


def police(coordinator: User, _admin: User) -> None:
    factories.make_membership(coordinator.person, factories.make_organization(kind="police"))


def without_grant(coordinator: User, admin: User) -> None:
    change_role(user=coordinator, by=admin, is_outreach_coordinator=False)


def suspended(coordinator: User, admin: User) -> None:
    change_role(user=coordinator, by=admin, is_active=False)


def assert_no_coordinator(client: Client, asked: HelpRequest) -> None:
    for where, posted in desk_addresses(asked):
        for answer in (client.get(where), client.post(where, posted or {})):
            assert answer.status_code in {302, 403, 405}
            assert answer.status_code != 302 or "/accounts/login/" in answer["Location"]
            assert not any(marker in answer.content.decode() for marker in MARKERS)
    assert "Quarles" not in client.get(reverse("outreach:contacts"), follow=True).content.decode()
    door = f'href="{reverse("outreach:requests")}"'
    assert door not in client.get("/desk/", follow=True).content.decode()


@pytest.mark.parametrize("change", [police, without_grant, suspended])
def test_a_coordinator_who_may_no_longer_reads_and_does_nothing_with_the_next_request(
    client: Client, coordinator: User, admin: User, change: Callable[[User, User], None]
) -> None:
    asked = factories.make_referral().help_request
    factories.make_contact(note="Ask for Mrs. Quarles")
    client.force_login(coordinator)
    assert "Nadia Quarles" in client.get(reverse("outreach:request", args=[asked.public_id])).content.decode()
    assert "Mrs. Quarles" in client.get(reverse("outreach:contacts")).content.decode()
    change(coordinator, admin)
    assert_no_coordinator(client, asked)
    client.force_login(User.objects.get(pk=coordinator.pk))  # also not after signing in anew
    assert_no_coordinator(client, asked)
    asked.refresh_from_db()
    assert asked.closed_at is None
    assert HelpRequest.objects.count() == 1
