"""Photos: what is kept, what is refused before it is decoded, and what the worker makes of it."""

import io
import json
import os
import signal
import struct
import subprocess
import sys
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from concerns.models import Concern, Photo
from concerns.photos import PhotoRefused, check_header, keep_original, process_waiting
from tests import factories

pytestmark = pytest.mark.django_db
SHARED = Path(os.environ.get("SAFEROUTES_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "open"
GPS_MARKER = b"SECRET-MAKER"


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def picture(size: tuple[int, int] = (60, 40), form: str = "JPEG", **options: Any) -> bytes:
    """A picture whose left half is red and right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def with_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = GPS_MARKER.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (39.0, 6.0, 22.33)
    return picture(exif=exif)


def keep(data: bytes, concern: Concern | None = None, **fields: Any) -> Photo:
    concern = concern or factories.make_concern()
    given: dict[str, Any] = {"device": None, "client_id": None, "position": 0} | fields
    return keep_original(concern=concern, data=data, **given)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, with nothing inside."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT", b"IEND"]
    told = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


# Keeping.


@pytest.mark.parametrize(("form", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("HEIF", "heic")])
def test_it_keeps_four_kinds_by_their_content(form: str, extension: str) -> None:
    photo = keep(picture(form=form))
    assert photo.original.name.endswith(f"{photo.public_id}.{extension}")
    assert photo.original.storage.exists(photo.original.name)
    assert (photo.state, photo.n_bytes) == ("held", len(picture(form=form)))


def test_the_same_photo_again_is_the_same_row() -> None:
    concern, device, client_id = factories.make_concern(), factories.make_device(), uuid.uuid4()
    first = keep(picture(), concern, device=device, client_id=client_id)
    assert keep(picture(), concern, device=device, client_id=client_id) == first
    with pytest.raises(PhotoRefused, match="Another photo"):
        keep(picture((10, 10)), concern, device=device, client_id=client_id)
    assert Photo.objects.count() == 1


def test_file_and_folders_are_confirmed_before_it_returns(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    confirmed: set[str] = set()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        confirmed.add(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    photo = keep(picture())
    path = Path(photo.original.path)
    root = Path(settings.MEDIA_ROOT)
    assert {str(path), str(path.parent), str(path.parents[1]), str(path.parents[2]), str(root)} <= confirmed


def test_a_full_disk_says_so_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PhotoRefused) as refusal:
        keep(picture())
    assert refusal.value.status == 507
    assert not Photo.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_six_photos_are_the_most() -> None:
    concern = factories.make_concern()
    for n in range(6):
        keep(picture((10 + n, 10)), concern)
    with pytest.raises(PhotoRefused, match="At most 6"):
        keep(picture(), concern)


# Refusing, before anything is decoded.

NOT_PHOTOS = {
    "empty": b"",
    "text": b"hello there",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "php": b"<?php system($_GET[0]); ?>",
    "gif": b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "ico": b"\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00 \x00h\x04\x00\x00\x16\x00\x00\x00",
    "bmp": b"BM" + bytes(60),
    "tiff": b"II*\x00" + bytes(60),
    "nothing by nothing": png_header(0, 0),
    "jpeg head only": b"\xff\xd8\xff\xe0",
    "heic head only": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_no_photo_is_refused(name: str) -> None:
    with pytest.raises(PhotoRefused, match="Please send a JPEG") as refusal:
        keep(NOT_PHOTOS[name])
    assert refusal.value.status == 400
    assert not Photo.objects.exists()


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (12_001, 10), (10, 12_001), (100_000, 100_000)])
def test_too_many_pixels_are_refused_before_decoding(width: int, height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PhotoRefused, match="40 megapixels or 12000 pixels") as refusal:
        check_header(png_header(width, height))
    assert refusal.value.status == 413


def test_the_largest_allowed_is_not_refused() -> None:
    assert check_header(png_header(8000, 5000)) == "png"


def test_more_than_fifteen_megabytes_are_refused() -> None:
    with pytest.raises(PhotoRefused, match="larger than 15 MB") as refusal:
        check_header(picture() + bytes(15_000_000))
    assert refusal.value.status == 413


# The worker's copy.


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_copy_is_upright_and_bare(orientation: int) -> None:
    photo = keep(with_orientation(orientation))
    assert GPS_MARKER in Path(photo.original.path).read_bytes()
    process_waiting()
    photo.refresh_from_db()
    assert (photo.state, photo.width, photo.height) == ("ready", *((60, 40) if orientation < 5 else (40, 60)))
    for file in (photo.image, photo.thumbnail):
        with Image.open(file.path) as copy:
            assert copy.format == "JPEG"
            assert not copy.getexif()
            assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
            red_side = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}
            assert _reddest_side(copy) == red_side[orientation]
        assert GPS_MARKER not in Path(file.path).read_bytes()


def _reddest_side(image: Image.Image) -> str:
    width, height = image.size
    middle = {
        "left": (3, height // 2),
        "right": (width - 4, height // 2),
        "top": (width // 2, 3),
        "bottom": (width // 2, height - 4),
    }
    reds = {side: image.convert("RGB").getpixel(place) for side, place in middle.items()}
    sides = [side for side, pixel in reds.items() if isinstance(pixel, tuple) and pixel[0] > 200 and pixel[2] < 60]
    return next(side for side in sides if _opposite(side) not in sides)


def _opposite(side: str) -> str:
    return {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}[side]


def test_the_original_goes_when_the_copy_is_there(django_capture_on_commit_callbacks: Any) -> None:
    photo = keep(with_orientation(6))
    path = Path(photo.original.path)
    with django_capture_on_commit_callbacks(execute=True):
        process_waiting()
    photo.refresh_from_db()
    assert not path.exists()
    assert not photo.original


def test_it_is_made_smaller_and_never_larger() -> None:
    big, small = keep(picture((3200, 1000))), keep(picture((300, 200)))
    assert process_waiting() == 2
    big.refresh_from_db()
    small.refresh_from_db()
    assert (big.width, big.height) == (1600, 500)
    assert (small.width, small.height) == (300, 200)
    with Image.open(big.thumbnail.path) as thumb:
        assert thumb.size == (400, 125)


def test_transparency_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG")
    photo = keep(out.getvalue())
    process_waiting()
    photo.refresh_from_db()
    with Image.open(photo.image.path) as copy:
        assert copy.getpixel((10, 10)) == (255, 255, 255)


def test_a_broken_photo_is_marked_and_the_others_go_on() -> None:
    broken = keep(picture((900, 900))[:2500])
    good = keep(picture())
    gone = keep(picture((30, 30)))
    Path(gone.original.path).unlink()
    assert process_waiting() == 3
    states = dict(Photo.objects.values_list("pk", "state"))
    assert states == {broken.pk: "unreadable", good.pk: "ready", gone.pk: "unreadable"}
    assert process_waiting() == 0


def test_a_full_disk_leaves_the_photo_waiting_however_often_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = keep(picture())
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        for _time in range(5):
            with pytest.raises(PhotoRefused):
                process_waiting()
    photo.refresh_from_db()
    assert photo.state == "held"
    assert process_waiting() == 1


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGBA", "1", "I;16", "CMYK"])
def test_every_way_to_write_colours_becomes_a_small_copy_with_its_left_half_apart(mode: str) -> None:
    drawn = Image.new("L", (2000, 1000), 250)
    drawn.paste(10, (0, 0, 1000, 1000))
    out = io.BytesIO()
    drawn.convert(mode).save(out, "JPEG" if mode == "CMYK" else "PNG")
    photo = keep(out.getvalue())
    process_waiting()
    photo.refresh_from_db()
    assert (photo.state, photo.width, photo.height) == ("ready", 1600, 800)


# A photo that ends the worker.

DYING_WORKER = """
import json, os, signal, sys
import django
from django.conf import settings
django.setup()
given = json.loads(sys.argv[1])
settings.DATABASES["default"]["NAME"] = given["database"]
settings.MEDIA_ROOT = given["media"]
from concerns import photos
real = photos.upright
def upright(data):
    if len(data) == given["deadly"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(data)
photos.upright = upright
photos.process_waiting()
"""


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_ends_the_worker_is_given_up_after_three_tries_and_the_others_go_on(settings: Any) -> None:
    deadly, good = keep(picture((50, 50))), keep(picture())
    given = {"database": settings.DATABASES["default"]["NAME"], "media": str(settings.MEDIA_ROOT)}
    given["deadly"] = deadly.n_bytes
    ends = [
        subprocess.run([sys.executable, "-c", DYING_WORKER, json.dumps(given)], timeout=60).returncode
        for _time in range(4)
    ]
    assert ends == [-signal.SIGKILL] * 3 + [0]
    assert dict(Photo.objects.values_list("pk", "state")) == {deadly.pk: "unreadable", good.pk: "ready"}
    deadly.refresh_from_db()
    assert Path(deadly.original.path).exists()


def test_too_little_memory_is_tried_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = keep(picture())
    with monkeypatch.context() as small:
        small.setattr("concerns.photos.upright", lambda data: (_ for _ in ()).throw(MemoryError()))
        for _time in range(2):
            with pytest.raises(MemoryError):
                process_waiting()
    assert process_waiting() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.n_tries) == ("ready", 3)


def test_a_try_is_counted_before_the_photo_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, seen = keep(picture()), []

    def look(data: bytes) -> Image.Image:
        seen.append(Photo.objects.values_list("n_tries", flat=True).get(pk=photo.pk))
        return Image.new("RGB", (9, 9))

    monkeypatch.setattr("concerns.photos.upright", look)
    process_waiting()
    assert seen == [1]


# Memory.

MEASURED = """
import re, sys
from pathlib import Path
import django
django.setup()
from concerns import photos
from concurrent.futures import ThreadPoolExecutor
def largest():  # not getrusage: that begins with what the parent needed
    return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
data = open(sys.argv[2], "rb").read()
photos.check_header(data)
before = largest()
if sys.argv[1] == "headers":
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(photos.check_header, [data] * 20))
else:
    photos.upright(data)
print(largest() - before)
"""


def megabytes_more(what: str, data: bytes, tmp_path: Path) -> int:
    """How much larger a process becomes at its peak by `what`: reading 20 headers at once, or making one copy."""
    path = tmp_path / "picture"
    path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, what, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    return int(done.stdout.split()[-1])


def test_twenty_of_forty_megapixels_at_once_are_looked_at_without_their_pixels(tmp_path: Path) -> None:
    assert megabytes_more("headers", picture((8000, 5000), "PNG"), tmp_path) < 100
    assert megabytes_more("headers", picture((8000, 5000), "JPEG"), tmp_path) < 100


# Megabytes at most. Forty megapixels are 160 of them; a JPEG is never decoded whole, WebP's own reader needs more.
LARGE = {
    "JPEG": ((8000, 5000), 100),
    "PNG": ((8000, 5000), 260),
    "WEBP": ((8000, 5000), 700),
    "HEIF": ((3000, 2000), 100),
}


@pytest.mark.parametrize("form", LARGE)
def test_the_copy_of_a_large_photo_needs_little_more_than_its_pixels(form: str, tmp_path: Path) -> None:
    size, most = LARGE[form]
    options = {"lossless": True, "method": 0} if form == "WEBP" else {}
    assert megabytes_more("copy", picture(size, form, **options), tmp_path) < most


# The real files.


def shared(folder: str) -> list[Path]:
    return sorted((SHARED / folder).glob("*.*")) if (SHARED / folder).is_dir() else []


@pytest.mark.shared_data
@pytest.mark.skipif(not shared("photos"), reason="the real photos aren't beside the project (SAFEROUTES_SHARED)")
def test_every_real_photo_becomes_a_bare_upright_copy() -> None:
    for path in shared("photos"):
        photo = keep(path.read_bytes())
        process_waiting()
        photo.refresh_from_db()
        assert photo.state == "ready", path.name
        with Image.open(photo.image.path) as copy:
            assert not copy.getexif(), path.name
            if "portrait" in path.name:
                assert copy.height > copy.width, path.name
            if "landscape" in path.name:
                assert copy.width > copy.height, path.name
        bytes_ = Path(photo.image.path).read_bytes()
        assert b"Exif" not in bytes_
        assert b"http://ns.adobe.com" not in bytes_
        assert b"Photoshop" not in bytes_


@pytest.mark.shared_data
@pytest.mark.skipif(not shared("bad_images"), reason="the bad images aren't beside the project (SAFEROUTES_SHARED)")
def test_every_bad_image_is_refused_or_marked_and_none_breaks_anything() -> None:
    outcome = {}
    for path in shared("bad_images"):
        try:
            photo = keep(path.read_bytes())
        except PhotoRefused as refusal:
            outcome[path.name] = str(refusal.status)
            continue
        process_waiting()
        photo.refresh_from_db()
        outcome[path.name] = photo.state
    assert outcome["decompression_bomb.gif"] == "400"
    assert outcome["empty.heic"] == "400"
    assert outcome["truncated_image.png"] == "unreadable"
    assert outcome["exif_gps.jpg"] == outcome["exif_gps_typeerror.jpg"] == outcome["hopper_bad_exif.jpg"] == "ready"
    assert set(outcome.values()) <= {"400", "413", "unreadable", "ready"}
