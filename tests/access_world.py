"""The rows that `test_access` opens addresses on: for each kind of object, one of theirs and one of somebody else's."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from people.models import Person, User
from people.roles import Role
from tests import factories
from walks.links import signup_token

Give = Callable[[str, bool], dict[str, Any]]

# Converter names that stand in addresses, and what a value that leads nowhere looks like.
GIVES = {
    "public_id": uuid.UUID(int=7),
    "slug": "no-such-corridor",
    "code": "ZZZZZZ",
    "token": "no-such-token",
    "client_id": uuid.UUID(int=8),
    "photo_id": uuid.UUID(int=9),
    "size": "large",
}


@dataclass
class World:
    """People of every role, and for each a walk, a concern … that is theirs."""

    users: dict[str, User]
    mine: dict[str, dict[str, Any]]
    theirs: dict[str, Any]
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    # (actor, address) pairs that the table can't express; each with its reason beside it.
    exceptions: dict[tuple[str, str], str] = field(default_factory=dict)

    def kwargs(self, name: str, keys: tuple[str, ...]) -> Give | None:
        """How to fill the address for an actor: a function of (actor, theirs or not), or None where nobody said."""
        if not keys:
            return lambda actor, mine: {}
        find = OBJECTS.get(name) or OBJECTS.get(name.split(":")[0])
        if find is None:
            return None
        return lambda actor, mine: find(self, self.rows(actor) if mine else self.theirs)

    def rows(self, actor: str) -> dict[str, Any]:
        return self.mine.get(actor, self.mine["lead"])

    def nowhere(self, keys: tuple[str, ...]) -> dict[str, Any]:
        return {key: GIVES[key] for key in keys}


def _rows(lead: Person | None) -> dict[str, Any]:
    walk = factories.make_running_walk(lead=lead)
    concern = factories.make_published_concern(walk=walk)
    signup = factories.make_signup(walk=walk)
    return {
        "walk": walk,
        "concern": concern,
        "corridor": walk.corridor,
        "signup": signup,
        "landmark": factories.make_landmark(corridor=walk.corridor),
        "organization": factories.make_organization(),
        "device": factories.make_device(walk=walk),
        "team": factories.make_team(walk=walk),
    }


OBJECTS: dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]] = {
    "walks:my": lambda world, rows: {"token": signup_token(rows["signup"])},
}


def build_world() -> World:
    users = {
        "volunteer": factories.make_user(),
        "lead": factories.make_user(),
        "partner": factories.make_user(),
        "organizer": factories.make_user(role=Role.ORGANIZER),
        "coordinator": factories.make_user(role=Role.ORGANIZER, is_outreach_coordinator=True),
        "admin": factories.make_user(role=Role.ADMIN),
    }
    factories.make_membership(users["partner"].person, factories.make_organization())
    return World(users=users, mine={"lead": _rows(users["lead"].person)}, theirs=_rows(None))
