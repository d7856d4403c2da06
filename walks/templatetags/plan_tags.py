"""Words of a walk's plan in templates: `{% load plan_tags %}`."""

from django import template

from corridors.numbers import distance_words

register = template.Library()


@register.filter
def far(metres: float, units: str) -> str:
    """A distance in the units of the coalition: `{{ row.length_m|far:coalition.units }}`."""
    return distance_words(metres, units)
