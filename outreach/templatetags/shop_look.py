"""How a shop reads."""

from django import template

from outreach.languages import name_of

register = template.Library()


@register.simple_tag
def shop_language(code: str) -> str:
    return name_of(code)
