"""The walk lead's screen on the day of a walk: who needs help, who is back, what the phones say. And its buttons."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from concerns.actions import handle_danger, reopen_danger
from concerns.workflow import Publication, Status
from corridors import geojson
from field import actions
from field.day import Day, logged
from field.day_alarms import Alarm, Alarms
from field.day_forms import HandleForm
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from people.models import User
from walks import invites
from walks.access import get_walk_for
from walks.day_actions import handle_incident, reopen_incident
from walks.models import Device, Incident, Walk

Act = Callable[..., Device]


@dataclass(frozen=True)
class Unsaved:
    """A "take care of it" that was refused: of which alarm, why, and what was typed."""

    key: str
    problem: str
    note: str


@require_safe
@access("day_board", "view", allow=SIGNED_IN)
def day(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """The board. What changes is asked for again every few seconds by htmx, and comes alone then."""
    return _board(request, get_walk_for(request, public_id, to="edit"))


def _board(request: SignedInRequest, walk: Walk, *, unsaved: Unsaved | None = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    board = Day(walk, now)
    alarms = Alarms(board, request.user)
    is_refresh = bool(request.htmx) and unsaved is None  # type: ignore[attr-defined]
    context = {
        "walk": walk,
        "now": now,
        "day": board,
        "alarms": alarms,
        "listed": alarms.listed,
        "n_logged": board.n("concern", of_all=True),
        "n_looks": board.n("look", of_all=True),
        "n_contacts": board.n("contact", of_all=True),
        "unsaved": unsaved,
        "unsaved_open": _still_open(alarms.open, unsaved),
        "is_refresh": is_refresh,
        "steps": _steps(board),
    }
    if not is_refresh:
        context |= _page_part(board, alarms)
    response = render(request, "field/_day_parts.html" if is_refresh else "field/day.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "private, no-store"
    return response


def _still_open(alarms: list[Alarm], unsaved: Unsaved | None) -> bool:
    return unsaved is not None and any(alarm.key == unsaved.key for alarm in alarms)


def _page_part(board: Day, alarms: Alarms) -> dict[str, Any]:
    """What stays as it is while the page is open: the map, which asks for its own data, and the way to join."""
    walk = board.walk
    current = [segment for segment in board.segments if segment.retired_at is None]
    shown = {
        "walk": str(walk.public_id),
        "status": ",".join(value for value in Status.values if value != Status.WITHDRAWN),
        "publication": ",".join(value for value in Publication.values if value != Publication.SPAM),
    }
    placed = sum(1 for concern in alarms.concerns if concern.location)
    without = len(alarms.concerns) - placed
    sentence = ngettext("%(n)d thing on the map", "%(n)d things on the map", placed) % {"n": placed}
    if without:
        sentence += ", " + ngettext("%(n)d only in the list", "%(n)d only in the list", without) % {"n": without}
    return {
        "features": geojson.collection(
            geojson.corridor_features([walk.corridor], focus=True), geojson.segment_features(current)
        ),
        "map_url": f"{reverse('concerns:desk_geojson')}?{urlencode(shown)}",
        "sentence": f"{sentence}. " + _("Exact places, for organizers and the walk lead only."),
        "sunset_at": walk.sunset_at,
        "is_open": invites.is_open(walk, now=board.now),
    }


def _steps(board: Day) -> list[dict[str, Any]]:
    """How far the evening is: what is done, and what is now."""
    walk, now = board.walk, board.now
    done = [now >= walk.step_off_at, board.all_back, board.all_back and board.everything_in]
    names: list[tuple[str, datetime | None]] = [
        (_("Meet"), walk.meet_at),
        (_("Everybody back"), walk.end_at),
        (_("Everything in"), None),
    ]
    at = next((n for n, is_done in enumerate(done) if not is_done), None)
    return [
        {"name": name, "at": time, "is_done": is_done, "is_now": n == at}
        for n, ((name, time), is_done) in enumerate(zip(names, done, strict=True))
    ]


# --- I take care of it ---


@require_POST
@access("incident", "handle", allow=SIGNED_IN)
def handle_an_incident(request: SignedInRequest, public_id: uuid.UUID, incident_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    incident = get_object_or_404(Incident, walk=walk, public_id=incident_id)
    return _handle(
        request,
        walk,
        f"incident-{incident.public_id}",
        lambda **said: handle_incident(incident=incident, by=request.user, **said),
    )


@require_POST
@access("concern.danger", "handle", allow=SIGNED_IN)
def handle_a_danger(request: SignedInRequest, public_id: uuid.UUID, concern_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    concern = get_object_or_404(logged(walk), public_id=concern_id)
    return _handle(
        request,
        walk,
        f"danger-{concern.public_id}",
        lambda **said: handle_danger(concern=concern, by=request.user, **said),
    )


@require_POST
@access("incident", "handle", allow=SIGNED_IN)
def reopen_an_incident(request: SignedInRequest, public_id: uuid.UUID, incident_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    reopen_incident(incident=get_object_or_404(Incident, walk=walk, public_id=incident_id), by=request.user)
    messages.success(request, _("It is loud again, until somebody takes care of it."))
    return _back(walk, "alarms")


@require_POST
@access("concern.danger", "handle", allow=SIGNED_IN)
def reopen_a_danger(request: SignedInRequest, public_id: uuid.UUID, concern_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    reopen_danger(concern=get_object_or_404(logged(walk), public_id=concern_id), by=request.user)
    messages.success(request, _("It is loud again, until somebody takes care of it."))
    return _back(walk, "alarms")


def _handle(request: SignedInRequest, walk: Walk, key: str, do: Callable[..., object]) -> HttpResponse:
    """Do it and lead back, or show the board with the reason and what was typed."""
    form = HandleForm(request.POST)
    if not form.is_valid():
        problem = " ".join(str(words) for errors in form.errors.values() for words in errors)
        return _board(request, walk, unsaved=Unsaved(key, problem, request.POST.get("note", "")), status=400)
    note = form.cleaned_data["note"]
    try:
        do(note=note, expected=form.cleaned_data["seen"])
    except Refused as refused:
        return _board(request, walk, unsaved=Unsaved(key, refused.message, note), status=409)
    messages.success(request, _("Written down: you take care of it."))
    return _back(walk, "alarms")


def _back(walk: Walk, part: str) -> HttpResponseRedirect:
    return redirect(f"{reverse('field:desk_day', args=[walk.public_id])}#{part}")


# --- Phones ---


@require_safe
@access("day_board", "view", allow=SIGNED_IN)
def phones(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Where the phones used to be: links in old mails and bookmarks still lead to them."""
    return _back(get_walk_for(request, public_id, to="edit"), "phones")


def _button(act: Act, done: Callable[[], str]) -> Callable[[HttpRequest, uuid.UUID, uuid.UUID], HttpResponseBase]:
    @require_POST
    @access("field.device", "manage", allow=SIGNED_IN)
    def press(request: SignedInRequest, public_id: uuid.UUID, device_id: uuid.UUID) -> HttpResponse:
        walk = get_walk_for(request, public_id, to="edit")
        device = get_object_or_404(Device, walk=walk, public_id=device_id)
        user: User = request.user
        act(device=device, by=user)
        messages.success(request, done())
        return _back(walk, "phones")

    return press  # type: ignore[return-value]


confirm = _button(actions.confirm_device, lambda: _("Confirmed. This phone gets the vacant buildings, too."))
revoke = _button(actions.revoke_device, lambda: _("Taken off the walk. What it sent stays; it can send no more."))
readmit = _button(actions.readmit_device, lambda: _("Let back in. What waits on it is sent now."))
