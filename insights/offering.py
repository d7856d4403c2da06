"""Which organizations are offered when a table is counted, so that one tap adds them."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from walks.models import Attendance, Meeting, Pledge, Walk

PLEDGED_WITHIN = timedelta(days=60)


def offered_at(meeting: Meeting) -> set[int]:
    """Database ids of those that were at the meeting before, and that said lately that they bring people. One query."""
    before = Meeting.objects.held().filter(starts_at__lt=meeting.starts_at).order_by("-starts_at", "-id")
    sat = Attendance.objects.filter(meeting__in=before[:1].values("pk"), organization__isnull=False)
    pledged = Pledge.objects.answered().filter(
        n_people__gt=0,
        answered_at__range=(meeting.starts_at - PLEDGED_WITHIN, meeting.ends_at),
        walk__deleted_at=None,
        walk__state=Walk.State.PUBLISHED,
    )
    # An organization that was merged away is offered as the one it became.
    stayed = Coalesce(F("organization__merged_into__merged_into"), F("organization__merged_into"), F("organization"))
    rows = [one.order_by().values_list(stayed, flat=True) for one in (sat, pledged)]
    return set(rows[0].union(rows[1]))
