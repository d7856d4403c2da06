"""Sending what lies in the outbox: claim a message under a lease, hand it over, write down what came of it.

At least once. A message is claimed in one short transaction and sent outside of any, so a worker that dies in between
leaves a lease behind, and another worker takes the message when the lease has run out.
"""

import re
import smtplib
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from office.models import MAX_ATTEMPTS, BadAddress, Coalition, OutboxMessage

# A mail server that answers each of its five steps just before EMAIL_TIMEOUT (30 s) is still within it.
LEASE = timedelta(minutes=4)
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)]
LONGEST_ERROR = 500
NO_SUCH_MAILBOX = {550, 551, 553}


class Outcome(Enum):
    """What became of one try."""

    SENT = "sent"
    REFUSED = "refused"  # the server will never take this message: a 5xx for its text, or by its policy
    NO_SUCH_ADDRESS = "no such address"  # the server says that nobody is there
    NOT_NOW = "not now"  # the server looked at it and asked to come back later
    NO_SERVER = "no server"  # nobody looked at it: connection, sign-in or our own sender address
    WITHHELD = "withheld"  # test mode: nothing was sent to anybody


def claim_one(now: datetime) -> OutboxMessage | None:
    """The next due message, ours until its lease ends; None where nothing is due. Two workers never get the same.

    What may not go any more (`settings.MAIL_LAST_LOOKS`) is cancelled on the way.
    """
    while True:
        with transaction.atomic():
            due = OutboxMessage.objects.due(now).select_for_update(skip_locked=True)
            message = due.order_by("due_at", "id").first()
            if message is None:
                return None
            if _may_go(message, now):
                message.status = OutboxMessage.Status.SENDING
                message.lease_until = now + LEASE
                message.n_attempts += 1
                message.save(update_fields=["status", "lease_until", "n_attempts"])
                return message
            message.status, message.lease_until, message.dedupe_key = OutboxMessage.Status.CANCELLED, None, None
            message.save(update_fields=["status", "lease_until", "dedupe_key"])


def _may_go(message: OutboxMessage, now: datetime) -> bool:
    """Whether its room still stands by it. Before every try: one may have failed, and hours have passed since."""
    look = settings.MAIL_LAST_LOOKS.get(message.kind)
    return look is None or bool(import_string(look)(message, now))


def as_mail(message: OutboxMessage) -> EmailMultiAlternatives:
    """The mail as it goes out. Its Message-ID is the same on every try, so that a mail reader can drop a double."""
    host = urlsplit(settings.SITE_URL).hostname
    reply_to = Coalition.current().reply_to
    headers = {
        "Message-ID": f"<{message.public_id}@{host}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": message.language,
    }
    mail = EmailMultiAlternatives(
        message.subject,
        message.body_text,
        to=[message.to_address],
        reply_to=[reply_to] if reply_to else None,
        headers=headers | message.headers,
    )
    if message.body_html:
        mail.attach_alternative(message.body_html, "text/html")
    return mail


def outcome_of(error: Exception) -> Outcome:
    """Whose fault an error is. A wrong password or a dead server must never cost somebody their mail."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _outcome_of_refusal(error)
        case smtplib.SMTPDataError():
            return Outcome.REFUSED if error.smtp_code >= 500 else Outcome.NOT_NOW
        case smtplib.SMTPNotSupportedError() | ValueError():
            return Outcome.REFUSED  # an address or a header that can't be written on an envelope
        case OSError():  # every other error of smtplib, refused and timed-out connections
            return Outcome.NO_SERVER
    return Outcome.NOT_NOW


def _outcome_of_refusal(error: smtplib.SMTPRecipientsRefused) -> Outcome:
    """550, 551 and 553 say that there is no such mailbox, unless 5.7.x says that it is about policy (RFC 3463)."""
    answers = list(error.recipients.values())
    if any(code < 500 for code, _text in answers):
        return Outcome.NOT_NOW
    if all(code in NO_SUCH_MAILBOX and b"5.7." not in text for code, text in answers):
        return Outcome.NO_SUCH_ADDRESS
    return Outcome.REFUSED


def try_to_send(message: OutboxMessage) -> tuple[Outcome, str]:
    """Hand one claimed message to the mail server. Returns what happened and the error's words."""
    if settings.MAIL_TEST_MODE:
        return Outcome.WITHHELD, ""
    try:
        as_mail(message).send()
    except Exception as error:  # whatever goes wrong with one message, the others must go on
        return outcome_of(error), f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    return Outcome.SENT, ""


def settle(message: OutboxMessage, outcome: Outcome, error: str, now: datetime) -> None:
    """Write down what came of a try, unless the lease ran out and the message is somebody else's by now."""
    mine = OutboxMessage.objects.filter(
        pk=message.pk,
        status=OutboxMessage.Status.SENDING,
        lease_until=message.lease_until,
    )
    if outcome is Outcome.SENT:
        mine.update(status=OutboxMessage.Status.SENT, sent_at=now, lease_until=None, last_error="")
        BadAddress.objects.filter(address=message.to_address.lower()).delete()
    elif outcome is Outcome.WITHHELD:
        mine.update(status=OutboxMessage.Status.WITHHELD, lease_until=None, last_error="")
    elif outcome is Outcome.NO_SUCH_ADDRESS:
        with transaction.atomic():
            mine.update(status=OutboxMessage.Status.DEAD, lease_until=None, last_error=error)
            _note_bad_address(message, error, now)
    elif outcome is Outcome.REFUSED or (outcome is Outcome.NOT_NOW and message.n_attempts >= MAX_ATTEMPTS):
        mine.update(status=OutboxMessage.Status.DEAD, lease_until=None, last_error=error)
    else:
        wait = BACKOFF[min(message.n_attempts, len(BACKOFF)) - 1]
        mine.update(status=OutboxMessage.Status.QUEUED, due_at=now + wait, lease_until=None, last_error=error)


def _note_bad_address(message: OutboxMessage, error: str, now: datetime) -> None:
    found = re.search(r"\((5\d\d),", error)
    code = int(found.group(1)) if found else 550
    seen = {"code": code, "kind": message.kind, "last_at": now}
    BadAddress.objects.update_or_create(
        address=message.to_address.lower(),
        defaults=seen | {"n_times": F("n_times") + 1},
        create_defaults=seen | {"since": now},
    )


def send_one() -> Outcome | None:
    """Claim, send and settle the next due message. None where nothing is due."""
    message = claim_one(timezone.now())
    if message is None:
        return None
    outcome, error = try_to_send(message)
    settle(message, outcome, error, timezone.now())
    return outcome
