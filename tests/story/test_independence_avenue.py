"""The whole story once, as people would do it: draw, schedule, publish, sign up, walk, review, look at the map."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from concerns.models import Concern
from concerns.photos import process_waiting
from concerns.public import PublicConcern
from concerns.workflow import Publication
from corridors.models import Corridor, Segment
from office.models import OutboxMessage
from people.models import User
from people.roles import Role
from tests import factories
from tests.browser import PHONE, Window
from tests.field.conftest import PHONE as PHONE_IN_HAND
from tests.field.conftest import PhoneInHand
from tests.tabs import borrow
from walks.models import Signup, Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ADDRESS = "3514 Independence Ave"
ALL_ADDRESSES = ("/", "/concerns/", "/corridors/", "/walks/", "/map/concerns.geojson", "/map/segments.geojson")


class Story:
    """Everybody's windows, one after the other. At the end of each nothing may have gone wrong in it."""

    def __init__(self, browser: Browser, site: str, settings: Any) -> None:
        settings.SITE_URL = site  # links in mails and codes lead to this very server
        self.browser, self.site = browser, site

    def open(self, **options: Any) -> Window:
        return Window(self.browser, self.site, **options)

    def close(self, window: Window) -> None:
        window.close()
        window.check()

    def sign_in(self, window: Window, user: User, *, to: str) -> Page:
        """Through the real page, which leads on to where the person wanted to go."""
        page = window.page
        page.goto(to)
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**{to}")
        return page

    # --- Odessa, the organizer ---

    def draw(self, page: Page) -> Corridor:
        page.get_by_label("Name", exact=True).fill("Independence Avenue")
        page.wait_for_selector("[data-line-map][data-ready]")
        page.get_by_role("button", name="Draw the street").click()
        line_map = page.locator("[data-line-map]")
        for _ in range(3):
            line_map.get_by_role("button", name=re.compile("Zoom in|in", re.IGNORECASE)).first.click()
            page.wait_for_timeout(300)
        spots = [spot_on(line_map, x, 0.5) for x in (0.15, 0.5)]
        for x, y in spots:
            page.mouse.click(x, y)
            page.wait_for_timeout(300)
        page.mouse.dblclick(*spot_on(line_map, 0.85, 0.5))
        expect(page.get_by_role("button", name="Finish the line")).to_be_hidden()
        for x, name in ((0.62, "Lawn Ave"), (0.35, "Askew Ave")):
            page.mouse.click(*spot_on(line_map, x, 0.5))
            page.get_by_label("Name of cross street 1", exact=True).fill(name)
        page.get_by_role("button", name="Make the corridor").click()
        page.wait_for_url(re.compile(r"/desk/corridors/[^/]+/$"))
        return Corridor.objects.get()

    def schedule(self, page: Page, corridor: Corridor) -> Walk:
        page.goto("/desk/walks/new/")
        page.get_by_label("Title").fill("Askew to Lawn, by day")
        page.get_by_label("Corridor", exact=True).select_option(str(corridor.pk))
        page.get_by_label("Day").fill((timezone.localdate() + timedelta(days=3)).isoformat())
        for label, clock in (("Meet", "14:00"), ("Step off", "14:30"), ("Back by", "16:30")):
            page.get_by_label(label, exact=True).fill(clock)
        page.locator("[name=meeting_place]").fill("In front of the bakery, at Lawn")
        pick = page.locator("[data-pick-map]")
        pick.scroll_into_view_if_needed()
        page.mouse.click(*spot_on(pick, 0.45, 0.5))
        expect(page.locator("[name=meeting_location]")).not_to_have_value("")
        page.get_by_role("button", name="Save as a draft").click()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_label("Six letters")).to_be_visible()
        walk = Walk.objects.get()
        assert walk.is_public
        assert walk.meeting_location is not None
        assert walk.meeting_location.distance(corridor.line) < 0.05
        return walk

    # --- Teo, the volunteer ---

    def sign_up(self, page: Page) -> Signup:
        page.goto("/walks/")
        page.get_by_role("link", name="Askew to Lawn, by day").first.click()
        page.get_by_label("Your name").fill("Teo Linden")
        page.get_by_label("E-mail or phone").fill("teo@example.org")
        page.get_by_text("25–34").click()
        page.get_by_role("button", name="I’ll be there").click()
        expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
        return Signup.objects.get()

    def follow_the_mail(self, page: Page) -> None:
        mail = OutboxMessage.objects.get(to_address="teo@example.org")
        link = re.search(r"https?://\S+/my/\S+", mail.body_text)
        assert link, mail.body_text
        page.goto(link[0])
        expect(page.get_by_role("heading", level=1)).to_have_text("Teo Linden, you are signed up")

    def walk_along(self, walk: Walk, spots: list[Point]) -> None:
        places = [{"latitude": spot.y, "longitude": spot.x, "accuracy": 7 - n} for n, spot in enumerate(spots)]
        phone = PhoneInHand(borrow(self.browser, **PHONE_IN_HAND | {"geolocation": places[0]}), self.site)
        page = phone.join(walk)
        self.log(phone, "light", "Lamp by the alley is dark", "olive", address=ADDRESS)
        phone.context.set_geolocation(places[1])
        page.wait_for_timeout(1000)
        self.log(phone, "ground", "Mattress behind number nine", "navy")
        phone.wait_for("sent", 2)
        page.wait_for_timeout(500)
        phone.put_away()
        assert phone.faults == []

    def log(self, phone: PhoneInHand, button: str, words: str, color: str, *, address: str = "") -> None:
        phone.tap(button)
        phone.page.locator("#camera").set_input_files(a_photo(color))
        phone.page.wait_for_selector("#photos li")
        if address:
            phone.page.get_by_role("button", name="Other address").tap()
            phone.page.locator("#address").fill(address)
        phone.page.locator("#note").fill(words)
        phone.done()

    # --- Ada, the admin ---

    def review(self, page: Page, published: Concern, hidden: Concern) -> None:
        self.choose(page, "/admin/concerns/concern/", published.pk, "publish")
        expect(page.locator(".messagelist")).to_contain_text("1 published")
        self.choose(page, "/admin/concerns/concern/", hidden.pk, "hide")
        page.get_by_label("Why it is hidden").fill("It shows somebody’s yard")
        page.get_by_role("button", name="Hide").click()
        expect(page.locator(".messagelist")).to_contain_text("1 hidden")
        for concern in (published, hidden):
            self.choose(page, "/admin/concerns/photo/", concern.photos.get().pk, "approve")

    def choose(self, page: Page, address: str, row: int, action: str) -> None:
        page.goto(address)
        page.locator(f"input[name=_selected_action][value='{row}']").check()
        page.locator("select[name=action]").select_option(action)
        page.get_by_role("button", name="Go", exact=True).click()


def spot_on(place: Any, x: float, y: float) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def a_photo(color: str) -> FilePayload:
    buffer = io.BytesIO()
    Image.new("RGB", (1200, 900), color).save(buffer, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def beside(segment: Segment, metres_north: float) -> Point:
    """A place beside the middle of a block."""
    middle = segment.line.interpolate_normalized(0.37)
    return Point(round(middle.x, 6), round(middle.y + metres_north / 111_320, 6), srid=4326)


def let_it_run_now(walk: Walk) -> None:
    now = timezone.now()
    Walk.objects.filter(pk=walk.pk).update(
        meet_at=now - timedelta(hours=1), step_off_at=now - timedelta(minutes=30), end_at=now + timedelta(hours=2)
    )
    walk.refresh_from_db()


def test_from_a_line_on_the_map_to_a_mark_that_everybody_sees(
    browser: Browser, site: str, settings: Any, organizer: User
) -> None:
    story = Story(browser, site, settings)
    admin = factories.make_user(name="Ada Penhallow", email="ada@example.org", role=Role.ADMIN)

    desk = story.open()
    corridor = story.draw(story.sign_in(desk, organizer, to="/desk/corridors/new/"))
    assert len(corridor.line.coords) == 3
    blocks = list(corridor.segments.current().order_by("position"))
    assert [(block.from_street, block.to_street) for block in blocks] == [
        ("west end", "Askew Ave"), ("Askew Ave", "Lawn Ave"), ("Lawn Ave", "east end"),
    ]  # fmt: skip
    walk = story.schedule(desk.page, corridor)
    story.close(desk)

    teo = story.open(viewport=PHONE, has_touch=True, is_mobile=True)
    signup = story.sign_up(teo.page)
    assert signup.walk == walk
    story.follow_the_mail(teo.page)
    story.close(teo)

    let_it_run_now(walk)
    spots = [beside(blocks[0], 9.5), beside(blocks[2], -9.5)]
    story.walk_along(walk, spots)
    light, trash = Concern.objects.order_by("received_at")
    for concern, spot, block in ((light, spots[0], blocks[0]), (trash, spots[1], blocks[2])):
        assert concern.walk == walk
        assert concern.segment == block
        assert concern.location is not None
        assert concern.location.distance(spot) < 1e-5
        assert concern.publication == Publication.HELD
        assert concern.photos.count() == 1
    assert (light.side, trash.side, light.address) == ("left", "right", ADDRESS)
    assert process_waiting() == 2
    assert not PublicConcern.objects.exists()

    ada = story.open()
    story.sign_in(ada, admin, to="/admin/concerns/concern/")
    story.review(ada.page, light, trash)
    story.close(ada)

    light.refresh_from_db()
    everybody = story.open(viewport=PHONE)
    the_map_shows_only(everybody.page, light)
    nothing_exact_is_said(everybody.page, light, trash)
    story.close(everybody)


def the_map_shows_only(page: Page, concern: Concern) -> None:
    features = page.request.get("/map/concerns.geojson").json()["features"]
    assert [feature["properties"]["id"] for feature in features] == [str(concern.public_id)]
    assert concern.public_point is not None
    assert concern.public_point.distance(concern.location) > 1e-6
    assert features[0]["geometry"]["coordinates"] == pytest.approx(list(concern.public_point.coords), abs=1e-6)
    page.goto("/concerns/")
    expect(page.locator("[data-map] .map-mark")).to_have_count(1)
    rows = page.locator(f"[data-feature='{concern.public_id}']")
    expect(rows.first).to_contain_text(str(concern.public_place))
    page.goto(f"/concerns/{concern.public_id}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("[...document.images].filter((image) => image.naturalWidth > 0).length") == 1


def nothing_exact_is_said(page: Page, published: Concern, hidden: Concern) -> None:
    """The exact place of either to five decimals, the typed address, people, and whatever was hidden."""
    secrets = [ADDRESS, "Mattress", str(hidden.public_id), "teo@example.org", "Teo Linden"]
    exact = [concern.location for concern in (published, hidden) if concern.location]
    secrets += [f"{number:.6f}"[:-1] for place in exact for number in place.coords]
    for address in (*ALL_ADDRESSES, f"/concerns/{published.public_id}/"):
        answer = page.request.get(address)
        assert answer.ok, address
        words = answer.text()
        assert not [secret for secret in secrets if secret in words], address
    assert page.request.get(f"/concerns/{hidden.public_id}/").status == 404
    assert page.request.get(f"/photos/{published.photos.get().public_id}/400.jpg").ok
    assert page.request.get(f"/photos/{hidden.photos.get().public_id}/400.jpg").status == 404
