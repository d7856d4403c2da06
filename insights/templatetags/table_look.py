"""How ages at the table are drawn: one bar, its stretches told apart by pattern, its numbers in words beside it."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.age_bands import Bands

register = template.Library()
WIDE, HIGH = 200, 14


@register.simple_tag
def age_bar(bands: Bands | None) -> SafeString:
    """13–24 full, 25–34 dotted, all other ages empty, unknown hatched; as long as there are people in each.

    The page holds the patterns (`insights/_age_patterns.html`) and says the same in words (`youth_words`).
    """
    if bands is None or not bands.n:
        return SafeString("")
    parts = [("youth", bands.youth), ("twenties", bands.late_twenties), ("others", bands.others)]
    parts.append(("unknown", bands.unknown))
    rects, x = [], 0.0
    for name, n in parts:
        width = WIDE * n / bands.n
        if n:
            rects.append((f"{x:.1f}", f"{width:.1f}", HIGH, name))
        x += width
    drawn = format_html_join("", '<rect x="{}" y="0" width="{}" height="{}" fill="url(#age-{})"/>', rects)
    return format_html(
        '<svg class="age-bar" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        WIDE,
        HIGH,
        drawn,
    )


@register.filter
def youth_words(bands: Bands | None) -> str:
    """“4 of 22 (18%), 9 unknown”; a line where nobody was counted."""
    if bands is None or not bands.n:
        return "–"
    if not bands.known:
        return ngettext("%(n)d, age unknown", "%(n)d, ages unknown", bands.n) % {"n": bands.n}
    words = _("%(youth)d of %(known)d (%(percent)d%%)") % {
        "youth": bands.youth,
        "known": bands.known,
        "percent": bands.percent,
    }
    return words + (_(", %(n)d unknown") % {"n": bands.unknown} if bands.unknown else "")
