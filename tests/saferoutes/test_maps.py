"""The map kit and the parts page in a real browser: symbols, keyboard, picking, popups, accessibility.

No server and no database: pages are rendered here and handed to the browser, and every other host is refused, so each
case also proves that a map works with its tiles blocked.
"""

import json
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import override_settings
from playwright.sync_api import Browser, Page, Route, ViewportSize

from office import marks
from office.templatetags.look import map_settings
from office.widgets import PointPick
from saferoutes.management.commands.parts_page import PAGE
from tests.axe import axe_violations
from tests.browser import PHONE
from tests.browser import WIDE as DESKTOP

pytestmark = pytest.mark.browser
HOST = "http://safe.test"
Theme = Literal["light", "dark"]
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
NASTY = '<img src=x onerror="window.hurt = true">'


@pytest.fixture(autouse=True)
def plain_static() -> Iterator[None]:
    """Pages may name static files that nobody collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    ours = {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, TEMPLATES=[ours]):
        yield


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def line(*coordinates: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": coordinates},
        "properties": properties,
    }


def street(concerns: int = 3) -> dict[str, Any]:
    """An invented avenue of two blocks with some concerns on it."""
    west, middle, east = (-94.55, 39.105), (-94.545, 39.1048), (-94.54, 39.1045)
    found = [
        point(-94.549 + i * 0.002, 39.1052, kind="concern", id=f"c{i}", name=f"Light {i}", group="light", status="new")
        for i in range(concerns)
    ]
    features = [
        line(west, middle, east, kind="corridor", id="avenue", name="Linden Avenue"),
        line(west, middle, kind="segment", id="s1", name="Alder to Birch", from_name="Alder", to_name="Birch"),
        line(middle, east, kind="segment", id="s2", name="Birch to Cedar", from_name="Birch", to_name="Cedar"),
        point(*middle, kind="meeting", id="m", name="Fire station"),
        *found,
    ]
    return {"type": "FeatureCollection", "features": features}


class PlaceForm(forms.Form):
    where = forms.CharField(label="Where?", widget=PointPick())


@pytest.fixture
def show(browser: Browser) -> Iterator[Any]:
    """`show(body, ...)`: a page of ours with that body, under a strict policy, with nothing else reachable."""
    contexts = []

    def open_page(
        name: str, *, width: ViewportSize = DESKTOP, theme: Theme = "light", handlers: Any = None, **context: Any
    ) -> Page:
        html = render_to_string(name, context)
        browsing = browser.new_context(viewport=width, color_scheme=theme, has_touch=width is PHONE)
        contexts.append(browsing)
        page = browsing.new_page()
        page.route("**/*", lambda route: answer(route, html))
        for pattern, handler in (handlers or {}).items():
            page.route(f"{HOST}{pattern}", handler)
        page.on("pageerror", lambda error: pytest.fail(f"script failed: {error}"))
        page.goto(f"{HOST}/")
        return page

    yield open_page
    for browsing in contexts:
        browsing.close()


def answer(route: Route, html: str) -> None:
    url = route.request.url
    if url == f"{HOST}/":
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
    elif url.startswith(f"{HOST}/static/"):
        found = finders.find(url.removeprefix(f"{HOST}/static/"))
        path = Path(str(found))
        route.fulfill(body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0] or "text/plain")
    else:
        route.abort()


def show_map(show: Any, data: dict[str, Any], **options: Any) -> Page:
    items = [feature["properties"] for feature in data["features"] if feature["properties"]["kind"] == "concern"]
    page: Page = show("tests/map.html", data=data, items=items, **options)
    page.wait_for_selector("[data-map][data-ready]")
    return page


def test_map_and_paper_draw_the_same_symbols(show: Any) -> None:
    page = show_map(show, street())
    drawn = page.evaluate(
        """async ([groups, statuses]) => {
            const { markElement } = await import("/static/js/marks.js");
            const paths = (svg) => [...svg.querySelectorAll("path")].map((path) =>
                Object.fromEntries([...path.attributes].map((a) => [a.name, a.value])));
            return groups.map((group) => statuses.map((status) => {
                const svg = markElement(group, status);
                return [svg.getAttribute("class"), paths(svg)];
            }));
        }""",
        [list(marks.GROUP_WORDS), list(marks.STATUS_WORDS)],
    )
    for row, group in zip(drawn, marks.GROUP_WORDS, strict=True):
        for (classes, paths), status in zip(row, marks.STATUS_WORDS, strict=True):
            paper = marks.mark_svg(group, status)
            assert f'class="{classes}"' in paper
            on_paper = [dict(re.findall(r'([\w-]+)="([^"]*)"', path)) for path in re.findall(r"<path ([^>]*)/>", paper)]
            assert paths == on_paper, (group, status)


def test_every_concern_is_a_mark_and_the_legend_counts_them(show: Any) -> None:
    page = show_map(show, street(concerns=3))
    assert page.locator(".map-mark").count() == 3
    assert "new: 3" in page.inner_text("[data-map-key]")


def test_the_legend_counts_good_things_apart(show: Any) -> None:
    data = street(concerns=2)
    data["features"].append(point(-94.541, 39.105, kind="concern", id="g", name="Bakery", group="good", status="new"))
    page = show_map(show, data)
    assert "new: 2" in page.inner_text("[data-map-key]")
    assert "good thing: 1" in page.inner_text("[data-map-key]")


def test_concerns_at_one_place_stand_side_by_side_or_say_how_many(show: Any) -> None:
    same = [point(-94.545, 39.105, kind="concern", id=f"c{i}", name="x", group="way", status="new") for i in range(4)]
    page = show_map(show, {"type": "FeatureCollection", "features": same})
    boxes = [mark.bounding_box() for mark in page.locator(".map-mark").all()]
    assert len({round(box["x"]) for box in boxes if box}) == 4
    many = [point(-94.545, 39.105, kind="concern", id=f"c{i}", name="x", group="way", status="new") for i in range(40)]
    page = show_map(show, {"type": "FeatureCollection", "features": many})
    assert page.locator(".map-pile").all_inner_texts() == ["40"]


def test_concerns_the_server_counted_are_shown_as_a_number(show: Any) -> None:
    counted = [point(-94.545, 39.105, kind="cell", id="p", count=1204)]
    page = show_map(show, {"type": "FeatureCollection", "features": counted})
    assert page.locator(".map-pile").all_inner_texts() == ["1204"]


def test_a_map_without_concerns_steps_through_its_places(show: Any) -> None:
    page = show_map(show, street(concerns=0))
    page.focus("[data-map]")
    page.keyboard.press("n")
    assert page.inner_text("[data-map-news]") == "1 of 3. Alder to Birch"


def test_the_keyboard_steps_through_the_items_in_the_order_of_the_list(show: Any) -> None:
    page = show_map(show, street())
    page.focus("[data-map]")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.inner_text("[data-map-news]") == "2 of 3. Light 1. New"
    assert page.locator("li.is-linked").all_inner_texts() == ["Light 1"]
    page.keyboard.press("p")
    assert page.inner_text("[data-map-news]").startswith("1 of 3")


def test_the_keyboard_pans_and_zooms(show: Any) -> None:
    page = show_map(show, street())
    before = page.locator(".map-mark").first.bounding_box()
    page.focus("[data-map]")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    after = page.locator(".map-mark").first.bounding_box()
    assert before
    assert after
    assert after["x"] < before["x"] - 20


def test_pointing_at_the_list_lights_the_mark(show: Any) -> None:
    page = show_map(show, street())
    page.hover("[data-feature=c2]")
    assert page.locator(".map-mark.is-linked").count() == 1
    page.hover("h1")
    assert page.locator(".map-mark.is-linked").count() == 0


def test_the_name_of_the_corridor_runs_along_it_as_often_as_it_fits(show: Any) -> None:
    page = show_map(show, street(concerns=0))
    names = page.locator(".corridor-name")
    assert set(names.all_text_contents()) == {"Linden Avenue"}
    length = page.evaluate("document.querySelector('.corridor-line').getTotalLength()")
    assert names.count() == int(length // 360)


def test_words_of_people_are_text_in_popups_and_labels(show: Any) -> None:
    data = street(concerns=0)
    nasty = {"kind": "concern", "id": "x", "name": NASTY, "detail": NASTY, "group": NASTY, "status": NASTY}
    data["features"] += [
        point(-94.545, 39.1, **nasty, url="javascript:window.hurt=true"),
        point(-94.546, 39.1, kind="landmark", id="l", name=NASTY),
        line((-94.55, 39.1), (-94.54, 39.1), kind="corridor", id="n", name=NASTY),
    ]
    page = show_map(show, data)
    page.locator(".map-mark").first.click()
    assert NASTY in page.inner_text(".leaflet-popup-content")
    assert page.locator(".leaflet-popup-content a").count() == 0
    assert page.evaluate("window.hurt") is None


def test_a_moving_map_asks_for_what_is_in_its_frame(show: Any) -> None:
    asked: list[str] = []

    def concerns(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=json.dumps(street(concerns=2)), content_type="application/geo+json")

    page: Page = show(
        "tests/map_urls.html", moving=f"{HOST}/map/concerns.geojson", handlers={"/map/concerns*": concerns}
    )
    page.wait_for_selector(".map-mark")
    assert page.locator(".map-mark").count() == 2
    west, south, east, north = [float(edge) for edge in parse_qs(urlsplit(asked[0]).query)["bbox"][0].split(",")]
    assert west < east
    assert south < north


def test_a_map_that_cannot_load_says_so_and_points_to_the_list(show: Any) -> None:
    page: Page = show("tests/map_urls.html", urls=f"{HOST}/map/broken.geojson")
    page.wait_for_selector("[data-map][data-ready]")
    assert "Everything on it is in the list." in page.inner_text(".map-panel .note")


def test_a_map_without_script_points_to_the_list() -> None:
    html = render_to_string("tests/map.html", {"data": street(), "items": []})
    assert "Everything on it is also in the list." in html


def show_picker(show: Any, **options: Any) -> Page:
    page: Page = show("tests/pick.html", form=PlaceForm(), **options)
    page.wait_for_selector("[data-pick-map][data-ready]")
    return page


def picked(page: Page) -> Any:
    return json.loads(page.input_value("textarea[name=where]"))


def test_a_place_is_picked_by_click(show: Any) -> None:
    page = show_picker(show)
    page.locator("[data-pick-map]").click(position={"x": 200, "y": 200})
    assert picked(page)["type"] == "Point"
    assert "Pin at" in page.inner_text("[data-pick-says]")


def test_a_place_is_picked_by_tap(show: Any) -> None:
    page = show_picker(show, width=PHONE)
    page.locator("[data-pick-map]").tap(position={"x": 100, "y": 200})
    assert picked(page)["type"] == "Point"


def test_a_place_is_picked_with_keys_alone(show: Any) -> None:
    page = show_picker(show)
    page.focus("[data-pick-map]")
    page.keyboard.press("Enter")
    start = picked(page)["coordinates"]
    latitude, longitude = map_settings()["center"]
    assert start == pytest.approx([longitude, latitude], abs=0.001)
    page.keyboard.press("ArrowUp")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    assert picked(page)["coordinates"][1] > start[1]


def test_htmx_swaps_a_part_under_the_strict_policy(show: Any) -> None:
    page: Page = show("tests/htmx.html")
    page.route(f"{HOST}/part/", lambda route: route.fulfill(body="<p>fresh</p>", content_type="text/html"))
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.get_by_role("link", name="Refresh").click()
    page.wait_for_selector("#part p")
    assert page.inner_text("#part") == "fresh"
    assert refused == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_part_passes_axe_and_fits_the_width(browser: Browser, width: int, theme: Theme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    page.route("**/*", lambda route: answer(route, PAGE.read_text().replace('"../static/', '"/static/')))
    page.goto(f"{HOST}/")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_with_a_map_passes_axe(show: Any, theme: Theme) -> None:
    page = show_map(show, street(), width=PHONE, theme=theme)
    assert axe_violations(page) == []


def test_axe_finds_a_fault_that_is_there(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png"></main></html>')
    assert [finding.split(":")[0] for finding in axe_violations(page)] == ["image-alt"]
    page.close()
