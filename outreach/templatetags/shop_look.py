"""How a shop reads."""

from django import template

from outreach.directory import LANGUAGES

register = template.Library()


@register.simple_tag
def shop_language(code: str) -> str:
    return str(dict(LANGUAGES).get(code, code))
