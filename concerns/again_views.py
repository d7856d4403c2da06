"""The list of what to look at again, at the desk: of a corridor or of a walk, in walking order, printable."""

import itertools
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from concerns import again
from concerns.access import get_concern_for, may_see
from concerns.features import desk_features
from concerns.forms import LookForm
from concerns.looking import Looked, look_again
from concerns.models import Category, Concern, ConcernQuerySet, Photo
from concerns.pairs import desk_pair
from concerns.voices import Standing, standings_of
from corridors.geojson import collection, corridor_features, segment_features
from corridors.geometry import length_m
from corridors.models import Corridor, Segment
from office.refused import Refused
from office.strip import Block
from people.access import ORGANIZERS, SIGNED_IN, SignedInRequest, access
from people.models import User
from walks.access import get_walk_for
from walks.models import Walk
from walks.sun import Lit, light_of

RECENT = timedelta(days=14)


@dataclass(frozen=True)
class Item:
    """One thing to look at: its number on the list, what each voice said last, and its photos of then and now.

    `is_theirs`: whether this person may open its page, read its private words and see its photos.
    """

    n: int
    concern: Concern
    is_theirs: bool
    standings: list[Standing]
    then: Photo | None
    now: Photo | None


@dataclass(frozen=True)
class Asked:
    """What the address asked for. `show` is "due" or "open"; `light` is "", "day" or "dark"."""

    corridor: Corridor
    walk: Walk | None
    show: str
    light: str
    backwards: bool


@require_safe
@access("look.list", "view", allow=SIGNED_IN)
def again_list(request: SignedInRequest) -> HttpResponse:
    """`?walk=` or `?corridor=`, `show=open` for everything open, `light=day|dark`, `way=back` from the other end."""
    walks = _walks_of(request)
    walk = _asked_walk(request, walks)
    corridor = walk.corridor if walk else _asked_corridor(request)
    if corridor is None:
        return _overview(request, walks)
    asked = Asked(
        corridor,
        walk,
        show="open" if request.GET.get("show") == "open" else "due",
        light=request.GET.get("light", "") if request.GET.get("light") in (Lit.DAY, Lit.DARK) else "",
        backwards=_is_backwards(request, walk, corridor),
    )
    return _list(request, asked, walks)


def _walks_of(request: SignedInRequest) -> list[Walk]:
    """Walks whose list this person may print: coming ones and those of the last two weeks. One query.

    Raises PermissionDenied for who is neither an organizer nor leads a walk.
    """
    walks = Walk.objects.current().exclude(state=Walk.State.CALLED_OFF).select_related("corridor")
    if request.user.is_organizer:
        return list(walks.filter(end_at__gte=timezone.now() - RECENT).order_by("meet_at")[:40])
    led = list(walks.filter(lead=request.user.person_id).order_by("-meet_at")[:40])
    if not led:
        raise PermissionDenied
    return led


def _asked_walk(request: SignedInRequest, walks: Sequence[Walk]) -> Walk | None:
    """The walk of the address; a walk lead who named none gets the newest that is theirs. 404 where it isn't."""
    text = request.GET.get("walk", "").strip()
    if not text:
        return None if request.user.is_organizer else walks[0]
    try:
        return get_walk_for(request, uuid.UUID(text), to="edit")
    except ValueError:
        raise Http404("not the number of a walk") from None


def _asked_corridor(request: HttpRequest) -> Corridor | None:
    """The corridor of the address; the only one there is needs no choosing."""
    slug = request.GET.get("corridor", "").strip()
    if slug:
        return get_object_or_404(Corridor, slug=slug[:80].replace("\0", ""))
    corridors = list(Corridor.objects.all()[:2])
    return corridors[0] if len(corridors) == 1 else None


def _is_backwards(request: HttpRequest, walk: Walk | None, corridor: Corridor) -> bool:
    """From the end of the line: where the address says so, or else where the walk meets nearer to that end."""
    if way := request.GET.get("way"):
        return way == "back"
    if walk is None or walk.meeting_location is None:
        return False
    start, end = corridor.line[0], corridor.line[-1]
    x, y = walk.meeting_location.coords

    def far(corner: Any) -> float:
        return float((corner[0] - x) ** 2 + (corner[1] - y) ** 2)

    return far(end) < far(start)


def _overview(request: HttpRequest, walks: Sequence[Walk]) -> HttpResponse:
    """Choose a street or a walk."""
    lines = again.counts_by_corridor(timezone.localdate())
    return render(request, "concerns/again.html", {"lines": lines, "walks": walks})


def _list(request: SignedInRequest, asked: Asked, walks: Sequence[Walk]) -> HttpResponse:
    now = timezone.now()
    rows = _rows(asked, request.user, now)
    chosen = again.the_most_wanted(rows, timezone.localdate())
    concerns = list(
        again.in_walking_order(chosen, backwards=asked.backwards).select_related(
            "category", "segment__corridor", "walk"
        )
    )
    items = _items(concerns, request.user)
    segments = list(Segment.objects.current().filter(corridor=asked.corridor).select_related("corridor"))
    light = _light(asked.walk)
    context = {
        "asked": asked,
        "walks": walks,
        "corridors": list(Corridor.objects.only("name", "slug")),
        "items": items,
        "blocks": _by_block(items),
        "n_dark": sum(item.concern.category.needs_dark for item in items),
        "strip": _strip(segments, concerns),
        "sides": {side: segments[0].side_name(side) for side in ("left", "right")} if segments else {},
        "ends": _ends(asked),
        "light": light,
        "lit": again.lit_at(asked.corridor.line.centroid, now, ZoneInfo(timezone.get_current_timezone_name())),
        "lights": Lit.choices,
        "has_begun": asked.walk is not None and asked.walk.step_off_at <= now,
        "features": _features(asked.corridor, segments, items),
        "sentence": _sentence(items),
        "today": timezone.localdate(),
        "most": again.MOST,
    }
    return render(request, "concerns/again.html", context)


def _rows(asked: Asked, user: User, now: datetime) -> ConcernQuerySet:
    """What was asked for. A walk lead gets what a phone of the walk may have: nothing that is never public."""
    rows = Concern.objects.on_corridor(asked.corridor).filter(again.LOOKABLE)
    if not user.is_organizer:
        rows = rows.exclude(category__publication_rule=Category.Rule.NEVER)
    if asked.show == "due":
        rows = rows.filter(again.wanted(timezone.localtime(now).date()))
    if asked.light:
        rows = rows.filter(category__needs_dark=asked.light == Lit.DARK)
    return rows


def _items(concerns: Sequence[Concern], user: User) -> list[Item]:
    """Their walks are read. Two queries: the last words of the voices, and the photos."""
    voices = standings_of(concerns)
    photos = _photos_of(concerns)
    return [
        Item(n, concern, may_see(user, concern), voices[concern.pk], *desk_pair(photos[concern.pk]))
        for n, concern in enumerate(concerns, start=1)
    ]


def _photos_of(concerns: Sequence[Concern]) -> defaultdict[int, list[Photo]]:
    """The ready photos of each concern and its looks, oldest first. One query."""
    found = Photo.objects.filter(Q(concern__in=concerns) | Q(look__concern__in=concerns), state=Photo.State.READY)
    photos: defaultdict[int, list[Photo]] = defaultdict(list)
    for photo in found.exclude(thumbnail="").select_related("look").order_by("received_at", "position", "id"):
        photos[photo.concern_id or (photo.look.concern_id if photo.look else 0)].append(photo)
    return photos


def _by_block(items: Sequence[Item]) -> list[tuple[Segment | None, list[Item]]]:
    """The items under the block they lie on, in the order of the list."""
    grouped = itertools.groupby(items, key=lambda item: item.concern.segment_id)
    return [(group[0].concern.segment, group) for group in (list(found) for _pk, found in grouped)]


def _strip(segments: Sequence[Segment], concerns: Sequence[Concern]) -> list[Block]:
    """How much there is to look at on each side of each block."""
    faces = Counter((concern.segment_id, concern.side) for concern in concerns)
    return [
        {
            "name": segment.name,
            "from_name": segment.from_street,
            "to_name": segment.to_street,
            "length_m": length_m(segment.line),
            "left": faces[segment.pk, "left"],
            "right": faces[segment.pk, "right"],
        }
        for segment in segments
    ]


def _ends(asked: Asked) -> tuple[str, str]:
    """From where to where one walks, in words; empty where nobody named the ends."""
    ends = asked.corridor.from_street, asked.corridor.to_street
    return (ends[1], ends[0]) if asked.backwards else ends


def _light(walk: Walk | None) -> str:
    """Whether a walk goes by day, into the dark or after dark; "" without a walk. Reads its corridor."""
    if walk is None:
        return ""
    return light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=walk.sunset_at)


def _features(corridor: Corridor, segments: Sequence[Segment], items: Sequence[Item]) -> dict[str, Any]:
    by_id = {str(item.concern.public_id): item for item in items}
    features = desk_features([item.concern for item in items])
    for feature in features:
        properties = feature["properties"]
        item = by_id[properties["id"]]
        properties["number"] = item.n
        properties["name"] = f"{item.n} · {properties['name']}"
        if not item.is_theirs:
            del properties["url"]
    return collection(corridor_features([corridor], desk=True, focus=True), segment_features(segments), features)


def _sentence(items: Sequence[Item]) -> str:
    placed = sum(1 for item in items if item.concern.location)
    words = ngettext("%(n)d on the map", "%(n)d on the map", placed) % {"n": placed}
    if without := len(items) - placed:
        words += ", " + ngettext("%(n)d only in the list", "%(n)d only in the list", without) % {"n": without}
    return words + ". " + str(_("Exact places, for organizers and the walk lead only."))


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def again_look(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One tap on the list: what somebody saw, with words and a photo where they were given."""
    concern = get_concern_for(request, public_id)
    form = LookForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form.what_is_wrong())
        return _back(request, concern)
    walk = _asked_walk(request, []) if request.GET.get("walk") else None
    try:
        looked = look_again(concern=concern, by=request.user, walk=walk, **form.look_fields())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        say_what_is_kept(request, looked)
    return _back(request, concern)


def say_what_is_kept(request: HttpRequest, looked: Looked) -> None:
    """A message with what was kept, and one with why the photo wasn't."""
    words = _("Your look is kept: %(result)s") % {"result": looked.look.get_result_display()}
    messages.success(request, f"{words}.")
    if looked.photo_problem:
        messages.warning(request, _("The photo was not kept. %(why)s") % {"why": looked.photo_problem})


def _back(request: HttpRequest, concern: Concern) -> HttpResponseRedirect:
    """To the list that the button was on, at the place where one was."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("concerns:again"))
    return redirect(f"{back}#again-{request.POST.get('n', '')[:4]}" if is_ours else _page_of(concern))


def _page_of(concern: Concern) -> str:
    return reverse("concerns:desk_detail", args=[concern.public_id])
