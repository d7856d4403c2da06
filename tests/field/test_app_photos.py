"""Photos on the phone: upright, small and bare before they leave it; what is no photo is said at once."""

import base64
import io
import os
import struct
import uuid
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from concerns.models import Photo
from tests import factories
from tests.field.conftest import PhoneInHand
from walks.models import Walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
pillow_heif.register_heif_opener()

SHARED = Path(os.environ.get("SAFEROUTES_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "open"
MAKER = "SECRET-MAKER"
RED, BLUE, GREEN, WHITE = (254, 0, 0), (0, 0, 254), (0, 128, 0), (255, 255, 255)
needs_photos = pytest.mark.skipif(
    not (SHARED / "photos").is_dir(), reason="the real photos aren't beside the project (SAFEROUTES_SHARED)"
)
needs_bad_images = pytest.mark.skipif(
    not (SHARED / "bad_images").is_dir(), reason="the bad images aren't beside the project (SAFEROUTES_SHARED)"
)

READ = """async ([file, name, type]) => {
    const { readPhoto } = await import("/static/field/photos.js");
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const { photo, words } = await readPhoto(new File([bytes], name, { type }));
    const text = (buffer) => buffer && btoa([...new Uint8Array(buffer)].map((n) => String.fromCharCode(n)).join(""));
    return { words, type: photo?.type, bytes: text(photo?.bytes), thumb: text(photo?.thumb) };
}"""
KEPT = """async () => {
    const { all } = await import("/static/field/store.js");
    const text = (buffer) => btoa([...new Uint8Array(buffer)].map((n) => String.fromCharCode(n)).join(""));
    return (await all("photos")).map(({ bytes, ...more }) => ({ ...more, thumb: null, bytes: text(bytes) }));
}"""


@pytest.fixture
def walk(phone: PhoneInHand) -> Walk:
    return factories.make_running_walk()


@pytest.fixture
def page(phone: PhoneInHand) -> Page:
    return phone.open()


def quarters(size: tuple[int, int] = (2400, 1800)) -> Image.Image:
    """Red at the top left, green at the top right, blue below."""
    picture, (width, height) = Image.new("RGB", size, "blue"), size
    picture.paste("red", (0, 0, width // 2, height // 2))
    picture.paste("green", (width // 2, 0, width, height // 2))
    return picture


def encoded(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def told(orientation: int = 1) -> Image.Exif:
    """What cameras write: how it was held, who made it, where it was."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, MAKER
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (39.0, 6.0, 22.33)
    return exif


# How a camera that was held in each of eight ways stores a picture that is upright.
LYING = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def read(page: Page, data: bytes, name: str = "IMG_0001.jpg", type_: str = "image/jpeg") -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(READ, [base64.b64encode(data).decode(), name, type_])
    return answer | {key: base64.b64decode(answer[key]) for key in ("bytes", "thumb") if answer.get(key)}


def is_bare(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as picture:
        hidden = set(picture.info) & {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}
        is_told = dict(picture.getexif()) or any(picture.info[key] for key in hidden)
    return not is_told and not any(mark in data for mark in (b"Exif\0", b"ns.adobe.com", b"Photoshop", MAKER.encode()))


def corners(data: bytes) -> list[str]:
    """The colours near the four corners: top left, top right, bottom left, bottom right."""
    with Image.open(io.BytesIO(data)) as opened:
        picture, (width, height) = opened.convert("RGB"), opened.size
    places = [(9, 9), (width - 10, 9), (9, height - 10), (width - 10, height - 10)]
    return [_nearest(picture.getpixel(place)) for place in places]


def _nearest(pixel: Any) -> str:
    known = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE, "black": (0, 0, 0)}
    return min(known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], pixel, strict=True)))


def take(phone: PhoneInHand, data: bytes, name: str = "IMG_0001.jpg", type_: str = "image/jpeg") -> None:
    phone.page.locator("#camera").set_input_files({"name": name, "mimeType": type_, "buffer": data})


def kept(page: Page) -> list[dict[str, Any]]:
    """The photos in this phone's database."""
    return [photo | {"bytes": base64.b64decode(photo["bytes"])} for photo in page.evaluate(KEPT)]


# Upright, small, bare.


def test_fault_30_every_way_to_hold_a_phone_ends_upright_and_without_exif(page: Page) -> None:
    for orientation in range(1, 9):
        upright = quarters((1200, 900))
        stored = upright.transpose(LYING[orientation]) if orientation in LYING else upright
        photo = read(page, encoded(stored, exif=told(orientation)))
        assert photo["words"] == "photo_saved", orientation
        assert corners(photo["bytes"]) == ["red", "green", "blue", "blue"], orientation
        assert corners(photo["thumb"]) == ["red", "green", "blue", "blue"], orientation
        assert is_bare(photo["bytes"]), orientation
        assert Image.open(io.BytesIO(photo["bytes"])).size == (1200, 900), orientation


def test_fault_30_what_is_kept_and_what_arrives_are_bare_and_the_same(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    take(phone, encoded(quarters((4000, 3000)).transpose(LYING[6]), exif=told(6)))
    page.wait_for_selector("#photos li")
    [on_phone] = kept(page)
    phone.done()
    phone.wait_for("sent", 1)
    arrived = Path(Photo.objects.get().original.path).read_bytes()
    assert arrived == on_phone["bytes"]
    assert is_bare(arrived)
    assert Image.open(io.BytesIO(arrived)).size == (1600, 1200)
    assert corners(arrived) == ["red", "green", "blue", "blue"]


@pytest.mark.parametrize("size", [(4000, 3000), (8000, 6000), (640, 12000)])
def test_the_largest_cameras_end_at_1600_pixels(page: Page, size: tuple[int, int]) -> None:
    photo = read(page, encoded(quarters(size), quality=60, exif=told()))
    assert photo["words"] == "photo_saved"
    with Image.open(io.BytesIO(photo["bytes"])) as picture:
        assert max(picture.size) == 1600
        assert picture.size == pytest.approx([side * 1600 / max(size) for side in size], abs=1)
    assert len(photo["bytes"]) < 1_000_000
    with Image.open(io.BytesIO(photo["thumb"])) as thumb:
        assert max(thumb.size) == 240


def test_a_photo_of_more_than_15_megabytes_is_made_small_like_any_other(
    phone: PhoneInHand, walk: Walk, tmp_path: Path
) -> None:
    path = tmp_path / "IMG.png"
    path.write_bytes(encoded(quarters((2600, 1950)), "PNG", compress_level=0))
    assert path.stat().st_size > 15_000_000
    page = phone.join(walk)
    phone.tap("house")
    page.locator("#camera").set_input_files(path)
    page.wait_for_selector("#photos li")
    [photo] = kept(page)
    assert Image.open(io.BytesIO(photo["bytes"])).size == (1600, 1200)


def test_a_small_photo_is_not_made_larger(page: Page) -> None:
    photo = read(page, encoded(quarters((320, 200))))
    assert Image.open(io.BytesIO(photo["bytes"])).size == (320, 200)


@pytest.mark.parametrize(("form", "name"), [("PNG", "a.png"), ("WEBP", "a.webp")])
def test_transparency_becomes_white_and_not_black(page: Page, form: str, name: str) -> None:
    picture = quarters((800, 600)).convert("RGBA")
    picture.paste((0, 0, 0, 0), (400, 300, 800, 600))
    photo = read(page, encoded(picture, form), name, f"image/{form.lower()}")
    assert photo["type"] == "image/jpeg"
    assert corners(photo["bytes"]) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_of_a_moving_picture_the_first_is_kept(page: Page, form: str) -> None:
    frames = [quarters((400, 300)), Image.new("RGB", (400, 300), "black")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=40, loop=0)
    photo = read(page, data, f"a.{form.lower()}", f"image/{form.lower()}")
    assert corners(photo["bytes"]) == ["red", "green", "blue", "blue"]
    assert Image.open(io.BytesIO(photo["bytes"])).format == "JPEG"


def test_what_it_is_counts_and_not_its_name(page: Page) -> None:
    photo = read(page, encoded(quarters((400, 300)), "PNG"), "IMG_0001.HEIC", "image/heic")
    assert (photo["words"], photo["type"]) == ("photo_saved", "image/jpeg")


# What is no photo.


def broken_png() -> bytes:
    whole = encoded(quarters((800, 600)), "PNG")
    return whole[: len(whole) // 2]


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims this size, with no pixels behind it."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b"\0"), b"IEND"]
    framed = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def heic(**options: Any) -> bytes:
    """As iPhones make them; chromium can't decode it."""
    return encoded(quarters((640, 480)), "HEIF", exif=told().tobytes(), **options)


NOT_PHOTOS = {
    "empty": b"",
    "text": b"hello there",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "video": b"\x00\x00\x00\x18ftypmp42" + bytes(600),
    "jpeg cut off": encoded(quarters())[:9000],
    "png cut off": broken_png(),
    "png of 65,000 pixels a side": png_of(65_000, 65_000),
    "heic head only": b"\x00\x00\x00\x18ftypheic" + bytes(64),
    "heic cut off": heic()[:-700],
}


def test_fault_14_what_is_no_photo_is_not_kept(page: Page) -> None:
    for type_ in ("image/jpeg", "image/svg+xml"):
        said = {name: read(page, data, "IMG_0001.jpg", type_)["words"] for name, data in NOT_PHOTOS.items()}
        assert said == dict.fromkeys(NOT_PHOTOS, "photo_unreadable")


def test_fault_14_among_several_the_good_ones_are_kept_and_the_bad_one_is_said(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    phone.tap("light")
    take(phone, NOT_PHOTOS["jpeg cut off"])
    page.locator("#alert").get_by_text("not a photo").wait_for()
    take(phone, encoded(quarters((900, 600))))
    page.wait_for_selector("#photos li")
    phone.done()
    phone.wait_for("sent", 1)
    assert Photo.objects.count() == 1


def test_a_photo_taken_twice_quickly_stays_two_photos_of_its_own_record(phone: PhoneInHand, walk: Walk) -> None:
    """The sheet is left while the large one is still being made small."""
    page = phone.join(walk)
    phone.tap("light")
    take(phone, encoded(quarters((8000, 6000))))
    take(phone, encoded(quarters((300, 200))))
    phone.done()
    phone.tap("ground")
    phone.done()
    for _time in range(100):
        if len(photos := kept(page)) == 2:
            break
        page.wait_for_timeout(100)
    assert len({photo["record"] for photo in photos}) == 1
    phone.wait_for("sent", 2)
    assert {photo.concern.category.group for photo in Photo.objects.all() if photo.concern} == {"light"}


# HEIC that this browser can't decode.


def test_fault_30_heic_leaves_the_phone_without_exif_and_its_picture_untouched(phone: PhoneInHand, walk: Walk) -> None:
    page = phone.join(walk)
    assert MAKER.encode() in heic()
    phone.tap("house")
    take(phone, heic(), "IMG_5195.HEIC", "image/heic")
    page.get_by_text("without its place and time").first.wait_for()
    [on_phone] = kept(page)
    assert (on_phone["type"], on_phone["thumb"]) == ("image/heic", None)
    phone.done()
    phone.wait_for("sent", 1)
    arrived = Path(Photo.objects.get().original.path).read_bytes()
    assert arrived == on_phone["bytes"]
    assert is_bare(arrived)
    assert _looks_the_same(arrived, heic())


def _looks_the_same(one: bytes, other: bytes) -> bool:
    pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other)]
    return ImageChops.difference(*pictures).getbbox() is None


def test_heic_with_a_movie_or_a_note_behind_it_loses_them(page: Page) -> None:
    note = struct.pack(">I4s16s", 8 + 16 + 24, b"uuid", uuid.uuid4().bytes) + b"+39.1061-094.5391/ SECRET"[:24]
    movie = struct.pack(">I4s", 8 + 30, b"mpvd") + b"moov udta +39.1061-094.5391/ !"[:30]
    photo = read(page, heic() + note + movie, "IMG.HEIC", "image/heic")
    assert photo["words"] == "photo_saved_whole"
    assert b"39.1061" not in photo["bytes"]
    assert _looks_the_same(photo["bytes"], heic())


def test_heic_over_the_limit_of_the_server_is_said_to_be_too_large(
    phone: PhoneInHand, walk: Walk, tmp_path: Path
) -> None:
    path = tmp_path / "IMG.HEIC"
    path.write_bytes(heic() + struct.pack(">I4s", 15_000_008, b"free") + bytes(15_000_000))
    page = phone.join(walk)
    phone.tap("house")
    page.locator("#camera").set_input_files(path)
    page.locator("#alert").get_by_text("too large").wait_for()
    assert kept(page) == []


# The real files.


@needs_photos
@pytest.mark.shared_data
def test_every_real_photo_becomes_small_upright_and_bare(page: Page) -> None:
    for path in sorted((SHARED / "photos").glob("*.jpg")):
        photo = read(page, path.read_bytes(), path.name)
        assert photo["words"] == "photo_saved", path.name
        assert is_bare(photo["bytes"]), path.name
        with Image.open(io.BytesIO(photo["bytes"])) as picture:
            assert max(picture.size) <= 1600, path.name
            assert "portrait" not in path.name or picture.height > picture.width, path.name
            assert "landscape" not in path.name or picture.width > picture.height, path.name


@needs_photos
@pytest.mark.shared_data
def test_an_iphones_heic_is_bare_and_opens_as_before(page: Page) -> None:
    original = (SHARED / "photos" / "IMG_5195.HEIC").read_bytes()
    photo = read(page, original, "IMG_5195.HEIC", "image/heic")
    assert photo["words"] == "photo_saved_whole"
    assert is_bare(photo["bytes"])
    assert b"iPhone" in original
    assert b"iPhone" not in photo["bytes"]
    assert _looks_the_same(photo["bytes"], original)


@needs_bad_images
@pytest.mark.shared_data
def test_bad_images_are_refused_or_made_bare(page: Page) -> None:
    said = {}
    for path in sorted((SHARED / "bad_images").iterdir()):
        photo = read(page, path.read_bytes(), path.name)
        said[path.name] = photo["words"]
        assert not photo.get("bytes") or is_bare(photo["bytes"]), path.name
    refused = {"broken.png", "corrupted.heic", "decompression_bomb.gif", "empty.heic", "truncated_image.png"}
    assert {name for name, words in said.items() if words == "photo_unreadable"} >= refused
    kept_names = {"exif_gps.jpg", "exif_gps_typeerror.jpg", "hopper_bad_exif.jpg"}
    assert {name for name in kept_names if said[name] == "photo_saved"} == kept_names
