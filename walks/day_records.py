"""What phones tell of a walk's day: kept, changed and taken back. Who may is decided by whoever calls."""

from datetime import datetime
from typing import Any, TypeVar

from walks.models import Device, HeadCount, Incident, SegmentPass, Team, TeamBack, Walk

Record = TypeVar("Record", SegmentPass, HeadCount, Incident, TeamBack)


def log_record(
    model: type[Record], *, walk: Walk, team: Team | None, device: Device | None, received_at: datetime, **fields: Any
) -> Record:
    """Keep a block walked, a head count, an incident or a team back. One statement; the columns check the rest."""
    record = model(walk=walk, team=team, device=device, received_at=received_at, **fields)
    record.save(force_insert=True)
    return record


def change_record(record: Record, **fields: Any) -> Record:
    """Write a newer state of a locked record. What the desk noted beside it, such as who took care, stays."""
    for name, value in fields.items():
        setattr(record, name, value)
    record.save(update_fields=list(fields))
    return record


def withdraw_record(record: Record, *, at: datetime) -> Record:
    """Take a locked record back: it stays as a row and counts nowhere."""
    record.withdrawn_at = at
    record.save(update_fields=["withdrawn_at"])
    return record
