"""Words on paper sheets: `{% load field_paper %}`."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from concerns.models import Category
from office.bilingual import said

register = template.Library()


@register.filter
def kind_words(category: Category, languages: Sequence[str]) -> SafeString:
    """A category's name in the languages of the sheet."""
    return said(lambda: category.name, languages)
