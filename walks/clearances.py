"""Adults who may walk in a team with minors: recorded by an organizer until a day, and taken back."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.models import Person, User
from walks.models import Clearance

LONGEST = timedelta(days=3 * 366)


@transaction.atomic
def record_clearance(*, person: Person, by: User, until_on: date, what: str = "") -> Clearance:
    """Write down that somebody may walk with minors until a day. Raises Refused for minors and impossible days."""
    today = timezone.localdate()
    if person.is_minor:
        raise Refused(_("Only adults can walk with minors as their grown-up."))
    if until_on < today:
        raise Refused(_("That day is over. Choose a day to come."))
    if until_on > today + LONGEST:
        raise Refused(_("Three years at most, then look again. Choose an earlier day."))
    clearance = Clearance.objects.create(
        person=person, until_on=until_on, what=what.strip()[:120], recorded_by=by.person
    )
    detail = {"until": until_on.isoformat()}
    record(actor=by, action="clearance.record", resource="person", object_id=person.public_id, detail=detail)
    return clearance


@transaction.atomic
def withdraw_clearances(*, person: Person, by: User) -> int:
    """They may not walk with minors any more. How many clearances ended; twice changes nothing."""
    n = Clearance.objects.filter(person=person, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if n:
        record(actor=by, action="clearance.withdraw", resource="person", object_id=person.public_id)
    return n
