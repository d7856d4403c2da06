"""What an organizer is told before words go."""

from django import template

from concerns.flags import mentions_status

register = template.Library()


@register.filter
def speaks_of_papers(text: str) -> bool:
    """Whether words mention somebody's immigration status, so that they go once they were read."""
    return mentions_status(text)
