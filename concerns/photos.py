"""Photos: kept as they came until the worker has made a small upright copy without hidden data; only that is served."""

import hashlib
import io
import logging
import os
import uuid
from collections.abc import Callable
from pathlib import Path

import pillow_heif
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from concerns.models import Concern, Look, Photo
from concerns.publishing import approve_photo, hide_photo
from walks.models import Device

__all__ = [
    "PhotoRefused", "approve_photo", "as_jpeg", "hide_photo", "keep_original", "process_waiting", "upright",
    "write_safely",
]  # fmt: skip

logger = logging.getLogger(__name__)
pillow_heif.register_heif_opener()

FORMATS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "HEIF": "heic"}
OPENERS = ["JPEG", "PNG", "WEBP", "HEIF"]
MOST_PER_RECORD = 6
MOST_TRIES = 3
LARGE_SIDE, SMALL_SIDE = 1600, 400
QUALITY = 82


class PhotoRefused(Exception):
    """A photo that can't be kept. `status` is the HTTP status: 400 no photo, 413 too large, 507 no room."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def keep_original(
    *,
    concern: Concern | None = None,
    look: Look | None = None,
    device: Device | None,
    client_id: uuid.UUID | None,
    position: int,
    data: bytes,
) -> Photo:
    """Keep a photo safely: it is on the disk, file and folder, before this returns. Raises PhotoRefused.

    Only the header is read. The same photo of the same phone again is the same row.
    """
    digest = hashlib.sha256(data).hexdigest()
    if known := _known(device, client_id, digest):
        return known
    extension = check_header(data)
    siblings = Photo.objects.filter(concern=concern, look=look)
    if siblings.count() >= MOST_PER_RECORD:
        raise PhotoRefused(_("At most %(n)d photos belong to one report.") % {"n": MOST_PER_RECORD}, 400)
    photo = Photo(concern=concern, look=look, device=device, client_id=client_id, position=position)
    photo.sha256, photo.n_bytes = digest, len(data)
    photo.original.name = write_safely(f"originals/{timezone.now():%Y/%m}/{photo.public_id}.{extension}", data)
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
    except BaseException as problem:
        default_storage.delete(photo.original.name)
        # The same photo came twice at once and the other one was quicker.
        if isinstance(problem, IntegrityError) and (known := _known(device, client_id, digest)):
            return known
        raise
    return photo


def _known(device: Device | None, client_id: uuid.UUID | None, digest: str) -> Photo | None:
    if device is None or client_id is None:
        return None
    photo = Photo.objects.filter(device=device, client_id=client_id).first()
    if photo and photo.sha256 != digest:
        raise PhotoRefused(_("Another photo was sent under this number. Send this one under a new number."), 400)
    return photo


def check_header(data: bytes) -> str:
    """The file extension for what the bytes are, by content and never by name. Nothing is decoded.

    Raises PhotoRefused for what is no photo, or larger than `PHOTO_MAX_BYTES`, `_PIXELS` or `_SIDE`.
    """
    if len(data) > settings.PHOTO_MAX_BYTES:
        most = settings.PHOTO_MAX_BYTES // 1_000_000
        raise PhotoRefused(_("This photo is larger than %(mb)d MB. Send a smaller one.") % {"mb": most}, 413)
    width, height, kind = _size_and_format(data)
    if width < 1 or height < 1 or kind not in FORMATS:
        raise _no_photo()
    if max(width, height) > settings.PHOTO_MAX_SIDE or width * height > settings.PHOTO_MAX_PIXELS:
        raise _too_many_pixels()
    return FORMATS[kind]


def _size_and_format(data: bytes) -> tuple[int, int, str]:
    try:
        with Image.open(io.BytesIO(data), formats=OPENERS) as image:
            return *image.size, image.format or ""
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception:  # Pillow's readers raise nearly anything on bytes made to break them
        raise _no_photo() from None


def _no_photo() -> PhotoRefused:
    return PhotoRefused(_("Please send a JPEG, PNG, WebP or HEIC photo."), 400)


def _too_many_pixels() -> PhotoRefused:
    words = {"mp": settings.PHOTO_MAX_PIXELS // 1_000_000, "side": settings.PHOTO_MAX_SIDE}
    message = _("This photo is larger than %(mp)d megapixels or %(side)d pixels on a side. Send a smaller one.")
    return PhotoRefused(message % words, 413)


def write_safely(name: str, data: bytes) -> str:
    """Write a new file and have the disk confirm file and folders. Returns the stored name. Raises PhotoRefused."""
    try:
        stored = default_storage.save(name, ContentFile(data))
        _confirm_on_disk(default_storage, stored)
    except OSError as problem:
        logger.error("A photo could not be written: %s", problem.strerror)
        default_storage.delete(name)
        raise PhotoRefused(_("There is no room for photos right now. Keep it; it will be sent again."), 507) from None
    return stored


def _confirm_on_disk(storage: Storage, name: str) -> None:
    """fsync the file and its folders up to the media folder; other storages confirm by themselves."""
    try:
        path = Path(storage.path(name))
    except NotImplementedError:
        return
    root = Path(settings.MEDIA_ROOT)
    for place in (path, *path.parents):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if place == root:
            break


def process_waiting(limit: int = 10) -> int:
    """Make the small copies of up to `limit` waiting photos; a step of the worker. Returns how many were done.

    Several workers may run at once. A photo that can't be read is marked so, and the others go on.
    """
    done = _give_up()
    while done < limit and _process_one():
        done += 1
    return done


def _give_up() -> int:
    """Mark what ended the worker each time it was tried, as a picture made to use up all memory does."""
    with transaction.atomic():
        tried = _waiting().filter(n_tries__gte=MOST_TRIES).values_list("pk", flat=True)
        given_up = Photo.objects.filter(pk__in=list(tried)).update(state=Photo.State.UNREADABLE)
    if given_up:
        logger.warning("Given up after %d tries each: %d photos", MOST_TRIES, given_up)
    return given_up


def _waiting() -> QuerySet[Photo]:
    """Photos that nobody is busy with, locked."""
    return Photo.objects.select_for_update(skip_locked=True).filter(state=Photo.State.HELD)


def _process_one() -> bool:
    """Begin one photo, for good, then do it: whoever dies while decoding has left its mark. False where none waits."""
    pk = _begin()
    if pk is None:
        return False
    try:
        with transaction.atomic():
            photo = _waiting().filter(pk=pk).first()
            if photo is not None:
                _make_copies(photo)
    except PhotoRefused:  # there is no room for the copies, which isn't the photo's fault
        Photo.objects.filter(pk=pk).update(n_tries=F("n_tries") - 1)
        raise
    return True


def _begin() -> int | None:
    """Count a try of the photo that is next, committed before it is opened. What failed comes after what is new."""
    with transaction.atomic():
        photo = _waiting().filter(n_tries__lt=MOST_TRIES).only("pk").order_by("n_tries", "received_at", "id").first()
        if photo is not None:
            Photo.objects.filter(pk=photo.pk).update(n_tries=F("n_tries") + 1)
    return photo.pk if photo is not None else None


def _make_copies(photo: Photo) -> None:
    """Write the copies of a locked photo. The original goes when that is committed: it holds places and names."""
    try:
        with photo.original.open("rb") as original:
            large = upright(original.read())
    except MemoryError:  # perhaps only for now
        raise
    except Exception as problem:  # a broken photo must not keep the others waiting
        logger.warning("Photo %s can’t be read: %s", photo, type(problem).__name__)
        photo.state = Photo.State.UNREADABLE
        photo.save(update_fields=["state"])
        return
    small = large.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    month = f"{photo.received_at:%Y/%m}"
    photo.image.name = write_safely(f"photos/{month}/{photo.public_id}.jpg", as_jpeg(large))
    photo.thumbnail.name = write_safely(f"thumbs/{month}/{photo.public_id}.jpg", as_jpeg(small))
    photo.width, photo.height = large.size
    photo.state = Photo.State.READY
    original_name, photo.original.name = photo.original.name, ""
    photo.save(update_fields=["image", "thumbnail", "width", "height", "state", "original"])
    transaction.on_commit(_deleter(original_name or ""))


def _deleter(name: str) -> Callable[[], None]:
    return lambda: default_storage.delete(name) if name else None


def upright(data: bytes) -> Image.Image:
    """The photo as pixels only: turned upright, at most 1600 px a side, on white where it was transparent.

    It is made small before anything else, so that no second copy of 40 megapixels is ever in memory.
    """
    with Image.open(io.BytesIO(data), formats=OPENERS) as image:
        image.draft("RGB", (LARGE_SIDE, LARGE_SIDE))  # JPEG: decode no larger than needed
        image.load()
        turned = _on_white(_turned(_small(image)))
        bare = Image.new("RGB", turned.size)
        bare.paste(turned)
        return bare


def _small(image: Image.Image) -> Image.Image:
    if max(image.size) <= LARGE_SIDE:
        return image
    if image.mode in {"P", "PA", "1"} or "transparency" in image.info:
        image = _turned(image).convert("RGBA")  # their numbers aren't colours that could be mixed
    image.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.LANCZOS)
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    page = Image.new("RGB", layer.size, "white")
    page.paste(layer, mask=layer.getchannel("A"))
    return page


def _turned(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # hidden data that can't be read doesn't make the picture unreadable
        return image


def as_jpeg(image: Image.Image) -> bytes:
    """The file that is served: no hidden data, only pixels."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
