"""Turning photos and blacking out parts of them: what is served, what stays, and two editors at once."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser

from concerns import actions
from concerns.models import Photo
from concerns.photo_editing import Rectangle, edit_photo, turned_by
from concerns.photos import keep_original, process_waiting
from office.models import AuditEvent
from office.refused import Refused
from people.models import User
from tests import factories
from tests.browser import WIDE, Window

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def four_colours(size: tuple[int, int] = (800, 400), **options: Any) -> bytes:
    """Red, green over blue, white: each a quarter."""
    width, height = size
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def ready_photo(data: bytes | None = None, **fields: Any) -> Photo:
    """A photo that the worker has made copies of, of a published light."""
    concern = fields.pop("concern", None) or factories.make_published_concern()
    photo = keep_original(concern=concern, device=None, client_id=None, position=0, data=data or four_colours())
    process_waiting()
    photo.refresh_from_db()
    return photo


def edit(photo: Photo, by: User, *rectangles: tuple[float, float, float, float], **fields: Any) -> Photo:
    given: dict[str, Any] = {"turned": photo.turned, "seen": photo.shown_version} | fields
    return edit_photo(photo=photo, by=by, rectangles=[Rectangle(*one) for one in rectangles], **given)


def served(client: Client, photo: Photo, size: str = "1600", name: str = "concerns:photo") -> Image.Image:
    response = client.get(reverse(name, args=[photo.public_id, size]))
    assert response.status_code == 200
    image = Image.open(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    image.load()
    return image


def colour(image: Image.Image, x: float, y: float) -> str:
    """The name of the colour at a part of the picture."""
    r, g, b = image.convert("RGB").getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))  # type: ignore[misc]
    near = {"black": (0, 0, 0), "red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    return min(near, key=lambda name: sum(abs(a - c) for a, c in zip((r, g, b), near[name], strict=True)))


def corners(image: Image.Image) -> list[str]:
    return [colour(image, x, y) for y in (0.1, 0.9) for x in (0.1, 0.9)]


# --- What is served ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["1600", "400"])
def test_what_lies_under_a_rectangle_is_black_in_both_copies(client: Client, organizer: User, size: str) -> None:
    photo = edit(ready_photo(), organizer, (0.0, 0.0, 0.5, 0.5), approve=True)
    image = served(client, photo, size)
    assert corners(image) == ["black", "lime", "blue", "white"]
    inside = image.crop((2, 2, image.width // 2 - 2, image.height // 2 - 2)).getextrema()
    assert max(high for _low, high in inside) <= 24  # type: ignore[misc]


def test_a_pixel_that_a_rectangle_only_touches_is_black(client: Client, organizer: User) -> None:
    photo = edit(ready_photo(), organizer, (0.4999, 0.0, 0.5101, 1.0), approve=True)
    assert colour(served(client, photo), 0.505, 0.25) == "black"


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        (90, ["blue", "red", "white", "lime"]),
        (180, ["white", "blue", "lime", "red"]),
        (270, ["lime", "white", "red", "blue"]),
    ],
)
def test_it_is_turned_clockwise(client: Client, organizer: User, turned: int, expected: list[str]) -> None:
    photo = edit(ready_photo(), organizer, turned=turned, approve=True)
    image = served(client, photo)
    assert corners(image) == expected
    assert image.size == ((400, 800) if turned != 180 else (800, 400)) == (photo.width, photo.height)


def test_rectangles_turn_with_the_picture(client: Client, organizer: User) -> None:
    photo = edit(ready_photo(), organizer, (0.0, 0.0, 0.5, 0.5))
    parts = turned_by([Rectangle(*one) for one in photo.blackouts], 90)
    photo = edit(photo, organizer, *parts, turned=90, approve=True)
    assert corners(served(client, photo)) == ["blue", "black", "white", "lime"]


def test_four_quarter_turns_lead_back() -> None:
    one = Rectangle(0.1, 0.2, 0.4, 0.9)
    assert [round(side, 9) for side in turned_by([one], 360)[0]] == list(one)
    assert turned_by(turned_by(turned_by([one], 90), 180), 90)[0].left == pytest.approx(0.1)


def test_o12_nothing_hidden_is_in_an_edited_copy(client: Client, organizer: User) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    photo = edit(ready_photo(four_colours(exif=exif)), organizer, (0.2, 0.2, 0.3, 0.3), approve=True)
    for path in (photo.image.path, photo.thumbnail.path, photo.original.path):
        assert b"SECRET-MAKER" not in Path(path).read_bytes()
        with Image.open(path) as image:
            assert not image.getexif()


def test_the_picture_that_came_is_never_changed_and_never_served(client: Client, organizer: User) -> None:
    photo = ready_photo()
    first = Path(photo.image.path).read_bytes()
    photo = edit(photo, organizer, (0.0, 0.0, 0.5, 0.5))
    photo = edit(photo, organizer, (0.5, 0.5, 1.0, 1.0), turned=90, approve=True)
    assert Path(photo.original.path).read_bytes() == first
    client.force_login(organizer)
    for name in ("concerns:photo", "concerns:desk_photo"):
        for size in ("1600", "400"):
            response = client.get(reverse(name, args=[photo.public_id, size]))
            assert b"".join(response.streaming_content) != first  # type: ignore[attr-defined]


def test_removing_a_rectangle_brings_back_what_lay_under_it(client: Client, organizer: User) -> None:
    photo = edit(ready_photo(), organizer, (0.0, 0.0, 1.0, 1.0))
    assert set(corners(Image.open(photo.image.path))) == {"black"}
    photo = edit(photo, organizer, approve=True)
    assert corners(served(client, photo)) == ["red", "lime", "blue", "white"]


def test_each_edit_has_new_files_and_the_old_copies_go(
    organizer: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    photo = ready_photo()
    kept = {photo.image.name}
    for _n in range(3):
        before = {photo.image.name, photo.thumbnail.name}
        with django_capture_on_commit_callbacks(execute=True):
            photo = edit(photo, organizer, (0.1, 0.1, 0.2, 0.2))
        assert not before & {photo.image.name, photo.thumbnail.name}
    files = {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*.jpg")}
    assert {name for name in files if not name.startswith("originals/")} == kept | {
        photo.image.name,
        photo.thumbnail.name,
    }


def test_an_edit_that_is_refused_leaves_no_file_behind(organizer: User, settings: Any) -> None:
    photo = ready_photo(concern=factories.make_concern(category="VACANT_OPEN"))
    before = sorted(Path(settings.MEDIA_ROOT).rglob("*.jpg"))
    with pytest.raises(Refused, match="never public"):
        edit(photo, organizer, (0.1, 0.1, 0.2, 0.2), approve=True)
    photo.refresh_from_db()
    assert photo.blackouts == []
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*.jpg")) == before


def test_a_purged_concern_takes_all_files_of_an_edited_photo_along(
    organizer: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        photo = edit(ready_photo(), organizer, (0.1, 0.1, 0.2, 0.2))
    assert photo.concern is not None
    with django_capture_on_commit_callbacks(execute=True):
        actions.purge_concern(concern=photo.concern, by=None)
    left = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert [path for path in left if "originals" not in path.parts] == []


# --- Approval and limits ----------------------------------------------------------------------------------------------


def test_an_edit_takes_the_approval_back(client: Client, organizer: User) -> None:
    photo = ready_photo()
    actions.approve_photo(photo=photo, by=organizer)
    photo = edit(photo, organizer, turned=90)
    assert (photo.approved_at, photo.approved_by) == (None, None)
    assert client.get(reverse("concerns:photo", args=[photo.public_id, "400"])).status_code == 404


def test_it_is_written_down_without_what_was_hidden(organizer: User) -> None:
    photo = edit(ready_photo(), organizer, (0.1, 0.1, 0.2, 0.2))
    line = AuditEvent.objects.get(action="edit_photo")
    assert line.detail == {"photo": str(photo.public_id), "turned": 0, "rectangles": 1}


@pytest.mark.parametrize(
    "bad",
    [
        [(0.5, 0.5, 0.5, 0.9)],
        [(0.9, 0.1, 0.2, 0.4)],
        [(1.2, 0.1, 1.6, 0.4)],
        [(float("nan"), 0.1, 0.5, 0.4)],
        [(0.1, 0.1, float("inf"), float("-inf"))],
        [(0.1, 0.1, 0.2, 0.2)] * 21,
    ],
)
def test_a_rectangle_that_is_none_is_refused(organizer: User, bad: list[tuple[float, float, float, float]]) -> None:
    photo = ready_photo()
    with pytest.raises(Refused):
        edit(photo, organizer, *bad)
    assert Photo.objects.get().shown_version == photo.shown_version


def test_a_photo_that_waits_for_the_worker_can_not_be_edited(organizer: User) -> None:
    concern = factories.make_concern()
    photo = keep_original(concern=concern, device=None, client_id=None, position=0, data=four_colours())
    with pytest.raises(Refused, match="isn’t ready"):
        edit(photo, organizer, (0.1, 0.1, 0.2, 0.2))


def test_a_photo_whose_file_is_gone_says_so(organizer: User) -> None:
    photo = ready_photo()
    default_storage.delete(photo.image.name)
    with pytest.raises(Refused, match="can’t be read"):
        edit(photo, organizer, (0.1, 0.1, 0.2, 0.2))


def test_o40_forty_megapixels_are_edited_like_any_other(client: Client, organizer: User) -> None:
    photo = ready_photo(four_colours((8000, 5000)))
    assert photo.state == "ready"
    photo = edit(photo, organizer, (0.0, 0.0, 0.5, 0.5), turned=90, approve=True)
    image = served(client, photo)
    assert max(image.size) == 1600
    assert corners(image) == ["black", "red", "white", "lime"]


# --- Two people at once -----------------------------------------------------------------------------------------------


def test_the_second_editor_is_refused_and_sees_the_first_ones_picture(organizer: User, client: Client) -> None:
    photo = ready_photo()
    seen = photo.shown_version
    first = edit(photo, organizer, (0.0, 0.0, 0.5, 0.5))
    client.force_login(organizer)
    response = client.post(
        reverse("concerns:desk_photo_edit", args=[photo.public_id]),
        {"seen": seen, "left": ["60"], "top": ["60"], "width": ["20"], "height": ["20"], "do": "save"},
    )
    page = response.content.decode()
    assert response.status_code == 400
    assert "Somebody was quicker" in page
    assert first.shown_version in page
    assert 'name="left" inputmode="decimal" autocomplete="off" value="60"' in page
    assert Photo.objects.get().blackouts == [[0.0, 0.0, 0.5, 0.5]]


def test_a_picture_that_changed_meanwhile_is_not_approved_unseen(organizer: User, client: Client) -> None:
    """One removes a rectangle while another approves what they saw blacked out."""
    photo = edit(ready_photo(), organizer, (0.0, 0.0, 0.5, 0.5))
    seen = photo.shown_version
    edit(photo, organizer)
    client.force_login(organizer)
    response = client.post(reverse("concerns:desk_photo_approve", args=[photo.public_id]), {"seen": seen})
    assert response.status_code == 400
    assert Photo.objects.get().approved_at is None


@pytest.mark.django_db(transaction=True)
def test_two_editors_at_the_same_moment_one_wins(organizer: User) -> None:
    photo = ready_photo()
    came: list[str] = []
    start = threading.Barrier(2)

    def work(left: float) -> None:
        start.wait()
        try:
            edit(photo, organizer, (left, 0.0, left + 0.2, 0.5))
            came.append("saved")
        except Refused as refusal:
            came.append(refusal.message[:20])
        finally:
            connection.close()

    editors = [threading.Thread(target=work, args=[left]) for left in (0.0, 0.5)]
    for one in editors:
        one.start()
    for one in editors:
        one.join()
    assert sorted(came) == ["Somebody was quicker", "saved"]
    now = Photo.objects.get()
    assert len(now.blackouts) == 1
    assert default_storage.exists(now.image.name)
    assert default_storage.exists(now.original.name)


# --- The page ---------------------------------------------------------------------------------------------------------


def address(photo: Photo) -> str:
    return reverse("concerns:desk_photo_edit", args=[photo.public_id])


def row(left: object, top: object, width: object, height: object) -> dict[str, list[str]]:
    return {"left": [str(left)], "top": [str(top)], "width": [str(width)], "height": [str(height)]}


def test_without_script_four_numbers_are_a_rectangle(organizer: User, client: Client) -> None:
    photo = ready_photo()
    client.force_login(organizer)
    page = client.get(address(photo)).content.decode()
    assert page.count('name="left"') == 2  # one to fill in, one in the template for the script
    answer = client.post(address(photo), {"seen": photo.shown_version, "do": "approve", **row(0, "12,5", 50, 25)})
    assert answer.status_code == 302
    photo.refresh_from_db()
    assert photo.blackouts == [[0.0, 0.125, 0.5, 0.375]]
    assert photo.approved_by == organizer


def test_turn_and_remove_are_one_press_each(organizer: User, client: Client) -> None:
    photo = edit(ready_photo(), organizer, (0.0, 0.0, 0.5, 0.5))
    client.force_login(organizer)
    client.post(address(photo), {"seen": photo.shown_version, "do": "right", **row(0, 0, 50, 50)})
    photo.refresh_from_db()
    assert (photo.turned, photo.blackouts) == (90, [[0.5, 0.0, 1.0, 0.5]])
    client.post(address(photo), {"seen": photo.shown_version, "do": "remove-1", **row(50, 0, 50, 50)})
    photo.refresh_from_db()
    assert (photo.turned, photo.blackouts) == (90, [])


@pytest.mark.parametrize(
    "typed",
    [row("abc", 0, 10, 10), row("", 0, 10, 10), row(0, 0, 0, 0), row("nan", 0, 10, 10), row("1e999", 0, 1, 1),
     row(-50, 0, 10, 10), row(0, 0, 10, "\x00")],
)  # fmt: skip
def test_a_bad_number_is_named_and_what_was_typed_stays(
    organizer: User, client: Client, typed: dict[str, list[str]]
) -> None:
    photo = ready_photo()
    client.force_login(organizer)
    response = client.post(address(photo), {"seen": photo.shown_version, "do": "save", **typed})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert Photo.objects.get().blackouts == []


def test_a_walk_lead_blacks_out_but_does_not_approve(client: Client, volunteer: User) -> None:
    walk = factories.make_walk(lead=volunteer.person)
    photo = ready_photo(concern=factories.make_published_concern(walk=walk))
    client.force_login(volunteer)
    assert "Black out and approve" not in client.get(address(photo)).content.decode()
    given = {"seen": photo.shown_version, **row(0, 0, 50, 50)}
    assert client.post(address(photo), given | {"do": "approve"}).status_code == 403
    assert client.post(address(photo), given | {"do": "save"}).status_code == 302
    assert Photo.objects.get().blackouts == [[0.0, 0.0, 0.5, 0.5]]
    other = ready_photo()
    assert client.get(address(other)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_rectangle_is_drawn_moved_by_keys_and_taken_away(site: str, browser: Browser, organizer: User) -> None:
    """Only a browser knows what mouse and arrow keys do."""
    photo = ready_photo()
    window = Window(browser, site, user=organizer, viewport=WIDE)
    page = window.page
    page.goto(site + address(photo))
    frame = page.locator("[data-stage] img").bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.4, frame["y"] + frame["height"] * 0.6, steps=4)
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_role("button", name="Add a rectangle").click()
    page.keyboard.press("Delete")
    assert page.locator(".blackout-mark:visible").count() == 1
    page.get_by_role("button", name="Black out", exact=True).click()
    page.wait_for_selector("text=This is how the photo is shown now")
    ((left, top, right, bottom),) = Photo.objects.get().blackouts
    assert (left, top) == (pytest.approx(0.11, abs=0.01), pytest.approx(0.1, abs=0.01))
    assert (right, bottom) == (pytest.approx(0.41, abs=0.01), pytest.approx(0.61, abs=0.01))
    window.check()
    window.close()


def test_a_file_that_is_no_picture_any_more_is_no_500(organizer: User, client: Client) -> None:
    photo = ready_photo()
    default_storage.delete(photo.image.name)
    photo.image.name = default_storage.save(photo.image.name, ContentFile(b"broken"))
    photo.save(update_fields=["image"])
    client.force_login(organizer)
    response = client.post(address(photo), {"seen": photo.shown_version, "do": "save", **row(1, 1, 5, 5)})
    assert response.status_code == 400
