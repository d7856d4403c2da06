"""From asking for help to an answer and a close: the person, the agency by both ways in, who must not see it."""

import re
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import report_forms
from office.models import AuditEvent, OutboxMessage
from office.working_days import end_of_working_day
from outreach import helping, referring
from outreach.help_links import help_token, referral_token
from outreach.link_codes import code_now
from outreach.models import Consent, HelpRequest, Referral
from people.models import Organization, User
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
MARKERS = ("Nadia Quarles", "5550142", "nadia@example.org", "Two children at home")


def typed(**fields):
    data = {"form_token": report_forms.new_token(), "needs": ["food"], "scope": "call_me", "phone": "816 555 0142"}
    return data | {"name": "Nadia Quarles", "note": "Two children at home"} | fields


def shows_nobody(html: str) -> bool:
    return not any(marker in html for marker in MARKERS)


# Asking.


def test_asking_shows_the_code_once_and_keeps_what_was_said(client: Client) -> None:
    answer = client.post("/help/", typed())
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", answer.content.decode())
    assert code is not None
    kept = HelpRequest.objects.get()
    assert (kept.needs, kept.name, kept.phone) == (["food"], "Nadia Quarles", "+18165550142")
    assert code[0].replace("-", "") not in str(HelpRequest.objects.values().get())
    assert list(kept.consents.values_list("scope", "how", "wording_version")) == [("call_me", "ticked", 1)]
    entered = client.post("/help/code/", {"code": code[0].lower()})
    assert entered.status_code == 302
    assert client.get(entered["Location"]).status_code == 200


def test_the_same_form_sent_twice_is_one_request(client: Client) -> None:
    data = typed()
    first, second = client.post("/help/", data), client.post("/help/", data)
    assert HelpRequest.objects.count() == 1
    assert re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", first.content.decode()) == re.findall(
        r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", second.content.decode()
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"needs": []}, "at least one thing"),
        ({"scope": ""}, "what we may do with it"),
        ({"phone": ""}, "Give a number"),
        ({"scope": "named"}, "Tick the agencies"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "whole e-mail address"),
        ({"wants_mail": "on"}, "give an e-mail address"),
        ({"website": "x"}, "hidden field"),
        ({"form_token": "forged"}, "open for too long"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client: Client, agency, fields, says: str) -> None:
    answer = client.post("/help/", typed(**fields))
    html = answer.content.decode()
    assert answer.status_code == 400
    assert says in html
    assert "Two children at home" in html
    assert not HelpRequest.objects.exists()


def test_the_fourth_without_proof_in_an_hour_waits(client: Client) -> None:
    codes = [client.post("/help/", typed()).status_code for _n in range(4)]
    assert codes == [200, 200, 200, 429]
    assert HelpRequest.objects.count() == 3


def test_passing_on_is_offered_only_where_there_is_an_agency_to_tick(client: Client) -> None:
    assert 'value="named"' not in client.get("/help/").content.decode()
    factories.make_service()
    assert 'value="named"' in client.get("/help/").content.decode()


# The agency.


def refer(agency: Organization, by: User, scope: str = "named") -> Referral:
    asked = factories.make_help_request()
    factories.make_consent(help_request=asked, scope=scope, organization=agency if scope == "named" else None)
    return referring.refer(help_request=asked, organization=agency, need="food", by=by, words="Call after five")


def test_the_mail_says_what_and_by_when_and_never_who(agency: Organization, coordinator: User) -> None:
    referral = refer(agency, coordinator)
    message = OutboxMessage.objects.get(kind="outreach.referral.sent")
    assert message.to_address == "intake@example.org"
    assert referral_token(referral) in message.body_text
    assert shows_nobody(message.subject + message.body_text + message.body_html)
    last_day = f"{timezone.localtime(referral.due_at):%-d %b}"
    assert last_day in message.subject
    assert last_day in message.body_text


def test_the_day_that_is_printed_is_the_second_working_day() -> None:
    friday_before_thanksgiving_week = datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo("UTC"))
    due_at = end_of_working_day(friday_before_thanksgiving_week, 2)
    assert f"{timezone.localtime(due_at):%a %d %b %H:%M}" == "Tue 24 Nov 23:59"
    over_thanksgiving = end_of_working_day(datetime(2026, 11, 25, 18, tzinfo=ZoneInfo("UTC")), 2)
    assert f"{timezone.localtime(over_thanksgiving):%a %d %b}" == "Mon 30 Nov"


def test_a_link_shows_the_need_and_who_it_is_only_with_the_code(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    html = client.get(where).content.decode()
    assert "food" in html
    assert shows_nobody(html)
    assert "Call after five" not in html
    client.post(where + "code/")
    sent = OutboxMessage.objects.get(kind="outreach.code")
    assert code_now(referral) in sent.body_text
    wrong = client.post(where + "code/", {"code": "000000" if code_now(referral) != "000000" else "111111"})
    assert wrong.status_code == 400
    assert shows_nobody(wrong.content.decode())
    odd = client.post(where + "code/", {"code": "١٢٣٤٥٦\u00b2"})
    assert odd.status_code == 400
    right = client.post(where + "code/", {"code": code_now(referral)})
    assert all(marker in right.content.decode() for marker in ("Nadia Quarles", "5550142", "Two children at home"))
    assert AuditEvent.objects.filter(action="read_identity", object_id=referral.public_id).count() == 1
    assert shows_nobody(client.get(where).content.decode())


def test_codes_cannot_be_tried_out(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_code", args=[referral_token(referral)])
    for _n in range(5):
        client.post(where, {"code": "12"})
    late = client.post(where, {"code": code_now(referral)})
    assert late.status_code == 400
    assert shows_nobody(late.content.decode())


def test_opening_the_link_changes_nothing_and_two_taps_answer(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    client.get(where)
    client.head(where)
    referral.refresh_from_db()
    assert referral.state == "requested"
    assert client.post(where, {"act": "accepted", "seen": "requested"}).status_code == 302
    referral.refresh_from_db()
    assert (referral.state, referral.answered_at is not None, referral.outcome) == ("accepted", True, "")


def test_who_comes_second_is_told_and_overwrites_nothing(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    client.post(where, {"act": "accepted", "seen": "requested"})
    second = client.post(where, {"act": "cannot", "outcome": "no_capacity", "seen": "requested"})
    assert second.status_code == 400
    assert "quicker" in second.content.decode()
    referral.refresh_from_db()
    assert referral.state == "accepted"


def test_a_no_needs_its_reason_and_declines_what_was_not_taken(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    assert client.post(where, {"act": "cannot", "seen": "requested"}).status_code == 400
    client.post(where, {"act": "cannot", "outcome": "no_capacity", "seen": "requested"})
    referral.refresh_from_db()
    assert (referral.state, referral.outcome, referral.closed_by) == ("rejected", "no_capacity", "agency")


def test_a_need_alone_never_shows_who(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator, scope="need_only")
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    client.post(where + "code/")
    assert not OutboxMessage.objects.filter(kind="outreach.code").exists()
    answer = client.post(where + "code/", {"code": code_now(referral)})
    assert shows_nobody(answer.content.decode())
    staff = factories.make_user()
    factories.make_membership(staff.person, agency)
    client.force_login(staff)
    html = client.get(reverse("outreach:partner_referral", args=[referral.public_id])).content.decode()
    assert "food" in html
    assert shows_nobody(html)


def test_passed_on_the_old_agencys_link_and_page_are_gone(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    staff = factories.make_user()
    factories.make_membership(staff.person, agency)
    other = factories.make_organization(email="other@example.org")
    factories.make_consent(help_request=referral.help_request, organization=other)
    old = reverse("outreach:referral_link", args=[referral_token(referral)])
    referring.reassign(referral=referral, organization=other, by=coordinator)
    assert client.get(old).status_code == 404
    client.force_login(staff)
    page = reverse("outreach:partner_referral", args=[referral.public_id])
    assert client.get(page).status_code == 404
    assert client.post(page, {"act": "accepted", "seen": "requested"}).status_code == 404
    waiting = OutboxMessage.objects.filter(to_address="intake@example.org", status="queued")
    assert not waiting.exists()


def test_a_yes_taken_back_or_run_out_closes_the_agencys_view(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    Consent.objects.update(expires_at=timezone.now())
    assert client.get(where).status_code == 404
    Consent.objects.update(expires_at=None)
    assert client.get(where).status_code == 200
    helping.withdraw_consent(consent=Consent.objects.get())
    assert client.get(where).status_code == 404
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.phone, asked.email, asked.note) == ("", "", "", "")


def test_whatever_ends_it_takes_the_agencys_waiting_mail_back(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    factories.make_consent(help_request=referral.help_request, scope=Consent.Scope.CALL_ME)
    client.post(reverse("outreach:referral_code", args=[referral_token(referral)]))
    waiting = OutboxMessage.objects.filter(to_address="intake@example.org", status="queued")
    assert waiting.count() == 2
    helping.withdraw_consent(consent=Consent.objects.get(organization=agency))
    assert not waiting.exists()


def test_the_same_button_twice_says_thank_you_twice(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    taps = [client.post(where, {"act": "accepted", "seen": "requested"}).status_code for _twice in range(2)]
    assert taps == [302, 302]
    assert referral.updates.filter(to_state="accepted").count() == 1


def test_a_try_counts_as_something_done_and_odd_bytes_are_left_out(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    HelpRequest.objects.update(touched_at=timezone.now() - timedelta(days=170))
    staff = factories.make_user()
    factories.make_membership(staff.person, agency)
    client.force_login(staff)
    page = reverse("outreach:partner_referral", args=[referral.public_id])
    client.post(page, {"attempt": "1", "note": "rang\0 twice"})
    line = referral.updates.get(kind="attempt")
    assert (line.note, line.from_state, line.to_state) == ("rang twice", "requested", "in-progress")
    assert timezone.now() - HelpRequest.objects.get().touched_at < timedelta(minutes=1)


def test_a_yes_given_anew_opens_no_old_referral(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    asked, where = referral.help_request, reverse("outreach:referral_link", args=[referral_token(referral)])
    factories.make_consent(help_request=asked, scope=Consent.Scope.CALL_ME)
    helping.withdraw_consent(consent=Consent.objects.get(organization=agency))
    factories.make_consent(help_request=asked, organization=agency)
    assert client.get(where).status_code == 404
    again = referring.refer(help_request=asked, organization=agency, need="food", by=coordinator)
    assert client.get(reverse("outreach:referral_link", args=[referral_token(again)])).status_code == 200


# The wall and the agency next door.


def test_staff_see_their_own_on_the_partners_page_and_nobody_else_does(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    page = reverse("outreach:partner_referral", args=[referral.public_id])
    staff, next_door = factories.make_user(), factories.make_user()
    factories.make_membership(staff.person, agency)
    factories.make_membership(next_door.person, factories.make_organization())
    client.force_login(staff)
    assert "Nadia Quarles" in client.get(page).content.decode()
    assert page in client.get("/partner/").content.decode()
    denied = []
    for user in (next_door, factories.make_user(role=Role.ORGANIZER), factories.make_user(role=Role.ADMIN)):
        client.force_login(user)
        denied.append(client.get(page))
        assert page not in client.get(f"/partner/?organization={agency.public_id}").content.decode()
    random = client.get(reverse("outreach:partner_referral", args=[uuid.uuid4()]))
    assert {one.status_code for one in denied} == {404}
    assert shows_nobody("".join(one.content.decode() for one in denied))
    assert random.status_code == 404
    assert AuditEvent.objects.filter(action="denied", object_id=referral.public_id).count() == 3


def test_a_police_membership_beats_the_agencys_and_sees_only_what_names_it(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    user = factories.make_walled_organizer()
    factories.make_membership(user.person, agency)
    client.force_login(user)
    assert client.get(reverse("outreach:partner_referral", args=[referral.public_id])).status_code == 404
    police = user.person.memberships.get(organization__is_walled=True).organization
    factories.make_consent(help_request=referral.help_request, organization=police)
    named = referring.refer(help_request=referral.help_request, organization=police, need="food", by=coordinator)
    assert client.get(reverse("outreach:partner_referral", args=[named.public_id])).status_code == 200


def test_an_agency_that_becomes_walled_loses_what_shared_the_need_alone(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator, scope="need_only")
    where = reverse("outreach:referral_link", args=[referral_token(referral)])
    Organization.objects.filter(pk=agency.pk).update(kind="police", is_walled=True)
    assert client.get(where).status_code == 404


def test_a_colleague_takes_it_in_one_tap(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    staff, colleague, stranger = factories.make_user(), factories.make_user(), factories.make_user()
    for one in (staff, colleague):
        factories.make_membership(one.person, agency)
    client.force_login(staff)
    page = reverse("outreach:partner_referral", args=[referral.public_id])
    client.post(page, {"colleague": str(stranger.person.public_id)})
    referral.refresh_from_db()
    assert referral.assigned_to is None
    client.post(page, {"colleague": str(colleague.person.public_id)})
    client.post(page, {"attempt": "1"})
    referral.refresh_from_db()
    assert (referral.assigned_to, referral.n_attempts, referral.state) == (colleague.person, 1, "in-progress")


# The person's own page.


def test_the_person_says_that_they_got_help(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    token = help_token(referral.help_request)
    html = client.get(reverse("outreach:help_status", args=[token])).content.decode()
    assert "Open Pantry" in html
    client.post(
        reverse("outreach:help_act", args=[token]), {"act": "got_help", "referral": str(referral.public_id)}
    )  # fmt: skip
    referral.refresh_from_db()
    assert (referral.state, referral.outcome, referral.closed_by) == ("completed", "got_help", "person")


def test_the_person_takes_everything_back(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    act = reverse("outreach:help_act", args=[help_token(referral.help_request)])
    client.post(act, {"act": "forget"})
    referral.refresh_from_db()
    asked = HelpRequest.objects.get()
    assert (asked.name, asked.note, referral.state, referral.outcome) == ("", "", "cancelled", "withdrawn")
    client.post(act, {"act": "close"})
    asked.refresh_from_db()
    assert asked.closed_by == "person"
    assert client.get(reverse("outreach:help_status", args=[help_token(asked)])).status_code == 200


def test_a_forged_link_and_an_unknown_button_do_nothing(client: Client, agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    assert client.get("/help/status/forged/").status_code == 404
    assert client.get("/referral/forged/").status_code == 404
    act = reverse("outreach:help_act", args=[help_token(referral.help_request)])
    client.post(act, {"act": "publish"})
    client.post(act, {"act": "withdraw", "consent": str(uuid.uuid4())})
    referral.refresh_from_db()
    assert referral.state == "requested"


def test_news_says_nothing_of_what_it_is_about(agency, coordinator) -> None:
    referral = refer(agency, coordinator)
    HelpRequest.objects.update(wants_mail=True)
    referring.move_referral(referral=referral, to="completed", party="agency", outcome="got_help")
    news = OutboxMessage.objects.get(kind="outreach.news")
    said = news.subject + news.body_text + news.body_html
    assert shows_nobody(said)
    assert "food" not in said
    assert "Open Pantry" not in said
