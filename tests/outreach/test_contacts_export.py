"""Requests for help as a file: for coordinators, proven again, with a reason, without what nobody said yes to."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.models import AuditEvent
from outreach import help_export, helping
from outreach.models import Consent, HelpRequest
from people.models import User
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
MARKERS = ("Nadia Quarles", "8165550142", "nadia@example.org", "Two children")
WHERE = "/desk/outreach/export/"


def sent(**fields: Any) -> dict[str, Any]:
    today = timezone.localdate()
    data = {"since": (today - timedelta(days=30)).isoformat(), "until": today.isoformat()}
    return data | {"reason": "yearly report to the board"} | fields


@pytest.fixture
def proven(client: Client, coordinator: User) -> Client:
    """A coordinator's browser that has just said again who they are."""
    client.force_login(coordinator)
    confirm(client, coordinator)
    return client


def confirm(client: Client, user: User) -> None:
    user.set_password("a long phrase of words")
    user.save()
    client.force_login(user)
    page = client.get(WHERE)
    assert page["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(page["Location"], {"password": "a long phrase of words"})["Location"] == WHERE


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode())))


def test_it_holds_one_line_for_each_request_and_no_name(proven: Client) -> None:
    now = timezone.now()
    asked = factories.make_help_request(needs=["food", "housing"], language="es")
    late = {"state": "accepted", "answered_at": now, "due_at": now - timedelta(days=1)}
    factories.make_referral(help_request=asked, **late)
    ended = {"state": "completed", "outcome": "got_help", "closed_at": now, "closed_by": "agency", "answered_at": now}
    factories.make_referral(help_request=asked, need="housing", **ended)
    answer = proven.post(WHERE, sent())
    (line,) = rows(answer)
    assert line == {
        "id": str(asked.public_id)[:8],
        "asked_on": timezone.localdate().isoformat(),
        "needs": "food, housing",
        "language": "es",
        "source": "page",
        "closed_on": "",
        "states": "food: accepted; housing: completed",
        "outcomes": "housing: got_help",
        "answered_in_time": "food: no; housing: yes",
    }
    assert "no-store" in answer["Cache-Control"]
    assert "attachment" in answer["Content-Disposition"]


def test_names_go_along_only_when_asked_for_and_with_a_yes_in_force(proven: Client) -> None:
    yes = factories.make_help_request(name="=Nadia()", phone="+18165550142")
    factories.make_consent(help_request=yes)
    ran_out = factories.make_help_request(name="Otto Ramp")
    factories.make_consent(help_request=ran_out, expires_at=timezone.now() - timedelta(minutes=1))
    nothing = factories.make_help_request(name="Rosa Vance")
    factories.make_consent(help_request=nothing, scope=Consent.Scope.NOTHING)
    forgotten = factories.make_help_request()
    factories.make_consent(help_request=forgotten)
    helping.forget_help(help_request=forgotten)
    found = {line["id"]: line for line in rows(proven.post(WHERE, sent(with_names="on")))}
    who = {key: (line["name"], line["phone"], line["email"]) for key, line in found.items()}
    assert who == {
        str(yes.public_id)[:8]: ("'=Nadia()", "'+18165550142", "nadia@example.org"),
        str(ran_out.public_id)[:8]: ("", "", ""),
        str(nothing.public_id)[:8]: ("", "", ""),
        str(forgotten.public_id)[:8]: ("", "", ""),
    }


def test_the_trail_says_who_why_and_how_many_and_no_value(proven: Client, coordinator: User) -> None:
    factories.make_help_request()
    rows(proven.post(WHERE, sent()))
    event = AuditEvent.objects.get(action="export")
    assert (event.actor, event.reason) == (coordinator.public_id, "yearly report to the board")
    assert (event.detail["n"], event.detail["with_names"]) == (1, False)
    assert not any(marker in str(event.detail) + event.reason for marker in MARKERS)


def test_only_the_days_that_were_chosen_are_in_it(proven: Client) -> None:
    old, new = factories.make_help_request(), factories.make_help_request()
    HelpRequest.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31, hours=12))
    assert [line["id"] for line in rows(proven.post(WHERE, sent()))] == [str(new.public_id)[:8]]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": "  "}, "Say what the file is for"),
        ({"reason": "for Mrs. Quarles, 816-555-0142"}, "leave names and numbers out"),
        ({"since": "soon"}, "This isn’t a day"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "before the beginning"),
        ({"since": "9999-12-31", "until": "9999-12-31"}, "still to come"),
    ],
)
def test_without_a_reason_or_days_there_is_no_file_and_no_line_in_the_trail(
    proven: Client, wrong: dict[str, str], says: str
) -> None:
    answer = proven.post(WHERE, sent(**wrong))
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not AuditEvent.objects.filter(action="export").exists()


def test_a_file_that_would_be_too_long_is_refused_aloud(proven: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_export, "MOST_ROWS", 1)
    factories.make_help_request()
    factories.make_help_request()
    answer = proven.post(WHERE, sent())
    assert "There are 2 requests in these days" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="export").exists()


def test_a_long_file_asks_the_database_as_often_as_a_short_one(
    proven: Client, django_assert_max_num_queries: Any
) -> None:
    proven.get(WHERE)
    for _n in range(6):
        factories.make_referral()
    with django_assert_max_num_queries(12):
        rows(proven.post(WHERE, sent(with_names="on")))


# --- Who may, and how it is proven ---


def test_looking_at_the_page_writes_nothing_down(proven: Client) -> None:
    assert proven.get(WHERE).status_code == proven.head(WHERE).status_code == 200
    assert not AuditEvent.objects.filter(action="export").exists()


def test_a_proof_that_is_too_old_is_asked_for_anew(proven: Client, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for answer in (proven.get(WHERE), proven.post(WHERE, sent())):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not AuditEvent.objects.filter(action="export").exists()


def test_o07_without_a_second_factor_one_is_sent_to_enrol_and_gets_no_file(proven: Client, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    for answer in (proven.get(WHERE), proven.post(WHERE, sent())):
        assert answer["Location"].startswith("/accounts/2fa/totp/activate/")
    assert not AuditEvent.objects.filter(action="export").exists()


def test_o07_who_has_one_is_asked_for_it(proven: Client, coordinator: User, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    TOTP.activate(coordinator, "JBSWY3DPEHPK3PXP")
    assert proven.post(WHERE, sent())["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert not AuditEvent.objects.filter(action="export").exists()


def test_nobody_but_a_coordinator_gets_as_far_as_the_form(client: Client, walled_organizer: User) -> None:
    for user in (factories.make_user(role=Role.ORGANIZER), factories.make_user(role=Role.ADMIN), walled_organizer):
        client.force_login(user)
        for answer in (client.get(WHERE), client.post(WHERE, sent())):
            assert answer.status_code == 403
    assert reverse("outreach:help_export") == WHERE
