"""Approved volunteers look without a walk: what waits on a street, and "I looked" on the concern's public page."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from concerns.again import MOST, lit_at
from concerns.again_views import say_what_is_kept
from concerns.features import public_features
from concerns.forms import LookForm
from concerns.looking import look_again, may_look
from concerns.models import Concern
from concerns.public import PublicConcern
from concerns.views import detail_page
from corridors.geojson import collection, corridor_features
from corridors.models import Corridor
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access


@require_safe
@access("look.own_list", "view", allow=SIGNED_IN)
def look_list(request: SignedInRequest) -> HttpResponse:
    """Public concerns that are due or said to be fixed, on a street, in its order: snapped places, as for everybody."""
    today = timezone.localdate()
    corridors = list(Corridor.objects.public())
    slug = request.GET.get("corridor", "").strip() or (corridors[0].slug if len(corridors) == 1 else "")
    corridor = next((one for one in corridors if one.slug == slug), None)
    waiting = PublicConcern.objects.to_look_at(today)
    context: dict[str, Any] = {
        "corridors": _counted(corridors, waiting),
        "corridor": corridor,
        "may_look": may_look(request.user, corridor.pk if corridor else None),
    }
    if corridor is not None:
        rows = waiting.filter(corridor=corridor).with_place()
        concerns = list(rows.order_by("segment__position", "side", "first_seen_at", "id")[:MOST])
        context |= {
            "concerns": concerns,
            "n_dark": sum(concern.category.needs_dark for concern in concerns),
            "is_dark": _lit_now(corridor) == "dark",
            "features": collection(corridor_features([corridor], focus=True), public_features(concerns)),
        }
    return render(request, "concerns/look_list.html", context)


def _counted(corridors: list[Corridor], waiting: Any) -> list[tuple[Corridor, int]]:
    """Each street with how much waits on it. One query."""
    told = waiting.order_by().values("corridor").annotate(n=Count("pk")).values_list("corridor", "n")
    n_of = dict(told)
    return [(corridor, n_of.get(corridor.pk, 0)) for corridor in corridors]


def _lit_now(corridor: Corridor) -> str:
    return lit_at(corridor.line.centroid, timezone.now(), ZoneInfo(timezone.get_current_timezone_name()))


@require_POST
@access("look", "create", allow=SIGNED_IN)
def public_look(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Somebody looked at a public concern: kept and held; what follows is decided by `looks.record_look`."""
    public = get_object_or_404(PublicConcern.objects.with_place(), public_id=public_id)
    if not may_look(request.user, public.corridor_id):
        raise PermissionDenied
    form = LookForm(request.POST, request.FILES)
    problem = ""
    if form.is_valid():
        try:
            looked = look_again(concern=Concern.objects.get(pk=public.pk), by=request.user, **form.look_fields())
        except Refused as refusal:
            problem = refusal.message
        else:
            say_what_is_kept(request, looked)
            return redirect("concerns:detail", public_id)
    problem = problem or _("Your look isn’t kept yet. Please answer the marked question.")
    return detail_page(request, public, status=400, look_form=form, look_problem=problem)
