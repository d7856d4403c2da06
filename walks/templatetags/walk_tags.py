"""Small drawings and words of walks for templates: `{% load walk_tags %}`."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from people.models import Organization
from walks import languages, when_bar
from walks.models import Purpose, Walk, WalkRole
from walks.sun import light_of

register = template.Library()


@register.simple_tag
def qr(text: str) -> SafeString:
    """A QR code as inline SVG. Put it into `<div class="qr" role="img" aria-label="…">`."""
    svg = segno.make(text, error="m").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308  segno writes numbers only, never the text


@register.inclusion_tag("walks/_when.html")
def when(walk: Walk, sunset_at: datetime | None) -> dict[str, Any]:
    """The three times of a walk against sunset, as a drawing and as a sentence."""
    times = {"meet_at": walk.meet_at, "step_off_at": walk.step_off_at, "end_at": walk.end_at}
    light = light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=sunset_at)
    return {"walk": walk, "sunset_at": sunset_at, "bar": when_bar.bar(**times, sunset_at=sunset_at), "light": light}


@register.filter
def own_names(codes: list[str]) -> str:
    """Languages by their own names, in one line."""
    return ", ".join(languages.own_name(code) for code in codes)


@register.filter
def purpose_words(purposes: list[str]) -> list[str]:
    return [str(Purpose(value).label) for value in purposes if value in Purpose.values]


@register.filter
def organization_of(signup: Any) -> str:
    """The organization, or what somebody wrote."""
    organization: Organization | None = signup.organization
    return organization.name if organization else signup.organization_text


@register.simple_tag
def sms(words: str, phone: str = "") -> str:
    """An address that opens a text message with these words. `?&` is what both kinds of phones understand."""
    return f"sms:{phone}?&body={quote(words, safe='')}"


@register.filter
def places_left(walk: Any) -> int:
    """Of a walk with `n_taken` and a limit."""
    return max(walk.capacity - walk.n_taken, 0)


@register.filter
def own_name(code: str) -> str:
    return languages.own_name(code)


@register.filter
def role_words(role: str) -> str:
    """A role in words; nothing where somebody goes wherever they are needed."""
    return str(WalkRole(role).label) if role in WalkRole.values else ""
