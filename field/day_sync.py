"""Records of a walk's day, taken by the sync contract (`field.receipts`): all kinds go one way.

The server's id of a record is made with its receipt, so the receipt finds its row again: no row means that it was
purged.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from field.day_schema import (
    DayBody,
    HeadCountBody,
    IncidentBody,
    PassBody,
    TeamBackBody,
    read_head_count,
    read_incident,
    read_pass,
    read_team_back,
)
from field.models import Receipt
from field.receipts import (
    Outcome,
    block_of,
    check_walk,
    claim,
    is_clock_off,
    is_newer,
    keep_rev,
    named_block,
    outcome_of,
    team_of,
)
from field.tokens import Caller
from people.roles import AgeBand
from walks.day_records import change_record, log_record, withdraw_record
from walks.models import HeadCount, Incident, SegmentPass, TeamBack

Fields = dict[str, Any]


@dataclass(frozen=True)
class DayKind:
    """How one kind of record is read, said in its room's words, and kept."""

    kind: Receipt.Kind
    model: Any
    read: Callable[[bytes], Any]
    fields: Callable[[Caller, Any, datetime], Fields]
    log: Callable[..., Any]
    change: Callable[..., Any] = change_record
    withdraw: Callable[..., Any] = withdraw_record


def put_day_record(day: DayKind, *, caller: Caller, client_id: uuid.UUID, body: DayBody, now: datetime) -> Outcome:
    """Take a record, or a newer state of it, or hear the same again. Raises BadBody and Refusal."""
    check_walk(caller, body.walk)
    fields = None if body.deleted else day.fields(caller, body, now)
    with transaction.atomic():
        receipt, is_new, is_over = claim(caller, client_id, day.kind, body, now=now)
        if is_over:
            return outcome_of(receipt, "closed", is_new=True)
        if not is_new or fields is None:
            return _put_known(day, receipt, body, fields, now=now)
        day.log(
            public_id=receipt.public_id,
            walk=caller.device.walk,
            team=team_of(caller),
            device=caller.device,
            received_at=now,
            **fields,
        )
        return outcome_of(receipt, "complete", is_new=True)


def _put_known(day: DayKind, receipt: Receipt, body: DayBody, fields: Fields | None, *, now: datetime) -> Outcome:
    row = day.model.objects.select_for_update(of=("self",)).filter(public_id=receipt.public_id).first()
    if row is None or row.withdrawn_at is not None:
        return outcome_of(receipt, "closed")
    if not is_newer(receipt, body):
        return outcome_of(receipt, "complete")
    if fields is None:
        day.withdraw(row, at=now)
    else:
        day.change(row, **fields)
    keep_rev(receipt, body, now=now)
    return outcome_of(receipt, "complete" if fields is not None else "closed")


# --- What each kind says ----------------------------------------------------------------------------------------------


def _pass(caller: Caller, body: PassBody, now: datetime) -> Fields:
    return {
        "segment": named_block(caller, body.segment),
        "side": body.side,
        "lit": body.lit,
        "started_at": body.started_at,
        "ended_at": body.ended_at,
        "ratings": body.ratings,
        "is_clock_off": is_clock_off(caller, body.started_at, body.ended_at, now=now),
    }


def _head_count(caller: Caller, body: HeadCountBody, now: datetime) -> Fields:
    counts = {f"n_{band.value}": body.counts.get(band.value, 0) for band in AgeBand}
    return counts | {"counted_at": body.counted_at, "is_clock_off": is_clock_off(caller, body.counted_at, now=now)}


def _incident(caller: Caller, body: IncidentBody, now: datetime) -> Fields:
    """A call for help is never refused for a block that we don't know: its words say where."""
    segment = block_of(caller, body.segment)
    return {
        "kind": body.kind,
        "place": body.place,
        "segment": segment,
        "side": body.side if segment else "",
        "note": body.note,
        "happened_at": body.happened_at,
        "is_clock_off": is_clock_off(caller, body.happened_at, now=now),
    }


def _team_back(caller: Caller, body: TeamBackBody, now: datetime) -> Fields:
    return {
        "n_back": body.n_back,
        "n_out": body.n_out,
        "note": body.note,
        "back_at": body.back_at,
        "is_clock_off": is_clock_off(caller, body.back_at, now=now),
    }


def _of_walk(kind: Receipt.Kind, model: Any, read: Callable[[bytes], Any], fields: Callable[..., Fields]) -> DayKind:
    return DayKind(kind, model, read, fields, log=partial(log_record, model))


PASS = _of_walk(Receipt.Kind.PASS, SegmentPass, read_pass, _pass)
HEAD_COUNT = _of_walk(Receipt.Kind.HEADCOUNT, HeadCount, read_head_count, _head_count)
INCIDENT = _of_walk(Receipt.Kind.INCIDENT, Incident, read_incident, _incident)
TEAM_BACK = _of_walk(Receipt.Kind.TEAM_BACK, TeamBack, read_team_back, _team_back)
