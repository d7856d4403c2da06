"""Putting the outbox right by hand."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import Actor, record
from office.models import OutboxMessage
from office.refused import Refused


@transaction.atomic
def retry_message(*, message: OutboxMessage, by: Actor) -> OutboxMessage:
    """Let the worker try a message again that it had given up. Raises Refused for any other one."""
    locked = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    if locked.status != OutboxMessage.Status.DEAD:
        raise Refused(
            _("It is “%(state)s”, so there is nothing to try again.") % {"state": locked.get_status_display()}
        )
    if not locked.to_address:
        raise Refused(_("Addresses and words of mail are kept for 90 days, so it can’t be sent again."))
    locked.status = OutboxMessage.Status.QUEUED
    locked.due_at, locked.n_attempts, locked.lease_until = timezone.now(), 0, None
    locked.save(update_fields=["status", "due_at", "n_attempts", "lease_until"])
    record(actor=by, action="retried", resource="outboxmessage", object_id=locked.public_id)
    return locked
