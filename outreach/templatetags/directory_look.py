"""How a service reads: room as a shape with its word, hours and ages in words, languages by name."""

from datetime import datetime

from django import template
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

from outreach.directory import ages_in_words, hours_in_words, is_open_at
from outreach.languages import name_of
from outreach.models import Need, Service
from people.contact import normalize_phone, show_phone

register = template.Library()

# A shape with each word, so that the room isn't told by colour alone.
SHAPES = {"open": "●", "limited": "◐", "waitlist": "○", "closed": "×"}


@register.simple_tag
def room_chip(service: Service) -> SafeString:
    chip = '<span class="room room-{}"><span aria-hidden="true">{}</span> {}</span>'
    return format_html(chip, service.capacity, SHAPES.get(service.capacity, "○"), service.get_capacity_display())


@register.filter
def room_shape(capacity: str) -> str:
    return SHAPES.get(capacity, "○")


@register.filter
def hour_lines(service: Service) -> list[str]:
    return hours_in_words(service.hours.all())


@register.filter
def age_words(service: Service) -> str:
    return ages_in_words(service)


@register.filter
def language_words(service: Service) -> str:
    return ", ".join(name_of(code) for code in service.languages)


@register.filter
def need_words(service: Service) -> str:
    return ", ".join(str(Need(code).label) for code in service.needs if code in Need.values)


@register.simple_tag
def is_open(service: Service, local: datetime) -> bool:
    return is_open_at(service, local)


@register.simple_tag
def is_fresh(service: Service, local: datetime) -> bool:
    return not service.is_stale(local.date())


@register.simple_tag
def phone_of(service: Service) -> dict[str, str]:
    """`{"call": "+18165550100", "shown": "(816) 555-0100"}`, the service's own or the organization's; {} without."""
    number = service.phone or service.organization.public_phone
    return {"call": _dialled(number), "shown": show_phone(number)} if number else {}


def _dialled(number: str) -> str:
    try:
        return normalize_phone(number)
    except ValidationError:
        return "".join(sign for sign in number if sign.isdigit() or sign == "+")
