"""What is forgotten when. Each room names its rules in the settings (`RETENTION_RULES`); one command and one daily job.

A rule says which rows are due and how they are forgotten. Rows go in small transactions of their own, looked at again
under lock; a row that can't go yet is kept, named with its reason, and tried again the next day.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.module_loading import import_string

from office.models import BadAddress, OutboxMessage, RateCount
from office.refused import Refused

logger = logging.getLogger(__name__)

Rows = QuerySet[Any]
BATCH = 200
MAIL_MATTERS_FOR = timedelta(days=90)
COUNTS_MATTER_FOR = timedelta(days=2)  # longer than any window that office.limits counts in


@dataclass(frozen=True)
class Rule:
    """`due` gives the rows to be forgotten at a moment; `forget` gets some of them, still due.

    With `locks` the rows are locked first; a rule whose own action locks in another order says False. `one_by_one`
    where a refusal of one row must not keep the others.
    """

    kind: str
    due: Callable[[datetime], Rows]
    forget: Callable[[Rows, datetime], object]
    locks: bool = True
    one_by_one: bool = False


@dataclass
class Forgotten:
    """What became of one rule: short names of the rows, and those that had to stay, each with the reason."""

    kind: str
    ids: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


def registered_rules() -> list[Rule]:
    """The rules of `RETENTION_RULES`, room by room. Raises ImportError naming the one that doesn't exist."""
    return [rule for path in settings.RETENTION_RULES for rule in import_string(path)]


def apply_retention(*, dry_run: bool = False, now: datetime | None = None) -> list[Forgotten]:
    """Forget what is due, or only list it. A rule that fails is logged and the others go on; it fails at the end."""
    now, found = now or timezone.now(), []
    problem: Exception | None = None
    for rule in registered_rules():
        try:
            found.append(_list(rule, now) if dry_run else _forget(rule, now))
        except Exception as error:  # one broken rule must not keep everything else for ever
            logger.exception("The retention rule %s failed", rule.kind)
            problem = error
    if problem is not None:
        raise problem
    return found


def daily() -> None:
    """The periodic job."""
    done = [one for one in apply_retention() if one.ids]
    if done:
        logger.info("Forgotten: %s", ", ".join(f"{one.kind} {len(one.ids)}" for one in done))


def _list(rule: Rule, now: datetime) -> Forgotten:
    return Forgotten(rule.kind, [short_name(row) for row in rule.due(now).order_by("pk").iterator()])


def _forget(rule: Rule, now: datetime) -> Forgotten:
    done = Forgotten(rule.kind)
    for batch in _batches(rule, now):
        try:
            with transaction.atomic():
                done.ids += _forget_some(rule, batch, now)
        except Refused as refusal:
            done.kept |= {short_name(row): refusal.message for row in rule.due(now).filter(pk__in=batch)}
    return done


def _forget_some(rule: Rule, batch: list[Any], now: datetime) -> list[str]:
    rows = rule.due(now).filter(pk__in=batch).order_by("pk")
    if rule.locks:
        rows = rows.select_for_update(of=("self",))
    still = list(rows)
    if still:
        rule.forget(rows.model._default_manager.filter(pk__in=[row.pk for row in still]), now)
    return [short_name(row) for row in still]


def _batches(rule: Rule, now: datetime) -> Iterator[list[Any]]:
    pks = list(rule.due(now).order_by("pk").values_list("pk", flat=True))
    size = 1 if rule.one_by_one else BATCH
    for start in range(0, len(pks), size):
        yield pks[start : start + size]


def short_name(row: Any) -> str:
    """Eight characters of the public id, or the row's number: never what the row says."""
    public_id = getattr(row, "public_id", None)
    return str(public_id)[:8] if public_id else str(row.pk)


# --- The office's own rules -------------------------------------------------------------------------------------------


def forget_messages(rows: QuerySet[OutboxMessage], now: datetime | None = None) -> int:
    """Empty messages of whom they went to and what they said; kind, times and state stay. What waits is taken back.

    The caller is in the transaction that makes somebody forgotten. A message being sent right now may still arrive.
    """
    BadAddress.objects.filter(address__in=rows.exclude(to_address="").values(lowered=Lower("to_address"))).delete()
    waiting = Q(status=OutboxMessage.Status.QUEUED) | Q(status=OutboxMessage.Status.SENDING)
    return rows.update(
        status=Case(
            When(waiting, then=Value(OutboxMessage.Status.CANCELLED)), default=F("status"), output_field=CharField()
        ),
        lease_until=None,
        dedupe_key=Case(When(dedupe_key__contains="@", then=None), default=F("dedupe_key")),
        to_address="",
        subject="",
        body_text="",
        body_html="",
        headers={},
        last_error="",
    )


def _old_mail(now: datetime) -> QuerySet[OutboxMessage]:
    """What was sent, given up or taken back and lies here since. A message that waits is never due."""
    state = OutboxMessage.Status
    over = (state.SENT, state.DEAD, state.CANCELLED, state.WITHHELD)
    old = OutboxMessage.objects.filter(status__in=over, created_at__lt=now - MAIL_MATTERS_FOR)
    recent = Q(sent_at__gte=now - MAIL_MATTERS_FOR) | Q(due_at__gte=now - MAIL_MATTERS_FOR)
    return old.exclude(recent).exclude(to_address="", body_text="", subject="")


def _old_counts(now: datetime) -> QuerySet[RateCount]:
    return RateCount.objects.filter(window_start__lt=now - COUNTS_MATTER_FOR)


def _bad_addresses(now: datetime) -> QuerySet[BadAddress]:
    return BadAddress.objects.filter(last_at__lt=now - MAIL_MATTERS_FOR)


RULES = [
    Rule("bad addresses", _bad_addresses, lambda rows, now: rows.delete()),
    Rule("mail", _old_mail, forget_messages),
    Rule("rate counts", _old_counts, lambda rows, now: rows.delete()),
]
