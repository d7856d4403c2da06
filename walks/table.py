"""The sign-in table as it is read: who is expected, who is here, which teams are out. Few queries at any size."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from walks.models import OFF_ROSTER_STATES, Equipment, Presence, Signup, Team, TeamBack, Walk


@dataclass(frozen=True)
class Guest:
    """Somebody on the list, here or not; or somebody here who isn't on the list."""

    signup: Signup | None
    presence: Presence | None

    @property
    def name(self) -> str:
        return self.presence.name if self.presence else self.signup.name if self.signup else ""

    @property
    def is_here(self) -> bool:
        return self.presence is not None and self.presence.left_at is None

    @property
    def is_out(self) -> bool:
        return self.presence is not None and self.presence.left_at is not None

    @property
    def n_people(self) -> int:
        return self.presence.n_people if self.presence else self.signup.n_people if self.signup else 1

    @property
    def is_minor(self) -> bool:
        one = self.presence or self.signup
        return bool(one and one.is_minor)

    @property
    def wants_guardian(self) -> bool:
        """A minor who isn't here yet and whose guardian hasn't said yes."""
        return self.presence is None and self.signup is not None and self.signup.state == Signup.State.GUARDIAN

    @property
    def is_off_the_list(self) -> bool:
        """On the waitlist, or withdrew: they aren't counted as expected."""
        return self.signup is not None and self.signup.state in OFF_ROSTER_STATES

    @property
    def organization(self) -> str:
        one = self.presence or self.signup
        if one is None:
            return ""
        return str(one.organization or "") or (self.signup.organization_text if self.signup else "")

    @property
    def team(self) -> Team | None:
        return self.presence.team if self.presence else self.signup.team if self.signup else None


@dataclass
class TeamOut:
    """A team at the table: who of it is here or out on the street, and whether it is late."""

    team: Team
    back: TeamBack | None  # what it told last, its two numbers alone
    people: list[Presence]
    walk: Walk
    now: datetime

    @property
    def n_out(self) -> int:
        return sum(one.n_people for one in self.people if one.left_at is None)

    @property
    def n_people(self) -> int:
        return sum(one.n_people for one in self.people)

    @property
    def expected_back_at(self) -> datetime:
        return self.team.expected_back_at or self.walk.end_at

    @property
    def is_back(self) -> bool:
        """Everybody of it was checked out, or the team told that all are back."""
        all_out = bool(self.people) and not self.n_out
        return all_out or (self.back is not None and self.back.is_complete)

    @property
    def is_walking(self) -> bool:
        return self.team.stepped_off_at is not None and not self.is_back

    @property
    def is_overdue(self) -> bool:
        return self.is_walking and self.now > self.expected_back_at

    @property
    def minutes_late(self) -> int:
        return max(0, int((self.now - self.expected_back_at).total_seconds() // 60))


@dataclass
class Table:
    """One walk's table. Five queries at most."""

    walk: Walk
    now: datetime

    @cached_property
    def stamp(self) -> str:
        """Another one as soon as anything on the page is another: a device that has this one needs no new list."""
        rows = [*self.signups, *self._standing, *self.equipment, *(row.team for row in self.teams)]
        told = [{name: value for name, value in vars(row).items() if not name.startswith("_")} for row in rows]
        late = [(row.team.pk, row.is_overdue, row.is_back, row.minutes_late) for row in self.teams]
        return hashlib.sha256(repr((told, late)).encode()).hexdigest()[:24]

    @cached_property
    def signups(self) -> list[Any]:
        """Everybody who ever signed up. One query."""
        return list(self.walk.signups.select_related("organization", "team").order_by("name", "id"))

    @cached_property
    def _standing(self) -> list[Presence]:
        """One query."""
        return list(self.walk.presences.standing().select_related("team", "organization").order_by("name", "id"))

    @property
    def walk_ups(self) -> list[Presence]:
        return [one for one in self._standing if one.signup_id is None]

    @cached_property
    def guests(self) -> list[Guest]:
        """Who is expected or here, by name."""
        coming = [guest for guest in self._listed if guest.presence or not guest.is_off_the_list]
        others = [Guest(None, presence) for presence in self.walk_ups]
        return sorted([*coming, *others], key=lambda guest: guest.name.casefold())

    @cached_property
    def others(self) -> list[Guest]:
        """Who withdrew or waits for a place, and may stand at the table all the same."""
        return [guest for guest in self._listed if not guest.presence and guest.is_off_the_list]

    @cached_property
    def _listed(self) -> list[Guest]:
        of_signup = {one.signup_id: one for one in self._standing if one.signup_id}
        return [Guest(one, of_signup.get(one.pk)) for one in self.signups]

    @property
    def presences(self) -> list[Presence]:
        return [guest.presence for guest in self.guests if guest.presence]

    @property
    def n_expected(self) -> int:
        return sum(one.n_people for one in self.signups if one.is_counted)

    @property
    def n_arrived(self) -> int:
        return sum(one.n_people for one in self.presences)

    @property
    def n_here(self) -> int:
        return sum(one.n_people for one in self.presences if one.left_at is None)

    @property
    def n_walk_ups(self) -> int:
        return sum(one.n_people for one in self.walk_ups)

    @property
    def n_minors_waiting(self) -> int:
        return sum(1 for guest in self.guests if guest.wants_guardian)

    @cached_property
    def teams(self) -> list[TeamOut]:
        """Overdue ones first. One query."""
        last = TeamBack.objects.filter(walk=self.walk).last_by_team().filter(team=OuterRef("pk"))
        told = Subquery(last.values(told=JSONObject(n_back="n_back", n_out="n_out"))[:1])
        teams: Any = self.walk.teams.select_related("lead__person").annotate(told=told)
        rows = [
            TeamOut(
                team=team,
                back=TeamBack(**team.told) if team.told else None,
                people=[one for one in self.presences if one.team_id == team.pk],
                walk=self.walk,
                now=self.now,
            )
            for team in teams
        ]
        return sorted(rows, key=lambda row: (not row.is_overdue, row.is_back, row.team.number))

    @property
    def n_overdue(self) -> int:
        return sum(1 for row in self.teams if row.is_overdue)

    @property
    def everybody_is_back(self) -> bool:
        return bool(self.presences) and self.n_here == 0

    @cached_property
    def equipment(self) -> list[Equipment]:
        """What went out, that which isn't back first. One query."""
        return sorted(self.walk.equipment.select_related("team"), key=lambda one: (one.back_at is not None, one.pk))
