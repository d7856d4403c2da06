"""One organization under two names: after the merge a walk has one pledge of it, a meeting one line for its people.

What simply points at it was moved before (`people.merging`); this is about rows that would double one there.
`settings.ORGANIZATION_MERGE_STEPS` names `join` and `part`.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from office.actions import record
from office.models import AuditEvent
from people.models import Organization, User
from walks.models import Attendance, Pledge, Walk
from walks.places import lock

PLEDGE, COUNTED = "pledge.joined", "attendance.joined"
MOST_PEOPLE = 500
NOTE = 300


def join(*, keep: Organization, drop: Organization, by: User) -> None:
    """After a merge: of two pledges for a walk the larger stands, and people counted twice by name are one line."""
    for pledge in Pledge.objects.filter(organization=drop).order_by("walk_id"):
        lock(Walk(pk=pledge.walk_id))
        _join_pledges(Pledge.objects.get(walk=pledge.walk_id, organization=keep), pledge, drop, by)
    for line in Attendance.objects.filter(organization=drop).order_by("pk"):
        _add_up(line, keep, drop, by)


def _join_pledges(first: Pledge, second: Pledge, drop: Organization, by: User) -> None:
    """The second goes; its link leads nowhere, the first one's still works."""
    before = {"n_people": first.n_people, "answered_at": _iso(first.answered_at)}
    sentence = ""
    if second.n_people is not None:
        sentence = _sentence(drop, second.n_people)
        first.note = f"{first.note} {sentence}".strip()[:NOTE]
        if first.n_people is None or second.n_people > first.n_people:
            first.n_people, first.answered_at = second.n_people, second.answered_at
    first.contact_name = first.contact_name or second.contact_name
    first.asked_at = first.asked_at or second.asked_at
    first.save(update_fields=["n_people", "answered_at", "note", "contact_name", "asked_at"])
    detail: dict[str, Any] = {
        "of": str(drop.public_id),
        "pledge": str(second.public_id),
        "into": str(first.public_id),
        "before": before,
        "after": first.n_people,
        "walk": second.walk_id,
        "n_people": second.n_people,
        "asked_at": _iso(second.asked_at),
        "answered_at": _iso(second.answered_at),
        "link_version": second.link_version,
    }
    record(actor=by, action=PLEDGE, resource="pledge", object_id=second.public_id, detail=detail)
    second.delete()


def _sentence(drop: Organization, n: int) -> str:
    return _("Also pledged as “%(name)s”: %(n)d.") % {"name": drop.name, "n": n}


def _add_up(line: Attendance, keep: Organization, drop: Organization, by: User) -> None:
    same = {"meeting": line.meeting_id, "role": line.role, "age_band": line.age_band}
    first = Attendance.objects.select_for_update(of=("self",)).get(organization=keep, **same)
    added = min(line.n_people, MOST_PEOPLE - first.n_people)
    first.n_people += added
    first.save(update_fields=["n_people"])
    detail = same | {"of": str(drop.public_id), "into": first.pk, "n_people": line.n_people, "added": added}
    record(actor=by, action=COUNTED, resource="attendance", object_id=drop.public_id, detail=detail)
    line.delete()


def part(*, drop: Organization, by: User) -> None:
    """After an undone merge: both pledges and both lines again, as far as they stand as they were joined."""
    joined = AuditEvent.objects.filter(action__in=[PLEDGE, COUNTED], detail__of=str(drop.public_id))
    before = AuditEvent.objects.filter(action="unmerged", object_id=drop.public_id).order_by("-pk").first()
    if before is not None:  # what an earlier undone merge joined stands apart already
        joined = joined.filter(pk__gt=before.pk)
    for event in joined.order_by("pk"):
        _part_pledge(event.detail, drop) if event.action == PLEDGE else _part_line(event.detail, drop)


def _part_pledge(told: dict[str, Any], drop: Organization) -> None:
    if not Walk.objects.filter(pk=told["walk"]).exists() or drop.pledges.filter(walk=told["walk"]).exists():
        return
    Pledge.objects.create(
        public_id=told["pledge"],
        walk_id=told["walk"],
        organization=drop,
        n_people=told["n_people"],
        asked_at=_moment(told["asked_at"]),
        answered_at=_moment(told["answered_at"]),
        link_version=told["link_version"],
    )
    first = Pledge.objects.filter(public_id=told["into"]).first()
    if first is None:
        return
    if told["n_people"] is not None:
        first.note = first.note.replace(_sentence(drop, told["n_people"]), "").strip()
    if first.n_people == told["after"]:
        first.n_people, first.answered_at = told["before"]["n_people"], _moment(told["before"]["answered_at"])
    first.save(update_fields=["note", "n_people", "answered_at"])


def _part_line(told: dict[str, Any], drop: Organization) -> None:
    first = (
        Attendance.objects.select_for_update(of=("self",)).filter(pk=told["into"], n_people__gt=told["added"]).first()
    )
    if first is None:
        return
    first.n_people -= told["added"]
    first.save(update_fields=["n_people"])
    same = {"meeting_id": told["meeting"], "role": told["role"], "age_band": told["age_band"]}
    Attendance.objects.create(organization=drop, n_people=told["n_people"], **same)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
