"""The coordinators' desk: what waits, one request, and each of its buttons."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import report_forms
from office.models import AuditEvent, OutboxMessage
from outreach.models import Consent, HelpRequest, Referral
from people.models import Organization, User
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def page(asked: HelpRequest) -> str:
    return reverse("outreach:request", args=[asked.public_id])


def do(client: Client, asked: HelpRequest, **posted):
    return client.post(reverse("outreach:request_do", args=[asked.public_id]), posted, follow=True)


def lists(client: Client, show: str) -> str:
    return client.get(reverse("outreach:requests"), {"show": show}).content.decode()


def test_a_request_goes_from_needs_you_to_with_an_agency_to_closed(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, organization=agency)
    assert page(asked) in lists(desk_of, "next")
    do(desk_of, asked, act="refer", need="food", organization=str(agency.public_id), words="After five")
    referral = Referral.objects.get()
    assert (referral.words, referral.state) == ("After five", "requested")
    assert OutboxMessage.objects.filter(to_address="intake@example.org").count() == 1
    assert page(asked) not in lists(desk_of, "next")
    assert page(asked) in lists(desk_of, "waiting")
    Referral.objects.update(due_at=timezone.now())
    assert page(asked) in lists(desk_of, "next")
    do(desk_of, asked, act="end", referral=str(referral.public_id), how="got_help", seen="requested")
    do(desk_of, asked, act="close")
    referral.refresh_from_db()
    assert (referral.state, referral.closed_by) == ("completed", "coordinator")
    assert page(asked) in lists(desk_of, "closed")
    assert page(asked) not in lists(desk_of, "next") + lists(desk_of, "waiting")


def test_a_need_that_nobody_has_needs_somebody_while_another_waits(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request(needs=["food", "housing"])
    food = factories.make_referral(help_request=asked, organization=agency)
    assert page(asked) in lists(desk_of, "next")
    housing = factories.make_referral(help_request=asked, need="housing")
    assert page(asked) in lists(desk_of, "waiting")
    ended = {"state": "rejected", "outcome": "no_capacity", "closed_at": timezone.now(), "closed_by": "agency"}
    Referral.objects.filter(pk=housing.pk).update(**ended)
    assert page(asked) in lists(desk_of, "next")
    Referral.objects.filter(pk=food.pk).update(**ended | {"state": "completed", "outcome": "got_help"})
    Referral.objects.filter(pk=housing.pk).update(state="completed", outcome="got_help")
    assert page(asked) in lists(desk_of, "next"), "everything is done: close it"


def test_without_a_yes_it_is_not_sent_and_a_further_yes_opens_it(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, scope=Consent.Scope.CALL_ME)
    refused = do(desk_of, asked, act="refer", need="food", organization=str(agency.public_id))
    assert "there is no yes for this agency" in refused.content.decode()
    assert not Referral.objects.exists()
    assert not OutboxMessage.objects.exists()
    wrong = do(desk_of, asked, act="yes", scope="named", how="spoken")
    assert wrong.status_code == 400
    assert "Say which organization" in wrong.content.decode()
    do(desk_of, asked, act="yes", scope="named", how="spoken", organization=str(agency.public_id))
    do(desk_of, asked, act="refer", need="food", organization=str(agency.public_id))
    assert Referral.objects.get().organization == agency


def test_a_call_is_logged_without_a_yes_and_without_mail(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    do(desk_of, asked, act="log", need="food", organization=str(agency.public_id))
    assert Referral.objects.get().mode == "logged"
    assert not OutboxMessage.objects.exists()


def test_what_was_handled_meanwhile_is_not_overwritten(desk_of: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency, state="accepted", answered_at=timezone.now())
    late = do(
        desk_of, referral.help_request, act="end", referral=str(referral.public_id), how="not_reached", seen="requested"
    )
    assert "quicker" in late.content.decode()
    referral.refresh_from_db()
    assert referral.state == "accepted"


def test_it_is_passed_on_and_tries_are_counted(desk_of: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency)
    asked = referral.help_request
    other = factories.make_organization(email="other@example.org")
    factories.make_consent(help_request=asked, organization=other)
    do(desk_of, asked, act="attempt", referral=str(referral.public_id))
    do(desk_of, asked, act="pass_on", referral=str(referral.public_id), organization=str(other.public_id))
    referral.refresh_from_db()
    assert (referral.n_attempts, referral.state, referral.outcome) == (1, "cancelled", "passed_on")
    assert Referral.objects.open().get().organization == other


def test_a_yes_is_taken_back_at_the_desk(desk_of: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency)
    do(desk_of, referral.help_request, act="withdraw", consent=str(Consent.objects.get().public_id))
    assert Consent.objects.get().withdrawn_at is not None
    assert Referral.objects.get().outcome == "withdrawn"


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"act": "sell"}, "isn’t known here"),
        ({"act": "refer", "need": "food", "organization": "nobody"}, "Choose an agency"),
        ({"act": "refer", "need": "housing"}, "They didn’t ask for this"),
        ({"act": "end", "referral": "7", "how": "got_help"}, "isn’t known here"),
        ({"act": "withdraw", "consent": "7"}, "This yes isn’t there"),
    ],
)
def test_nonsense_is_said_and_changes_nothing(desk_of: Client, agency: Organization, posted, says: str) -> None:
    asked = factories.make_referral(organization=agency).help_request
    before = list(Referral.objects.values())
    answer = do(desk_of, asked, **{"organization": str(agency.public_id)} | posted)
    assert says in answer.content.decode()
    assert list(Referral.objects.values()) == before


def written(**fields):
    data = {"form_token": report_forms.new_token(), "needs": ["food"], "scope": "call_me", "how": "spoken"}
    return data | {"language": "es", "phone": "816 555 0142", "name": "Nadia Quarles"} | fields


def test_what_was_told_is_written_down_with_how_they_said_yes(desk_of: Client, coordinator: User) -> None:
    where = reverse("outreach:request_new")
    assert "holds what you tell us" in desk_of.get(where).content.decode()
    answer = desk_of.post(where, written())
    assert re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", answer.content.decode())
    asked, yes = HelpRequest.objects.get(), Consent.objects.get()
    assert (asked.source, asked.language, asked.created_by) == ("desk", "es", coordinator)
    assert (yes.how, yes.scope, yes.recorded_by) == ("spoken", "call_me", coordinator)


def test_with_a_yes_to_nothing_no_name_and_no_number_is_kept(desk_of: Client) -> None:
    where = reverse("outreach:request_new")
    refused = desk_of.post(where, written(scope="nothing"))
    assert refused.status_code == 400
    assert "Without a yes" in refused.content.decode()
    words = desk_of.post(where, written(scope="nothing", name="", phone="", note="call her at 816-555-0142"))
    assert "seem to say who it is" in words.content.decode()
    assert not HelpRequest.objects.exists()
    assert desk_of.post(where, written(scope="nothing", name="", phone="")).status_code == 200
    assert HelpRequest.objects.get().name == ""


def test_reading_one_is_written_down_and_nobody_else_reads_it(client: Client, coordinator: User) -> None:
    asked = factories.make_consent(scope="call_me").help_request
    client.force_login(coordinator)
    assert "Nadia Quarles" in client.get(page(asked)).content.decode()
    assert AuditEvent.objects.filter(action="read", object_id=asked.public_id).count() == 1
    for user in (
        factories.make_user(role=Role.ORGANIZER),
        factories.make_user(role=Role.ADMIN),
        factories.make_walled_organizer(),
    ):
        client.force_login(user)
        assert client.get(page(asked)).status_code == 403
        assert f'"{reverse("outreach:requests")}"' not in client.get("/desk/").content.decode()


def test_the_desk_says_that_somebody_waits(desk_of: Client) -> None:
    factories.make_help_request()
    assert "request for help needs you" in desk_of.get("/desk/").content.decode()


def test_the_list_asks_the_database_as_often_for_many(desk_of: Client, django_assert_max_num_queries) -> None:
    for _n in range(12):
        factories.make_referral()
        factories.make_help_request()
    for show in ("next", "waiting", "closed"):
        with django_assert_max_num_queries(12):
            lists(desk_of, show)
    with django_assert_max_num_queries(12):
        desk_of.get(page(HelpRequest.objects.all()[0]))


def test_words_to_an_agency_stay_when_it_is_not_sent(desk_of: Client, agency: Organization) -> None:
    asked = factories.make_help_request()
    refused = do(desk_of, asked, act="refer", need="food", organization=str(agency.public_id), words="Ring twice")
    assert refused.status_code == 400
    assert "Ring twice" in refused.content.decode()


def test_how_it_ended_is_chosen_and_never_stands_there(desk_of: Client, agency: Organization) -> None:
    referral = factories.make_referral(organization=agency)
    ended = do(desk_of, referral.help_request, act="end", referral=str(referral.public_id), how="", seen="requested")
    assert "choose one of the reasons" in ended.content.decode()
    referral.refresh_from_db()
    assert referral.is_open
