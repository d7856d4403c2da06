"""Turning a photo and blacking out parts of it at the desk. Works without script: each rectangle is four numbers."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from concerns.access import concern_of, get_photo_for
from concerns.models import Photo
from concerns.photo_editing import MOST_RECTANGLES, Rectangle, edit_photo, rectangles_of, turned_by
from concerns.photos import PhotoRefused
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access

FIELDS = ("left", "top", "width", "height")
# One row of the form: what stands in the four fields, in percent of the picture as it is shown.
Row = tuple[str, str, str, str]
EMPTY: Row = ("", "", "", "")


@require_http_methods(["GET", "HEAD", "POST"])
@access("concern.photo", "redact", allow=SIGNED_IN)
def photo_edit(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """The picture with its rectangles; saving makes the copies anew and shows what came of it."""
    photo = get_photo_for(request, public_id)
    if request.method != "POST":
        return _page(request, photo, _as_rows(rectangles_of(photo)))
    rows, do = _typed_rows(request.POST), request.POST.get("do", "save")
    if do == "approve" and not request.user.is_organizer:
        raise PermissionDenied
    try:
        turn = {"right": 90, "left": 270}.get(do, 0)
        parts = turned_by(_read(_without(rows, do)), turn)
        turned = (photo.turned + turn) % 360
        seen = request.POST.get("seen", "")
        edit_photo(
            photo=photo, by=request.user, turned=turned, rectangles=parts, seen=seen, approve=do == "approve"
        )  # fmt: skip
    except (Refused, PhotoRefused) as refusal:
        return _page(request, get_photo_for(request, public_id), rows, problem=refusal.message)
    return _saved(request, photo, do)


def _saved(request: HttpRequest, photo: Photo, do: str) -> HttpResponse:
    if do == "approve":
        messages.success(request, _("The photo is saved and may be public."))
        return redirect("concerns:desk_detail", concern_of(photo).public_id)
    messages.success(request, _("Saved. This is how the photo is shown now; it isn’t approved yet."))
    return redirect("concerns:desk_photo_edit", photo.public_id)


def _page(request: HttpRequest, photo: Photo, rows: list[Row], *, problem: str = "") -> HttpResponse:
    concern = concern_of(photo)
    context: dict[str, Any] = {
        "photo": photo,
        "concern": concern,
        "rows": rows,
        "empty": EMPTY,
        "problem": problem,
        "may_approve": getattr(request.user, "is_organizer", False) and concern.category.publication_rule == "place",
        "is_full": len(rows) >= MOST_RECTANGLES,
    }
    response = render(request, "concerns/photo_edit.html", context, status=400 if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _as_rows(rectangles: list[Rectangle]) -> list[Row]:
    def percent(part: float) -> str:
        return f"{part * 100:.2f}".rstrip("0").rstrip(".")

    return [
        (percent(one.left), percent(one.top), percent(one.right - one.left), percent(one.bottom - one.top))
        for one in rectangles
    ]


def _typed_rows(data: QueryDict) -> list[Row]:
    """What was typed, row by row, without the empty ones."""
    columns = [[text.strip()[:20] for text in data.getlist(name)] for name in FIELDS]
    rows = zip(*columns, strict=False)
    return [row for row in rows if any(row)][: MOST_RECTANGLES + 1]


def _without(rows: list[Row], do: str) -> list[Row]:
    """The rows without the one whose “Remove” was pressed (`remove-1` for the first)."""
    word, _dash, number = do.partition("-")
    gone = int(number) - 1 if word == "remove" and number.isdecimal() and len(number) < 4 else -1
    return [row for i, row in enumerate(rows) if i != gone]


def _read(rows: list[Row]) -> list[Rectangle]:
    """Raises Refused where a number is missing or isn't one, naming the rectangle."""
    found = []
    for n, row in enumerate(rows, 1):
        try:
            left, top, width, height = (float(text.replace(",", ".")) / 100 for text in row)
        except ValueError:
            raise Refused(
                _("Rectangle %(n)d: give four numbers from 0 to 100, for left, top, width and height.") % {"n": n}
            ) from None
        found.append(Rectangle(left, top, left + width, top + height))
    return found
