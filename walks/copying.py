"""The next walk like this one: what was planned, on another day, without anybody's sign-up."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from office.actions import record
from people.models import User
from walks.actions import WALK_FIELDS, schedule_walk
from walks.models import RoleNeed, Team, TeamSegment, Walk

USUAL_GAP = timedelta(weeks=4)
SOONEST = timedelta(days=7)


def likely_day(walk: Walk, *, now: datetime) -> date:
    """Four weeks after the walk, on the same weekday; later where that is past or less than a week away."""
    day = walk.meet_at.astimezone(walk.zone).date() + USUAL_GAP
    soonest = now.astimezone(walk.zone).date() + SOONEST
    weeks_late = max(0, -((day - soonest).days // 7))
    return day + timedelta(weeks=weeks_late)


@transaction.atomic
def copy_walk(*, walk: Walk, by: User, roles: bool = True, teams: bool = True, **fields: Any) -> Walk:
    """A draft with what `walk` says, `fields` written over it (the three times at least), its roles and its teams.

    Raises ValidationError. Who leads a team or is in it stays behind: those are sign-ups.
    """
    same = {name: getattr(walk, name) for name in WALK_FIELDS}
    copy = schedule_walk(by=by, **same | fields)
    if roles:
        _copy_roles(walk, copy)
    if teams:
        _copy_teams(walk, copy)
    detail = {"from": str(walk.public_id)}
    record(actor=by, action="walk.copy", resource="walk", object_id=copy.public_id, detail=detail)
    return copy


def _copy_roles(walk: Walk, copy: Walk) -> None:
    needs = [
        RoleNeed(walk=copy, role=need.role, n_min=need.n_min, n_max=need.n_max, from_band=need.from_band)
        for need in walk.role_needs.order_by("id")
    ]
    RoleNeed.objects.bulk_create(needs)


def _copy_teams(walk: Walk, copy: Walk) -> None:
    for team in walk.teams.prefetch_related("blocks"):
        new = Team.objects.create(walk=copy, number=team.number, name=team.name)
        blocks = [TeamSegment(team=new, segment_id=one.segment_id, sides=one.sides) for one in team.blocks.all()]
        TeamSegment.objects.bulk_create(blocks)
