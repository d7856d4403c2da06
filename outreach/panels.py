"""Requests for help that need a coordinator today. Nobody else is told that there are any."""

from collections.abc import Iterable
from datetime import datetime, time

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from outreach.coordinating import TABS, n_next
from outreach.models import HelpRequest, Shop
from people.models import User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Requests that nobody has, or that nobody answered in time. Two queries for coordinators, none for others."""
    if not user.may_see_help:
        return
    n = n_next(user)
    waiting = HelpRequest.objects.open().filter(TABS["next"]).order_by("created_at")
    oldest = waiting.values_list("created_at", flat=True).first()
    yield Panel(
        n,
        ngettext("request for help needs you", "requests for help need you", n),
        reverse("outreach:requests"),
        _("Find out who can help"),
        due_at=oldest,
    )


def shop_panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Shops where somebody said that we would come back by today. One query for organizers."""
    if not user.is_organizer:
        return
    today = timezone.localdate(now)
    found = Shop.objects.to_call_back(today).aggregate(n=Count("pk"), oldest=Min("call_back_on"))
    n = found["n"]
    yield Panel(
        n,
        ngettext("shop waits for you to come back", "shops wait for you to come back", n),
        reverse("outreach:shops") + "?show=due",
        _("See which"),
        due_at=datetime.combine(found["oldest"], time.max, tzinfo=timezone.get_current_timezone()) if n else None,
    )
