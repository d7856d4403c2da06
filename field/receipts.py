"""The receipts of the sync contract: a record arrives once, however often and in whatever order it is sent.

Each call claims the record's receipt first, by an insert that makes every other sender of the same id wait; all that
follows happens in the same transaction, so an acknowledged record is whole or isn't there.
"""

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from corridors.models import WGS84, Segment
from field.answers import refuse
from field.models import Receipt, Tombstone
from field.reader import BadBody, Fault, Fix, Position
from field.tokens import MAX_NEW_AN_HOUR, Caller
from walks.models import Device, Team

CLOCK_SLACK = timedelta(minutes=10)
# Isn't kept in the receipt, not even its hash: a door or a phone number could be worked out by trying. Nor one with a
# key, which would stay as somebody's mark after their name was forgotten.
NEVER_KEPT = {"contact": ("position", "consent", "note", "card")}

# The last column is the record's purged id, where the phone's entry and its receipts went, too.
_CLAIM = """
insert into field_receipt
       (device_id, client_id, kind, public_id, rev, body_sha256, photo_ids, received_at, updated_at)
values (%s, %s, %s, gen_random_uuid(), %s, %s, %s, %s, %s)
on conflict (device_id, client_id) do nothing
returning id, public_id, (select t.public_id from field_tombstone t
                           where t.device_client_id = %s and t.client_id = %s limit 1)
"""
_SETTLE = {
    "concern_id": "update field_receipt set concern_id = %s, public_id = %s where id = %s",
    "look_id": "update field_receipt set look_id = %s, public_id = %s where id = %s",
}


class Body(Protocol):
    """What every record says, whatever its kind."""

    @property
    def rev(self) -> int: ...

    @property
    def deleted(self) -> bool: ...

    @property
    def photos(self) -> list[uuid.UUID]: ...


class Claim(NamedTuple):
    """A record's receipt, locked. `is_new`: this call made it. `is_over`: nothing may come to life under it."""

    receipt: Receipt
    is_new: bool
    is_over: bool


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
    code: str = ""

    def as_json(self) -> dict[str, Any]:
        return ({"code": self.code} if self.code else {}) | {
            "id": str(self.client_id),
            "public_id": str(self.public_id),
            "rev": self.rev,
            "state": self.state,
            "photos": self.photos,
            "received_at": self.received_at.isoformat(),
        }


def content_digest(kind: str, body: Any) -> str:
    """SHA-256 of what a body says, whatever its spacing, order of keys and `rev`."""
    content = asdict(body) | {"rev": 0}
    for name in NEVER_KEPT.get(kind, ()):
        del content[name]
    if content.get("fix") is None:  # bodies of before there was one have the same hash
        content.pop("fix", None)
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def claim(caller: Caller, client_id: uuid.UUID, kind: str, body: Body, *, now: datetime) -> Claim:
    """The receipt of this record. Whoever sends the same id at the same time waits here.

    Raises Refusal 400 where the phone used the id for something else, 429 where it sends too much that is new.
    """
    sha256, photos = content_digest(kind, body), [str(photo) for photo in body.photos]
    values: list[Any] = [caller.device.pk, client_id, kind, body.rev, sha256, json.dumps(photos), now, now]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [*values, caller.device.client_id, client_id])
        made = cursor.fetchone()
    if made is None:
        return _known_receipt(caller, client_id, kind)
    if caller.n_last_hour >= MAX_NEW_AN_HOUR:
        raise refuse(429, "", "too_many", _("That is a lot at once. It is sent again later."), retry_after=600)
    receipt = Receipt(
        id=made[0],
        public_id=made[1],
        device=caller.device,
        client_id=client_id,
        kind=kind,
        rev=body.rev,
        body_sha256=sha256,
        photo_ids=photos,
        received_at=now,
        updated_at=now,
    )
    receipt._state.adding = False
    if made[2] is not None:
        receipt.public_id = made[2]
        receipt.save(update_fields=["public_id"])
    # Taken back before we ever heard of it, or purged: only the receipt stays.
    return Claim(receipt, True, body.deleted or made[2] is not None)


def _known_receipt(caller: Caller, client_id: uuid.UUID, kind: str) -> Claim:
    receipt = Receipt.objects.select_for_update(of=("self",)).get(device=caller.device, client_id=client_id)
    if receipt.kind != kind:
        raise refuse(400, "id", "id_used", _("This id belongs to another record of this phone. Save it anew."))
    return Claim(receipt, False, False)


def settle(receipt: Receipt, column: str, row_id: int, public_id: uuid.UUID) -> None:
    """Write into a new receipt what its record became."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE[column], [row_id, public_id, receipt.pk])
    receipt.public_id = public_id


def is_newer(receipt: Receipt, body: Body) -> bool:
    """Whether the body is a later state than we have. Raises Refusal where one rev stands for two contents."""
    if body.rev == receipt.rev and content_digest(receipt.kind, body) != receipt.body_sha256:
        raise refuse(400, "rev", "rev_used", _("Another version with this number is here already. Save it once more."))
    return body.rev > receipt.rev


def keep_rev(receipt: Receipt, body: Body, *, now: datetime) -> None:
    """Note that this state is the one we have."""
    receipt.rev, receipt.body_sha256, receipt.updated_at = body.rev, content_digest(receipt.kind, body), now
    receipt.photo_ids = [str(photo) for photo in body.photos]
    receipt.save(update_fields=["rev", "body_sha256", "photo_ids", "updated_at"])


def outcome_of(
    receipt: Receipt, state: str, photos: list[dict[str, str]] | None = None, *, is_new: bool = False
) -> Outcome:
    return Outcome(is_new, receipt.client_id, receipt.public_id, receipt.rev, state, photos or [], receipt.received_at)


def was_purged(device: Device, named: uuid.UUID) -> bool:
    """Whether a record, by this phone's own id for it or by ours, was purged: here with its receipt, or long ago."""
    own = Q(device_client_id=device.client_id, client_id=named)
    left = Receipt.objects.filter(device=device, client_id=named, kind=Receipt.Kind.CONCERN, concern=None)
    return Tombstone.objects.filter(own | Q(public_id=named)).exists() or left.exists()


def no_record() -> Exception:
    return refuse(404, "concern", "no_record", _("The record it belongs to isn’t here yet. It is sent again after it."))


# --- Where and when, as every kind says it ----------------------------------------------------------------------------


def check_walk(caller: Caller, walk: uuid.UUID) -> None:
    """Leftovers of one walk never land in the next. Raises BadBody."""
    if walk != caller.device.walk.public_id:
        raise BadBody(Fault("walk", "other_walk", _("This was noted on another walk. Scan that walk’s code again.")))


def team_of(caller: Caller) -> Team | None:
    """The phone's team as a foreign key; nothing of it is loaded."""
    team_id = caller.device.team_id
    return Team.from_db("default", ["id"], [team_id]) if team_id else None


def block_of(caller: Caller, public_id: uuid.UUID | None) -> Segment | None:
    """The block that a body names, if it is one of the walk's corridor, also a retired one. One query."""
    if public_id is None:
        return None
    return Segment.objects.filter(public_id=public_id, corridor=caller.device.walk.corridor_id).first()


def named_block(caller: Caller, public_id: uuid.UUID | None) -> Segment | None:
    """See `block_of`; raises BadBody where there is no such block on the walk."""
    segment = block_of(caller, public_id)
    if segment is None and public_id is not None:
        raise BadBody(
            Fault("segment", "unknown", _("This block isn’t part of the walk. Choose it again, or leave it out."))
        )
    return segment


def point_of(place: Position | Fix | None) -> Point | None:
    return Point(place.lon, place.lat, srid=WGS84) if place else None


def is_clock_off(caller: Caller, *moments: datetime, now: datetime) -> bool:
    """Whether what a phone claims of its time can't be: before the invite opened, or ahead of us."""
    earliest, latest = caller.device.walk.invite_opens_at - CLOCK_SLACK, now + CLOCK_SLACK
    return not all(earliest <= moment <= latest for moment in moments)
