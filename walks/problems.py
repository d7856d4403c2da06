"""Why a walk isn't ready, as typed reasons. The page, the list, the desk's start and the admin print the same ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from walks.models import OFF_ROSTER_STATES, PLACE_STATES, Signup, Walk
from walks.sun import light_of

Weight = Literal["must", "should", "know"]
Where = Literal["edit", "roster", "detail", "plan"]

SOON = timedelta(days=7)
VERY_SOON = timedelta(days=2)
# Roughly, at the latitudes where people walk: enough to notice a pin in another town.
DEGREES_TOO_FAR = 0.01
PEOPLE_PER_TEAM = 5


@dataclass(frozen=True)
class Problem:
    """One reason. `must`: the walk can't go like this. `should`: better settle it. `know`: good to know."""

    code: str
    weight: Weight
    text: str | Promise
    where: Where
    button: str | Promise
    anchor: str = ""  # the part of the page, where it has several

    @property
    def is_blocker(self) -> bool:
        return self.weight == "must"


@dataclass(frozen=True)
class Roster:
    """How many are on a walk's roster."""

    n_taken: int = 0
    n_waiting: int = 0
    n_unmatched: int = 0
    n_without_mail: int = 0
    n_teams: int | None = None  # not counted

    @classmethod
    def of(cls, walk: Walk, *, n_teams: int | None = None) -> "Roster":
        """Two queries (one where the teams were counted), or none where the walk comes from `with_roster_counts`."""
        if hasattr(walk, "n_waiting"):
            return cls(walk.n_taken, walk.n_waiting, walk.n_unmatched)  # type: ignore[attr-defined]
        unmatched = ~Q(organization_text="") & Q(organization=None, organization_settled_at=None)
        on_roster = ~Q(state__in=OFF_ROSTER_STATES)
        counts = walk.signups.aggregate(
            n_taken=Coalesce(Sum("n_people", filter=Q(state__in=PLACE_STATES)), 0),
            n_waiting=Count("id", filter=Q(state=Signup.State.GUARDIAN)),
            n_unmatched=Count("id", filter=unmatched & on_roster),
            n_without_mail=Count("id", filter=Q(person__email="") & on_roster),
        )
        return cls(**counts, n_teams=walk.teams.count() if n_teams is None else n_teams)


def problems(walk: Walk, now: datetime, *, roster: Roster | None = None) -> list[Problem]:
    """The heaviest first. Reads corridor, lead and roster, so it may query (see `Roster.of`)."""
    if walk.state == Walk.State.CALLED_OFF:
        return []
    roster = roster or Roster.of(walk)
    found = (
        [] if walk.end_at < now else [*_about_the_plan(walk), *_about_the_light(walk), *_about_time(walk, now, roster)]
    )
    found += _about_people(roster)
    return by_weight(found)


def by_weight(found: Iterable[Problem]) -> list[Problem]:
    """The heaviest first."""
    weights: list[Weight] = ["must", "should", "know"]
    return sorted(found, key=lambda problem: weights.index(problem.weight))


def is_ready(walk: Walk, now: datetime, *, roster: Roster | None = None) -> bool:
    """Whether nothing stands in the way. May query. See also `problems`."""
    return not any(problem.is_blocker for problem in problems(walk, now, roster=roster))


def _about_the_plan(walk: Walk) -> list[Problem]:
    found = []
    if walk.lead_id is None:
        found.append(_plan("no_lead", "must", _("Nobody leads it yet."), _("Name a walk lead")))
    if not walk.meeting_place:
        found.append(_plan("no_meeting_point", "must", _("It has no meeting point."), _("Say where people meet")))
    elif walk.meeting_location is None:
        text = _("The meeting point isn’t on the map.")
        found.append(_plan("meeting_point_not_on_map", "should", text, _("Put it on the map")))
    elif walk.meeting_location.distance(walk.corridor.line) > DEGREES_TOO_FAR:
        text = _("The meeting point is far from the corridor. Is the pin right?")
        found.append(_plan("meeting_point_far", "should", text, _("Check the pin")))
    if walk.lead_organization_id is None:
        text = _("No organization leads it.")
        found.append(_plan("no_lead_organization", "should", text, _("Name an organization")))
    if not walk.purposes:
        found.append(_plan("no_purpose", "should", _("It doesn’t say what the walk is for."), _("Choose purposes")))
    if walk.capacity is None:
        text = _("It has no limit of places. Is that meant?")
        found.append(_plan("no_capacity", "know", text, _("Set the places")))
    if walk.police_walk_along is None:
        text = _("It doesn’t say whether police walk along. People ask.")
        found.append(_plan("police_not_said", "know", text, _("Say it")))
    return found


def _about_the_light(walk: Walk) -> list[Problem]:
    light = light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=walk.sunset_at)
    if light == "day" or walk.note:
        return []
    text = _("It ends after sunset, and the note doesn’t say what to bring.")
    return [_plan("after_sunset_without_plan", "should", text, _("Write a note"))]


def _about_time(walk: Walk, now: datetime, roster: Roster) -> list[Problem]:
    left = walk.meet_at - now
    found = []
    if walk.state == Walk.State.DRAFT and left < SOON:
        found.append(
            Problem("still_draft", "must", _("It is soon, and still a draft."), "detail", _("Look and publish"))
        )
    if walk.state == Walk.State.PUBLISHED and left < SOON and roster.n_taken == 0:
        found.append(Problem("nobody_signed_up", "should", _("Nobody has signed up yet."), "detail", _("Share it")))
    if left < VERY_SOON and roster.n_taken > PEOPLE_PER_TEAM and roster.n_teams == 0:
        found.append(Problem("no_teams", "know", _("There are no teams yet."), "roster", _("Make teams")))
    return found


def _about_people(roster: Roster) -> list[Problem]:
    found = []
    if n := roster.n_waiting:
        text = ngettext_lazy("%(n)d minor waits for a guardian’s yes.", "%(n)d minors wait for a guardian’s yes.", n)
        found.append(Problem("minors_waiting", "should", text % {"n": n}, "roster", _("Record a guardian’s yes")))
    if n := roster.n_unmatched:
        text = ngettext_lazy(
            "%(n)d organization isn’t in our list yet.", "%(n)d organizations aren’t in our list yet.", n
        )
        found.append(Problem("organizations_unmatched", "should", text % {"n": n}, "roster", _("Match")))
    if n := roster.n_without_mail:
        text = ngettext_lazy(
            "%(n)d sign-up has no e-mail address: call or text.",
            "%(n)d sign-ups have no e-mail address: call or text.",
            n,
        )
        found.append(Problem("without_mail", "know", text % {"n": n}, "roster", _("Show them")))
    return found


def _plan(code: str, weight: Weight, text: str | Promise, button: str | Promise) -> Problem:
    return Problem(code, weight, text, "edit", button)
