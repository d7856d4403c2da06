"""What a walk's staffing lacks, as the same typed reasons as `walks.problems`. Read for one walk, never for a list."""

from collections import Counter
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from people.roles import AgeBand
from walks.models import ADULT_ROLES, Clearance, RoleNeed, Signup, Walk, WalkRole
from walks.planning import PEOPLE_PER_TEAM, Plan, TeamPlan
from walks.problems import Problem, Weight, by_weight
from walks.role_offers import is_old_enough

FEWEST, MOST = 2, PEOPLE_PER_TEAM[1]
# The walk's own fields name these two; signing up for them isn't the only way.
NAMED_ON_THE_WALK = {WalkRole.LEAD: "lead_id", WalkRole.DESIGNEE: "designee_name"}

TEAM_GAPS: dict[str, tuple[Weight, Promise, Promise]] = {
    "team_empty": ("should", _("%(teams)s: nobody in it yet."), _("Put people into teams")),
    "team_too_small": ("must", _("%(teams)s: one person alone. Nobody walks alone."), _("Put people into teams")),
    "team_too_large": (
        "should",
        _("%(teams)s: more than five people. Three to five walk together well."),
        _("Put people into teams"),
    ),
    "team_without_lead": ("should", _("%(teams)s: no team lead."), _("Name one")),
    "minor_without_cleared_adult": (
        "must",
        _("%(teams)s: a team with a minor and no cleared adult can’t step off."),
        _("Add a cleared adult"),
    ),
}


def role_counts(people: Iterable[Signup]) -> Counter[str]:
    """How many people signed up for each role. A group counts as one: one of them does it."""
    return Counter(one.role for one in people if one.role)


def n_in_role(walk: Walk, counts: Counter[str], role: str) -> int:
    """How many do it: those who signed up for it, or the one whom the walk itself names."""
    named = NAMED_ON_THE_WALK.get(WalkRole(role))
    return counts[role] or (1 if named and getattr(walk, named) else 0)


def staffing_gaps(plan: Plan, needs: Iterable[RoleNeed]) -> list[Problem]:
    """The heaviest first. One query beside the plan's own, for the clearances."""
    walk = plan.walk
    found = [*_about_roles(walk, plan.people, needs), *_about_the_designee(walk)]
    if plan.teams:
        cleared = _cleared(walk, plan.people)
        found += _about_teams(plan.teams, cleared)
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
    """All roles with too few in one line, all with too many in another, and everybody too young for theirs."""
    counts = role_counts(people)
    few, many = [], []
    for need in needs:
        n = n_in_role(walk, counts, need.role)
        words = {"role": need.get_role_display(), "n": n, "min": need.n_min, "max": need.n_max}
        if n < need.n_min:
            few.append(gettext("%(role)s (%(n)d of %(min)d)") % words)
        elif need.n_max is not None and n > need.n_max:
            many.append(gettext("%(role)s (%(n)d, at most %(max)d)") % words)
    found, button = [], _("Look at the roles")
    if few:
        text = _("Too few: %(roles)s.") % {"roles": "; ".join(few)}
        found.append(_gap("role_under", "should", text, "plan-roles", button))
    if many:
        text = _("More than needed: %(roles)s.") % {"roles": "; ".join(many)}
        found.append(_gap("role_over", "know", text, "plan-roles", button))
    bands = {need.role: need.from_band for need in needs}
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


def _about_teams(rows: Iterable[TeamPlan], cleared: set[int]) -> list[Problem]:
    """One line for each thing that teams lack, with their names."""
    teams: dict[str, list[TeamPlan]] = {}
    for row in rows:
        for code in _lacks(row, cleared):
            teams.setdefault(code, []).append(row)
    return [_about_team_gap(code, lacking) for code, lacking in teams.items()]


def _lacks(row: TeamPlan, cleared: set[int]) -> list[str]:
    codes = []
    if row.n_people < FEWEST:
        codes.append("team_too_small" if row.n_people else "team_empty")
    elif row.n_people > MOST:
        codes.append("team_too_large")
    if row.team.lead_id is None:
        codes.append("team_without_lead")
    has_minor = any(one.is_minor for one in row.people)
    if has_minor and not any(one.person_id in cleared and not one.is_minor for one in row.people):
        codes.append("minor_without_cleared_adult")
    return codes


def _about_team_gap(code: str, rows: list[TeamPlan]) -> Problem:
    weight, text, button = TEAM_GAPS[code]
    said = text % {"teams": ", ".join(str(row.team) for row in rows)}
    if code == "team_without_lead":
        return _gap(code, weight, said, f"team-{rows[0].team.number}", button)
    return Problem(code, weight, said, "roster", button)


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
