"""A mail that still waits for the mail server says nothing to an agency that lost what it names meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from office.models import OutboxMessage
from office.outbox import BACKOFF, Outcome, claim_one, send_one, settle
from outreach import agency_clock, helping, referring
from outreach.help_links import referral_token
from outreach.models import Consent, Referral
from outreach.workflow import Party, State
from people.actions import change_organization
from people.merging import merge_organizations
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db
# A Tuesday: by Friday an answer is late.
NOW = datetime.fromisoformat("2026-09-15T15:00:00+00:00")
Change = Callable[[Referral, User], object]


def asked(agency: Organization, coordinator: User, *, scope: str = "named", need: str = "food") -> Referral:
    """Somebody asked, said yes, and a coordinator handed it on."""
    request = factories.make_help_request(needs=["food", "job"])
    organization = agency if scope == "named" else None
    factories.make_consent(help_request=request, scope=scope, organization=organization, expires_at=None)
    return referring.refer(help_request=request, organization=agency, need=need, by=coordinator)


def send_all() -> list[str]:
    """Whatever is due goes out. What stood in it."""
    mail.outbox.clear()
    while send_one() is not None:
        pass
    return [str(one.body) for one in mail.outbox]


def pass_on(referral: Referral, by: User) -> None:
    other = factories.make_organization()
    factories.make_consent(help_request=referral.help_request, organization=other)
    referring.reassign(referral=referral, organization=other, by=by)


def say_no(referral: Referral, _by: User) -> None:
    helping.withdraw_consent(consent=referral.help_request.consents.get())


def run_out(referral: Referral, _by: User) -> None:
    Consent.objects.update(expires_at=timezone.now())


def become_police(referral: Referral, by: User) -> None:
    Consent.objects.update(scope="need_only", organization=None)
    change_organization(organization=referral.organization, by=by, kind="police")


def merge(referral: Referral, by: User) -> None:
    merge_organizations(keep=factories.make_organization(), drop=referral.organization, by=by, reason="one")


CHANGES: list[Change] = [pass_on, say_no, run_out, become_police, merge]


@pytest.mark.parametrize("change", CHANGES)
def test_o04_what_waits_for_an_agency_that_lost_it_is_never_sent(
    agency: Organization, coordinator: User, admin: User, change: Change
) -> None:
    with time_machine.travel(NOW, tick=False):
        referral = asked(agency, coordinator)
        change(referral, admin)
        assert not any(referral_token(referral) in body for body in send_all())
    told = OutboxMessage.objects.filter(to_address=agency.email)
    assert not told.exclude(status=OutboxMessage.Status.CANCELLED).exists()


@pytest.mark.parametrize("change", CHANGES)
def test_nor_what_a_worker_tried_to_send_in_that_moment_and_could_not(
    agency: Organization, coordinator: User, admin: User, change: Change
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        referral = asked(agency, coordinator)
        held = claim_one(timezone.now())
        assert held is not None
        change(referral, admin)
        settle(held, Outcome.NO_SERVER, "refused", timezone.now())
        clock.shift(BACKOFF[0])
        assert not any(referral_token(referral) in body for body in send_all())


def test_a_morning_mail_that_names_one_lost_request_is_written_anew_without_it(
    agency: Organization, coordinator: User
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        first, lost, kept = (asked(agency, coordinator) for _n in range(3))
        send_all()
        clock.shift(timedelta(days=1))
        agency_clock.run()
        held = claim_one(timezone.now())
        assert held is not None
        assert all(referral_token(one) in held.body_text for one in (lost, kept))
        pass_on(lost, coordinator)
        settle(held, Outcome.NO_SERVER, "refused", timezone.now())
        clock.shift(BACKOFF[0])
        assert send_all() == []
        agency_clock.run()
        [body] = [one for one in send_all() if referral_token(kept) in one]
        assert referral_token(lost) not in body
        assert referral_token(first) not in body, "it was told before"


def test_a_new_address_gets_what_waited_for_the_old_one(agency: Organization, coordinator: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        referral = asked(agency, coordinator)
        change_organization(organization=agency, by=coordinator, email="new@example.org")
        assert send_all() == []
        clock.shift(timedelta(days=1))
        agency_clock.run()
        [body] = send_all()
        assert mail.outbox[0].to == ["new@example.org"]
        assert referral_token(referral) in body


def test_what_the_agency_still_has_is_sent_once(agency: Organization, coordinator: User) -> None:
    with time_machine.travel(NOW, tick=False):
        referral = asked(agency, coordinator)
        referring.move_referral(referral=referral, to=State.ACCEPTED, party=Party.AGENCY)
        [body] = send_all()
        assert referral_token(referral) in body
        assert send_all() == []
