"""Words on paper sheets: `{% load field_paper %}`."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from concerns.models import Category
from field.paper_shops import ShopItem
from office.bilingual import said

register = template.Library()


@register.filter
def kind_words(category: Category, languages: Sequence[str]) -> SafeString:
    """A category's name in the languages of the sheet."""
    return said(lambda: category.name, languages)


@register.filter
def how_to_visit(item: ShopItem, languages: Sequence[str]) -> SafeString:
    """Hours, the best time and what is spoken there, as far as it is known."""
    shop = item.shop
    known = [shop.hours, shop.best_time] if shop else []
    spoken = [said(lambda: item.language, languages)] if item.language else []
    return format_html_join(" · ", "{}", ([part] for part in [*known, *spoken] if part))
