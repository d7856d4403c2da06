"""Turning a photo and blacking out what shows a person. What came in is never changed and never served.

The first edit keeps the re-encoded picture as the original (it holds no hidden data any more); from then on both copies
are made from it anew each time, under new names, and the copies before go once that is committed.
"""

import math
import secrets
from collections.abc import Callable, Iterable
from typing import NamedTuple, Self

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from concerns.models import Photo
from concerns.photos import SMALL_SIDE, as_jpeg, upright, write_safely
from concerns.publishing import approve_photo, concern_of_photo
from concerns.story import audit
from office.refused import Refused
from people.models import User

MOST_RECTANGLES = 20
SMALLEST = 0.002  # of a side: three pixels of the large copy
_BACK = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


class Rectangle(NamedTuple):
    """A part of the turned picture, 0 to 1 from its left and its top edge."""

    left: float
    top: float
    right: float
    bottom: float

    def quarter(self) -> Self:
        """Where it lies after the picture was turned by 90 degrees clockwise."""
        return self._replace(left=1 - self.bottom, top=self.left, right=1 - self.top, bottom=self.right)

    def cut(self) -> "Rectangle":
        """What of it lies on the picture."""
        return Rectangle(*(round(min(max(side, 0.0), 1.0), 5) for side in self))

    @property
    def is_drawn(self) -> bool:
        return self.right - self.left >= SMALLEST and self.bottom - self.top >= SMALLEST


def rectangles_of(photo: Photo) -> list[Rectangle]:
    return [Rectangle(*sides) for sides in photo.blackouts]


def turned_by(rectangles: Iterable[Rectangle], degrees: int) -> list[Rectangle]:
    """The same parts of the picture after it was turned by `degrees` (a multiple of 90) clockwise."""
    found = list(rectangles)
    for _quarter in range(degrees % 360 // 90):
        found = [one.quarter() for one in found]
    return found


@transaction.atomic
def edit_photo(
    *,
    photo: Photo,
    by: User,
    turned: int,
    rectangles: Iterable[Rectangle],
    seen: str,
    approve: bool = False,
) -> Photo:
    """Make the copies anew: turned by `turned` degrees in all, black where the rectangles lie on the turned picture.

    Takes the approval back unless `approve`. `seen` is `Photo.shown_version` of what the person saw; raises Refused
    where somebody was quicker, the photo isn't ready, or a rectangle can't be drawn.
    """
    parts = _checked(turned, rectangles)
    rows = Photo.objects.select_for_update(of=("self",)).select_related("concern", "look__concern")
    now = rows.get(pk=photo.pk)
    if now.state != Photo.State.READY:
        raise Refused(_("This photo isn’t ready: it %(state)s.") % {"state": now.get_state_display()})
    if seen != now.shown_version:
        raise Refused(
            _(
                "Somebody was quicker and changed this photo. You see how it is now; your rectangles are still here. "
                "Look at it and save again."
            )
        )
    before = {now.image.name, now.thumbnail.name}
    try:
        _make_anew(now, turned, parts)
        detail = {"photo": str(now.public_id), "turned": turned, "rectangles": len(parts)}
        audit(concern_of_photo(now), "edit_photo", by=by, detail=detail)
        return approve_photo(photo=now, by=by) if approve else now
    except BaseException:  # nothing of this is committed, so its files would stay for ever
        _deleter([name for name in (now.image.name, now.thumbnail.name) if name and name not in before])()
        raise


def _checked(turned: int, rectangles: Iterable[Rectangle]) -> list[Rectangle]:
    parts = [one.cut() for one in rectangles]
    if turned not in {0, 90, 180, 270}:
        raise Refused(_("A photo is turned by 90, 180 or 270 degrees."))
    if len(parts) > MOST_RECTANGLES:
        raise Refused(_("At most %(n)d rectangles, please. Draw larger ones.") % {"n": MOST_RECTANGLES})
    if not all(math.isfinite(side) for one in parts for side in one) or not all(one.is_drawn for one in parts):
        raise Refused(_("A rectangle needs a width and a height, and must lie on the picture."))
    return parts


def _make_anew(photo: Photo, turned: int, parts: list[Rectangle]) -> None:
    """Write both copies of a locked photo under new names and save the row."""
    before = [name for name in (photo.image.name, photo.thumbnail.name) if name]
    if not photo.original:
        photo.original.name = photo.image.name
    try:
        with photo.original.open("rb") as original:
            large = _edited(upright(original.read()), turned, parts)
    except OSError:
        raise Refused(_("The picture’s file can’t be read. Hide this photo.")) from None
    small = large.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    name = f"{photo.received_at:%Y/%m}/{photo.public_id}-{secrets.token_hex(6)}.jpg"
    photo.image.name = write_safely(f"photos/{name}", as_jpeg(large))
    photo.thumbnail.name = write_safely(f"thumbs/{name}", as_jpeg(small))
    photo.width, photo.height = large.size
    photo.turned, photo.blackouts = turned, [list(one) for one in parts]
    photo.approved_at = photo.approved_by = None
    photo.save(
        update_fields=[
            "original", "image", "thumbnail", "width", "height", "turned", "blackouts", "approved_at", "approved_by"
        ]
    )  # fmt: skip
    transaction.on_commit(_deleter([name for name in before if name != photo.original.name]))


def _deleter(names: list[str]) -> Callable[[], None]:
    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    return delete


def _edited(image: Image.Image, turned: int, parts: list[Rectangle]) -> Image.Image:
    """The picture turned and blacked out; a pixel that a rectangle touches is black."""
    if turned:
        image = image.transpose(_BACK[turned])
    pen = ImageDraw.Draw(image)
    width, height = image.size
    for part in parts:
        corner = (math.floor(part.left * width), math.floor(part.top * height))
        pen.rectangle((corner, (math.ceil(part.right * width), math.ceil(part.bottom * height))), fill="black")
    return image
