"""Small helpers of the concerns' templates: `{% load concerns_look %}`."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concerns import features, words
from concerns.models import BulkMove, Concern, Proposal
from concerns.workflow import Status
from office.templatetags.look import icon

register = template.Library()
FAR = "far"


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ thumbs|item:concern.pk }}`; None where there is none."""
    return mapping.get(key)


@register.filter
def shown_status(concern: Concern) -> str:
    """The status whose mark the desk shows: "held" until somebody read it."""
    return features.shown_status(concern)


@register.filter
def exact_place(concern: Concern) -> str:
    """The exact place in words, for the desk only."""
    return words.exact_place(concern)


@register.simple_tag
def lateness(concern: Concern) -> SafeString:
    """A chip where it is with somebody later than promised: "3 days overdue", "far overdue, 20 days". Else nothing."""
    today = timezone.localdate()
    if not (late := concern.lateness(today)) or concern.due_on is None:
        return SafeString("")
    days = (today - concern.due_on).days
    if late == FAR:
        words = ngettext("far overdue, %(n)d day", "far overdue, %(n)d days", days) % {"n": days}
    else:
        words = ngettext("%(n)d day overdue", "%(n)d days overdue", days) % {"n": days}
    kind = " due-far" if late == FAR else ""
    return format_html('<span class="due due-late{}">{}{}</span>', kind, icon("flag"), words)


@register.filter
def late(concern: Concern) -> str:
    """ "late", "far" or "" today, for the mark."""
    return concern.lateness(timezone.localdate())


@register.filter
def flag_words(concern: Concern) -> list[str]:
    """What is flagged, in words."""
    return [str(Concern.Flag(flag).label) for flag in concern.flags if flag in Concern.Flag.values]


@register.filter
def side_name(concern: Concern) -> str:
    """ "north side (even numbers)" of the concern's block. Reads block and corridor."""
    return concern.segment.side_name(concern.side) if concern.segment and concern.side else ""


@register.filter
def proposed(proposal: Proposal, concern: Concern) -> list[tuple[str, str, str]]:
    """What a proposed change would change: label, before, after."""
    return words.proposed_changes(proposal.body, concern, proposal.look)


@register.filter
def feet(metres: float) -> str:
    """A short distance: "130 ft"."""
    return _("%(n)d ft") % {"n": round(metres / 0.3048)}


@register.filter
def bulk_words(move: BulkMove) -> str:
    """What became of many: "497 published, 3 skipped". The move carries `n_done` and `n_skipped`."""
    return words.bulk_words(move.do, move.n_done, move.n_skipped)  # type: ignore[attr-defined]


@register.filter
def status_label(status: str) -> str:
    """A status by its own word: "filed with the city"."""
    return str(Status(status).label) if status in Status.values else status
