"""Letters about hours of service, to print: for who was checked in, by their own link or at the desk."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.token_pages import token_page
from walks.access import get_walk_for
from walks.hours import hours_of, presence_of
from walks.links import signup_from_token
from walks.models import Presence, Walk


def _letter(request: HttpRequest, walk: Walk, presence: Presence | None, *, name: str) -> HttpResponse:
    """404 where nobody was checked in, or the walk isn't over yet."""
    hours = hours_of(presence, walk) if presence else None
    if presence is None or hours is None:
        raise Http404("nothing to write about")
    context = {"walk": walk, "name": name, "hours": hours, "role": _role(presence), "today": timezone.localdate()}
    response = render(request, "walks/hours_letter.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _role(presence: Presence) -> str:
    return presence.signup.get_role_display() if presence.signup and presence.signup.role else ""


@require_safe
@access("signup.own", "view", allow=BY_LINK)
@token_page
def my_hours(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's own letter, by their own link; back to their page where they weren't checked in, or not yet out."""
    signup = signup_from_token(token)
    if signup is None:
        raise Http404("not a link of ours, or an old one")
    presence = presence_of(signup)
    if presence is None or hours_of(presence, signup.walk) is None:
        messages.info(request, _("We have no hours of yours for this walk. Were you there? Tell an organizer."))
        return redirect("walks:my", token)
    return _letter(request, signup.walk, presence, name=signup.name)


@require_safe
@access("walk.roster", "view", allow=SIGNED_IN)
def desk_hours(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everybody who was checked in, with their hours and a letter for each. Two queries besides the walk."""
    walk = get_walk_for(request, public_id, to="roster")
    rows = Presence.objects.standing().filter(walk=walk).select_related("signup", "organization").order_by("name", "id")
    people = [(one, _name(one), hours_of(one, walk)) for one in rows]
    total = sum(hours.hours * one.n_people for one, _who, hours in people if hours)
    context = {
        "walk": walk,
        "people": people,
        "total": f"{total:g}" if total else "",
    }
    return render(request, "walks/desk_hours.html", context)


@require_safe
@access("walk.roster", "view", allow=SIGNED_IN)
def desk_letter(request: SignedInRequest, public_id: uuid.UUID, presence_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="roster")
    rows = Presence.objects.standing().select_related("signup")
    presence = get_object_or_404(rows, walk=walk, public_id=presence_id)
    return _letter(request, walk, presence, name=_name(presence))


def _name(presence: Presence) -> str:
    return presence.name or (presence.signup.name if presence.signup else "")
