"""When agencies hear of a referral: at once, in the morning, again; and who is told where nobody answers."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import OutboxMessage
from office.refused import Refused
from outreach import agency_clock, helping, referring
from outreach.help_links import referral_token
from outreach.models import Referral
from outreach.workflow import Outcome, Party, State
from people.models import Organization, User
from tests import factories

pytestmark = pytest.mark.django_db

MONDAY_NOON = datetime(2026, 11, 16, 12, tzinfo=ZoneInfo("America/Chicago"))
NEEDS = ["food", "housing", "job"]


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY_NOON, tick=False) as clock:
        yield clock


def asked_of(*agencies: Organization, needs: list[str] = NEEDS):
    asked = factories.make_help_request(needs=needs, language="es", touched_at=timezone.now())
    for agency in agencies:
        factories.make_consent(help_request=asked, organization=agency)
    return asked


def refer(asked, agency: Organization, by: User, need: str = "food") -> Referral:
    return referring.refer(help_request=asked, organization=agency, need=need, by=by)


def mails(kind: str = "outreach.referral", **said) -> list[OutboxMessage]:
    rows = OutboxMessage.objects.filter(kind__startswith=kind, **said).exclude(status="cancelled")
    return list(rows.order_by("id"))


def on(clock, day: str, hour: int = 9) -> int:
    clock.move_to(datetime.fromisoformat(f"{day}T{hour:02}:30:00").replace(tzinfo=MONDAY_NOON.tzinfo))
    return agency_clock.run()


def test_the_first_of_a_day_goes_out_at_once_and_the_rest_in_one_mail_the_next_morning(clock, agency, coordinator):
    asked = asked_of(agency)
    first, second, third = (refer(asked, agency, coordinator, need) for need in NEEDS)
    assert [mail.kind for mail in mails()] == ["outreach.referral.sent"]
    assert on(clock, "2026-11-17", 7) == 0, "not before eight"
    assert on(clock, "2026-11-17") == 1
    *_sent, morning = mails()
    assert all(referral_token(one) in morning.body_text for one in (second, third))
    assert referral_token(first) not in morning.body_text
    for words in (morning.body_text, morning.body_html, morning.subject, mails()[0].body_text):
        assert "Nadia" not in words
        assert "5550142" not in words
    assert "(speaks Spanish)" in morning.body_text or "español" in morning.body_text
    assert on(clock, "2026-11-17", 10) == 0, "once a day"


def test_two_agencies_with_one_mailbox_get_one_mail(clock, agency, coordinator):
    twin = factories.make_organization(name="Open Closet", email=agency.email.upper())
    asked = asked_of(agency, twin)
    refer(asked, agency, coordinator)
    refer(asked, twin, coordinator)
    refer(asked, agency, coordinator, "job")
    assert len(mails()) == 1
    on(clock, "2026-11-17")
    (morning,) = mails("outreach.referrals")
    assert "Open Closet" in morning.body_text
    assert "Open Pantry" in morning.body_text


def test_nobody_is_written_to_on_a_day_off(clock, agency, coordinator):
    with time_machine.travel(MONDAY_NOON + timedelta(days=9)):  # the day before Thanksgiving
        asked = asked_of(agency)
        refer(asked, agency, coordinator)
        refer(asked, agency, coordinator, "job")
    assert on(clock, "2026-11-26") == 0
    assert on(clock, "2026-11-28") == 0
    assert on(clock, "2026-11-27") == 1


def test_who_did_not_answer_in_time_is_reminded_once_and_then_a_coordinator_is_told(clock, agency, coordinator):
    referral = refer(asked_of(agency), agency, coordinator)
    assert on(clock, "2026-11-18") == 0, "due today"
    assert on(clock, "2026-11-19") == 1
    (reminder,) = mails("outreach.referrals")
    assert "Nobody answered" in reminder.body_text
    assert on(clock, "2026-11-20") == 0
    assert on(clock, "2026-11-23") == 1
    (told,) = mails("outreach.escalation")
    assert told.to_address == coordinator.email
    for words in ("Nadia", "food", "Open Pantry", "5550142"):
        assert words not in told.body_text + told.subject
    assert on(clock, "2026-11-24") == 0
    referral.refresh_from_db()
    assert referral.reminded_at < referral.escalated_at
    assert len(mails()) == 2


def test_where_no_reminder_can_be_sent_a_coordinator_is_told_as_soon_as_it_is_late(clock, coordinator):
    agency = factories.make_organization(email="")
    refer(asked_of(agency), agency, coordinator)
    assert on(clock, "2026-11-18") == 0
    assert on(clock, "2026-11-19") == 1
    assert len(mails("outreach.escalation")) == 1


def test_who_may_not_see_requests_is_not_told(clock, coordinator, admin):
    factories.make_membership(coordinator.person, factories.make_organization(kind="police"))
    agency = factories.make_organization(email="")
    refer(asked_of(agency), agency, User.objects.get(pk=coordinator.pk))
    on(clock, "2026-11-19")
    assert not mails("outreach.escalation")


def test_o4_after_it_was_passed_on_the_old_agency_hears_nothing_more(clock, agency, coordinator):
    other = factories.make_organization(name="Corner Shelf", email="shelf@example.org")
    asked = asked_of(agency, other)
    refer(asked, agency, coordinator)
    late = refer(asked, agency, coordinator, "job")
    kept = refer(asked, agency, coordinator, "housing")
    on(clock, "2026-11-17")
    (waiting,) = mails("outreach.referrals")
    referring.reassign(referral=late, organization=other, by=coordinator)
    waiting.refresh_from_db()
    assert waiting.status == "cancelled"
    assert on(clock, "2026-11-17", 10) == 1, "what else it said is told anew"
    (again,) = mails("outreach.referrals")
    assert referral_token(kept) in again.body_text
    assert referral_token(late) not in again.body_text


def test_a_yes_taken_back_before_the_morning_leaves_nothing_to_write(clock, agency, coordinator):
    asked = asked_of(agency)
    refer(asked, agency, coordinator)
    refer(asked, agency, coordinator, "job")
    helping.withdraw_consent(consent=asked.consents.get())
    assert on(clock, "2026-11-17") == 0
    assert not mails()


def test_two_weeks_after_it_was_taken_on_the_agency_is_asked_once_how_it_went(clock, agency, coordinator):
    referral = refer(asked_of(agency), agency, coordinator)
    referring.move_referral(referral=referral, to=State.ACCEPTED, party=Party.AGENCY)
    assert on(clock, "2026-11-30", 8) == 0
    assert on(clock, "2026-12-01") == 1
    assert "Did they get help?" in mails()[-1].body_text
    assert on(clock, "2026-12-16") == 0


def test_agencies_are_written_to_in_the_language_of_their_contact(clock, agency, coordinator):
    contact = factories.make_person(language="es")
    membership = factories.make_membership(contact, agency)
    membership.is_contact = True
    membership.save()
    refer(asked_of(agency), agency, coordinator)
    assert mails()[0].language == "es"


def test_never_answered_is_no_answer(clock, agency, coordinator):
    referral = refer(asked_of(agency), agency, coordinator)
    end = {"to": State.FAILED, "outcome": Outcome.NEVER_ANSWERED, "party": Party.COORDINATOR, "by": coordinator}
    referral = referring.move_referral(referral=referral, **end)
    assert (referral.outcome, referral.answered_at) == (Outcome.NEVER_ANSWERED, None)


# --- Seen, and taken back ---


def link(referral: Referral) -> str:
    return reverse("outreach:referral_link", args=[referral_token(referral)])


def test_opening_the_link_is_no_answer_but_asking_for_the_code_says_that_it_was_seen(client: Client, agency):
    referral = factories.make_referral(organization=agency)
    client.get(link(referral))
    referral.refresh_from_db()
    assert referral.state == State.REQUESTED
    client.post(link(referral) + "code/")
    referral.refresh_from_db()
    assert (referral.state, referral.answered_at) == (State.RECEIVED, None)
    answer = client.post(link(referral), {"act": "accepted", "seen": "received"}, follow=True)
    assert "The coordinators see it" in answer.content.decode()


def test_a_wrong_tap_is_taken_back_within_ten_minutes_by_link(client: Client, agency):
    referral = factories.make_referral(organization=agency)
    client.post(link(referral), {"act": "cannot", "outcome": "no_capacity", "seen": "requested"})
    page = client.get(link(referral)).content.decode()
    assert "Take it back" in page
    client.post(link(referral), {"act": "undo", "seen": "rejected"})
    referral.refresh_from_db()
    assert (referral.state, referral.outcome, referral.closed_at, referral.answered_at) == ("requested", "", None, None)
    assert [line.kind for line in referral.updates.order_by("id")] == ["state", "undone"]
    assert "taken back" in client.get(link(referral)).content.decode()


def test_it_is_not_taken_back_later_nor_once_somebody_went_on(agency, coordinator):
    asked = asked_of(agency)
    referral = refer(asked, agency, coordinator)
    move = {"to": State.REJECTED, "outcome": Outcome.NO_CAPACITY, "party": Party.AGENCY}
    referring.move_referral(referral=referral, **move)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), pytest.raises(Refused, match="any more"):
        referring.take_back_end(referral=referral)
    refer(asked, agency, coordinator)
    with pytest.raises(Refused, match="any more"):
        referring.take_back_end(referral=referral)
    ended = refer(asked, agency, coordinator, "job")
    end = {"to": State.CANCELLED, "outcome": Outcome.NOT_INTERESTED, "party": Party.COORDINATOR}
    referring.move_referral(referral=ended, by=coordinator, **end)
    with pytest.raises(Refused, match="any more"):
        referring.take_back_end(referral=ended)


def test_the_person_is_not_told_of_an_end_that_was_taken_back(agency, coordinator):
    asked = factories.make_help_request(wants_mail=True)
    factories.make_consent(help_request=asked, organization=agency)
    referral = refer(asked, agency, coordinator)
    referring.move_referral(referral=referral, to=State.REJECTED, outcome=Outcome.NO_CAPACITY, party=Party.AGENCY)
    assert len(mails("outreach.news")) == 1
    referring.take_back_end(referral=referral)
    assert not mails("outreach.news")
    referring.move_referral(referral=referral, to=State.REJECTED, outcome=Outcome.NO_CAPACITY, party=Party.AGENCY)
    assert len(mails("outreach.news")) == 1
