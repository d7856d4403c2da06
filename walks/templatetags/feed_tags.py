"""Links to a person's own calendar for templates."""

from django import template

from people.models import Person
from walks import feeds

register = template.Library()


@register.filter
def feed_url(person: Person) -> str:
    return feeds.feed_url(person)


@register.filter
def webcal_url(person: Person) -> str:
    return feeds.webcal_url(person)
