"""“Send to the table”: one mail to each reader, a minute later, so that it can be taken back. Never unread."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from insights.models import Reader, Snapshot, SnapshotQuerySet
from insights.week_keeping import lock_newest, words_version
from insights.week_readers import is_walled, reader_url, walled_addresses
from insights.week_words import sheet_of
from office.actions import mail_waits, queue_mail, record, take_back_mail
from office.models import Coalition, OutboxMessage
from office.refused import Refused
from people.models import User
from walks.telling import UNDO_FOR

KIND = "insights.week"
WITH_HELP = ":help"


@transaction.atomic
def send_week(*, snapshot: Snapshot, by: User, expected: str) -> int:
    """Queue the mails and mark the page as sent. `expected` is `words_version` of what was read. Raises Refused.

    Returns how many mails.
    """
    locked, now = lock_newest(snapshot), timezone.now()
    if locked.sent_at is not None:
        raise Refused(_("This page was sent already."))
    if words_version(locked) != expected:
        raise Refused(_("The words were changed after you read them. Read the page again, then send it."))
    locked.sent_at = now
    locked.save(update_fields=["sent_at"])
    readers = list(Reader.objects.listening().select_related("organization"))
    walled, coalition = walled_addresses([one.email for one in readers], now), Coalition.current()
    with mail_waits(now + UNDO_FOR):
        n = sum(_mail(locked, one, coalition, with_help=not is_walled(one, walled)) for one in readers)
    _write_down(locked, "week.send", by, n=n)
    return n


def _mail(snapshot: Snapshot, reader: Reader, coalition: Coalition, *, with_help: bool) -> bool:
    language = reader.language if reader.language in dict(settings.LANGUAGES) else "en"
    link = f"{reader_url(reader)}?week={snapshot.starts_on.isoformat()}&lang={language}"
    with translation.override(language):
        context = sheet_of(snapshot, coalition=coalition, with_help=with_help)
    assert snapshot.sent_at is not None
    mail = queue_mail(
        kind=KIND,
        template="mail/insights/week",
        to_address=reader.email,
        to_name=reader.name,
        language=language,
        about=_about(snapshot),
        dedupe_key=f"{KIND}:{snapshot.public_id}:{reader.public_id}:{snapshot.sent_at.timestamp():.0f}"
        + (WITH_HELP if with_help else ""),
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={**context, "link": link, "greeted": reader.name},
    )
    return mail is not None


def may_go(mail: OutboxMessage, now: datetime) -> bool:
    """Right before it is sent: not where its reader came behind the wall since and it speaks of help. Two queries.

    They have the page by the link of an earlier mail, without help; an organizer sees the mail among those taken back.
    """
    key = mail.dedupe_key or ""
    if not key.endswith(WITH_HELP):
        return True
    reader = Reader.objects.select_related("organization").filter(public_id=key.split(":")[2]).first()
    return reader is not None and not is_walled(reader, walled_addresses([reader.email], now))


def _about(snapshot: Snapshot) -> str:
    return f"week {snapshot.public_id}"


@transaction.atomic
def take_back_week(*, snapshot: Snapshot, by: User) -> Snapshot:
    """Nobody gets it, and it is a draft again. Raises Refused once it is too late."""
    locked, now = Snapshot.objects.select_for_update().get(pk=snapshot.pk), timezone.now()
    if locked.sent_at is None:
        return locked
    mails = OutboxMessage.objects.filter(kind=KIND, about=_about(locked), created_at__gte=locked.sent_at)
    numbers = list(mails.values_list("pk", flat=True))
    if locked.sent_at + UNDO_FOR <= now or take_back_mail(numbers) < len(numbers):
        raise Refused(_("It is too late to take it back: the first mails are on their way."))
    locked.sent_at = None
    locked.save(update_fields=["sent_at"])
    _write_down(locked, "week.take_back", by)
    return locked


def _write_down(snapshot: Snapshot, action: str, by: User, **more: Any) -> None:
    detail = {"week": snapshot.starts_on.isoformat(), "version": snapshot.version, **more}
    record(actor=by, action=action, resource="snapshot", object_id=snapshot.public_id, detail=detail)


def out(now: datetime) -> SnapshotQuerySet:
    """What the table has: of every week the version sent last, once it is too late to take it back."""
    return Snapshot.objects.weeks().filter(sent_at__lte=now - UNDO_FOR).newest_versions()
