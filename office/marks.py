"""The symbols of concerns: shape is the kind, fill is the status. Drawn from the same data as `static/js/marks.js`."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

GROUP_WORDS = {
    "house": _("house"),
    "light": _("light"),
    "ground": _("trash and lots"),
    "way": _("sidewalk and street"),
    "plants": _("plants and hiding spots"),
    "other": _("something else"),
    "good": _("good thing"),
}

LATE_WORDS = {"late": _("overdue"), "far": _("far overdue")}

# What a status is called on every page. The keys are those of a concern's life, plus held, open, unknown and good.
STATUS_WORDS = {
    "new": _("New"),
    "held": _("Not read yet"),
    "triaged": _("Open"),
    "open": _("Open"),
    "reported": _("Filed with the city"),
    "referred_to_owner": _("Told the owner"),
    "in_progress": _("Being worked on"),
    "claimed_fixed": _("City says fixed"),
    "verified_fixed": _("We saw it fixed"),
    "reopened": _("Back again"),
    "monitoring": _("We are watching it"),
    "not_actionable": _("Nothing to be done"),
    "withdrawn": _("Taken back"),
    "duplicate": _("Same as another"),
    "unknown": _("Not walked"),
    "good": _("Good thing"),
}


@cache
def drawing_data() -> dict[str, Any]:
    """The shapes, fills and statuses of `static/js/marks-data.js`, which is strict JSON after `export default`."""
    source = (settings.BASE_DIR / "static" / "js" / "marks-data.js").read_text(encoding="utf-8")
    return json.loads(source.split("\nexport default", 1)[1].rstrip().rstrip(";"))


def tone_of(status: str) -> str:
    """The tone (ochre, violet, green, quiet, ink) of a status; quiet for one that isn't known."""
    statuses = drawing_data()["statuses"]
    return str(statuses.get(status, statuses["unknown"])["tone"])


@cache
def mark_paths(group: str, status: str) -> SafeString:
    """The inside of the `<svg>`. Unknown kinds are drawn as "other", unknown statuses hatched."""
    data = drawing_data()
    shape = data["groups"].get(group, data["groups"]["other"])
    if group == "good" and status in {"triaged", "open"}:
        status = "good"
    fill = data["fills"][data["statuses"].get(status, data["statuses"]["unknown"])["fill"]]
    layers = [_layer(shape, layer) for layer in fill]
    if "foot" in shape:
        layers.append(format_html('<path class="mark-ink" d="{}"/>', shape["foot"]))
    return format_html_join("", "{}", ((layer,) for layer in layers))


def _layer(shape: dict[str, Any], layer: dict[str, Any]) -> SafeString:
    """One path. A layer with a `path` of its own is drawn around the middle of the shape."""
    middle = shape["middle"]
    classes = " ".join(f"mark-{word}" for word in layer["as"].split())
    move = ""
    if "path" in layer:
        move = f"translate(0 {middle})"
    elif "scale" in layer:
        move = f"translate(12 {middle}) scale({layer['scale']}) translate(-12 -{middle})"
    return format_html(
        '<path class="{}" d="{}"{}{}{}/>',
        classes,
        layer.get("path") or shape[layer["on"]],
        _attribute("transform", move),
        _attribute("stroke-width", layer.get("width")),
        _attribute("stroke-dasharray", layer.get("dash")),
    )


def _attribute(name: str, value: object) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else SafeString("")


def mark_svg(group: str, status: str, *, title: str = "", late: str = "") -> SafeString:
    """The whole symbol. Without a `title` it is hidden from screen readers: then words must stand beside it.

    One flag at its corner where `late` is "late", two where it is "far".
    """
    told = format_html(' role="img" aria-label="{}"', title) if title else SafeString(' aria-hidden="true"')
    return format_html(
        '<svg class="mark tone-{}" width="24" height="24" viewBox="-1 -1 26 26"{}>{}{}</svg>',
        tone_of("good" if group == "good" and status in {"triaged", "open"} else status),
        told,
        format_html("<title>{}</title>", title) if title else "",
        mark_paths(group, status) + late_path(late),
    )


def late_path(late: str) -> SafeString:
    """The flag or flags of something overdue; nothing where it isn't."""
    flags = drawing_data()["late"].get(late)
    return format_html('<path class="mark-late" d="{}"/>', flags) if flags else SafeString("")
