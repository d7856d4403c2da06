"""Check-ins and check-outs from a greeter's phone, by the sync contract (`field.receipts`).

Somebody whom another greeter ticked first is the same check-in: the receipt of the second phone names it, too, so that
its check-out finds it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from field.day_schema import DayBody, start_reading
from field.models import Receipt
from field.reader import BadBody, Fault
from field.receipts import Outcome, check_walk, claim, is_newer, keep_rev, outcome_of
from field.tokens import Caller
from office.refused import Refused
from people.roles import STORED_AGE_BANDS
from walks import table_actions as table
from walks.links import signup_from_token
from walks.models import Presence, Signup, Walk
from walks.table_actions import NeedsGuardian, Ticker

MOST_PEOPLE = 60
MAX_CODE, MAX_NAME, MAX_GUARDIAN = 200, 120, 200
AGES = frozenset(band.value for band in STORED_AGE_BANDS)


@dataclass(frozen=True)
class PresenceBody(DayBody):
    """`code` is what the person's own QR code holds, or nothing for a walk-up with a `name`.

    `n_people` None means as many as signed up; `left_at` None that they are still there. Taking a check-out back is
    the table's: a phone doesn't know who else checked them out meanwhile.
    """

    code: str
    name: str
    age_band: str
    n_people: int | None
    guardian_note: str
    arrived_at: datetime
    left_at: datetime | None


def read_presence(raw: bytes) -> PresenceBody:
    """Somebody is there, or gone again. Raises BadBody with every fault."""
    reader, head, kept = start_reading(raw, PresenceBody)
    code, name = reader.text("code", most=MAX_CODE), reader.text("name", most=MAX_NAME)
    if kept and not code and not name:
        reader.refuse("name", "required", _("Write their name, or scan their code."))
    age_band = reader.choice("age_band", AGES) or "unknown"
    n_people = None
    if reader.body.get("n_people") is not None:
        n_people = reader.whole("n_people", least=1, most=MOST_PEOPLE)
    note = reader.text("guardian_note", most=MAX_GUARDIAN)
    arrived_at = reader.moment("arrived_at", required=kept)
    left_at = reader.moment("left_at", required=False) if reader.body.get("left_at") is not None else None
    return reader.done(lambda: PresenceBody(**head, code=code, name=name, age_band=age_band, n_people=n_people,
                                            guardian_note=note, arrived_at=arrived_at, left_at=left_at))  # fmt: skip


def put_presence(*, caller: Caller, client_id: uuid.UUID, body: PresenceBody, now: datetime) -> Outcome:
    """Check in, check out, or hear the same again. Raises BadBody and Refusal."""
    check_walk(caller, body.walk)
    by = Ticker(device=caller.device)
    with transaction.atomic():
        receipt, is_new, is_over = claim(caller, client_id, Receipt.Kind.PRESENCE, body, now=now)
        if is_over:
            return outcome_of(receipt, "closed", is_new=True)
        if is_new:
            presence = _check_in(caller, receipt.public_id, body, by)
            receipt.public_id = presence.public_id
            receipt.save(update_fields=["public_id"])
            _check_out(presence, body, by)
            return outcome_of(receipt, "complete", is_new=True)
        return _put_known(receipt, body, by, now=now)


def _put_known(receipt: Receipt, body: PresenceBody, by: Ticker, *, now: datetime) -> Outcome:
    presence = Presence.objects.standing().select_related("walk").filter(public_id=receipt.public_id).first()
    if presence is None:
        return outcome_of(receipt, "closed")
    if not is_newer(receipt, body):
        return outcome_of(receipt, "complete")
    if body.deleted:
        table.undo_check_in(presence=presence, by=by)
    else:
        _check_out(presence, body, by)
    keep_rev(receipt, body, now=now)
    return outcome_of(receipt, "closed" if body.deleted else "complete")


def _check_in(caller: Caller, tick_id: uuid.UUID, body: PresenceBody, by: Ticker) -> Presence:
    common: dict[str, Any] = {
        "by": by,
        "client_id": tick_id,
        "guardian_note": body.guardian_note,
        "at": body.arrived_at,
    }
    try:
        if body.code:
            signup = _signup(caller, body.code)
            return table.check_in(signup=signup, method=Presence.Method.QR, n_people=body.n_people, **common)
        walk = Walk.objects.get(pk=caller.device.walk_id)
        return table.walk_up(walk=walk, name=body.name, age_band=body.age_band, n_people=body.n_people or 1, **common)
    except NeedsGuardian as refused:
        raise BadBody(Fault("guardian_note", "needs_guardian", refused.message)) from None
    except Refused as refused:
        raise BadBody(Fault("walk", "refused", refused.message)) from None


def _check_out(presence: Presence, body: PresenceBody, by: Ticker) -> None:
    if body.left_at is not None:
        table.check_out(presence=presence, by=by, at=body.left_at)


def _signup(caller: Caller, code: str) -> Signup:
    signup = signup_from_token(code.rstrip("/").rpartition("/")[2])
    if signup is None or signup.walk_id != caller.device.walk_id:
        raise BadBody(Fault("code", "unknown", _("This code isn’t one of this walk. Find them by name at the table.")))
    return signup
