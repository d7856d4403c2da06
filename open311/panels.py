from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Min, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from open311.models import Delivery, Endpoint
from people.models import User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """What a city refused, never answered or doesn't let in. One query."""
    if not user.is_organizer:
        return
    page = reverse("open311:desk_deliveries")
    waiting = Delivery.objects.to_decide().order_by().values(what=Value("waiting"))
    paused = Endpoint.objects.exclude(paused_at=None).order_by().values(what=Value("paused"))
    rows = waiting.annotate(n=Count("pk"), since=Min("due_at"))
    found = {row["what"]: row for row in rows.union(paused.annotate(n=Count("pk"), since=Min("paused_at")), all=True)}
    nothing = {"n": 0, "since": None}
    n, since = found.get("waiting", nothing)["n"], found.get("waiting", nothing)["since"]
    words = ngettext("concern that a city didn’t take, or may have", "concerns that a city didn’t take, or may have", n)
    yield Panel(n, words, page, _("Decide"), due_at=since)
    n = found.get("paused", nothing)["n"]
    words = ngettext("city that nothing is sent to now", "cities that nothing is sent to now", n)
    yield Panel(n, words, page, _("See why"))
