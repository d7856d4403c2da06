"""Words and small drawings of the day board: `{% load day_look %}`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.strip import Bar, Block, layout

register = template.Library()
RIBBON_TOP = 2.0
HATCH_STEP = 24  # wide enough to stay lines where the ribbon is as narrow as a phone


@register.filter
def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, as people say it across a table: "just now", "12 min ago", "3 h ago", "Wed 4 Nov"."""
    if at is None:
        return ""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(n)d min ago") % {"n": minutes}
    if minutes < 24 * 60:
        return _("%(n)d h ago") % {"n": minutes // 60}
    return date_format(timezone.localtime(at), "D j M")


@register.filter
def late(due_at: datetime, now: datetime) -> str:
    """How late something is: "12 min late"; beyond half a day nobody waits at the table any more."""
    minutes = max(int((now - due_at).total_seconds() // 60), 1)
    if minutes < 60:
        return ngettext("%(n)d min late", "%(n)d min late", minutes) % {"n": minutes}
    hours = minutes // 60
    return _("%(n)d h late") % {"n": hours} if hours < 12 else _("never said that all are back")


@register.filter
def hatching(bar: Bar) -> str:
    """Slanted lines that fill a bar nobody walked, as a path; a ribbon is stretched, so they stand further apart."""
    top, bottom, end = bar.y, bar.y + bar.height, bar.x + bar.width
    starts = [bar.x + step * HATCH_STEP for step in range(int(bar.width // HATCH_STEP) + 1)]
    return "".join(f"M{x:.1f} {bottom:.1f}L{min(x + HATCH_STEP / 2, end):.1f} {top:.1f}" for x in starts)


@register.inclusion_tag("field/_ribbon.html")
def ribbon(blocks: Sequence[Block], label: str) -> dict[str, Any]:
    """Both sides of some blocks without names, stretched to the width there is: walked is full, unknown hatched."""
    bars, ticks = layout(blocks, top=RIBBON_TOP)
    return {"label": label, "bars": bars, "ticks": ticks}
