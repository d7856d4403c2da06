"""Mail when the mail server is away, slow or says no (fault F6), test mode, and files instead of mail.

The mail server is a process of its own here, reached over a socket.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from office.actions import queue_mail
from office.models import BadAddress, OutboxMessage
from office.outbox import Outcome, send_one
from office.worker import Worker
from people.models import User
from tests import factories

pytestmark = pytest.mark.django_db
Status = OutboxMessage.Status
SERVER = Path(__file__).parents[1] / "mail_server.py"
Start = Callable[..., "Post"]


class Post:
    """A mail server's process."""

    def __init__(self, answers: dict[str, str], letters: Path) -> None:
        self.file = letters
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), json.dumps(answers), str(letters)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def letters(self, n: int) -> list[str]:
        """The letters it took, once there are `n`."""
        for _try in range(200):
            found = self.file.read_text().split("\n-----\n") if self.file.exists() else []
            if len(found) >= n:
                return found
            time.sleep(0.02)
        raise AssertionError(f"only {len(found)} letters came")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def post(settings: Any, tmp_path: Path) -> Iterator[Start]:
    started: list[Post] = []

    def start(**answers: str) -> Post:
        one = Post(answers, tmp_path / f"letters{len(started)}")
        started.append(one)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", one.port, 1
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return one

    yield start
    for one in started:
        one.kill()


def write(**fields: Any) -> OutboxMessage:
    return factories.make_message(**{"status": Status.QUEUED, "to_address": "wren@example.org"} | fields)


def again() -> None:
    OutboxMessage.objects.filter(status=Status.QUEUED).update(due_at=timezone.now())


def test_f6_a_server_that_is_away_and_comes_back_gets_every_message_once(post: Start) -> None:
    away = post()
    away.kill()
    for n in range(3):
        write(subject=f"Saturday {n}")
    assert [send_one() for _n in range(3)] == [Outcome.NO_SERVER] * 3
    here = post()
    again()
    assert [send_one() for _n in range(4)] == [Outcome.SENT] * 3 + [None]
    assert sorted(letter.count("Subject: Saturday") for letter in here.letters(3)) == [1, 1, 1]


@pytest.mark.parametrize("step", ["EHLO", "RCPT", "END"])
def test_f6_a_server_that_hangs_is_left_after_the_timeout_and_costs_nothing(post: Start, step: str) -> None:
    post(**{step: "hang"})
    message = write()
    start = time.monotonic()
    assert send_one() is Outcome.NO_SERVER
    assert time.monotonic() - start < 6
    message.refresh_from_db()
    assert (message.status, message.n_attempts) == (Status.QUEUED, 1)
    assert timedelta(seconds=50) < message.due_at - timezone.now() <= timedelta(minutes=1)


def test_f6_a_hanging_server_is_tried_once_a_minute_not_once_a_message(post: Start) -> None:
    post(EHLO="hang")
    for _n in range(5):
        write()
    worker = Worker()
    assert worker.send_mail() == 1
    assert worker.send_mail() == 0
    assert OutboxMessage.objects.filter(n_attempts=0).count() == 4


def test_f6_a_server_killed_after_it_took_the_letter_gets_it_again_under_the_same_number(post: Start) -> None:
    """At least once: the mail reader drops the double by its Message-ID."""
    first = post(END="hang up")
    message = write()
    assert send_one() is Outcome.NO_SERVER
    taken = first.letters(1)
    first.kill()
    second = post()
    again()
    assert send_one() is Outcome.SENT
    number = f"Message-ID: <{message.public_id}@"
    assert number in taken[0]
    assert number in second.letters(1)[0]


def test_f6_the_web_never_talks_to_the_mail_server(settings: Any) -> None:
    """A page that causes mail only writes it down: it would fail here if it tried to send."""
    settings.EMAIL_BACKEND = "no.such.Backend"
    with transaction.atomic():
        message = queue_mail(
            kind="x", template="mail/people/invitation", to_address="wren@example.org", context={}
        )  # fmt: skip
    assert message is not None
    assert message.status == Status.QUEUED
    assert send_one() is Outcome.NOT_NOW


# --- Addresses that don't exist ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "is_bad"),
    [
        ("550 5.1.1 no such user", True),
        ("551 user not local", True),
        ("553 mailbox name not allowed", True),
        ("550 5.7.1 blocked by our policy", False),
        ("552 mailbox full", False),
        ("554 no", False),
    ],
)
def test_f6_only_an_address_that_does_not_exist_is_marked(post: Start, answer: str, is_bad: bool) -> None:
    post(RCPT=answer)
    message = write(to_address="Wren@example.org")
    assert send_one() is (Outcome.NO_SUCH_ADDRESS if is_bad else Outcome.REFUSED)
    message.refresh_from_db()
    assert message.status == Status.DEAD
    marked = [(one.address, one.code, one.n_times) for one in BadAddress.objects.all()]
    assert marked == ([("wren@example.org", int(answer[:3]), 1)] if is_bad else [])


def test_it_is_counted_and_ends_when_a_mail_arrives(post: Start) -> None:
    post(RCPT="550 no such user")
    for _n in range(2):
        write()
        send_one()
    assert BadAddress.objects.get().n_times == 2
    post()
    write()
    assert send_one() is Outcome.SENT
    assert not BadAddress.objects.exists()


def test_a_text_that_is_refused_marks_no_address(post: Start) -> None:
    post(END="550 looks like spam")
    write()
    assert send_one() is Outcome.REFUSED
    assert not BadAddress.objects.exists()


# --- The desk's page --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client: Client, organizer: User) -> Client:
    client.force_login(organizer)
    return client


def test_the_desk_shows_what_to_whom_and_why_not_but_no_address_and_no_text(desk: Client) -> None:
    write(
        status=Status.DEAD,
        subject="Subjectmarker",
        body_text="https://site/receipt/tokenmarker/",
        last_error="SMTPRecipientsRefused: {'wren@example.org': (550, b'no wren@example.org here')}",
    )
    BadAddress.objects.create(address="wren@example.org", code=550, kind="report.news")
    page = desk.get(reverse("people:desk_mail")).content.decode()
    assert "w***@example.org" in page
    assert "nobody has this address" in page
    assert "news of a report" in page
    for marker in ("wren@", "Subjectmarker", "tokenmarker"):
        assert marker not in page


def test_a_dead_message_is_tried_again_and_only_a_dead_one(desk: Client, mailoutbox: list[Any]) -> None:
    dead, sent = write(status=Status.DEAD, n_attempts=8), write(status=Status.SENT, sent_at=timezone.now())
    for message in (dead, sent):
        assert desk.post(reverse("people:desk_mail_retry", args=[message.public_id])).status_code == 302
    assert send_one() is Outcome.SENT
    assert send_one() is None
    assert len(mailoutbox) == 1
    assert desk.get(reverse("people:desk_mail_retry", args=[dead.public_id])).status_code == 405


def test_today_says_what_did_not_arrive_and_nothing_when_all_did(desk: Client) -> None:
    address = reverse("people:desk_mail") + "?show=dead"
    assert address not in desk.get(reverse("desk")).content.decode()
    write(status=Status.DEAD)
    page = desk.get(reverse("desk")).content.decode()
    assert address in page
    assert "message couldn’t be delivered" in page


def test_the_page_asks_as_much_for_many_messages_as_for_one(desk: Client, django_assert_max_num_queries: Any) -> None:
    for _n in range(60):
        write()
    with django_assert_max_num_queries(12):
        assert desk.get(reverse("people:desk_mail"), {"show": "waiting", "page": "2"}).status_code == 200


@pytest.mark.parametrize("query", [{"show": "'"}, {"show": "nothing"}, {"page": "-1"}, {"page": "1e9"}, {"page": "x"}])
def test_o44_odd_filters_of_the_mail_page_are_no_500(desk: Client, query: dict[str, str]) -> None:
    assert desk.get(reverse("people:desk_mail"), query).status_code == 200


# --- Test mode, and files instead of mail -----------------------------------------------------------------------------


def test_in_test_mode_nothing_leaves_and_the_message_says_so(settings: Any, post: Start, desk: Client) -> None:
    server = post()
    settings.MAIL_TEST_MODE = True
    message = write()
    assert send_one() is Outcome.WITHHELD
    assert send_one() is None
    message.refresh_from_db()
    assert (message.status, message.sent_at, message.get_status_display()) == (
        Status.WITHHELD,
        None,
        "not sent: test mode",
    )
    assert mail.outbox == []
    assert not server.file.exists()
    assert "Test mode: nothing is sent to anybody" in desk.get(reverse("people:desk_mail")).content.decode()


def test_what_was_held_back_is_not_sent_when_test_mode_ends(settings: Any, post: Start) -> None:
    settings.MAIL_TEST_MODE = True
    write()
    send_one()
    settings.MAIL_TEST_MODE = False
    post()
    assert send_one() is None


def test_without_a_mail_server_each_message_is_a_file_that_the_start_names(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    write(subject="Saturday", body_text="See you there.\n")
    assert send_one() is Outcome.SENT
    (file,) = [path for path in tmp_path.iterdir() if path.suffix == ".log"]
    text = file.read_text()
    assert "Subject: Saturday" in text
    assert "See you there." in text
    start = (SERVER.parents[1] / "script" / "server").read_text()
    assert "each message is a file in" in start
