"""The Independence Avenue story, told through the same actions that people use, with a fixed seed.

One walk last month with its table, its debrief, what it found and what became of it; one this week with sign-ups,
pledges and a plan; one still a draft; and each second Thursday from then on.
"""

import hashlib
import random
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from concerns import actions as concern_actions
from concerns.handing_mail import hand_over
from concerns.models import Category, Concern, Look, Photo, RoutingRule
from concerns.photos import keep_original, process_waiting
from concerns.workflow import LookResult, Source, Status
from corridors import actions as corridor_actions
from corridors.geometry import CrossStreet
from corridors.models import WGS84, Area, Corridor, Landmark
from field.models import Receipt
from office.models import Coalition, DemoRecord, OutboxMessage
from people.models import Membership, Organization, Person, User
from saferoutes.demo import cast, coming, finds, places, rules
from saferoutes.demo.clock import at
from saferoutes.demo.evening import receipts_of, tell_the_evening
from saferoutes.demo.pictures import picture
from saferoutes.demo.table import (
    LEADS,
    TEAMS,
    tell_thanks,
    tell_the_debrief,
    tell_the_promises,
    tell_the_table,
)
from walks import actions as walk_actions
from walks import plan_actions
from walks.models import Device, Signup, Team, Walk
from walks.sun import Lit

SEED = 4777
ZONE = ZoneInfo("America/Chicago")
NAME = "Northeast Avenue Coalition"
AFTER_DARK = "It gets dark: bring a flashlight and wear something bright."

# What happens to a concern on its way to each end: (step, days after the walk).
STEPS: dict[str, list[tuple[str, int]]] = {
    Status.TRIAGED: [],
    Status.REPORTED: [(Status.REPORTED, 2)],
    Status.IN_PROGRESS: [(Status.REPORTED, 2), (Status.IN_PROGRESS, 9)],
    Status.CLAIMED_FIXED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 14)],
    Status.VERIFIED_FIXED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 12), (LookResult.FIXED, 20)],
    Status.REOPENED: [(Status.REPORTED, 2), (Status.CLAIMED_FIXED, 11), (LookResult.STILL_THERE, 19)],
    Status.MONITORING: [(Status.MONITORING, 3)],
    Status.REFERRED_TO_OWNER: [(Status.REFERRED_TO_OWNER, 4)],
    Status.NOT_ACTIONABLE: [(Status.NOT_ACTIONABLE, 5)],
}

SCENES = {"LIGHT_OUT": "light", "DUMPING": "ground", "SIDEWALK": "way", "ASSET": "good", "ABAND_VEH": "ground"}


class Story:
    """Builds the demo once and remembers every row it made (`office.DemoRecord`)."""

    def __init__(self, *, now: datetime, password: str | None = None) -> None:
        self.now = now
        self.random = random.Random(SEED)  # noqa: S311 (not a secret: the story is the same each time)
        self.password = password
        self.sign_ins: list[tuple[str, str, str]] = []
        self.users: dict[str, User] = {}
        self.organizations: dict[str, Organization] = {}
        self.signups: dict[str, Signup] = {}

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

    def hold_mail(self) -> None:
        """Nobody invented can be written to: the story's own mail is kept to be looked at and never sent.

        Messages to a walk count as sent, so that the list of whom they didn't reach has those without an address.
        """
        written = OutboxMessage.objects.filter(to_address__endswith=cast.MAIL_DOMAIN)
        written.update(status=OutboxMessage.Status.CANCELLED)
        written.exclude(notices=None).update(status=OutboxMessage.Status.SENT, sent_at=F("due_at"))
        self.keep(*written)

    def keep(self, *rows: models.Model) -> None:
        DemoRecord.objects.bulk_create(
            [DemoRecord(model=row._meta.label_lower, object_id=row.pk) for row in rows], ignore_conflicts=True
        )

    # --- who and where ---

    def coalition(self) -> None:
        Coalition.current()
        Coalition.objects.filter(id=1).update(
            name=NAME,
            place="Independence Avenue, Kansas City",
            welcome="We walk the Avenue together. Then we check that things get fixed.",
            city_number="816-513-1313",
            public_body="the City Public Safety Office of this demo",
            privacy_contact="organizer@demo.example",
            reply_to="organizer@demo.example",
            service_bounds=Polygon(places.SERVICE_BOUNDS, srid=WGS84),
            set_up_at=self.now,
            is_demo=True,
        )

    def people(self) -> None:
        for name, kind, phone in cast.ORGANIZATIONS:
            self.organizations[name] = Organization.objects.create(
                name=name, kind=kind, public_phone=phone, email=cast.ORGANIZATION_MAILS.get(name, "")
            )
        for key, name, email, role, is_coordinator, organization in cast.PEOPLE:
            password = self.password or secrets.token_hex(6)
            person = Person.objects.create(name=name, email=email)
            user = User.objects.create_user(
                email, password, person=person, role=role, is_outreach_coordinator=is_coordinator
            )
            if organization:
                membership = Membership.objects.create(person=person, organization=self.organizations[organization])
                self.keep(membership)
            self.users[key] = user
            self.sign_ins.append((key, email, password))
            self.keep(user, person)
        self.keep(*self.organizations.values())

    def who_fixes_what(self) -> None:
        kinds = {category.code: category for category in Category.objects.all()}
        made = [
            RoutingRule.objects.create(
                category=kinds[rule.category],
                system=rule.system,
                request_type=rule.request_type,
                organization=self.organizations.get(rule.organization),
                template_en=rule.template,
                position=10 * number,
            )
            for number, rule in enumerate(rules.RULES, start=1)
        ]
        self.keep(*made)

    def areas(self) -> None:
        shapes = [(Area.Kind.NEIGHBORHOOD, name, ring, False) for name, ring in places.NEIGHBORHOODS.items()]
        shapes.append((Area.Kind.PATROL_DIVISION, "East Patrol Division", places.EAST_PATROL, True))
        for kind, name, ring, is_approximate in shapes:
            area = Area.objects.create(
                kind=kind,
                name=name,
                source="demo",
                source_id=name,
                shape=MultiPolygon(Polygon(ring, srid=WGS84), srid=WGS84),
                is_approximate=is_approximate,
            )
            self.keep(area)

    def corridor(self) -> None:
        self.avenue: Corridor = corridor_actions.create_corridor(
            by=self.users["organizer"],
            name=places.CORRIDOR,
            line=LineString(places.LINE, srid=WGS84),
            cross_streets=[
                CrossStreet(name, Point(point, srid=WGS84), block) for name, point, block in places.CROSS_STREETS
            ],
            even_side="left",
            buffer_m=60,
        )
        self.keep(self.avenue)
        for name, kind, point, address, facilities in places.LANDMARKS:
            landmark = Landmark.objects.create(
                name=name,
                kind=kind,
                location=Point(point, srid=WGS84),
                address=address,
                facilities=facilities,
                corridor=self.avenue,
            )
            self.keep(landmark)
        self.station = Landmark.objects.get(name="Fire Station 23", corridor=self.avenue)

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
        self.phones: dict[int, Device] = {}
        for number, name in TEAMS.items():
            team = Team.objects.create(walk=walk, number=number, name=name)
            team.segments.set(segments[number * 4 - 4 : number * 4])
            secret = hashlib.sha256(self.random.randbytes(32)).hexdigest()
            self.phones[number] = Device.objects.create(
                walk=walk,
                team=team,
                name=f"Phone of team {number}",
                client_id=uuid.UUID(int=self.random.getrandbits(128)),
                secret_sha256=secret,
                token_sha256=hashlib.sha256(secret.encode()).hexdigest(),
                confirmed_at=walk.meet_at,
                enrolled_at=walk.meet_at,
                last_seen_at=walk.end_at + timedelta(hours=1),
                n_waiting=0,
            )
        people = [one for one, _method in cast.ROSTER_OF_LAST if one.team]
        with at(walk.meet_at - timedelta(days=2)):
            coming.put_into_teams(walk, people, signups=self.signups, by=self.users["organizer"])
            coming.name_leads(walk, LEADS, signups=self.signups, by=self.users["organizer"])
        with at(walk.meet_at - timedelta(hours=7)):
            plan_actions.decide(
                walk=walk, decision="go", why="Dry all evening, and enough of us", by=self.users["lead"]
            )

    # --- concerns ---

    def log(self, find: finds.Find, *, walk: Walk, number: int) -> Concern:
        seen_at = walk.step_off_at + timedelta(minutes=4 * number)
        device = self.phones[find.team]
        concern = concern_actions.log_concern(
            category=Category.objects.get(code=find.category),
            source=Source.FIELD,
            walk=walk,
            team=device.team,
            device=device,
            location=Point(find.place, srid=WGS84),
            accuracy_m=float(self.random.randint(4, 14)),
            place_from="gps",
            address=find.address,
            lit=Lit.DARK,
            note=find.words,
            answers=find.answers,
            told_by=find.told_by,
            captured_at=seen_at,
            received_at=seen_at + timedelta(seconds=40),
            n_photos_expected=int(find.photo),
        )
        self.keep(concern)
        if find.photo:
            self.photograph(find, concern=concern)
        return concern

    def photograph(self, find: finds.Find, *, concern: Concern | None = None, look: Look | None = None) -> Photo:
        data = picture(SCENES[find.category], after=look is not None and look.result == LookResult.FIXED)
        return keep_original(
            concern=concern,
            look=look,
            device=self.phones[find.team],
            client_id=uuid.UUID(int=self.random.getrandbits(128)),
            position=0,
            data=data,
        )

    def follow(self, concern: Concern, find: finds.Find, number: int) -> None:
        """Let the days pass: read it, publish it where that is right, file it, look again."""
        by = self.users["organizer"]
        day = concern.received_at
        concern_actions.triage(concern=concern, by=by, at=day + timedelta(days=1))
        if concern.category.publication_rule != Category.Rule.NEVER and not concern.waits_for_help:
            self.process()
            for photo in concern.photos.all():
                concern_actions.approve_photo(photo=photo, by=by)
            concern_actions.publish_concern(concern=concern, by=by, text=find.text, at=day + timedelta(days=1, hours=1))
        for step, days in STEPS[find.end]:
            self.step(concern, find, step, number, at=day + timedelta(days=days))

    def process(self) -> None:
        while process_waiting(limit=20):
            pass

    def step(self, concern: Concern, find: finds.Find, step: str, number: int, *, at: datetime) -> None:
        by = self.users["organizer"]
        concern.refresh_from_db()
        if step == Status.REPORTED:
            number = 41870 + 13 * number
            concern_actions.add_case(concern=concern, by=by, system="311", number=f"2026-{number}", at=at)
        elif step in LookResult.values:
            self.look(concern, find, step, at=at)
        else:
            note = "The owner mows it twice a year" if step == Status.NOT_ACTIONABLE else ""
            said = "The city closed the case" if step == Status.CLAIMED_FIXED else ""
            concern_actions.move_concern(concern=concern, to=step, by=by, note=note, public_note=said, at=at)

    def look(self, concern: Concern, find: finds.Find, result: str, *, at: datetime) -> None:
        look = concern_actions.record_look(
            concern=concern, result=result, lit=Lit.DARK, by=self.users["coordinator"], captured_at=at, received_at=at
        )
        self.keep(look)
        if find.photo:
            photo = self.photograph(find, look=look)
            self.process()
            photo.refresh_from_db()
            concern_actions.approve_photo(photo=photo, by=self.users["organizer"])
        concern_actions.publish_look(look=look, by=self.users["organizer"])

    def twin_and_taken_back(self, walk: Walk) -> None:
        """One concern that was the same as another, and one that its team took back."""
        first = finds.FINDS[0]
        twin = self.log(first._replace(place=(-94.52606, 39.10553), words="Light out at the bus stop", photo=False),
                        walk=walk, number=40)  # fmt: skip
        lamp = Concern.objects.filter(note=first.words).order_by("id").first()
        assert lamp is not None
        concern_actions.mark_duplicate(
            concern=twin, of=lamp, by=self.users["organizer"], at=twin.received_at + timedelta(days=1)
        )
        mistake = self.log(finds.FINDS[4]._replace(words="", photo=False), walk=walk, number=41)
        concern_actions.withdraw_concern(concern=mistake, at=mistake.received_at + timedelta(minutes=1))
