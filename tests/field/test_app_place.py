"""Where a concern is: how exact the fix is, what can be tapped instead, the pin, and nothing lost without GPS."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from playwright.sync_api import Page

from concerns.models import Concern
from corridors.models import Segment
from tests import factories
from tests.axe import axe_violations
from tests.field.conftest import ON_THE_NORTH_SIDE, PhoneInHand
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_GPS: dict[str, Any] = {"permissions": []}
FAR_OFF = {"latitude": 39.1061, "longitude": -94.5391, "accuracy": 3000}
ROUGH = {"latitude": 39.1061, "longitude": -94.5391, "accuracy": 60}
BETTER = {"latitude": 39.10615, "longitude": -94.53915, "accuracy": 6}
HALF_A_MINUTE_PASSES = """() => {
    const real = performance.now.bind(performance);
    performance.now = () => real() + 31000;
}"""


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


def sent(phone: PhoneInHand) -> Concern:
    phone.done()
    phone.wait_for("sent", 1)
    return Concern.objects.get()


def near(page: Page) -> list[str]:
    return page.locator("#near label").all_inner_texts()


def tap_near(page: Page, words: str) -> None:
    page.locator("#near label").filter(has_text=words).first.tap()


# --- no position at all ---------------------------------------------------------------------------


@pytest.mark.parametrize("phone", [NO_GPS], indirect=True)
def test_fault_27_without_gps_the_report_is_saved_and_waits_for_a_place(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps").get_by_text("Position is off").wait_for()
    phone.tap("house")
    assert "don’t know where this is" in page.locator("#where").inner_text()
    phone.done()
    phone.wait_for("attention", 1)
    page.wait_for_timeout(5000)  # longer than an open sheet gathers taps
    assert phone.count("queued") == 1
    assert Concern.objects.count() == 0

    page.locator("#counts").tap()
    page.locator("#mine-list").get_by_text("We don’t know where this is").wait_for()
    page.locator("#mine-list a").first.tap()
    page.locator("#address").fill("3512 Independence Ave")
    concern = sent(phone)
    assert concern.address == "3512 Independence Ave"
    assert concern.place_from == "address"
    assert concern.side == "left"
    assert concern.segment == walk.corridor.segments.get(block=3500)
    assert concern.location is not None
    assert -94.5400 < concern.location.x < -94.5395  # an eighth of the way along the block
    assert concern.location.y > 39.1060
    assert concern.fix_location is None
    assert concern.accuracy_m is None


@pytest.mark.parametrize("phone", [NO_GPS], indirect=True)
def test_fault_27_without_gps_a_place_is_one_tap_and_needs_no_typing(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    assert 2 <= len(near(page)) <= 6
    page.locator("#where").get_by_label("Choose from the list").select_option(label="3700 block, south side")
    page.locator("#where .plate").get_by_text("3700 block, south side").wait_for()
    concern = sent(phone)
    assert (concern.segment, concern.side) == (walk.corridor.segments.get(block=3700), "right")
    assert concern.place_from == "address"


@pytest.mark.parametrize("phone", [NO_GPS], indirect=True)
def test_fault_27_without_gps_the_pin_gives_a_place(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("ground")
    page.get_by_text("Move the pin").tap()
    page.locator("#pin-map[data-drawn]").wait_for()
    page.locator("#pin-use").tap()
    page.locator("[data-screen=c]:not([hidden])").wait_for()
    concern = sent(phone)
    assert concern.place_from == "pin"
    assert concern.segment is not None


@pytest.mark.parametrize("phone", [NO_GPS], indirect=True)
def test_a_position_switched_on_later_is_used_without_a_reload(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps").get_by_text("Position is off").wait_for()
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation(ON_THE_NORTH_SIDE)  # type: ignore[arg-type]
    page.locator("#gps .gps-ok").wait_for()
    assert page.locator("#plate").inner_text() == "3500 block, north side"


# --- a rough or hopeless fix ----------------------------------------------------------------------


@pytest.mark.parametrize("phone", [{"geolocation": FAR_OFF}], indirect=True)
def test_fault_28_a_fix_3000_m_off_is_saved_amber_and_asks_for_the_address(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-so").get_by_text("1.9 mi").wait_for()
    phone.tap("light")
    where = page.locator("#where")
    assert where.locator(".gps-so").is_visible()
    assert "too rough" in where.inner_text()
    assert page.locator("#address").is_visible()
    assert not any(" ft" in chip for chip in near(page)), "no distance from a place that isn't known"
    concern = sent(phone)
    assert concern.accuracy_m == 3000
    assert concern.place_from == "gps"


@pytest.mark.parametrize("phone", [{"geolocation": FAR_OFF}], indirect=True)
def test_fault_28_the_address_becomes_the_place_and_the_raw_fix_stays_beside_it(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-so").wait_for()
    phone.tap("light")
    page.locator("#address").fill("3612 Independence Ave")
    concern = sent(phone)
    assert concern.place_from == "address"
    assert concern.segment == walk.corridor.segments.get(block=3600)
    assert concern.location is not None
    assert -94.5380 < concern.location.x < -94.5360
    assert concern.accuracy_m is None
    assert concern.fix_location == Point(-94.5391, 39.1061, srid=4326)
    assert concern.fix_accuracy_m == 3000
    assert concern.fix_at is not None
    assert abs(concern.fix_at - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("phone", [{"geolocation": ROUGH}], indirect=True)
def test_a_rough_place_offers_blocks_corners_and_landmarks_to_tap(phone: PhoneInHand, walk: Walk) -> None:
    factories.make_landmark(
        name="Lykins Park gate", corridor=walk.corridor, location=Point(-94.5390, 39.1059, srid=4326)
    )
    page = phone.join(walk)
    page.locator("#gps .gps-so").wait_for()
    phone.tap("light")
    chips = near(page)
    assert len(chips) <= 6
    assert chips[0].startswith("Lykins Park gate")
    assert chips[0].endswith("80 ft")
    assert {"3500 block, north side", "3500 block, south side"} <= set(chips)
    assert any(chip.startswith("corner of Askew") for chip in chips)
    tap_near(page, "3500 block, south side")
    page.locator("#where .plate").get_by_text("3500 block, south side").wait_for()
    concern = sent(phone)
    assert (concern.address, concern.side) == ("3500 block, south side", "right")
    assert concern.place_from == "address"
    assert concern.location is not None
    assert concern.location.y < 39.1060
    assert concern.fix_accuracy_m == 60


def test_a_good_fix_stays_the_place_where_the_tapped_block_agrees(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-ok").wait_for()
    phone.tap("light")
    tap_near(page, "3500 block, south side")
    concern = sent(phone)
    assert (concern.side, concern.place_from, concern.accuracy_m) == ("right", "gps", 8)


@pytest.mark.parametrize("phone", [{"geolocation": ROUGH}], indirect=True)
def test_another_side_moves_a_chosen_block_to_the_other_sidewalk(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-so").wait_for()
    phone.tap("light")
    tap_near(page, "3500 block, north side")
    page.locator("#where").get_by_text("Where I am now").wait_for()
    page.locator("[name=side][value=right]").locator("..").tap()
    concern = sent(phone)
    assert (concern.address, concern.side) == ("3500 block, south side", "right")
    assert concern.location is not None
    assert concern.location.y < 39.1060


def test_words_that_are_no_number_leave_the_measured_place_alone(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-ok").wait_for()
    phone.tap("light")
    page.get_by_text("Other address").tap()
    page.locator("#address").fill("alley behind the bakery")
    concern = sent(phone)
    assert concern.address == "alley behind the bakery"
    assert (concern.place_from, concern.accuracy_m) == ("gps", 8)


@pytest.mark.parametrize("phone", [{"geolocation": ROUGH}], indirect=True)
def test_where_i_am_now_goes_back_to_the_phones_own_position(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.locator("#gps .gps-so").wait_for()
    phone.tap("light")
    tap_near(page, "corner of")
    page.locator("#where").get_by_text("address chosen by you").wait_for()
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.wait_for_timeout(1500)
    page.locator("#where").get_by_text("Where I am now").tap()
    page.locator("#where .gps-ok").get_by_text("place good").wait_for()
    concern = sent(phone)
    assert (concern.place_from, concern.accuracy_m, concern.address) == ("gps", 6, "")
    assert concern.fix_accuracy_m == 6


# --- improving for half a minute ------------------------------------------------------------------


def test_fault_29_a_better_fix_improves_what_was_just_saved(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.set_geolocation(ROUGH)  # type: ignore[arg-type]
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-so")
    phone.tap("light")
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.wait_for_selector("#where .gps-ok")
    concern = sent(phone)
    assert concern.accuracy_m == concern.fix_accuracy_m == 6
    assert concern.location == concern.fix_location


def test_fault_29_a_better_fix_is_taken_after_the_sheet_was_left(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.set_geolocation(ROUGH)  # type: ignore[arg-type]
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-so")
    phone.tap("light")
    phone.done()
    phone.tap("ground")
    phone.done()
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.wait_for_selector("#gps .gps-ok")
    phone.wait_for("sent", 2)
    page.wait_for_timeout(5000)
    phone.wait_for("sent", 2)
    assert list(Concern.objects.values_list("accuracy_m", flat=True)) == [6, 6]


def test_fault_29_after_half_a_minute_nothing_is_moved(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.set_geolocation(ROUGH)  # type: ignore[arg-type]
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-so")
    phone.tap("light")
    page.evaluate(HALF_A_MINUTE_PASSES)
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.wait_for_timeout(1500)
    phone.done()
    page.wait_for_selector("#gps .gps-ok")
    phone.wait_for("sent", 1)
    assert Concern.objects.get().accuracy_m == 60


CHOICES = {
    "an address": lambda page: tap_near(page, "corner of"),
    "a side": lambda page: page.locator("[name=side][value=right]").locator("..").tap(),
    "words": lambda page: (page.get_by_text("Other address").tap(), page.locator("#address").fill("by the bakery")),
}


@pytest.mark.parametrize("choice", list(CHOICES))
def test_fault_29_a_better_fix_never_moves_what_somebody_chose(phone: PhoneInHand, walk: Walk, choice: str) -> None:
    phone.context.set_geolocation(ROUGH | {"accuracy": 40})  # type: ignore[arg-type]
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-so")
    phone.tap("light")
    CHOICES[choice](page)
    page.wait_for_timeout(800)  # typed words are kept after a moment
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.wait_for_timeout(1500)
    concern = sent(phone)
    assert concern.accuracy_m != 6
    assert concern.fix_accuracy_m == 40


def test_fault_29_a_place_chosen_in_another_tab_is_not_moved_either(phone: PhoneInHand, walk: Walk) -> None:
    phone.context.set_geolocation(ROUGH)  # type: ignore[arg-type]
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-so")
    phone.tap("light")
    other = phone._watched(phone.context.new_page())
    other.goto(page.url)
    other.wait_for_selector("body[data-ready]", state="attached")
    tap_near(other, "corner of")
    other.locator("#where").get_by_text("address chosen by you").wait_for()
    phone.context.set_geolocation(BETTER)  # type: ignore[arg-type]
    page.bring_to_front()
    page.wait_for_timeout(1500)
    concern = sent(phone)
    assert concern.place_from == "address"
    assert concern.fix_accuracy_m == 60


def test_a_phone_that_walked_on_logs_where_it_is_now_and_leaves_what_it_logged_before(
    phone: PhoneInHand, walk: Walk
) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    phone.tap("light")
    phone.done()
    for east, accuracy in ((-94.5381, 9), (-94.5371, 6)):  # 86 m further each: first less exact than before, then more
        phone.context.set_geolocation({"latitude": 39.1061, "longitude": east, "accuracy": accuracy})
        page.wait_for_timeout(1500)
        phone.tap("ground")
        phone.done()
    phone.wait_for("sent", 3)
    places = Concern.objects.order_by("captured_at").values_list("location", "accuracy_m")
    assert [(round(place.x, 4), accuracy) for place, accuracy in places] == [
        (-94.5391, 8),
        (-94.5381, 9),
        (-94.5371, 6),
    ]


def test_fixes_grow_old_also_where_the_clock_is_set_back(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    page.evaluate("() => { const real = Date.now; Date.now = () => real() - 3600000; }")
    assert page.evaluate("async () => (await import('/static/field/place.js')).best()") is None
    assert page.evaluate("async () => (await import('/static/field/place.js')).last().accuracy_m") == 8


# --- the pin --------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", [{"geolocation": ROUGH}], indirect=True)
def test_the_pin_can_be_set_by_keyboard_and_stays(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    assert page.locator("#gps .gps-so").count() == 1
    phone.tap("light")
    page.get_by_text("Move the pin").tap()
    page.locator("#pin-map[data-drawn]").wait_for()
    page.locator("#pin-map").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.locator("[data-move=south]").tap()
    page.locator("#pin-use").tap()
    page.locator("[data-screen=c]:not([hidden])").wait_for()
    assert "pin set by you" in page.locator("#where").inner_text()
    phone.context.set_geolocation({"latitude": 39.1, "longitude": -94.6, "accuracy": 3})
    page.wait_for_timeout(500)
    concern = sent(phone)
    assert concern.place_from == "pin"
    assert concern.location is not None
    assert -94.5391 < concern.location.x < -94.538
    assert 39.105 < concern.location.y < 39.10605
    assert concern.fix_location == Point(-94.5391, 39.1061, srid=4326)


def test_the_pin_says_its_place_when_it_lies_still_and_its_map_says_how_to_move_it(
    phone: PhoneInHand, walk: Walk
) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    phone.tap("light")
    page.get_by_text("Move the pin").tap()
    page.locator("#pin-map[data-drawn]").wait_for()
    box = page.get_by_role("application")
    assert "Arrow keys" in (box.get_attribute("aria-label") or "")
    said = page.locator("#pin-place")
    assert (said.get_attribute("role"), said.inner_text()) == ("status", "3500 block, north side")
    page.evaluate(
        """() => { window.heard = []; new MutationObserver(() => window.heard.push(
            document.getElementById("pin-place").textContent)).observe(
            document.getElementById("pin-place"), { childList: true, characterData: true, subtree: true }); }"""
    )
    box.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.locator("#pin-place").get_by_text("3500 block, south side").wait_for()
    assert page.evaluate("window.heard.length") <= 2


def test_a_pin_off_the_corridor_says_so_at_once_and_can_be_saved(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    page.wait_for_selector("#gps .gps-ok")
    phone.tap("light")
    page.get_by_text("Move the pin").tap()
    page.locator("#pin-map[data-drawn]").wait_for()
    for _ in range(9):
        page.locator("[data-move=north]").tap()
    words = page.locator("#pin-place")
    words.get_by_text("Off the corridor by").wait_for()
    assert "You can still use it" in words.inner_text()
    page.locator("#pin-use").tap()
    page.locator("#where .plate").get_by_text("Off the corridor").wait_for()
    concern = sent(phone)
    assert concern.segment is None
    assert concern.location is not None
    assert concern.location.y > 39.1066


# --- pure functions, against the server's own -----------------------------------------------------


def test_blocks_sides_and_corners_are_found_on_the_phone(phone: PhoneInHand) -> None:
    page = phone.open()
    found = page.evaluate(
        """async () => {
            const { faceOfNumber, nearestCorners, nearestFace } = await import("/static/field/blocks.js");
            const sides = { left: { en: "north side (even numbers)" }, right: { en: "south side (odd numbers)" } };
            const block = (name, block, from, to) => ({
                properties: { kind: "segment", name, block, from_name: from, to_name: to, sides },
                geometry: { coordinates: [[block === 3500 ? -94.54 : -94.538, 39.106],
                                          [block === 3500 ? -94.538 : -94.536, 39.106]] },
            });
            const map = { features: [block("a", 3500, "Askew", "Myrtle"), block("b", 3600, "Myrtle", "Norton")] };
            const words = (found) => found && [found.segment.properties.name, found.side];
            const face = (point) => words(nearestFace(point, map));
            const odd = faceOfNumber("3615 Independence Ave", map);
            return {
                north: face({ lat: 39.1061, lon: -94.539 }), south: face({ lat: 39.1059, lon: -94.5371 }),
                far: face({ lat: 39.11, lon: -94.539 }), odd: words(odd), share: odd.share,
                unknown: faceOfNumber("behind the bakery", map),
                corners: nearestCorners({ lat: 39.106, lon: -94.5383 }, map).map((corner) => corner.name),
            };
        }"""
    )
    assert found == {
        "north": ["a", "left"],
        "south": ["b", "right"],
        "far": None,
        "odd": ["b", "right"],
        "share": 0.15,
        "unknown": None,
        "corners": ["Myrtle", "Askew"],
    }


def test_every_house_number_of_the_avenue_lies_on_its_own_block_and_side(phone: PhoneInHand, walk: Walk) -> None:
    """The point that stands for a typed number belongs, for the server too, to the face that the phone named."""
    from corridors.places import nearest_face

    page = phone.join(walk)
    found = page.evaluate(
        """async () => {
            const { all } = await import("/static/field/store.js");
            const { besideLine, faceOfNumber } = await import("/static/field/blocks.js");
            const [{ pack }] = await all("walks");
            return [3502, 3517, 3550, 3599, 3601, 3648, 3698, 3701, 3777].map((number) => {
                const { segment, side, share } = faceOfNumber(`${number} Independence Ave`, pack.map);
                const at = besideLine(segment.geometry.coordinates, side, share);
                return { number, id: segment.properties.id, side, ...at };
            });
        }"""
    )
    for one in found:
        face = nearest_face(Point(one["lon"], one["lat"], srid=4326))
        assert face is not None
        assert (str(face.segment.public_id), face.side) == (one["id"], one["side"]), one["number"]
        assert face.segment.block == one["number"] // 100 * 100
        assert face.side == ("left" if one["number"] % 2 == 0 else "right")
        assert face.distance_m == pytest.approx(12, abs=0.1)
    assert Segment.objects.count() == 3


# --- for everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("phone", [{"viewport": {"width": 320, "height": 568}, "geolocation": ROUGH}], indirect=True)
def test_place_and_pin_are_free_of_axe_findings_on_a_small_phone(phone: PhoneInHand, walk: Walk, theme: str) -> None:
    phone.open()
    phone.page.evaluate(f"localStorage.setItem('field', JSON.stringify({{theme: '{theme}'}}))")
    page = phone.join(walk)
    phone.tap("light")
    page.get_by_text("Other address").tap()
    found = axe_violations(page)
    page.get_by_text("Move the pin").tap()
    page.locator("#pin-map[data-drawn]").wait_for()
    assert found + axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
