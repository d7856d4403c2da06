"""Sending the outbox against a real PostgreSQL and a mail server that the test plays itself."""

import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from office.models import MAX_ATTEMPTS, Coalition, OutboxMessage
from office.outbox import BACKOFF, LEASE, Outcome, claim_one, outcome_of, send_one, settle
from tests.mail_server import MailServer

Status = OutboxMessage.Status


def write(**fields: object) -> OutboxMessage:
    defaults = {
        "kind": "test",
        "to_address": "wren@example.org",
        "subject": "Saturday",
        "body_text": "See you there.\n",
    }
    return OutboxMessage.objects.create(**defaults | fields)


def claim(now: datetime) -> OutboxMessage:
    message = claim_one(now)
    assert message is not None
    return message


@pytest.fixture
def mail_server(settings) -> Iterator[Callable[..., MailServer]]:
    servers = []

    def start(**answers: str) -> MailServer:
        server = MailServer(answers)
        servers.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 2
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return server

    yield start
    for server in servers:
        if server.listener.fileno() != -1:
            server.close()


def reread(message: OutboxMessage) -> OutboxMessage:
    message.refresh_from_db()
    return message


def test_it_sends_a_due_message_with_text_and_html(db, settings):
    settings.SITE_URL = "https://walks.example.org"
    Coalition.objects.update_or_create(id=1, defaults={"reply_to": "desk@example.org"})
    message = write(
        body_html="<p>See you there.</p>",
        language="es",
        headers={"List-Unsubscribe": "<https://walks.example.org/my/x/>", "To": "Wren Applegate <wren@example.org>"},
    )
    assert send_one() is Outcome.SENT
    (letter,) = mail.outbox
    sent = letter.message()
    assert letter.recipients() == ["wren@example.org"]
    assert sent["To"] == "Wren Applegate <wren@example.org>"
    assert sent["Message-ID"] == f"<{message.public_id}@walks.example.org>"
    assert sent["List-Unsubscribe"] == "<https://walks.example.org/my/x/>"
    assert sent["Reply-To"] == "desk@example.org"
    assert sent["Content-Language"] == "es"
    assert [part.get_content_type() for part in sent.walk()][1:] == ["text/plain", "text/html"]
    assert reread(message).status == Status.SENT
    assert message.sent_at is not None
    assert send_one() is None


def test_it_leaves_messages_that_are_not_due(db):
    write(due_at=timezone.now() + timedelta(minutes=1))
    write(status=Status.CANCELLED)
    write(status=Status.SENT, sent_at=timezone.now())
    write(status=Status.DEAD)
    assert send_one() is None
    assert mail.outbox == []


def test_the_longest_waiting_goes_first(db):
    late = write(due_at=timezone.now() - timedelta(minutes=1))
    early = write(due_at=timezone.now() - timedelta(hours=1))
    now = timezone.now()
    assert [claim_one(now), claim_one(now)] == [early, late]


def test_a_real_mail_server_gets_it(db, mail_server):
    server = mail_server()
    message = write(subject="Línea nueva: sábado")
    assert send_one() is Outcome.SENT
    assert f"Message-ID: <{message.public_id}@" in server.letters[0]


def test_a_message_id_is_the_same_on_every_try(db, mail_server):
    server = mail_server(END="451 later")
    message = write()
    assert send_one() is Outcome.NOT_NOW
    OutboxMessage.objects.update(due_at=timezone.now())
    assert send_one() is Outcome.NOT_NOW
    ids = [line for letter in server.letters for line in letter.splitlines() if line.startswith("Message-ID")]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert reread(message).n_attempts == 2


@pytest.mark.parametrize(("try_number", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 120)])
def test_it_waits_longer_after_each_try(db, try_number, minutes):
    message = write(n_attempts=try_number - 1)
    now = timezone.now()
    settle(claim(now), Outcome.NOT_NOW, "451", now)
    assert reread(message).due_at == now + timedelta(minutes=minutes)
    assert message.status == Status.QUEUED
    assert message.last_error == "451"


def test_a_refused_address_is_marked_and_never_tried_again(db, mail_server):
    mail_server(RCPT="550 no such person")
    message = write()
    assert send_one() is Outcome.NO_SUCH_ADDRESS
    assert reread(message).status == Status.DEAD
    assert "550" in message.last_error
    assert send_one() is None


def test_a_busy_mailbox_is_tried_again(db, mail_server):
    mail_server(RCPT="451 greylisted")
    message = write()
    assert send_one() is Outcome.NOT_NOW
    assert reread(message).status == Status.QUEUED


def test_it_gives_up_on_one_message_after_the_last_try(db):
    message = write(n_attempts=MAX_ATTEMPTS - 1)
    now = timezone.now()
    settle(claim(now), Outcome.NOT_NOW, "451", now)
    assert reread(message).status == Status.DEAD


@pytest.mark.parametrize("answers", [{"EHLO": "hang up"}, {"MAIL": "550 we don't know you"}, {"END": "hang up"}])
def test_a_server_that_is_not_for_us_never_costs_a_message(db, mail_server, answers):
    mail_server(**answers)
    message = write(n_attempts=MAX_ATTEMPTS + 5)
    assert send_one() is Outcome.NO_SERVER
    assert reread(message).status == Status.QUEUED
    assert message.due_at > timezone.now() + BACKOFF[-1] - timedelta(minutes=1)


def test_a_server_that_refuses_connections_never_costs_a_message(db, mail_server):
    mail_server().close()
    message = write()
    assert send_one() is Outcome.NO_SERVER
    assert reread(message).status == Status.QUEUED
    assert message.last_error


def test_a_wrong_password_is_not_the_address_s_fault():
    assert outcome_of(smtplib.SMTPAuthenticationError(535, b"no")) is Outcome.NO_SERVER


def test_a_header_with_a_line_break_is_refused_not_sent(db):
    message = write(subject="Saturday\nBcc: all@example.org")
    assert send_one() is Outcome.REFUSED
    assert mail.outbox == []
    assert reread(message).status == Status.DEAD


def test_a_worker_that_died_before_sending_leaves_the_message_to_the_next(db):
    message = write()
    now = timezone.now()
    assert claim_one(now) == message
    assert claim_one(now + LEASE - timedelta(seconds=1)) is None
    assert claim_one(now + LEASE + timedelta(seconds=1)) == message
    assert timedelta(minutes=5) >= LEASE


def test_one_that_comes_back_after_its_lease_does_not_undo_the_other_s_work(db):
    message = write()
    now = timezone.now()
    slow = claim(now)
    quick = claim(now + LEASE * 2)
    settle(quick, Outcome.SENT, "", now)
    settle(slow, Outcome.NOT_NOW, "timed out", now)
    assert reread(message).status == Status.SENT


def test_one_that_comes_back_while_another_is_sending_leaves_the_claim_to_it(db):
    write()
    now = timezone.now()
    late = claim(now)
    later = now + LEASE + timedelta(seconds=1)
    current = claim(later)
    settle(late, Outcome.NOT_NOW, "too late", later)
    message = OutboxMessage.objects.get()
    assert message.status == Status.SENDING
    assert message.lease_until == current.lease_until


def test_a_claim_outlasts_the_longest_answer_of_a_mail_server(settings):
    steps = 5  # connect, greet, sender, recipient, text
    assert LEASE.total_seconds() > steps * settings.EMAIL_TIMEOUT


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_message():
    for _ in range(30):
        write()
    claimed: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        try:
            while message := claim_one(timezone.now()):
                claimed.append(message.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(claimed) == 30
    assert len(set(claimed)) == 30


@pytest.mark.django_db(transaction=True)
def test_a_message_being_claimed_does_not_hold_up_the_next():
    first, second = write(due_at=timezone.now() - timedelta(hours=1)), write()
    found: list[OutboxMessage | None] = []

    def other_worker() -> None:
        found.append(claim_one(timezone.now()))
        connection.close()

    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=first.pk)
        other = threading.Thread(target=other_worker)
        other.start()
        other.join(timeout=10)
    assert found == [second]
