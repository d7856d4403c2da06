"""The weekly page's life: counted on Monday as a draft, read and worded by an organizer, sent to the table, kept.

Nothing is sent unread, and what was sent stays as it was: counted again, a week gets a new version.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insights import week_definitions
from insights.models import Snapshot
from insights.week import count_week
from insights.week_days import DAYS, Week, monday_of
from office.actions import record
from office.models import Coalition
from office.refused import Refused
from people.models import User

READY_AT = time(6)
MOST_WEEKS_MADE_UP = 4
OLDEST = timedelta(weeks=104)
KIND = Snapshot.Kind.WEEK


def make_due(now: datetime | None = None) -> int:
    """A periodic job: from Monday 6 AM on, the draft of the week before. Weeks missed while it stood still are made up
    for, four at most. Called again it makes nothing. Returns how many.
    """
    now = now or timezone.now()
    coalition = Coalition.current()
    local = now.astimezone(coalition.zone)
    if coalition.set_up_at is None:
        return 0
    last = monday_of((local - timedelta(hours=READY_AT.hour)).date()) - DAYS
    kept = Snapshot.objects.weeks().order_by("-starts_on").values_list("starts_on", flat=True).first()
    first = last if kept is None else max(kept + DAYS, last - (MOST_WEEKS_MADE_UP - 1) * DAYS)
    n = max((last - first) // DAYS + 1, 0)
    return sum(_make_first(Week(first + step * DAYS, coalition.zone), now) for step in range(n))


def _make_first(week: Week, now: datetime) -> bool:
    with transaction.atomic():
        numbers = count_week(week, now=now)
        _kept, is_new = Snapshot.objects.get_or_create(
            kind=KIND, starts_on=week.monday, version=1, defaults=_fields(week, numbers, now)
        )
    return is_new


def _fields(week: Week, numbers: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "ends_on": week.sunday,
        "numbers": numbers,
        "made_at": now,
        "definitions": week_definitions.VERSION,
    }


@transaction.atomic
def make_week(monday: date, *, by: User | None = None, now: datetime | None = None) -> Snapshot:
    """Count a week that is over (again): a draft with the next version. Words are taken along, counts of help are
    those of the first time. Raises Refused.
    """
    now = now or timezone.now()
    week = _countable(monday, now)
    before = Snapshot.objects.weeks().select_for_update().filter(starts_on=monday).order_by("-version").first()
    numbers = count_week(week, now=now)
    try:
        with transaction.atomic():
            made = Snapshot.objects.create(
                kind=KIND,
                starts_on=monday,
                version=before.version + 1 if before else 1,
                words=before.words if before else {},
                made_by=by,
                **_fields(week, numbers, now),
            )
    except IntegrityError as error:
        raise Refused(_("Somebody counted this week at the same moment. Look at theirs first.")) from error
    record(actor=by, action="week.count", resource="snapshot", object_id=made.public_id, detail=_which(made))
    return made


def _countable(monday: date, now: datetime) -> Week:
    """The week of this Monday, if it is over and not older than two years. Raises Refused."""
    coalition = Coalition.current()
    this_monday = monday_of(timezone.localdate(now, coalition.zone))
    if monday != monday_of(monday):
        raise Refused(_("A week begins on a Monday. Choose one."))
    if monday >= this_monday:
        raise Refused(_("This week isn’t over. Its numbers are counted on Monday."))
    if monday < this_monday - OLDEST:
        raise Refused(_("Choose a week of the last two years."))
    return Week(monday, coalition.zone)


def _which(snapshot: Snapshot) -> dict[str, Any]:
    return {"week": snapshot.starts_on.isoformat(), "version": snapshot.version}


def words_version(snapshot: Snapshot) -> str:
    """What somebody saw of the words: hidden in the form, compared before writing."""
    told = json.dumps([snapshot.pk, snapshot.words, snapshot.sent_at is not None], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def lock_newest(snapshot: Snapshot) -> Snapshot:
    """The week's newest version, ours until the transaction ends. Raises Refused where this one is no longer it."""
    versions = Snapshot.objects.weeks().select_for_update().filter(starts_on=snapshot.starts_on)
    newest = versions.order_by("-version").first()
    if newest is None or newest.pk != snapshot.pk:
        raise Refused(_("The week was counted again meanwhile. Look at the new numbers first."))
    return newest


class WordsChanged(Refused):
    """Somebody else changed the words; `now` is the page as it is."""

    def __init__(self, now: Snapshot) -> None:
        super().__init__(
            _("Somebody changed the words while you wrote. Theirs stand beside yours: save again what is right.")
        )
        self.now = now


@transaction.atomic
def write_words(
    *, snapshot: Snapshot, slots: Sequence[Mapping[str, Any]], note: Mapping[str, str], by: User, expected: str
) -> Snapshot:
    """Keep which three things are on the page, in which words. Raises Refused, or WordsChanged (nothing is written)."""
    locked = lock_newest(snapshot)
    if locked.sent_at is not None:
        raise Refused(_("This page was sent. Count the week again to change its words."))
    if words_version(locked) != expected:
        raise WordsChanged(locked)
    locked.words = {"stuck": [dict(slot) for slot in slots], "note": dict(note)}
    locked.save(update_fields=["words"])
    record(actor=by, action="week.words", resource="snapshot", object_id=locked.public_id, detail=_which(locked))
    return locked
