"""What every room does through the office: put mail into the outbox, write down who did what."""

import uuid
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
    return OutboxMessage.objects.create(
        kind=kind,
        dedupe_key=dedupe_key,
        about=about,
        to_address=to_address,
        language=language,
        subject=subject[:255],
        body_text=text,
        body_html=html,
        headers=extra,
        due_at=due_at or timezone.now(),
    )
