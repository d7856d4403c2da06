"""Public pages: everything here is read from `concerns.public`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from concerns.again import lit_at
from concerns.content_flags import ContentFlag
from concerns.features import public_features
from concerns.filters import BadFilter, PublicFilter, expand_statuses, public_filter
from concerns.forms import LookForm
from concerns.looking import may_look
from concerns.models import Category
from concerns.pairs import public_pair
from concerns.public import PublicConcern, PublicConcernAlias, PublicPhoto, PublicSeen
from concerns.public_map import concerns_geojson
from concerns.voices import Beat, disagreement, public_beats, standings
from concerns.workflow import Status
from corridors.geojson import collection, corridor_features, segment_features
from corridors.models import Corridor, Segment
from people.access import EVERYBODY, access
from walks.sun import Lit

PAGE_SIZE = 60
NEARBY = 4
# What people ask for; the address takes every status there is.
STATUS_CHOICES = [
    ("", gettext_lazy("all")),
    ("open", gettext_lazy("open")),
    ("claimed_fixed", gettext_lazy("city says fixed")),
    ("verified_fixed", gettext_lazy("we saw it fixed")),
    ("reopened", gettext_lazy("back again")),
]
PHOTO_SIZES = {"1600": "image", "400": "thumbnail"}


@require_safe
@access("concern.public_list", "view", allow=EVERYBODY)
def public_list(request: HttpRequest) -> HttpResponse:
    """The list and the map of published concerns: the same items under the same filters."""
    problem, asked = "", PublicFilter()
    try:
        asked = public_filter(request.GET)
    except BadFilter as bad:
        problem = bad.message
    rows = _asked_for(asked) if not problem else PublicConcern.objects.none()
    counts = _counts(rows)
    if asked.statuses:
        rows = rows.filter(status__in=asked.statuses)
    page = _page(request, rows, sum(n for status, n in counts.items() if status in (asked.statuses or counts)))
    corridors = list(Corridor.objects.public())
    context = {
        "page": page,
        "problem": problem,
        "asked": asked,
        "is_filtered": any(value for name, value in request.GET.items() if name not in {"page", "lang"}),
        "categories": Category.objects.filter(is_active=True, publication_rule=Category.Rule.PLACE),
        "tabs": _tabs(counts),
        "corridors": corridors,
        "thumbs": _thumbs(page),
        "features": collection(corridor_features(corridors), public_features(page)),
        "sentence": _sentence(page),
    }
    return render(request, "concerns/list.html", context, status=400 if problem else 200)


def _asked_for(asked: PublicFilter) -> Any:
    """What was asked for, of every status."""
    rows = PublicConcern.objects.select_related("category", "corridor")
    if asked.categories:
        rows = rows.filter(category_code__in=asked.categories)
    if asked.corridor:
        rows = rows.filter(corridor__slug=asked.corridor)
    if asked.box:
        rows = rows.within(asked.box)
    if asked.changed_from:
        rows = rows.filter(status_changed_at__gte=asked.changed_from)
    for word in asked.place.split():
        rows = rows.filter(place__icontains=word)
    return rows


def _counts(rows: Any) -> dict[str, int]:
    """How many there are of each status. One query, which the pager needs no second one after."""
    return dict(rows.order_by().values("status").annotate(n=Count("pk")).values_list("status", "n"))


def _tabs(counts: dict[str, int]) -> list[dict[str, Any]]:
    """What people ask for, each with its number under the other filters."""
    return [
        {
            "value": value,
            "word": word,
            "n": sum(counts.values()) if not value else sum(counts.get(one, 0) for one in expand_statuses([value])),
        }
        for value, word in STATUS_CHOICES
    ]


def _page(request: HttpRequest, rows: Any, n: int) -> Page[Any]:
    """The page of the list that was asked for; the nearest one where there is no such page. `n` rows are known."""
    pages = Paginator(rows, PAGE_SIZE)
    pages.count = n
    return pages.get_page(request.GET.get("page"))


def _sentence(page: Page[Any]) -> str:
    """What the map shows, in words: the same items as the list."""
    n_places = len({(row.point.x, row.point.y) for row in page})
    concerns = ngettext("%(n)d concern", "%(n)d concerns", len(page)) % {"n": len(page)}
    places = ngettext("at %(n)d place", "at %(n)d places", n_places) % {"n": n_places}
    if page.paginator.num_pages > 1:
        return _("%(concerns)s %(places)s, page %(page)d of %(pages)d.") % {
            "concerns": concerns,
            "places": places,
            "page": page.number,
            "pages": page.paginator.num_pages,
        }
    return f"{concerns} {places}."


def _thumbs(page: Page[Any]) -> dict[int, PublicPhoto]:
    """The first photo of each concern on the page. One query."""
    photos = PublicPhoto.objects.filter(concern__in=[row.pk for row in page], is_look=False)
    return {photo.concern_id: photo for photo in reversed(photos)}


@require_safe
@access("concern.public_list", "view", allow=EVERYBODY)
def public_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One published concern: place, status, photos and the three voices. A merged one leads to the other."""
    concern = PublicConcern.objects.with_place().filter(public_id=public_id).first()
    if concern is None:
        return redirect("concerns:detail", get_object_or_404(PublicConcernAlias, public_id=public_id).same_as)
    return detail_page(request, concern)


def detail_page(request: HttpRequest, concern: PublicConcern, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of one published concern, read with category, block, corridor and walk."""
    photos = list(concern.photos.all())
    then, now = public_pair(photos)
    beats = public_beats(concern)
    context = {
        "concern": concern,
        "then": then,
        "now": now,
        "now_beat": next((beat for beat in beats if now and beat.line_id == now.update_id), None),
        "more_photos": [photo for photo in photos if photo not in (then, now)],
        "beats": beats,
        "standings": standings(beats),
        "disagreement": disagreement(beats),
        "facts": Facts.of(beats),
        "seen": PublicSeen.objects.filter(concern=concern.pk).first(),
        "nearby": _nearby(concern),
        "features": _detail_features(concern),
        "flag_reasons": ContentFlag.Reason.choices,
        "look_form": look_form_for(request, concern),
    }
    return render(request, "concerns/detail.html", context | more, status=status)


def look_form_for(request: HttpRequest, concern: PublicConcern) -> LookForm | None:
    """“I looked”, for who may look there, with the light of now. No query for strangers."""
    if concern.category_group == Category.Group.GOOD or not may_look(request.user, concern.corridor_id):
        return None
    lit = lit_at(concern.point, timezone.now(), ZoneInfo(timezone.get_current_timezone_name()))
    return LookForm(initial={"lit": lit})


@dataclass(frozen=True)
class Facts:
    """What a story adds up to. `fixed_days` are the days from when it was first seen until somebody saw it fixed."""

    n_looks: int
    n_dark: int
    n_claims: int
    fixed_days: int | None

    @classmethod
    def of(cls, beats: Sequence[Beat]) -> "Facts":
        looks = [beat for beat in beats if beat.is_look]
        fixed = next((beat for beat in reversed(beats) if beat.status), None)
        is_fixed = fixed is not None and fixed.status == Status.VERIFIED_FIXED
        return cls(
            n_looks=len(looks),
            n_dark=sum(beat.lit_code == Lit.DARK for beat in looks),
            n_claims=sum(beat.status == Status.CLAIMED_FIXED for beat in beats),
            fixed_days=(fixed.at - beats[0].at).days if fixed and is_fixed else None,
        )


def _nearby(concern: PublicConcern) -> list[PublicConcern]:
    """Others on the same corridor, those on the same block first. One query."""
    if concern.corridor is None:
        return []
    others = PublicConcern.objects.filter(corridor=concern.corridor).exclude(pk=concern.pk)
    same_block = others.filter(segment_id=concern.segment_id) if concern.segment_id else others
    return list(same_block.select_related("category")[:NEARBY])


def _detail_features(concern: PublicConcern) -> dict[str, Any]:
    corridors = [concern.corridor] if concern.corridor else []
    blocks = Segment.objects.current().filter(corridor__in=corridors).select_related("corridor")
    segments = list(blocks) if corridors else []
    return collection(corridor_features(corridors), segment_features(segments), public_features([concern], focus=True))


@require_safe
@access("concern.public_list", "view", allow=EVERYBODY)
def public_geojson(request: HttpRequest) -> HttpResponse:
    """The public map data. The same for everybody: no cookie is read, `?lang=` chooses the language of the names."""
    try:
        asked = public_filter(request.GET)
    except BadFilter as bad:
        return JsonResponse({"error": bad.message}, status=400)
    language = "es" if request.GET.get("lang", "").startswith("es") else "en"
    response = HttpResponse(concerns_geojson(asked, language=language), content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=30"
    return response


@require_safe
@access("concern.photo_public", "view", allow=EVERYBODY)
def public_photo(request: HttpRequest, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    """The re-encoded copy of an approved photo of a published concern."""
    photo = get_object_or_404(PublicPhoto, public_id=public_id)
    return photo_response(photo, size)


def photo_response(photo: Any, size: str) -> HttpResponseBase:
    """The copy in that size, so that it can neither be stored by a cache nor do anything in a browser."""
    file = getattr(photo, PHOTO_SIZES[size])
    if not file or not default_storage.exists(file.name):
        raise Http404
    response = FileResponse(default_storage.open(file.name), content_type="image/jpeg", filename="photo.jpg")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
