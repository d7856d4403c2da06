"""Who reaches a request for help and a referral. There is no other way to get one; every read is written down.

A walled membership beats every role: a coordinator who also works for the police reaches nothing here but what
names that very organization. An agency reaches a referral while it is theirs and a yes for it is in force.
"""

import uuid
from datetime import datetime

from django.http import Http404
from django.utils import timezone

from office.actions import record
from outreach.help_links import help_of_token, referral_id_of
from outreach.models import Consent, HelpRequest, HelpRequestQuerySet, Referral, ReferralQuerySet
from people.models import Organization, User


def requests_for(user: User) -> HelpRequestQuerySet:
    """Every request that this user may read at the desk: all for a coordinator, none for anybody else. May query."""
    return HelpRequest.objects.all() if user.may_see_help else HelpRequest.objects.none()


def referrals_for(user: User, now: datetime) -> ReferralQuerySet:
    """What a user's own organizations were asked, with a yes in force. Up to two queries for memberships."""
    rows = Referral.objects.select_related("organization", "service", "help_request", "assigned_to")
    if not user.is_active:
        return rows.none()
    theirs = rows.of(user.organization_ids, now)
    # Who also works behind the wall gets nothing through another agency: only what names the walled one.
    return theirs.filter(organization__is_walled=True) if user.is_walled else theirs


def get_help_for(user: User, public_id: uuid.UUID) -> HelpRequest:
    """One request for a coordinator, the read written down. 404 for others, as for one that isn't there."""
    found = requests_for(user).filter(public_id=public_id).first()
    if found is None:
        _denied(user, public_id, "help_request")
        raise Http404("not a request for help that they may read")
    record(actor=user, action="read", resource="help_request", object_id=found.public_id)
    return found


def get_referral_for(user: User, public_id: uuid.UUID) -> Referral:
    """One of their agency's, the read written down. 404 for others, as for one that isn't there."""
    found = referrals_for(user, timezone.now()).filter(public_id=public_id).first()
    if found is None:
        _denied(user, public_id, "referral")
        raise Http404("not their referral")
    record(actor=user, action="read", resource="referral", object_id=found.public_id)
    return found


def get_referral_by_link(token: str) -> Referral:
    """What a mail's link speaks of: as `referrals_for`, for the organization it was sent to. Raises Http404."""
    parts = referral_id_of(token)
    if parts is not None:
        rows = Referral.objects.shown(timezone.now()).select_related("organization", "service", "help_request")
        found = rows.filter(public_id=parts[0], link_version=parts[1], organization__merged_into=None).first()
        if found is not None:
            record(actor=None, action="read", resource="referral", object_id=found.public_id, detail={"by": "link"})
            return found
    raise Http404("no such referral")


def get_help_by_link(token: str) -> HelpRequest:
    """The person's own page. Raises Http404."""
    found = help_of_token(token)
    if found is None:
        raise Http404("no such request")
    return found


def shows_identity(referral: Referral, now: datetime) -> bool:
    """Whether the agency may see who it is: a yes for exactly this organization. One query."""
    yes = Consent.objects.in_force(now).filter(help_request=referral.help_request_id, scope=Consent.Scope.NAMED)
    return yes.filter(organization=referral.organization_id).exists()


def may_know_who(help_request: HelpRequest, organization: Organization) -> bool:
    """The same before anything was sent. One query."""
    yes = help_request.consents.in_force(timezone.now()).filter(scope=Consent.Scope.NAMED)
    return yes.filter(organization=organization).exists()


def _denied(user: User, public_id: uuid.UUID, resource: str) -> None:
    record(actor=user, action="denied", resource=resource, object_id=public_id)
