"""People counted by heads at the table: one tap, one row, so that a tap that arrives twice is one head.

Children under 13 are nowhere else; others are counted here when they say no name.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.roles import AgeBand
from walks.models import HeadCount, Walk
from walks.table_actions import Ticker, believed, open_table

ID_OF_A_TAP = uuid.UUID("5ca1ab1e-7ab1-4e00-8000-0000000000ad")


@dataclass(frozen=True)
class Heads:
    """How many of one age were counted without a name, and the newest tap that can be taken back."""

    band: AgeBand
    n: int
    newest: uuid.UUID | None


@transaction.atomic
def count_head(
    *, walk: Walk, band: str, by: Ticker, client_id: uuid.UUID | None = None, at: datetime | None = None
) -> HeadCount:
    """One more head of this age. The same `client_id` again is the same head. Raises Refused."""
    walk = open_table(walk)
    if band not in AgeBand.values:
        raise Refused(_("Choose an age."))
    public_id = uuid.uuid5(ID_OF_A_TAP, f"{walk.public_id} {client_id or uuid.uuid4()}")
    if known := HeadCount.objects.filter(public_id=public_id).first():
        return known
    head = HeadCount(walk=walk, public_id=public_id, counted_at=believed(at))
    setattr(head, f"n_{band}", 1)
    head.save(force_insert=True)
    record(actor=by.user, action="head.count", resource="walk", object_id=walk.public_id)
    return head


@transaction.atomic
def uncount_head(*, walk: Walk, head: uuid.UUID | None, by: Ticker) -> None:
    """A tap too many. Twice changes nothing; what a phone or a paper sheet counted stays."""
    open_table(walk)
    taken_back = [one for one in _counted(walk) if one.public_id == head and one.n_people == 1]
    for one in taken_back:
        one.withdrawn_at = timezone.now()
        one.save(update_fields=["withdrawn_at"])
        record(actor=by.user, action="head.withdraw", resource="walk", object_id=walk.public_id)


def heads_of(walk: Walk) -> list[Heads]:
    """Every age with how many were counted at the table or on paper, not by phones. One query."""
    rows = list(_counted(walk))
    return [_of(band, rows) for band in AgeBand]


def _of(band: AgeBand, rows: list[HeadCount]) -> Heads:
    name = f"n_{band.value}"
    taps = [one.public_id for one in rows if getattr(one, name) and one.n_people == 1]
    return Heads(band, sum(getattr(one, name) for one in rows), taps[-1] if taps else None)


def _counted(walk: Walk) -> list[HeadCount]:
    return list(HeadCount.objects.standing().filter(walk=walk, device=None).order_by("received_at", "id"))
