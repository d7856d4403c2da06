"""Small helpers of the concerns' templates: `{% load concerns_look %}`."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from concerns import features, words
from concerns.models import Concern, Proposal

register = template.Library()


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ thumbs|item:concern.pk }}`; None where there is none."""
    return mapping.get(key)


@register.filter
def shown_status(concern: Concern) -> str:
    """The status whose mark the desk shows: "held" until somebody read it."""
    return features.shown_status(concern)


@register.filter
def exact_place(concern: Concern) -> str:
    """The exact place in words, for the desk only."""
    return words.exact_place(concern)


@register.filter
def flag_words(concern: Concern) -> list[str]:
    """What is flagged, in words."""
    return [str(Concern.Flag(flag).label) for flag in concern.flags if flag in Concern.Flag.values]


@register.filter
def side_name(concern: Concern) -> str:
    """ "north side (even numbers)" of the concern's block. Reads block and corridor."""
    return concern.segment.side_name(concern.side) if concern.segment and concern.side else ""


@register.filter
def proposed(proposal: Proposal, concern: Concern) -> list[tuple[str, str, str]]:
    """What a proposed change would change: label, before, after."""
    return words.proposed_changes(proposal.body, concern, proposal.look)


@register.filter
def feet(metres: float) -> str:
    """A short distance: "130 ft"."""
    return _("%(n)d ft") % {"n": round(metres / 0.3048)}
