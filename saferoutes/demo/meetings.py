"""The coalition's meetings: two that were held and counted, one next week, and what is done about who isn't there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils import timezone

from concerns.promising import keep_commitment
from insights.counting import Cell, count_table
from insights.filling import add_gap
from insights.meetings import NOTE, change_meeting, decide, plan_meeting, version_of
from people.models import Organization, User
from people.roles import AgeBand
from saferoutes.demo.clock import at
from walks.models import Attendance, Gap, Meeting, Walk

Role, Age = Attendance.Role, AgeBand
PLACE = "St. Brendan’s Church, hall"
TITLE = "Coalition table"


class Sat(NamedTuple):
    """So many people of one organization (None: of none)."""

    organization: str | None
    role: str
    age_band: str
    n: int = 1


EARLIER = [
    Sat("Avenue Business Circle", Role.LED, Age.OLDER),
    Sat("Hearth and Key Housing", Role.SPOKE, Age.MIDDLE),
    Sat("Second Loaf Pantry", Role.ATTENDED, Age.MIDDLE, 2),
    Sat("Lykins Neighbors", Role.NOTES, Age.SENIOR),
    Sat("Lykins Neighbors", Role.ATTENDED, Age.SENIOR, 2),
    Sat("St. Brendan’s Church", Role.ATTENDED, Age.OLDER, 3),
    Sat("City Public Safety Office", Role.SPOKE, Age.MIDDLE),
    Sat(None, Role.ATTENDED, Age.UNKNOWN, 2),
]
LAST = [
    Sat("Avenue Business Circle", Role.LED, Age.OLDER),
    Sat("Hearth and Key Housing", Role.SPOKE, Age.MIDDLE),
    Sat("Nine Lives Recovery", Role.SPOKE, Age.LATE_TWENTIES),
    Sat("Northeast Youth Table", Role.ATTENDED, Age.LATE_TWENTIES),
    Sat("Second Loaf Pantry", Role.ATTENDED, Age.MIDDLE, 2),
    Sat("Open Hand Clinic", Role.ATTENDED, Age.MIDDLE),
    Sat("Lykins Neighbors", Role.NOTES, Age.SENIOR),
    Sat("Lykins Neighbors", Role.ATTENDED, Age.SENIOR, 2),
    Sat("St. Brendan’s Church", Role.ATTENDED, Age.OLDER, 2),
    Sat("City Public Safety Office", Role.SPOKE, Age.MIDDLE),
    Sat("East Patrol Community Officers", Role.ATTENDED, Age.MIDDLE),
    Sat(None, Role.ATTENDED, Age.UNKNOWN, 3),
]


class Decided(NamedTuple):
    """`due` and `kept` in days after the meeting."""

    text: str
    organization: str
    owner: str
    email: str
    due: int
    kept: int | None = None


DECIDED = [
    Decided("Keep the bill fund open until March", "Second Loaf Pantry", "Marisol Vega", "marisol@demo.example", 30),
    Decided(
        "Say by mail how many beds are free each Friday",
        "Hearth and Key Housing",
        "Ines Marbury",
        "coordinator@demo.example",
        7,
        kept=6,
    ),
    Decided(
        "Bring somebody who speaks Somali to the next walk",
        "Open Hand Clinic",
        "Yusra Calder",
        "openhand@demo.example",
        17,
    ),
]
# Decided at the earlier meeting, and late by now.
LATE = Decided(
    "Bring the list of vacant lots, with who owns them",
    "City Public Safety Office",
    "Lucan Hale",
    "department@demo.example",
    21,
)
SAID = """More people than ever talked with us on the last walk, and some asked for help.
Nobody at the table is under 25. The church offers its hall again.
Porchlight turns people away whose meter is in the landlord’s name; the pantry pays those bills."""
AGENDA = """What the weekly page says is stuck
Who walks on the second Thursday, and who leads
Somali and Burmese: who can come along?"""


def tell_the_meetings(
    *, users: dict[str, User], organizations: dict[str, Organization], next_walk: Walk | None, now: datetime
) -> Iterator[models.Model]:
    """Yields every meeting and gap it made; counts and decisions hang on the meetings."""
    by = users["organizer"]
    earlier = _held(_evening(now, -41), EARLIER, organizations, by)
    yield earlier
    _decide(LATE, earlier, organizations, by)
    last = _held(_evening(now, -12), LAST, organizations, by)
    yield last
    with at(last.ends_at):
        change_meeting(meeting=last, by=by, expected=version_of(last, NOTE), note=SAID)
    for decided in DECIDED:
        _decide(decided, last, organizations, by)
    with at(_evening(now, -8)):
        yield plan_meeting(
            by=by, title=TITLE, starts_at=_evening(now, 7), minutes=90, place=PLACE, agenda=AGENDA
        )  # fmt: skip
    with at(_evening(now, -7)):
        yield from _gaps(last, organizations["Scarritt High Key Club"], next_walk, by)


def _evening(now: datetime, days: int) -> datetime:
    local = timezone.localtime(now)
    return (local + timedelta(days=days)).replace(hour=17, minute=30, second=0, microsecond=0)


def _held(when: datetime, sat: list[Sat], organizations: dict[str, Organization], by: User) -> Meeting:
    with at(when - timedelta(days=20)):
        meeting = plan_meeting(by=by, title=TITLE, starts_at=when, minutes=90, place=PLACE)
    cells = {
        Cell(organizations[one.organization].pk if one.organization else None, one.role, one.age_band): (0, one.n)
        for one in sat
    }
    with at(when + timedelta(minutes=20)):
        count_table(meeting=meeting, by=by, wanted=cells)
    meeting.refresh_from_db()
    return meeting


def _decide(decided: Decided, meeting: Meeting, organizations: dict[str, Organization], by: User) -> None:
    with at(meeting.ends_at):
        promise = decide(
            meeting=meeting,
            by=by,
            text=decided.text,
            organization=organizations[decided.organization],
            owner_name=decided.owner,
            owner_email=decided.email,
            due_on=timezone.localdate(meeting.starts_at) + timedelta(days=decided.due),
        )
    if decided.kept is not None:
        with at(meeting.ends_at + timedelta(days=decided.kept)):
            keep_commitment(commitment=promise, by=by)


def _gaps(meeting: Meeting, school: Organization, walk: Walk | None, by: User) -> Iterator[Gap]:
    """The school is invited, and on the next evening walk a youth lead's place is kept open."""
    yield add_gap(
        by=by,
        who=Gap.Who.SCHOOLS,
        how=Gap.How.INVITED,
        plan="Odessa asks the key club’s teacher, and two of them come along",
        organization=school,
        meeting=meeting,
        due_on=timezone.localdate() + timedelta(days=12),
    )
    if walk is not None:
        yield add_gap(
            by=by,
            who=Gap.Who.YOUNG_ADULTS,
            how=Gap.How.ROLE_OPEN,
            plan="Two places as youth lead; the Youth Table asks around",
            n_places=2,
            walk=walk,
            meeting=meeting,
            due_on=timezone.localdate() + timedelta(days=14),
        )
