"""Who has a concern, on its page at the desk, and what waits because of who has it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from concerns.handing_mail import waiting
from concerns.models import Assignment, Concern
from concerns.owning import current_of
from concerns.partner_forms import AssignForm
from concerns.routing import route_for
from concerns.workflow import OPEN_STATUSES
from office.panels import Panel
from people.models import User


def assign_context(concern: Concern) -> dict[str, Any]:
    """Who has it, and a form with whom the table of who fixes what names. Up to four queries."""
    assigned = current_of(concern)
    rule = route_for(concern) if assigned is None else None
    named = rule.organization.public_id if rule and rule.organization else None
    return {"assigned": assigned, "assign_form": AssignForm(initial={"organization": named})}


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Mail that has nowhere to go, and what somebody said isn't theirs. Three queries, one per mute organization."""
    if not user.is_organizer:
        return
    for one in waiting():
        if one.recipient is None:
            words = ngettext(
                "concern waits because %(who)s has no address", "concerns wait because %(who)s has no address", one.n
            ) % {"who": one.organization.name}
            yield Panel(one.n, words, reverse("concerns:desk_handovers"), _("Give it an address"))
    refused = Assignment.objects.filter(answer=Assignment.Answer.NOT_OURS, concern__status__in=OPEN_STATUSES)
    newest = refused.exclude(concern__assignments__until_at=None).order_by("-answered_at")
    concerns = list(dict.fromkeys(newest.values_list("concern__public_id", flat=True)))
    if concerns:
        n = len(concerns)
        page = reverse("concerns:desk_detail", args=[concerns[0]])
        yield Panel(n, ngettext("thing they say isn’t theirs", "things they say aren’t theirs", n), page, _("Decide"))
