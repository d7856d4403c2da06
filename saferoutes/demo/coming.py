"""Who comes: a series of walks, people who sign up, organizations that say how many they bring, teams and roles."""

import uuid
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from corridors.models import Side
from people.models import Organization, Person, User
from saferoutes.demo import cast
from saferoutes.demo.clock import at
from walks import actions, guardians, messages, plan_actions, pledging
from walks.clearances import record_clearance
from walks.models import Clearance, GuardianConsent, NoticeTo, Pledge, Signup, Walk, WalkSeries
from walks.planning import Plan, team_version
from walks.series import schedule_series

Organizations = dict[str, Organization]
# Long enough that two second Thursdays always lie in it.
WEEKS_AHEAD = 12


def tell_the_series(*, after: date, by: User, **planned: Any) -> WalkSeries:
    """A walk each second Thursday in the evening, from the first one after a day on."""
    return schedule_series(
        by=by,
        title="Second Thursday",
        rule="FREQ=MONTHLY;BYDAY=2TH",
        starts_on=after + timedelta(days=1),
        meet_clock=time(18, 30),
        step_off_minutes=30,
        walk_minutes=150,
        weeks_ahead=WEEKS_AHEAD,
        publishes=True,
        **planned,
    )


# --- Organizations ---


def tell_pledges(
    walk: Walk,
    said: dict[str, tuple[int | None, str, str]],
    *,
    organizations: Organizations,
    by: User,
    asked_at: datetime,
) -> None:
    """All are asked at once; who answers does so a day later each."""
    with at(asked_at):
        pledging.ask_organizations(walk=walk, organizations=[organizations[name] for name in said], by=by)
    rows = {row.organization.name: row for row in Pledge.objects.filter(walk=walk).select_related("organization")}
    for n, (name, (n_people, contact, note)) in enumerate(said.items()):
        if n_people is not None:
            with at(asked_at + timedelta(days=1 + n % 4, hours=n % 8)):
                pledging.answer_pledge(pledge=rows[name], n_people=n_people, contact_name=contact, note=note)


# --- People ---


def sign_up(
    walk: Walk, one: cast.Coming, *, organizations: Organizations, when: datetime, by: User, wait: bool = False
) -> Signup:
    """By the public form; the desk names the lead, and writes down who only has a phone."""
    known = organizations.get(one.organization)
    is_mail = "@" in one.contact
    is_desk = not is_mail or one.role == "lead"
    with at(when):
        result = actions.sign_up(
            walk=walk,
            name=one.name,
            email=one.contact if is_mail else "",
            phone="" if is_mail else "+1" + one.contact.replace("-", ""),
            organization=known,
            organization_text="" if known else one.organization,
            age_band=one.age_band,
            language=one.language,
            n_people=one.n_people,
            source=Signup.Source.DESK if is_desk else Signup.Source.WEB,
            by=by if is_desk else None,
            role=one.role,
            wait=wait,
        )
    assert result.signup is not None, (one, result)
    return result.signup


def guardian_said_yes(signup: Signup, *, by: User, when: datetime) -> GuardianConsent:
    with at(when):
        return guardians.record_guardian(
            signup=signup, by=by, guardian_name="Leila Castellan", guardian_phone="816-555-0133", how="paper"
        )


def guardian_is_asked(signup: Signup, *, when: datetime) -> None:
    """The young person said yes themselves; the mail to the parent is out."""
    with at(when):
        guardians.say_yes_oneself(signup=signup)
        guardians.ask_guardian(signup=signup, guardian_name="Rosa Alvarado", email="rosa@demo.example")


def clear(person: Person, *, by: User, when: datetime) -> Clearance:
    """May walk with minors for a year."""
    with at(when):
        until_on = when.date() + timedelta(days=365)
        return record_clearance(person=person, by=by, until_on=until_on, what="School district badge seen")


# --- This week's walk ---


def tell_the_plan(walk: Walk, *, signups: dict[str, Signup], by: User) -> None:
    """Team 1 walks the north side from Elmwood to Brighton and team 2 the south side; each has a lead and a marshal."""
    plan_actions.set_teams(walk=walk, n_teams=2, by=by)
    blocks = walk.corridor.segments.current().filter(from_street__in=("Elmwood Ave", "Lawn Ave", "Van Brunt Blvd"))
    for number, side in enumerate((Side.LEFT, Side.RIGHT), start=1):
        faces = [(block.pk, side.value) for block in blocks]
        plan_actions.give_stretch(walk=walk, faces=faces, number=number, by=by, expected=Plan(walk).version)
    put_into_teams(walk, [one for one in cast.SIGNUPS if one.team], signups=signups, by=by)
    leads = {1: (cast.LEAD.name, "Devi Marchetti"), 2: ("Amara Dovell", "Otto Fenwick")}
    name_leads(walk, leads, signups=signups, by=by)


def put_into_teams(walk: Walk, people: list[cast.Coming], *, signups: dict[str, Signup], by: User) -> None:
    teams = {team.number: team for team in walk.teams.all()}
    actions.assign_teams(walk=walk, teams={signups[one.name]: teams[one.team] for one in people}, by=by)


def name_leads(walk: Walk, leads: dict[int, tuple[str, str]], *, signups: dict[str, Signup], by: User) -> None:
    for team in walk.teams.order_by("number"):
        lead, marshal = leads[team.number]
        plan_actions.name_team(
            walk=walk,
            team=team,
            lead=signups[lead],
            marshal=signups[marshal],
            expected_back_at=None,
            by=by,
            expected=team_version(team),
        )


def tell_everybody(walk: Walk, *, by: User, random: Random, when: datetime) -> None:
    """A message to all who come. Two of them have no e-mail: one was called, one is still to be called."""
    words = "The lot in front of the station is being paved. Please park behind it, and wear something bright."
    with at(when):
        key = uuid.UUID(int=random.getrandbits(128))
        notice = messages.send_words(walk=walk, to=messages.EVERYBODY, words=words, key=key, by=by)
    silas = NoticeTo.objects.select_related("notice__walk").get(notice=notice, signup__name="Silas Broome")
    with at(when + timedelta(hours=3)):
        messages.mark_told(row=silas, how=NoticeTo.How.CALLED, by=by)
