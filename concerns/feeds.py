"""News of public concerns as RSS 2.0, from the public view only. `?corridor=<slug>` for one street; also in Spanish."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from concerns.filters import BadFilter, PublicFilter, public_filter
from concerns.models import ConcernUpdate
from concerns.public import PublicUpdate
from concerns.voices import LOOK_WORDS
from concerns.workflow import Status
from corridors.models import Corridor
from office.marks import STATUS_WORDS
from office.models import Coalition
from people.access import EVERYBODY, access

N_ITEMS = 60
KINDS = [ConcernUpdate.Kind.LOGGED, ConcernUpdate.Kind.STATUS, ConcernUpdate.Kind.LOOK]


class ConcernNews(Feed):
    """What was noticed, what the city says, what walkers saw: the newest lines of public stories."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> PublicFilter:
        return public_filter(request.GET)

    def title(self, asked: PublicFilter) -> str:
        corridor = Corridor.objects.public().filter(slug=asked.corridor).first() if asked.corridor else None
        return f"{Coalition.current().name}: {corridor.name if corridor else _('concerns')}"

    def link(self, asked: PublicFilter) -> str:
        return reverse("concerns:list") + (f"?corridor={asked.corridor}" if asked.corridor else "")

    def description(self, asked: PublicFilter) -> str:
        return _("What was noticed on our walks, what the city says, and what we saw when we looked again.")

    def items(self, asked: PublicFilter) -> list[PublicUpdate]:
        lines = PublicUpdate.objects.filter(kind__in=KINDS).select_related("concern__category")
        if asked.corridor:
            lines = lines.filter(concern__corridor__slug=asked.corridor)
        if asked.categories:
            lines = lines.filter(concern__category_code__in=asked.categories)
        if asked.statuses:
            lines = lines.filter(concern__status__in=asked.statuses)
        return list(lines.order_by("-at", "-id")[:N_ITEMS])

    def item_title(self, item: Any) -> str:
        return f"{item.concern.category.name}, {item.concern.place}: {_news(item)}"

    def item_description(self, item: Any) -> str:
        return item.note or (item.concern.text if item.kind == ConcernUpdate.Kind.LOGGED else "")

    def item_link(self, item: PublicUpdate) -> str:
        return reverse("concerns:detail", args=[item.concern.public_id])

    def item_guid(self, item: PublicUpdate) -> str:
        return f"{item.concern.public_id}.{item.pk}"

    item_guid_is_permalink = False

    def item_pubdate(self, item: PublicUpdate) -> datetime:
        return item.at


def _news(line: PublicUpdate) -> str:
    if line.kind == ConcernUpdate.Kind.LOGGED:
        return _("noticed")
    if line.kind == ConcernUpdate.Kind.LOOK:
        return str(LOOK_WORDS.get(line.to_value, line.to_value)).rstrip(".").lower()
    words = STATUS_WORDS.get(line.to_value)
    return str(words) if words else str(Status(line.to_value).label)


@require_safe
@access("concern.public_list", "view", allow=EVERYBODY)
def concern_news(request: HttpRequest) -> HttpResponse:
    """The feed. The same for everybody: no cookie is read."""
    try:
        response = ConcernNews()(request)
    except BadFilter as bad:
        return HttpResponse(bad.message, status=400, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=60"
    return response
