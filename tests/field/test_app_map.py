"""The map of the walk on the phone: drawn from the pack alone, judged by its pixels, and the same as a list."""

import io
import os
import random
from pathlib import Path

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import CDPSession, Page

from concerns.models import Concern
from corridors.models import Corridor
from corridors.places import nearest_face
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import PhoneInHand
from tests.field.phone import Phone
from tests.field.proxy import BadLine
from walks.models import TeamSegment, Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KANSAS_CITY = Path(os.environ.get("SAFEROUTES_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "open" / "kc"
needs_the_real_avenue = pytest.mark.skipif(
    not KANSAS_CITY.is_dir(), reason=f"the city’s real files aren’t at {KANSAS_CITY}; set SAFEROUTES_SHARED"
)
SIZES = {"390": (390, 844), "320": (320, 568), "landscape": (844, 390)}
GROUND = {"light": (0xF4, 0xF3, 0xEC), "dark": (0x14, 0x1B, 0x24)}
STREET = {"light": (0x1A, 0x5A, 0x88), "dark": (0x8D, 0xC4, 0xEE)}


def real_avenue() -> Corridor:
    """Independence Avenue from the city's own files, in blocks from the 3100 block on."""
    call_command(
        "import_corridor",
        str(KANSAS_CITY / "independence_ave_centerline.geojson"),
        f"--cross-streets={KANSAS_CITY / 'independence_ave_cross_streets.geojson'}",
        "--first-block=3100",
        "--even-side=north",
        stdout=io.StringIO(),
    )
    return Corridor.objects.get()


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    """A walk with a team on its first block, two things to check again and a landmark."""
    walk = factories.make_running_walk()
    first, _second, third = walk.corridor.segments.all()
    team = factories.make_team(walk=walk, number=4, name="Redbud")
    team.segments.add(first)
    factories.make_team(walk=walk, number=5).segments.add(third)
    factories.make_landmark(corridor=walk.corridor, name="Lykins Park", location=Point(-94.5372, 39.1064, srid=4326))
    factories.make_published_concern(walk=walk, category="DUMPING", address="3514 Independence Ave")
    factories.make_published_concern(
        walk=walk, category="SIDEWALK", segment=third, location=Point(-94.5345, 39.1059, srid=4326), side="right"
    )
    return walk


def join(phone: PhoneInHand, walk: Walk) -> Page:
    page = phone.join(walk)
    if page.locator("[data-screen=crew]").is_visible():
        page.get_by_role("button", name="Team 4").tap()
    page.locator("[data-screen=log]:not([hidden])").wait_for()
    return page


def open_map(page: Page) -> None:
    page.locator("#here").tap()
    page.locator("#map-box[data-drawn] .map-label").first.wait_for(state="attached")
    page.wait_for_timeout(200)


def picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.locator("#map-box").screenshot())).convert("RGB")


def share_like(image: Image.Image, color: tuple[int, int, int]) -> float:
    """The share of an image's pixels within a few steps of a colour."""
    pixels = list(image.getdata())
    return sum(max(abs(a - b) for a, b in zip(pixel, color, strict=True)) < 12 for pixel in pixels) / len(pixels)


def columns_with(image: Image.Image, color: tuple[int, int, int]) -> float:
    """The share of an image's columns that hold at least four pixels of a colour: how far a line runs across it."""
    width, height = image.size
    data = image.load()
    assert data is not None

    def has(x: int) -> bool:
        found = (data[x, y] for y in range(height))
        return sum(max(abs(a - b) for a, b in zip(pixel, color, strict=True)) < 12 for pixel in found) >= 4  # type: ignore[arg-type]

    return sum(map(has, range(width))) / width


# --- offline --------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_fault_33_the_map_is_not_blank_offline(phone: PhoneInHand, walk: Walk, theme: str) -> None:
    """The network is really off when the map is drawn; what draws it came while there was signal."""
    phone.open()
    phone.page.evaluate(f"localStorage.setItem('field', JSON.stringify({{theme: '{theme}'}}))")
    page = join(phone, walk)
    open_map(page)
    page.evaluate("location.hash = '#log'")
    page.locator("[data-screen=log]:not([hidden])").wait_for()
    asked: list[str] = []
    phone.context.on("request", lambda request: asked.append(request.url))
    phone.context.set_offline(True)
    open_map(page)
    page.locator("[data-act=all]").tap()
    page.wait_for_timeout(300)
    seen = picture(page)
    assert columns_with(seen, STREET[theme]) > 0.5, "the corridor runs across the sheet"
    assert 0.3 < share_like(seen, GROUND[theme]) < 0.95, "ground, and something drawn on it"
    assert [url for url in asked if "tile" in url] == []
    phone.context.set_offline(False)


def test_fault_33_an_empty_map_would_fail_the_pixel_check(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    page.evaluate("document.querySelector('#map-box .chart-paper').remove()")
    theme = page.locator("html").get_attribute("data-theme") or "light"
    assert columns_with(picture(page), STREET[theme]) < 0.1


def test_the_map_asks_nobody_else_for_anything(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    asked: list[str] = []
    phone.context.on("request", lambda request: asked.append(request.url))
    open_map(page)
    page.locator("[data-act=closer]").tap()
    page.wait_for_timeout(500)
    assert [url for url in asked if not url.startswith((phone.address, "blob:", "data:"))] == []


def test_fault_33_the_map_comes_from_the_phone_after_a_restart_without_a_network(
    phone_offline: PhoneInHand, line: BadLine
) -> None:
    """Joined once; the map was never looked at while there was signal, and neither was Leaflet."""
    walk = factories.make_running_walk()
    page = phone_offline.join(walk)
    page.wait_for_selector("body[data-offline-ready]", state="attached", timeout=20_000)
    line.fault("reset", ".")
    phone_offline.context.set_offline(True)
    phone_offline.page.close()
    phone_offline.page = page = phone_offline._watched(phone_offline.context.new_page())
    page = phone_offline.open()
    open_map(page)
    page.locator("[data-act=all]").tap()
    page.wait_for_timeout(300)
    theme = page.locator("html").get_attribute("data-theme") or "light"
    assert columns_with(picture(page), STREET[theme]) > 0.5
    assert page.locator("#map-box .map-label").count() > 4


# --- what it shows --------------------------------------------------------------------------------


def test_the_map_and_its_list_show_the_same_in_the_same_order(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    phone.tap("light")
    phone.done()
    open_map(page)
    page.locator("[data-act=all]").tap()
    rows = page.locator("#map-list b").all_inner_texts()
    assert [row[:4] for row in rows] == ["1 · ", "2 · ", "Stre"]
    marks = page.locator("#map-box .map-mark")
    numbers = page.locator("#map-box .map-number").all_inner_texts()
    piles = page.locator("#map-box .map-pile").all_inner_texts()
    assert sorted(numbers) == ["1", "2"]
    assert not piles
    assert marks.count() == 3
    assert page.locator("#map-box .is-mine").count() == 1
    words = page.locator("#map-says").inner_text()
    assert "3 blocks" in words
    assert "from Askew Ave to Jackson Ave" in words
    assert "your team’s blocks: 1" in words
    assert "to check again: 2" in words
    assert "logged by you: 1" in words


def test_streets_sides_names_and_my_teams_block_are_drawn(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    page.locator("[data-act=all]").tap()
    names = page.locator("#map-box .map-label").all_inner_texts()
    assert {"Askew", "Myrtle", "Norton", "Jackson"} <= set(names)
    assert "Fire Station 23, at Lawn" in names
    assert page.locator("#map-box .side").count() == 6
    assert page.locator("#map-box .side-team").count() == 2
    assert page.locator("#map-box .map-flag").count() == 1
    assert page.locator("#map-box .me-dot").count() == page.locator("#map-box .me-ring").count() == 1
    assert "You are at 3500 block, north side" in page.locator("#map-at").inner_text()


def test_a_side_that_i_walked_is_a_whole_line(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    page.evaluate(
        """async () => {
            const { add, localTime } = await import("/static/field/records.js");
            const { all } = await import("/static/field/store.js");
            const [walk] = await all("walks");
            const block = walk.pack.map.features.find(({ properties }) => properties.kind === "segment");
            const times = { started_at: localTime(), ended_at: localTime() };
            const body = { segment: block.properties.id, side: "left", lit: "dark", ...times, ratings: {} };
            await add({ kind: "pass", walk: walk.id, body }, { settle: 600000 });
        }"""
    )
    open_map(page)
    assert page.locator("#map-box .side-walked").count() == 1


def test_a_numbered_mark_opens_its_card(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    page.locator("[data-act=all]").tap()
    page.wait_for_timeout(200)
    page.locator("#map-box .map-mark", has_text="2").tap()
    page.locator("[data-screen=again]:not([hidden])").wait_for()
    second = Concern.objects.get(category__code="SIDEWALK")
    card = page.locator(f".card[data-item='{second.public_id}']")
    card.wait_for()
    assert card.evaluate("card => card.contains(document.activeElement)")
    assert card.evaluate("card => card.getBoundingClientRect().top < innerHeight - 100")


def test_the_map_follows_me_and_comes_back_to_me(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    before = page.locator("#map-box .me-dot").get_attribute("cx")
    phone.context.set_geolocation({"latitude": 39.1059, "longitude": -94.5365, "accuracy": 30})
    page.wait_for_function(
        "before => document.querySelector('#map-box .me-dot').getAttribute('cx') !== before", arg=before
    )
    page.locator("[data-act=me]").tap()
    page.locator("#map-at").get_by_text("You are at 3600 block, south side").wait_for()
    box, dot = page.locator("#map-box").bounding_box(), page.locator("#map-box .me-dot").bounding_box()
    assert box is not None
    assert dot is not None
    assert abs(box["x"] + box["width"] / 2 - dot["x"] - dot["width"] / 2) < 20


def test_the_keyboard_moves_zooms_goes_to_the_next_mark_and_opens_it(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    box = page.get_by_role("application")
    box.focus()
    before = box.get_attribute("data-drawn")
    page.keyboard.press("ArrowRight")
    moved = box.get_attribute("data-drawn")
    assert moved != before
    page.keyboard.press("+")
    assert float((box.get_attribute("data-drawn") or "").split()[2]) == float((moved or "").split()[2]) + 1
    page.keyboard.press("n")
    assert page.locator("#map-at").inner_text().startswith("1 of 2: 1 · ")
    page.keyboard.press("n")
    page.locator("#map-at").get_by_text("2 of 2").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-screen=again]:not([hidden])").wait_for()


def drawn(page: Page) -> list[float]:
    """Latitude and longitude of the map's middle, and its zoom."""
    return [float(n) for n in (page.locator("#map-box").get_attribute("data-drawn") or "").split()]


def touch(fingers: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_moves_the_map_and_two_fingers_open_it_up(phone: PhoneInHand, walk: Walk) -> None:
    page = join(phone, walk)
    open_map(page)
    fingers = page.context.new_cdp_session(page)
    lat, lon, zoom = drawn(page)
    touch(fingers, "touchStart", (200, 400))
    for x in (180, 150, 100):
        touch(fingers, "touchMove", (x, 400))
    touch(fingers, "touchEnd")
    moved = drawn(page)
    assert moved[1] > lon + 0.0004
    assert (moved[0], moved[2]) == (pytest.approx(lat, abs=1e-5), zoom)

    touch(fingers, "touchStart", (180, 300))
    touch(fingers, "touchStart", (180, 300), (220, 300))
    for spread in (30, 50, 80):
        touch(fingers, "touchMove", (200 - spread, 300), (200 + spread, 300))
    touch(fingers, "touchEnd")
    assert drawn(page)[2] == pytest.approx(zoom + 2, abs=0.3)
    assert page.locator("[data-screen=map]").is_visible()


@pytest.mark.parametrize("phone", [{"permissions": []}], indirect=True)
def test_without_gps_the_map_shows_my_teams_side_and_says_it_does_not_know(phone: PhoneInHand, walk: Walk) -> None:
    TeamSegment.objects.update(sides="left")
    page = join(phone, walk)
    open_map(page)
    assert page.locator("#map-at").inner_text() == "We don’t know where you are yet."
    assert page.locator("#map-box .me-dot").count() == 0
    assert page.locator("#map-box .side-team").count() == 1


def test_many_marks_at_one_place_become_a_pile_that_says_how_many(phone: PhoneInHand, walk: Walk) -> None:
    for _ in range(5):
        factories.make_published_concern(walk=walk, category="DUMPING")
    page = join(phone, walk)
    open_map(page)
    page.locator("[data-act=all]").tap()
    page.wait_for_timeout(200)
    shown = sum(int(n) for n in page.locator("#map-box .map-pile").all_inner_texts())
    single = page.locator("#map-box .map-number").count()
    assert shown + single == page.locator("#map-list li").count() == 7


# --- for everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(
    "phone",
    [{"viewport": {"width": width, "height": height}} for width, height in SIZES.values()],
    indirect=True,
    ids=list(SIZES),
)
def test_the_map_is_free_of_axe_findings_and_fits(phone: PhoneInHand, walk: Walk, theme: str) -> None:
    phone.open()
    phone.page.evaluate(f"localStorage.setItem('field', JSON.stringify({{theme: '{theme}'}}))")
    page = join(phone, walk)
    open_map(page)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll("[data-screen=map] button, [data-screen=map] a")]
            .filter((one) => one.checkVisibility())
            .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.height < 48 || box.width < 44).map(([name]) => name)"""
    )
    assert small == []
    box = page.locator("#map-box").bounding_box()
    assert box is not None
    assert (box["height"] >= 180, box["width"] >= 300) == (True, True)


# --- the real avenue ------------------------------------------------------------------------------

AGREE = """async ([map, points]) => {
    const { nearestFace } = await import("/static/field/blocks.js");
    return points.map(([lon, lat]) => {
        const face = nearestFace({ lat, lon }, map);
        return face && [face.segment.properties.id, face.side];
    });
}"""


def points_beside(corridor: Corridor, n: int) -> list[tuple[float, float]]:
    """Points along the corridor and up to 70 m to both sides of it, corners included; the same ones each time."""
    dice = random.Random(4777)
    west, south, east, north = corridor.line.extent
    anywhere = [(dice.uniform(west - 0.0006, east + 0.0006), dice.uniform(south, north)) for _ in range(n // 2)]
    corners = [segment.line.coords[0] for segment in corridor.segments.all()]
    by_corners = [
        (x + dice.uniform(-3e-4, 3e-4), y + dice.uniform(-7e-4, 7e-4))
        for x, y in (dice.choice(corners) for _ in range(n - n // 2))
    ]
    return [(round(x, 6), round(y, 6)) for x, y in anywhere + by_corners]


@needs_the_real_avenue
def test_the_phone_finds_the_same_block_and_side_as_the_server(phone: PhoneInHand) -> None:
    corridor = real_avenue()
    walk = factories.make_running_walk(corridor=corridor)
    pack = Phone(walk).get("pack/").json()
    points = points_beside(corridor, 600)
    page = phone.open()
    found = page.evaluate(AGREE, [pack["map"], points])
    wanted = [nearest_face(Point(x, y, srid=4326)) for x, y in points]
    server = [face and [str(face.segment.public_id), face.side] for face in wanted]
    differ = [
        (point, phone_says, server_says)
        for point, phone_says, server_says in zip(points, found, server, strict=True)
        if phone_says != server_says
    ]
    assert sum(face is not None for face in server) > 400
    assert sum(face is None for face in server) > 20
    assert differ == []
