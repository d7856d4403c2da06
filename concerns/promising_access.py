"""Who may reach a promise: organizers any, a walk lead those of own walks, an agency's staff what it promised."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from concerns.models import Commitment, CommitmentQuerySet, Concern
from people.access import SignedInRequest
from people.models import User
from walks.models import Walk


def commitments_for(user: User) -> CommitmentQuerySet:
    """What somebody may see and change at the desk. Raises PermissionDenied for who neither organizes nor leads."""
    if user.is_organizer:
        return Commitment.objects.all()
    if not Walk.objects.current().filter(lead=user.person_id).exists():
        raise PermissionDenied
    return Commitment.objects.filter(walk__lead=user.person_id, walk__deleted_at=None)


def get_commitment_for(request: SignedInRequest, commitment_id: uuid.UUID) -> Commitment:
    """One that they may change at the desk, or a 404. One query."""
    rows = with_words(Commitment.objects.all())
    commitment = get_object_or_404(rows, public_id=commitment_id)
    walk = commitment.walk
    if request.user.is_organizer or (walk and walk.deleted_at is None and walk.lead_id == request.user.person_id):
        return commitment
    raise Http404("not their promise")


def get_promised_by(request: SignedInRequest, commitment_id: uuid.UUID) -> Commitment:
    """One that they may answer for the organization that promised it, or manage anyway; else a 404."""
    commitment = get_object_or_404(with_words(Commitment.objects.all()), public_id=commitment_id)
    if commitment.organization_id in request.user.organization_ids:
        return commitment
    return get_commitment_for(request, commitment_id)


def with_words(rows: CommitmentQuerySet) -> CommitmentQuerySet:
    """With everything that a line about a promise says."""
    return rows.select_related(
        "organization", "walk__corridor", "meeting", "team", "concern__category", "settled_by__person"
    )


def may_see_all(user: User, concern: Concern) -> Q:
    """Which promises about a concern somebody may see who sees the concern: a walk lead those of own walks."""
    return Q() if user.is_organizer else Q(walk__lead=user.person_id)


def partner_url(commitment: Commitment) -> str:
    return reverse("concerns:partner_commitment", args=[commitment.public_id])
