"""Last week's walk: a Saturday morning from shop to shop, with one team."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from django.db import models
from django.db.models import F

from outreach.models import Contact, Need
from people.models import Organization, User
from saferoutes.demo import cast, coming
from saferoutes.demo.cast import Coming
from saferoutes.demo.clock import at
from saferoutes.demo.evening import log_by_phone
from saferoutes.demo.finds import Find
from saferoutes.demo.met import Met, tell_whom_they_met
from walks import plan_actions, table_actions
from walks.debriefing import finish_debrief, said_of, write_debrief
from walks.models import Device, HeadCount, Signup, Team, Walk
from walks.table_actions import Ticker

TITLE = "Shops from Cypress to Brighton, by day"
# The phone's number among the story's phones, which are those of the teams of last month's walk.
PHONE = 4
# They begin at these cross streets.
BLOCKS = ("Cypress Ave", "Elmwood Ave", "Lawn Ave", "Van Brunt Blvd")
ROSTER = [
    cast.LEAD,
    Coming("Marisol Vega", "marisol@demo.example", "Second Loaf Pantry", "35_54", "es", 1, "greeter", 1),
    Coming("Devi Marchetti", "devi@demo.example", "Nine Lives Recovery", "25_34", role="marshal", team=1),
    Coming("Wren Applegate", cast.CLEARED, "Hearth and Key Housing", "25_34", role="scribe", team=1),
    Coming("Helga Sorensen", "helga@demo.example", "St. Brendan’s Church", "55_64", n_people=2, team=1),
    Coming("Silas Broome", "816-555-0112", "", "65_plus", role="sweep", team=1),
]
PLEDGES: dict[str, tuple[int | None, str, str]] = {
    "Second Loaf Pantry": (1, "Marisol Vega", ""),
    "Nine Lives Recovery": (1, "Petra Oakes", ""),
    "Hearth and Key Housing": (2, "Ines Marbury", ""),
    "St. Brendan’s Church": (2, "Helga Sorensen", ""),
    "Northeast Youth Table": (2, "Jory Tennant", ""),
}
HEADS = {"n_25_34": 2, "n_35_54": 2, "n_55_64": 2, "n_65_plus": 1}
Kind, Result = Contact.Kind, Contact.Result
MET = [
    Met(PHONE, Kind.BUSINESS, Result.TALKED, "Second Spin Bicycles", (Need.SAFETY,), "Offers bicycle lamps at cost"),
    Met(PHONE, Kind.BUSINESS, Result.TALKED, "Lantern Bakery", (Need.BUSINESS,)),
    Met(PHONE, Kind.PASSER_BY, Result.TALKED, -94.5284, (Need.FOOD,)),
    Met(PHONE, Kind.PASSER_BY, Result.DECLINED, -94.5277),
    Met(PHONE, Kind.DOOR, Result.NO_ONE, -94.5273),
    Met(PHONE, Kind.RESIDENT, Result.TALKED, -94.5268, (Need.UTILITIES, Need.HOME_REPAIR)),
    Met(PHONE, Kind.BUSINESS, Result.LEFT_MATERIAL, "Violet Hour Nails"),
    Met(PHONE, Kind.RESIDENT, Result.LEFT_MATERIAL, -94.5245),
    Met(PHONE, Kind.PASSER_BY, Result.LANGUAGE, -94.5241, (), "Swahili"),
]
FINDS = [
    Find("DUMPING", (-94.52722, 39.10560), "4702 Independence Ave", "Tires behind the bus stop", {}, "triaged",
         "Tires behind the bus stop", photo=True, team=PHONE),
    Find("SIDEWALK", (-94.52455, 39.10533), "4825 Independence Ave", "Slab stands up, wheelchairs can’t pass", {},
         "triaged", "A slab stands up", team=PHONE),
]  # fmt: skip
HIGHLIGHTS = "Two shops want to come along at closing time. Nobody sent us away rudely."
LESSONS = "Saturday at ten is a good time for shops, and too early for residents."
TOPS = ["Tires behind the bus stop", "The slab at 4825"]


def tell_last_week(
    walk: Walk, phone: Device, *, organizations: dict[str, Organization], users: dict[str, User], random: Random
) -> Iterator[models.Model]:
    """Yields every row it made that doesn't go with the walk, and what its phone sent."""
    by = users["organizer"]
    with at(walk.meet_at - timedelta(days=15)):
        for role in ("lead", "marshal", "scribe", "greeter", "sweep"):
            plan_actions.set_need(walk=walk, role=role, n_min=1, n_max=None, from_band="", by=by)
    coming.tell_pledges(walk, PLEDGES, organizations=organizations, by=by, asked_at=walk.meet_at - timedelta(days=14))
    signups = {}
    for n, one in enumerate(ROSTER):
        when = walk.meet_at - timedelta(days=10 - n)
        signup = coming.sign_up(walk, one, organizations=organizations, when=when, by=by)
        signups[one.name] = signup
        yield signup
        yield signup.person
    with at(walk.meet_at - timedelta(days=1)):
        coming.put_into_teams(walk, ROSTER, signups=signups, by=by)
        coming.name_leads(walk, {1: ("Linus Farrow", "Devi Marchetti")}, signups=signups, by=by)
    assert phone.team is not None
    _table(walk, phone.team, [signups[one.name] for one in ROSTER], Ticker(user=users["lead"]), random)
    yield log_by_phone(HeadCount, walk, phone, walk.step_off_at, counted_at=walk.step_off_at, **HEADS)
    yield from tell_whom_they_met(walk, {PHONE: phone}, MET)
    _debrief(walk, phone.team, users["lead"])


def _table(walk: Walk, team: Team, signups: list[Signup], by: Ticker, random: Random) -> None:
    here = []
    for n, signup in enumerate(signups):
        with at(walk.meet_at + timedelta(minutes=3 * n)):
            tick_id = uuid.UUID(int=random.getrandbits(128))
            here.append(table_actions.check_in(signup=signup, by=by, method="qr", client_id=tick_id))
    # The first agreement counts from the day of the installation on: what was ticked is dated back.
    for presence in here:
        table_actions.tick(presence=presence, agreed=True, briefed=True, by=by)
    walk.presences.update(agreed_at=F("arrived_at"), briefed_at=walk.step_off_at - timedelta(minutes=4))
    with at(walk.step_off_at):
        table_actions.step_off(team=team, by=by)
    with at(walk.end_at - timedelta(minutes=5)):
        table_actions.check_out_team(team=team, by=by)


def _debrief(walk: Walk, team: Team, by: User) -> None:
    with at(walk.end_at + timedelta(minutes=10)):
        write_debrief(
            walk=walk,
            by=by,
            seen=said_of(walk, [team]).versions(),
            words={"highlights": HIGHLIGHTS, "lessons": LESSONS},
            tops={team.public_id: TOPS},
        )
        finish_debrief(walk=walk, by=by)
