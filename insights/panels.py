"""What of meetings, of the table and of the week needs an organizer today."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Min, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from insights.week_panel import unread_weeks, week_panel
from office.panels import Panel
from people.models import User
from walks.models import Gap


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Gaps at the table of which nothing came by their day, and a week to read. One query."""
    if not user.is_organizer:
        return
    gaps: Any = Gap.objects.overdue(timezone.localdate(now)).order_by().annotate(what=Value("gap")).values("what")
    gaps = gaps.annotate(n=Count("pk"), since=Min("due_on")).values_list("what", "n", "since")
    weeks = unread_weeks(now).values_list("kind", "n", "since")
    found: Any = gaps.union(weeks, all=True)
    for what, n, since in found:
        yield _gap_panel(n, since) if what == "gap" else week_panel(n, since)


def _gap_panel(n: int, since: date | None) -> Panel:
    return Panel(
        n,
        ngettext("gap at the table is overdue", "gaps at the table are overdue", n),
        reverse("insights:table") + "#gaps",
        _("Say what came of it"),
        due_at=timezone.make_aware(datetime.combine(since, time.max)) if since else None,
    )
