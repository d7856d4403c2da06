"""Concerns and looks of a phone, taken by the sync contract (`field.receipts`)."""

import json
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from concerns.actions import (
    change_concern,
    drop_photos,
    log_concern,
    propose_change,
    record_look,
    take_back_proposal,
    withdraw_concern,
)
from concerns.models import Category, Concern, Look, Photo, Proposal
from concerns.workflow import Publication, Source, Status
from field.models import Receipt
from field.pack import may_have_held
from field.reader import BadBody, Fault
from field.receipts import (
    Outcome,
    check_walk,
    claim,
    is_clock_off,
    is_newer,
    keep_rev,
    named_block,
    no_record,
    outcome_of,
    point_of,
    settle,
    team_of,
    was_purged,
)
from field.schema import ConcernBody, LookBody
from field.tokens import Caller

CLOSED_PUBLICATIONS = {Publication.HIDDEN, Publication.SPAM}


# --- Concerns ---------------------------------------------------------------------------------------------------------


def put_concern(*, caller: Caller, client_id: uuid.UUID, body: ConcernBody, now: datetime) -> Outcome:
    """Take a concern, or a newer state of it, or hear the same again. Raises BadBody and Refusal."""
    check_walk(caller, body.walk)
    fields = None if body.deleted else concern_fields(caller, body, now=now)
    with transaction.atomic():
        receipt, is_new, is_over = claim(caller, client_id, Receipt.Kind.CONCERN, body, now=now)
        if is_over:
            return outcome_of(receipt, "closed", is_new=True)
        if not is_new or fields is None:
            return _put_known_concern(caller, receipt, body, fields, now=now)
        concern = log_concern(
            source=Source.FIELD,
            walk=caller.device.walk,
            team=team_of(caller),
            device=caller.device,
            received_at=now,
            **fields,
        )
        settle(receipt, "concern_id", concern.pk, concern.public_id)
        return outcome_of(receipt, "waiting_photos" if body.photos else "complete", is_new=True)


def concern_fields(caller: Caller, body: ConcernBody, *, now: datetime) -> dict[str, Any]:
    """The body in the words of `concerns.actions`. One query, two with a segment. Raises BadBody."""
    point = point_of(body.position)
    return {
        "category": _category(body.category),
        "location": point,
        "accuracy_m": body.position.accuracy_m if body.position else None,
        "place_from": body.position.source if body.position else Concern.PlaceFrom.ADDRESS,
        "fix_location": point_of(body.fix),
        "fix_accuracy_m": body.fix.accuracy_m if body.fix else None,
        "fix_at": body.fix.at if body.fix else None,
        "address": body.address,
        "segment": named_block(caller, body.segment),
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
        return outcome_of(receipt, "closed", _photos_of(receipt))
    if is_newer(receipt, body):
        if is_read(concern):
            propose_change(concern=concern, device=caller.device, body=_proposal(body))
        elif fields is None:
            withdraw_concern(concern=concern)
        else:
            change_concern(concern=concern, device=caller.device, **fields)
            drop_photos(concern=concern, device=caller.device, keep=body.photos)
        keep_rev(receipt, body, now=now)
        concern.refresh_from_db(fields=["status", "publication"])
    held = _photos_of(receipt)
    return outcome_of(receipt, concern_state(concern, receipt, held), held)


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


def _has_open_proposal(concern: Concern, receipt: Receipt, look: Look | None = None) -> bool:
    waiting = Proposal.objects.filter(concern=concern, device=receipt.device_id, look=look)
    return waiting.filter(state=Proposal.State.OPEN).exists()


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
    with transaction.atomic():
        receipt, is_new, is_over = claim(caller, client_id, Receipt.Kind.LOOK, body, now=now)
        if is_over:
            return outcome_of(receipt, "closed", is_new=True)
        if not is_new:  # what it looked at may be fixed, merged or gone since
            return _put_known_look(caller, receipt, body, now=now)
        concern = looked_at(caller, body.concern)
        if concern is None or is_closed(concern):
            return outcome_of(receipt, "closed", is_new=True)
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
        return outcome_of(receipt, "waiting_photos" if body.photos else "complete", is_new=True)


def looked_at(caller: Caller, named: uuid.UUID) -> Concern | None:
    """What a look names: a concern of the phone's own by its client id, or one that its pack may have held, by ours.

    None where it was purged. Raises Refusal 404 “no_record” where there is none yet.
    """
    concerns = Concern.objects.select_related("category")
    own = Q(receipts__device=caller.device, receipts__client_id=named)
    theirs = Q(public_id=named) & may_have_held(caller.device)
    concern = concerns.filter(own | theirs).distinct().first()
    if concern is None and not was_purged(caller.device, named):
        raise no_record()
    return concern


def _put_known_look(caller: Caller, receipt: Receipt, body: LookBody, *, now: datetime) -> Outcome:
    """A look stands in the story once it is recorded, so what comes later is for an organizer to decide."""
    looks = Look.objects.select_related("concern")
    look = looks.filter(pk=receipt.look_id).first() if receipt.look_id else None
    if look is None or look.publication in CLOSED_PUBLICATIONS or is_closed(look.concern):
        return outcome_of(receipt, "closed", _photos_of(receipt))
    same = _only_photos_differ(look, body)
    if is_newer(receipt, body):
        if same:
            take_back_proposal(concern=look.concern, device=caller.device, look=look)
        else:
            propose_change(concern=look.concern, device=caller.device, look=look, body=_proposal(body))
        keep_rev(receipt, body, now=now)
    held = _photos_of(receipt)
    if not same and _has_open_proposal(look.concern, receipt, look):
        return outcome_of(receipt, "for_review", held)
    return outcome_of(receipt, "waiting_photos" if len(held) < len(receipt.photo_ids) else "complete", held)


def _only_photos_differ(look: Look, body: LookBody) -> bool:
    return not body.deleted and (look.result, look.lit, look.note) == (body.result, body.lit, body.note)


# --- What both need ---------------------------------------------------------------------------------------------------


def _locked_concern(receipt: Receipt) -> Concern | None:
    if receipt.concern_id is None:
        return None
    rows = Concern.objects.select_for_update(of=("self",)).select_related("category")
    return rows.filter(pk=receipt.concern_id).first()  # a purge may have been quicker


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


def _category(code: str) -> Category:
    """Also one that is no longer in use: the phone's list may be older than ours. Raises BadBody."""
    with connection.cursor() as cursor:
        cursor.execute("select id, code from concerns_category where code = %s", [code])
        row = cursor.fetchone()
    if row is None:
        raise BadBody(Fault("category", "unknown", _("We don’t have this kind of concern. Choose another one.")))
    return Category.from_db("default", ["id", "code"], row)


def _flags(caller: Caller, point: Point | None, captured_at: datetime, *, now: datetime) -> set[str]:
    flags: set[str] = set()
    if is_clock_off(caller, captured_at, now=now):
        flags.add(Concern.Flag.CLOCK_OFF)
    if point is not None and caller.bounds is not None and not caller.bounds.covers(point):
        flags.add(Concern.Flag.OUTSIDE)
    return flags
