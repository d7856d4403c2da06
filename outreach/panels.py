"""Requests for help that need a coordinator today. Nobody else is told that there are any."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.panels import Panel
from outreach.coordinating import TABS, n_next
from outreach.models import HelpRequest
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
