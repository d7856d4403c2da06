"""What the teams of last month's walk told on the evening itself: blocks, heads, contacts, one fall, all back."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import models

from concerns.models import Concern
from corridors.models import Side
from field.models import Receipt
from outreach.models import Contact
from people.models import User
from saferoutes.demo.met import MET, tell_whom_they_met
from walks.day_actions import handle_incident
from walks.day_records import log_record
from walks.models import Device, HeadCount, Incident, SegmentPass, Team, TeamBack, Walk
from walks.sun import Lit

MINUTES_A_SIDE = 9
# How many went out with each team, and in how many steps they came back to the table.
BACK = {1: [5], 2: [3, 4], 3: [4]}
# Everybody of the table's list (cast.ROSTER_OF_LAST, WALK_UPS) and one child.
HEADS = {
    "n_under_13": 1,
    "n_13_17": 2,
    "n_18_24": 1,
    "n_25_34": 2,
    "n_35_54": 3,
    "n_55_64": 2,
    "n_65_plus": 2,
}

KINDS: dict[type[models.Model], str] = {
    Concern: Receipt.Kind.CONCERN,
    SegmentPass: Receipt.Kind.PASS,
    HeadCount: Receipt.Kind.HEADCOUNT,
    Incident: Receipt.Kind.INCIDENT,
    TeamBack: Receipt.Kind.TEAM_BACK,
    Contact: Receipt.Kind.CONTACT,
}


def tell_the_evening(*, walk: Walk, phones: dict[int, Device], by: User) -> Iterator[models.Model]:
    """Yields every row it made. `phones` are those of the teams, by the team's number."""
    for number, device in phones.items():
        team = device.team
        assert team is not None
        yield from _passes(walk, team, device)
        yield from _backs(walk, team, device, BACK[number])
    yield log_by_phone(HeadCount, walk, phones[1], walk.step_off_at, counted_at=walk.step_off_at, **HEADS)
    yield _fall(walk, phones[2], by)
    yield from tell_whom_they_met(walk, phones, MET)


def receipts_of(rows: Iterable[Any], *, random: Random) -> Iterator[Receipt]:
    """What the phones' records would have left behind, so that the board counts what each phone sent."""
    for row in rows:
        yield Receipt(
            device=row.device,
            client_id=uuid.UUID(int=random.getrandbits(128)),
            kind=KINDS[type(row)],
            concern=row if isinstance(row, Concern) else None,
            public_id=row.public_id,
            rev=1,
            body_sha256="0" * 64,
            received_at=row.received_at,
            updated_at=row.received_at,
        )


def log_by_phone(model: Any, walk: Walk, device: Device, at: datetime, /, **fields: Any) -> Any:
    return log_record(
        model, walk=walk, team=device.team, device=device, received_at=at + timedelta(seconds=20), **fields
    )


def _passes(walk: Walk, team: Team, device: Device) -> Iterator[SegmentPass]:
    """Up one side and back on the other; the last team turned around before its last block's second side."""
    blocks = list(team.segments.order_by("position"))
    faces = [(block, Side.LEFT) for block in blocks] + [(block, Side.RIGHT) for block in reversed(blocks)]
    if team.number == len(BACK):
        faces.remove((blocks[-1], Side.RIGHT))
    for n, (block, side) in enumerate(faces):
        started_at = walk.step_off_at + timedelta(minutes=5 + MINUTES_A_SIDE * n)
        ended_at = started_at + timedelta(minutes=MINUTES_A_SIDE)
        ratings = (
            {"light": (n * 7 + team.number) % 4, "feeling": (n * 5 + team.number) % 4} if side == Side.LEFT else {}
        )
        told = {"segment": block, "side": side, "lit": Lit.DARK, "ratings": ratings}
        yield log_by_phone(SegmentPass, walk, device, ended_at, started_at=started_at, ended_at=ended_at, **told)


def _backs(walk: Walk, team: Team, device: Device, steps: list[int]) -> Iterator[TeamBack]:
    for n, n_back in enumerate(steps):
        back_at = walk.end_at - timedelta(minutes=12 - 4 * n - team.number)
        note = "One went ahead to the bus" if n_back < steps[-1] else ""
        yield log_by_phone(TeamBack, walk, device, back_at, n_back=n_back, n_out=steps[-1], back_at=back_at, note=note)


def _fall(walk: Walk, device: Device, by: User) -> Incident:
    at = walk.step_off_at + timedelta(minutes=41)
    assert device.team is not None
    incident: Incident = log_by_phone(
        Incident,
        walk,
        device,
        at,
        kind=Incident.Kind.HURT,
        place="in front of the laundry",
        segment=device.team.segments.order_by("position").first(),
        side=Side.RIGHT,
        note="One of us stumbled over the curb. Scraped knee, we rest.",
        happened_at=at,
    )
    note = "Brought bandages by car; walks on"
    return handle_incident(incident=incident, by=by, note=note, expected=incident.version, at=at + timedelta(minutes=2))
