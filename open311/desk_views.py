"""The desk's side of sending: what would leave, what is on its way, what a person has to decide."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.access import get_concern_for
from concerns.actions import version_of
from concerns.models import Concern
from office.refused import Refused
from open311 import deliveries
from open311.forms import NumberForm, SendForm
from open311.leaving import leaving, why_not_sent, words_for_city
from open311.models import Delivery, Endpoint, EndpointService
from people.access import ORGANIZERS, SignedInRequest, access

PAGE_SIZE = 40
TO_DECIDE, ON_THE_WAY, ALL = "decide", "way", "all"
SHOW = {
    TO_DECIDE: gettext_lazy("To decide"),
    ON_THE_WAY: gettext_lazy("On the way"),
    ALL: gettext_lazy("All"),
}
PLAIN_NAMES = {
    "service_code": gettext_lazy("Kind, as they call it"),
    "lat": gettext_lazy("Latitude"),
    "long": gettext_lazy("Longitude"),
    "address_string": gettext_lazy("Address"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@access("open311.delivery", "send", allow=ORGANIZERS)
def desk_send(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """GET shows every field that would leave; POST approves exactly those."""
    concern = get_concern_for(request, public_id)
    service = _service(concern, request.POST.get("to") or request.GET.get("to", ""))
    form = SendForm(request.POST or None, initial={"words": words_for_city(concern)})
    problem = ""
    if request.method == "POST" and form.is_valid() and service:
        try:
            deliveries.approve_delivery(
                concern=concern,
                service=service,
                words=form.cleaned_data["words"],
                by=request.user,
                expected=request.POST.get("seen") or None,
            )
        except Refused as refused:
            problem = refused.message
        else:
            messages.success(request, _("It goes out to %(name)s now.") % {"name": service.endpoint})
            return redirect("concerns:desk_detail", concern.public_id)
    context = {
        "concern": concern,
        "service": service,
        "form": form,
        "problem": problem,
        "refusal": why_not_sent(concern),
        "fields": _shown(leaving(concern, service, "")) if service else [],
        "seen": version_of(concern),
    }
    return render(request, "open311/desk_send.html", context, status=400 if problem or form.errors else 200)


def _service(concern: Concern, wanted: str) -> EndpointService | None:
    """How the asked-for city calls this kind; the only one where none was asked for. None where it takes none."""
    usable = EndpointService.objects.filter(category=concern.category_id, endpoint__in=Endpoint.objects.usable())
    services = list(usable.select_related("endpoint"))
    return next((one for one in services if str(one.endpoint.public_id) == wanted), services[0] if services else None)


def _shown(fields: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The fields with plain names; the words stand in their own box."""
    return [(PLAIN_NAMES.get(name, name), value) for name, value in fields.items() if name != "description"]


@require_safe
@access("open311.delivery", "view", allow=ORGANIZERS)
def desk_deliveries(request: SignedInRequest) -> HttpResponse:
    """Everything sent to a city, newest first. Five queries."""
    show = request.GET.get("show", TO_DECIDE)
    show = show if show in SHOW else TO_DECIDE
    rows = Delivery.objects.select_related("endpoint", "concern__category", "approved_by__person")
    if show == TO_DECIDE:
        rows = rows.to_decide()
    elif show == ON_THE_WAY:
        rows = rows.filter(state__in=Delivery.UNFINISHED)
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "show": show,
        "tabs": SHOW.items(),
        "paused": Endpoint.objects.exclude(paused_at=None),
    }
    return render(request, "open311/desk_deliveries.html", context)


@require_POST
@access("open311.delivery", "send", allow=ORGANIZERS)
def desk_delivery(request: SignedInRequest, delivery_id: uuid.UUID) -> HttpResponse:
    """Call it off, write down what they said, send it again, or have seen it."""
    delivery = get_object_or_404(Delivery, public_id=delivery_id)
    try:
        messages.success(request, _do(request, delivery))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect(reverse("open311:desk_deliveries"))


def _do(request: SignedInRequest, delivery: Delivery) -> str:
    by, wanted = request.user, request.POST.get("do", "")
    if wanted == "call_off":
        deliveries.call_off(delivery=delivery, by=by)
        return _("It was called off. Nothing left.")
    if wanted == "number":
        form = NumberForm(request.POST)
        number = form.cleaned_data["number"] if form.is_valid() else ""
        if not number:
            raise Refused(_("Number: write the one they gave, at most 60 characters."))
        deliveries.settle_by_hand(delivery=delivery, by=by, number=number)
        return _("The number is kept.")
    if wanted == "again":
        deliveries.settle_by_hand(delivery=delivery, by=by, again=True)
        return _("It goes out once more.")
    if wanted == "give_up":
        deliveries.settle_by_hand(delivery=delivery, by=by)
        return _("It was given up.")
    if wanted == "seen":
        deliveries.note_seen(delivery=delivery, by=by)
        return _("Put away.")
    raise Http404
