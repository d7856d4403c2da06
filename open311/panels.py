from collections.abc import Iterable
from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Min, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from open311.models import Delivery, Endpoint
from people.models import User

ANY_ENDPOINT, ANY_ENDPOINT_SECONDS = "open311.any_endpoint", 60


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """What a city refused, never answered or doesn't let in. One query; mostly none where nothing is ever sent."""
    if not user.is_organizer or not cache.get_or_set(ANY_ENDPOINT, Endpoint.objects.exists, ANY_ENDPOINT_SECONDS):
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
