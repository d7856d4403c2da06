"""News of a walk for everybody on its list: another time or place, called off, on again, an organizer's own words."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from office.models import OutboxMessage
from people.models import User
from walks.models import Notice, NoticeTo, Signup, Walk
from walks.notices import Change
from walks.telling import tell, undo

REMINDERS = (Notice.Kind.DAY_BEFORE, Notice.Kind.MORNING)
NOW = timedelta(0)


def everybody(walk: Walk) -> QuerySet[Signup]:
    """Who has to hear what becomes of a walk: all who didn't withdraw, those on the waitlist too."""
    return walk.signups.exclude(state=Signup.State.WITHDRAWN).select_related("person")


def announce_call_off(*, walk: Walk, by: User | None, waits: timedelta = NOW) -> Notice:
    """Tell everybody that a walk is called off. What was on its way about it (reminders, changes) stays behind."""
    _leave_behind(walk, (*REMINDERS, Notice.Kind.CHANGED, Notice.Kind.ON_AGAIN))
    return tell(
        walk=walk,
        kind=Notice.Kind.CALLED_OFF,
        key=str(walk.sequence),
        signups=everybody(walk),
        template="mail/walks/called_off",
        by=by,
        words=walk.call_off_reason,
        waits=waits,
    )


def announce_change(
    *, walk: Walk, changes: Sequence[Change], by: User | None, words: str = "", waits: timedelta = NOW
) -> Notice:
    """Tell everybody what is different. A reminder that wasn't sent yet says what was, so it stays behind."""
    _leave_behind(walk, REMINDERS)
    return tell(
        walk=walk,
        kind=Notice.Kind.CHANGED,
        key=str(walk.sequence),
        signups=everybody(walk),
        template="mail/walks/changed",
        by=by,
        words=words,
        waits=waits,
        changes=changes,
    )


def announce_on_again(*, walk: Walk, by: User | None, waits: timedelta = NOW) -> Notice | None:
    """Tell whoever heard that it was called off. While that message waits it is taken back, and nobody is written to.

    Somebody who was called in the meantime hears it all the same. None where nobody has to hear anything.
    """
    signups = everybody(walk)
    if (off := last_of(walk, Notice.Kind.CALLED_OFF)) is not None:
        if off.undone_at is None and off.due_at > timezone.now():
            off = undo(notice=off, by=by)
        if off.undone_at is not None:
            signups = signups.filter(pk__in=off.to.exclude(told_at=None).values("signup"))
            if not signups.exists():
                return None
    return tell(
        walk=walk,
        kind=Notice.Kind.ON_AGAIN,
        key=str(walk.sequence),
        signups=signups,
        template="mail/walks/on_again",
        by=by,
        waits=waits,
    )


def announce_words(
    *, walk: Walk, signups: QuerySet[Signup], words: str, key: UUID, by: User | None, waits: timedelta = NOW
) -> Notice:
    """An organizer's own words to some or all. `key` is the form's, so that pressing twice tells once."""
    return tell(
        walk=walk,
        kind=Notice.Kind.WORDS,
        key=str(key),
        signups=signups.select_related("person"),
        template="mail/walks/words",
        by=by,
        words=words,
        waits=waits,
    )


def last_of(walk: Walk, kind: Notice.Kind) -> Notice | None:
    """The newest message of a kind, taken back or not."""
    return walk.notices.filter(kind=kind).order_by("-created_at", "-id").first()


def n_written(notice: Notice | None) -> int:
    """How many mails a message has: people without an address have none."""
    return notice.to.exclude(mail=None).count() if notice else 0


def _leave_behind(walk: Walk, kinds: Sequence[Notice.Kind]) -> None:
    """Cancel mail of these kinds that nobody sent yet: it isn't true any more, and the next mail says what is."""
    now = timezone.now()
    with transaction.atomic():
        rows = NoticeTo.objects.filter(notice__walk=walk, notice__kind__in=kinds)
        waiting = rows.filter(mail__status=OutboxMessage.Status.QUEUED).values("mail")
        OutboxMessage.objects.filter(pk__in=waiting, status=OutboxMessage.Status.QUEUED).update(
            status=OutboxMessage.Status.CANCELLED
        )
        walk.notices.filter(kind__in=kinds, due_at__gt=now, undone_at=None).update(undone_at=now)
