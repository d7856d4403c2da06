"""Who and where: the coalition, its people and groups, areas, the corridor with its landmarks, who fixes what."""

import secrets
from datetime import datetime, timedelta

from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db import models

from concerns.models import Category, RoutingRule
from corridors import actions as corridor_actions
from corridors.geometry import CrossStreet
from corridors.models import WGS84, Area, Corridor, Landmark
from office.models import Coalition, DemoRecord
from people.models import Membership, Organization, Person, User
from saferoutes.demo import cast, places, rules

NAME = "Northeast Avenue Coalition"


class Start:
    """What all of the story stands on. `keep` remembers the rows that it made (`office.DemoRecord`)."""

    def __init__(self, *, now: datetime, password: str | None = None) -> None:
        self.now = now
        self.password = password
        self.sign_ins: list[tuple[str, str, str]] = []
        self.users: dict[str, User] = {}
        self.organizations: dict[str, Organization] = {}

    def keep(self, *rows: models.Model) -> None:
        DemoRecord.objects.bulk_create(
            [DemoRecord(model=row._meta.label_lower, object_id=row.pk) for row in rows], ignore_conflicts=True
        )

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
                membership = Membership.objects.create(
                    person=person,
                    organization=self.organizations[organization],
                    since_at=self.now - timedelta(days=300),
                )
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
