"""What a walk's staffing lacks, as the same typed reasons as `walks.problems`. Read for one walk, never for a list."""

from collections import Counter
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from people.roles import AgeBand
from walks.models import ADULT_ROLES, Clearance, RoleNeed, Signup, Walk, WalkRole
from walks.planning import PEOPLE_PER_TEAM, Plan, TeamPlan
from walks.problems import Problem, Weight, by_weight
from walks.role_offers import is_old_enough

FEWEST, MOST = 2, PEOPLE_PER_TEAM[1]
# The walk's own fields name these two; signing up for them isn't the only way.
NAMED_ON_THE_WALK = {WalkRole.LEAD: "lead_id", WalkRole.DESIGNEE: "designee_name"}


def role_counts(people: Iterable[Signup]) -> Counter[str]:
    """How many people signed up for each role. A group counts as one: one of them does it."""
    return Counter(one.role for one in people if one.role)


def staffing_gaps(plan: Plan, needs: Iterable[RoleNeed]) -> list[Problem]:
    """The heaviest first. One query beside the plan's own, for the clearances."""
    walk = plan.walk
    found = [*_about_roles(walk, plan.people, needs), *_about_the_designee(walk)]
    if plan.teams:
        cleared = _cleared(walk, plan.people)
        found += [problem for row in plan.teams for problem in _about_a_team(row, cleared)]
        found += _about_blocks(plan)
    return by_weight(found)


def _cleared(walk: Walk, people: Iterable[Signup]) -> set[int]:
    """The people (database ids) who may walk with minors on the day of the walk. One query, or none without minors."""
    if not any(one.is_minor for one in people):
        return set()
    day = walk.meet_at.astimezone(walk.zone).date()
    rows = Clearance.objects.valid_on(day).filter(person__in=[one.person_id for one in people])
    return set(rows.values_list("person_id", flat=True))


def _about_roles(walk: Walk, people: Iterable[Signup], needs: Iterable[RoleNeed]) -> list[Problem]:
    counts, found = role_counts(people), []
    bands = {need.role: need.from_band for need in needs}
    for need in needs:
        named = NAMED_ON_THE_WALK.get(WalkRole(need.role))
        n = counts[need.role] + (1 if named and not counts[need.role] and getattr(walk, named) else 0)
        words = {"role": need.get_role_display(), "n": n, "min": need.n_min, "max": need.n_max}
        if n < need.n_min:
            text = _("%(role)s: %(n)d of at least %(min)d.") % words
            found.append(_gap("role_under", "should", text, "plan-roles", _("Look at the roles")))
        elif need.n_max is not None and n > need.n_max:
            text = _("%(role)s: %(n)d, more than %(max)d.") % words
            found.append(_gap("role_over", "know", text, "plan-roles", _("Look at the roles")))
    return found + [problem for one in people for problem in _too_young(one, bands)]


def _too_young(signup: Signup, bands: dict[str, str]) -> list[Problem]:
    band = bands.get(signup.role, "")
    is_adults = signup.role in ADULT_ROLES and signup.is_minor
    is_young = bool(band) and signup.age_band != AgeBand.UNKNOWN and not is_old_enough(signup.age_band, band)
    if not (is_adults or is_young):
        return []
    text = _("%(name)s is too young for the role “%(role)s”.")
    words = {"name": signup.name, "role": signup.get_role_display()}
    return [Problem("too_young_for_role", "must", text % words, "roster", _("Give another role"))]


def _about_a_team(row: TeamPlan, cleared: set[int]) -> list[Problem]:
    team, found = row.team, []
    words = {"team": team, "n": row.n_people}
    if row.n_people == 0:
        text, button = _("%(team)s: nobody is in it yet.") % words, _("Put people into teams")
        found.append(Problem("team_empty", "should", text, "roster", button))
    elif row.n_people < FEWEST:
        text, button = _("%(team)s: one person alone. Nobody walks alone.") % words, _("Put people into teams")
        found.append(Problem("team_too_small", "must", text, "roster", button))
    elif row.n_people > MOST:
        text = _("%(team)s: %(n)d people. Three to five walk together well.") % words
        found.append(Problem("team_too_large", "should", text, "roster", _("Put people into teams")))
    if team.lead_id is None:
        text = _("%(team)s: no team lead.") % words
        found.append(_gap("team_without_lead", "should", text, f"team-{team.number}", _("Name one")))
    has_minor = any(one.is_minor for one in row.people)
    if has_minor and not any(one.person_id in cleared and not one.is_minor for one in row.people):
        text = _("%(team)s: a team with a minor and no cleared adult can’t step off.") % words
        found.append(Problem("minor_without_cleared_adult", "must", text, "roster", _("Add a cleared adult")))
    return found


def _about_the_designee(walk: Walk) -> list[Problem]:
    if walk.designee_name and walk.designee_phone:
        return []
    text = _("Nobody waits off site with a phone and knows when teams should be back.")
    return [Problem("no_designee", "should", text, "edit", _("Name somebody"))]


def _about_blocks(plan: Plan) -> list[Problem]:
    found = []
    if free := plan.unassigned:
        n = len(free)
        text = ngettext_lazy("Nobody walks %(where)s.", "Nobody walks %(n)d stretches: %(where)s.", n)
        words = {"n": n, "where": "; ".join(free[:4]) + (" …" if n > 4 else "")}
        found.append(_gap("blocks_without_team", "should", text % words, "blocks", _("Give them to a team")))
    return found


def _gap(code: str, weight: Weight, text: str | Promise, anchor: str, button: str | Promise) -> Problem:
    return Problem(code, weight, text, "plan", button, anchor)
