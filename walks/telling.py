"""Messages to the people of a walk: written once per event, each person at most once, and taken back while they wait.

A message is a `Notice` with one `NoticeTo` for everybody it is for, also for those whom no mail reaches.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record, take_back_mail
from office.models import Coalition, OutboxMessage
from office.refused import Refused
from people.models import User
from walks import notices
from walks.models import Notice, NoticeTo, Signup, Walk

# What goes to many waits this long, so that it can be taken back.
UNDO_FOR = timedelta(seconds=60)
# What somebody who comes must hear. The others carry an unsubscribe link and respect `Person.unsubscribed_at`.
ESSENTIAL = frozenset(
    {
        Notice.Kind.DAY_BEFORE,
        Notice.Kind.MORNING,
        Notice.Kind.CHANGED,
        Notice.Kind.CALLED_OFF,
        Notice.Kind.ON_AGAIN,
        Notice.Kind.WORDS,
    }
)
UNDER_WAY = (OutboxMessage.Status.SENDING, OutboxMessage.Status.SENT)


@transaction.atomic
def tell(
    *,
    walk: Walk,
    kind: Notice.Kind,
    key: str,
    signups: Iterable[Signup],
    template: str,
    by: User | None = None,
    words: str = "",
    waits: timedelta = timedelta(0),
    **context: Any,
) -> Notice:
    """Tell these people about one event of a walk; call it in the transaction that causes it, with the walk locked.

    `key` (at most 80 characters) names the event within the kind: called again with the same one, only people who
    weren't told get it, also where two processes call at once, and nobody once it was taken back. `template` is a
    folder in `mail/`; besides `context` it gets signup, walk, coalition, words, link, walk_link, walks_link,
    calendar_link, is_waiting, is_withdrawn and, unless the kind is essential, unsubscribe_link. `signups` come best
    with `select_related("person")`. People without an address are written down too, for somebody to call. With
    `waits` the mail goes out that much later and can be taken back until then (`undo`).
    """
    notice = _locked_notice(walk, kind, key, by=by, words=words, due_at=timezone.now() + waits)
    if notice.undone_at is not None:
        return notice
    coalition, is_essential = Coalition.current(), kind in ESSENTIAL
    told = set(notice.to.values_list("person_id", flat=True))
    rows = []
    for signup in signups:
        if signup.person_id in told or not (is_essential or signup.person.unsubscribed_at is None):
            continue
        told.add(signup.person_id)
        signup.walk = walk
        mail = notices.write(
            signup,
            kind=f"walks.{kind}",
            template=template,
            dedupe_key=f"walks.{kind}:{walk.public_id}:{key}:{signup.person_id}",
            due_at=notice.due_at,
            coalition=coalition,
            is_essential=is_essential,
            words=words,
            **context,
        )
        rows.append(NoticeTo(notice=notice, person=signup.person, signup=signup, mail=mail))
    NoticeTo.objects.bulk_create(rows)
    return notice


def tell_person(
    *, signup: Signup, kind: str, template: str, key: str, is_essential: bool = True, **context: Any
) -> OutboxMessage | None:
    """One mail to one person about their own sign-up, at most once per `kind` and `key`; not listed as a message.

    None where there is no address, where it was written before, or where it isn't essential and they want none. Call
    it in the transaction that causes it. `kind` is the outbox's, like "walks.place".
    """
    if not (is_essential or signup.person.unsubscribed_at is None):
        return None
    dedupe_key = f"{kind}:{signup.public_id}:{key}"
    return notices.write(
        signup, kind=kind, template=template, dedupe_key=dedupe_key, is_essential=is_essential, **context
    )


def _locked_notice(walk: Walk, kind: Notice.Kind, key: str, *, by: User | None, words: str, due_at: datetime) -> Notice:
    """The message about this event, made if it is the first time, and ours until the transaction ends."""
    given = {"by": by, "words": words, "due_at": due_at}
    made, _is_new = Notice.objects.get_or_create(walk=walk, kind=kind, key=key, defaults=given)
    return Notice.objects.select_for_update().get(pk=made.pk)


# --- While it waits ---


@transaction.atomic
def undo(*, notice: Notice, by: User | None) -> Notice:
    """Take a message back before it goes out: nobody gets it. Twice changes nothing. Raises Refused once it's late."""
    locked = Notice.objects.select_for_update().get(pk=notice.pk)
    if locked.undone_at is not None:
        return locked
    mails = list(locked.to.exclude(mail=None).values_list("mail_id", flat=True))
    if locked.due_at <= timezone.now() or take_back_mail(mails) < len(mails):
        raise Refused(_("It is too late to take it back: the first mails are on their way."))
    locked.undone_at = timezone.now()
    locked.save(update_fields=["undone_at"])
    _write_down(locked, "notice.undo", by)
    return locked


@transaction.atomic
def send_now(*, notice: Notice, by: User | None) -> Notice:
    """Let a message that waits go out at once. One that went out, or was taken back, stays as it is."""
    locked, now = Notice.objects.select_for_update().get(pk=notice.pk), timezone.now()
    if locked.undone_at is None and locked.due_at > now:
        waiting = OutboxMessage.objects.filter(notices__notice=locked, status=OutboxMessage.Status.QUEUED)
        OutboxMessage.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(due_at=now)
        locked.due_at = now
        locked.save(update_fields=["due_at"])
        _write_down(locked, "notice.send_now", by)
    return locked


def _write_down(notice: Notice, action: str, by: User | None) -> None:
    detail = {"walk": str(notice.walk.public_id), "kind": notice.kind}
    record(actor=by, action=action, resource="notice", object_id=notice.public_id, detail=detail)
