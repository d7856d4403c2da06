"""The rows that `test_access` opens addresses on: for each kind of object, one of theirs and one of somebody else's."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from concerns.following import follow_token
from concerns.models import Concern, Photo
from concerns.partner_access import handover_token
from concerns.promising_links import commitment_token
from concerns.receipts import receipt_token
from insights.meeting_links import meeting_token
from insights.week_readers import reader_token
from office.models import Coalition
from outreach.card_links import card_token
from outreach.directory_links import directory_token
from outreach.help_links import help_token, referral_token
from people.models import User
from people.roles import Role
from tests import factories
from walks.feeds import feed_token
from walks.links import guardian_token, signup_token
from walks.pledging import pledge_token
from walks.table_links import greeter_token, offsite_token

Rows = dict[str, Any]
Give = Callable[[str, bool], dict[str, Any]]
Pick = Callable[[Rows], Any]

# What a value that leads nowhere looks like, by the name of the converter.
NOWHERE = {
    "public_id": uuid.UUID(int=7),
    "series_id": uuid.UUID(int=19),
    "signup_id": uuid.UUID(int=10),
    "notice_id": uuid.UUID(int=20),
    "person_id": uuid.UUID(int=21),
    "device_id": uuid.UUID(int=11),
    "landmark_id": uuid.UUID(int=12),
    "assignment_id": uuid.UUID(int=16),
    "commitment_id": uuid.UUID(int=21),
    "presence_id": uuid.UUID(int=22),
    "contact_id": uuid.UUID(int=25),
    "pledge_id": uuid.UUID(int=23),
    "referral_id": uuid.UUID(int=24),
    "note_id": uuid.UUID(int=26),
    "batch_id": uuid.UUID(int=27),
    "handover_id": uuid.UUID(int=17),
    "organization_id": uuid.UUID(int=18),
    "look_id": uuid.UUID(int=13),
    "incident_id": uuid.UUID(int=14),
    "concern_id": uuid.UUID(int=15),
    "other_id": uuid.UUID(int=16),
    "service_id": uuid.UUID(int=24),
    "proposal_id": 987654,
    "client_id": uuid.UUID(int=8),
    "number": 987654,
    "photo_id": uuid.UUID(int=9),
    "slug": "no-such-corridor",
    "code": "ZZZZZZ",
    "token": "no-such-token",
    "size": "400",
    "language": "en",
    "form": "json",
    "monday": "1999-01-04",
    "reader_id": uuid.UUID(int=25),
    "request_id": uuid.UUID(int=14),
    "delivery_id": uuid.UUID(int=17),
    "meeting_id": uuid.UUID(int=25),
    "gap_id": uuid.UUID(int=26),
}

# Which row a converter stands for, by room (the namespace of the address); "" is the root's own.
PICKS: dict[tuple[str, str], Pick] = {
    ("walks", "public_id"): lambda rows: rows["walk"].public_id,
    ("walks", "series_id"): lambda rows: rows["series"].public_id,
    ("walks", "signup_id"): lambda rows: rows["signup"].public_id,
    ("walks", "presence_id"): lambda rows: rows["presence"].public_id,
    ("walks", "pledge_id"): lambda rows: rows["pledge"].public_id,
    ("walks", "notice_id"): lambda rows: rows["notice"].public_id,
    ("walks", "person_id"): lambda rows: rows["notice"].to.get().person.public_id,
    ("walks", "code"): lambda rows: rows["walk"].code,
    ("walks", "token"): lambda rows: signup_token(rows["signup"]),
    ("people", "public_id"): lambda rows: rows["organization"].public_id,
    ("corridors", "slug"): lambda rows: rows["corridor"].slug,
    ("corridors", "public_id"): lambda rows: rows["landmark"].public_id,
    ("corridors", "landmark_id"): lambda rows: rows["landmark"].public_id,
    ("concerns", "public_id"): lambda rows: rows["concern"].public_id,
    ("concerns", "token"): lambda rows: receipt_token(rows["reporter"]),
    ("concerns", "size"): lambda rows: "400",
    ("concerns", "slug"): lambda rows: rows["corridor"].slug,
    ("concerns", "other_id"): lambda rows: rows["posted"].concern.public_id,
    ("concerns", "assignment_id"): lambda rows: rows["assignment"].public_id,
    ("concerns", "handover_id"): lambda rows: rows["handover"].public_id,
    ("concerns", "organization_id"): lambda rows: rows["organization"].public_id,
    ("concerns", "commitment_id"): lambda rows: rows["commitment"].public_id,
    ("concerns", "look_id"): lambda rows: rows["look"].public_id,
    ("concerns", "photo_id"): lambda rows: rows["photo"].public_id,
    ("outreach", "token"): lambda rows: help_token(rows["referral"].help_request),
    ("outreach", "public_id"): lambda rows: rows["referral"].help_request.public_id,
    ("outreach", "contact_id"): lambda rows: rows["contact"].public_id,
    ("outreach", "service_id"): lambda rows: rows["service"].public_id,
    ("outreach", "organization_id"): lambda rows: rows["service"].organization.public_id,
    ("outreach", "referral_id"): lambda rows: rows["referral"].public_id,
    ("outreach", "landmark_id"): lambda rows: rows["shop_note"].shop.landmark.public_id,
    ("outreach", "note_id"): lambda rows: rows["shop_note"].public_id,
    ("outreach", "batch_id"): lambda rows: rows["card"].batch.public_id,
    ("open311", "public_id"): lambda rows: rows["concern"].public_id,
    ("open311", "delivery_id"): lambda rows: rows["delivery"].public_id,
    ("open311", "form"): lambda rows: "json",
    ("open311", "code"): lambda rows: "LIGHT_OUT",
    ("open311", "request_id"): lambda rows: rows["concern"].public_id,
    ("open311", "token"): lambda rows: rows["posted"].concern.public_id,
    ("insights", "meeting_id"): lambda rows: rows["meeting"].public_id,
    ("insights", "gap_id"): lambda rows: rows["gap"].public_id,
    ("insights", "monday"): lambda rows: rows["week"].starts_on,
    ("insights", "reader_id"): lambda rows: rows["reader"].public_id,
    ("insights", "token"): lambda rows: reader_token(rows["reader"]),
    ("insights", "organization_id"): lambda rows: rows["record_note"].organization.public_id,
    ("field", "public_id"): lambda rows: rows["walk"].public_id,
    ("field", "device_id"): lambda rows: rows["device"].public_id,
    ("field", "incident_id"): lambda rows: rows["incident"].public_id,
    ("field", "number"): lambda rows: rows["sheet"].number,
    ("field", "client_id"): lambda rows: rows["client_id"],
    ("field", "photo_id"): lambda rows: uuid.uuid4(),
    ("field", "concern_id"): lambda rows: rows["concern"].public_id,
    ("field", "language"): lambda rows: "es",
}

# Addresses whose `public_id` is another kind of row than their room's usual one.
SPECIAL: dict[tuple[str, str], Pick] = {
    ("walks:my_calendar", "token"): lambda rows: feed_token(rows["signup"].person),
    ("concerns:photo", "public_id"): lambda rows: rows["photo"].public_id,
    ("concerns:desk_photo", "public_id"): lambda rows: rows["photo"].public_id,
    ("concerns:desk_photo_edit", "public_id"): lambda rows: rows["photo"].public_id,
    ("concerns:desk_photo_hide", "public_id"): lambda rows: rows["photo"].public_id,
    ("concerns:desk_photo_approve", "public_id"): lambda rows: rows["photo"].public_id,
    ("concerns:desk_look_publication", "public_id"): lambda rows: rows["look"].public_id,
    ("concerns:bulk_result", "public_id"): lambda rows: rows["bulk"].public_id,
    ("concerns:bulk_undo", "public_id"): lambda rows: rows["bulk"].public_id,
    ("concerns:saved_view_change", "public_id"): lambda rows: rows["view"].public_id,
    ("concerns:saved_view_delete", "public_id"): lambda rows: rows["view"].public_id,
    ("concerns:partner_photo", "public_id"): lambda rows: rows["assigned_photo"].public_id,
    ("concerns:assignment_photo", "public_id"): lambda rows: rows["assigned_photo"].public_id,
    **{
        (f"concerns:assignment_{name}", "token"): lambda rows: handover_token(rows["handover"])
        for name in ("link", "file", "upload", "item", "photo")
    },
    **{
        (f"concerns:{name}", "public_id"): lambda rows: rows["walk"].public_id
        for name in ("debrief", "debrief_thanks", "carries")
    },
    ("walks:greet", "token"): lambda rows: greeter_token(rows["walk"]),
    ("walks:greet_tick", "token"): lambda rows: greeter_token(rows["walk"]),
    ("walks:off_site", "token"): lambda rows: offsite_token(rows["walk"]),
    ("walks:pledge", "token"): lambda rows: pledge_token(rows["pledge"]),
    **{
        (f"outreach:directory_{name}", "token"): lambda rows: directory_token(rows["service"].organization.listing)
        for name in ("link", "assure", "new", "edit", "room")
    },
    **{
        (f"outreach:referral_{name}", "token"): lambda rows: referral_token(rows["referral"])
        for name in ("link", "code")
    },
    ("outreach:card", "token"): lambda rows: card_token(rows["card"]),
    ("outreach:card_act", "token"): lambda rows: card_token(rows["card"]),
    ("concerns:commitment_link", "token"): lambda rows: commitment_token(rows["commitment"]),
    ("concerns:follow_link", "token"): lambda rows: follow_token(rows["follower"]),
    ("concerns:follow_stop", "token"): lambda rows: follow_token(rows["follower"]),
    **{
        (f"walks:guardian{end}", "token"): lambda rows: guardian_token(rows["minor"])
        for end in ("", "_no", "_take_back")
    },
    ("insights:meeting_calendar", "token"): lambda rows: meeting_token(rows["meeting"]),
    ("people:desk_mail_retry", "public_id"): lambda rows: rows["message"].public_id,
    ("people:desk_colleague_invite_again", "public_id"): lambda rows: rows["invited"].public_id,
}


@dataclass
class World:
    """People of every role, and for those whose letter is about an object, rows that are theirs."""

    users: dict[str, User]
    mine: dict[str, Rows]
    theirs: Rows
    bearer: str
    # (actor, address): why the table can't say it.
    exceptions: dict[tuple[str, str], str] = field(default_factory=dict)

    def rows(self, actor: str) -> Rows:
        return self.mine.get(actor, self.mine["lead"])

    def give(self, name: str, keys: tuple[str, ...]) -> Give | None:
        """How to fill the address: a function of (actor, theirs or somebody else's). None where nobody said how."""
        room = name.partition(":")[0]
        known = {key: SPECIAL.get((name, key)) or PICKS.get((room, key)) for key in keys}
        picks = {key: pick for key, pick in known.items() if pick is not None}
        if len(picks) < len(keys):
            return None

        def fill(actor: str, mine: bool) -> dict[str, Any]:
            rows = self.rows(actor) if mine else self.theirs
            return {key: pick(rows) for key, pick in picks.items()}

        return fill

    def nowhere(self, keys: tuple[str, ...]) -> dict[str, Any]:
        return {key: NOWHERE[key] for key in keys}


def _photo_with_files(concern: Concern) -> Photo:
    photo = factories.make_photo(concern=concern)
    for copy in (photo.image, photo.thumbnail):
        copy.save("photo.jpg", ContentFile(b"not looked at"))
    return photo


def _rows(walk: Any) -> Rows:
    concern = factories.make_published_concern(walk=walk)
    factories.make_proposal(concern=concern)
    return {
        "walk": walk,
        "concern": concern,
        "photo": _photo_with_files(concern),
        "look": factories.make_look(concern=concern, walk=walk),
        "posted": factories.make_posted(walk=walk),
        "delivery": factories.make_delivery(concern=concern),
        "reporter": factories.make_reporter(concern=concern),
        "corridor": walk.corridor,
        "signup": factories.make_signup(walk=walk),
        "minor": factories.make_signup(walk=walk, age_band="13_17", state="guardian"),
        "landmark": factories.make_landmark(corridor=walk.corridor),
        "series": factories.make_series(corridor=walk.corridor),
        "organization": factories.make_organization(),
        "device": factories.make_device(walk=walk),
        "incident": factories.make_incident(walk=walk),
        "sheet": factories.make_sheet(walk=walk),
        "team": factories.make_team(walk=walk),
        "notice": factories.make_notice(walk=walk),
        "pledge": factories.make_pledge(walk=walk),
        "message": factories.make_message(),
        "follower": factories.make_follower(corridor=walk.corridor),
        "commitment": factories.make_commitment(walk=walk),
        "contact": factories.make_contact(walk=walk, note="Call Mrs. Nadia Quarles"),
        "referral": factories.make_referral(),
        "presence": factories.make_presence(walk=walk, left_at=timezone.now()),
        "service": _listed(factories.make_organization()),
        "shop_note": factories.make_shop_note(),
        "card": factories.make_card(),
        "week": factories.make_week(),
        "reader": factories.make_reader(),
        "record_note": factories.make_record_note(organization=factories.make_organization()),
        "client_id": uuid.uuid4(),
        "invited": factories.make_user(password=None, role=Role.ORGANIZER),
        "view": factories.make_saved_view(),
        "meeting": factories.make_meeting(),
        "gap": factories.make_gap(),
        "bulk": factories.make_bulk_move(concern=concern),
        **_handed(walk, factories.make_organization()),
    }


def _handed(walk: Any, organization: Any) -> Rows:
    """A concern that an organization has to fix, in a mail that it got."""
    assignment = factories.make_assignment(concern=factories.make_concern(walk=walk), organization=organization)
    handover = factories.make_handover(assignment)
    photo = _photo_with_files(assignment.concern)
    return {"assignment": assignment, "handover": handover, "assigned_photo": photo}


def _listed(organization: Any) -> Any:
    """A service of an organization that has an entry in the directory."""
    factories.make_listing(organization=organization)
    return factories.make_service(organization=organization)


def build_world() -> World:
    users = {
        "volunteer": factories.make_user(),
        "lead": factories.make_user(),
        "partner": factories.make_user(),
        "organizer": factories.make_user(role=Role.ORGANIZER),
        "coordinator": factories.make_user(role=Role.ORGANIZER, is_outreach_coordinator=True),
        "admin": factories.make_user(role=Role.ADMIN),
        "walled": factories.make_walled_organizer(),
    }
    # What may be public is: else nobody would be let in.
    Coalition.current()
    Coalition.objects.update(publish_partner_record=True)
    factories.make_quarter()
    agency = factories.make_organization()
    factories.make_membership(users["partner"].person, agency)
    led = _rows(factories.make_running_walk(lead=users["lead"].person))
    joined = _rows(factories.make_running_walk())
    factories.make_signup(walk=joined["walk"], person=users["volunteer"].person)
    own_views = {
        name: led | {"view": factories.make_saved_view(user=users[name])}
        for name in ("organizer", "coordinator", "admin", "walled")
    }
    bearer = "a-token-of-a-phone"
    factories.make_device(walk=led["walk"], token=bearer)
    return World(
        users=users,
        mine={
            "lead": led,
            "volunteer": joined,
            "partner": led
            | {
                "organization": agency,
                "commitment": factories.make_commitment(organization=agency),
                "referral": factories.make_referral(organization=agency),
                "service": _listed(agency),
                "record_note": factories.make_record_note(organization=agency),
                "pledge": factories.make_pledge(walk=led["walk"], organization=agency),
                **_handed(led["walk"], agency),
            },
            **own_views,
        },
        theirs=_rows(factories.make_running_walk()),
        bearer=bearer,
        exceptions={
            ("volunteer", "field:api_look_picture"): "the phone is on the lead's walk, and its pack holds no other",
        },
    )
