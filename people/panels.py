from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from office.models import Coalition
from office.panels import Panel
from people.models import Organization, User


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """The first day's steps that belong to people. Up to three queries."""
    if user.is_admin and Coalition.current().set_up_at is None:
        yield Panel(
            n=1,
            text=_("Say who you are: pages and mails still carry made-up names"),
            url=reverse("setup"),
            button=_("Set up"),
        )
    if not Organization.objects.current().exists():
        yield Panel(
            n=1,
            text=_("No organizations yet: people who sign up can’t say whom they come from"),
            url=reverse("setup_organizations"),
            button=_("Paste names"),
        )
    waiting = User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX).count()
    if waiting:
        yield Panel(
            n=waiting,
            text=_("Colleagues who haven’t used their invitation"),
            url=reverse("people:desk_colleagues"),
            button=_("See them"),
        )
