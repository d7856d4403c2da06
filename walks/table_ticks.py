"""One tick at the table, as a form or a queue of ticks sends it: read, checked, done.

`do` says what; people are named by their sign-up, check-ins by the `client_id` that was made where they were ticked, so
that a queue without a network can check somebody in and out again before the server heard of either.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from office.refused import Refused
from people.roles import AgeBand
from walks import table_actions as table
from walks import table_heads, table_organizations
from walks.models import Presence, Walk
from walks.table_actions import Ticker

MOST_PEOPLE = 60
NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True)
class Tick:
    """What was sent: text by name, as in a form."""

    walk: Walk
    by: Ticker
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        return str(self.body.get(name) or "").replace("\x00", "").strip()

    def id_of(self, name: str) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.text(name))
        except ValueError:
            return None

    def number(self, name: str) -> int | None:
        text = self.text(name)
        return min(int(text), 500) if text.isascii() and text.isdigit() and len(text) < 5 else None

    @property
    def at(self) -> datetime | None:
        try:
            at = datetime.fromisoformat(self.text("at"))
        except ValueError:
            return None
        return at if at.tzinfo else None

    @property
    def age_band(self) -> str:
        band = self.text("age_band")
        return band if band in AgeBand.values else AgeBand.UNKNOWN

    def signup(self) -> Any:
        found = self.walk.signups.select_related("walk", "person", "organization", "team")
        signup = found.filter(public_id=self.id_of("signup") or NOBODY).first()
        if signup is None:
            raise Refused(_("That person isn’t on the list of this walk."))
        return signup

    def presence(self) -> Presence:
        found = self.walk.presences.select_related("walk")
        presence = found.filter(client_id=self.id_of("presence") or NOBODY).first() or self._of_signup()
        if presence is None:
            raise Refused(_("They aren’t checked in. Look at the list again."))
        return presence

    def _of_signup(self) -> Presence | None:
        """Where two greeters ticked the same person, the second one's check-in is the first one's."""
        signup = self.id_of("signup")
        standing = self.walk.presences.standing().select_related("walk")
        return standing.filter(signup__public_id=signup).first() if signup else None

    def team(self) -> Any:
        wanted = self.id_of("team")
        return self.walk.teams.filter(public_id=wanted).first() if wanted else None

    def a_team(self) -> Any:
        team = self.team()
        if team is None:
            raise Refused(_("That team isn’t there any more."))
        return team


def _check_in(tick: Tick) -> None:
    table.check_in(
        signup=tick.signup(),
        by=tick.by,
        method=Presence.Method.QR if tick.text("method") == "qr" else Presence.Method.ROSTER,
        client_id=tick.id_of("client_id"),
        n_people=min(tick.number("n_people") or 0, MOST_PEOPLE) or None,
        guardian_note=tick.text("guardian_note"),
        at=tick.at,
    )


def _walk_up(tick: Tick) -> None:
    table.walk_up(
        walk=tick.walk,
        name=tick.text("name"),
        by=tick.by,
        age_band=tick.age_band,
        client_id=tick.id_of("client_id"),
        organization=table_organizations.named(tick.walk, tick.text("organization"), tick.by),
        n_people=tick.number("n_people") or 1,
        team=tick.team(),
        guardian_note=tick.text("guardian_note"),
        at=tick.at,
    )


def _hand_out(tick: Tick) -> None:
    table.hand_out(
        walk=tick.walk,
        what=tick.text("what"),
        by=tick.by,
        n=tick.number("n") or 1,
        team=tick.team(),
        client_id=tick.id_of("client_id"),
    )


def _bring_back(tick: Tick) -> None:
    equipment = tick.walk.equipment.filter(client_id=tick.id_of("equipment") or NOBODY).first()
    if equipment is None:
        raise Refused(_("That isn’t on the list any more."))
    table.bring_back(equipment=equipment, is_back=tick.text("is_back") != "no")


def _head(tick: Tick) -> None:
    client_id = tick.id_of("tick") or tick.id_of("client_id")
    table_heads.count_head(walk=tick.walk, band=tick.text("age_band"), by=tick.by, client_id=client_id, at=tick.at)


def _head_back(tick: Tick) -> None:
    table_heads.uncount_head(walk=tick.walk, head=tick.id_of("head"), by=tick.by)


WAYS: dict[str, Callable[[Tick], object]] = {
    "check_in": _check_in,
    "walk_up": _walk_up,
    "undo": lambda tick: table.undo_check_in(presence=tick.presence(), by=tick.by),
    "out": lambda tick: table.check_out(presence=tick.presence(), by=tick.by, at=tick.at),
    "back_in": lambda tick: table.back_in(presence=tick.presence(), by=tick.by),
    "team": lambda tick: table.put_into_team(presence=tick.presence(), team=tick.team(), by=tick.by),
    "agreed": lambda tick: table.tick(presence=tick.presence(), by=tick.by, agreed=tick.text("is") != "no"),
    "briefed": lambda tick: table.tick(presence=tick.presence(), by=tick.by, briefed=tick.text("is") != "no"),
    "team_out": lambda tick: table.check_out_team(team=tick.a_team(), by=tick.by, at=tick.at),
    "step_off": lambda tick: table.step_off(team=tick.a_team(), by=tick.by, at=tick.at),
    "stay": lambda tick: table.stay(team=tick.a_team(), by=tick.by),
    "head": _head,
    "head_back": _head_back,
    "hand_out": _hand_out,
    "bring_back": _bring_back,
}


def do(*, walk: Walk, by: Ticker, body: Mapping[str, Any]) -> None:
    """Do one tick. Raises Refused with a sentence for whoever ticked; nothing is changed then."""
    way = WAYS.get(str(body.get("do") or ""))
    if way is None:
        raise Refused(_("This page is older than the site. Load it again."))
    way(Tick(walk, by, body))
