"""A quarter's numbers are kept as they were said: those about help once and for good, all others with each version.

Help is counted when the quarter is kept first. A referral that ends later changes nothing any more: the difference
between two counts of the same quarter would say what happened to one person.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insights import definitions
from insights.models import Snapshot
from insights.partners import help_shown, partner_rows
from insights.quarters import Quarter
from office.actions import record
from office.models import Coalition
from office.refused import Refused
from office.working_days import add_working_days, closed_days
from people.models import User

# Working days between the count and the public: partners see their record first.
PUBLIC_AFTER = 5


def make_due(now: datetime | None = None) -> int:
    """A periodic job: keeps the last quarter on the day it may be counted. Called again it makes nothing."""
    now = now or timezone.now()
    coalition = Coalition.current()
    today = timezone.localdate(now, coalition.zone)
    quarter = Quarter.of(today).before
    if coalition.set_up_at is None or today < quarter.counted_on or kept(quarter) is not None:
        return 0
    keep_quarter(quarter=quarter, now=now)
    return 1


def kept(quarter: Quarter) -> Snapshot | None:
    """The newest version. One query."""
    return Snapshot.objects.quarters().filter(starts_on=quarter.starts_on).order_by("-version").first()


@transaction.atomic
def keep_quarter(*, quarter: Quarter, by: User | None = None, now: datetime | None = None) -> Snapshot:
    """Count a quarter that is over, (again) as a new version. Raises Refused before its day."""
    now = now or timezone.now()
    # One at a time: of two who count at once, the second takes the first one's numbers about help.
    coalition = Coalition.objects.select_for_update().get(pk=Coalition.current().pk)
    today = timezone.localdate(now, coalition.zone)
    if today < quarter.counted_on:
        raise Refused(_("This quarter isn’t counted yet: some answers are still due. Come back later."))
    before = kept(quarter)
    made = Snapshot.objects.create(
        kind=Snapshot.Kind.PARTNERS,
        starts_on=quarter.starts_on,
        ends_on=quarter.ends_on,
        version=before.version + 1 if before else 1,
        numbers=_numbers(quarter, coalition, before, today),
        definitions=definitions.VERSION,
        made_at=now,
        made_by=by,
    )
    detail = {"quarter": str(quarter), "version": made.version}
    record(actor=by, action="quarter.count", resource="snapshot", object_id=made.public_id, detail=detail)
    return made


def _numbers(quarter: Quarter, coalition: Coalition, before: Snapshot | None, today: date) -> dict[str, Any]:
    rows = partner_rows(quarter, coalition.zone)
    if before is None:
        about_help: dict[Any, Any] = help_shown(quarter, coalition.zone)
        public_on = add_working_days(today, PUBLIC_AFTER, closed_days(today)).isoformat()
    else:
        about_help = {row["id"]: row["help"] for row in before.numbers["organizations"]}
        public_on = before.numbers["public_on"]
    for row in rows:
        pk = row.pop("pk")
        row["help"] = about_help.get(row["id"] if before else pk)
    return {"organizations": rows, "public_on": public_on}


def public_quarter(today: date) -> Snapshot | None:
    """The last quarter that is kept, once its partners had their days to look at it. One query."""
    for one in Snapshot.objects.quarters().order_by("-starts_on", "-version")[:20]:
        if date.fromisoformat(one.numbers["public_on"]) <= today:
            return one
    return None
