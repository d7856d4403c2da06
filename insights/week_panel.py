"""A week that was counted and waits to be read, on the organizers' page of today."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from insights.models import Snapshot
from insights.week_days import DAYS, monday_of
from office.panels import Panel


def unread_weeks(now: datetime) -> Any:
    """How many weeks (one or none) wait, and since when: last week's newest count, where it wasn't sent.

    Rows of `n` and `since`, for `insights.panels` to ask together with its own.
    """
    last = monday_of(timezone.localdate(now)) - DAYS
    weeks = Snapshot.objects.weeks().filter(starts_on=last)
    newer = weeks.filter(version__gt=OuterRef("version"))
    unread = weeks.filter(~Exists(newer), sent_at=None).order_by().values("kind")
    return unread.annotate(n=Count("pk"), since=Min("starts_on"))


def week_panel(n: int, monday: date) -> Panel:
    """To be read on the Monday after it."""
    due = timezone.make_aware(datetime.combine(monday + DAYS, time.max))
    url = reverse("insights:week", args=[monday])
    return Panel(n, _("week to read and send to the table"), url, _("Read it"), due_at=due)
