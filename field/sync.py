"""The sync contract: a record of a phone arrives once, however often and in whatever order it is sent.

Each call claims the record's receipt first, by an insert that makes every other sender of the same id wait; all that
follows happens in the same transaction, so an acknowledged record is whole or isn't there.
"""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from concerns.actions import (
    change_concern,
    log_concern,
    propose_change,
    record_look,
    withdraw_concern,
)
from concerns.models import Category, Concern, Look, Photo, Proposal
from concerns.workflow import Publication, Source, Status
from corridors.models import WGS84, Segment
from field.answers import refuse
from field.models import Receipt
from field.schema import BadBody, ConcernBody, Fault, LookBody, Position
from field.tokens import MAX_NEW_AN_HOUR, Caller
from walks.models import Team

CLOCK_SLACK = timedelta(minutes=10)
CLOSED_PUBLICATIONS = {Publication.HIDDEN, Publication.SPAM}

_CLAIM = """
insert into field_receipt
       (device_id, client_id, kind, public_id, rev, body_sha256, photo_ids, received_at, updated_at)
values (%s, %s, %s, gen_random_uuid(), %s, %s, %s, %s, %s)
on conflict (device_id, client_id) do nothing
returning id, public_id
"""
_SETTLE = {
    "concern_id": "update field_receipt set concern_id = %s, public_id = %s where id = %s",
    "look_id": "update field_receipt set look_id = %s, public_id = %s where id = %s",
}


@dataclass(frozen=True)
class Outcome:
    """What the phone is told about one record."""

    is_new: bool
    client_id: uuid.UUID
    public_id: uuid.UUID
    rev: int
    state: str
    photos: list[dict[str, str]]
    received_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.client_id),
            "public_id": str(self.public_id),
            "rev": self.rev,
            "state": self.state,
            "photos": self.photos,
            "received_at": self.received_at.isoformat(),
        }


def content_digest(body: ConcernBody | LookBody) -> str:
    """SHA-256 of what a body says, whatever its spacing, order of keys and `rev`."""
    content = asdict(body) | {"rev": 0}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


# --- Concerns ---------------------------------------------------------------------------------------------------------


def put_concern(*, caller: Caller, client_id: uuid.UUID, body: ConcernBody, now: datetime) -> Outcome:
    """Take a concern, or a newer state of it, or hear the same again. Raises BadBody and Refusal."""
    check_walk(caller, body.walk)
    fields = None if body.deleted else concern_fields(caller, body, now=now)
    with transaction.atomic():
        receipt, is_new = claim(caller, client_id, Receipt.Kind.CONCERN, body, now=now)
        if is_new and fields is not None:
            concern = log_concern(
                source=Source.FIELD,
                walk=caller.device.walk,
                team=team_of(caller),
                device=caller.device,
                received_at=now,
                **fields,
            )
            settle(receipt, "concern_id", concern.pk, concern.public_id)
            return _outcome(receipt, "waiting_photos" if body.photos else "complete", [], is_new=True)
        if is_new:  # taken back before we ever heard of it: only the receipt stays
            return _outcome(receipt, "closed", [], is_new=True)
        return _put_known_concern(caller, receipt, body, fields, now=now)


def concern_fields(caller: Caller, body: ConcernBody, *, now: datetime) -> dict[str, Any]:
    """The body in the words of `concerns.actions`. One query, two with a segment. Raises BadBody."""
    point = _point(body.position)
    return {
        "category": _category(body.category),
        "location": point,
        "accuracy_m": body.position.accuracy_m if body.position else None,
        "place_from": body.position.source if body.position else Concern.PlaceFrom.ADDRESS,
        "address": body.address,
        "segment": _segment(caller, body.segment),
        "side": body.side if body.segment else "",
        "lit": body.lit,
        "note": body.note,
        "answers": body.answers,
        "danger_now": body.danger_now,
        "told_by": body.told_by,
        "city_case": body.city_case,
        "n_photos_expected": len(body.photos),
        "captured_at": body.captured_at,
        "flags": _flags(caller, point, body.captured_at, now=now),
    }


def _put_known_concern(
    caller: Caller, receipt: Receipt, body: ConcernBody, fields: dict[str, Any] | None, *, now: datetime
) -> Outcome:
    concern = _locked_concern(receipt)
    if concern is None or is_closed(concern):
        return _outcome(receipt, "closed", _photos_of(receipt))
    if is_newer(receipt, body):
        if is_read(concern):
            propose_change(concern=concern, device=caller.device, body=_proposal(body))
        elif fields is None:
            withdraw_concern(concern=concern)
        else:
            change_concern(concern=concern, device=caller.device, **fields)
        _keep_rev(receipt, body, now=now)
        concern.refresh_from_db(fields=["status", "publication"])
    held = _photos_of(receipt)
    return _outcome(receipt, concern_state(concern, receipt, held), held)


def concern_state(concern: Concern, receipt: Receipt, held: list[dict[str, str]]) -> str:
    """complete, waiting_photos, for_review or closed. One query where an organizer has read it."""
    if is_closed(concern):
        return "closed"
    if is_read(concern) and _has_open_proposal(concern, receipt):
        return "for_review"
    return "waiting_photos" if len(held) < len(receipt.photo_ids) else "complete"


def is_closed(concern: Concern) -> bool:
    """Hidden, spam or taken back: what is sent again doesn't bring it back to life."""
    return concern.publication in CLOSED_PUBLICATIONS or concern.status == Status.WITHDRAWN


def is_read(concern: Concern) -> bool:
    """Whether an organizer has read it: from then on the phone only proposes."""
    return concern.status != Status.NEW or concern.publication != Publication.HELD


def _has_open_proposal(concern: Concern, receipt: Receipt) -> bool:
    return Proposal.objects.filter(concern=concern, device=receipt.device_id, state=Proposal.State.OPEN).exists()


def _proposal(body: ConcernBody | LookBody) -> dict[str, Any]:
    """The body as it is kept until an organizer decides."""
    return cast(dict[str, Any], json.loads(json.dumps(asdict(body), default=_as_text)))


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# --- Looks ------------------------------------------------------------------------------------------------------------


def put_look(*, caller: Caller, client_id: uuid.UUID, body: LookBody, now: datetime) -> Outcome:
    """Take a look at a concern. Raises BadBody and Refusal; 404 “no_record” while the concern isn't here yet."""
    if body.walk is not None:
        check_walk(caller, body.walk)
    concern = looked_at(caller, body.concern, now=now)
    with transaction.atomic():
        receipt, is_new = claim(caller, client_id, Receipt.Kind.LOOK, body, now=now)
        if not is_new:
            return _put_known_look(caller, receipt, body, now=now)
        if body.deleted:
            return _outcome(receipt, "closed", [], is_new=True)
        look = record_look(
            concern=concern,
            result=body.result,
            lit=body.lit,
            walk=caller.device.walk,
            device=caller.device,
            note=body.note,
            captured_at=body.captured_at,
            received_at=now,
        )
        settle(receipt, "look_id", look.pk, look.public_id)
        return _outcome(receipt, "waiting_photos" if body.photos else "complete", [], is_new=True)


def looked_at(caller: Caller, named: uuid.UUID, *, now: datetime) -> Concern:
    """The concern that a look names: one of the phone's own by its client id, or one of its pack by public id."""
    from field.pack import may_look_at

    concerns = Concern.objects.select_related("category")
    own = Q(receipts__device=caller.device, receipts__client_id=named)
    theirs = Q(public_id=named) & may_look_at(caller.device)
    concern = concerns.filter(own | theirs).distinct().first()
    if concern is None:
        raise no_record()
    return concern


def _put_known_look(caller: Caller, receipt: Receipt, body: LookBody, *, now: datetime) -> Outcome:
    """A look stands in the story once it is recorded, so what comes later is for an organizer to decide."""
    looks = Look.objects.select_related("concern")
    look = looks.get(pk=receipt.look_id) if receipt.look_id else None
    if look is None or look.publication in CLOSED_PUBLICATIONS or is_closed(look.concern):
        return _outcome(receipt, "closed", _photos_of(receipt))
    if is_newer(receipt, body):
        proposal = _proposal(body) | {"look": str(look.public_id)}
        if not _only_photos_differ(look, body):
            propose_change(concern=look.concern, device=caller.device, body=proposal)
        _keep_rev(receipt, body, now=now)
    held = _photos_of(receipt)
    state = "waiting_photos" if len(held) < len(receipt.photo_ids) else "complete"
    if not _only_photos_differ(look, body) and _has_open_proposal(look.concern, receipt):
        state = "for_review"
    return _outcome(receipt, state, held)


def _only_photos_differ(look: Look, body: LookBody) -> bool:
    return not body.deleted and (look.result, look.lit, look.note) == (body.result, body.lit, body.note)


# --- What both share --------------------------------------------------------------------------------------------------


def claim(
    caller: Caller, client_id: uuid.UUID, kind: str, body: ConcernBody | LookBody, *, now: datetime
) -> tuple[Receipt, bool]:
    """The receipt of this record, locked, and whether this call made it. Whoever sends the same id waits here.

    Raises Refusal 400 where the phone used the id for something else, 429 where it sends too much that is new.
    """
    sha256, photos = content_digest(body), json.dumps([str(photo) for photo in body.photos])
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [caller.device.pk, client_id, kind, body.rev, sha256, photos, now, now])
        made = cursor.fetchone()
    if made is not None:
        if caller.n_last_hour >= MAX_NEW_AN_HOUR:
            raise refuse(429, "", "too_many", _("That is a lot at once. It is sent again later."), retry_after=600)
        return _made_receipt(made, caller, client_id, kind, body, sha256, now), True
    receipt = Receipt.objects.select_for_update(of=("self",)).get(device=caller.device, client_id=client_id)
    if receipt.kind != kind:
        raise refuse(400, "id", "id_used", _("This id belongs to another record of this phone. Save it anew."))
    return receipt, False


def settle(receipt: Receipt, column: str, row_id: int, public_id: uuid.UUID) -> None:
    """Write into a new receipt what its record became."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE[column], [row_id, public_id, receipt.pk])
    receipt.public_id = public_id


def _made_receipt(
    row: tuple[int, uuid.UUID],
    caller: Caller,
    client_id: uuid.UUID,
    kind: str,
    body: ConcernBody | LookBody,
    sha256: str,
    now: datetime,
) -> Receipt:
    receipt = Receipt(
        id=row[0],
        public_id=row[1],
        device=caller.device,
        client_id=client_id,
        kind=kind,
        rev=body.rev,
        body_sha256=sha256,
        photo_ids=[str(photo) for photo in body.photos],
        received_at=now,
        updated_at=now,
    )
    receipt._state.adding = False
    return receipt


def is_newer(receipt: Receipt, body: ConcernBody | LookBody) -> bool:
    """Whether the body is a later state than we have. Raises Refusal where one rev stands for two contents."""
    if body.rev == receipt.rev and content_digest(body) != receipt.body_sha256:
        raise refuse(400, "rev", "rev_used", _("Another version with this number is here already. Save it once more."))
    return body.rev > receipt.rev


def _keep_rev(receipt: Receipt, body: ConcernBody | LookBody, *, now: datetime) -> None:
    receipt.rev, receipt.body_sha256, receipt.updated_at = body.rev, content_digest(body), now
    receipt.photo_ids = [str(photo) for photo in body.photos]
    receipt.save(update_fields=["rev", "body_sha256", "photo_ids", "updated_at"])


def team_of(caller: Caller) -> Team | None:
    """The phone's team as a foreign key; nothing of it is loaded."""
    team_id = caller.device.team_id
    return Team.from_db("default", ["id"], [team_id]) if team_id else None


def check_walk(caller: Caller, walk: uuid.UUID) -> None:
    """Leftovers of one walk never land in the next. Raises BadBody."""
    if walk != caller.device.walk.public_id:
        raise BadBody(Fault("walk", "other_walk", _("This was noted on another walk. Scan that walk’s code again.")))


def no_record() -> Exception:
    return refuse(404, "concern", "no_record", _("The record it belongs to isn’t here yet. It is sent again after it."))


def _locked_concern(receipt: Receipt) -> Concern | None:
    if receipt.concern_id is None:
        return None
    return Concern.objects.select_for_update(of=("self",)).select_related("category").get(pk=receipt.concern_id)


def _photos_of(receipt: Receipt) -> list[dict[str, str]]:
    """The photos we hold of a record, in the phone's order."""
    if not receipt.photo_ids:
        return []
    rows = Photo.objects.filter(device=receipt.device_id, client_id__in=receipt.photo_ids)
    held = {str(row.client_id): row for row in rows}
    return [
        {"id": photo_id, "sha256": held[photo_id].sha256, "state": held[photo_id].state}
        for photo_id in receipt.photo_ids
        if photo_id in held
    ]


def _outcome(receipt: Receipt, state: str, photos: list[dict[str, str]], *, is_new: bool = False) -> Outcome:
    return Outcome(is_new, receipt.client_id, receipt.public_id, receipt.rev, state, photos, receipt.received_at)


def _category(code: str) -> Category:
    """Also one that is no longer in use: the phone's list may be older than ours. Raises BadBody."""
    with connection.cursor() as cursor:
        cursor.execute("select id, code from concerns_category where code = %s", [code])
        row = cursor.fetchone()
    if row is None:
        raise BadBody(Fault("category", "unknown", _("We don’t have this kind of concern. Choose another one.")))
    return Category.from_db("default", ["id", "code"], row)


def _segment(caller: Caller, public_id: uuid.UUID | None) -> Segment | None:
    if public_id is None:
        return None
    segment = Segment.objects.filter(public_id=public_id, corridor=caller.device.walk.corridor_id).first()
    if segment is None:
        raise BadBody(
            Fault("segment", "unknown", _("This block isn’t part of the walk. Choose it again, or leave it out."))
        )
    return segment


def _point(position: Position | None) -> Point | None:
    return Point(position.lon, position.lat, srid=WGS84) if position else None


def _flags(caller: Caller, point: Point | None, captured_at: datetime, *, now: datetime) -> set[str]:
    flags: set[str] = set()
    if not caller.device.walk.invite_opens_at - CLOCK_SLACK <= captured_at <= now + CLOCK_SLACK:
        flags.add(Concern.Flag.CLOCK_OFF)
    if point is not None and caller.bounds is not None and not caller.bounds.covers(point):
        flags.add(Concern.Flag.OUTSIDE)
    return flags
