"""The coordinators' desk where it is easy to get wrong: two tabs, a yes that ran out, nonsense, the wall."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outreach import panels
from outreach.models import Consent, HelpRequest, Referral
from people.models import Organization, User
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db

MARKERS = ("Nadia Quarles", "8165550142", "nadia@example.org", "Two children at home")


def page(asked: HelpRequest) -> str:
    return reverse("outreach:request", args=[asked.public_id])


def do(client: Client, asked: HelpRequest, **posted: str) -> str:
    answer = client.post(reverse("outreach:request_do", args=[asked.public_id]), posted, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_was_taken_on_meanwhile_is_not_passed_on_by_an_old_tab(desk_of: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency, state="accepted", answered_at=timezone.now())
    other = factories.make_organization()
    factories.make_consent(help_request=referral.help_request, organization=other)
    posted = {"referral": str(referral.public_id), "organization": str(other.public_id)}
    said = do(desk_of, referral.help_request, act="pass_on", seen="requested", **posted)
    assert "Somebody was quicker" in said
    assert Referral.objects.get().state == "accepted"


def test_a_yes_that_ran_out_is_not_shown_as_one_in_force(desk_of: Client, agency: Organization) -> None:
    past = timezone.now() - timedelta(days=1)
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, organization=agency, expires_at=past)
    html = desk_of.get(page(asked)).content.decode()
    assert "no yes any more" in html
    assert "no yes any more" in desk_of.get(reverse("outreach:requests")).content.decode()


@pytest.mark.parametrize("act", ["refer", "log", "attempt"])
def test_a_stray_byte_in_the_words_breaks_nothing(desk_of: Client, agency: Organization, act: str) -> None:
    referral = factories.make_referral()
    asked = referral.help_request
    factories.make_consent(help_request=asked, organization=agency)
    posted = {"need": "food", "organization": str(agency.public_id), "referral": str(referral.public_id)}
    do(desk_of, asked, act=act, words="After\x00 five", note="No\x00body", **posted)


def test_a_long_story_asks_the_database_as_often_as_a_short_one(desk_of: Client, django_assert_max_num_queries) -> None:
    asked = factories.make_help_request()
    for _n in range(8):
        factories.make_referral(help_request=asked)
    desk_of.get(page(asked))  # makes the coalition's row
    with django_assert_max_num_queries(12):
        desk_of.get(page(asked))


def test_the_panel_counts_and_dates_only_what_needs_somebody(coordinator: User) -> None:
    now = timezone.now()
    waiting = factories.make_referral().help_request
    HelpRequest.objects.filter(pk=waiting.pk).update(created_at=now - timedelta(days=9))
    asked = factories.make_help_request()
    (panel,) = panels.panels(user=coordinator, now=now)
    assert (panel.n, panel.due_at) == (1, asked.created_at)


def test_a_pass_on_without_anybody_to_pass_it_to_is_not_offered(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_referral(organization=agency).help_request
    assert 'value="pass_on"' not in desk_of.get(page(asked)).content.decode()
    other = factories.make_service().organization
    factories.make_consent(help_request=asked, organization=other)
    assert (
        f'<option value="{other.public_id}">{other.name}</option></select></label>'
        in desk_of.get(page(asked)).content.decode()
    )


def test_agencies_behind_the_wall_are_never_offered(desk_of: Client) -> None:
    police = factories.make_organization(name="Ninth Precinct", kind="police")
    factories.make_service(organization=police)
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, scope=Consent.Scope.NEED_ONLY)
    html = desk_of.get(page(asked)).content.decode().split("What they said yes to")[0]
    assert "Ninth Precinct" not in html


def test_nobody_but_coordinators_sees_a_word_of_it(client: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency)
    asked, staff = referral.help_request, factories.make_user()
    factories.make_membership(staff.person, agency)
    walled = factories.make_walled_organizer()
    for user in (staff, walled, factories.make_user(role=Role.ORGANIZER), factories.make_user(role=Role.ADMIN)):
        client.force_login(user)
        for where in (reverse("outreach:requests"), reverse("outreach:request_new"), page(asked), "/desk/"):
            answer = client.get(where)
            assert where == "/desk/" or answer.status_code in (403, 404)
            assert not any(marker in answer.content.decode() for marker in MARKERS)
        answer = client.post(reverse("outreach:request_do", args=[asked.public_id]), {"act": "close"})
        assert answer.status_code in (403, 404)
    asked.refresh_from_db()
    assert asked.closed_at is None


def test_no_cache_keeps_these_pages(desk_of: Client) -> None:
    asked = factories.make_help_request()
    for where in (reverse("outreach:requests"), reverse("outreach:request_new"), page(asked)):
        assert "no-store" in desk_of.get(where)["Cache-Control"]
