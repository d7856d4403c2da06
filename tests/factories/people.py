"""Organizations, people, their corridor and what stands on it; mail that waits."""

import itertools
from typing import Any

from django.contrib.gis.geos import LineString, Point

from corridors.models import Corridor, Landmark, Segment
from office.models import OutboxMessage
from people.models import Membership, Organization, Person, User
from people.roles import OrganizationKind, Role
from tests.factories.counting import serial

PASSWORD = "lantern-bakery-4777"


# Four points of a straight made-up avenue running west to east, about 500 m long.
AVENUE = [(-94.5400, 39.1060), (-94.5380, 39.1060), (-94.5360, 39.1060), (-94.5340, 39.1060)]


STREETS = ["Askew Ave", "Myrtle Ave", "Norton Ave", "Jackson Ave"]


def make_person(**fields: Any) -> Person:
    n = next(serial)
    return Person.objects.create(**{"name": f"Wren Applegate {n}", "email": f"wren{n}@example.org"} | fields)


def make_user(**fields: Any) -> User:
    """A sign-in with the password `PASSWORD`."""
    n = next(serial)
    defaults = {"email": f"user{n}@example.org", "name": f"Odessa Quill {n}", "password": PASSWORD}
    return User.objects.create_user(**defaults | fields)


def make_organization(**fields: Any) -> Organization:
    return Organization.objects.create(**{"name": f"Hearth and Key Housing {next(serial)}"} | fields)


def make_membership(person: Person, organization: Organization, **fields: Any) -> Membership:
    return Membership.objects.create(**{"person": person, "organization": organization} | fields)


def make_walled_organizer() -> User:
    """An organizer and outreach coordinator who also works for the police: the wall beats the role."""
    user = make_user(role=Role.ORGANIZER, is_outreach_coordinator=True)
    police = make_organization(name=f"Police {next(serial)}", kind=OrganizationKind.POLICE)
    make_membership(user.person, police)
    return user


def make_corridor(**fields: Any) -> Corridor:
    """Three blocks between four streets; even numbers on the north (left) side."""
    n = next(serial)
    defaults = {
        "name": f"Independence Avenue {n}",
        "slug": f"independence-avenue-{n}",
        "line": LineString(AVENUE, srid=4326),
        "from_street": STREETS[0],
        "to_street": STREETS[-1],
        "even_side": "left",
    }
    corridor = Corridor.objects.create(**defaults | fields)
    for position, (start, end) in enumerate(itertools.pairwise(AVENUE)):
        Segment.objects.create(
            corridor=corridor,
            position=position,
            from_street=STREETS[position],
            to_street=STREETS[position + 1],
            block=3500 + 100 * position,
            line=LineString([start, end], srid=4326),
        )
    return corridor


def make_landmark(**fields: Any) -> Landmark:
    defaults = {"name": "Fire Station 23", "location": Point(-94.5350, 39.1058, srid=4326)}
    return Landmark.objects.create(**defaults | fields)


def make_message(**fields: Any) -> OutboxMessage:
    """A message that couldn't be delivered."""
    defaults = {"kind": "report.news", "to_address": "rosa@example.org", "subject": "x", "body_text": "x"}
    return OutboxMessage.objects.create(**defaults | {"status": OutboxMessage.Status.DEAD} | fields)
