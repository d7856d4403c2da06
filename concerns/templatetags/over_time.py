"""Words of the comparison of two walks: `{% load over_time %}`."""

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from concerns.comparing import SHOWN, WORDS, FaceRow, Group
from walks.models import Walk

register = template.Library()


@register.simple_tag
def walk_option(walk: Walk) -> str:
    """A walk with its day on its own clock: "14 Nov 2026, Askew to Jackson"."""
    day = date_format(timezone.localtime(walk.meet_at, walk.zone), "j M Y")
    return f"{day}, {walk.title}"


@register.simple_tag
def face_words(row: FaceRow) -> SafeString:
    """What became of one side: "2 new, 1 still there", "nothing" or why it isn't known."""
    if not row.is_compared:
        bar = SafeString('<span class="side-bar side-unknown" aria-hidden="true"></span>')
        return format_html('<span class="over-time-face quiet">{}{}</span>', bar, _why_unknown(row))
    told = [(n, str(WORDS[group])) for group in SHOWN if (n := row.n(group))]
    if unsure := row.n(Group.UNSURE):
        told.append((unsure, _("nobody could say")))
    if not told:
        return format_html('<span class="over-time-face quiet">{}</span>', _("nothing known"))
    words = format_html_join(", ", '<span class="nowrap"><b>{}</b> {}</span>', told)
    return format_html('<span class="over-time-face">{}</span>', words)


def _why_unknown(row: FaceRow) -> str:
    if row.walked_after:
        return _("walked now, not before")
    return _("walked before, not now") if row.walked_before else _("not walked")
