"""A call-off when the mail server is away, slow, says no or dies: nobody gets none, and who does is on a list.

What becomes of one message is tested in tests/office/test_mail_faults.py; here it is a walk's people, and the desk.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from office.models import OutboxMessage
from office.outbox import LEASE, Outcome, claim_one, send_one, try_to_send
from people.models import User
from tests import factories
from tests.mail_server import MailServer
from walks.actions import call_off_walk
from walks.messages import lines
from walks.models import Walk

pytestmark = pytest.mark.django_db
Start = Callable[..., MailServer]
N_PEOPLE = 3


@pytest.fixture
def server(settings: Any) -> Iterator[Start]:
    """`server(RCPT="451 later")` is the mail server from now on."""
    started: list[MailServer] = []

    def start(**answers: str) -> MailServer:
        started.append(MailServer(answers))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", started[-1].port, 0.3
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def walk(organizer: User) -> Walk:
    """Called off just now, with people who have addresses."""
    walk = factories.make_walk()
    for _n in range(N_PEOPLE):
        factories.make_signup(walk=walk)
    call_off_walk(walk=walk, by=organizer, reason="Ice")
    return walk


def send_all() -> list[Outcome]:
    """What became of each message that is due; those put off are due again afterwards."""
    outcomes = []
    while (outcome := send_one()) is not None:
        outcomes.append(outcome)
    OutboxMessage.objects.filter(status=OutboxMessage.Status.QUEUED).update(due_at=timezone.now())
    return outcomes


def counts(walk: Walk) -> tuple[int, int, int]:
    [line] = lines(walk)
    return line.n_sent, line.n_under_way, line.n_not_reached


def numbers(*servers: MailServer) -> Counter[str]:
    """How often each Message-ID arrived."""
    letters = [letter for server in servers for letter in server.letters]
    return Counter(found.group(1) for letter in letters if (found := re.search(r"Message-ID: <(.+?)>", letter)))


@pytest.mark.parametrize("fault", [{"RCPT": "451 later"}, {"EHLO": "hang up"}, {"RCPT": "hang"}, {"END": "451 later"}])
def test_f6_a_fault_that_passes_costs_nobody_the_news(walk: Walk, server: Start, fault: dict[str, str]) -> None:
    server(**fault)
    outcomes = send_all()
    assert Outcome.SENT not in outcomes
    assert counts(walk) == (0, N_PEOPLE, 0)
    here = server()
    assert send_all() == [Outcome.SENT] * N_PEOPLE
    assert sorted(numbers(here).values()) == [1] * N_PEOPLE
    assert counts(walk) == (N_PEOPLE, 0, 0)


@pytest.mark.parametrize("fault", [{"RCPT": "550 nobody here"}, {"END": "554 we don't want this"}])
def test_f6_a_refusal_for_good_puts_people_on_the_list_to_call(
    walk: Walk, server: Start, fault: dict[str, str]
) -> None:
    server(**fault)
    send_all()
    assert counts(walk) == (0, 0, N_PEOPLE)


def test_f6_a_server_that_dies_after_it_took_the_letters_doubles_each_at_most_once(walk: Walk, server: Start) -> None:
    dying = server(END="hang up")
    assert set(send_all()) == {Outcome.NO_SERVER}
    here = server()
    send_all()
    arrived = numbers(dying, here)
    assert len(arrived) == N_PEOPLE
    assert set(arrived.values()) == {2}
    assert counts(walk) == (N_PEOPLE, 0, 0)


def test_f6_a_worker_that_dies_before_it_writes_the_yes_down_doubles_one_letter(walk: Walk, server: Start) -> None:
    here, now = server(), timezone.now()
    message = claim_one(now)
    assert message is not None
    assert try_to_send(message)[0] is Outcome.SENT
    send_all()
    assert counts(walk) == (N_PEOPLE - 1, 1, 0)
    OutboxMessage.objects.filter(pk=message.pk).update(lease_until=now - LEASE + timedelta(seconds=1))
    send_all()
    assert sorted(numbers(here).values()) == [1, 1, 2]
    assert counts(walk) == (N_PEOPLE, 0, 0)
