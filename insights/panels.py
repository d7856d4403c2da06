"""What of meetings and of the table needs an organizer today."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from people.models import User
from walks.models import Gap


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Gaps at the table of which nothing came by their day. One query."""
    if not user.is_organizer:
        return
    late: dict[str, Any] = Gap.objects.overdue(timezone.localdate(now)).aggregate(n=Count("pk"), since=Min("due_on"))
    n, since = late["n"], late["since"]
    yield Panel(
        n,
        ngettext("gap at the table is overdue", "gaps at the table are overdue", n),
        reverse("insights:table") + "#gaps",
        _("Say what came of it"),
        due_at=timezone.make_aware(datetime.combine(since, time.max)) if since else None,
    )
