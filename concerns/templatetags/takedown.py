"""The one tap that takes something out of everything public, wherever somebody sees it."""

from typing import Any

from django import template
from django.utils import timezone

from concerns.models import Concern
from concerns.public import PublicConcern
from concerns.takedown import last_take_down
from people.models import User

register = template.Library()


@register.simple_tag
def may_undo_take_down(concern: Concern) -> bool:
    """Whether its takedown can still be undone. One query where it is hidden, none otherwise."""
    return last_take_down(concern, timezone.now()) is not None


@register.simple_tag(takes_context=True)
def may_take_down(context: dict[str, Any], concern: PublicConcern) -> bool:
    """On a public page: organizers, and who leads the walk it was found on. No query for who isn't signed in."""
    user = getattr(context.get("request"), "user", None)
    if not isinstance(user, User) or not user.is_active:
        return False
    walk = concern.walk
    leads = walk is not None and walk.deleted_at is None and walk.lead_id == user.person_id
    return user.is_organizer or leads
