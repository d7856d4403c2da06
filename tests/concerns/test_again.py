"""The list of what to look at again: what is on it, in which order, and the one-tap looks."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from concerns import again
from concerns.models import Concern, Look, Photo
from concerns.workflow import Status
from corridors.models import Corridor
from office.panels import desk_panels
from people.models import User
from tests import factories
from tests.browser import BACKEND
from walks.models import Walk

pytestmark = pytest.mark.django_db
LIST = "/desk/concerns/again/"
AVENUE_LAT = 39.1060


@pytest.fixture
def walk() -> Walk:
    """Three days ahead, by day, along three blocks from west to east; it meets near the east end."""
    return factories.make_walk()


def due(walk: Walk, block: int = 0, **fields: Any) -> Concern:
    """Something read, open and due since yesterday on a block of the walk's corridor."""
    segment = walk.corridor.segments.get(position=block)
    defaults = {
        "walk": walk,
        "segment": segment,
        "status": "triaged",
        "triaged_at": timezone.now(),
        "relook_on": timezone.localdate() - timedelta(days=1),
        "category": "DUMPING",
    }
    return factories.make_concern(**defaults | fields)


def at(lon: float, north: bool = True) -> Point:
    return Point(lon, AVENUE_LAT + (0.0001 if north else -0.0001), srid=4326)


def listed(client: Client, query: str) -> list[Concern]:
    return [item.concern for item in client.get(f"{LIST}?{query}").context["items"]]


def a_photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "JPEG")
    return SimpleUploadedFile("now.jpg", out.getvalue(), "image/jpeg")


# What is on it.


def test_it_holds_what_is_due_and_what_the_city_says_is_fixed(desk: Client, walk: Walk) -> None:
    later = {"relook_on": timezone.localdate() + timedelta(days=9)}
    late = due(walk)
    claimed = due(walk, 1, status="claimed_fixed", **later)
    waits = due(walk, 2, **later)
    due(walk, status="new", triaged_at=None)
    due(walk, publication="spam")
    due(walk, publication="hidden", hidden_reason="x")
    due(walk, status="verified_fixed")
    due(factories.make_walk())
    slug = walk.corridor.slug
    assert listed(desk, f"corridor={slug}") == [late, claimed]
    assert listed(desk, f"corridor={slug}&show=open") == [late, claimed, waits]


def test_lights_can_be_left_out_by_day(desk: Client, walk: Walk) -> None:
    light, trash = due(walk, category="LIGHT_OUT"), due(walk, 1)
    assert listed(desk, f"walk={walk.public_id}&light=day&way=along") == [trash]
    assert listed(desk, f"walk={walk.public_id}&light=dark") == [light]
    page = desk.get(f"{LIST}?walk={walk.public_id}").content.decode()
    assert "1 of them counts only after dark." in page
    assert "This walk is back before sunset" in page


# In which order.


def test_it_goes_block_by_block_and_along_each_block_with_both_sides(desk: Client, walk: Walk) -> None:
    far = due(walk, 2, location=at(-94.5355))
    late_on_first = due(walk, 0, location=at(-94.5383))
    south_early = due(walk, 0, location=at(-94.5398, north=False), side="right")
    # Known by its address alone: the middle of its block.
    somewhere = due(walk, 0, location=None)
    second = due(walk, 1, location=at(-94.5379))
    along = [south_early, somewhere, late_on_first, second, far]
    assert listed(desk, f"corridor={walk.corridor.slug}") == along
    assert listed(desk, f"corridor={walk.corridor.slug}&way=back") == along[::-1]


def test_two_sides_of_one_spot_come_left_then_right(desk: Client, walk: Walk) -> None:
    right, left = (
        due(walk, location=at(-94.5390, north=side == "left"), side=side) for side in ("right", "left")
    )  # fmt: skip
    assert listed(desk, f"corridor={walk.corridor.slug}") == [left, right]


def test_a_block_that_was_redrawn_keeps_its_place_in_the_order(desk: Client, walk: Walk) -> None:
    ends = [due(walk, 0), due(walk, 2, location=at(-94.5345))]
    old = walk.corridor.segments.get(position=1)
    middle = due(walk, 1, location=at(-94.5370))
    old.retired_at, old.position = timezone.now(), 9
    old.save()
    assert listed(desk, f"corridor={walk.corridor.slug}") == [ends[0], middle, ends[1]]


def test_a_walk_begins_where_it_meets(desk: Client, walk: Walk) -> None:
    near, far = due(walk, 2, location=at(-94.5345)), due(walk, 0, location=at(-94.5399))
    assert listed(desk, f"walk={walk.public_id}") == [near, far]
    assert listed(desk, f"walk={walk.public_id}&way=along") == [far, near]
    assert "from Jackson Ave to Askew Ave" in desk.get(f"{LIST}?walk={walk.public_id}").content.decode()


def test_what_is_due_comes_first_where_there_is_too_much(monkeypatch: pytest.MonkeyPatch, walk: Walk) -> None:
    monkeypatch.setattr(again, "MOST", 2)
    today = timezone.localdate()
    due(walk, relook_on=None)
    claimed, late = due(walk, status="claimed_fixed", relook_on=None), due(walk)
    rows = Concern.objects.on_corridor(walk.corridor).filter(again.LOOKABLE)
    assert set(again.the_most_wanted(rows, today)) == {claimed, late}


@pytest.mark.parametrize(("hour", "lit"), [(12, "day"), (18, "day"), (23, "dusk"), (5, "dark")])
def test_the_sun_says_how_light_it_is(hour: int, lit: str) -> None:
    """In Kansas City the sun sets at 22:57 UTC on 30 November and rises at 13:16."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    moment = datetime(2026, 11, 30, hour, 10, tzinfo=UTC) + timedelta(hours=3 if hour == 12 else 0)
    assert again.lit_at(at(-94.54), moment, ZoneInfo("America/Chicago")) == lit


# Who sees it.


def test_a_walk_lead_gets_the_list_of_own_walks_with_what_others_found(client: Client, lead: User) -> None:
    walk = factories.make_walk(lead=lead.person)
    elsewhere = factories.make_walk()
    found = due(factories.make_walk(corridor=walk.corridor), category="VACANT_OPEN")
    client.force_login(lead, backend=BACKEND)
    assert [item.concern for item in client.get(LIST).context["items"]] == [found]
    assert client.get(f"{LIST}?walk={walk.public_id}").status_code == 200
    assert client.get(f"{LIST}?walk={elsewhere.public_id}").status_code == 404
    # A street as a whole is the organizers': the address names another one and nothing of it comes.
    due(elsewhere)
    page = client.get(f"{LIST}?corridor={elsewhere.corridor.slug}")
    assert [item.concern for item in page.context["items"]] == [found]
    assert "again-form" not in page.content.decode()


def test_a_walk_lead_reads_no_private_words_of_what_others_found(client: Client, lead: User) -> None:
    walk = factories.make_walk(lead=lead.person)
    others = {"walk": factories.make_walk(corridor=walk.corridor)}
    private = due(note="zebramarker", **others)
    factories.make_photo(concern=private)
    due(category="NUISANCE", address="7777 Marker Ave", **others)
    own = due(walk, note="Bags by the fence")
    client.force_login(lead, backend=BACKEND)
    page = client.get(LIST).content.decode()
    assert "Bags by the fence" in page
    assert reverse("concerns:desk_detail", args=[own.public_id]) in page
    for hidden in ("zebramarker", "7777 Marker", "/desk/photos/", f"/desk/concerns/{private.public_id}/"):
        assert hidden not in page.replace("&quot;", ""), hidden


def test_volunteers_and_strangers_get_no_exact_places(client: Client, volunteer: User) -> None:
    assert client.get(LIST).status_code == 302
    client.force_login(volunteer, backend=BACKEND)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [("walk=x", 404), ("walk=%00", 404), ("corridor=%00", 404), ("corridor='", 404), ("show=x&light=x&way=x", 200)],
)
def test_an_odd_address_is_not_found_and_breaks_nothing(desk: Client, walk: Walk, query: str, status: int) -> None:
    assert desk.get(f"{LIST}?{query}").status_code == status


def test_it_offers_streets_and_walks_to_choose(desk: Client, walk: Walk) -> None:
    factories.make_walk()
    due(walk)
    page = desk.get(LIST).content.decode()
    assert "1 to look at" in page
    assert walk.title in page
    assert (
        "Nothing waits for a look here" in desk.get(f"{LIST}?walk={factories.make_walk().public_id}").content.decode()
    )


def test_its_queries_do_not_grow(desk: Client, walk: Walk) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"{LIST}?walk={walk.public_id}").status_code == 200
        return len(asked)

    due(walk)
    count()
    few = count()
    for n in range(6):
        concern = due(walk, n % 3)
        factories.make_photo(concern=concern)
        factories.make_photo(concern=None, look=factories.make_look(concern=concern))
    assert count() == few
    assert few <= 12


def test_the_desk_says_how_many_wait(organizer: User, walk: Walk) -> None:
    due(walk)
    due(walk, status="claimed_fixed", relook_on=None)
    panels = {panel.url: panel for panel in desk_panels(organizer, timezone.now())}
    assert panels[LIST].n == 2


def test_the_walks_page_leads_to_its_list(desk: Client, walk: Walk) -> None:
    page = desk.get(reverse("walks:desk_detail", args=[walk.public_id])).content.decode()
    assert f"{LIST}?walk={walk.public_id}" in page


# One tap.


def tap(client: Client, concern: Concern, query: str = "", **fields: Any) -> Any:
    body = {"result": "fixed", "lit": "day", "back": f"{LIST}?show=open", "n": "1"} | fields
    return client.post(reverse("concerns:again_look", args=[concern.public_id]) + query, body)


def test_one_tap_keeps_a_look_and_the_concern_follows(desk: Client, walk: Walk, organizer: User) -> None:
    concern = due(walk, status="claimed_fixed")
    response = tap(desk, concern, photo=a_photo())
    assert response.headers["Location"] == f"{LIST}?show=open#again-1"
    look = Look.objects.get()
    assert (look.result, look.lit, look.by, look.walk, look.publication) == ("fixed", "day", organizer, None, "held")
    assert Photo.objects.get().look == look
    concern.refresh_from_db()
    assert concern.status == Status.VERIFIED_FIXED
    assert listed(desk, f"corridor={walk.corridor.slug}") == []


def test_a_second_tap_is_the_same_look(desk: Client, walk: Walk) -> None:
    concern = due(walk)
    for _ in range(2):
        tap(desk, concern, result="still_there", photo=a_photo())
    assert (Look.objects.count(), Photo.objects.count()) == (1, 1)
    tap(desk, concern, result="worse")
    assert Look.objects.count() == 2


def test_a_light_by_day_stays_what_it_is(desk: Client, walk: Walk) -> None:
    concern = due(walk, category="LIGHT_OUT", status="claimed_fixed")
    tap(desk, concern)
    concern.refresh_from_db()
    assert concern.status == Status.CLAIMED_FIXED


def test_from_the_list_of_a_walk_the_look_belongs_to_the_walk(desk: Client) -> None:
    walk = factories.make_running_walk()
    concern = due(walk)
    assert f"?walk={walk.public_id}" in desk.get(f"{LIST}?walk={walk.public_id}").content.decode()
    tap(desk, concern, query=f"?walk={walk.public_id}")
    assert Look.objects.get().walk == walk


def test_a_photo_that_is_none_leaves_the_look_and_says_so(desk: Client, walk: Walk) -> None:
    response = tap(desk, due(walk), photo=SimpleUploadedFile("x.jpg", b"no", "image/jpeg"))
    assert Look.objects.count() == 1
    page = desk.get(response.headers["Location"]).content.decode()
    assert "The photo was not kept. Please send a JPEG" in page


@pytest.mark.parametrize("fields", [{"result": "burnt"}, {"lit": ""}, {"note": "x" * 2001}])
def test_a_bad_look_is_refused_in_words(desk: Client, walk: Walk, fields: dict[str, str]) -> None:
    response = tap(desk, due(walk), **fields)
    assert not Look.objects.exists()
    said = desk.get(response.headers["Location"]).content.decode()
    assert "What did you see?" in said or "When?" in said or "In your words" in said


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/desk/", "javascript:alert(1)"])
def test_the_button_leads_nowhere_else(desk: Client, walk: Walk, back: str) -> None:
    concern = due(walk)
    assert tap(desk, concern, back=back).headers["Location"] == f"/desk/concerns/{concern.public_id}/"


def test_the_page_of_a_concern_takes_a_photo_of_now_too(desk: Client, walk: Walk) -> None:
    concern = due(walk)
    body = {"result": "still_there", "lit": "dark", "photo": a_photo()}
    desk.post(reverse("concerns:desk_look", args=[concern.public_id]), body)
    assert Photo.objects.get().look == Look.objects.get()


# Without a walk and without a desk.


def sign_in(client: Client, user: User) -> None:
    client.force_login(user, backend=BACKEND)


def look_at(client: Client, concern: Concern, **fields: Any) -> Any:
    return client.post(reverse("concerns:look", args=[concern.public_id]), {"result": "fixed", "lit": "dark"} | fields)


def test_an_approved_volunteer_looks_without_a_walk_and_it_is_held(client: Client, volunteer: User) -> None:
    concern = factories.make_published_concern(status="claimed_fixed")
    User.objects.filter(pk=volunteer.pk).update(is_approved_looker=True)
    sign_in(client, volunteer)
    page = reverse("concerns:detail", args=[concern.public_id])
    assert "Keep my look" in client.get(page).content.decode()
    assert look_at(client, concern, note="Burns", photo=a_photo()).headers["Location"] == page
    look = Look.objects.get()
    assert (look.by, look.publication, look.is_by_fixer, look.photos.count()) == (volunteer, "held", False, 1)
    concern.refresh_from_db()
    assert concern.status == Status.VERIFIED_FIXED
    assert "Burns" not in client.get(page).content.decode()


def test_others_look_on_a_walk_only(client: Client, volunteer: User) -> None:
    concern = factories.make_published_concern(walk=factories.make_running_walk())
    page = reverse("concerns:detail", args=[concern.public_id])
    assert look_at(client, concern).headers["Location"].startswith("/accounts/login/")
    sign_in(client, volunteer)
    assert "Keep my look" not in client.get(page).content.decode()
    assert look_at(client, concern).status_code == 403
    factories.make_signup(walk=concern.walk, person=volunteer.person)
    assert look_at(client, concern).status_code == 302
    assert Look.objects.count() == 1


def test_what_is_not_public_can_not_be_looked_at_from_outside(client: Client, volunteer: User) -> None:
    User.objects.filter(pk=volunteer.pk).update(is_approved_looker=True)
    sign_in(client, volunteer)
    for fields in ({}, {"category": "VACANT_OPEN", "publication": "published", "published_at": timezone.now()}):
        assert look_at(client, factories.make_concern(**fields)).status_code == 404
    assert client.get(reverse("concerns:look", args=[factories.make_published_concern().public_id])).status_code == 405


def test_a_bad_answer_keeps_what_was_typed(client: Client, organizer: User) -> None:
    concern = factories.make_published_concern()
    sign_in(client, organizer)
    response = look_at(client, concern, result="", note="Two of three burn")
    assert response.status_code == 400
    page = response.content.decode()
    assert "Two of three burn" in page
    assert "Your look isn’t kept yet" in page
    assert not Look.objects.exists()


def assigned_to(user_or_organization: Any, **fields: Any) -> Concern:
    from concerns.models import Assignment

    concern = factories.make_published_concern(status="claimed_fixed", **fields)
    Assignment.objects.create(concern=concern, organization=user_or_organization)
    return concern


def test_whoever_should_fix_it_never_verifies_it(client: Client, partner: User, partner_organization: Any) -> None:
    User.objects.filter(pk=partner.pk).update(is_approved_looker=True)
    sign_in(client, partner)
    concern = assigned_to(partner_organization)
    look_at(client, concern)
    assert Look.objects.get().is_by_fixer
    concern.refresh_from_db()
    assert concern.status == Status.CLAIMED_FIXED


@pytest.mark.parametrize("how", ["signup", "membership", "neither"])
def test_a_phone_speaks_for_the_organization_of_its_sign_up(partner_organization: Any, how: str) -> None:
    from concerns.actions import record_look

    walk = factories.make_running_walk()
    person = factories.make_person()
    if how == "membership":
        factories.make_membership(person, partner_organization)
    theirs = {"organization": partner_organization} if how == "signup" else {}
    signup = factories.make_signup(walk=walk, person=person, **theirs)
    concern = assigned_to(partner_organization, walk=walk)
    device = factories.make_device(walk=walk, signup=signup)
    look = record_look(concern=concern, result="fixed", lit="dark", walk=walk, device=device)
    assert look.is_by_fixer == (how != "neither")
    assert concern.status == ("verified_fixed" if how == "neither" else "claimed_fixed")


def test_the_public_list_shows_what_waits_on_a_street_in_its_order(client: Client, volunteer: User) -> None:
    walk = factories.make_walk()
    today = timezone.localdate()
    blocks = list(walk.corridor.segments.all())
    far = factories.make_published_concern(walk=walk, public_segment=blocks[2], status="claimed_fixed")
    near = factories.make_published_concern(walk=walk, public_segment=blocks[0], relook_on=today)
    factories.make_published_concern(walk=walk, relook_on=today + timedelta(days=2))
    due(walk, note="zebramarker")
    assert client.get("/look/").status_code == 302
    sign_in(client, volunteer)
    response = client.get(f"/look/?corridor={walk.corridor.slug}")
    assert [row.pk for row in response.context["concerns"]] == [near.pk, far.pk]
    page = response.content.decode()
    assert "ask an organizer" in page
    assert "zebramarker" not in page
    Corridor.objects.all().update(is_public=False)
    assert "No street yet" in client.get("/look/").content.decode()


def test_its_queries_do_not_grow_either(client: Client, organizer: User, django_assert_max_num_queries: Any) -> None:
    walk = factories.make_walk()
    for _ in range(5):
        factories.make_published_concern(walk=walk, status="claimed_fixed")
    sign_in(client, organizer)
    with django_assert_max_num_queries(10):
        client.get(f"/look/?corridor={walk.corridor.slug}")
