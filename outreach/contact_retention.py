"""How long contacts keep their words: 90 days. Whom, what came of it, what about, where and when stay as numbers."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from office.actions import record
from office.retention import Rule
from outreach.models import Contact

WORDS_MATTER_FOR = timedelta(days=90)


def _with_old_words(now: datetime) -> QuerySet[Contact]:
    """By when they met; where the phone's clock can't be right, by when it arrived."""
    before = now - WORDS_MATTER_FOR
    old = Q(captured_at__lt=before, is_clock_off=False) | Q(received_at__lt=before)
    return Contact.objects.filter(old).exclude(note="")


def _empty(rows: QuerySet[Contact], now: datetime) -> None:
    for public_id in rows.values_list("public_id", flat=True):
        record(actor=None, action="contact.forget", resource="contact", object_id=public_id)
    rows.update(note="")


RULES = [Rule("words of contacts", _with_old_words, _empty)]
