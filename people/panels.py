from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Exists, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from office.models import Coalition, OutboxMessage
from office.panels import Panel
from people.models import Organization, User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """The first day's steps that belong to people, and mail that didn't arrive. One query."""
    is_waiting = Q(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    # One row, because whoever reads this has a sign-in.
    row = User.objects.order_by().values(
        knows_some=Exists(Organization.objects.current()), is_set_up=Exists(Coalition.objects.exclude(set_up_at=None))
    )
    undelivered = OutboxMessage.objects.filter(status=OutboxMessage.Status.DEAD).exclude(to_address="").order_by()
    dead = Subquery(undelivered.values(one=Value(1)).annotate(n=Count("pk")).values("n"))
    found = row.annotate(waiting=Count("pk", filter=is_waiting), dead=dead).get()
    if user.is_admin and not found["is_set_up"]:
        yield Panel(
            n=1,
            text=_("Say who you are: pages and mails still carry made-up names"),
            url=reverse("setup"),
            button=_("Set up"),
        )
    if not found["knows_some"]:
        yield Panel(
            n=1,
            text=_("No organizations yet: people who sign up can’t say whom they come from"),
            url=reverse("setup_organizations"),
            button=_("Paste names"),
        )
    if (n := found["dead"] or 0) and user.is_organizer:
        yield Panel(
            n=n,
            text=ngettext("message couldn’t be delivered", "messages couldn’t be delivered", n),
            url=reverse("people:desk_mail") + "?show=dead",
            button=_("See which"),
        )
    if found["waiting"]:
        yield Panel(
            n=found["waiting"],
            text=_("Colleagues who haven’t used their invitation"),
            url=reverse("people:desk_colleagues"),
            button=_("See them"),
        )
