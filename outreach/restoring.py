"""After a restore: what was taken back since the backup is taken back again. Known by ids alone."""

import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from outreach.helping import close_help, forget_help, withdraw_consent
from outreach.models import Consent, HelpRequest, Referral
from outreach.referral_story import end_referral
from outreach.workflow import Outcome, Party, State

NO_YES, FORGOTTEN, PASSED_ON = "no_yes", "forgotten", "passed_on"


def ids_taken_back() -> dict[str, list[str]]:
    """Ids of each yes that holds no more, each forgotten request, each referral that an agency lost. Three queries."""
    rows = {
        NO_YES: Consent.objects.exclude(withdrawn_at=None),
        FORGOTTEN: HelpRequest.objects.exclude(forgotten_at=None),
        PASSED_ON: Referral.objects.filter(outcome=Outcome.PASSED_ON),
    }
    return {name: [str(one) for one in found.order_by("pk").values_list("public_id", flat=True)]
            for name, found in rows.items()}  # fmt: skip


def take_back_again(ids: Mapping[str, Iterable[uuid.UUID]]) -> dict[str, int]:
    """How many of each stood here as if nothing had been taken back. Done a second time it changes nothing."""
    return {
        PASSED_ON: _pass_on(ids.get(PASSED_ON, ())),
        NO_YES: _withdraw(ids.get(NO_YES, ())),
        FORGOTTEN: _forget(ids.get(FORGOTTEN, ())),
    }


def _withdraw(ids: Iterable[uuid.UUID]) -> int:
    rows = Consent.objects.filter(public_id__in=[*ids], withdrawn_at=None).select_related("help_request")
    return len([withdraw_consent(consent=one, party=Party.SYSTEM) for one in rows])


def _forget(ids: Iterable[uuid.UUID]) -> int:
    rows = list(HelpRequest.objects.filter(public_id__in=[*ids], forgotten_at=None))
    for one in rows:
        _forget_one(one)
    return len(rows)


@transaction.atomic
def _forget_one(help_request: HelpRequest) -> None:
    for consent in help_request.consents.filter(withdrawn_at=None):
        withdraw_consent(consent=consent, party=Party.SYSTEM)
    # How it had been closed isn't known any more; “never answered” would be counted against an agency.
    close_help(help_request=help_request, party=HelpRequest.ClosedBy.COORDINATOR)
    forget_help(help_request=help_request)


def _pass_on(ids: Iterable[uuid.UUID]) -> int:
    """The agency loses it again; coordinators find the need among those that nobody has."""
    rows = list(Referral.objects.open().filter(public_id__in=[*ids]))
    for one in rows:
        _pass_on_one(one)
    return len(rows)


@transaction.atomic
def _pass_on_one(referral: Referral) -> None:
    request = HelpRequest.objects.select_for_update().get(pk=referral.help_request_id)
    locked = Referral.objects.select_for_update(of=("self",)).select_related("organization").get(pk=referral.pk)
    locked.help_request = request
    if locked.is_open:
        end = {"to": State.CANCELLED, "outcome": Outcome.PASSED_ON, "party": Party.SYSTEM}
        end_referral(locked, **end, by=None, at=timezone.now())  # type: ignore[arg-type]
        Referral.objects.filter(pk=locked.pk).update(link_version=F("link_version") + 1)
