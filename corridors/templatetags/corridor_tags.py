"""Words for corridors in templates: `{% load corridor_tags %}`."""

from django import template

from corridors.geometry import length_m
from corridors.models import Corridor
from corridors.numbers import distance_words

register = template.Library()


@register.filter
def long_in(corridor: Corridor, units: str) -> str:
    """How long a corridor is, in the units of the coalition: `{{ corridor|long_in:coalition.units }}`."""
    return distance_words(length_m(corridor.line), units)
