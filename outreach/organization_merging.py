"""Two organizations become one: a yes for the one isn't a yes for the other, so what waits without one goes back.

`settings.ORGANIZATION_MERGE_STEPS` names `join` and `part`; referrals themselves were moved before (`people.merging`).
"""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from outreach.agency_mail import take_back
from outreach.models import HelpRequest, Referral
from outreach.referral_story import end_referral
from outreach.workflow import Outcome, Party, State
from people.models import Organization, User


def join(*, keep: Organization, drop: Organization, by: User) -> None:
    """End as passed on what the agency may not have now: no yes for the one that stays, or a double left behind.

    Coordinators read all of it as before, and find the request among those that need them.
    """
    now = timezone.now()
    live = Referral.objects.open().filter(mode=Referral.Mode.LIVE)
    may_stay = Referral.objects.allowed(now).filter(organization=keep).values("pk")
    lost = live.filter(Q(organization=drop) | (Q(organization=keep) & ~Q(pk__in=may_stay)))
    asked = HelpRequest.objects.filter(pk__in=lost.values("help_request"))
    list(asked.order_by("pk").select_for_update())  # the request's lock comes first, as everywhere
    for referral in lost.select_related("help_request").order_by("pk").select_for_update(of=("self",)):
        end_referral(
            referral, to=State.CANCELLED, outcome=Outcome.PASSED_ON, party=Party.SYSTEM, by=by, at=now,
            note=_("The agency was merged with another one."),
        )  # fmt: skip
        referral.organization = drop  # what waits in the old mailbox says nothing of it, either
        take_back(referral)
        Referral.objects.filter(pk=referral.pk).update(link_version=referral.link_version + 1)


def part(*, drop: Organization, by: User) -> None:
    """Nothing: what ended stays ended, and a coordinator asks anew."""
