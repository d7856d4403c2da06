"""Kept weeks and quarters, and who reads them."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from insights.models import Reader, RecordNote, Snapshot
from tests.factories.counting import serial

EMPTY_WEEK: dict[str, Any] = {
    "counted_at": "2026-11-16T12:00:00+00:00",
    "zone": "America/Chicago",
    "walks": [],
    "people": {
        "n_walks": 0,
        "checked_in": 0,
        "heads": 0,
        "youth": None,
        "unknown": None,
        "known": None,
    },
    "concerns": {"new": 0, "repeat": 0, "still": 0, "claimed": 0, "seen_fixed": 0, "back": 0},
    "promises": {"made": 0, "kept": 0, "kept_late": 0, "late": 0, "lines": []},
    "help": {},
    "table": None,
    "next": [],
    "strips": [],
    "pair": None,
    "good": None,
    "stuck": [],
}


def make_week(**fields: Any) -> Snapshot:
    """A week in which nothing happened, sent an hour ago. Each is a week of its own, some of 2020 and later."""
    monday = fields.pop("starts_on", None) or date(2020, 1, 6) + timedelta(weeks=next(serial) % 5000)
    numbers = EMPTY_WEEK | fields.pop("numbers", {})
    defaults = {"starts_on": monday, "ends_on": monday + timedelta(days=6), "numbers": numbers}
    sent = {"kind": Snapshot.Kind.WEEK, "sent_at": timezone.now() - timedelta(hours=1)}
    return Snapshot.objects.create(**defaults | sent | fields)


def make_reader(**fields: Any) -> Reader:
    return Reader.objects.create(**{"email": f"reader{next(serial)}@example.org"} | fields)


def make_quarter(**fields: Any) -> Snapshot:
    """What partners did in the third quarter of 2020, public since; nobody did anything."""
    quarter = {"starts_on": date(2020, 7, 1), "ends_on": date(2020, 9, 30), "kind": Snapshot.Kind.PARTNERS}
    numbers = {"organizations": [], "public_on": "2020-10-22"} | fields.pop("numbers", {})
    return Snapshot.objects.create(**quarter | {"numbers": numbers} | fields)


def make_record_note(**fields: Any) -> RecordNote:
    return RecordNote.objects.create(**{"text": "Our van broke down in August."} | fields)
