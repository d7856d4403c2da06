"""The parts of the look as template tags: `{% load look %}`. docs/look.md shows each with a line of example."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from office import marks
from office.strip import MARGIN, NAMES_MARGIN, WIDTH, Block, layout

register = template.Library()


class Door(NamedTuple):
    """One entry of a navigation."""

    href: str
    label: Any
    icon: str = ""
    key: str = ""


PORCH_DOORS = [
    Door("/walks/", gettext_lazy("Walks")),
    Door("/corridors/", gettext_lazy("Corridors")),
    Door("/concerns/", gettext_lazy("Concerns")),
    Door("/report/", gettext_lazy("Report")),
    Door("/services/", gettext_lazy("Find help")),
]

DESK_DOORS = [
    Door("/desk/", gettext_lazy("Today"), "today", "today"),
    Door("/desk/walks/", gettext_lazy("Walks"), "walk", "walks"),
    Door("/desk/concerns/", gettext_lazy("Concerns"), "flag", "concerns"),
    Door("/desk/organizations/", gettext_lazy("Organizations"), "building", "organizations"),
    Door("/desk/corridors/", gettext_lazy("Corridors"), "pin", "corridors"),
    Door("/desk/insights/", gettext_lazy("Numbers"), "numbers", "insights"),
    Door("/desk/setup/", gettext_lazy("Set up"), "setup", "setup"),
]


# Only who may see requests for help is told that there are any.
HELP_DOOR = Door("/desk/outreach/", pgettext_lazy("desk", "Outreach"), "speech", "help")
# Others begin with whom teams met, without identity.
STREET_DOOR = Door("/desk/outreach/contacts/", pgettext_lazy("desk", "Outreach"), "speech", "street")


def _is_here(path: str, door: Door) -> bool:
    return path == door.href if door.href == "/desk/" else path.startswith(door.href)


def _path(context: template.Context) -> str:
    request = context.get("request")
    return request.path if request else ""


@register.simple_tag(takes_context=True)
def porch_doors(context: template.Context) -> list[dict[str, Any]]:
    """The entries of the public navigation, with `here` for the one we are on."""
    return [{"door": door, "here": _is_here(_path(context), door)} for door in PORCH_DOORS]


@register.simple_tag(takes_context=True)
def desk_doors(context: template.Context) -> list[dict[str, Any]]:
    """The entries of the desk’s navigation; counts come from the page’s `desk_counts`. One query for coordinators."""
    counts = context.get("desk_counts") or {}
    user = getattr(context.get("request"), "user", None)
    doors = [*DESK_DOORS[:3], HELP_DOOR if getattr(user, "may_see_help", False) else STREET_DOOR, *DESK_DOORS[3:]]
    return [{"door": door, "here": _is_here(_path(context), door), "count": counts.get(door.key)} for door in doors]


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of `static/img/icons.svg`. With a `label` it speaks, without it is decoration."""
    told = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="20" height="20" {}><use href="{}#{}"/></svg>', told, static("img/icons.svg"), name
    )


@register.simple_tag
def mark(group: str, status: str, title: str = "", late: str = "") -> SafeString:
    """The symbol of a concern: shape by group, fill by status, flags by `late`. `{% mark "light" "reopened" %}`."""
    return marks.mark_svg(group, status, title=title, late=late)


@register.simple_tag
def status_badge(status: str, group: str = "other", word: str = "", plain: bool = False) -> SafeString:
    """Shape, word and colour of a status. `word` replaces our own word for it."""
    told = word or marks.STATUS_WORDS.get(status, status)
    return format_html(
        '<span class="badge tone-{}{}">{}{}</span>',
        marks.tone_of(status),
        " badge-plain" if plain else "",
        marks.mark_svg(group, status),
        capfirst(str(told)),
    )


@register.filter
def status_word(status: str) -> str:
    """What a status is called: "City says fixed" for claimed_fixed."""
    return str(marks.STATUS_WORDS.get(status, status))


@register.filter
def group_word(group: str) -> str:
    """What a category group is called: "trash and lots" for ground."""
    return str(marks.GROUP_WORDS.get(group, group))


@register.simple_tag
def plate(name: str, place: str = "", size: str = "", here: bool = True) -> SafeString:
    """A street plate: `{% plate "Elm Ave" "First to Ninth St" %}`; size "s" is small, here=False outlined."""
    classes = "plate" + (" plate-s" if size == "s" else "") + ("" if here else " plate-line")
    inner = format_html(" <small>{}</small>", place) if place else ""
    return format_html('<span class="{}">{}{}</span>', classes, name, inner)


@register.simple_tag
def deadline(when: date | datetime | None, soon_days: int = 1) -> SafeString:
    """A deadline chip: late is ink turned over, today and tomorrow are framed, later is quiet. Empty without a date."""
    if when is None:
        return SafeString("")
    day = timezone.localtime(when).date() if isinstance(when, datetime) else when
    left = (day - timezone.localdate()).days
    if left < 0:
        words = ngettext("%(days)d day late", "%(days)d days late", -left) % {"days": -left}
        return _due("due-late", "flag", words)
    if left == 0:
        return _due("due-soon", "clock", _("due today"))
    words = _("due %(day)s") % {"day": date_format(day, "D j M")}
    return _due("due-soon" if left <= soon_days else "", "clock", words)


@register.simple_tag
def age(since: date | datetime | None) -> SafeString:
    """How old something is, in days: a quiet chip with a clock."""
    if since is None:
        return SafeString("")
    day = timezone.localtime(since).date() if isinstance(since, datetime) else since
    days = max((timezone.localdate() - day).days, 0)
    words = ngettext("%(days)d day", "%(days)d days", days) % {"days": days} if days else _("today")
    return _due("", "clock", words)


def _due(kind: str, icon_name: str, words: str) -> SafeString:
    return format_html('<span class="due {}">{}{}</span>', kind, icon(icon_name), words)


@register.simple_tag
def date_block(day: date | datetime, off: bool = False) -> SafeString:
    """A leaf of a calendar: month, day, weekday. `off` for a walk that is called off."""
    local = timezone.localtime(day) if isinstance(day, datetime) and timezone.is_aware(day) else day
    return format_html(
        '<time class="date-block{}" datetime="{}"><span>{}</span><strong>{}</strong><span>{}</span></time>',
        " date-block-off" if off else "",
        f"{local:%Y-%m-%d}",
        date_format(local, "M"),
        date_format(local, "j"),
        date_format(local, "D"),
    )


@register.simple_tag
def person(name: str, note: str = "") -> SafeString:
    """A person chip: initials and the name. Give it no more than the viewer may see ("minor", "a resident")."""
    initials = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    extra = format_html(' <span class="quiet small">{}</span>', note) if note else ""
    return format_html(
        '<span class="person"><i aria-hidden="true">{}</i><span>{}{}</span></span>', initials, name, extra
    )


@register.inclusion_tag("parts/_error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """Everything wrong in these forms in one box that takes the focus, each line a link to its field."""
    return {"errors": [line for form in forms for line in _error_lines(form)]}


def _error_lines(form: BaseForm) -> Iterator[dict[str, Any]]:
    if not form.is_bound:
        return
    for words in form.non_field_errors():
        yield {"field": None, "words": words}
    for field in form:
        for words in field.errors:
            yield {
                "field": field,
                "label": str(field.label).rstrip(".:?! "),
                "target": _first_input_id(field),
                "words": words,
            }


def _first_input_id(field: BoundField) -> str:
    """Radio chips and the like have no element with the field's own id; their first input has `_0`."""
    return f"{field.auto_id}_0" if field.use_fieldset and len(field.subwidgets) > 1 else str(field.auto_id)


@register.filter
def field_kind(field: BoundField) -> str:
    """How templates/django/forms/field.html lays a field out: tick, choices or input."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    if kind == "checkbox" and not hasattr(widget, "choices"):
        return "tick"
    return "choices" if kind in {"radio", "checkbox"} else "input"


@register.inclusion_tag("parts/_strip.html")
def strip(blocks: Sequence[Block], label: str, named: bool = True) -> dict[str, Any]:
    """The segment ribbon: see `office.strip.Block`. `named=False` leaves the cross streets out."""
    top = 100.0 if named else 4.0
    bars, ticks = layout(blocks, top=top, end_margin=NAMES_MARGIN if named else MARGIN)
    return {
        "label": label,
        "named": named,
        "bars": bars,
        "ticks": ticks,
        "top": top,
        "height": top + 44,
        "road_from": MARGIN,
        "road_width": WIDTH - MARGIN - (NAMES_MARGIN if named else MARGIN),
        "name_at": top - 8,
        "tick_from": top - 4,
        "tick_to": top + 42,
    }


@register.inclusion_tag("parts/_map_panel.html", takes_context=True)
def map_panel(context: template.Context, *, label: str, data: Any = None, **options: Any) -> dict[str, Any]:
    """A map with its sentence and legend. docs/look.md lists the options."""
    map_id = options.pop("id", "") or f"map-{uuid.uuid4().hex[:8]}"
    return {
        "id": map_id,
        "id_settings": f"{map_id}-settings",
        "id_data": f"{map_id}-data",
        "label": label,
        "data": data,
        "settings": map_settings() | {"metric": _is_metric(context)},
        "request": context.get("request"),
        **options,
    }


def _is_metric(context: template.Context) -> bool:
    """Whether this coalition counts in metres. Its row is read anyway, for the page's head."""
    return str(getattr(context.get("coalition"), "units", "")) == "metres"


@register.simple_tag
def map_settings() -> dict[str, Any]:
    """What every map starts from: tiles (may be empty), attribution, centre, words of its buttons and sentences."""
    config = settings.LEAFLET_CONFIG
    return {
        "tiles": settings.MAP_TILES_URL,
        "attribution": settings.MAP_TILES_ATTRIBUTION,
        "center": config["DEFAULT_CENTER"],
        "zoom": config["DEFAULT_ZOOM"],
        "words": {
            "zoomIn": _("Zoom in"),
            "zoomOut": _("Zoom out"),
            "next": _("Next item"),
            "here": _("Put the pin in the middle"),
            "open": pgettext("button", "Open"),
            "close": _("Close"),
            "of": _("%(n)s of %(all)s"),
            "together": _("%(n)s items close together. Zoom in to see each."),
            "failed": _("The map could not be loaded. Everything on it is in the list."),
            "picked": _("Pin at %(lat)s, %(lon)s."),
            "statuses": {key: str(word) for key, word in marks.STATUS_WORDS.items()},
            "groups": {key: str(word) for key, word in marks.GROUP_WORDS.items()},
            "late": {key: str(word) for key, word in marks.LATE_WORDS.items()},
        },
    }
