"""Making walks out of a series, changing a series with its walks, and ending it.

A walk that was made lives its own life: it is moved, changed and called off like any other (`walks.actions`). It keeps
the day it stands for (`slot_on`), so the series never makes that day again, also where somebody deleted the walk. Who
locks more than one thing locks the series first, then its walks, then what is on them.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.models import Coalition
from office.refused import Refused
from people.models import User
from walks.actions import NOW, change_walk
from walks.mending import put_away, refuse_delete
from walks.models import Walk, WalkSeries
from walks.recurrence import check_comes, read_rule
from walks.series_plan import (
    PLANNED_FIELDS,
    WHEN_FIELDS,
    Plan,
    Staying,
    days_of,
    future_walks,
    plan_change,
    planned_times,
    why_it_stays,
)

logger = logging.getLogger(__name__)

SERIES_FIELDS = {*PLANNED_FIELDS, *WHEN_FIELDS}
LONGEST_BACK, LONGEST_AHEAD = timedelta(days=366), timedelta(days=5 * 366)


class SeriesChangedMeanwhile(Refused):
    """Somebody else changed the series after this person opened it; `series` is how it is now."""

    def __init__(self, series: WalkSeries) -> None:
        super().__init__(_("Somebody else changed this series while you were writing. Look at both before you save."))
        self.series = series


@transaction.atomic
def schedule_series(*, by: User | None, **fields: Any) -> WalkSeries:
    """A new series, and its first walks at once. Raises ValidationError."""
    _refuse_unknown(fields)
    series = WalkSeries(**{"time_zone": Coalition.current().time_zone} | fields)
    _check(series, first_day=True)
    series.save(force_insert=True)
    record(actor=by, action="series.schedule", resource="series", object_id=series.public_id)
    _make(series, by=by, now=timezone.now())
    return series


def make_due_walks() -> int:
    """The periodic job: each series has its walks for the weeks ahead. How many were made; twice makes none twice."""
    now = timezone.now()
    made = 0
    # Far-away zones are a day ahead of or behind the server.
    going = Q(ends_on=None) | Q(ends_on__gte=now.date() - timedelta(days=2))
    for pk in WalkSeries.objects.filter(going, ended_at=None).order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                series = WalkSeries.objects.select_for_update().get(pk=pk)
                made += len(_make(series, by=None, now=now)) if series.ended_at is None else 0
        except (ValidationError, Refused, DatabaseError):
            logger.exception("The walks of series %s couldn't be made", pk)
    return made


def plan_series_change(series: WalkSeries, fields: dict[str, Any], *, now: datetime) -> Plan:
    """What `change_series` would do, for the page that asks first. Raises ValidationError. Few queries, no writes."""
    before = WalkSeries.objects.get(pk=series.pk)
    after = _changed(before, fields)
    return _plan(before, after, list(future_walks(before, now)), now=now)


@transaction.atomic
def change_series(
    *,
    series: WalkSeries,
    by: User | None,
    expected: datetime | None = None,
    tell: bool = True,
    waits: timedelta = NOW,
    **fields: Any,
) -> Plan:
    """Write the fields given, to the series and to those of its future walks that still said the same.

    Walks whose day left the rule are deleted where nothing keeps them (`series_plan.why_it_stays`); new days are made.
    People are told of another time or place as by `change_walk`. `expected` is the `updated_at` that the person saw;
    raises SeriesChangedMeanwhile, Refused where the series has ended, and ValidationError.
    """
    now = timezone.now()
    before = WalkSeries.objects.select_for_update(of=("self",)).get(pk=series.pk)
    if expected is not None and before.updated_at != expected:
        raise SeriesChangedMeanwhile(before)
    if before.ended_at:
        raise Refused(_("This series has ended. Make a new one."))
    after = _changed(before, fields)
    changed = [name for name in sorted(SERIES_FIELDS) if getattr(before, name) != getattr(after, name)]
    if not changed:
        return Plan()
    plan = _plan(before, after, _lock_future(before, now), now=now)
    after.save()
    for change in plan.changing:
        change_walk(walk=change.walk, by=by, tell=tell, waits=waits, **change.fields)
    plan.leaving = _drop(plan, by=by, now=now, series=after, detach=True)
    _make(after, by=by, now=now)
    detail = {"fields": changed, "changed": len(plan.changing), "deleted": len(plan.leaving)}
    record(actor=by, action="series.change", resource="series", object_id=after.public_id, detail=detail)
    series.refresh_from_db()
    return plan


@transaction.atomic
def end_series(*, series: WalkSeries, by: User | None) -> Plan:
    """Make no more walks. Future ones that nobody signed up for or changed are deleted, the others stay and are named.

    Raises Refused where it has ended.
    """
    now = timezone.now()
    locked = WalkSeries.objects.select_for_update(of=("self",)).get(pk=series.pk)
    if locked.ended_at:
        raise Refused(_("This series has ended already."))
    plan = plan_end(locked, _lock_future(locked, now))
    plan.leaving = _drop(plan, by=by, now=now, series=locked, detach=False)
    locked.ended_at = now
    locked.save(update_fields=["ended_at", "updated_at"])
    detail = {"deleted": len(plan.leaving), "kept": len(plan.staying)}
    record(actor=by, action="series.end", resource="series", object_id=locked.public_id, detail=detail)
    series.refresh_from_db()
    return plan


def plan_end(series: WalkSeries, walks: list[Walk]) -> Plan:
    """Which of `walks` (see `future_walks`) would go with the series. No query."""
    plan = Plan()
    for walk in walks:
        if why := why_it_stays(walk, series):
            plan.staying.append(Staying(walk, why))
        else:
            plan.leaving.append(walk)
    return plan


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - SERIES_FIELDS:
        raise TypeError(f"not fields of a series that may be written: {sorted(unknown)}")


def _changed(before: WalkSeries, fields: dict[str, Any]) -> WalkSeries:
    """The series as it would be; `before` stays as it is. Raises ValidationError."""
    _refuse_unknown(fields)
    after = WalkSeries.objects.get(pk=before.pk)
    for name, value in fields.items():
        setattr(after, name, value)
    _check(after, first_day=after.starts_on != before.starts_on)
    return after


def _check(series: WalkSeries, *, first_day: bool) -> None:
    series.take_from_landmark()
    series.full_clean(validate_unique=False)
    try:
        rule = read_rule(series.rule, zone=series.zone)
        check_comes(rule, series.starts_on)
    except ValidationError as error:
        raise ValidationError({"rule": error}) from None
    series.rule = str(rule)
    if series.publishes and not series.meeting_place:
        words = _("Say where people meet first, or let new walks be drafts.")
        raise ValidationError({"meeting_place": words})
    today = timezone.now().date()
    if first_day and not today - LONGEST_BACK <= series.starts_on <= today + LONGEST_AHEAD:
        words = _("The first day must be within a year back and five years ahead.")
        raise ValidationError({"starts_on": words})


def _plan(before: WalkSeries, after: WalkSeries, walks: list[Walk], *, now: datetime) -> Plan:
    plan = plan_change(before, after, walks, now=now)
    plan.new_days = _missing_days(after, now=now, without=[walk.pk for walk in plan.leaving])
    return plan


def _lock_future(series: WalkSeries, now: datetime) -> list[Walk]:
    """The future walks, locked one after the other by number; who signs up locks the walk, too."""
    numbers = list(series.walks.filter(deleted_at=None, meet_at__gt=now).order_by("pk").values_list("pk", flat=True))
    list(Walk.objects.select_for_update().filter(pk__in=numbers).order_by("pk"))
    return list(future_walks(series, now))


def _drop(plan: Plan, *, by: User | None, now: datetime, series: WalkSeries, detach: bool) -> list[Walk]:
    """Delete what leaves. Answers which went; one that something else points at joins those that stay.

    With `detach` its day is free again, in case the rule comes back to it.
    """
    gone = []
    for walk in plan.leaving:
        try:
            refuse_delete(walk)
        except Refused as refused:
            plan.staying.append(Staying(walk, refused.message))
            continue
        if detach:
            walk.series = walk.slot_on = None
        put_away(walk, now=now)
        detail = {"series": str(series.public_id)}
        record(actor=by, action="walk.delete", resource="walk", object_id=walk.public_id, detail=detail)
        gone.append(walk)
    return gone


# --- Making walks ---


def _missing_days(series: WalkSeries, *, now: datetime, without: list[int] | None = None) -> list[date]:
    """Days in the weeks ahead that have no walk yet and didn't begin. One query."""
    today = now.astimezone(series.zone).date()
    taken = set(series.walks.exclude(pk__in=without or []).values_list("slot_on", flat=True))
    days = days_of(series, since=today, until=today + timedelta(weeks=series.weeks_ahead))
    return [day for day in days if day not in taken and planned_times(series, day).meet_at > now]


def _make(series: WalkSeries, *, by: User | None, now: datetime) -> list[Walk]:
    """The walks that are missing. `walk_once_per_slot` holds even where two do this at once without a lock."""
    wanted = [_walk_of(series, day, now) for day in _missing_days(series, now=now)]
    if not wanted:
        return []
    Walk.objects.bulk_create(wanted, ignore_conflicts=True)
    made = list(Walk.objects.filter(public_id__in=[walk.public_id for walk in wanted]).order_by("slot_on"))
    detail = {"series": str(series.public_id)}
    for walk in made:
        record(actor=by, action="walk.schedule", resource="walk", object_id=walk.public_id, detail=detail)
        if walk.state == Walk.State.PUBLISHED:
            record(actor=by, action="walk.publish", resource="walk", object_id=walk.public_id, detail=detail)
    return made


def _walk_of(series: WalkSeries, day: date, now: datetime) -> Walk:
    times = planned_times(series, day)
    fields = {name: getattr(series, name) for name in PLANNED_FIELDS}
    walk = Walk(series=series, slot_on=day, **fields)
    walk.meet_at, walk.step_off_at, walk.end_at = times.meet_at, times.step_off_at, times.end_at
    if series.publishes and series.meeting_place:
        walk.state, walk.published_at = Walk.State.PUBLISHED, now
    return walk
