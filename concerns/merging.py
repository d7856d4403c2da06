"""Two reports of one thing: merged without chains, and taken apart again. Other rooms call `concerns.actions`."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Concern, Look
from concerns.publishing import Outcome, _one_by_one
from concerns.story import (
    Kind,
    add_line,
    audit,
    hand_back,
    lock,
    lock_merging,
    refuse_if_changed,
    save,
    write_status,
)
from concerns.workflow import OPEN_STATUSES, LookResult, Status, may_move
from corridors.places import MetresTo, box_around
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


def _count_as_look(duplicate: Concern, root: Concern) -> None:
    """The second witness becomes a look at the first. It doesn't move the status: an organizer just read both."""
    Look.objects.update_or_create(
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


@transaction.atomic
def unmark_duplicate(*, concern: Concern, by: User, at: datetime | None = None) -> Concern:
    """Take a merge back: the concern has its former status again, and those that came along with it follow it again.

    One that nobody had read before the merge is open afterwards. Raises Refused where it is no duplicate.
    """
    lock_merging()
    now = lock(concern)
    root = now.duplicate_of
    if root is None:
        raise Refused(_("It isn’t marked as the same as another."))
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


def mark_duplicates(*, concerns: Iterable[Concern], of: Concern, by: User) -> list[Outcome]:
    """Mark each as the same as `of`. Returns every concern with "" or the sentence why it was skipped."""
    return _one_by_one(concerns, lambda concern: mark_duplicate(concern=concern, of=of, by=by))


def likely_same(concern: Concern, *, limit: int = 5) -> list[Concern]:
    """Concerns of the same category that may be the same thing, nearest first, each with `metres`. One query.

    The same block face or address counts before the category's distance. Reads the category.
    """
    others = Concern.objects.filter(category_id=concern.category_id, duplicate_of=None)
    others = others.exclude(pk=concern.pk).exclude(status=Status.WITHDRAWN).exclude(publication="spam")
    if concern.location is None:
        same = others.exclude(address="").filter(address__iexact=concern.address)
        return list(same.select_related("category", "segment")[:limit])
    near = concern.category.duplicate_m
    point: Point = concern.location
    return list(
        others.filter(location__bboverlaps=box_around(point, near))
        .annotate(metres=MetresTo("location", point))
        .filter(metres__lte=near, status__in=[*OPEN_STATUSES, Status.CLAIMED_FIXED])
        .select_related("category", "segment")
        .order_by("metres", "id")[:limit]
    )
