"""A resident reports what is public already: “is it one of these?”, asked without script, and everything is kept."""

import re
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concerns import actions
from concerns.models import Concern, ConcernUpdate, Look
from concerns.public import PublicSeen
from concerns.receipts import receipt_token, reporter_of_token
from concerns.reporter_mail import tell_reporters
from concerns.reporters import Reporter
from concerns.workflow import Publication, Status
from office.models import OutboxMessage
from people.models import User
from tests import factories
from tests.concerns.test_report import a_photo, open_form, solved

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ASKED = "Is it one of these?"
HERE = '{"type": "Point", "coordinates": [-94.53912, 39.10612]}'
YES = re.compile(r'name="same" value="([0-9a-f-]{36})"')


@pytest.fixture
def first(db: None) -> Concern:
    """A light that is public, and whose exact address nobody may find out."""
    return factories.make_published_concern(
        address="3518 Independence Ave", note="Secret words", public_text="Light is out"
    )


def send(client: Client, *, token: str = "", **fields: Any) -> Any:
    token = token or open_form(client)
    body = {
        "category": "LIGHT_OUT",
        "location": HERE,
        "note": "Dark for weeks",
        "form_token": token,
        "proof": solved(token),
    }
    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        return client.post("/report/", body | fields)


def reported() -> Concern:
    return Reporter.objects.latest("id").concern


def say_yes(client: Client, response: Any, first: Concern) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', response.content.decode())
    assert token
    return client.post("/report/same/", {"form_token": token[1], "same": str(first.public_id)})


def code_in(response: Any) -> str:
    found = re.search(r'class="receipt-code"[^>]*>([^<]+)<', response.content.decode())
    assert found
    return found[1]


# --- Asked ---


def test_what_is_public_and_close_by_is_shown_below_the_code(client: Client, first: Concern) -> None:
    photo = factories.make_photo(concern=first)
    factories.make_photo(concern=first, approved_at=None)
    shown = send(client).content.decode()
    assert ASKED in shown
    assert YES.findall(shown) == [str(first.public_id)]
    for words in ("Light is out", first.public_place, f"/photos/{photo.public_id}/400.jpg"):
        assert words in shown
    for secret in ("3518", "Secret words", "39.1061"):
        assert secret not in shown


@pytest.mark.parametrize(
    "hidden",
    [{"publication": "held"}, {"publication": "hidden", "hidden_reason": "x"}, {"publication": "spam"},
     {"category": "VACANT_BLD"}, {"status": "verified_fixed"}],
    ids=str,
)  # fmt: skip
def test_nothing_else_is_ever_mentioned(client: Client, hidden: dict[str, Any]) -> None:
    concern = factories.make_published_concern(**hidden)
    shown = send(client, category=concern.category.code)
    assert shown.status_code == 200
    assert ASKED not in shown.content.decode()
    like = client.post("/report/like/", {"category": concern.category.code, "location": HERE})
    assert like.content.decode().strip() == ""
    naming = send(client, category=concern.category.code, same=str(concern.public_id))
    assert naming.status_code == 200
    assert not Look.objects.exists()


def test_machines_are_asked_nothing(client: Client, first: Concern) -> None:
    assert ASKED not in send(client, website="http://x.example").content.decode()


def test_while_it_is_written_the_page_asks_for_the_kind_and_place_alone(client: Client, first: Concern) -> None:
    shown = client.post("/report/like/", {"category": "LIGHT_NONE", "location": HERE}).content.decode()
    assert YES.findall(shown) == [str(first.public_id)]
    for nonsense in ({}, {"category": "NOPE", "location": HERE}, {"category": "LIGHT_OUT", "location": "x"}):
        assert client.post("/report/like/", nonsense).content.decode().strip() == ""
    assert client.get("/report/like/").status_code == 405
    assert Concern.objects.count() == 1


def test_the_form_keeps_what_was_chosen_where_something_else_is_wrong(client: Client, first: Concern) -> None:
    shown = send(client, same=str(first.public_id), email="nonsense", wants_mail="on")
    assert shown.status_code == 400
    assert f'value="{first.public_id}" checked' in shown.content.decode()


# --- "Yes, it is still there" ---


def test_yes_makes_it_a_look_and_keeps_words_photos_and_contact(client: Client, first: Concern) -> None:
    before = send(client, name="Wren", email="wren@example.org", photos=a_photo())
    after = say_yes(client, before, first)
    assert code_in(after) == code_in(before)
    assert ASKED not in after.content.decode()
    report = reported()
    look = first.looks.get()
    assert (look.duplicate, look.result, look.publication) == (report, "still_there", Publication.HELD)
    assert (report.note, report.photos.count(), report.reporters.get().name) == ("Dark for weeks", 1, "Wren")
    line = first.updates.get(kind="look")
    assert (line.voice, line.is_public) == (ConcernUpdate.Voice.RESIDENT, False)


def test_the_button_works_from_a_page_that_tells_nobody_its_address(first: Concern) -> None:
    """A browser sends `Origin: null` from a page with `no-referrer`."""
    browser = Client(enforce_csrf_checks=True)
    page = browser.get("/report/").content.decode()
    secret, token = (
        re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("csrfmiddlewaretoken", "form_token")
    )
    assert secret
    assert token
    before = send(browser, token=token[1], csrfmiddlewaretoken=secret[1])
    assert before["Referrer-Policy"] == "no-referrer"
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', before.content.decode())
    assert secret
    fields = {"form_token": token[1], "same": str(first.public_id), "csrfmiddlewaretoken": secret[1]}
    assert browser.post("/report/same/", fields, headers={"Origin": "null"}).status_code == 200
    assert first.looks.count() == 1
    del fields["csrfmiddlewaretoken"]
    assert browser.post("/report/same/", fields, headers={"Origin": "null"}).status_code == 403


def test_it_stays_to_be_read_and_nothing_of_it_is_public(client: Client, first: Concern) -> None:
    say_yes(client, send(client, danger_now="on"), first)
    report = reported()
    assert (report.status, report.publication, report.duplicate_of) == (Status.NEW, Publication.HELD, None)
    assert report in Concern.objects.unread()
    assert report in Concern.objects.in_danger()
    first.refresh_from_db()
    assert first.status == "triaged"
    assert PublicSeen.objects.get(concern=first.pk).n_people == 1
    assert "Dark for weeks" not in client.get(f"/concerns/{first.public_id}/").content.decode()


def test_it_can_be_said_at_once_with_the_report(client: Client, first: Concern) -> None:
    shown = send(client, same=str(first.public_id)).content.decode()
    assert ASKED not in shown
    assert "You said that it is the same" in shown
    assert first.looks.get().duplicate == reported()


def test_no_files_it_as_usual(client: Client, first: Concern) -> None:
    before = send(client)
    token = re.search(r'name="form_token" value="([^"]+)"', before.content.decode())
    assert token
    after = client.post("/report/same/", {"form_token": token[1], "same": "no"})
    assert code_in(after) == code_in(before)
    assert ASKED not in after.content.decode()
    assert not Look.objects.exists()
    assert reported() in Concern.objects.unread()


def test_the_receipt_follows_the_first(client: Client, first: Concern, organizer: User) -> None:
    say_yes(client, send(client), first)
    receipt = reverse("concerns:receipt", args=[receipt_token(Reporter.objects.get())])
    actions.move_concern(concern=first, to=Status.IN_PROGRESS, by=organizer, public_note="A crew comes on Friday")
    shown = client.get(receipt).content.decode()
    assert "You said that it is the same" in shown
    assert "A crew comes on Friday" in shown
    actions.hide_concern(concern=first, by=organizer)
    assert "A crew comes on Friday" not in client.get(receipt).content.decode()


def test_mail_follows_it_too_as_long_as_it_is_public(client: Client, first: Concern, organizer: User) -> None:
    say_yes(client, send(client, email="wren@example.org", wants_mail="on"), first)
    Reporter.objects.update(mail_confirmed_at=timezone.now())
    line = first.updates.latest("id")
    assert tell_reporters(first, line) == 1
    first.publication = "hidden"
    assert tell_reporters(first, first.updates.earliest("id")) == 0
    assert OutboxMessage.objects.filter(kind="report.news").count() == 1


def test_what_they_answer_stays_with_their_own_report_until_it_is_read(client: Client, first: Concern) -> None:
    say_yes(client, send(client), first)
    receipt = reverse("concerns:receipt_act", args=[receipt_token(Reporter.objects.get())])
    client.post(receipt, {"act": "fixed"})
    assert not first.updates.filter(kind="said").exists()
    assert reported().updates.filter(kind="said").exists()


def test_taken_back_it_is_no_witness_any_more(client: Client, first: Concern) -> None:
    say_yes(client, send(client), first)
    client.post(reverse("concerns:receipt_act", args=[receipt_token(Reporter.objects.get())]), {"act": "take_back"})
    assert reported().status == Status.WITHDRAWN
    assert not first.looks.exists()


@pytest.mark.parametrize(
    "fields", [{}, {"form_token": "x"}, {"form_token": "x" * 3000, "same": "y"}], ids=["empty", "nonsense", "long"]
)
def test_nobody_says_it_for_somebody_else(client: Client, first: Concern, fields: dict[str, str]) -> None:
    assert client.post("/report/same/", fields)["Location"] == "/receipt/"
    never_sent = {"form_token": open_form(client), "same": str(first.public_id)}
    assert client.post("/report/same/", never_sent)["Location"] == "/receipt/"
    assert not Look.objects.exists()
    assert client.get("/report/same/").status_code == 405


def test_once_it_was_read_the_organizer_decides(client: Client, first: Concern, organizer: User) -> None:
    before = send(client)
    actions.triage(concern=reported(), by=organizer)
    assert say_yes(client, before, first).status_code == 200
    assert not Look.objects.exists()


def test_another_one_far_away_cannot_be_named(client: Client, first: Concern) -> None:
    far = factories.make_published_concern(public_point=Point(-94.4, 39.0, srid=4326))
    assert say_yes(client, send(client), far).status_code == 200
    assert not Look.objects.exists()


# --- The desk decides ---


def test_the_desk_joins_them_or_says_they_are_two(client: Client, first: Concern, organizer: User) -> None:
    say_yes(client, send(client), first)
    report, reporter = reported(), Reporter.objects.get()
    desk = Client()
    desk.force_login(organizer, backend=BACKEND)
    assert (
        "Whoever reported it says that it is the same"
        in desk.get(f"/desk/concerns/{report.public_id}/").content.decode()
    )
    desk.post(f"/desk/concerns/{report.public_id}/merge/", {"of": str(first.public_id)})
    report.refresh_from_db()
    assert (report.status, report.duplicate_of, first.looks.count()) == ("duplicate", first, 1)
    assert PublicSeen.objects.get(concern=first.pk).n_people == 2
    followed = reporter_of_token(receipt_token(reporter))
    assert followed is not None
    assert followed.their_concern == followed.followed == first
    desk.post(f"/desk/concerns/{report.public_id}/unmerge/")
    assert not first.looks.exists()
    assert Reporter.objects.get().followed == report


def test_two_that_are_two_stay_to_be_read(client: Client, first: Concern, organizer: User) -> None:
    say_yes(client, send(client), first)
    desk = Client()
    desk.force_login(organizer, backend=BACKEND)
    desk.post(f"/desk/concerns/{reported().public_id}/unmerge/")
    assert not Look.objects.exists()
    assert reported() in Concern.objects.unread()


# --- At the same moment ---


def at_once(*jobs: Any) -> list[Any]:
    """Run each in a thread of its own, all starting together."""
    start, outcomes = threading.Barrier(len(jobs)), []

    def run(job: Any) -> None:
        start.wait()
        try:
            outcomes.append(job())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_report_one_thing_and_one_says_yes_twice_at_the_same_moment() -> None:
    factories.load_categories()
    first = factories.make_published_concern()
    clients = [Client(), Client()]
    outcomes = at_once(*(lambda c=c: send(c) for c in clients))
    assert [outcome.status_code for outcome in outcomes] == [200, 200], outcomes
    assert Reporter.objects.count() == 2
    again = at_once(*(lambda o=o: say_yes(Client(), o, first) for o in [*outcomes, *outcomes]))
    assert {outcome.status_code for outcome in again} == {200}, again
    assert first.looks.count() == 2
    assert {look.duplicate_id for look in first.looks.all()} == set(Reporter.objects.values_list("concern", flat=True))
    assert len({str(uuid.UUID(str(look.public_id))) for look in first.looks.all()}) == 2
