"""Two reports of one thing: merged without chains, and taken apart again. Other rooms call `concerns.actions`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Concern, Look
from concerns.publishing import Outcome, _one_by_one
from concerns.story import (
    Kind,
    Voice,
    add_line,
    audit,
    hand_back,
    lock,
    lock_merging,
    refuse_if_changed,
    save,
    write_status,
)
from concerns.workflow import LookResult, Publication, Source, Status, may_move
from office.refused import Refused
from people.models import User


@transaction.atomic
def mark_duplicate(
    *, concern: Concern, of: Concern, by: User, expected: str | None = None, at: datetime | None = None
) -> Concern:
    """Say that a concern is the same as another one; its report counts as one more look at that one.

    Where `of` is a duplicate itself, the one it leads to is taken; what pointed at `concern` points there too, so
    there are never chains. `unmark_duplicate` undoes it. Raises Refused.
    """
    lock_merging()
    now = lock(concern)
    root = _root_of(of)
    wanted = _("the same as %(other)s") % {"other": root}
    refuse_if_changed(now, seen=concern, expected=expected, wanted=wanted)
    if root.pk == now.pk:
        raise Refused(_("A concern can’t be the same as itself or as one of its own duplicates."))
    if not may_move(from_status=now.status, to_status=Status.DUPLICATE):
        raise Refused(_("It is “%(status)s” and can’t be merged.") % {"status": now.get_status_display()})
    at = at or timezone.now()
    for follower in Concern.objects.select_for_update().filter(duplicate_of=now):
        _point_at(follower, root, by=by, at=at)
    now.duplicate_of = root
    write_status(now, Status.DUPLICATE, by=by, at=at, note=str(root.public_id))
    _count_as_look(now, root)
    return hand_back(now, concern)


def _root_of(concern: Concern) -> Concern:
    """The concern that a duplicate leads to, locked; the concern itself where it is none."""
    root = lock(concern)
    return lock(root.duplicate_of) if root.duplicate_of else root


def _point_at(follower: Concern, root: Concern, *, by: User | None, at: datetime) -> None:
    before = follower.duplicate_of
    assert before is not None  # only duplicates follow
    follower.duplicate_of = root
    save(follower, ["duplicate_of"])
    add_line(
        follower, Kind.EDITED, at=at, by=by, from_value=str(before.public_id), to_value=str(root.public_id)
    )  # fmt: skip
    Look.objects.filter(duplicate=follower).update(concern=root)


def _count_as_look(duplicate: Concern, root: Concern) -> Look:
    """The second witness becomes a look at the first. It moves no status: that is for who reads both."""
    look, _is_new = Look.objects.update_or_create(
        duplicate=duplicate,
        defaults={
            "concern": root,
            "walk_id": duplicate.walk_id,
            "device_id": duplicate.device_id,
            "result": LookResult.STILL_THERE,
            "lit": duplicate.lit,
            "note": "",
            "captured_at": duplicate.captured_at,
            "received_at": duplicate.received_at,
        },
    )
    return look


@transaction.atomic
def claim_same(*, concern: Concern, of: Concern, at: datetime | None = None) -> Look:
    """Whoever reported it says that it is the same as a public one, which is still there: a look in their voice.

    The report itself stays unread, with its words and photos, until an organizer joins the two (`mark_duplicate`) or
    says that they are two (`unmark_duplicate`). It moves no status. Saying it again changes nothing. Raises Refused.
    """
    lock_merging()
    now = lock(concern)
    root = _root_of(of)
    if now.status != Status.NEW or now.publication != Publication.HELD or root.pk == now.pk:
        raise Refused(_("An organizer has read it already and decides whether it is the same."))
    if root.publication != Publication.PUBLISHED:
        raise Refused(_("That one isn’t there any more. Your report is kept as one of its own."))
    if known := Look.objects.filter(duplicate=now).first():
        return known
    look = _count_as_look(now, root)
    add_line(root, Kind.LOOK, at=at or now.received_at, voice=Voice.RESIDENT, to_value=LookResult.STILL_THERE)
    return look


@transaction.atomic
def unmark_duplicate(*, concern: Concern, by: User, at: datetime | None = None) -> Concern:
    """Take a merge back: the concern has its former status again, and those that came along with it follow it again.

    One that nobody had read before the merge is open afterwards. What only its reporter said (`claim_same`) is taken
    back as well, and it stays unread. Raises Refused where nobody said that it is the same.
    """
    lock_merging()
    now = lock(concern)
    root = now.duplicate_of
    if root is None:
        return _deny_claim(now, concern, by=by)
    at = at or timezone.now()
    before = now.updates.filter(kind=Kind.STATUS, to_value=Status.DUPLICATE).order_by("-id").first()
    back_to = before.from_value if before and before.from_value != Status.NEW else Status.TRIAGED
    now.duplicate_of = None
    Look.objects.filter(duplicate=now).delete()
    write_status(now, back_to, by=by, at=at)
    for follower in Concern.objects.select_for_update().filter(duplicate_of=root, updates__from_value=now.public_id):
        _point_at(follower, now, by=by, at=at)
    audit(now, "unmerge", by=by, detail={"of": str(root.public_id)})
    return hand_back(now, concern)


def _deny_claim(now: Concern, seen: Concern, *, by: User) -> Concern:
    claim = Look.objects.filter(duplicate=now).select_related("concern").first()
    if claim is None:
        raise Refused(_("It isn’t marked as the same as another."))
    claim.delete()
    save(now, [])
    audit(now, "unmerge", by=by, detail={"of": str(claim.concern.public_id)})
    return hand_back(now, seen)


def claim_of(concern: Concern) -> Look | None:
    """What the reporter of an unread concern said: a look at the one it is the same as. At most one query."""
    if concern.status != Status.NEW or concern.source != Source.WEB:
        return None
    return Look.objects.filter(duplicate=concern).select_related("concern__category", "concern__segment").first()


def mark_duplicates(*, concerns: Iterable[Concern], of: Concern, by: User) -> list[Outcome]:
    """Mark each as the same as `of`. Returns every concern with "" or the sentence why it was skipped."""
    return _one_by_one(concerns, lambda concern: mark_duplicate(concern=concern, of=of, by=by))
