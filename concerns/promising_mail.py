"""Reminders to who promised something: before the day, on it, and a few times after. One mail per address and day."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Commitment
from concerns.promising_links import commitment_url
from office.actions import queue_mail
from office.models import Coalition, OutboxMessage

BEFORE = timedelta(days=3)
WEEK = timedelta(days=7)
MOST_AFTER = 3
FROM_HOUR = 8  # not in the night
MOST_ADDRESSES_AT_ONCE = 500


def stage_of(due_on: date, today: date) -> int:
    """How many reminders there should have been by now: 1 three days before, 2 on the day, 3 to 5 weekly after it.

    What was missed while nothing was sent isn't made up for: one reminder brings the count to this.
    """
    if today < due_on - BEFORE:
        return 0
    if today < due_on:
        return 1
    return 2 + min((today - due_on) // WEEK, MOST_AFTER)


def _is_due(commitment: Commitment, today: date) -> bool:
    """Whoever promised today isn't reminded today."""
    if timezone.localtime(commitment.created_at).date() >= today:
        return False
    return stage_of(commitment.due_on, today) > commitment.n_reminders


def send_reminders(now: datetime | None = None) -> int:
    """Queue the day's reminders. An hourly job; returns how many mails."""
    local = (now or timezone.now()).astimezone(Coalition.current().zone)
    if local.hour < FROM_HOUR:
        return 0
    today = local.date()
    waiting = Commitment.objects.to_remind().due_by(today + BEFORE).filter(n_reminders__lt=2 + MOST_AFTER)
    rows = waiting.only("due_on", "owner_email", "n_reminders", "created_at")
    addresses = sorted({one.owner_email.lower() for one in rows if _is_due(one, today)})
    return sum(_remind(address, today) for address in addresses[:MOST_ADDRESSES_AT_ONCE])


@transaction.atomic
def _remind(address: str, today: date) -> bool:
    """One mail with everything of this address that is due to be reminded of."""
    rows = Commitment.objects.to_remind().alias(address=Lower("owner_email")).filter(address=address)
    locked = rows.select_for_update(of=("self",), skip_locked=True).select_related("organization", "walk__corridor")
    due = [one for one in locked.order_by("due_on", "id") if _is_due(one, today)]
    if not due or _mail_reminder(due, today) is None:
        return False
    now = timezone.now()
    for one in due:
        one.n_reminders, one.reminded_at = stage_of(one.due_on, today), now
        one.save(update_fields=["n_reminders", "reminded_at"])
    return True


@dataclass(frozen=True)
class Line:
    """One promise in a mail, with the link that answers it."""

    commitment: Commitment
    link: str
    days_late: int

    @property
    def is_today(self) -> bool:
        return self.days_late == 0


def _mail_reminder(due: Sequence[Commitment], today: date) -> OutboxMessage | None:
    last = max(due, key=lambda one: one.pk)
    lines = [Line(one, commitment_url(one), (today - one.due_on).days) for one in due]
    digest = hashlib.sha256(last.owner_email.lower().encode()).hexdigest()[:24]
    return _queue(last, "reminder", once=f"{digest}:{today.isoformat()}", lines=lines, n=len(lines), today=today)


def send_link_again(commitment: Commitment, *, now: datetime) -> OutboxMessage | None:
    """Mail its newest link, at most once an hour; nothing where it is settled or has no address."""
    if commitment.state != Commitment.State.OPEN or not commitment.owner_email:
        return None
    line = Line(commitment, commitment_url(commitment), (timezone.localdate(now) - commitment.due_on).days)
    once = f"{commitment.public_id}:{now:%Y-%m-%dT%H}"
    with transaction.atomic():
        return _queue(commitment, "link", once=once, lines=[line], n=1, today=timezone.localdate(now))


def _queue(to: Commitment, what: str, *, once: str, **context: Any) -> OutboxMessage | None:
    coalition = Coalition.current()
    language = to.language if to.language in dict(settings.LANGUAGES) else "en"
    return queue_mail(
        kind=f"commitment.{what}",
        template="mail/concerns/promises",
        to_address=to.owner_email,
        to_name=to.owner_name,
        language=language,
        about=f"commitment {to.public_id}",
        dedupe_key=f"commitment.{what}:{once}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={"coalition": coalition, "site_url": settings.SITE_URL, "greeted": to.owner_name, **context},
    )


ANSWERS = [
    ("done", _("It is done")),
    ("later", _("Not done yet, here is a new day")),
    ("cannot", _("We can’t do it")),
    ("not_mine", _("This isn’t mine: don’t write to me about it")),
]
