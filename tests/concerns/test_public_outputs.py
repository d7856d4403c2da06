"""Every public output, and what must never be in it: what nobody read, what is hidden, where an empty house stands."""

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from concerns import actions
from concerns.models import Concern, ConcernUpdate, Photo
from corridors.models import Landmark
from insights.meeting_links import meeting_token
from insights.week import count_week
from insights.week_days import Week, monday_of
from insights.week_readers import reader_token
from office.models import Coalition
from outreach.models import Service, Shop
from people.contact import show_phone
from people.models import User
from tests import factories
from walks.models import Walk

pytestmark = pytest.mark.django_db

# Places, words and addresses that are nowhere else on the site. Houses stand on the middle block, near nothing else.
SECRETS = {
    "held": {"note": "zebramarker held", "address": "7771 Marker Ave", "location": (-94.53921, 39.10617)},
    "hidden": {"note": "yakmarker hidden", "address": "7772 Marker Ave", "location": (-94.53931, 39.10627)},
    "spam": {"note": "gnumarker spam", "address": "7773 Marker Ave", "location": (-94.53941, 39.10637)},
    "house": {"note": "lynxmarker house", "address": "7774 Marker Ave", "location": (-94.53713, 39.10647)},
    "never": {"note": "ibexmarker never", "address": "7775 Marker Ave", "location": (-94.53723, 39.10657)},
    "withdrawn": {"note": "mulemarker withdrawn", "address": "7776 Marker Ave", "location": (-94.53951, 39.10667)},
    "merged": {"note": "foxmarker merged", "address": "7777 Marker Ave", "location": (-94.53961, 39.10677)},
    # The public one's own exact place and private words are as secret as all others.
    "public": {"note": "lionmarker public", "address": "7778 Marker Ave", "location": (-94.53971, 39.10687)},
}
# Of whom teams met, who asked for help, and what partners and the coalition keep among themselves.
UNSAID = {
    "contact": "newtmarker met",
    "name": "Owlmarker Quarles",
    "phone": "+18165550177",
    "words": "toadmarker asks",
    "why": "rookmarker no visit",
    "asked": "carpmarker asked",
    "record": "wrenmarker unread",
    "agenda": "mothmarker agenda",
    "minutes": "crabmarker minutes",
}


class Story:
    """One corridor and walk with a concern of each kind, each with an approved photo, a look and a case number."""

    def __init__(self, organizer: User, media: Path) -> None:
        self.by, self.media = organizer, media
        self.walk = factories.make_walk()
        self.concerns = {name: self._make(name) for name in SECRETS}
        self._publish_all()
        self._meet_and_ask()

    def _make(self, name: str) -> Concern:
        secret: dict[str, Any] = dict(SECRETS[name])
        secret["location"] = Point(*secret["location"], srid=4326)
        category = {"house": "VACANT_OPEN", "never": "NUISANCE"}.get(name, "LIGHT_OUT")
        block = self.walk.corridor.segments.all()[1 if name in {"house", "never"} else 0]
        return factories.make_concern(
            walk=self.walk, category=category, segment=block, city_case=f"{name}case", **secret
        )

    def _publish_all(self) -> None:
        for name, concern in self.concerns.items():
            self._add_photo_and_look(name, concern)
            if name not in {"held", "never"}:
                actions.publish_concern(
                    concern=concern, by=self.by, text="" if name == "public" else SECRETS[name]["note"]
                )
        actions.hide_concern(concern=self.concerns["hidden"], by=self.by, reason="hiddenreasonmarker")
        actions.mark_spam(concern=self.concerns["spam"], by=self.by)
        actions.move_concern(concern=self.concerns["withdrawn"], to="withdrawn", by=self.by, note="whymarker")
        actions.mark_duplicate(concern=self.concerns["merged"], of=self.concerns["public"], by=self.by)
        # Long enough ago that the house is counted; it is one of "fewer than 3".
        Concern.objects.filter(pk=self.concerns["house"].pk).update(
            triaged_at=timezone.now() - timezone.timedelta(days=9)
        )

    def _add_photo_and_look(self, name: str, concern: Concern) -> None:
        (self.media / f"{name}.jpg").write_bytes(f"JPEGMARKER{name}".encode())
        Photo.objects.create(
            concern=concern,
            sha256="0" * 64,
            n_bytes=1,
            state="ready",
            image=f"{name}.jpg",
            thumbnail=f"{name}.jpg",
            approved_at=timezone.now() if name != "public" else None,
            approved_by=self.by if name != "public" else None,
        )
        actions.record_look(concern=concern, result="worse", note=f"lookmarker {name}")
        # What a reporter answers is public in fixed words: whatever stands beside it isn't.
        said = {"kind": ConcernUpdate.Kind.SAID, "voice": "resident", "to_value": "not_fixed"}
        ConcernUpdate.objects.create(
            concern=concern, note=f"saidmarker {name}", public_note=f"saidmarker {name}", **said
        )

    def _meet_and_ask(self) -> None:
        """A shop, a contact and a request that was handed to an agency; a meeting; a quarter that is public."""
        shop = Shop.objects.create(
            landmark=factories.make_landmark(corridor=self.walk.corridor, kind=Landmark.Kind.BUSINESS),
            do_not_visit=True,
            do_not_visit_since=timezone.localdate(),
            do_not_visit_why=UNSAID["why"],
        )
        factories.make_shop_note(shop=shop, asked=UNSAID["asked"])
        met = factories.make_contact(walk=self.walk, landmark=shop.landmark, note=UNSAID["contact"])
        asked = {"name": UNSAID["name"], "phone": UNSAID["phone"], "note": UNSAID["words"]}
        agency = factories.make_service().organization
        factories.make_referral(organization=agency, help_request=factories.make_help_request(contact=met, **asked))
        factories.make_record_note(organization=agency, text=UNSAID["record"])
        self.meeting = factories.make_meeting(agenda=UNSAID["agenda"], note=UNSAID["minutes"])
        sheet = {"pk": agency.pk, "id": str(agency.public_id), "name": agency.name, "offers": True}
        counted = {"walks": None, "promises": None, "help": None}
        factories.make_quarter(numbers={"organizations": [sheet | counted]})
        Coalition.current()
        Coalition.objects.update(publish_partner_record=True)

    def markers(self) -> list[str]:
        """What may stand in no public answer."""
        found = ["hiddenreasonmarker", "whymarker", *UNSAID.values(), show_phone(UNSAID["phone"])]
        for name, concern in self.concerns.items():
            lon, lat = SECRETS[name]["location"]
            found += [str(SECRETS[name]["note"]), str(SECRETS[name]["address"]), f"{lon:.4f}", f"{lat:.4f}"]
            found += [f"lookmarker {name}", f"saidmarker {name}", f"{name}case", f"JPEGMARKER{name}"]
            found += [str(photo.public_id) for photo in concern.photos.all()]
            if name not in {"public", "merged"}:
                found.append(str(concern.public_id))
        return found


@pytest.fixture
def story(organizer: User, settings: Any, tmp_path: Path) -> Story:
    settings.MEDIA_ROOT = tmp_path
    return Story(organizer, tmp_path)


def _walk(story: Story) -> Walk:
    return story.walk


Address = Callable[[Story], str]


def _week(story: Story) -> list[Any]:
    """A reader's link to the weekly page of the week in which all of it happened, with a promise about each concern."""
    for name, concern in story.concerns.items():
        words = {"text": f"Mend {SECRETS[name]['address']}"} if name != "public" else {}
        factories.make_commitment(concern=concern, organization=factories.make_organization(), **words)
    now = timezone.now()
    week = Week(monday_of(timezone.localdate(now)), Coalition.current().zone)
    kept = factories.make_week(starts_on=week.monday, numbers=count_week(week, now=now + timezone.timedelta(days=8)))
    return [reader_token(factories.make_reader()), kept.starts_on]


def at(name: str, get: Callable[[Story], list[Any]] = lambda story: [], query: str = "") -> Address:
    return lambda story: reverse(name, args=get(story)) + query


OUTPUTS: dict[str, Address] = {
    "home": at("home"),
    "list": at("concerns:list"),
    "list in Spanish": at("concerns:list", query="?lang=es"),
    "list by kind of the house": at("concerns:list", query="?category=VACANT_OPEN"),
    "list around the house": at("concerns:list", query="?bbox=-94.5376,39.1060,-94.5368,39.1070"),
    "list by place": at("concerns:list", query="?place=Marker"),
    "list since a day": at("concerns:list", query="?since=2020-01-01"),
    "map by place": at("concerns:geojson", query="?place=Marker&since=2020-01-01"),
    "list of the withdrawn": at("concerns:list", query="?status=withdrawn,duplicate,new"),
    "detail": at("concerns:detail", lambda story: [story.concerns["public"].public_id]),
    "detail of a merged one": at("concerns:detail", lambda story: [story.concerns["merged"].public_id]),
    "map": at("concerns:geojson"),
    "map of the corridor": at("concerns:geojson", query="?bbox=-94.6,39.0,-94.5,39.2"),
    "map around the house": at("concerns:geojson", query="?bbox=-94.5376,39.1060,-94.5368,39.1070"),
    "map of houses": at("concerns:geojson", query="?category=VACANT_OPEN,NUISANCE"),
    "news": at("concerns:news"),
    "news of houses": at("concerns:news", query="?category=VACANT_OPEN&lang=es"),
    "report": at("concerns:report"),
    "follow": at("concerns:follow"),
    "services": at("outreach:services", query="?words=Marker"),
    "services as HSDS": at("outreach:services_hsds"),
    "services as cards": at("outreach:services_cards"),
    "Open311 list": at("open311:requests", lambda story: ["json"], "?extensions=true"),
    "Open311 list in XML": at("open311:requests", lambda story: ["xml"]),
    "Open311 list of houses": at("open311:requests", lambda story: ["json"], "?service_code=VACANT_OPEN,NUISANCE"),
    "Open311 request": at("open311:request", lambda story: [story.concerns["public"].public_id, "xml"]),
    "Open311 request of a merged one": at(
        "open311:request", lambda story: [story.concerns["merged"].public_id, "json"]
    ),
    "phone app": at("field:app"),
    "practice on the phone": at("field:api_practice"),
    "corridors": at("corridors:list"),
    "corridor": at("corridors:detail", lambda story: [story.walk.corridor.slug]),
    "segments": at("corridors:geojson"),
    "walks": at("walks:list"),
    "walk": at("walks:detail", lambda story: [story.walk.public_id]),
    "sign-up": at("walks:sign_up", lambda story: [story.walk.public_id]),
    "calendar": at("walks:calendar"),
    "poster": at("walks:poster", lambda story: [story.walk.public_id]),
    "flyer": at("walks:flyer", lambda story: [story.walk.public_id]),
    "calendar of the walk": at("walks:ics", lambda story: [story.walk.public_id]),
    "short address": at("walks:short", lambda story: [story.walk.code]),
    "a meeting's calendar file": at("insights:meeting_calendar", lambda story: [meeting_token(story.meeting)]),
    "what partners did": at("insights:partners_public"),
    "what partners did, in Spanish": at("insights:partners_public", query="?lang=es"),
    "a service": at("outreach:service", lambda story: [Service.objects.get().public_id]),
    "who asks for help": at("outreach:help"),
    "who has a code": at("outreach:help_enter"),
    "the week by its link": at("insights:week_link", lambda story: _week(story)[:1]),
    "the week on paper": at("insights:week_link_pdf", _week),
}
SECRET_PAGES = {
    f"{kind} of {name}": at(kind, lambda story, name=name, more=more: [story.concerns[name].public_id, *more])  # type: ignore[misc]
    for kind, more in (("concerns:detail", []), ("open311:request", ["json"]))
    for name in SECRETS
    if name not in {"public", "merged"}
}
SECRET_PAGES |= {
    "Open311 by ids": lambda story: (
        reverse("open311:requests", args=["json"])
        + "?service_request_id="
        + ",".join(str(concern.public_id) for concern in story.concerns.values())
    )
}


def told(client: Client, address: str) -> str:
    """Everything somebody outside gets: every redirect, header, cookie and the body."""
    response = client.get(address, follow=True)
    parts = [f"{name}: {value}" for name, value in response.headers.items()]
    parts += [url for url, _status in getattr(response, "redirect_chain", [])]
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if response["Content-Type"] == "application/pdf":
        parts += [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    return "\n".join([*parts, str(response.cookies), body.decode("utf-8", "replace")])


@pytest.mark.parametrize("name", OUTPUTS | SECRET_PAGES)
def test_o10_o11_no_public_output_tells_a_secret(client: Client, story: Story, name: str) -> None:
    address = (OUTPUTS | SECRET_PAGES)[name](story)
    text = told(client, address)
    asked = {str(story.concerns[n].public_id) for n in SECRETS if str(story.concerns[n].public_id) in address}
    leaked = [marker for marker in story.markers() if marker in text and marker not in asked]
    assert leaked == []


def test_the_public_one_is_really_there(client: Client, story: Story) -> None:
    """Otherwise the test above would pass on an empty site."""
    agency = Service.objects.get().organization.name
    for name in ("services", "services as HSDS", "what partners did", "a service"):
        assert client.get(OUTPUTS[name](story)).status_code == 200, name
    assert agency in told(client, OUTPUTS["what partners did"](story))
    assert story.meeting.title in told(client, OUTPUTS["a meeting's calendar file"](story))
    mine = str(story.concerns["public"].public_id)
    for name in ("list", "map", "detail", "news", "Open311 list", "Open311 list in XML", "Open311 request"):
        assert mine in told(client, OUTPUTS[name](story)), name
    assert mine in told(client, OUTPUTS["detail of a merged one"](story))


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("size", ["1600", "400"])
def test_o11_no_private_photo_is_served(client: Client, story: Story, name: str, size: str) -> None:
    photo = story.concerns[name].photos.get()
    response = client.get(reverse("concerns:photo", args=[photo.public_id, size]))
    assert response.status_code == 404
    assert "JPEGMARKER" not in response.content.decode()


def test_o15_hiding_takes_it_out_of_every_output_at_once(client: Client, story: Story) -> None:
    public = story.concerns["public"]
    photo = public.photos.get()
    actions.approve_photo(photo=photo, by=story.by)
    address = reverse("concerns:photo", args=[photo.public_id, "400"])
    assert client.get(address).status_code == 200
    actions.hide_concern(concern=public, by=story.by, reason="x")
    assert client.get(address).status_code == 404
    for name in ("home", "list", "map", "corridor", "walk", "news", "Open311 list"):
        assert str(public.public_id) not in told(client, OUTPUTS[name](story)), name


def test_o42_a_photo_address_that_nobody_gave_out_is_not_found(client: Client) -> None:
    assert client.get(f"/photos/{uuid.uuid4()}/400.jpg").status_code == 404
    assert client.get(f"/photos/{uuid.uuid4()}/9999.jpg").status_code == 404
