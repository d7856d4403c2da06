"""Parts of somebody's own page: `{% load my_tags %}`."""

from django import template

from office.partner import Section
from walks import my_sections as sections
from walks.models import Signup

register = template.Library()


@register.simple_tag
def my_sections(signup: Signup, token: str) -> list[Section]:
    """What the rooms have for this person. A few queries for each."""
    return sections.my_sections(signup, token)
