"""Public pages of corridors, and the map data that everybody gets alike."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from corridors import geojson, numbers
from corridors.access import get_public_corridor
from corridors.models import Area, Corridor, Segment
from people.access import EVERYBODY, ORGANIZERS, access

GEOJSON = "application/geo+json; charset=utf-8"


@require_safe
@access("corridor", "view", allow=EVERYBODY)
def corridor_list(request: HttpRequest) -> HttpResponse:
    """Every public corridor on a map and in a list."""
    coming = Q(walks__state="published", walks__deleted_at=None, walks__end_at__gte=timezone.now())
    counts = {
        "n_blocks": Count("segments", filter=Q(segments__retired_at=None), distinct=True),
        "n_walks": Count("walks", filter=coming, distinct=True),
    }
    corridors = list(Corridor.objects.public().annotate(**counts))
    context = {
        "corridors": corridors,
        "features": geojson.collection(geojson.corridor_features(corridors)),
    }
    return render(request, "corridors/list.html", context)


@require_safe
@access("corridor", "view", allow=EVERYBODY)
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One corridor: map, strip and table are one drawing in three forms."""
    corridor = get_public_corridor(slug)
    return render(request, "corridors/detail.html", page_of(corridor) | good_news(corridor))


def page_of(corridor: Corridor, *, desk: bool = False) -> dict[str, Any]:
    """What the public page and the desk's page of a corridor have in common: public numbers, walks, areas."""
    now = timezone.now()
    segments = blocks_of(corridor, now)
    rows = numbers.block_rows(corridor, segments)
    areas = list(Area.objects.crossing(corridor.line))
    landmarks = list(corridor.landmarks.all() if desk else corridor.landmarks.filter(is_public=True))
    neighborhoods = [area for area in areas if area.kind == Area.Kind.NEIGHBORHOOD]
    features = geojson.collection(
        geojson.area_features(neighborhoods, around=corridor.line),
        geojson.corridor_features([corridor], desk=desk, focus=True),
        geojson.segment_features(segments, desk=desk),
        geojson.landmark_features(landmarks, desk=desk),
    )
    return {
        "corridor": corridor,
        "rows": rows,
        "strip": [row.as_block for row in rows],
        "n_open": sum((row.left or 0) + (row.right or 0) for row in rows),
        "sides": {side: segments[0].side_name(side) for side in ("left", "right")} if segments else {},
        "areas": by_kind(areas),
        "landmarks": landmarks,
        "features": features,
        **walks_of(corridor.walks.current() if desk else corridor.walks.public(), now),
    }


def blocks_of(corridor: Corridor, now: datetime) -> list[Segment]:
    """Today's blocks with the sides that were walked, each with its corridor. One query."""
    segments = list(numbers.with_walked(corridor.segments.current(), now))
    for segment in segments:
        segment.corridor = corridor
    return segments


def walks_of(walks: Any, now: datetime) -> dict[str, list[Any]]:
    """The next six walks, the nearest first, and the last six. One query."""
    coming = walks.filter(end_at__gte=now).order_by("meet_at")[:6]
    past = walks.filter(end_at__lt=now).order_by("-meet_at")[:6]
    found = sorted(coming.union(past, all=True), key=lambda walk: walk.meet_at)
    return {
        "coming": [walk for walk in found if walk.end_at >= now],
        "past": [walk for walk in reversed(found) if walk.end_at < now],
    }


def good_news(corridor: Corridor) -> dict[str, Any]:
    """What was seen fixed here, and good things. Two queries."""
    public = corridor.public_concerns.select_related("category")
    return {
        "fixed": list(public.filter(status="verified_fixed")[:3]),
        "good": list(public.filter(category_group="good")[:4]),
    }


def by_kind(areas: list[Area]) -> list[dict[str, Any]]:
    """Areas by their kind, in the order of the kinds, each with the kind's word."""
    return [
        {"kind": kind, "word": Area.Kind(kind).label, "areas": [area for area in areas if area.kind == kind]}
        for kind in Area.Kind.values
        if any(area.kind == kind for area in areas)
    ]


@require_safe
@access("segment", "view", allow=EVERYBODY)
def segments_geojson(request: HttpRequest) -> HttpResponse:
    """Public corridors and their blocks. The same for everybody: no cookie is read, the language is the address's."""
    language = request.GET.get("lang", "")
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(language if language in known else settings.LANGUAGE_CODE):
        response = _segments(request, Corridor.objects.public(), desk=False)
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
@access("segment", "view_private", allow=ORGANIZERS)
def desk_segments_geojson(request: HttpRequest) -> HttpResponse:
    """All corridors and their blocks, those that aren't public too."""
    response = _segments(request, Corridor.objects.all(), desk=True)
    response["Cache-Control"] = "private, no-store"
    return response


def _segments(request: HttpRequest, corridors: Any, *, desk: bool) -> HttpResponse:
    try:
        box = geojson.read_bbox(request.GET.get("bbox", ""))
    except ValidationError as problem:
        return JsonResponse({"errors": problem.messages}, status=400)
    segments = Segment.objects.current().filter(corridor__in=corridors).select_related("corridor")
    if box is not None:
        segments, corridors = segments.filter(line__bboverlaps=box), corridors.filter(line__bboverlaps=box)
    data = geojson.collection(
        geojson.corridor_features(corridors, desk=desk), geojson.segment_features(segments, desk=desk)
    )
    return JsonResponse(data, content_type=GEOJSON)
