"""What people at the table do with what teams tell: take care of an incident, take a record back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from people.models import User
from walks.day_records import withdraw_record
from walks.models import Incident
from walks.models.day import DayRecord


@transaction.atomic
def handle_incident(
    *, incident: Incident, by: User, note: str = "", expected: str, at: datetime | None = None
) -> Incident:
    """Write down who takes care of it. `expected` is `incident.version` as the person saw it.

    Raises Refused, with who was quicker, where somebody was; also where the team changed it or took it back.
    """
    now = Incident.objects.select_for_update(of=("self",)).select_related("walk", "handled_by__person").get(
        pk=incident.pk
    )  # fmt: skip
    if now.handled_at is not None:
        raise Refused(_who_took(now))
    if now.withdrawn_at is not None:
        raise Refused(_("The team took this back meanwhile."))
    if expected != now.version:
        raise Refused(_("The team changed it while you were reading. Look at it again, then take care of it."))
    now.handled_at, now.handled_by, now.handled_note = at or timezone.now(), by, note.strip()
    now.save(update_fields=["handled_at", "handled_by", "handled_note"])
    record(actor=by, action="incident.handle", resource="incident", object_id=now.public_id)
    return now


@transaction.atomic
def reopen_incident(*, incident: Incident, by: User) -> Incident:
    """Nobody takes care of it after all: it is loud again. What nobody took stays as it is."""
    now = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if now.handled_at is not None:
        now.handled_at, now.handled_by, now.handled_note = None, None, ""
        now.save(update_fields=["handled_at", "handled_by", "handled_note"])
        record(actor=by, action="incident.reopen", resource="incident", object_id=now.public_id)
    return now


def _who_took(incident: Incident) -> str:
    assert incident.handled_at is not None
    words = {
        "who": incident.handled_by.short_name if incident.handled_by else _("Somebody"),
        "when": date_format(timezone.localtime(incident.handled_at, incident.walk.zone), "g:i A"),
    }
    return _("%(who)s takes care of it since %(when)s. Nothing was changed.") % words


@transaction.atomic
def withdraw_by_hand(*, row: DayRecord, by: User) -> DayRecord:
    """Take back what a phone told by mistake; it stays in the table and counts nowhere. Twice changes nothing."""
    kind: Any = type(row)
    now: DayRecord = kind._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if now.withdrawn_at is None:
        withdraw_record(now, at=timezone.now())  # type: ignore[type-var]
        name = kind._meta.model_name or ""
        record(actor=by, action=f"{name}.withdraw", resource=name, object_id=now.public_id)
    return now
