"""One button for many concerns: each succeeds or is skipped alone, and for ten minutes all of it can be taken back."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns import actions
from concerns.assigning import assign_concern, take_back_assignment
from concerns.content_flags import ContentFlag
from concerns.models import Assignment, BulkItem, BulkMove, Concern, Photo
from concerns.models.desk import UNDO_WITHIN
from concerns.owning import current_of
from concerns.story import (
    DATES,
    PUBLIC_FIELDS,
    both_versions,
    lock,
    lock_merging,
    save,
    version_of,
    write_publication,
    write_status,
)
from concerns.workflow import Publication
from office.actions import mail_waits, record, take_back_mail
from office.refused import Refused
from people.models import Organization, User

MOST_AT_ONCE = 1000
# Nobody waits longer for an answer; what is left is skipped and said.
LONGEST_SECONDS = 25
# A mail that waits for the end of the ten minutes isn't sent while somebody presses "take back" in the last second.
MAIL_WAITS = UNDO_WITHIN + timedelta(seconds=15)


class Do(models.TextChoices):
    """What can be done with many at once."""

    PUBLISH = "publish", gettext_lazy("publish")
    READ = "read", gettext_lazy("mark as read")
    HIDE = "hide", gettext_lazy("hide")
    STATUS = "status", gettext_lazy("set the status")
    ASSIGN = "assign", gettext_lazy("give to somebody")


@dataclass(frozen=True)
class Order:
    """What to do with each. `note` is why it is hidden, or for organizers only; `public_note` is for everybody."""

    do: str
    status: str = ""
    organization: Organization | None = None
    note: str = ""
    public_note: str = ""

    @property
    def to_value(self) -> str:
        """What a person would call it later."""
        return (self.status or (self.organization.name if self.organization else self.note))[:60]


def do_many(*, concerns: Iterable[Concern], by: User, order: Order, as_of: datetime | None = None) -> BulkMove:
    """Do it to each of up to MOST_AT_ONCE concerns, each in its own transaction, and keep what became of each.

    `as_of` is when the person saw the list: what somebody changed since is skipped, with both versions. Mail that this
    causes waits until it can't be taken back any more. Raises Refused for more, or none.
    """
    chosen = list(concerns)
    if not chosen:
        raise Refused(_("Nothing was ticked."))
    if len(chosen) > MOST_AT_ONCE:
        raise Refused(_("At most %(n)d at once. Take a filter more, so that there are fewer.") % {"n": MOST_AT_ONCE})
    move = BulkMove.objects.create(by=by, do=order.do, to_value=order.to_value)
    do, until = _doer(order, by, chosen), time.monotonic() + LONGEST_SECONDS
    skipped = []
    for concern in chosen:
        in_time = time.monotonic() < until
        reason = _do_one(move, concern, do, as_of=as_of) if in_time else _("There wasn’t time for it. Do it again.")
        if reason:
            skipped.append((concern, reason))
    BulkItem.objects.bulk_create(BulkItem(move=move, concern=one, skipped=reason[:300]) for one, reason in skipped)
    return move


def _do_one(move: BulkMove, concern: Concern, do: Callable[[Concern], Any], *, as_of: datetime | None) -> str:
    """Do it to one and keep what it was before; returns why it was skipped, or ""."""
    try:
        with transaction.atomic():
            now = lock(concern)
            if as_of is not None and now.updated_at > as_of:
                raise Refused(both_versions(now, wanted=str(Do(move.do).label)))
            before = _snapshot(now)
            with mail_waits(move.at + MAIL_WAITS) as mails:
                before["done"] = do(now)
            before["mails"] = [mail.pk for mail in mails]
            BulkItem.objects.create(move=move, concern=now, before=before, version_after=version_of(now))
    except Refused as refusal:
        return refusal.message
    return ""


def _doer(order: Order, by: User, chosen: list[Concern]) -> Callable[[Concern], Any]:
    """What to do with one locked concern."""
    match order.do:
        case Do.PUBLISH:
            unseen = _with_unseen_photos(chosen)
            return lambda now: _publish(now, by, has_unseen_photo=now.pk in unseen)
        case Do.READ:
            return lambda now: _nothing(actions.triage(concern=now, by=by))
        case Do.HIDE:
            return lambda now: _hide(now, by, order.note)
        case Do.STATUS:
            return lambda now: _nothing(
                actions.move_concern(
                    concern=now, to=order.status, by=by, note=order.note, public_note=order.public_note
                )
            )
        case Do.ASSIGN if (to := order.organization) is not None:
            return lambda now: assign_concern(concern=now, organization=to, by=by, note=order.note).pk
    raise Refused(_("Say what to do with them."))


def _nothing(_concern: Concern) -> None:
    """Nothing besides the concern's own values needs keeping for an undo."""


def _with_unseen_photos(concerns: list[Concern]) -> set[int]:
    """Which of them have a photo that nobody let become public. One query."""
    waiting = Photo.objects.filter(concern__in=concerns, approved_at=None).exclude(state=Photo.State.UNREADABLE)
    return {pk for pk in waiting.values_list("concern_id", flat=True) if pk}


def _publish(now: Concern, by: User, *, has_unseen_photo: bool) -> None:
    if now.publication == Publication.PUBLISHED:
        raise Refused(_("It was public already."))
    if has_unseen_photo:
        raise Refused(_("Its photo isn’t reviewed. Open it, look at the photo, and publish it there."))
    actions.publish_concern(concern=now, by=by)


def _hide(now: Concern, by: User, reason: str) -> None:
    if now.publication == Publication.HIDDEN:
        raise Refused(_("It was hidden already."))
    actions.hide_concern(concern=now, by=by, reason=reason)


# What an undo writes back, besides status and publication.
KEPT = ["status_changed_at", "triaged_at", "published_at", "hidden_reason", "flags", *DATES, *PUBLIC_FIELDS]


def _snapshot(concern: Concern) -> dict[str, Any]:
    """A locked concern's values that a move may change, as JSON; who has it; and the open reports of its content."""
    before: dict[str, Any] = {"status": concern.status, "publication": concern.publication}
    for name in KEPT:
        field = _field(name)
        value = getattr(concern, field.attname)
        before[name] = _plain(value)
    if has_it := current_of(concern):
        before["assignment"] = has_it.pk
    if Concern.Flag.REPORTED in concern.flags:
        before["content_flags"] = list(concern.content_flags.open().values_list("pk", flat=True))
    return before


def _field(name: str) -> Any:
    return Concern._meta.get_field(name)


def _plain(value: Any) -> Any:
    """A value as JSON holds it; `_read` is the way back."""
    if isinstance(value, Point):
        return value.ewkt
    return value.isoformat() if isinstance(value, date) else value


# Taking it back.


def last_move_of(user: User, at: datetime) -> BulkMove | None:
    """The newest of a person's moves that can still be taken back, with `n_done` and `n_skipped`. One query."""
    mine = with_counts(BulkMove.objects.filter(by=user, undone_at=None, at__gte=at - UNDO_WITHIN))
    return mine.order_by("-at", "-id").first()


def with_counts(moves: models.QuerySet[BulkMove]) -> models.QuerySet[BulkMove]:
    return moves.annotate(
        n_done=Count("items", filter=Q(items__skipped="")), n_skipped=Count("items", filter=~Q(items__skipped=""))
    )


@transaction.atomic
def undo(*, move: BulkMove, by: User, at: datetime | None = None) -> BulkMove:
    """Write back what each was before, and cancel the mail that waited. What somebody changed since stays.

    Any organizer may: the story says who. All in one transaction, so that it isn't half taken back. Raises Refused
    where it was taken back before, or after ten minutes.
    """
    at = at or timezone.now()
    lock_merging()
    now = BulkMove.objects.select_for_update().get(pk=move.pk)
    if now.undone_at is not None:
        raise Refused(_("It was taken back already."))
    if not now.can_be_undone(at):
        raise Refused(_("Ten minutes are over. Change what is wrong one by one, or tick it in the list."))
    now.undone_at = move.undone_at = at
    now.save(update_fields=["undone_at"])
    for item in now.items.filter(skipped="").select_related("concern").order_by("concern_id"):
        item.undo_refused = _undo_one(item, by, at)[:300]
        if item.undo_refused:
            item.save(update_fields=["undo_refused"])
    record(actor=by, action="undo", resource="desk.bulk", object_id=now.public_id, detail={"do": now.do})
    return now


def _undo_one(item: BulkItem, by: User, at: datetime) -> str:
    """Write one back; returns why that isn't possible, or ""."""
    try:
        with transaction.atomic():
            concern = lock(item.concern)
            if version_of(concern) != item.version_after:
                raise Refused(both_versions(concern, wanted=_("take it back")))
            if assignment := Assignment.objects.filter(pk=item.before["done"]).select_related("concern").first():
                take_back_assignment(assignment=assignment, by=by)
            _write_back(concern, item.before, by, at)
            take_back_mail(item.before["mails"])
    except Refused as refusal:
        return refusal.message
    return ""


def _write_back(concern: Concern, before: dict[str, Any], by: User, at: datetime) -> None:
    """Lines are added to its story, never taken away; then the values stand as they were."""
    note = _("taken back")
    if concern.status != before["status"]:
        write_status(concern, before["status"], by=by, at=at, note=note, tell=False)
    for name in KEPT:
        field = _field(name)
        setattr(concern, field.attname, _read(field, before[name]))
    if concern.publication != before["publication"]:
        write_publication(concern, before["publication"], by=by, at=at, note=note)
    save(concern, KEPT)
    if "assignment" in before and current_of(concern) is None:  # "nothing to be done" had taken it from them
        Assignment.objects.filter(pk=before["assignment"]).update(until_at=None)
    ContentFlag.objects.filter(pk__in=before.get("content_flags", [])).update(reviewed_at=None)


def _read(field: Any, value: Any) -> Any:
    """A kept value as the field holds it."""
    if value is None or field.is_relation:
        return value
    return Point.from_ewkt(value) if isinstance(field, PointField) else field.to_python(value)
