"""Concerns, what became of them, who looks after them."""

import uuid
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import Point
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
from people.roles import Role
from tests.factories.counting import serial
from tests.factories.people import make_corridor, make_organization, make_user
from tests.factories.walks import make_walk


def load_categories() -> None:
    """What a migration put there and emptying the tables took away."""
    import_module("concerns.migrations.0005_categories").add_categories(apps, None)
    import_module("concerns.migrations.0013_times_by_kind").fill(apps, None)


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
    defaults = {"email": f"follower{next(serial)}@example.org", "confirmed_at": now, "told_until": now}
    if "corridor" not in fields:
        defaults["corridor"] = make_corridor()
    return Follower.objects.create(**defaults | fields)


def make_reporter(**fields: Any) -> Reporter:
    """Somebody who reported a concern without an account; the code is `code_for(reporter.form_token)`."""
    token = fields.pop("form_token", None) or uuid.uuid4()
    defaults = {"form_token": token, "code_hmac": hmac_of(code_for(token))}
    if "concern" not in fields:
        defaults["concern"] = make_concern(source=Source.WEB)
    return Reporter.objects.create(**defaults | fields)


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
        "owner_email": f"owner{next(serial)}@example.org",
        "due_on": due_on,
        "first_due_on": due_on,
        "created_at": timezone.now() - timedelta(days=1),
    }
    if fields.get("state", "open") != "open":
        defaults["settled_at"] = timezone.now()
    return Commitment.objects.create(**defaults | fields)
