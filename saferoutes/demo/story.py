"""The Independence Avenue story, told through the same actions that people use, with a fixed seed.

One walk last month with its table, its debrief, what it found and what became of it; one last week from shop to shop;
one this week with sign-ups, pledges and a plan; one still a draft; and each second Thursday from then on. Beside them
what agencies offer, who asked for help, the shops, the meetings and the weekly page.
"""

import hashlib
import random
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from concerns import actions as concern_actions
from concerns.handing_mail import hand_over
from concerns.models import Concern
from concerns.workflow import Status
from field.models import Receipt
from insights.week_days import monday_of
from office.models import OutboxMessage
from people.models import Organization, Person
from saferoutes.demo import cast, coming, finds, saturday
from saferoutes.demo.clock import at
from saferoutes.demo.directory import tell_the_directory
from saferoutes.demo.evening import receipts_of, tell_the_evening
from saferoutes.demo.found import Found
from saferoutes.demo.help import Help
from saferoutes.demo.meetings import tell_the_meetings
from saferoutes.demo.shops import tell_the_shops
from saferoutes.demo.table import (
    LEADS,
    TEAMS,
    tell_thanks,
    tell_the_debrief,
    tell_the_promises,
    tell_the_table,
)
from saferoutes.demo.week import tell_the_weeks
from walks import actions as walk_actions
from walks import plan_actions
from walks.models import Device, Signup, Team, Walk

SEED = 4777
ZONE = ZoneInfo("America/Chicago")
AFTER_DARK = "It gets dark: bring a flashlight and wear something bright."


class Story(Found):
    """Builds the demo once and remembers every row it made (`office.DemoRecord`)."""

    def __init__(self, *, now: datetime, password: str | None = None) -> None:
        super().__init__(now=now, password=password)
        self.random = random.Random(SEED)  # noqa: S311 (not a secret: the story is the same each time)
        self.signups: dict[str, Signup] = {}
        self.phones: dict[int, Device] = {}

    @transaction.atomic
    def tell(self) -> None:
        self.coalition()
        self.people()
        self.areas()
        self.who_fixes_what()
        self.corridor()
        last, this, _draft = self.walks()
        self.clear_for_minors()
        self.before(last)
        self.teams(last)
        self.this_week(this)
        evening = list(tell_the_evening(walk=last, phones=self.phones, by=self.users["lead"]))
        self.keep(*evening)
        for number, find in enumerate(finds.FINDS):
            self.follow(self.log(find, walk=last, number=number), find, number)
        for number, find in enumerate(finds.UNREAD, start=len(finds.FINDS)):
            self.log(find, walk=last, number=number)
        self.twin_and_taken_back(last)
        self.hand_over(last)
        self.afterwards(last)
        self.last_week()
        self.partners(last)
        told = [*evening, *last.concerns.select_related("device")]
        Receipt.objects.bulk_create(receipts_of(told, random=self.random))
        self.hold_mail()

    def hand_over(self, walk: Walk) -> None:
        """Three things that were filed are with a city department, too; it answered one of them."""
        department = self.organizations[cast.FIXER]
        Organization.objects.filter(pk=department.pk).update(email=cast.FIXER_MAIL)
        department.refresh_from_db()
        filed = Concern.objects.filter(walk=walk, category__code__in=["DUMPING", "SIDEWALK", "TRANSIT"])
        filed = filed.filter(status__in=[Status.REPORTED, Status.IN_PROGRESS])
        handed = [
            concern_actions.assign_concern(concern=one, organization=department, by=self.users["organizer"])
            for one in filed.order_by("id")[:3]
        ]
        if not handed:
            return
        mail = hand_over(organization=department, by=self.users["organizer"])
        promised_on = timezone.localdate(self.now) + timedelta(days=9)
        concern_actions.answer_assignment(
            assignment=handed[0], answer="accepted", by=self.users["department"], promised_on=promised_on
        )
        self.keep(*([mail] if mail else []))

    def partners(self, last: Walk) -> None:
        """What agencies offer, shops, help asked for, meetings and the weekly page."""
        by, organizations, users = self.users["organizer"], self.organizations, self.users
        self.keep(*tell_the_directory(organizations=organizations, corridor=self.avenue, by=by, now=self.now))
        tell_the_shops(corridor=self.avenue, walk=last, by=by, now=self.now)
        asked = Help(walk=last, phone=self.phones[2], users=users, organizations=organizations, now=self.now)
        self.keep(*asked.tell())
        self.sign_ins.append(("a person", "/help/code/", asked.code))
        evening = Walk.objects.filter(series__isnull=False, corridor=self.avenue).order_by("meet_at").first()
        self.keep(
            *tell_the_meetings(users=users, organizations=organizations, next_walk=evening, now=self.now),
            *tell_the_weeks(organizations=organizations, by=by, now=self.now),
        )

    def hold_mail(self) -> None:
        """Nobody invented can be written to: the story's own mail is kept to be looked at and never sent.

        Messages to a walk count as sent, so that the list of whom they didn't reach has those without an address.
        """
        written = OutboxMessage.objects.filter(to_address__endswith=cast.MAIL_DOMAIN)
        written.update(status=OutboxMessage.Status.CANCELLED)
        written.exclude(notices=None).update(status=OutboxMessage.Status.SENT, sent_at=F("due_at"))
        self.keep(*written)

    def ago(self, days: int, hour: int = 17) -> datetime:
        """That hour on an earlier day of the coalition: nobody writes messages in the night."""
        day = self.now.astimezone(ZONE).date() - timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, 20, tzinfo=ZONE)

    # --- walks ---

    def walks(self) -> tuple[Walk, Walk, Walk]:
        """Last month's (done), this week's (published) and a draft. Evenings, so that lights could be seen."""
        today = self.now.astimezone(ZONE).date()
        this_day = today + timedelta(days=4)
        last = self.walk(
            "Lights from Askew to Hardesty, after dark",
            today - timedelta(days=31),
            (18, 30),
            written=55,
            purposes=["audit", "outreach"],
            note=AFTER_DARK,
        )
        this = self.walk(
            "Lawn and Van Brunt, by day",
            this_day,
            (14, 0),
            written=24,
            purposes=["audit", "re_verify"],
            capacity=cast.PLACES,
            note="We walk both sides between Elmwood and Brighton and look again at what the city says is fixed.",
        )
        for walk, days in ((last, 51), (this, 20)):
            with at(self.ago(days)):
                walk_actions.publish_walk(walk=walk, by=self.users["organizer"])
        draft_day = today + timedelta(days=25)
        draft = self.walk("Benton to Myrtle, by day", draft_day, (10, 0), written=3, purposes=["outreach"], lead=None)
        planned = self.planned() | {"purposes": ["audit", "visibility"], "note": AFTER_DARK}
        with at(self.ago(9)):
            series = coming.tell_the_series(after=this_day, by=self.users["organizer"], **planned)
        self.keep(series, *series.walks.all())
        return last, this, draft

    def walk(self, title: str, day: Any, start: tuple[int, int], *, written: int, **fields: Any) -> Walk:
        """A walk that somebody wrote down so many days ago."""
        meet_at = datetime(day.year, day.month, day.day, *start, tzinfo=ZONE)
        times = {
            "meet_at": meet_at,
            "step_off_at": meet_at + timedelta(minutes=30),
            "end_at": meet_at + timedelta(hours=2, minutes=30),
        }
        with at(self.ago(written)):
            walk = walk_actions.schedule_walk(
                by=self.users["organizer"], title=title, **self.planned() | times | fields
            )
        self.keep(walk)
        return walk

    def planned(self) -> dict[str, Any]:
        """What all walks of the story have in common, those of the series, too."""
        return {
            "corridor": self.avenue,
            "lead_organization": self.organizations["Avenue Business Circle"],
            "lead": self.users["lead"].person,
            "meeting_landmark": self.station,
            "meeting_place": "Fire Station 23, at Lawn",
            "meeting_location": self.station.location,
            "facilities": "Toilets and parking at the station",
            "wheelchair": "yes",
            "wheelchair_note": "One curb without a ramp, at Van Brunt",
            "police_walk_along": False,
            "designee_name": "Ines Marbury",
            "designee_phone": "816-555-0120",
            "weather_rule": "If it storms we call it off by 11:00 AM and tell everybody who signed up.",
            "languages": ["en", "es"],
        }

    # --- who comes ---

    def sign_up(self, walk: Walk, one: cast.Coming, *, when: datetime, wait: bool = False) -> Signup:
        by, organizations = self.users["organizer"], self.organizations
        signup = coming.sign_up(walk, one, organizations=organizations, when=when, by=by, wait=wait)
        self.keep(signup, signup.person)
        return signup

    def clear_for_minors(self) -> None:
        """Wren was checked before the first of these walks."""
        person = Person.objects.create(name="Wren Applegate", email=cast.CLEARED, age_band="25_34")
        when = self.ago(60)
        self.keep(person, coming.clear(person, by=self.users["organizer"], when=when))

    def before(self, last: Walk) -> None:
        """Sign-ups and pledges of last month's walk."""
        by = self.users["organizer"]
        with at(last.meet_at - timedelta(days=19)):
            for role, n in cast.NEEDS_OF_LAST.items():
                plan_actions.set_need(walk=last, role=role, n_min=n, n_max=None, from_band="", by=by)
        said, asked_at = cast.PLEDGES_OF_LAST, last.meet_at - timedelta(days=18, hours=9)
        coming.tell_pledges(last, said, organizations=self.organizations, by=by, asked_at=asked_at)
        for n, (one, _method) in enumerate(cast.ROSTER_OF_LAST):
            when = last.meet_at - timedelta(days=16 - n)
            self.signups[one.name] = self.sign_up(last, one, when=when)
            if one.contact == cast.ALLOWED:
                self.keep(coming.guardian_said_yes(self.signups[one.name], by=by, when=when + timedelta(days=1)))

    def this_week(self, this: Walk) -> None:
        """Sign-ups, pledges, the plan and a message of the walk to come."""
        by, asked_at = self.users["organizer"], self.ago(19, 9)
        with at(asked_at):
            plan_actions.set_usual_needs(walk=this, n_teams=2, by=by)
            # Who waits off site is named on the walk itself.
            plan_actions.set_need(walk=this, role="designee", n_min=0, n_max=None, from_band="", by=by)
        coming.tell_pledges(this, cast.PLEDGES, organizations=self.organizations, by=by, asked_at=asked_at)
        signups = {}
        for n, one in enumerate([*cast.SIGNUPS, cast.WAITING]):
            when = self.ago(15 - n, 9 + 5 * n % 11)
            signup = signups[one.name] = self.sign_up(this, one, when=when, wait=one is cast.WAITING)
            if one.contact == cast.ALLOWED:
                self.keep(coming.guardian_said_yes(signup, by=by, when=when + timedelta(days=1)))
            if one.contact == cast.ASKED:
                coming.guardian_is_asked(signup, when=when + timedelta(hours=1))
        with at(self.ago(1, 15)):
            coming.tell_the_plan(this, signups=signups, by=by)
        coming.tell_everybody(this, by=by, random=self.random, when=self.ago(1))

    def afterwards(self, last: Walk) -> None:
        by = self.users["lead"]
        tell_the_table(last, self.signups, organizations=self.organizations, by=by, random=self.random)
        tell_the_debrief(last, by=by)
        tell_the_promises(last, organizations=self.organizations, users=self.users, now=self.now)
        tell_thanks(last, by=self.users["organizer"])

    def teams(self, walk: Walk) -> None:
        segments = list(self.avenue.segments.current())
        for number, name in TEAMS.items():
            team = Team.objects.create(walk=walk, number=number, name=name)
            team.segments.set(segments[number * 4 - 4 : number * 4])
            self.phones[number] = self.phone(walk, team)
        people = [one for one, _method in cast.ROSTER_OF_LAST if one.team]
        with at(walk.meet_at - timedelta(days=2)):
            coming.put_into_teams(walk, people, signups=self.signups, by=self.users["organizer"])
            coming.name_leads(walk, LEADS, signups=self.signups, by=self.users["organizer"])
        with at(walk.meet_at - timedelta(hours=7)):
            plan_actions.decide(
                walk=walk, decision="go", why="Dry all evening, and enough of us", by=self.users["lead"]
            )

    def phone(self, walk: Walk, team: Team) -> Device:
        secret = hashlib.sha256(self.random.randbytes(32)).hexdigest()
        return Device.objects.create(
            walk=walk,
            team=team,
            name=f"Phone of team {team.number}",
            client_id=uuid.UUID(int=self.random.getrandbits(128)),
            secret_sha256=secret,
            token_sha256=hashlib.sha256(secret.encode()).hexdigest(),
            confirmed_at=walk.meet_at,
            enrolled_at=walk.meet_at,
            last_seen_at=walk.end_at + timedelta(hours=1),
            n_waiting=0,
        )

    def last_week(self) -> None:
        """On the Saturday of last week, so that the page of that week has a walk."""
        monday = monday_of(timezone.localdate(self.now))
        walk = self.walk(
            saturday.TITLE, monday - timedelta(days=2), (10, 0), written=30, purposes=["outreach", "re_verify"]
        )
        with at(self.ago(28)):
            walk_actions.publish_walk(walk=walk, by=self.users["organizer"])
        team = Team.objects.create(walk=walk, number=1, name="Linden")
        team.segments.set(self.avenue.segments.current().filter(from_street__in=saturday.BLOCKS))
        phone = self.phones[saturday.PHONE] = self.phone(walk, team)
        told = list(
            saturday.tell_last_week(walk, phone, organizations=self.organizations, users=self.users, random=self.random)
        )
        self.keep(*told)
        for number, find in enumerate(saturday.FINDS):
            self.follow(self.log(find, walk=walk, number=5 * number), find, number)
        sent = [row for row in told if not isinstance(row, Signup | Person)]
        sent += walk.concerns.select_related("device")
        Receipt.objects.bulk_create(receipts_of(sent, random=self.random))
