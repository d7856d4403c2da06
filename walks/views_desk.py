"""The desk's pages about walks: the list, the form, one walk."""

import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from office.models import check_time_zone
from people.access import ORGANIZERS, SIGNED_IN, SignedInRequest, access
from walks import invites, roster
from walks.access import get_walk_for, may_manage
from walks.actions import (
    NOW,
    ChangedMeanwhile,
    Refused,
    call_off_walk,
    change_walk,
    publish_walk,
    schedule_walk,
    set_teams,
    take_back_call_off,
)
from walks.differences import differences
from walks.features import walk_features
from walks.forms import CallOffForm, TeamsForm, WalkForm, WalkNotesForm
from walks.gaps import staffing_gaps
from walks.models import Walk
from walks.planning import Plan
from walks.problems import Roster, by_weight, problems
from walks.sun import sunset
from walks.telling import UNDO_FOR

PER_PAGE = 40
TABS = ["upcoming", "drafts", "past"]


@require_safe
@access("walk.desk_list", "view", allow=SIGNED_IN)
def desk_list(request: SignedInRequest) -> HttpResponse:
    """Walks this person may open: upcoming, drafts, past; the tab is in the address."""
    now = timezone.now()
    tab = request.GET.get("show", "")
    tab = tab if tab in TABS else TABS[0]
    walks = Walk.objects.current().within_reach_of(request.user).select_related("corridor", "lead", "lead_organization")
    groups = {
        "upcoming": walks.filter(end_at__gte=now).exclude(state=Walk.State.DRAFT).order_by("meet_at", "id"),
        "drafts": walks.filter(state=Walk.State.DRAFT).order_by("meet_at", "id"),
        "past": walks.filter(end_at__lt=now).exclude(state=Walk.State.DRAFT).order_by("-meet_at", "id"),
    }
    page = Paginator(groups[tab].with_roster_counts(), PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"walk": walk, "roster": Roster.of(walk), "problems": problems(walk, now)} for walk in page]
    counts = walks.count_tabs(now)
    tabs = [{"key": key, "name": name, "n": counts[key]} for key, name in tab_names().items()]
    return render(request, "walks/desk_list.html", {"page": page, "lines": lines, "tab": tab, "tabs": tabs, "now": now})


def tab_names() -> dict[str, str]:
    return {"upcoming": _("Upcoming"), "drafts": _("Drafts"), "past": _("Past")}


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "schedule", allow=ORGANIZERS)
def desk_new(request: SignedInRequest) -> HttpResponse:
    form = WalkForm(request.POST or None, initial=_from_address(request))
    if request.method == "POST" and form.is_valid():
        try:
            walk = schedule_walk(by=request.user, **form.walk_fields())
        except ValidationError as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Saved as a draft. Nobody else sees it until you publish it."))
            return redirect("walks:desk_detail", walk.public_id)
    return render(request, "walks/desk_form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "edit", allow=SIGNED_IN)
def desk_edit(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """An organizer changes everything, a walk lead the notes. Who comes second sees both versions before saving."""
    walk = get_walk_for(request, public_id, to="edit")
    kind = WalkForm if request.user.is_organizer else WalkNotesForm
    form: WalkForm | WalkNotesForm = kind(request.POST or None, instance=walk)
    context: dict[str, Any] = {"walk": walk, "form": form}
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            changes = change_walk(
                walk=Walk.objects.get(pk=walk.pk),
                by=request.user,
                expected=cleaned["seen"],
                tell=cleaned["tell"],
                words=cleaned.get("tell_words", ""),
                waits=UNDO_FOR,
                **form.walk_fields(),
            )
        except ValidationError as error:
            _add_errors(form, error)
        except ChangedMeanwhile as conflict:
            _show_both(form, conflict, context)
        else:
            is_told = bool(changes) and cleaned["tell"] and walk.state == Walk.State.PUBLISHED
            _say_what_happened(request, is_told=is_told)
            return redirect("walks:desk_messages" if is_told else "walks:desk_detail", walk.public_id)
    return render(request, "walks/desk_form.html", context)


def _from_address(request: HttpRequest) -> dict[str, str]:
    """`?corridor=` and `?day=` of a link to this form."""
    return {name: request.GET[name] for name in ("corridor", "day") if name in request.GET}


def _add_errors(form: WalkForm | WalkNotesForm, error: ValidationError) -> None:
    """What the model refuses, at the field where there is one."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, sentences in fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _show_both(form: WalkForm | WalkNotesForm, conflict: ChangedMeanwhile, context: dict[str, Any]) -> None:
    """Keep what was typed, show what is stored beside it, and let the next press save what was typed."""
    form.add_error(None, conflict.message)
    context["both"] = differences(conflict.walk, form.walk_fields())
    data = form.data.copy()  # type: ignore[attr-defined]
    data[form.add_prefix("seen")] = conflict.walk.updated_at.isoformat()
    form.data = data


def _say_what_happened(request: HttpRequest, *, is_told: bool) -> None:
    words = _("Saved.")
    if is_told:
        words = _("Saved. Everybody with an e-mail address is told in a minute; call or text the others.")
    messages.success(request, words)


@require_safe
@access("walk.detail_internal", "view", allow=SIGNED_IN)
def desk_detail(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One walk. Who only walks along sees the plan; organizers and its lead also what is missing and the field code."""
    now = timezone.now()
    walk = get_walk_for(request, public_id)
    manages = may_manage(request.user, walk)
    plan = Plan(walk)
    counts = Roster.of(walk, n_teams=len(plan.teams) if manages else None)
    context = {
        "walk": walk,
        "roster": counts,
        "n_left": None if walk.capacity is None else max(walk.capacity - counts.n_taken, 0),
        "features": walk_features(walk, plan.segments),
        "sunset_at": walk.sunset_at,
        "now": now,
        "is_over": walk.end_at < now,
        "manages": manages,
        "field_host": f"{settings.SITE_URL}/field/",
        "poster": f"{settings.SITE_URL}{reverse('walks:short', args=[walk.code])}",
    }
    if manages:
        context |= _field_part(walk) | _plan_part(plan, counts, now)
    return render(request, "walks/desk_detail.html", context)


def _plan_part(plan: Plan, roster: Roster, now: datetime) -> dict[str, Any]:
    """What is missing, staffing included, the teams, and whether the walk goes ahead."""
    walk = plan.walk
    is_to_come = walk.state != Walk.State.CALLED_OFF and walk.end_at >= now
    gaps = staffing_gaps(plan, list(walk.role_needs.all())) if is_to_come else []
    decisions = list(walk.decisions.select_related("by__person"))
    return {
        "problems": by_weight([*problems(walk, now, roster=roster), *gaps]),
        "teams": plan.teams,
        "decisions": decisions,
        "last_decision": decisions[0] if decisions else None,
    }


def _field_part(walk: Walk) -> dict[str, Any]:
    return {
        "field_link": invites.field_link(walk),
        "letters": invites.letters_for(walk),
        "n_phones": walk.devices.active().count(),
        "teams_form": TeamsForm(),
    }


# --- Buttons ---


@require_POST
@access("walk", "publish", allow=ORGANIZERS)
def desk_publish(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    try:
        publish_walk(walk=walk, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Published. Everybody can see it and sign up."))
    return redirect("walks:desk_detail", walk.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "call_off", allow=SIGNED_IN)
def desk_call_off(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    form = CallOffForm(request.POST or None, weather_only=not request.user.is_organizer)
    if request.method == "POST" and form.is_valid():
        try:
            waits = NOW if form.cleaned_data["at_once"] else UNDO_FOR
            n_told = call_off_walk(walk=walk, by=request.user, reason=form.words(), waits=waits)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            words = _called_off(n_told, at_once=form.cleaned_data["at_once"])
            messages.success(request, words)
            return redirect("walks:desk_messages", walk.public_id)
    return render(request, "walks/desk_call_off.html", {"walk": walk, "form": form, "roster": Roster.of(walk)})


def _called_off(n_told: int, *, at_once: bool) -> str:
    if at_once:
        words = ngettext("Called off. %(n)d mail is on its way.", "Called off. %(n)d mails are on their way.", n_told)
    else:
        words = ngettext(
            "Called off. %(n)d mail goes out in a minute.", "Called off. %(n)d mails go out in a minute.", n_told
        )
    return words % {"n": n_told}


@require_POST
@access("walk", "publish", allow=ORGANIZERS)
def desk_on_again(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    try:
        take_back_call_off(walk=walk, by=request.user, waits=UNDO_FOR)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("walks:desk_detail", walk.public_id)
    messages.success(request, _("It takes place after all. Everybody who was told is told again."))
    return redirect("walks:desk_messages", walk.public_id)


@require_safe
@access("walk.messages", "view", allow=SIGNED_IN)
def desk_reach(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """An older address of the messages: whom no mail reaches."""
    walk = get_walk_for(request, public_id, to="roster")
    return redirect("walks:desk_messages", walk.public_id)


@require_POST
@access("walk.invite", "rotate", allow=SIGNED_IN)
def desk_new_invite(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    invites.rotate_invite(walk=walk, by=request.user)
    messages.success(request, _("New code and new letters. The old ones don’t work any more; phones that joined stay."))
    return redirect(reverse("walks:desk_detail", args=[walk.public_id]) + "#phones")


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_teams(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    form = TeamsForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("Choose between 0 and %(most)d teams.") % {"most": roster.MAX_TEAMS})
        set_teams(walk=walk, n_teams=form.cleaned_data["n_teams"], by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Saved. Put people into teams on the roster."))
    return redirect(reverse("walks:desk_detail", args=[walk.public_id]) + "#teams")


@require_safe
@access("walk", "schedule", allow=ORGANIZERS)
def desk_sunset(request: SignedInRequest) -> JsonResponse:
    """`?lat=&lon=&day=&zone=` → `{"words": "Sunset at 4:55 PM"}`, for the form while somebody chooses."""
    try:
        lat, lon = float(request.GET["lat"]), float(request.GET["lon"])
        day, zone = date.fromisoformat(request.GET["day"]), request.GET["zone"]
        check_time_zone(zone)
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError("not a place")
    except (KeyError, ValueError, ValidationError):
        return JsonResponse({"words": ""}, status=400)
    at = sunset(lat=lat, lon=lon, day=day, zone=ZoneInfo(zone))
    if at is None:
        return JsonResponse({"words": _("The sun doesn’t set there that day."), "clock": ""})
    words = _("Sunset there that day: %(time)s") % {"time": date_format(at, "g:i A")}
    return JsonResponse({"words": words, "clock": f"{at:%H:%M}"})
