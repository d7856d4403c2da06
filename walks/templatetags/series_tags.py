"""Words about series for templates."""

from collections.abc import Iterable

from django import template

from walks.series_words import kept_words as labels_of

register = template.Library()


@register.filter
def kept_words(names: Iterable[str]) -> str:
    """“meet, back by”: the labels of fields of a walk."""
    return labels_of(list(names))
