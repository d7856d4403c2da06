"""The desk's list and page of concerns, with the exact place. The buttons are in `concerns.desk_buttons`."""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from concerns import actions
from concerns.access import concerns_for, get_concern_for, get_photo_for
from concerns.desk_map import asked_for, desk_collection
from concerns.features import desk_features
from concerns.filters import BadFilter, DeskFilter, desk_filter
from concerns.forms import CaseForm, HideForm, LookForm, MergeForm, MoveForm, PublishForm
from concerns.models import Category, Concern, ConcernQuerySet, Look, Photo, Proposal
from concerns.reporters import Reporter
from concerns.views import photo_response
from concerns.voices import desk_story
from concerns.words import answers_in_words
from concerns.workflow import OPEN_STATUSES, Publication, Source, Status
from corridors.geojson import collection, corridor_features, segment_features
from corridors.models import Corridor
from people.access import SIGNED_IN, SignedInRequest, access
from walks.models import Walk

PAGE_SIZE = 40
SHOW = {
    "unread": _("To read"),
    "open": _("Open"),
    "public": _("Public"),
    "all": _("All"),
}
UNREAD = Q(publication=Publication.HELD, status=Status.NEW)
SHOWN = {
    "unread": UNREAD,
    "open": Q(status__in=OPEN_STATUSES) & ~Q(publication=Publication.SPAM),
    "public": Q(publication=Publication.PUBLISHED),
    "all": Q(),
}


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_list(request: SignedInRequest) -> HttpResponse:
    """List and map side by side: the same numbered items, filters in the address."""
    mine = concerns_for(request.user)
    problem, asked = "", DeskFilter()
    try:
        asked = desk_filter(request.GET)
    except BadFilter as bad:
        problem = bad.message
    show = _shown(request)
    rows = asked_for(mine, asked).filter(SHOWN[show]) if not problem else mine.none()
    page = _page(request, rows)
    context = {
        "page": page,
        "lines": _lines(page),
        "problem": problem,
        "asked": asked,
        "show": show,
        "tabs": _tabs(asked_for(mine, asked) if not problem else mine.none()),
        "hide_form": HideForm(),
        "is_filtered": bool(request.GET.keys() - {"page", "lang", "show"}),
        **_choices(request, mine),
        "features": collection(corridor_features(_corridors_of(page), desk=True), desk_features_numbered(page)),
        "sentence": _sentence(page),
    }
    return render(request, "concerns/desk_list.html", context, status=400 if problem else 200)


def _shown(request: HttpRequest) -> str:
    """Without any filter the list opens on what nobody has read yet."""
    shown = request.GET.get("show", "")
    return shown if shown in SHOW else ("all" if request.GET.keys() - {"page", "lang", "show"} else "unread")


def _tabs(rows: ConcernQuerySet) -> list[tuple[str, Any, int]]:
    counts = rows.order_by().aggregate(**{name: Count("pk", filter=SHOWN[name]) for name in SHOW})
    return [(name, word, counts[name]) for name, word in SHOW.items()]


def _page(request: HttpRequest, rows: ConcernQuerySet) -> Page[Concern]:
    told = rows.select_related("category", "segment__corridor", "walk").order_by("-danger_now", "-received_at", "-id")
    return Paginator(told, PAGE_SIZE).get_page(request.GET.get("page"))


def _lines(page: Page[Concern]) -> list[dict[str, Any]]:
    """The items of the list with their numbers and how many photos each has. One query."""
    pks = [concern.pk for concern in page]
    photos = Counter(Photo.objects.filter(concern__in=pks).values_list("concern_id", flat=True))
    first = page.start_index()
    return [
        {"n": first + i, "concern": concern, "n_photos": photos[concern.pk], "refusal": actions.why_not_public(concern)}
        for i, concern in enumerate(page)
    ]


def desk_features_numbered(page: Page[Concern]) -> list[dict[str, Any]]:
    """The page's items as features named with their numbers."""
    numbers = {str(concern.public_id): page.start_index() + i for i, concern in enumerate(page)}
    features = desk_features(page)
    for feature in features:
        properties = feature["properties"]
        properties["number"] = numbers[properties["id"]]
        properties["name"] = f"{properties['number']} · {properties['name']}"
    return features


def _corridors_of(page: Page[Concern]) -> list[Corridor]:
    return list({row.segment.corridor_id: row.segment.corridor for row in page if row.segment}.values())


def _choices(request: SignedInRequest, mine: ConcernQuerySet) -> dict[str, Any]:
    """What the filter bar offers. Three queries."""
    walks = Walk.objects.current().only("public_id", "title", "meet_at", "time_zone").order_by("-meet_at")
    if not request.user.is_organizer:
        walks = walks.filter(lead=request.user.person_id)
    return {
        "walks": walks[:60],
        "categories": list(Category.objects.all()),
        "corridors": list(Corridor.objects.only("name", "slug")),
        "publications": Publication.choices,
        "statuses": Status.choices,
    }


def _sentence(page: Page[Concern]) -> str:
    placed = sum(1 for concern in page if concern.location)
    words = ngettext("%(n)d concern on the map", "%(n)d concerns on the map", placed) % {"n": placed}
    without = len(page) - placed
    if without:
        words += ", " + ngettext("%(n)d only in the list", "%(n)d only in the list", without) % {"n": without}
    return f"{words}. " + str(_("Exact places, for organizers only."))


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_detail(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one concern, and what can be done with it."""
    return detail_page(request, get_concern_for(request, public_id))


def detail_page(
    request: SignedInRequest,
    concern: Concern,
    *,
    problem: str = "",
    status: int = 200,
    contacts: Sequence[Reporter] = (),
    **bound: Form,
) -> HttpResponse:
    """The page of one concern. `bound` holds a form that was refused, with what was typed; `problem` says why.

    `contacts` are reporters whose contact this person asked to read just now.
    """
    photos = list(Photo.objects.filter(Q(concern=concern) | Q(look__concern=concern)).order_by("position", "id"))
    same = actions.likely_same(concern) if concern.duplicate_of_id is None else []
    forms = {
        "publish_form": PublishForm(initial={"text": actions.words_to_publish(concern)}),
        "hide_form": HideForm(),
        "move_form": MoveForm(concern=concern),
        "case_form": CaseForm(),
        "look_form": LookForm(),
        "merge_form": MergeForm(),
    } | bound
    context = {
        "concern": concern,
        "problem": problem,
        "seen": actions.version_of(concern),
        "answers": answers_in_words(concern, concern.category.questions.all()) if concern.answers else [],
        "photos": [photo for photo in photos if photo.concern_id],
        "looks": _looks(concern, photos),
        "story": desk_story(concern),
        "cases": concern.cases.all(),
        "reporters": list(concern.reporters.all()) if concern.source == Source.WEB else [],
        "contacts": contacts,
        "proposals": _open_proposals(concern),
        "same": same,
        "refusal": actions.why_not_public(concern),
        "features": _detail_features(concern, same),
        **forms,
    }
    return render(request, "concerns/desk_detail.html", context, status=status)


def _looks(concern: Concern, photos: list[Photo]) -> list[tuple[Look, list[Photo]]]:
    """Each look with its photos. One query."""
    looks = concern.looks.select_related("by__person", "walk")
    return [(look, [photo for photo in photos if photo.look_id == look.pk]) for look in looks]


def _open_proposals(concern: Concern) -> list[Proposal]:
    """Changes that wait; the flag says whether there are any, so mostly this asks nothing."""
    if Concern.Flag.CHANGED not in concern.flags:
        return []
    return list(concern.proposals.filter(state=Proposal.State.OPEN))


def next_unread(request: SignedInRequest, concern: Concern) -> Concern | None:
    """The next concern nobody has read: those of the same walk first, then the newest. One query."""
    waiting = concerns_for(request.user).unread().exclude(pk=concern.pk).select_related("category")
    same_walk = Q(walk=concern.walk_id) if concern.walk_id else Q(pk=None)
    return waiting.alias(elsewhere=~same_walk).order_by("elsewhere", "-danger_now", "-received_at", "-id").first()


def _detail_features(concern: Concern, same: list[Concern]) -> dict[str, Any]:
    corridor = concern.segment.corridor if concern.segment else (concern.walk.corridor if concern.walk else None)
    return collection(
        corridor_features([corridor] if corridor else [], desk=True),
        segment_features([concern.segment] if concern.segment else [], desk=True),
        desk_features([concern], focus=True),
        desk_features(same),
    )


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_next(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """On to the next concern nobody has read, or to the list where there is none."""
    following = next_unread(request, get_concern_for(request, public_id))
    return redirect("concerns:desk_detail", following.public_id) if following else redirect("concerns:desk_list")


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_geojson(request: SignedInRequest) -> HttpResponse:
    """Exact places under every filter of the desk."""
    try:
        asked = desk_filter(request.GET)
    except BadFilter as bad:
        return JsonResponse({"error": bad.message}, status=400)
    response = JsonResponse(desk_collection(concerns_for(request.user), asked), content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_photo(request: SignedInRequest, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    """The re-encoded copy of any photo, for who may see its concern."""
    response = photo_response(get_photo_for(request, public_id), size)
    response["Cache-Control"] = "private, no-store"
    return response
