"""What changes a walk's plan: who walks where, whom it needs, whether it goes ahead. The walk is locked first."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from corridors.geometry import length_m
from corridors.models import Side
from office.actions import record
from office.refused import Refused
from people.models import User
from people.roles import AgeBand
from walks.models import GoNoGo, RoleNeed, Signup, Team, TeamSegment, Walk, WalkRole
from walks.places import lock
from walks.planning import Face, blocks_version, holders_of, team_version
from walks.roster import set_teams
from walks.splitting import How, Stretch, split


class PlanChanged(Refused):
    """Somebody else changed the same thing meanwhile; nothing was written. `wanted` says what this person wanted."""

    def __init__(self, wanted: str) -> None:
        words = _(
            "Somebody else changed this while you looked at it. The page shows how it is now. You wanted: %(what)s."
        )
        super().__init__(words % {"what": wanted})
        self.wanted = wanted


# --- Blocks ---


@transaction.atomic
def split_evenly(*, walk: Walk, n_teams: int, how: How, by: User, expected: str) -> int:
    """Divide the corridor's blocks of today among teams 1 to n. How many sides were given.

    `expected` is the `Plan.version` that the person saw. Raises PlanChanged, and Refused where teams can't be so many.
    """
    locked = lock(walk)
    _refuse_newer(locked, expected, _("split evenly among %(n)d teams") % {"n": n_teams})
    if n_teams < 1:
        raise Refused(_("Choose 1 team or more."))
    set_teams(walk=walk, n_teams=n_teams, by=by)
    segments = list(locked.corridor.segments.current().order_by("position", "id"))
    if not segments:
        raise Refused(_("The corridor has no blocks yet. Draw it and cut it into blocks first."))
    shares = split([Stretch(s.pk, length_m(s.line)) for s in segments], n_teams, how)
    holders = {face: number for number, share in enumerate(shares, start=1) for face in share}
    _write(locked, holders)
    detail = {"n": n_teams, "how": how}
    record(actor=by, action="team.split", resource="walk", object_id=walk.public_id, detail=detail)
    return len(holders)


@transaction.atomic
def give_stretch(*, walk: Walk, faces: Iterable[Face], number: int, by: User, expected: str) -> int:
    """Give these sides to one team (0: to nobody). How many changed hands. Raises PlanChanged."""
    locked = lock(walk)
    faces = list(faces)
    wanted = _("%(n)d sides to team %(number)d") if number else _("%(n)d sides to nobody")
    _refuse_newer(locked, expected, wanted % {"n": len(faces), "number": number})
    return _give(locked, dict.fromkeys(faces, number), by)


@transaction.atomic
def give_sides(*, walk: Walk, wanted: dict[Face, tuple[int, int]], by: User) -> int:
    """Write what a form of all sides says: for each the team that stood there and the one chosen. How many changed.

    Sides that this person left alone are not touched, so two people may work at different ends. Raises PlanChanged
    where a side that they changed is with another team now; nothing is written then.
    """
    locked = lock(walk)
    now = holders_of(locked)
    chosen = {face: new for face, (was, new) in wanted.items() if was != new}
    lost = [face for face, new in chosen.items() if now.get(face, 0) not in {wanted[face][0], new}]
    if lost:
        raise PlanChanged(_in_words(locked, {face: chosen[face] for face in lost}))
    return _give(locked, chosen, by)


def _give(walk: Walk, chosen: dict[Face, int], by: User) -> int:
    holders = holders_of(walk)
    known = set(walk.teams.values_list("number", flat=True)) | {0}
    ours = set(walk.corridor.segments.current().values_list("pk", flat=True))
    if not set(chosen.values()) <= known or not {pk for pk, _side in chosen} <= ours:
        raise Refused(_("That team or block isn’t part of this walk any more. Load the page again."))
    changed = {face: number for face, number in chosen.items() if holders.get(face, 0) != number}
    if changed:
        _write(walk, {face: number for face, number in (holders | changed).items() if number})
        record(actor=by, action="team.blocks", resource="walk", object_id=walk.public_id, detail={"n": len(changed)})
    return len(changed)


def _write(walk: Walk, holders: dict[Face, int]) -> None:
    """Make the rows say exactly this."""
    sides: dict[tuple[int, int], list[str]] = defaultdict(list)
    for (segment, side), number in holders.items():
        sides[number, segment].append(side)
    teams = {team.number: team for team in walk.teams.all()}
    TeamSegment.objects.filter(team__walk=walk).delete()
    TeamSegment.objects.bulk_create(
        TeamSegment(team=teams[number], segment_id=segment, sides="both" if len(both) == 2 else both[0])
        for (number, segment), both in sorted(sides.items())
    )


def _refuse_newer(walk: Walk, expected: str, wanted: str) -> None:
    if blocks_version(holders_of(walk), walk.teams.all()) != expected:
        raise PlanChanged(wanted)


def _in_words(walk: Walk, chosen: dict[Face, int]) -> str:
    names = {s.pk: s for s in walk.corridor.segments.all()}
    return "; ".join(
        _("%(block)s, %(side)s: team %(number)s")
        % {"block": names[pk].name, "side": names[pk].compass_side(side), "number": number or "–"}
        for (pk, side), number in chosen.items()
        if pk in names
    )


# --- People of a team ---


@transaction.atomic
def name_team(
    *,
    walk: Walk,
    team: Team,
    lead: Signup | None,
    marshal: Signup | None,
    expected_back_at: datetime | None,
    by: User,
    expected: str,
) -> Team:
    """Name the team lead, the safety marshal and the time it should be back. Who is named walks in that team.

    `expected` is the `team_version` that the person saw. Raises PlanChanged, and Refused for who can't do it.
    """
    locked = lock(walk)
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk, walk=locked)
    if team_version(team) != expected:
        raise PlanChanged(_("other people or another time for %(team)s") % {"team": team})
    for one in (lead, marshal):
        _refuse_unfit(locked, one)
    if expected_back_at is not None and expected_back_at <= locked.step_off_at:
        raise Refused(_("“Expected back” must be later than “step off”."))
    team.lead, team.marshal, team.expected_back_at = lead, marshal, expected_back_at
    team.save(update_fields=["lead", "marshal", "expected_back_at"])
    Signup.objects.filter(pk__in=[one.pk for one in (lead, marshal) if one]).update(team=team)
    record(actor=by, action="team.name", resource="team", object_id=team.public_id)
    return team


def _refuse_unfit(walk: Walk, signup: Signup | None) -> None:
    """Who leads a team or walks in front is on the roster and grown up."""
    if signup is None:
        return
    now = Signup.objects.filter(pk=signup.pk, walk=walk).first()
    if now is None or not now.is_counted:
        raise Refused(_("Somebody you chose isn’t coming any more. Choose somebody else."))
    if now.is_minor:
        raise Refused(_("Team lead and safety marshal are adults. Choose somebody of 18 or over."))


# --- Roles ---


def usual_needs(n_teams: int) -> dict[WalkRole, tuple[int, int | None, str]]:
    """Whom a walk with so many teams usually needs: role → least, most, youngest age."""
    adult = AgeBand.YOUNG_ADULT.value
    return {
        WalkRole.LEAD: (1, 1, adult),
        WalkRole.MARSHAL: (n_teams, n_teams, adult),
        WalkRole.SWEEP: (n_teams, n_teams, ""),
        WalkRole.SCRIBE: (n_teams, 2 * n_teams, ""),
        WalkRole.GREETER: (n_teams, None, ""),
        WalkRole.DESK: (1, 2, ""),
        WalkRole.DESIGNEE: (1, 1, adult),
        WalkRole.FIRST_AID: (1, None, adult),
    }


@transaction.atomic
def set_usual_needs(*, walk: Walk, n_teams: int, by: User) -> None:
    """Write the usual needs for so many teams; roles beside them stay as they are."""
    lock(walk)
    for role, (least, most, band) in usual_needs(max(n_teams, 1)).items():
        values = {"n_min": least, "n_max": most, "from_band": band}
        RoleNeed.objects.update_or_create(walk=walk, role=role, defaults=values)
    record(actor=by, action="walk.needs", resource="walk", object_id=walk.public_id, detail={"usual": n_teams})


@transaction.atomic
def set_need(*, walk: Walk, role: str, n_min: int, n_max: int | None, from_band: str, by: User) -> None:
    """Write one role's need; none at all (0 and no limit) takes it off the list. Raises ValidationError."""
    lock(walk)
    if n_min == 0 and n_max is None:
        walk.role_needs.filter(role=role).delete()
    else:
        need = walk.role_needs.filter(role=role).first() or RoleNeed(walk=walk, role=role)
        need.n_min, need.n_max, need.from_band = n_min, n_max, from_band
        need.full_clean()
        need.save()
    record(actor=by, action="walk.needs", resource="walk", object_id=walk.public_id, detail={"role": role})


# --- Go or no-go ---


@transaction.atomic
def decide(*, walk: Walk, decision: str, why: str, by: User) -> GoNoGo:
    """Add a line that says whether the walk goes ahead. Raises Refused without a reason where one is needed."""
    locked = lock(walk)
    if locked.state == Walk.State.CALLED_OFF:
        raise Refused(_("This walk is called off already."))
    line = GoNoGo(walk=locked, decision=decision, why=why.strip()[:300], by=by)
    try:
        line.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    line.save()
    detail = {"decision": decision}
    record(actor=by, action="walk.decide", resource="walk", object_id=walk.public_id, detail=detail)
    return line


def sides_of(choice: str) -> list[str]:
    return list(Side.values) if choice == TeamSegment.Sides.BOTH else [choice]
