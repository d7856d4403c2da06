"""Promises: made, moved, kept or not, answered by their owners, and reminded of without flooding anybody."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from concerns import promising
from concerns.models import Commitment
from concerns.promising_links import commitment_token
from concerns.promising_mail import MOST_AFTER, send_reminders, stage_of
from concerns.promising_panel import panels
from office.models import AuditEvent, OutboxMessage
from office.refused import Refused
from people.models import Organization, User
from tests import factories

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINK = re.compile(r"https?://[^/]+(/commitment/[^/\s]+/)")
TODAY = date(2026, 11, 23)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def promise(**fields: Any) -> Commitment:
    return factories.make_commitment(**fields)


# --- Making and changing ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_promise_is_kept_with_who_what_and_its_first_day(organizer: User) -> None:
    due = timezone.localdate() + timedelta(days=7)
    made = promising.make_commitment(by=organizer, text=" Trim the tree ", owner_name="Rosa", due_on=due)
    assert (made.text, made.who, made.first_due_on, made.state) == ("Trim the tree", "Rosa", due, "open")
    event = AuditEvent.objects.get(action="commitment.make")
    assert event.object_id == made.public_id
    assert "Rosa" not in str(event.detail)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "what was promised"),
        ({"owner_name": ""}, "who promised"),
        ({"due_on": timezone.localdate() - timedelta(days=1)}, "in the past"),
        ({"due_on": timezone.localdate() + timedelta(days=1000)}, "two years"),
    ],
)
def test_it_refuses_a_promise_that_says_too_little(organizer: User, fields: dict[str, Any], words: str) -> None:
    said: dict[str, Any] = {"text": "Trim it", "owner_name": "Rosa", "due_on": timezone.localdate()}
    promising.make_commitment(by=organizer, **said)
    with pytest.raises(Refused, match=words):
        promising.make_commitment(by=organizer, **said | fields)
    assert Commitment.objects.count() == 1


@pytest.mark.django_db
def test_an_organization_is_written_to_at_its_own_address_in_its_contact_s_language(organizer: User) -> None:
    organization = factories.make_organization(name="Hearth", email="")
    contact = factories.make_person(email="luz@example.org", language="es")
    factories.make_membership(contact, organization, is_contact=True)
    made = promising.make_commitment(
        by=organizer, text="Bring food", organization=organization, due_on=timezone.localdate()
    )
    assert (made.owner_email, made.language, made.owner) == ("luz@example.org", "es", contact)


@pytest.mark.django_db
def test_another_day_leaves_the_first_one_visible_and_reminds_anew(desk: Client) -> None:
    one = promise(n_reminders=2, reminded_at=timezone.now())
    first = one.due_on
    page = reverse("concerns:commitment", args=[one.public_id])
    later = first + timedelta(days=9)
    fields = {"text": one.text, "owner_name": one.owner_name, "owner_email": one.owner_email, "when": "day"}
    desk.post(page, fields | {"due_on": later.isoformat(), "seen": one.version})
    one.refresh_from_db()
    assert (one.due_on, one.first_due_on, one.n_reminders) == (later, first, 0)
    assert "moved from" in desk.get(page).content.decode()


@pytest.mark.django_db
def test_two_who_change_it_see_both_versions(desk: Client, organizer: User) -> None:
    one = promise()
    seen = one.version
    promising.change_commitment(commitment=one, by=organizer, text="Bring two timers")
    page = reverse("concerns:commitment", args=[one.public_id])
    mine = {"text": "Bring a lamp", "owner_name": "P", "when": "7", "seen": seen}
    answer = desk.post(page, mine)
    one.refresh_from_db()
    told = answer.content.decode()
    assert answer.status_code == 400
    assert one.text == "Bring two timers"
    assert "Bring two timers" in told
    assert "Bring a lamp" in told
    now_seen = re.search(r'name="seen" value="([^"]+)"[^$]*?<div', told)
    assert now_seen
    assert desk.post(page, mine | {"seen": now_seen.group(1)}).status_code == 302


@pytest.mark.django_db
def test_another_address_ends_the_link_that_the_old_one_got(client: Client, organizer: User) -> None:
    one = promise()
    old = commitment_token(one)
    promising.change_commitment(commitment=one, by=organizer, owner_email="new@example.org")
    told = client.get(f"/commitment/{old}/").content.decode()
    assert one.text not in told
    assert "Send me a new link" in told


@pytest.mark.django_db
@pytest.mark.parametrize(("do", "state"), [("keep", "kept"), ("break", "broken"), ("drop", "dropped")])
def test_a_button_settles_it_and_another_opens_it_again(desk: Client, do: str, state: str) -> None:
    one = promise()
    button = reverse("concerns:commitment_do", args=[one.public_id])
    desk.post(button, {"do": do, "seen": one.version})
    one.refresh_from_db()
    assert one.state == state
    assert one.settled_at is not None
    desk.post(button, {"do": do, "seen": one.version})
    assert AuditEvent.objects.filter(action=f"commitment.{state}").count() == 1
    desk.post(button, {"do": "reopen", "seen": one.version})
    one.refresh_from_db()
    assert (one.state, one.kept_on, one.settled_at) == ("open", None, None)


@pytest.mark.django_db
def test_kept_after_its_day_is_kept_late(desk: Client) -> None:
    one = promise(due_on=timezone.localdate() - timedelta(days=2))
    in_time = promise()
    for each in (one, in_time):
        promising.keep_commitment(commitment=each, by=None)
    assert list(Commitment.objects.kept_late()) == [one]
    assert one.is_kept_late
    assert not in_time.is_kept_late
    told = desk.get(reverse("concerns:commitments") + "?show=late").content.decode()
    assert f'id="promise-{one.public_id}"' in told
    assert f'id="promise-{in_time.public_id}"' not in told


# --- The owner's answer -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_the_link_changes_nothing(client: Client, method: str) -> None:
    one = promise()
    before = one.version
    assert getattr(client, method)(f"/commitment/{commitment_token(one)}/").status_code == 200
    one.refresh_from_db()
    assert one.version == before


@pytest.mark.django_db
@pytest.mark.parametrize(("says", "state"), [("done", "kept"), ("cannot", "broken"), ("not_mine", "open")])
def test_the_owner_answers_once_by_the_link(client: Client, says: str, state: str) -> None:
    one = promise()
    address = f"/commitment/{commitment_token(one)}/"
    client.post(address, {"says": says, "words": "As we said"})
    one.refresh_from_db()
    assert (one.state, one.answer) == (state, "As we said")
    assert one.answered_at is not None
    assert (one.owner_email == "") == (says == "not_mine")
    again = client.post(address, {"says": "cannot"}).content.decode()
    one.refresh_from_db()
    assert one.state == state
    assert "This link was used" in again


@pytest.mark.django_db
def test_not_done_yet_needs_a_day_and_keeps_what_was_typed(client: Client) -> None:
    one = promise(n_reminders=3)
    first = one.due_on
    address = f"/commitment/{commitment_token(one)}/"
    refused = client.post(address, {"says": "later", "words": "The shop was closed"})
    assert refused.status_code == 400
    assert "The shop was closed" in refused.content.decode()
    later = first + timedelta(days=7)
    assert client.post(address, {"says": "later", "due_on": later.isoformat()}).status_code == 302
    one.refresh_from_db()
    assert (one.due_on, one.first_due_on, one.n_reminders, one.state) == (later, first, 0, "open")
    with pytest.raises(Refused, match="used already"):
        promising.answer_commitment(commitment=one, says="done", link_version=1)


@pytest.mark.django_db
@pytest.mark.parametrize("due", ["2020-01-01", "2099-01-01", "soon"])
def test_a_day_that_cannot_be_is_refused_in_words(client: Client, due: str) -> None:
    one = promise()
    answer = client.post(f"/commitment/{commitment_token(one)}/", {"says": "later", "due_on": due})
    assert answer.status_code == 400
    one.refresh_from_db()
    assert one.due_on == one.first_due_on


@pytest.mark.django_db
def test_an_old_link_mails_the_newest_one_at_most_once_an_hour(client: Client) -> None:
    one = promise()
    address = f"/commitment/{commitment_token(one)}/"
    Commitment.objects.filter(pk=one.pk).update(link_version=2)
    for _try in range(2):
        assert "on its way" in client.post(address, {"do": "link"}).content.decode()
    mail = OutboxMessage.objects.get()
    found = LINK.search(mail.body_text)
    assert found
    assert "Send the answer" in client.get(found.group(1)).content.decode()


@pytest.mark.django_db
def test_a_forged_link_is_not_found(client: Client) -> None:
    token = commitment_token(promise())
    assert client.get(f"/commitment/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/").status_code == 404


# --- An agency's staff ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_staff_answer_what_their_organization_promised_and_nothing_else(
    client: Client, partner: User, outsider: User, partner_organization: Organization
) -> None:
    one = promise(organization=partner_organization)
    page = reverse("concerns:partner_commitment", args=[one.public_id])
    client.force_login(outsider, backend=BACKEND)
    assert client.get(page).status_code == 404
    client.force_login(partner, backend=BACKEND)
    assert one.text in client.get(reverse("concerns:partner")).content.decode()
    assert client.post(page, {"says": "not_mine"}).status_code == 400
    assert client.post(page, {"says": "done"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.settled_by) == ("kept", partner)


# --- Reminders --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_reminders_go_three_days_before_on_the_day_and_weekly_three_times() -> None:
    one = promise(due_on=TODAY, created_at=noon(TODAY - timedelta(days=30)))
    sent = []
    for offset in range(-10, 60):
        day = TODAY + timedelta(days=offset)
        for hour in (0, 5):  # several runs of the job on a day, some of them in the night
            if send_reminders(noon(day) + timedelta(hours=hour)):
                sent.append(offset)
    assert sent == [-3, 0, 7, 14, 21]
    assert OutboxMessage.objects.filter(to_address=one.owner_email).count() == 5


@pytest.mark.django_db
def test_nobody_is_reminded_at_night_or_on_the_day_they_promised() -> None:
    one = promise(due_on=TODAY, created_at=noon(TODAY))
    assert send_reminders(noon(TODAY)) == 0
    Commitment.objects.filter(pk=one.pk).update(created_at=noon(TODAY - timedelta(days=1)))
    assert send_reminders(datetime(2026, 11, 23, 13, 59, tzinfo=UTC)) == 0  # 7:59 in Kansas City
    assert send_reminders(datetime(2026, 11, 23, 14, 0, tzinfo=UTC)) == 1


@pytest.mark.django_db
def test_one_address_gets_one_mail_a_day_in_its_language_with_a_link_for_each() -> None:
    mine = [promise(due_on=TODAY, owner_email=mail, language="es") for mail in ("luz@example.org", "Luz@example.org")]
    promise(due_on=TODAY, owner_email="other@example.org")
    assert send_reminders(noon(TODAY)) == 2
    mail = OutboxMessage.objects.get(to_address__iexact="luz@example.org")
    assert mail.language == "es"
    links = LINK.findall(mail.body_text)
    assert sorted(links) == sorted(f"/commitment/{commitment_token(one)}/" for one in mine)
    late = promise(due_on=TODAY, owner_email="luz@example.org")
    assert send_reminders(noon(TODAY)) == 0
    assert send_reminders(noon(TODAY + timedelta(days=1))) == 1
    late.refresh_from_db()
    assert late.n_reminders == 2


@pytest.mark.django_db
def test_who_kept_it_took_it_back_or_wants_no_mail_is_not_reminded() -> None:
    gone = factories.make_person(email="gone@example.org", unsubscribed_at=timezone.now())
    promise(due_on=TODAY, state="kept", kept_on=TODAY)
    promise(due_on=TODAY, owner_email="")
    promise(due_on=TODAY, owner=gone, owner_email=gone.email)
    assert send_reminders(noon(TODAY)) == 0


@given(due=st.dates(date(2026, 1, 1), date(2028, 1, 1)), days=st.lists(st.integers(0, 3), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_however_often_the_job_runs_there_are_never_more_than_five_nor_two_on_a_day(due: date, days: list[int]) -> None:
    day, count, sent = due - timedelta(days=20), 0, []
    for step in days:
        day += timedelta(days=step)
        if stage_of(due, day) > count:
            count = stage_of(due, day)
            sent.append(day)
    assert len(sent) <= 2 + MOST_AFTER
    assert len(set(sent)) == len(sent)
    assert all(one >= due - timedelta(days=3) for one in sent)


# --- The desk's list --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_list_asks_the_same_few_questions_however_long_it_is(desk: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(reverse("concerns:commitments") + "?show=all").status_code == 200
        return len(asked)

    walk = factories.make_walk()
    for _n in range(2):
        promise(walk=walk, organization=factories.make_organization(), concern=factories.make_concern(walk=walk))
    count()
    few = count()
    for _n in range(6):
        promise(walk=walk, organization=factories.make_organization(), concern=factories.make_concern(walk=walk))
    assert count() == few <= 12


@pytest.mark.django_db
def test_it_filters_by_organization_and_shows_what_is_overdue(desk: Client) -> None:
    one = promise(organization=factories.make_organization(), due_on=timezone.localdate() - timedelta(days=1))
    other = promise(text="Something else entirely")
    told = desk.get(reverse("concerns:commitments") + f"?show=overdue&organization={one.organization.public_id}")  # type: ignore[union-attr]
    assert one.text in told.content.decode()
    assert other.text not in told.content.decode()
    for wrong in ("organization=x", "walk=%00", "page=-1", "show=nothing"):
        assert desk.get(reverse("concerns:commitments") + f"?{wrong}").status_code == 200


@pytest.mark.django_db
def test_a_walk_lead_sees_the_promises_of_own_walks_only(client: Client, lead: User, volunteer: User) -> None:
    mine = promise(text="Mine to see", walk=factories.make_walk(lead=lead.person))
    promise(text="Of another walk", walk=factories.make_walk())
    client.force_login(lead, backend=BACKEND)
    told = client.get(reverse("concerns:commitments")).content.decode()
    assert mine.text in told
    assert "Of another walk" not in told
    client.force_login(volunteer, backend=BACKEND)
    assert client.get(reverse("concerns:commitments")).status_code == 403


@pytest.mark.django_db
def test_a_promise_made_elsewhere_is_written_down_at_the_desk(desk: Client) -> None:
    answer = desk.post(reverse("concerns:commitment_new"), {"text": "Repair the gate", "when": "14"})
    assert answer.status_code == 400
    told = answer.content.decode()
    assert "Repair the gate" in told
    assert "Say who promised it" in told
    desk.post(reverse("concerns:commitment_new"), {"text": "Repair the gate", "owner_name": "Rosa", "when": "14"})
    assert Commitment.objects.get().due_on == timezone.localdate() + timedelta(days=14)


@pytest.mark.django_db
def test_what_is_overdue_is_on_the_desk(organizer: User, lead: User) -> None:
    promise(due_on=timezone.localdate() - timedelta(days=3), owner_email="")
    promise()
    (panel,) = panels(user=organizer, now=timezone.now())
    assert (panel.n, panel.detail) == (1, "1 has no address: call")
    assert list(panels(user=lead, now=timezone.now())) == []
