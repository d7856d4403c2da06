"""What an edit of a series does to the walks that are there: read before it is done, and shown to who does it.

A walk follows its series field by field: it takes a new value only where it still says what the series said before.
Walks whose day is no longer one of the rule go only if nobody signed up, planned or changed them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from walks.actions import WALK_FIELDS
from walks.models import GoNoGo, Pledge, RoleNeed, Signup, Team, Walk, WalkSeries
from walks.recurrence import Times, read_rule, slot_days, times_of

TIMES = ("meet_at", "step_off_at", "end_at")
PLANNED_FIELDS = tuple(sorted(WALK_FIELDS - set(TIMES)))
WHEN_FIELDS = (
    *("rule", "starts_on", "ends_on", "meet_clock", "step_off_minutes", "walk_minutes"),
    *("weeks_ahead", "publishes"),
)


@dataclass(frozen=True)
class Change:
    """What becomes different on one walk, and what the series changes but the walk keeps."""

    walk: Walk
    fields: dict[str, Any]
    kept: list[str]


@dataclass(frozen=True)
class Staying:
    """A walk that stays although the series doesn't make it any more, and why."""

    walk: Walk
    why: str


@dataclass
class Plan:
    """What an edit does. See also `walks.series.change_series`, which does it."""

    changes: list[Change] = field(default_factory=list)
    leaving: list[Walk] = field(default_factory=list)
    staying: list[Staying] = field(default_factory=list)
    new_days: list[date] = field(default_factory=list)

    @property
    def changing(self) -> list[Change]:
        return [change for change in self.changes if change.fields]

    @property
    def keeping(self) -> list[Change]:
        return [change for change in self.changes if change.kept]

    @property
    def n_told(self) -> int:
        """How many people are on walks whose time or place changes."""
        moved = {*TIMES, "meeting_place", "meeting_location"}
        return sum(getattr(one.walk, "n_coming", 0) for one in self.changing if moved & one.fields.keys())


def future_walks(series: WalkSeries, now: datetime) -> QuerySet[Walk]:
    """Its walks that didn't begin yet, by day, with `n_coming` (not withdrawn) and `is_planned`."""

    def has(model: Any) -> Exists:
        return Exists(model.objects.filter(walk=OuterRef("pk")))

    walks = series.walks.filter(deleted_at=None, meet_at__gt=now)
    walks = walks.select_related("corridor", "lead", "lead_organization", "meeting_landmark")
    return walks.annotate(
        n_coming=Count("signups", filter=~Q(signups__state=Signup.State.WITHDRAWN)),
        is_planned=has(Team) | has(RoleNeed) | has(Pledge) | has(GoNoGo),
    ).order_by("slot_on", "id")


def planned_times(series: WalkSeries, day: date) -> Times:
    """The times that the series gives the walk of a day."""
    return times_of(
        day,
        meet=series.meet_clock,
        step_off_minutes=series.step_off_minutes,
        walk_minutes=series.walk_minutes,
        zone=series.zone,
    )


def days_of(series: WalkSeries, *, since: date, until: date) -> list[date]:
    """The days of the series from `since` to `until`."""
    until = min(until, series.ends_on) if series.ends_on else until
    return slot_days(read_rule(series.rule), starts_on=series.starts_on, since=since, until=until)


def own_fields(walk: Walk, series: WalkSeries) -> list[str]:
    """What a walk says differently from its series, the times among them. No query."""
    own = [name for name in PLANNED_FIELDS if _value(walk, name) != _value(series, name)]
    assert walk.slot_on
    times = planned_times(series, walk.slot_on)
    return own + [name for name in TIMES if getattr(walk, name) != getattr(times, name)]


def plan_change(before: WalkSeries, after: WalkSeries, walks: list[Walk], *, now: datetime) -> Plan:
    """What becomes of `walks` (see `future_walks`) when `before` becomes `after`, without its `new_days`."""
    plan = Plan()
    orphans = _orphans(before, after, walks)
    for walk in walks:
        why = why_it_stays(walk, before) if walk in orphans else ""
        if walk in orphans and not why:
            plan.leaving.append(walk)
            continue
        if walk in orphans:
            plan.staying.append(Staying(walk, why))
        change = _change(walk, before, after, now=now)
        if change.fields or change.kept:
            plan.changes.append(change)
    return plan


def why_it_stays(walk: Walk, series: WalkSeries) -> str:
    """Why a walk isn't deleted with its day; empty where nothing keeps it. Needs `future_walks`."""
    if n := getattr(walk, "n_coming", 0):
        return ngettext("%(n)d sign-up", "%(n)d sign-ups", n) % {"n": n}
    if walk.state == Walk.State.CALLED_OFF:
        return _("it is called off")
    if own_fields(walk, series):
        return _("somebody changed it")
    if walk.state == Walk.State.PUBLISHED and not series.publishes:
        return _("somebody published it")
    return _("teams or roles are planned") if getattr(walk, "is_planned", False) else ""


def _orphans(before: WalkSeries, after: WalkSeries, walks: list[Walk]) -> list[Walk]:
    """Walks on a day that was one of the series and isn't any more."""
    slots = [walk.slot_on for walk in walks if walk.slot_on]
    same = all(getattr(before, name) == getattr(after, name) for name in ("rule", "starts_on", "ends_on"))
    if not slots or same:
        return []
    days = set(days_of(after, since=min(slots), until=max(slots)))
    return [walk for walk in walks if walk.slot_on not in days]


def _change(walk: Walk, before: WalkSeries, after: WalkSeries, *, now: datetime) -> Change:
    changed = [name for name in PLANNED_FIELDS if _value(before, name) != _value(after, name)]
    follows = [name for name in changed if _value(walk, name) == _value(before, name)]
    kept = [name for name in changed if name not in follows and _value(walk, name) != _value(after, name)]
    fields = {name: getattr(after, name) for name in follows}
    times, kept_times = _changed_times(walk, before, after, now=now)
    if kept_times and "time_zone" in fields:
        del fields["time_zone"]
        kept.append("time_zone")
    return Change(walk, fields | times, [*kept, *kept_times])


def _changed_times(
    walk: Walk, before: WalkSeries, after: WalkSeries, *, now: datetime
) -> tuple[dict[str, datetime], list[str]]:
    """New times, and the names of those that the walk keeps as its own."""
    assert walk.slot_on
    old, new = planned_times(before, walk.slot_on), planned_times(after, walk.slot_on)
    changed = [name for name in TIMES if getattr(old, name) != getattr(new, name)]
    follows = {name: getattr(new, name) for name in changed if getattr(walk, name) == getattr(old, name)}
    kept = [name for name in changed if name not in follows and getattr(walk, name) != getattr(new, name)]
    meet, step_off, end = (follows.get(name, getattr(walk, name)) for name in TIMES)
    if now < meet <= step_off < end:
        return follows, kept
    # Half of the series' times and half of its own would make no walk: it keeps all of them.
    return {}, changed


def _value(row: Walk | WalkSeries, name: str) -> Any:
    """The value of a field, of a related row its number, so that nothing is read."""
    column: Any = Walk._meta.get_field(name)
    return getattr(row, column.attname)
