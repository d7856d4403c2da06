"""Two versions of a walk side by side, for when two people wrote at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from walks.languages import own_name
from walks.models import Purpose, Rating, Walk
from walks.times import say_time


@dataclass(frozen=True)
class Difference:
    """A field that the two don't agree on, each in words."""

    label: str | Promise
    stored: str
    typed: str


def differences(walk: Walk, typed: dict[str, Any]) -> list[Difference]:
    """Where what somebody typed isn't what is stored now. Reads related rows, so it may query."""
    found = []
    for name, value in typed.items():
        stored = getattr(walk, name)
        if stored != value:
            label = _field(name).verbose_name
            found.append(Difference(label, in_words(walk, name, stored), in_words(walk, name, value)))
    return found


def in_words(walk: Walk, name: str, value: Any) -> str:
    """A value of a walk's field as people say it."""
    match value:
        case None | "" | []:
            return str(_("nothing"))
        case bool():
            return str(_("yes") if value else _("no"))
        case datetime():
            return say_time(value, walk)
        case Point():
            return f"{value.y:.5f}, {value.x:.5f}"
        case list():
            return ", ".join(_words_of_list(name, value))
        case _:
            choices = dict(_field(name).flatchoices)
            return str(choices.get(value, value))


def _words_of_list(name: str, values: Iterable[str]) -> list[str]:
    if name == "purposes":
        return [str(Purpose(value).label) for value in values]
    if name == "ratings":
        return [str(Rating(value).label) for value in values]
    return [own_name(value) for value in values]


def _field(name: str) -> Any:
    return Walk._meta.get_field(name)
