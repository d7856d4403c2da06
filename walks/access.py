"""Who may reach one walk: organizers any, its lead their own, and who walks along while it is open."""

import uuid
from typing import Literal

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from people.access import SignedInRequest
from people.models import User
from walks.models import OPEN_AFTER_END, Signup, Walk

To = Literal["view", "edit", "roster"]


def get_walk_for(request: SignedInRequest, public_id: uuid.UUID, *, to: To = "view") -> Walk:
    """The walk, with corridor, lead and organization. 404 where it isn't theirs. One or two queries."""
    walks = Walk.objects.current().select_related("corridor", "lead", "lead_organization", "meeting_landmark")
    walk = get_object_or_404(walks, public_id=public_id)
    if may_manage(request.user, walk) or (to == "view" and walks_along(request.user, walk)):
        return walk
    raise Http404("not their walk")


def is_lead(user: User, walk: Walk) -> bool:
    return user.is_active and walk.lead_id is not None and walk.lead_id == user.person_id


def may_manage(user: User, walk: Walk) -> bool:
    """Organizers any walk, a walk lead their own (for a lead, forms leave out what is the organizers')."""
    return user.is_organizer or is_lead(user, walk)


def walks_along(user: User, walk: Walk) -> bool:
    """Whether they are on the roster of a published walk that ended less than a day ago. One query."""
    if walk.state != Walk.State.PUBLISHED or timezone.now() > walk.end_at + OPEN_AFTER_END:
        return False
    return walk.signups.filter(person=user.person_id, state=Signup.State.GOING).exists()
