"""What a restore must not bring back, as a file to keep beside the backups. It holds ids and times alone."""

import json
import uuid
from datetime import datetime
from typing import Any

from field.models import Tombstone
from field.purging import purge_again
from outreach.restoring import ids_taken_back, take_back_again

VERSION = 1
IDS = ("public_id", "device_client_id", "client_id")


class NotStones(ValueError):
    """The file isn't one of `as_text`, or not whole."""


def as_text() -> str:
    """Every stone, and what was taken back behind the wall. Four queries."""
    rows = Tombstone.objects.order_by("pk").values("kind", "purged_at", *IDS)
    return json.dumps({"version": VERSION, "purged": list(rows), **ids_taken_back()}, default=_plain)


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, uuid.UUID) else value.isoformat()


def obey(text: str) -> dict[str, int]:
    """Purge, withdraw and forget again what stands here in spite of the file. How many of each. Raises NotStones."""
    try:
        saved = json.loads(text)
        if saved.pop("version") != VERSION:
            raise NotStones
        stones = [_stone(one) for one in saved.pop("purged")]
        ids = {name: [uuid.UUID(one) for one in those] for name, those in saved.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as problem:
        raise NotStones from problem
    Tombstone.objects.bulk_create(stones, ignore_conflicts=True)
    # The yes first: what is purged with it needs nothing to be told.
    return take_back_again(ids) | {"purged": purge_again()}


def _stone(saved: dict[str, Any]) -> Tombstone:
    ids = {name: uuid.UUID(saved[name]) if saved[name] else None for name in IDS}
    return Tombstone(kind=str(saved["kind"]), purged_at=datetime.fromisoformat(saved["purged_at"]), **ids)
