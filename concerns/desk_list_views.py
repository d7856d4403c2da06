"""The desk's list and map of concerns: the same numbered items under the same filters."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from concerns.access import concerns_for
from concerns.bulk import MOST_AT_ONCE, last_move_of
from concerns.bulk_forms import BulkForm
from concerns.desk_filters import (
    LATENESS,
    NOBODY,
    SHOW,
    TICKS,
    DeskFilter,
    asked_for,
    desk_filter,
    is_shown,
)
from concerns.desk_map import desk_collection
from concerns.features import desk_features
from concerns.filters import BadFilter
from concerns.models import Assignment, Category, Concern, ConcernQuerySet, Photo
from concerns.same import count_same
from concerns.saved_views import views_for
from concerns.workflow import Publication, Source, Status
from corridors.geojson import collection, corridor_features
from corridors.models import Corridor
from people.access import SIGNED_IN, SignedInRequest, access
from people.models import Organization
from walks.models import Walk

PAGE_SIZE = 40
ORDER = ("-danger_now", "-received_at", "-id")
# What stands in an address besides filters.
NOT_FILTERS = {"page", "lang", "show"}


class CountedPaginator(Paginator):
    """A paginator that was told how many there are: the tabs counted them already."""

    def __init__(self, rows: ConcernQuerySet, n: int) -> None:
        super().__init__(rows, PAGE_SIZE)
        self.n = n

    @cached_property
    def count(self) -> int:
        return self.n


class Choices(NamedTuple):
    """What the filter bar offers."""

    walks: list[Walk]
    categories: list[Category]
    corridors: list[Corridor]
    owners: list[Organization]


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_list(request: SignedInRequest) -> HttpResponse:
    """List and map side by side: the same numbered items, filters in the address."""
    at = timezone.now()
    mine = concerns_for(request.user)
    problem, asked = "", DeskFilter()
    try:
        asked = desk_filter(request.GET)
    except BadFilter as bad:
        problem, mine = bad.message, mine.none()
    show = _shown(request, asked)
    tabs = _tabs(asked_for(mine, asked, show=False))
    page = _page(request, asked_for(mine, asked.at_tab(show)), tabs[show])
    choices = _choices(request)
    context = {
        "page": page,
        "lines": _lines(page),
        "problem": problem,
        "asked": asked,
        "show": show,
        "tabs": [(name, word, tabs[name]) for name, word in SHOW.items()],
        "chips": list(_chips(request, asked, choices)),
        "quick": list(_quick(request, asked)),
        "is_filtered": bool(request.GET.keys() - NOT_FILTERS),
        **choices._asdict(),
        **_words(),
        **_many(request, asked.at_tab(show), page, at, choices),
        "features": collection(corridor_features(_corridors_of(page), desk=True), numbered_features(page)),
        "sentence": _sentence(page),
        "today": timezone.localdate(at),
    }
    return render(request, "concerns/desk_list.html", context, status=400 if problem else 200)


def _shown(request: HttpRequest, asked: DeskFilter) -> str:
    """Without any filter the list opens on what nobody has read yet."""
    return asked.show or ("all" if request.GET.keys() - NOT_FILTERS else "unread")


def _tabs(rows: ConcernQuerySet) -> dict[str, int]:
    """How many each tab holds. One query, which an index answers alone where nothing else is asked."""
    groups = list(rows.order_by().values_list("publication", "status").annotate(n=Count("*")))
    return {name: sum(n for publication, status, n in groups if is_shown(name, publication, status)) for name in SHOW}


def _page(request: HttpRequest, rows: ConcernQuerySet, n: int) -> Page[Concern]:
    """One page with the number of photos (`n_photos`) and who should fix it (`owner_name`). One query."""
    photos = Photo.objects.filter(concern=OuterRef("pk")).order_by().values("concern").annotate(n=Count("pk"))
    current = Assignment.objects.current().filter(concern=OuterRef("pk"))
    told = Concern.objects.select_related("category", "segment__corridor", "walk").annotate(
        n_photos=Coalesce(Subquery(photos.values("n"), output_field=IntegerField()), 0),
        owner_name=Subquery(current.values("organization__name")[:1]),
    )
    page = CountedPaginator(rows.order_by(*ORDER), n).get_page(request.GET.get("page"))
    # The numbers of the page first: what is told of a row isn't worked out for the rows before the page.
    page.object_list = told.filter(pk__in=cast(ConcernQuerySet, page.object_list).values("pk")).order_by(*ORDER)
    return page


def _lines(page: Page[Concern]) -> list[dict[str, Any]]:
    first, n_same = page.start_index(), count_same(page)
    return [{"n": first + i, "concern": row, "n_same": n_same.get(row.pk, 0)} for i, row in enumerate(page)]


def numbered_features(page: Page[Concern]) -> list[dict[str, Any]]:
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


def _choices(request: SignedInRequest) -> Choices:
    """Four queries."""
    walks = Walk.objects.current().only("public_id", "title", "meet_at", "time_zone").order_by("-meet_at")
    if not request.user.is_organizer:
        walks = walks.filter(lead=request.user.person_id)
    return Choices(
        walks=list(walks[:60]),
        categories=list(Category.objects.all()),
        corridors=list(Corridor.objects.only("name", "slug")),
        owners=list(Organization.objects.current().only("name", "public_id")),
    )


def _words() -> dict[str, Any]:
    return {
        "publications": Publication.choices,
        "statuses": [("open", _("anything open")), *Status.choices],
        "sources": Source.choices,
        "lateness": list(LATENESS.items()),
        "flag_choices": Concern.Flag.choices,
    }


def _many(
    request: SignedInRequest, asked: DeskFilter, page: Page[Concern], at: datetime, choices: Choices
) -> dict[str, Any]:
    """What organizers do with many at once, and their own lists. Two queries."""
    if not request.user.is_organizer:
        return {}
    query = asked.as_query()
    return {
        "bulk_form": BulkForm(organizations=choices.owners),
        "bulk_query": query,
        "may_take_all": page.paginator.num_pages > 1 and page.paginator.count <= MOST_AT_ONCE,
        "as_of": at.isoformat(),
        "last_move": last_move_of(request.user, at),
        "views": [(view, view.query == query) for view in views_for(request.user)],
    }


def _without(request: HttpRequest, *names: str, **more: str) -> str:
    """This address with some filters taken away, and others put in their place."""
    left = [(name, value) for name, values in request.GET.lists() for value in values if name not in {*names, "page"}]
    return "?" + urlencode([*((name, value) for name, value in left if value), *more.items()], safe=",:")


def _chips(request: HttpRequest, asked: DeskFilter, choices: Choices) -> Iterator[tuple[str, str]]:
    """Every filter that is set, in words, with the address without it. The ticks have their own (`_quick`)."""
    names = {
        "walk": {str(walk.public_id): walk.title for walk in choices.walks},
        "category": {category.code: category.name for category in choices.categories},
        "corridor": {corridor.slug: corridor.name for corridor in choices.corridors},
        "owner": {str(owner.public_id): owner.name for owner in choices.owners} | {NOBODY: _("nobody has it")},
        "status": dict(_words()["statuses"]) | {"fixed": _("fixed")},
        "publication": dict(Publication.choices),
        "source": dict(Source.choices),
        "overdue": dict(LATENESS),
        "flag": dict(Concern.Flag.choices),
    }
    for name, value in asked.pairs():
        if name in {"show", *(tick for tick in TICKS if tick != "unread")}:
            continue
        known = names.get(name, {})
        told = ", ".join(str(known.get(part, part)) for part in value.split(","))
        yield CHIP_WORDS.get(name, lambda words: words)(told), _without(request, name)


CHIP_WORDS: dict[str, Any] = {
    "older": lambda n: ngettext("older than %(n)d day", "older than %(n)d days", int(n)) % {"n": int(n)},
    "since": lambda day: _("since %(day)s") % {"day": day},
    "find": lambda text: _("“%(text)s”") % {"text": text},
    "bbox": lambda _box: _("a part of the map"),
    "unread": lambda _one: _("not read yet"),
}


def _quick(request: HttpRequest, asked: DeskFilter) -> Iterator[tuple[str, bool, str]]:
    """Filters of one click: word, whether it is on, and the address that turns it."""
    words = {
        "overdue": _("overdue"),
        "again": _("look again"),
        "flagged": _("flagged"),
        "photo": _("has a photo"),
        "danger": _("danger now"),
    }
    for name, word in words.items():
        is_on = bool(getattr(asked, name))
        if name == "overdue" and is_on:
            continue  # stands among the chips, in its own words
        yield word, is_on, _without(request, name) if is_on else _without(request, name, **{name: "1"})


def _sentence(page: Page[Concern]) -> str:
    placed = sum(1 for concern in page if concern.location)
    words = ngettext("%(n)d concern on the map", "%(n)d concerns on the map", placed) % {"n": placed}
    without = len(page) - placed
    if without:
        words += ", " + ngettext("%(n)d only in the list", "%(n)d only in the list", without) % {"n": without}
    return f"{words}. " + _("Exact places, for organizers only.")


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
