"""The sign-in table of last month's walk, and what stayed of the evening: debrief, promises, thanks."""

import uuid
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from django.db.models import F
from django.utils import timezone

from concerns.models import Concern
from concerns.promising import keep_commitment, make_commitment
from concerns.thanking import thank
from people.models import Organization, User
from saferoutes.demo import cast
from saferoutes.demo.clock import at
from walks import table_actions
from walks.debriefing import finish_debrief, said_of, write_debrief
from walks.models import Notice, Presence, Signup, Team, Walk
from walks.table_actions import Ticker

TEAMS = {1: "Oak", 2: "Redbud", 3: "Sycamore"}
LEADS = {
    1: ("Linus Farrow", "Devi Marchetti"),
    2: ("Wren Applegate", "Jory Tennant"),
    3: ("Helga Sorensen", "Bastian Reyes"),
}
EQUIPMENT = {"vests": (5, 4, 3), "flashlights": (2, 2, 2), "radios": (1, 1, 1)}


def tell_the_table(
    walk: Walk, signups: dict[str, Signup], *, organizations: dict[str, Organization], by: User, random: Random
) -> None:
    """Who came, agreed, was briefed and went with which team; when each team left and was checked out again."""
    ticker, teams = Ticker(user=by), {team.number: team for team in walk.teams.all()}
    _people_arrive(walk, signups, organizations, ticker, random, teams)
    with at(walk.step_off_at - timedelta(minutes=5)):
        for what, numbers in EQUIPMENT.items():
            for number, n in enumerate(numbers, start=1):
                table_actions.hand_out(walk=walk, what=what, n=n, team=teams[number], by=ticker)
    for number, team in teams.items():
        with at(walk.step_off_at + timedelta(minutes=number)):
            table_actions.step_off(team=team, by=ticker)
    _people_leave(walk, ticker, teams)


def _people_arrive(
    walk: Walk,
    signups: dict[str, Signup],
    organizations: dict[str, Organization],
    by: Ticker,
    random: Random,
    teams: dict[int, Team],
) -> None:
    here: list[Presence] = []
    for n, (one, method) in enumerate(one for one in cast.ROSTER_OF_LAST if one[1]):
        with at(walk.meet_at + timedelta(minutes=2 * n)):
            tick_id = uuid.UUID(int=random.getrandbits(128))
            here.append(table_actions.check_in(signup=signups[one.name], by=by, method=method, client_id=tick_id))
    for n, (name, organization, age_band, number, guardian_note) in enumerate(cast.WALK_UPS):
        with at(walk.meet_at + timedelta(minutes=21 + 3 * n)):
            come = table_actions.walk_up(
                walk=walk,
                name=name,
                organization=organizations[organization],
                age_band=age_band,
                team=teams[number],
                guardian_note=guardian_note,
                by=by,
            )
            here.append(come)
    # The first agreement counts from the day of the installation on: what was ticked is dated back.
    for presence in here:
        table_actions.tick(presence=presence, agreed=True, briefed=True, by=by)
    walk.presences.update(agreed_at=F("arrived_at"), briefed_at=walk.step_off_at - timedelta(minutes=4))


def _people_leave(walk: Walk, by: Ticker, teams: dict[int, Team]) -> None:
    """One went ahead to the bus; the radio of the last team wasn't given back."""
    early = walk.presences.get(name="Jory Tennant")
    with at(walk.end_at - timedelta(minutes=20)):
        table_actions.check_out(presence=early, by=by)
    for number, team in teams.items():
        with at(walk.end_at - timedelta(minutes=10 - 2 * number)):
            table_actions.check_out_team(team=team, by=by)
    with at(walk.end_at):
        for one in walk.equipment.exclude(what="radios", team=teams[3]):
            table_actions.bring_back(equipment=one)


# --- Afterwards ---

HIGHLIGHTS = """Thirteen of us, two of them not yet 18, and two who spoke Spanish with people.
The owner of the bakery left his sign on for us and wants to come along next time."""
LESSONS = """Start the last team first: it turned around before Hardesty because it got late.
Bring a second pair of flashlights for each team."""
# As each team found it (finds.FINDS).
TOPS = {
    1: ["The dark bus stop at Van Brunt", "Mattress, bags and tires in the alley", "Cars don’t stop for the crossing"],
    2: ["Two dark lamps in a row at Askew", "No way for a stroller at Kensington", "The lamp that goes on and off"],
    3: ["Between the two shops it is dark", "Two sofas behind the fence"],
}


class Promised(NamedTuple):
    """`due` and `kept` in days: after the walk, or, where `is_from_now`, from today."""

    text: str
    organization: str
    owner: str
    email: str
    due: int
    kept: int | None = None
    words: str = ""
    is_from_now: bool = False


PROMISES = [
    Promised(
        "Ask the owner of the parking lot at Elmwood to put its lamps on again",
        "Avenue Business Circle",
        "Odessa Quill",
        "organizer@demo.example",
        due=10,
        kept=8,
        words="He changed both lamps",
    ),
    Promised(
        "Translate the flyer into Spanish and bring it to the laundry",
        "Second Loaf Pantry",
        "Marisol Vega",
        "marisol@demo.example",
        due=12,
        kept=17,
        words="The printer was broken for a week",
    ),
    Promised(
        "Find out who looks after the shelter of the bus stop",
        "Nine Lives Recovery",
        "Devi Marchetti",
        "devi@demo.example",
        due=3,
        is_from_now=True,
    ),
    Promised(
        "Ask Public Works for a day by which the two lamps at Askew are on",
        "City Public Safety Office",
        "Lucan Hale",
        "department@demo.example",
        due=-4,
        is_from_now=True,
    ),
]
# What the last promise is about, by the words of the find.
ABOUT = "Two lamps in a row are off"


def tell_the_debrief(walk: Walk, *, by: User) -> None:
    """At the table, while everybody was still there."""
    with at(walk.end_at + timedelta(minutes=6)):
        teams = list(walk.teams.all())
        write_debrief(
            walk=walk,
            by=by,
            seen=said_of(walk, teams).versions(),
            words={"highlights": HIGHLIGHTS, "lessons": LESSONS},
            tops={team.public_id: TOPS[team.number] for team in teams},
        )
        finish_debrief(walk=walk, by=by)


def tell_the_promises(
    walk: Walk, *, organizations: dict[str, Organization], users: dict[str, User], now: datetime
) -> None:
    """Promised at the table; one is kept, one was kept late, one is due soon and one is overdue."""
    last = walk.end_at + timedelta(minutes=9)
    about = Concern.objects.filter(walk=walk, note=ABOUT).first()
    for one in PROMISES:
        day = now if one.is_from_now else last
        with at(last):
            made = make_commitment(
                by=users["organizer"],
                walk=walk,
                text=one.text,
                organization=organizations[one.organization],
                owner_name=one.owner,
                owner_email=one.email,
                due_on=timezone.localdate(day) + timedelta(days=one.due),
                concern=about if one is PROMISES[-1] else None,
            )
        if one.kept is not None:
            with at(last + timedelta(days=one.kept)):
                keep_commitment(commitment=made, by=users["organizer"], words=one.words)


def tell_thanks(walk: Walk, *, by: User) -> Notice:
    """Two days later, when the first things were public."""
    with at(walk.end_at + timedelta(days=2, hours=-2)):
        return thank(walk=walk, by=by, words="Thank you for an evening with open eyes.")
