"""The desk's pages of corridors, landmarks and areas."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from corridors import geojson
from corridors.access import get_corridor, get_landmark
from corridors.actions import (
    Redrawn,
    create_corridor,
    delete_corridor,
    delete_landmark,
    redraw_corridor,
    save_landmark,
    version_of,
)
from corridors.forms import CorridorForm, LandmarkForm, initial_of
from corridors.models import Area, Corridor, Landmark
from corridors.views import by_kind, page_of
from office.refused import Refused
from people.access import ADMINS, ORGANIZERS, SignedInRequest, access

require_form = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@access("corridor", "view_private", allow=ORGANIZERS)
def desk_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    counts = {
        "n_blocks": Count("segments", filter=Q(segments__retired_at=None), distinct=True),
        "n_walks": Count("walks", filter=Q(walks__deleted_at=None, walks__end_at__gte=now), distinct=True),
        "n_landmarks": Count("landmarks", distinct=True),
    }
    corridors = list(Corridor.objects.annotate(**counts))
    context = {
        "corridors": corridors,
        "features": geojson.collection(geojson.corridor_features(corridors, desk=True)),
    }
    return render(request, "corridors/desk_list.html", context)


@require_safe
@access("corridor", "view_private", allow=ORGANIZERS)
def desk_detail(request: SignedInRequest, slug: str) -> HttpResponse:
    corridor = get_corridor(slug)
    retired = corridor.segments.exclude(retired_at=None).prefetch_related("successors").order_by("-retired_at")
    return render(request, "corridors/desk_detail.html", page_of(corridor, desk=True) | {"retired": retired[:50]})


@require_form
@access("corridor", "create", allow=ORGANIZERS)
def desk_new(request: SignedInRequest) -> HttpResponse:
    form = CorridorForm(request.POST or None, around=_around())
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        fields.pop("version")
        try:
            corridor = create_corridor(by=request.user, **fields)
        except Refused as problem:
            form.add_error(None, problem.message)
        else:
            n = corridor.segments.count()
            told = ngettext("%(name)s is drawn, with %(n)d block.", "%(name)s is drawn, with %(n)d blocks.", n)
            messages.success(request, told % {"name": corridor.name, "n": n})
            return redirect("corridors:desk_detail", corridor.slug)
    return render(request, "corridors/desk_form.html", {"form": form, "words": drawing_words()}, status=_status(form))


@require_form
@access("corridor", "edit", allow=ORGANIZERS)
def desk_edit(request: SignedInRequest, slug: str) -> HttpResponse:
    corridor = get_corridor(slug)
    segments = list(corridor.segments.current())
    initial = initial_of(corridor, segments) | {"version": version_of(corridor, segments)}
    form = CorridorForm(request.POST or None, initial=initial, around=_around(corridor))
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            done = redraw_corridor(corridor=corridor, by=request.user, expected=fields.pop("version"), **fields)
        except Refused as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, _redrawn_words(done))
            return redirect("corridors:desk_detail", corridor.slug)
    context = {"form": form, "corridor": corridor, "words": drawing_words()}
    return render(request, "corridors/desk_form.html", context, status=_status(form))


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200


def _redrawn_words(done: Redrawn) -> str:
    """What happened to the blocks, in one or two sentences."""
    told = _("Saved. %(kept)d blocks stay, %(added)d are new, %(retired)d are retired and keep what was noticed there.")
    words = told % {"kept": done.n_kept, "added": len(done.added), "retired": len(done.retired)}
    if not done.added and not done.retired:
        words = _("Saved. All blocks stay as they were.")
    if done.was_turned:
        words += " " + _("The line was turned round, so that the sides of the street keep their meaning.")
    return words


def _around(corridor: Corridor | None = None) -> dict[str, Any]:
    """What lies beneath while somebody draws: the other corridors, landmarks, neighborhoods near this one."""
    others = Corridor.objects.exclude(pk=corridor.pk) if corridor else Corridor.objects.all()
    areas = Area.objects.crossing(corridor.line).filter(kind=Area.Kind.NEIGHBORHOOD) if corridor else []
    return geojson.collection(
        geojson.area_features(areas, around=corridor.line if corridor else None),
        geojson.corridor_features(others),
        geojson.landmark_features(Landmark.objects.all()[:500]),
    )


def drawing_words() -> dict[str, str]:
    """What the drawing tool says; the script has no words of its own."""
    return {
        "draw": _("Draw the street"),
        "drawAgain": _("Draw it again"),
        "undo": _("Take the last point back"),
        "finish": _("Finish the line"),
        "cancel": _("Stop drawing"),
        "movePoints": _("Move points of the line"),
        "movePointsDone": _("Done moving"),
        "addHere": _("Add a point in the middle"),
        "addStreet": _("Add a cross street"),
        "start": _("Tap where the street begins. Then tap along it, and finish at its end."),
        "keys": _("With keys: arrows move the map, Enter sets a point in the middle, Backspace takes it back."),
        "onward": _("Tap the next corner. Points so far: %(n)s, %(length)s."),
        "drawn": _("The line is %(length)s long. Now tap on it where a street crosses."),
        "crosses": _("The line can’t cross itself."),
        "streetAt": _("Cross street %(n)s added, %(at)s from the start. Type its name."),
        "noStreets": _("No cross street yet. Tap on the line where a street crosses."),
        "streetName": _("Name of cross street %(n)s"),
        "block": _("Number of the block that begins at cross street %(n)s (optional)"),
        "blockShort": _("block"),
        "at": _("%(at)s from the start"),
        "toStart": _("Move toward the start"),
        "toEnd": _("Move toward the end"),
        "remove": _("Take out"),
        "removed": _("%(name)s is taken out."),
        "unnamed": _("Cross street"),
        "moving": _("Drag the white points. Small ones make a new corner."),
    }


@require_POST
@access("corridor", "delete", allow=ADMINS)
def desk_delete(request: SignedInRequest, slug: str) -> HttpResponse:
    corridor = get_corridor(slug)
    try:
        delete_corridor(corridor=corridor, by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
        return redirect("corridors:desk_detail", corridor.slug)
    messages.success(request, _("%(name)s is deleted.") % {"name": corridor.name})
    return redirect("corridors:desk_list")


# --- landmarks ---


@require_safe
@access("landmark", "manage", allow=ORGANIZERS)
def desk_landmarks(request: SignedInRequest) -> HttpResponse:
    landmarks = list(Landmark.objects.select_related("corridor"))
    features = geojson.collection(
        geojson.corridor_features(Corridor.objects.all(), desk=True),
        geojson.landmark_features(landmarks, desk=True),
    )
    return render(request, "corridors/desk_landmarks.html", {"landmarks": landmarks, "features": features})


@require_form
@access("landmark", "manage", allow=ORGANIZERS)
def desk_landmark_new(request: SignedInRequest) -> HttpResponse:
    corridor = Corridor.objects.filter(slug=request.GET.get("corridor", "")[:80]).first()
    kind = request.GET.get("kind", "")
    initial = {"corridor": corridor} | ({"kind": kind} if kind in Landmark.Kind.values else {})
    form = LandmarkForm(request.POST or None, initial=initial, around=_beneath(corridor))
    return _landmark_page(request, form, None)


@require_form
@access("landmark", "manage", allow=ORGANIZERS)
def desk_landmark(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    landmark = get_landmark(public_id)
    form = LandmarkForm(request.POST or None, instance=landmark, around=_beneath(landmark.corridor))
    return _landmark_page(request, form, landmark)


def _beneath(corridor: Corridor | None) -> dict[str, Any]:
    corridors = [corridor] if corridor else Corridor.objects.all()
    return geojson.collection(geojson.corridor_features(corridors, focus=True))


def _landmark_page(request: SignedInRequest, form: LandmarkForm, landmark: Landmark | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        was = Landmark.objects.get(pk=landmark.pk) if landmark else None
        saved = save_landmark(by=request.user, landmark=was, **form.cleaned_data)
        messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("corridors:desk_landmarks")
    context = {"form": form, "landmark": landmark}
    return render(request, "corridors/desk_landmark_form.html", context, status=_status(form))


@require_POST
@access("landmark", "manage", allow=ORGANIZERS)
def desk_landmark_delete(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    landmark = get_landmark(public_id)
    try:
        delete_landmark(landmark=landmark, by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, _("%(name)s is deleted.") % {"name": landmark.name})
    return redirect("corridors:desk_landmarks")


# --- areas ---


@require_safe
@access("area", "list", allow=ORGANIZERS)
def desk_areas(request: HttpRequest) -> HttpResponse:
    """The areas that were imported, by kind; their shapes are read nowhere here."""
    areas = list(Area.objects.defer("shape"))
    return render(request, "corridors/desk_areas.html", {"kinds": by_kind(areas), "n": len(areas)})
