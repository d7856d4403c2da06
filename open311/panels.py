from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from open311.models import Delivery, Endpoint
from people.models import User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """What a city refused, never answered or doesn't let in. Two queries."""
    if not user.is_organizer:
        return
    page = reverse("open311:desk_deliveries")
    waiting = Delivery.objects.to_decide().aggregate(n=Count("pk"), since=Min("due_at"))
    n = waiting["n"]
    words = ngettext("concern that a city didn’t take, or may have", "concerns that a city didn’t take, or may have", n)
    yield Panel(n, words, page, _("Decide"), due_at=waiting["since"])
    n = Endpoint.objects.exclude(paused_at=None).count()
    words = ngettext("city that nothing is sent to now", "cities that nothing is sent to now", n)
    yield Panel(n, words, page, _("See why"))
