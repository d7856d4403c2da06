"""Mail that the clock causes: the day before, the morning of the walk, the evening after. See docs/messages.md.

All clocks are the walk's own. A moment is computed from the walk as it is now, and a message is written at most once
per walk and day, so a walk that moves gets a new one only where its day changed. Whoever signed up after the moment
gets none: what they got when they signed up says it all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from office.models import OutboxMessage
from walks import texting
from walks.models import Notice, NoticeTo, Signup, Walk
from walks.telling import tell

DAY_BEFORE_CLOCK = time(11)
MORNING_CLOCK = time(8)
MORNING_AT_LEAST = timedelta(hours=3)  # before people meet
AFTER_CLOCK = time(19)
AFTER_AT_LEAST = timedelta(hours=1)  # after the walk ended
ASKED_WITHIN = timedelta(days=2)
# No zone's clock is further from UTC, and no message is further from its walk.
FURTHEST_AHEAD = timedelta(hours=48)
FURTHEST_BACK = timedelta(days=5)


@dataclass(frozen=True)
class Window:
    """When a message may be written: from `opens`, while `closes` hasn't come; both in UTC."""

    opens: datetime
    closes: datetime

    def has(self, now: datetime) -> bool:
        return self.opens <= now < self.closes


def day_of(walk: Walk) -> date:
    return walk.meet_at.astimezone(walk.zone).date()


def day_before(walk: Walk) -> Window:
    """From 11:00 the day before until that day ends: later, “tomorrow” would be wrong."""
    day = day_of(walk)
    opens = moment(day - timedelta(days=1), DAY_BEFORE_CLOCK, walk.zone)
    return Window(opens, min(moment(day, time(0), walk.zone), walk.meet_at))


def morning(walk: Walk) -> Window:
    """From 8:00, or 3 hours before people meet where that is earlier, until they meet."""
    opens = min(moment(day_of(walk), MORNING_CLOCK, walk.zone), walk.meet_at - MORNING_AT_LEAST)
    return Window(opens, walk.meet_at)


def evening_after(walk: Walk) -> Window:
    """From the first 19:00 that comes at least an hour after the walk's end, for two days."""
    day = walk.end_at.astimezone(walk.zone).date()
    opens = moment(day, AFTER_CLOCK, walk.zone)
    if opens < walk.end_at + AFTER_AT_LEAST:
        opens = moment(day + timedelta(days=1), AFTER_CLOCK, walk.zone)
    return Window(opens, opens + ASKED_WITHIN)


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That clock in UTC. In an hour that comes twice the first; one that is skipped counts from before the change."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class Reminder:
    kind: Notice.Kind
    window: Callable[[Walk], Window]
    template: str

    def key(self, walk: Walk) -> str:
        """Asking whether somebody came happens once, whatever is corrected about the walk's day later."""
        return "once" if self.kind is Notice.Kind.AFTER else day_of(walk).isoformat()


REMINDERS = (
    Reminder(Notice.Kind.DAY_BEFORE, day_before, "mail/walks/day_before"),
    Reminder(Notice.Kind.MORNING, morning, "mail/walks/morning"),
    Reminder(Notice.Kind.AFTER, evening_after, "mail/walks/after"),
)


def send_due(now: datetime | None = None) -> int:
    """The periodic job: write what is due, and leave behind what comes too late. How many messages were written."""
    now = now or timezone.now()
    _leave_stale_mail(now)
    n_written = sum(_write(walk_id, reminder, now) for walk_id, reminder in list(_due(now)))
    texting.text_waiting(now)
    return n_written


def _due(now: datetime) -> Iterator[tuple[int, Reminder]]:
    """Published walks near enough, with what is due. Two queries."""
    near = Walk.objects.current().filter(
        state=Walk.State.PUBLISHED, meet_at__lt=now + FURTHEST_AHEAD, end_at__gt=now - FURTHEST_BACK
    )
    walks = list(near.order_by("meet_at", "id"))
    written = set(Notice.objects.filter(walk__in=walks).values_list("walk_id", "kind", "key"))
    for walk in walks:
        for reminder in REMINDERS:
            is_new = (walk.pk, reminder.kind.value, reminder.key(walk)) not in written
            if is_new and reminder.window(walk).has(now):
                yield walk.pk, reminder


@transaction.atomic
def _write(walk_id: int, reminder: Reminder, now: datetime) -> bool:
    """Write one message under the walk's lock, if it is still due. Whether it was."""
    walk = Walk.objects.select_for_update(of=("self",)).select_related("corridor").get(pk=walk_id)
    window, key = reminder.window(walk), reminder.key(walk)
    is_on = walk.state == Walk.State.PUBLISHED and walk.deleted_at is None
    if not is_on or not window.has(now) or walk.notices.filter(kind=reminder.kind, key=key).exists():
        return False
    signups = _signups(walk, reminder, window)
    if not signups:
        return False
    tell(walk=walk, kind=reminder.kind, key=key, signups=signups, template=reminder.template)
    return True


def _signups(walk: Walk, reminder: Reminder, window: Window) -> list[Signup]:
    """Who comes, and signed up before the moment; asked is only who didn't answer yet, nor wants no such mail."""
    signups: QuerySet[Signup] = walk.signups.counted().filter(created_at__lt=window.opens)
    if reminder.kind is Notice.Kind.AFTER:
        signups = signups.filter(created_at__lt=walk.end_at, said_at=None, person__unsubscribed_at=None)
    return list(signups.select_related("person", "team"))


def _leave_stale_mail(now: datetime) -> int:
    """Cancel reminders that a mail server kept waiting until the walk began. How many."""
    late = NoticeTo.objects.filter(
        mail=OuterRef("pk"),
        notice__kind__in=[Notice.Kind.DAY_BEFORE, Notice.Kind.MORNING],
        notice__walk__meet_at__lte=now,
    )
    waiting = OutboxMessage.objects.filter(
        status=OutboxMessage.Status.QUEUED, kind__in=["walks.day_before", "walks.morning"]
    )
    return waiting.filter(Exists(late)).update(status=OutboxMessage.Status.CANCELLED)
