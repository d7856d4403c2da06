"""An organization's own record, on the partner's page and on a page of its own.

Its numbers about help are exact: it saw every one of these requests. Who works behind the wall, and a request of which
only the need may be shared, counts as long as it may be seen now. Nobody else sees them, organizers neither.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from insights.partners import IN_TIME
from office.partner import Section
from outreach.help_access import referrals_for
from outreach.models import Consent, Referral, ReferralQuerySet
from outreach.workflow import Outcome
from people.access import SignedInRequest
from people.models import Organization, User

MONTHS_BACK = 11


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """“Your record since April”: asked, answered in time, got help. One query; none for who looks on."""
    own = [one for one in organizations if one.pk in request.user.organization_ids]
    if not own:
        return None
    counted = own_help(request.user, own, timezone.now())
    context = {"organizations": own, "with_names": len(own) > 1, **counted}
    return Section("record", _("Your record"), "insights/_own_record.html", context=context)


def own_help(user: User, organizations: Sequence[Organization], now: datetime) -> dict[str, Any]:
    """Exact numbers of one's own organizations, and since which month: twelve at most. One query."""
    since = _months_back(timezone.localdate(now))
    midnight = timezone.make_aware(datetime.combine(since, datetime.min.time()))
    rows = _seen_by(user, [one.pk for one in organizations], now).filter(sent_at__gte=midnight)
    counted: dict[str, Any] = rows.aggregate(
        asked=Count("pk"),
        in_time=Count("pk", filter=IN_TIME),
        got_help=Count("pk", filter=Q(outcome=Outcome.GOT_HELP)),
        first=Min("sent_at"),
    )
    first = counted.pop("first")
    return counted | {"since": timezone.localdate(first).replace(day=1) if first else since}


def _months_back(today: date) -> date:
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(months // 12, months % 12 + 1, 1)


def _seen_by(user: User, organizations: list[int], now: datetime) -> ReferralQuerySet:
    if user.is_walled:
        return referrals_for(user, now).filter(organization__in=organizations).order_by().select_related(None)
    rows = Referral.objects.filter(organization__in=organizations, mode=Referral.Mode.LIVE).order_by()
    named = Consent.objects.filter(
        help_request=OuterRef("help_request"), scope=Consent.Scope.NAMED, organization=OuterRef("organization")
    )
    may_see = Referral.objects.shown(now).filter(pk=OuterRef("pk"))
    return rows.exclude(outcome=Outcome.WITHDRAWN).filter(Exists(named) | Exists(may_see))
