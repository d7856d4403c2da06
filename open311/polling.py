"""What cities say about what we sent: asked at most once an hour each, and never more than a claim."""

import hashlib
import itertools
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from concerns.actions import hear_of_case
from open311 import client
from open311.client import Denied, Record, Unreadable
from open311.deliveries import pause
from open311.models import Delivery, Endpoint
from open311.safe_http import NoAnswer, NotSent, Unsafe

EVERY = timedelta(hours=1)
BATCH = 50
# Some servers answer one number at a time only.
MOST_SINGLY = 10
MOST_BATCHES = 20

Failure = (NotSent, NoAnswer, Unreadable, Denied)


def poll_due() -> int:
    """Ask about every sent concern whose hour is over. A periodic job; returns how many were answered."""
    return sum(poll_batch(batch) for batch in itertools.islice(_batches(), MOST_BATCHES))


def _batches() -> Iterator[list[Delivery]]:
    """Due deliveries of one endpoint each, until none is due. Their hour begins anew before anybody is asked."""
    while batch := _claim_batch():
        yield batch


def _claim_batch() -> list[Delivery]:
    now = timezone.now()
    with transaction.atomic():
        due = Delivery.objects.filter(state=Delivery.State.SENT, closed_at=None, next_poll_at__lte=now)
        due = due.filter(endpoint__in=Endpoint.objects.usable()).select_for_update(of=("self",), skip_locked=True)
        first = due.order_by("next_poll_at", "id").first()
        if first is None:
            return []
        same = due.filter(endpoint=first.endpoint_id).select_related("endpoint", "case__concern")
        batch = list(same.order_by("next_poll_at", "id")[:BATCH])
        Delivery.objects.filter(pk__in=[one.pk for one in batch]).update(next_poll_at=now + EVERY, last_polled_at=now)
    return batch


def poll_batch(batch: list[Delivery]) -> int:
    """Ask about these deliveries of one endpoint and write down what it says. Returns how many it spoke of."""
    endpoint, by_number = batch[0].endpoint, {delivery.number: delivery for delivery in batch}
    try:
        records = {record.number: record for record in client.requests_by_number(endpoint, list(by_number))}
        for number in [number for number in by_number if number not in records][:MOST_SINGLY]:
            if record := _singly(endpoint, number):
                records[number] = record
    except Failure as error:
        _note_failure(endpoint, batch, error)
        return 0
    heard = [hear(by_number[number], record) for number, record in records.items()]
    return len(heard)


def _singly(endpoint: Endpoint, number: str) -> Record | None:
    try:
        return client.request_by_number(endpoint, number)
    except Denied as denied:
        if denied.status == 404:
            return None
        raise


def _note_failure(endpoint: Endpoint, batch: list[Delivery], error: Exception) -> None:
    if isinstance(error, Unsafe) or (isinstance(error, Denied) and error.status in {301, 302, 303, 307, 308, 401, 403}):
        pause(endpoint=endpoint, reason=str(error))
    Delivery.objects.filter(pk__in=[one.pk for one in batch]).update(last_error=str(error)[:300])


@transaction.atomic
def hear(delivery: Delivery, record: Record) -> bool:
    """Write down what they say about one of ours. Returns whether it claimed "fixed".

    Their words are kept once, for the desk. What is neither open nor closed is no news.
    """
    now = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if record.status == "" or now.state != Delivery.State.SENT or now.closed_at is not None:
        return False
    digest = hashlib.sha256(record.notes.encode()).hexdigest() if record.notes else ""
    words = record.notes if digest != now.their_words_sha256 else ""
    now.their_status, now.their_words_sha256, now.last_error = record.status, digest, ""
    if record.status == "closed":
        now.closed_at, now.next_poll_at = timezone.now(), None
    now.save(update_fields=["their_status", "their_words_sha256", "closed_at", "next_poll_at", "last_error"])
    if now.case is None:
        return False
    expected = timezone.localtime(record.expected_at).date() if record.expected_at else None
    return hear_of_case(case=now.case, status=record.status, words=words, expected_on=expected)
