"""Somebody stands in front of the agency: the request, the yes and “we take this” are written down in one go."""

import uuid
from collections.abc import Iterable
from typing import Unpack

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from office.refused import Refused
from outreach.handoff import take_now
from outreach.helping import Asked, Kept, Yes, ask_for_help, give_consent
from outreach.models import Consent, HelpRequest, Referral
from people.models import Organization, User


def own_organization(user: User, public_id: uuid.UUID) -> Organization:
    """An organization for which this user may take somebody on: one of their own, today. Raises Http404.

    Who also works behind the wall may do it for the walled one alone, as with what they may read.
    """
    rows = Organization.objects.current().filter(pk__in=user.organization_ids)
    found = rows.filter(public_id=public_id).first() if user.is_active else None
    if found is None or (user.is_walled and not found.is_walled):
        raise Http404("not their organization")
    return found


@transaction.atomic
def ask_and_take(
    *,
    organization: Organization,
    form_token: uuid.UUID,
    needs: Iterable[str],
    how: str,
    by: User,
    **asked: Unpack[Asked],
) -> tuple[Kept, list[Referral]]:
    """Keep a request that names this agency and take it on for it. The same form twice is one request.

    Raises Refused with a sentence; nothing is kept then.
    """
    needs = list(needs)
    yes = Yes(Consent.Scope.NAMED, how, (organization,))
    kept = ask_for_help(
        form_token=form_token, needs=needs, source=HelpRequest.Source.AGENCY, yes=yes, by=by, **asked
    )  # fmt: skip
    take_now(help_request=kept.help_request, organization=organization, needs=needs, by=by)
    return kept, list(kept.help_request.referrals.filter(organization=organization).order_by("id"))


@transaction.atomic
def take_at_desk(
    *, help_request: HelpRequest, organization: Organization, needs: Iterable[str], how: str, by: User
) -> list[Referral]:
    """A coordinator hears that the agency takes it now: with a yes in force, or the one that was just given (`how`).

    Raises Refused where there is neither.
    """
    yes = help_request.consents.in_force(timezone.now()).filter(scope=Consent.Scope.NAMED, organization=organization)
    if not yes.exists():
        if how not in {Consent.How.SPOKEN, Consent.How.SIGNED}:
            raise Refused(_("Say how they said yes to this agency: spoken or signed."))
        give_consent(help_request=help_request, yes=Yes(Consent.Scope.NAMED, how, (organization,)), by=by)
    return take_now(help_request=help_request, organization=organization, needs=needs, by=by)
