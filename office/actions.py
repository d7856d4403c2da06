"""What every room does through the office: put mail into the outbox, write down who did what."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formataddr
from typing import Any, Protocol

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from office.models import AuditEvent, OutboxMessage


class Actor(Protocol):
    """Whoever does something: a signed-in user has both."""

    @property
    def public_id(self) -> uuid.UUID: ...
    @property
    def short_name(self) -> str: ...


def record(
    *,
    actor: Actor | None,
    action: str,
    resource: str,
    object_id: uuid.UUID | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one line of the audit trail. Call it in the transaction that does the thing.

    `detail` must not hold contacts, free text or exact places.
    """
    return AuditEvent.objects.create(
        actor=actor.public_id if actor else None,
        actor_label=actor.short_name if actor else "",
        action=action,
        resource=resource,
        object_id=object_id,
        reason=reason[:300],
        detail=detail or {},
    )


@dataclass
class _Waiting:
    until: datetime
    mails: list[OutboxMessage] = field(default_factory=list)


_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def mail_waits(until: datetime) -> Iterator[list[OutboxMessage]]:
    """What is queued inside isn't sent before `until`. Gives the list of it, so that it can be taken back till then."""
    waiting = _Waiting(until)
    token = _waiting.set(waiting)
    try:
        yield waiting.mails
    finally:
        _waiting.reset(token)


def take_back_mail(numbers: Iterable[int]) -> int:
    """Cancel those of these messages (their database ids) that still wait. Returns how many."""
    waiting = OutboxMessage.objects.filter(pk__in=list(numbers), status=OutboxMessage.Status.QUEUED)
    return waiting.update(status=OutboxMessage.Status.CANCELLED)


def queue_mail(
    *,
    kind: str,
    template: str,
    to_address: str,
    context: dict[str, Any],
    language: str = "en",
    to_name: str = "",
    about: str = "",
    dedupe_key: str | None = None,
    due_at: datetime | None = None,
    headers: dict[str, str] | None = None,
) -> OutboxMessage | None:
    """Write a mail into the outbox, inside the transaction that causes it.

    `template` names a folder with `subject.txt`, `body.txt` and `body.html`. Returns None where a message with the
    same `dedupe_key` was written before. Raises outside a transaction: mail without its cause would be a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("queue_mail must run inside the transaction that causes the mail")
    if dedupe_key and OutboxMessage.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    with translation.override(language):
        subject = " ".join(render_to_string(f"{template}/subject.txt", context).split())
        text = render_to_string(f"{template}/body.txt", context).strip() + "\n"
        html = render_to_string(f"{template}/body.html", context)
    extra = dict(headers or {})
    if to_name:
        extra["To"] = formataddr((" ".join(to_name.split()), to_address))
    due_at, waiting = due_at or timezone.now(), _waiting.get()
    mail = OutboxMessage.objects.create(
        kind=kind,
        dedupe_key=dedupe_key,
        about=about,
        to_address=to_address,
        language=language,
        subject=subject[:255],
        body_text=text,
        body_html=html,
        headers=extra,
        due_at=max(due_at, waiting.until) if waiting else due_at,
    )
    if waiting:
        waiting.mails.append(mail)
    return mail
