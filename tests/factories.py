"""Rows with honest defaults: a test overrides only what it is about. Positions lie on Independence Avenue."""

import itertools
import uuid
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import LineString, Point
from django.utils import timezone

from concerns.models import (
    Assignment,
    BulkMove,
    Category,
    Commitment,
    Concern,
    ConcernUpdate,
    Follower,
    Handover,
    Look,
    Photo,
    Proposal,
    SavedFilter,
)
from concerns.receipts import code_for, hmac_of
from concerns.reporters import Reporter
from concerns.workflow import Source
from corridors.addresses import address_key, pole_key
from corridors.models import Corridor, Landmark, Segment
from insights.models import Reader, RecordNote, Snapshot
from office.models import OutboxMessage
from open311.models import ApiKey, Delivery, Endpoint, EndpointService, Posted
from open311.posting import key_digest
from open311.sealing import seal
from outreach.models import (
    Card,
    CardBatch,
    Consent,
    Contact,
    HelpRequest,
    Listing,
    Referral,
    Service,
    Shop,
    ShopNote,
)
from people.models import Membership, Organization, Person, User
from people.roles import OrganizationKind, Role
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

PASSWORD = "lantern-bakery-4777"
_numbers = itertools.count(1)

# Four points of a straight made-up avenue running west to east, about 500 m long.
AVENUE = [(-94.5400, 39.1060), (-94.5380, 39.1060), (-94.5360, 39.1060), (-94.5340, 39.1060)]
STREETS = ["Askew Ave", "Myrtle Ave", "Norton Ave", "Jackson Ave"]


def load_categories() -> None:
    """What a migration put there and emptying the tables took away."""
    import_module("concerns.migrations.0005_categories").add_categories(apps, None)
    import_module("concerns.migrations.0013_times_by_kind").fill(apps, None)


def make_person(**fields: Any) -> Person:
    n = next(_numbers)
    return Person.objects.create(**{"name": f"Wren Applegate {n}", "email": f"wren{n}@example.org"} | fields)


def make_user(**fields: Any) -> User:
    """A sign-in with the password `PASSWORD`."""
    n = next(_numbers)
    defaults = {"email": f"user{n}@example.org", "name": f"Odessa Quill {n}", "password": PASSWORD}
    return User.objects.create_user(**defaults | fields)


def make_organization(**fields: Any) -> Organization:
    return Organization.objects.create(**{"name": f"Hearth and Key Housing {next(_numbers)}"} | fields)


def make_membership(person: Person, organization: Organization, **fields: Any) -> Membership:
    return Membership.objects.create(**{"person": person, "organization": organization} | fields)


def make_walled_organizer() -> User:
    """An organizer and outreach coordinator who also works for the police: the wall beats the role."""
    user = make_user(role=Role.ORGANIZER, is_outreach_coordinator=True)
    police = make_organization(name=f"Police {next(_numbers)}", kind=OrganizationKind.POLICE)
    make_membership(user.person, police)
    return user


def make_corridor(**fields: Any) -> Corridor:
    """Three blocks between four streets; even numbers on the north (left) side."""
    n = next(_numbers)
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


def make_walk(**fields: Any) -> Walk:
    """A published walk, three days ahead, 2:00 PM to 4:30 PM in Kansas City."""
    day = (timezone.now() + timedelta(days=3)).replace(hour=20, minute=0, second=0, microsecond=0)
    if "corridor" not in fields:
        fields["corridor"] = make_corridor()
    defaults = {
        "title": f"Askew to Jackson, by day {next(_numbers)}",
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
        "title": f"Askew to Jackson, each month {next(_numbers)}",
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
        **{"walk": fields.get("walk") or make_walk(), "number": next(_numbers), "kind": "concerns"} | fields
    )


def make_team(**fields: Any) -> Team:
    return Team.objects.create(**{"walk": fields.get("walk") or make_walk(), "number": next(_numbers) % 30000} | fields)


def make_notice(*, signup: Signup | None = None, **fields: Any) -> Notice:
    """A message to a walk, for one person (`signup`'s, or a new one) without an address."""
    if signup is None:
        walk = fields.get("walk") or make_walk()
        signup = make_signup(walk=walk, person=make_person(email="", phone="+18165550123"))
    defaults = {"walk": signup.walk, "kind": Notice.Kind.CALLED_OFF, "key": str(next(_numbers))}
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


def make_concern(**fields: Any) -> Concern:
    """A held, unread light concern on the first block, written straight into the table."""
    category = fields.pop("category", "LIGHT_OUT")
    if isinstance(category, str):
        category = Category.objects.get(code=category)
    walk = fields.pop("walk", None) or make_walk()
    segment = walk.corridor.segments.first()
    defaults = {
        "category": category,
        "walk": walk,
        "segment": segment,
        "side": "left",
        "location": Point(-94.53912, 39.10612, srid=4326),
        "address": "3512 Independence Ave",
        "note": "Lamp by the bus stop is dark",
        "captured_at": timezone.now(),
    }
    values = defaults | fields
    keys = {"address_key": address_key(values["address"]), "pole_key": pole_key(values.get("answers", {}).get("pole"))}
    concern = Concern.objects.create(**keys | values)
    ConcernUpdate.objects.create(concern=concern, kind=ConcernUpdate.Kind.LOGGED, to_value=concern.status)
    return concern


def make_published_concern(**fields: Any) -> Concern:
    """A concern that everybody may see, with a public place that isn't its exact one."""
    defaults = {
        "status": "triaged",
        "triaged_at": datetime(2026, 10, 1, 18, 0, tzinfo=UTC),
        "publication": "published",
        "published_at": timezone.now(),
        "public_point": Point(-94.5390, 39.1061, srid=4326),
        "public_place": "3500 block, north side",
        "public_text": "Light is out",
        "public_side": "left",
    }
    walk = fields.pop("walk", None) or make_walk()
    segment = walk.corridor.segments.first()
    return make_concern(**defaults | {"walk": walk, "public_segment": segment} | fields)


def make_photo(**fields: Any) -> Photo:
    """A photo that was re-encoded and approved; its files don't exist."""
    defaults = {
        "concern": fields.get("concern") or make_published_concern(),
        "sha256": uuid.uuid4().hex * 2,
        "n_bytes": 1000,
        "image": "photos/none.jpg",
        "thumbnail": "thumbs/none.jpg",
        "width": 1600,
        "height": 1200,
        "state": Photo.State.READY,
        "approved_at": timezone.now(),
    }
    return Photo.objects.create(**defaults | fields)


def make_look(**fields: Any) -> Look:
    defaults = {"concern": fields.get("concern") or make_published_concern(), "result": "still_there", "lit": "dark"}
    return Look.objects.create(**defaults | fields)


def make_proposal(**fields: Any) -> Proposal:
    return Proposal.objects.create(**{"body": {"note": "It is worse now"}} | fields)


def make_saved_view(**fields: Any) -> SavedFilter:
    fields["user"] = fields.get("user") or make_user(role=Role.ORGANIZER)
    return SavedFilter.objects.create(**{"name": "Late lights", "query": "category=LIGHT_OUT&overdue=1"} | fields)


def make_bulk_move(*, concern: Concern, **fields: Any) -> BulkMove:
    """An organizer tried to publish one concern with others, and it was skipped."""
    fields["by"] = fields.get("by") or make_user(role=Role.ORGANIZER)
    move = BulkMove.objects.create(**{"do": "publish"} | fields)
    move.items.create(concern=concern, skipped="It was public already.")
    return move


def make_follower(**fields: Any) -> Follower:
    """Somebody who gets news of a corridor and has heard of everything until now."""
    now = timezone.now()
    defaults = {"email": f"follower{next(_numbers)}@example.org", "confirmed_at": now, "told_until": now}
    if "corridor" not in fields:
        defaults["corridor"] = make_corridor()
    return Follower.objects.create(**defaults | fields)


def make_message(**fields: Any) -> OutboxMessage:
    """A message that couldn't be delivered."""
    defaults = {"kind": "report.news", "to_address": "rosa@example.org", "subject": "x", "body_text": "x"}
    return OutboxMessage.objects.create(**defaults | {"status": OutboxMessage.Status.DEAD} | fields)


def make_reporter(**fields: Any) -> Reporter:
    """Somebody who reported a concern without an account; the code is `code_for(reporter.form_token)`."""
    token = fields.pop("form_token", None) or uuid.uuid4()
    defaults = {"form_token": token, "code_hmac": hmac_of(code_for(token))}
    if "concern" not in fields:
        defaults["concern"] = make_concern(source=Source.WEB)
    return Reporter.objects.create(**defaults | fields)


def make_api_key(*, words: str = "", **fields: Any) -> ApiKey:
    words = words or uuid.uuid4().hex
    return ApiKey.objects.create(**{"name": "City app", "key_sha256": key_digest(words), "hint": words[:6]} | fields)


def make_posted(**fields: Any) -> Posted:
    """A concern that came by Open311, unread."""
    key = fields.pop("key", None) or make_api_key()
    concern = make_concern(source=Source.OPEN311, **fields)
    return Posted.objects.create(key=key, concern=concern, content_sha256="0" * 64)


def make_endpoint(*, api_key: str = "", services: dict[str, str] | None = None, **fields: Any) -> Endpoint:
    """A city's Open311, signed off; `services` are its service_codes by our codes (LIGHT_OUT and VACANT_BLD)."""
    fields.setdefault("approved_by", None)
    defaults = {
        "name": f"311 of town {next(_numbers)}",
        "url": "https://311.example.org/open311/v2",
        "api_key_sealed": seal(api_key) if api_key else "",
        "approved_at": timezone.now(),
    }
    endpoint = Endpoint.objects.create(**defaults | fields)
    for code, service_code in (services or {"LIGHT_OUT": "001", "VACANT_BLD": "002"}).items():
        category = Category.objects.get(code=code)
        EndpointService.objects.create(endpoint=endpoint, category=category, service_code=service_code)
    return endpoint


def make_delivery(**fields: Any) -> Delivery:
    """A light on its way to a city, not tried yet."""
    defaults = {
        "concern": fields.get("concern") or make_published_concern(),
        "endpoint": fields.get("endpoint") or make_endpoint(),
        "approved_by": fields.get("approved_by") or make_user(),
        "fields": {"service_code": "001", "lat": "39.106120", "long": "-94.539120", "description": "Light is out"},
    }
    return Delivery.objects.create(**defaults | fields)


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


def make_contact(**fields: Any) -> Contact:
    defaults = {"kind": Contact.Kind.BUSINESS, "result": Contact.Result.TALKED, "captured_at": timezone.now()}
    return Contact.objects.create(**defaults | fields)


def make_help_request(**fields: Any) -> HelpRequest:
    """Nadia asked on the help page for food, with a number. Nobody may have it yet: see `make_consent`."""
    form_token = fields.pop("form_token", None) or uuid.uuid4()
    defaults = {
        "source": HelpRequest.Source.PAGE,
        "form_token": form_token,
        "code_hmac": hmac_of(code_for(form_token)),
        "needs": ["food"],
        "name": "Nadia Quarles",
        "phone": "+18165550142",
        "email": "nadia@example.org",
        "note": "Two children at home",
    }
    return HelpRequest.objects.create(**defaults | fields)


def make_consent(**fields: Any) -> Consent:
    """A yes for one named agency, or of another scope for none."""
    scope = fields.pop("scope", Consent.Scope.NAMED)
    named = scope == Consent.Scope.NAMED
    defaults = {
        "help_request": fields.get("help_request") or make_help_request(),
        "scope": scope,
        "organization": (fields.get("organization") or make_organization()) if named else None,
        "how": Consent.How.SPOKEN,
    }
    return Consent.objects.create(**defaults | fields)


def make_referral(*, consent: str | None = Consent.Scope.NAMED, **fields: Any) -> Referral:
    """Food, asked of an agency that may know who it is. `consent` is the scope of the yes beneath it, or None."""
    organization = fields.pop("organization", None) or make_organization(email="intake@example.org")
    help_request = fields.pop("help_request", None) or make_help_request()
    if consent is not None:
        named = organization if consent == Consent.Scope.NAMED else None
        make_consent(help_request=help_request, scope=consent, organization=named)
    defaults = {"need": "food", "due_at": timezone.now() + timedelta(days=2)}
    return Referral.objects.create(help_request=help_request, organization=organization, **defaults | fields)


def make_service(**fields: Any) -> Service:
    """A food pantry, open to everybody; nobody confirmed it yet."""
    defaults = {
        "organization": fields.get("organization") or make_organization(),
        "name": f"Pantry {next(_numbers)}",
        "needs": ["food"],
        "languages": ["en", "es"],
    }
    return Service.objects.create(**defaults | fields)


def make_listing(**fields: Any) -> Listing:
    fields["organization"] = fields.get("organization") or make_organization()
    return Listing.objects.create(**fields)


def make_assignment(**fields: Any) -> Assignment:
    """Somebody has a concern to fix, and was not told yet."""
    defaults = {
        "concern": fields.get("concern") or make_concern(status="referred_to_owner", triaged_at=timezone.now()),
        "organization": fields.get("organization") or make_organization(),
    }
    return Assignment.objects.create(**defaults | fields)


def make_handover(*assignments: Assignment, **fields: Any) -> Handover:
    """The mail in which these stood."""
    defaults = {"organization": assignments[0].organization, "to_address": "desk@example.org"}
    handover = Handover.objects.create(**defaults | fields)
    for assignment in assignments:
        assignment.handover = handover
        assignment.save(update_fields=["handover"])
    return handover


def make_commitment(**fields: Any) -> Commitment:
    """Somebody promised to bring a timer, within two weeks; they are reached by mail."""
    due_on = fields.pop("due_on", None) or timezone.localdate() + timedelta(days=14)
    defaults = {
        "text": "Bring a timer for the porch light",
        "owner_name": "Petra Oakes",
        "owner_email": f"owner{next(_numbers)}@example.org",
        "due_on": due_on,
        "first_due_on": due_on,
        "created_at": timezone.now() - timedelta(days=1),
    }
    if fields.get("state", "open") != "open":
        defaults["settled_at"] = timezone.now()
    return Commitment.objects.create(**defaults | fields)


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


EMPTY_WEEK: dict[str, Any] = {
    "counted_at": "2026-11-16T12:00:00+00:00",
    "zone": "America/Chicago",
    "walks": [],
    "people": {
        "n_walks": 0,
        "checked_in": 0,
        "heads": 0,
        "youth": None,
        "unknown": None,
        "known": None,
    },
    "concerns": {"new": 0, "repeat": 0, "still": 0, "claimed": 0, "seen_fixed": 0, "back": 0},
    "promises": {"made": 0, "kept": 0, "kept_late": 0, "late": 0, "lines": []},
    "help": {},
    "table": None,
    "next": [],
    "strips": [],
    "pair": None,
    "good": None,
    "stuck": [],
}


def make_week(**fields: Any) -> Snapshot:
    """A week in which nothing happened, sent an hour ago. Each is a week of its own, some of 2020 and later."""
    monday = fields.pop("starts_on", None) or date(2020, 1, 6) + timedelta(weeks=next(_numbers) % 5000)
    numbers = EMPTY_WEEK | fields.pop("numbers", {})
    defaults = {"starts_on": monday, "ends_on": monday + timedelta(days=6), "numbers": numbers}
    sent = {"kind": Snapshot.Kind.WEEK, "sent_at": timezone.now() - timedelta(hours=1)}
    return Snapshot.objects.create(**defaults | sent | fields)


def make_reader(**fields: Any) -> Reader:
    return Reader.objects.create(**{"email": f"reader{next(_numbers)}@example.org"} | fields)


def make_quarter(**fields: Any) -> Snapshot:
    """What partners did in the third quarter of 2020, public since; nobody did anything."""
    quarter = {"starts_on": date(2020, 7, 1), "ends_on": date(2020, 9, 30), "kind": Snapshot.Kind.PARTNERS}
    numbers = {"organizations": [], "public_on": "2020-10-22"} | fields.pop("numbers", {})
    return Snapshot.objects.create(**quarter | {"numbers": numbers} | fields)


def make_record_note(**fields: Any) -> RecordNote:
    return RecordNote.objects.create(**{"text": "Our van broke down in August."} | fields)


def make_shop_note(**fields: Any) -> ShopNote:
    """What a shop asked, with an answer that nobody brought there yet."""
    shop = fields.pop("shop", None) or Shop.objects.create(landmark=make_landmark(kind=Landmark.Kind.BUSINESS))
    return ShopNote.objects.create(**{"shop": shop, "asked": "A light", "happened": "It burns"} | fields)


def make_card(**fields: Any) -> Card:
    """The one card of a printing; nobody has it yet."""
    batch = CardBatch.objects.create(n_cards=1, languages=["en", "es"], walk=fields.pop("walk", None))
    token = uuid.uuid4()
    return Card.objects.create(
        **{"batch": batch, "number": 1, "token": token, "code_hmac": hmac_of(code_for(token))} | fields
    )
