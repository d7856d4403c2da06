"""What the desk does with messages: how far each got, who told whom by phone, and taking one back with its cause."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.actions import record
from office.models import OutboxMessage
from office.refused import Refused
from people.models import User
from walks.actions import take_back_call_off
from walks.announcing import announce_words, last_of
from walks.models import Notice, NoticeTo, Reach, Signup, Walk
from walks.models.notice import mail_leaves
from walks.telling import UNDO_FOR, undo
from walks.texting import words_for

# What changes whether, when or where people meet: the last of these is what counts.
NEWS = (Notice.Kind.CALLED_OFF, Notice.Kind.CHANGED, Notice.Kind.ON_AGAIN)
MOST_SHOWN = 30


@dataclass(frozen=True)
class Line:
    """One message and how far it got. The counts are people, of `n_all` whom it was for."""

    notice: Notice
    n_sent: int
    n_under_way: int
    n_told: int
    n_not_reached: int

    @property
    def n_all(self) -> int:
        return self.n_sent + self.n_under_way + self.n_told + self.n_not_reached

    @property
    def is_undone(self) -> bool:
        return self.notice.undone_at is not None

    def waits(self, now: datetime) -> bool:
        return not self.is_undone and self.notice.due_at > now


def lines(walk: Walk) -> list[Line]:
    """The messages of a walk, the newest first, with their counts. Two queries."""
    counts = NoticeTo.objects.filter(notice__walk=walk).count_by_reach()
    notices = walk.notices.select_related("by").order_by("-created_at", "-id")[:MOST_SHOWN]
    return [_line(notice, counts) for notice in notices]


def _line(notice: Notice, counts: Counter[tuple[int, str]]) -> Line:
    reached = (Reach.SENT, Reach.UNDER_WAY, Reach.TOLD, Reach.NOT_REACHED)
    return Line(notice, *(counts[notice.pk, reach.value] for reach in reached))


def to_show(found: list[Line], now: datetime, wanted: UUID | None) -> Line | None:
    """The message whose list is open: the one asked for, else the newest news, else the newest of all."""
    if wanted and (asked := next((line for line in found if line.notice.public_id == wanted), None)):
        return asked
    going = [line for line in found if not line.is_undone]
    news = [line for line in going if line.notice.kind in NEWS and line.n_not_reached and line.notice.due_at <= now]
    return next(iter(news or going), None)


@dataclass(frozen=True)
class ToCall:
    """Somebody whom a message didn't reach, or whom somebody told."""

    row: NoticeTo
    name: str
    why: str | Promise
    words: str

    @property
    def is_told(self) -> bool:
        return self.row.told_at is not None


def to_call(notice: Notice) -> list[ToCall]:
    """Whom nothing reached first, then who was told, by name. One query."""
    rows = notice.to.not_reached_or_told().select_related("person", "signup__person", "signup__team", "mail", "told_by")
    found = []
    for row in rows:
        row.notice = notice
        name = row.signup.name if row.signup else row.person.name
        found.append(ToCall(row, name, _why(row), words_for(row)))
    return sorted(found, key=lambda one: (one.is_told, one.name.lower(), one.row.pk))


def _why(row: NoticeTo) -> str | Promise:
    if row.mail is None:
        return gettext_lazy("no e-mail address")
    match row.mail.status:
        case OutboxMessage.Status.WITHHELD:
            return gettext_lazy("test mode: no mail is sent")
        case OutboxMessage.Status.CANCELLED:
            return gettext_lazy("the mail was left behind, because there is newer news")
        case OutboxMessage.Status.SENT:
            return gettext_lazy("no mail server is set up")
    return gettext_lazy("the mail couldn’t be delivered")


def why_no_mail() -> str | Promise:
    """What keeps all mail here from leaving, or ""."""
    if settings.MAIL_TEST_MODE:
        return gettext_lazy("Test mode: no mail is sent to anybody. Call or text people.")
    if not mail_leaves():
        return gettext_lazy("No mail server is set up: mail is only written into files. Call or text people.")
    return ""


# --- Who told whom ---


@transaction.atomic
def mark_told(*, row: NoticeTo, how: str, by: User) -> NoticeTo:
    """Write down that somebody called, texted or told a person. Raises Refused where a colleague was quicker."""
    locked = NoticeTo.objects.select_for_update(of=("self",)).select_related("notice__walk", "told_by").get(pk=row.pk)
    if locked.told_at is not None:
        raise Refused(_("%(who)s told them already.") % {"who": locked.told_by.short_name if locked.told_by else ""})
    if how not in NoticeTo.How.values:
        raise Refused(_("Say how they heard of it: called, texted, or said to them."))
    locked.told_at, locked.told_by, locked.told_how = timezone.now(), by, how
    locked.save(update_fields=["told_at", "told_by", "told_how"])
    _write_down(locked, "notice.told", by)
    return locked


@transaction.atomic
def take_back_told(*, row: NoticeTo, by: User) -> NoticeTo:
    """The tick was a mistake: they are on the list again. Twice changes nothing."""
    locked = NoticeTo.objects.select_for_update(of=("self",)).select_related("notice__walk").get(pk=row.pk)
    if locked.told_at is not None:
        locked.told_at, locked.told_by, locked.told_how = None, None, ""
        locked.save(update_fields=["told_at", "told_by", "told_how"])
        _write_down(locked, "notice.not_told", by)
    return locked


def _write_down(row: NoticeTo, action: str, by: User) -> None:
    detail = {"person": str(row.person.public_id), "how": row.told_how}
    record(actor=by, action=action, resource="notice", object_id=row.notice.public_id, detail=detail)


# --- Taking a message back with its cause ---


@transaction.atomic
def take_back(*, notice: Notice, by: User) -> Notice:
    """Nobody gets the message. A walk that it called off takes place again, and one that was on again stays off.

    A change of time or place stays; only nobody is told. Raises Refused once mail is on its way.
    """
    walk = Walk.objects.select_for_update(of=("self",)).get(pk=notice.walk_id)
    undone = undo(notice=notice, by=by)
    if notice.undone_at is not None or last_of(walk, Notice.Kind(notice.kind)) != undone:
        return undone
    if notice.kind == Notice.Kind.CALLED_OFF and walk.state == Walk.State.CALLED_OFF:
        take_back_call_off(walk=walk, by=by)
    if notice.kind == Notice.Kind.ON_AGAIN and walk.state == Walk.State.PUBLISHED:
        _off_as_before(walk, by)
    return undone


def _off_as_before(walk: Walk, by: User) -> None:
    """People were told that it is off, and never heard otherwise: so it is, for the same reason."""
    off = last_of(walk, Notice.Kind.CALLED_OFF)
    if off is None:
        return
    walk.state, walk.called_off_at, walk.call_off_reason = Walk.State.CALLED_OFF, timezone.now(), off.words[:300]
    walk.sequence += 1
    walk.save(update_fields=["state", "called_off_at", "call_off_reason", "sequence", "updated_at"])
    record(actor=by, action="walk.call_off", resource="walk", object_id=walk.public_id, detail={"told": 0})


# --- An organizer's own words ---

EVERYBODY, UNCONFIRMED = "all", "unconfirmed"


def recipients(walk: Walk, to: str) -> QuerySet[Signup]:
    """Of those who come: “all”, “unconfirmed” who didn't say so again, or “team-3”.

    Minors who wait for a guardian's yes aren't written to: an organizer's words may hold what they mustn't know yet.
    """
    coming = walk.signups.counted()
    if to == UNCONFIRMED:
        return coming.filter(confirmed_at=None)
    if to.startswith("team-"):
        return coming.filter(team__number=to.removeprefix("team-"))
    return coming


def send_words(*, walk: Walk, to: str, words: str, key: UUID, by: User, waits: timedelta = UNDO_FOR) -> Notice:
    """An organizer's own words to some or all; the same form sent twice tells once. Raises Refused for nobody."""
    with transaction.atomic():
        locked = Walk.objects.select_for_update(of=("self",)).get(pk=walk.pk)
        if sent := locked.notices.filter(kind=Notice.Kind.WORDS, key=str(key)).first():
            return sent
        signups = recipients(locked, to)
        if not signups.exists():
            raise Refused(_("Nobody would get this message. Choose other people."))
        notice = announce_words(walk=locked, signups=signups, words=words.strip(), key=key, by=by, waits=waits)
        detail = {"to": to, "n": notice.to.count()}
        record(actor=by, action="walk.words", resource="walk", object_id=walk.public_id, detail=detail)
    return notice
