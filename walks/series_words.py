"""A series and its walks side by side, in words."""

from typing import Any

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from walks.differences import Difference, in_words
from walks.models import Walk, WalkSeries
from walks.recurrence import in_words as rule_in_words
from walks.recurrence import read_rule
from walks.series_plan import PLANNED_FIELDS, TIMES, own_fields, planned_times
from walks.times import say_clock, say_time


def difference_lines(walk: Walk, series: WalkSeries) -> list[Difference]:
    """What a walk says differently from its series: `stored` is the walk's, `typed` the series'. May read rows."""
    assert walk.slot_on
    times = planned_times(series, walk.slot_on)
    found = []
    for name in own_fields(walk, series):
        label = Walk._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        if name in TIMES:
            own, usual = getattr(walk, name), getattr(times, name)
            same_day = own.astimezone(walk.zone).date() == usual.astimezone(series.zone).date()
            say = say_clock if same_day else say_time
            found.append(Difference(label, say(own, walk), say(usual, series)))
        else:
            stored, usual = (in_words(walk, name, getattr(row, name)) for row in (walk, series))
            found.append(Difference(label, stored, usual))
    return found


def kept_words(names: list[str]) -> str:
    """“meet, back by”: the labels of fields that a walk keeps as its own."""
    return ", ".join(str(Walk._meta.get_field(name).verbose_name) for name in names)  # type: ignore[union-attr]


def series_differences(series: WalkSeries, typed: dict[str, Any]) -> list[Difference]:
    """Where what somebody typed isn't what the series says now. May read rows."""
    found = []
    for name, value in typed.items():
        stored = getattr(series, name)
        if stored != value:
            label = WalkSeries._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            found.append(Difference(label, _say(series, name, stored), _say(series, name, value)))
    return found


def _say(series: WalkSeries, name: str, value: Any) -> str:
    if name == "rule":
        return rule_in_words(read_rule(value), starts_on=series.starts_on)
    if name == "meet_clock":
        return time_format(value, "g:i A")
    if name in {"starts_on", "ends_on"}:
        return date_format(value, "j F Y") if value else _("nothing")
    if name in PLANNED_FIELDS:
        return in_words(Walk(time_zone=series.time_zone), name, value)
    return str({True: _("yes"), False: _("no")}.get(value, value) if isinstance(value, bool) else value)
