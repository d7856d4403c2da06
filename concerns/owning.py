"""Ending who has a concern, and asking again: what the story itself needs. See `concerns.assigning` for the actions.

Whoever ends an assignment takes the lock of handing first, so that no mail with it is written at that moment.
"""

from datetime import datetime

from django.db import connection

from concerns.models import Assignment, Concern
from concerns.workflow import Status
from office.models import OutboxMessage

# Nobody needs to do anything about these any more. What is claimed or seen fixed stays with who has it: it may be back.
NOBODY_NEEDS_TO = {Status.DUPLICATE, Status.NOT_ACTIONABLE, Status.WITHDRAWN}


def lock_handing() -> None:
    """Ending an assignment and writing a mail never happen at once. Taken before any row of an assignment."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('concerns.handing'))")


def current_of(concern: Concern) -> Assignment | None:
    """Who has a locked concern now. One query."""
    rows = Assignment.objects.current().select_related("organization", "handover")
    return rows.filter(concern=concern).first()


def end_now(assignment: Assignment, *, at: datetime) -> None:
    """End an assignment whose concern is locked. A mail that waits goes to nobody; what else was in it goes anew."""
    lock_handing()
    assignment.refresh_from_db(fields=["handover"])
    if assignment.handover is not None:
        about = f"handover {assignment.handover.public_id}"
        waiting = OutboxMessage.objects.filter(about=about, status=OutboxMessage.Status.QUEUED)
        if waiting.update(status=OutboxMessage.Status.CANCELLED):
            Assignment.objects.filter(handover=assignment.handover).update(handover=None)
            assignment.handover = None
    assignment.until_at = max(at, assignment.from_at)
    assignment.save(update_fields=["until_at"])


def follow_status(concern: Concern, *, at: datetime) -> None:
    """What a locked concern's new status means for who has it. Back again: it goes into the next mail to them."""
    if concern.status == Status.REOPENED:
        Assignment.objects.current().filter(concern=concern).update(handover=None)
    elif concern.status in NOBODY_NEEDS_TO and (theirs := current_of(concern)):
        end_now(theirs, at=at)
