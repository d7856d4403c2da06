"""How people's contacts read."""

from django import template

from people.contact import show_phone

register = template.Library()


@register.filter
def shown_phone(phone: str) -> str:
    """A stored number as people write it: `+18165550100` as `(816) 555-0100`."""
    return show_phone(phone)
