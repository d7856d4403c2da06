"""Changing the coalition's own settings."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from office.actions import Actor, record
from office.models import Coalition


@transaction.atomic
def change_coalition(*, by: Actor, **fields: Any) -> Coalition:
    """Save settings by name and mark the site as set up. Raises ValidationError where one is wrong."""
    Coalition.current()
    coalition = Coalition.objects.select_for_update().get(pk=1)
    changed = sorted(name for name, value in fields.items() if getattr(coalition, name) != value)
    for name in changed:
        setattr(coalition, name, fields[name])
    coalition.set_up_at = coalition.set_up_at or timezone.now()
    coalition.full_clean()
    coalition.save()
    record(actor=by, action="changed", resource="coalition", detail={"fields": changed})
    return coalition
