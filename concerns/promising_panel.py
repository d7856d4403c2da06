"""Promises that need an organizer today."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from concerns.models import Commitment
from office.panels import Panel
from people.models import User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Overdue promises, and open ones whose owner no mail reaches. One query."""
    if not user.is_organizer:
        return
    today = timezone.localdate(now)
    late = Q(due_on__lt=today)
    told: dict[str, Any] = Commitment.objects.open().aggregate(
        late=Count("pk", filter=late),
        since=Min("due_on", filter=late),
        mute=Count("pk", filter=late & Q(owner_email="")),
    )
    n, mute = told["late"], told["mute"]
    since = told["since"] and timezone.make_aware(datetime.combine(told["since"], time.max))
    yield Panel(
        n,
        ngettext("promise overdue", "promises overdue", n),
        reverse("concerns:commitments") + "?show=overdue",
        _("Ask how it is going"),
        due_at=since,
        detail=ngettext("%(n)d has no address: call", "%(n)d have no address: call", mute) % {"n": mute}
        if mute
        else "",
    )
