"""Walks and all that happens around one; meetings of the coalition."""

import uuid
from datetime import time, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from tests.factories.counting import serial
from tests.factories.people import make_corridor, make_organization, make_person
from walks.models import (
    Attendance,
    Device,
    Gap,
    HeadCount,
    Incident,
    Meeting,
    Notice,
    NoticeTo,
    Pledge,
    Presence,
    SegmentPass,
    Sheet,
    Signup,
    Team,
    TeamBack,
    Walk,
    WalkSeries,
)


def make_walk(**fields: Any) -> Walk:
    """A published walk, three days ahead, 2:00 PM to 4:30 PM in Kansas City."""
    day = (timezone.now() + timedelta(days=3)).replace(hour=20, minute=0, second=0, microsecond=0)
    if "corridor" not in fields:
        fields["corridor"] = make_corridor()
    defaults = {
        "title": f"Askew to Jackson, by day {next(serial)}",
        "meeting_place": "Fire Station 23, at Lawn",
        "meeting_location": Point(-94.5350, 39.1058, srid=4326),
        "meet_at": day,
        "step_off_at": day + timedelta(minutes=30),
        "end_at": day + timedelta(hours=2, minutes=30),
        "purposes": ["audit"],
        "state": Walk.State.PUBLISHED,
        "published_at": timezone.now(),
    }
    return Walk.objects.create(**defaults | fields)


def make_series(**fields: Any) -> WalkSeries:
    """Every second Saturday of a month at 2:00 PM in Kansas City, back by 4:30; without walks yet."""
    if "corridor" not in fields:
        fields["corridor"] = make_corridor()
    defaults = {
        "title": f"Askew to Jackson, each month {next(serial)}",
        "meeting_place": "Fire Station 23, at Lawn",
        "meeting_location": Point(-94.5350, 39.1058, srid=4326),
        "purposes": ["audit"],
        "rule": "FREQ=MONTHLY;BYDAY=2SA",
        "starts_on": timezone.now().date(),
        "meet_clock": time(14),
        "step_off_minutes": 30,
        "walk_minutes": 150,
    }
    return WalkSeries.objects.create(**defaults | fields)


def make_running_walk(**fields: Any) -> Walk:
    """A published walk that stepped off half an hour ago."""
    now = timezone.now()
    times = {
        "meet_at": now - timedelta(hours=1),
        "step_off_at": now - timedelta(minutes=30),
        "end_at": now + timedelta(hours=2),
    }
    return make_walk(**times | fields)


def make_sheet(**fields: Any) -> Sheet:
    return Sheet.objects.create(
        **{"walk": fields.get("walk") or make_walk(), "number": next(serial), "kind": "concerns"} | fields
    )


def make_team(**fields: Any) -> Team:
    return Team.objects.create(**{"walk": fields.get("walk") or make_walk(), "number": next(serial) % 30000} | fields)


def make_notice(*, signup: Signup | None = None, **fields: Any) -> Notice:
    """A message to a walk, for one person (`signup`'s, or a new one) without an address."""
    if signup is None:
        walk = fields.get("walk") or make_walk()
        signup = make_signup(walk=walk, person=make_person(email="", phone="+18165550123"))
    defaults = {"walk": signup.walk, "kind": Notice.Kind.CALLED_OFF, "key": str(next(serial))}
    notice = Notice.objects.create(**defaults | fields)
    NoticeTo.objects.create(notice=notice, person=signup.person, signup=signup)
    return notice


def make_pledge(**fields: Any) -> Pledge:
    """An organization that was asked how many people it brings, and hasn't said."""
    fields["walk"] = fields.get("walk") or make_walk()
    fields["organization"] = fields.get("organization") or make_organization()
    return Pledge.objects.create(**{"asked_at": timezone.now()} | fields)


def make_signup(**fields: Any) -> Signup:
    walk = fields.pop("walk", None) or make_walk()
    person = fields.pop("person", None) or make_person()
    return Signup.objects.create(**{"walk": walk, "person": person, "name": person.name} | fields)


def make_device(**fields: Any) -> Device:
    """A phone on a walk. Its token is `fields["token"]`, or of no use."""
    import hashlib

    token = fields.pop("token", uuid.uuid4().hex)
    defaults = {
        "walk": fields.get("walk") or make_running_walk(),
        "client_id": uuid.uuid4(),
        "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
        "secret_sha256": hashlib.sha256(b"secret").hexdigest(),
    }
    return Device.objects.create(**defaults | fields)


def make_incident(**fields: Any) -> Incident:
    """A team says that somebody is hurt."""
    defaults = {
        "walk": fields.get("walk") or make_running_walk(),
        "kind": Incident.Kind.HURT,
        "place": "by the laundry",
        "note": "Twisted an ankle, can’t walk",
        "happened_at": timezone.now(),
    }
    return Incident.objects.create(**defaults | fields)


def make_pass(**fields: Any) -> SegmentPass:
    """A team walked the left side of the first block after dark."""
    walk = fields.pop("walk", None) or make_running_walk()
    now = timezone.now()
    defaults = {
        "walk": walk,
        "segment": fields.get("segment") or walk.corridor.segments.first(),
        "side": "left",
        "lit": "dark",
        "started_at": now - timedelta(minutes=8),
        "ended_at": now,
    }
    return SegmentPass.objects.create(**defaults | fields)


def make_head_count(**fields: Any) -> HeadCount:
    defaults = {"walk": fields.get("walk") or make_running_walk(), "counted_at": timezone.now(), "n_25_34": 3}
    return HeadCount.objects.create(**defaults | fields)


def make_team_back(**fields: Any) -> TeamBack:
    """Four of five are back."""
    defaults = {"walk": fields.get("walk") or make_running_walk(), "n_back": 4, "n_out": 5, "back_at": timezone.now()}
    return TeamBack.objects.create(**defaults | fields)


def make_presence(**fields: Any) -> Presence:
    """Somebody was checked in when the walk met."""
    walk = fields.pop("walk", None) or make_running_walk()
    defaults = {"walk": walk, "name": "Rosa Lind", "method": Presence.Method.ROSTER, "arrived_at": walk.meet_at}
    return Presence.objects.create(**defaults | fields)


def make_meeting(**fields: Any) -> Meeting:
    """The coalition's table, two days ago, an hour long."""
    defaults = {"title": "Coalition table", "starts_at": timezone.now() - timedelta(days=2), "place": "Library"}
    return Meeting.objects.create(**defaults | fields)


def make_attendance(*, meeting: Meeting, **fields: Any) -> Attendance:
    """People counted at a meeting, which was held by that."""
    if meeting.counted_at is None:
        meeting.counted_at = meeting.ends_at
        meeting.save(update_fields=["counted_at"])
    return Attendance.objects.create(**{"meeting": meeting} | fields)


def make_gap(**fields: Any) -> Gap:
    """Schools are missing; somebody calls one within two weeks."""
    defaults = {"who": Gap.Who.SCHOOLS, "plan": "Call the school", "due_on": timezone.localdate() + timedelta(days=14)}
    return Gap.objects.create(**defaults | fields)
