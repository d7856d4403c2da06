"""What coordinators see at the desk: requests in the order in which they need somebody, and what was done for each."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from outreach.models import Consent, HelpRequest, HelpRequestQuerySet, Need, Referral, Service
from outreach.workflow import OPEN_STATES, UNANSWERED, State
from people.models import Organization, User

_REFERRALS = Referral.objects.filter(help_request=OuterRef("pk"))
_OPEN = _REFERRALS.filter(state__in=OPEN_STATES)
_LATE = _REFERRALS.filter(state__in=UNANSWERED, due_at__lt=Now())
_TAKEN_CARE_OF = (
    _REFERRALS.filter(state__in=[*OPEN_STATES, State.COMPLETED])
    .order_by()
    .values("help_request")
    .annotate(n=Count("need", distinct=True))
    .values("n")
)
_N_NEEDS = Func(F("needs"), function="cardinality", output_field=IntegerField())
# Somebody has each need, at least one still works on it, and nobody let the time for an answer pass.
_WAITING = Q(GreaterThanOrEqual(Coalesce(Subquery(_TAKEN_CARE_OF), 0), _N_NEEDS)) & Q(Exists(_OPEN)) & ~Q(Exists(_LATE))
TABS = {"next": ~_WAITING, "waiting": _WAITING}


def told(rows: HelpRequestQuerySet) -> HelpRequestQuerySet:
    """With everything that a line about one says: two more queries, whatever the number."""
    referrals = Referral.objects.select_related("organization").order_by("id")
    consents = Consent.objects.in_force(timezone.now()).select_related("organization")
    return rows.prefetch_related(Prefetch("referrals", referrals), Prefetch("consents", consents))


def count_tabs(rows: HelpRequestQuerySet) -> dict[str, int]:
    """How many stand in each tab. One query."""
    still = Q(closed_at=None)
    counts: dict[str, int] = rows.aggregate(
        closed=Count("pk", filter=~still), **{name: Count("pk", filter=still & Q(q)) for name, q in TABS.items()}
    )
    return counts


def with_story(found: HelpRequest) -> HelpRequest:
    """With its referrals, each with its lines, and every yes that was given. Three queries."""
    # The lines come in order by themselves; ordering them where they are used would ask once more for each referral.
    referrals = Referral.objects.select_related("organization", "service", "assigned_to").prefetch_related("updates")
    consents = Consent.objects.select_related("organization").order_by("id")
    prefetch_related_objects(
        [found], Prefetch("referrals", referrals.order_by("id")), Prefetch("consents", consents)
    )  # fmt: skip
    return found


@dataclass(frozen=True)
class Offer:
    """An agency that helps with a need, and whether the person's yes lets it have the request."""

    organization: Organization
    services: list[Service]
    is_allowed: bool
    has_it: bool


@dataclass(frozen=True)
class NeedLine:
    """One need of a request: what was tried, and who could be asked."""

    need: str
    referrals: list[Referral]
    offers: list[Offer]

    @property
    def label(self) -> str:
        return str(Need(self.need).label)

    @property
    def takers(self) -> list[Organization]:
        """To whom one of its referrals may be passed on."""
        return [one.organization for one in self.offers if one.is_allowed and not one.has_it]

    @property
    def is_met(self) -> bool:
        return any(one.state == State.COMPLETED for one in self.referrals)


def need_lines(help_request: HelpRequest, now: datetime) -> list[NeedLine]:
    """Each need of a request `with_story`, with the agencies that help with it, walled ones left out. One query."""
    referrals = list(help_request.referrals.all())
    yes = [one for one in help_request.consents.all() if one.is_in_force(now)]
    named = {one.organization_id for one in yes if one.scope == Consent.Scope.NAMED}
    alone = any(one.scope == Consent.Scope.NEED_ONLY for one in yes)
    fitting = Q()
    for need in help_request.needs:
        fitting |= Q(needs__contains=[need])
    services = list(
        Service.objects.offered()
        .filter(fitting, organization__is_walled=False)
        .select_related("organization")
        .order_by("organization__name", "name")
    )
    return [
        NeedLine(
            need,
            [one for one in referrals if one.need == need],
            _offers([one for one in services if need in one.needs], referrals, need, named, alone),
        )
        for need in help_request.needs
    ]


def may_show_who(help_request: HelpRequest, now: datetime) -> bool:
    """Whether a yes to keep who it was is in force; what ran out is shown no more. No query for one `with_story`."""
    return any(one.is_in_force(now) and one.scope != Consent.Scope.NOTHING for one in help_request.consents.all())


def _offers(
    services: list[Service], referrals: list[Referral], need: str, named: set[int | None], alone: bool
) -> list[Offer]:
    of: dict[int, list[Service]] = {}
    for service in services:
        of.setdefault(service.organization_id, []).append(service)
    has = {one.organization_id for one in referrals if one.need == need and one.is_open}
    return [
        Offer(offered[0].organization, offered, alone or pk in named, pk in has) for pk, offered in of.items()
    ]  # fmt: skip


def n_next(user: User) -> int:
    """How many requests need a coordinator now. One query; none for whom they aren't."""
    return HelpRequest.objects.open().filter(TABS["next"]).count() if user.may_see_help else 0
