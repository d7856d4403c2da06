"""What is forgotten of requests for help, and when those end that nobody answers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from office.models import AuditEvent, OutboxMessage
from office.retention import apply_retention
from outreach import helping, referring
from outreach.models import Consent, HelpRequest, ReferralUpdate
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def found(done, kind: str) -> list[str]:
    return next(one.ids for one in done if one.kind == kind)


def test_o18_ninety_days_after_closing_who_and_what_is_gone_and_the_rest_stays(coordinator: User) -> None:
    agency = factories.make_organization(email="intake@example.org")
    asked = factories.make_help_request(wants_mail=True)
    factories.make_consent(help_request=asked, organization=agency)
    referral = referring.refer(help_request=asked, organization=agency, need="food", by=coordinator, words="After five")
    note = "Nadia was in"
    referring.move_referral(referral=referral, to="completed", party="agency", outcome="got_help", note=note)
    helping.close_help(help_request=asked, party="coordinator", by=coordinator)
    now = timezone.now()
    assert found(apply_retention(now=now + timedelta(days=89)), "requests for help") == []
    later = now + timedelta(days=91)
    listed = found(apply_retention(now=later, dry_run=True), "requests for help")
    assert listed == [str(asked.public_id)[:8]] == found(apply_retention(now=later), "requests for help")
    asked.refresh_from_db()
    referral.refresh_from_db()
    assert (asked.name, asked.phone, asked.email, asked.note, referral.words) == ("", "", "", "", "")
    assert not ReferralUpdate.objects.filter(note__contains="Nadia").exists()
    assert not OutboxMessage.objects.filter(to_address="nadia@example.org").exists()
    assert (asked.needs, referral.outcome) == (["food"], "got_help")
    assert AuditEvent.objects.filter(action="help.forget", object_id=asked.public_id).count() == 1
    assert found(apply_retention(now=later), "requests for help") == []


def test_after_half_a_year_of_silence_it_ends_as_never_answered(coordinator: User) -> None:
    referral = factories.make_referral()
    HelpRequest.objects.update(touched_at=timezone.now() - timedelta(days=179))
    assert found(apply_retention(), "silent requests for help") == []
    HelpRequest.objects.update(touched_at=timezone.now() - timedelta(days=181))
    assert len(found(apply_retention(), "silent requests for help")) == 1
    referral.refresh_from_db()
    assert (referral.state, referral.outcome, referral.closed_by) == ("failed", "never_answered", "system")
    assert HelpRequest.objects.get().closed_by == "system"


def test_a_yes_that_ran_out_ends_what_stood_on_it_and_takes_the_name_along(coordinator: User) -> None:
    agency = factories.make_organization(email="intake@example.org")
    asked = factories.make_help_request()
    now = timezone.now()
    factories.make_consent(help_request=asked, organization=agency, expires_at=now + timedelta(days=1))
    referral = referring.refer(help_request=asked, organization=agency, need="food", by=coordinator)
    assert found(apply_retention(now=now), "consents that ran out") == []
    Consent.objects.update(expires_at=now - timedelta(minutes=1))
    assert len(found(apply_retention(), "consents that ran out")) == 1
    referral.refresh_from_db()
    asked.refresh_from_db()
    assert (referral.state, referral.outcome, asked.name, asked.phone) == ("cancelled", "withdrawn", "", "")
