"""Outgoing mail as organizers may see it: what kind, to whom (masked), whether it left, and trying again.

Neither texts nor whole addresses show: a text may hold somebody's one-time link.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from office.mending import retry_message
from office.models import BadAddress, OutboxMessage
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access

PER_PAGE = 50
MOST_BAD = 30
Status = OutboxMessage.Status
SHOWN: dict[str, Q] = {
    "waiting": Q(status__in=[Status.QUEUED, Status.SENDING]),
    "dead": Q(status=Status.DEAD),
    "sent": Q(status=Status.SENT),
    "all": Q(),
}
TABS: dict[str, str | Promise] = {
    "waiting": gettext_lazy("Waiting"),
    "dead": gettext_lazy("Not delivered"),
    "sent": gettext_lazy("Sent"),
    "all": gettext_lazy("All"),
}
KINDS: dict[str, str | Promise] = {
    "report.confirm": gettext_lazy("asks a reporter whether the address is theirs"),
    "report.news": gettext_lazy("news of a report"),
    "report.ask": gettext_lazy("asks a reporter whether it is fixed"),
    "follow.confirm": gettext_lazy("asks a follower whether the address is theirs"),
    "follow.digest": gettext_lazy("news of a corridor"),
    "walks.sign_up": gettext_lazy("sign-up for a walk"),
    "walks.guardian": gettext_lazy("asks a guardian"),
    "walks.called_off": gettext_lazy("a walk is called off"),
    "walks.changed": gettext_lazy("a walk changed"),
    "walks.on_again": gettext_lazy("a walk takes place after all"),
    "walks.day_before": gettext_lazy("the day before a walk"),
    "walks.morning": gettext_lazy("the morning of a walk"),
    "walks.after": gettext_lazy("asks who came to a walk"),
    "walks.words": gettext_lazy("an organizer’s words about a walk"),
    "sign_in_code": gettext_lazy("code to sign in"),
    "set_password": gettext_lazy("link to set a password"),
}


@dataclass(frozen=True)
class Line:
    """One message as the page shows it."""

    message: OutboxMessage
    kind: str
    why: str

    @property
    def is_dead(self) -> bool:
        return self.message.status == Status.DEAD and bool(self.message.to_address)


def why_not_delivered(message: OutboxMessage) -> str:
    """What went wrong, without the mail server's own words: they repeat the address."""
    if message.status == Status.DEAD and not message.last_error:
        return ""
    if "RecipientsRefused" in message.last_error:
        return _("the mail server says that nobody has this address")
    if "DataError" in message.last_error or "NotSupported" in message.last_error:
        return _("the mail server doesn’t take this message")
    return _("the mail server can’t be reached or asked to come back later") if message.last_error else ""


@require_safe
@access("outbox", "view", allow=ORGANIZERS)
def desk_mail(request: SignedInRequest) -> HttpResponse:
    """The newest messages of one state, and addresses that don't exist."""
    show = request.GET.get("show", "")
    show = show if show in SHOWN else "all"
    counts = OutboxMessage.objects.order_by().aggregate(**{name: Count("pk", filter=SHOWN[name]) for name in SHOWN})
    rows = OutboxMessage.objects.filter(SHOWN[show]).defer("body_text", "body_html", "headers")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "lines": [Line(one, str(KINDS.get(one.kind, one.kind)), why_not_delivered(one)) for one in page],
        "show": show,
        "tabs": [(name, word, counts[name]) for name, word in TABS.items()],
        "bad": [(one, str(KINDS.get(one.kind, one.kind))) for one in BadAddress.objects.all()[:MOST_BAD]],
        "is_test_mode": settings.MAIL_TEST_MODE,
    }
    response = render(request, "people/mail.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@access("outbox", "retry", allow=ORGANIZERS)
def desk_mail_retry(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, public_id=public_id)
    try:
        retry_message(message=message, by=request.user)
    except Refused as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, _("It is tried again within a minute."))
    return redirect(reverse("people:desk_mail") + "?show=dead")
