"""The plan of one walk at the desk: route and teams, roles, go or no-go. Pledges have their own module."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from walks import plan_actions
from walks.access import get_walk_for
from walks.gaps import n_in_role, role_counts, staffing_gaps
from walks.models import GoNoGo, RoleNeed, Walk
from walks.plan_forms import AskForm, DecideForm, NeedForm, SplitForm, StretchForm, TeamForm, WriteForm
from walks.planning import Face, Plan
from walks.pledging import not_asked, pledge_lines
from walks.problems import Roster


@require_safe
@access("team", "manage", allow=SIGNED_IN)
def desk_plan(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    return plan_page(request, get_walk_for(request, public_id, to="edit"))


def plan_page(request: SignedInRequest, walk: Walk, *, team_form: TeamForm | None = None, **forms: Any) -> HttpResponse:
    """The page, with those of its forms that were refused. Its queries don’t grow with the walk."""
    now, plan = timezone.now(), Plan(walk)
    needs = list(walk.role_needs.all())
    decisions = list(walk.decisions.select_related("by__person"))
    lines = pledge_lines(walk, plan.people, now)
    to_ask = not_asked(walk) if request.user.is_organizer else []
    context: dict[str, Any] = {
        "walk": walk,
        "now": now,
        "is_over": walk.end_at < now,
        "plan": plan,
        "roster": Roster(n_taken=plan.n_people),
        "problems": staffing_gaps(plan, needs) if walk.state != Walk.State.CALLED_OFF and walk.end_at >= now else [],
        "needs": _need_lines(needs, plan),
        "decisions": decisions,
        "last_decision": decisions[0] if decisions else None,
        "sunset_at": walk.sunset_at,
        "lines": lines,
        "has_met": walk.meet_at <= now,
        "n_answered": sum(1 for one in lines if one.pledge.answered_at),
        "n_pledged": sum(one.pledge.n_people or 0 for one in lines),
        "n_signed_up": sum(one.n_signed_up for one in lines),
        "to_ask": to_ask,
        "rows": [(row, _form_of(row, walk, plan, team_form)) for row in plan.teams],
        "features": plan.features,
        "seen": plan.version,
    }
    n_teams = context["n_usual"] = len(plan.teams) or plan.usual_teams
    defaults: dict[str, Any] = {
        "split_form": SplitForm(initial={"n_teams": n_teams, "how": "both", "seen": plan.version}),
        "stretch_form": StretchForm(plan=plan, initial={"seen": plan.version}),
        "need_form": NeedForm(),
        "decide_form": DecideForm(),
        "ask_form": AskForm(),
        "write_form": WriteForm(),
    }
    context = defaults | context | forms
    context["write_form"].offer([*(line.pledge.organization for line in lines), *to_ask])
    return render(request, "walks/plan.html", context)


def _form_of(row: Any, walk: Walk, plan: Plan, refused: TeamForm | None) -> TeamForm:
    if refused is not None and refused.row.team.pk == row.team.pk:
        return refused
    return TeamForm(walk=walk, row=row, people=plan.people)


def _need_lines(needs: list[RoleNeed], plan: Plan) -> list[dict[str, Any]]:
    """Each role with who is there of it, and roles that somebody took though nobody asked for them."""
    counts = role_counts(plan.people)
    lines = [
        {"need": need, "label": need.get_role_display(), "n": n_in_role(plan.walk, counts, need.role)} for need in needs
    ]
    for need in needs:
        counts.pop(need.role, 0)
    labels = dict(RoleNeed._meta.get_field("role").flatchoices)
    return lines + [{"need": None, "label": labels[role], "n": n} for role, n in sorted(counts.items())]


def back(walk: Walk, part: str = "") -> HttpResponse:
    return redirect(reverse("walks:desk_plan", args=[walk.public_id]) + (f"#{part}" if part else ""))


# --- Blocks ---


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_split(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    form = SplitForm(request.POST)
    if not form.is_valid():
        return plan_page(request, walk, split_form=form)
    cleaned = form.cleaned_data
    try:
        n = plan_actions.split_evenly(
            walk=walk, n_teams=cleaned["n_teams"], how=cleaned["how"], by=request.user, expected=cleaned["seen"]
        )
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = _("Split evenly: %(sides)d sides among %(teams)d teams.")
        messages.success(request, words % {"sides": n, "teams": cleaned["n_teams"]})
    return back(walk, "blocks")


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_stretch(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Several blocks in a row to one team."""
    walk = get_walk_for(request, public_id, to="edit")
    form = StretchForm(request.POST, plan=Plan(walk))
    if not form.is_valid():
        return plan_page(request, walk, stretch_form=form)
    cleaned = form.cleaned_data
    try:
        n = plan_actions.give_stretch(
            walk=walk, faces=form.faces(), number=cleaned["team"], by=request.user, expected=cleaned["seen"]
        )
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        _say_moved(request, n)
    return back(walk, "blocks")


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_sides(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Single sides, from the table of all blocks."""
    walk = get_walk_for(request, public_id, to="edit")
    try:
        wanted = _sides_from(request, Plan(walk))
        n = plan_actions.give_sides(walk=walk, wanted=wanted, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        _say_moved(request, n)
    return back(walk, "blocks")


def _sides_from(request: SignedInRequest, plan: Plan) -> dict[Face, tuple[int, int]]:
    """`left-<block>=<team>` and `was-left-<block>=<team>` of the form, by side."""
    wanted = {}
    for segment in plan.segments:
        for side in ("left", "right"):
            new, was = (request.POST.get(f"{start}{side}-{segment.pk}") for start in ("", "was-"))
            if new is None or was is None:
                continue
            if not (new.isdecimal() and was.isdecimal()):
                raise Refused(_("Choose a team from the list for every side."))
            wanted[segment.pk, side] = (int(was), int(new))
    return wanted


def _say_moved(request: SignedInRequest, n: int) -> None:
    if not n:
        messages.info(request, _("Nothing was different."))
        return
    words = ngettext("Saved: %(n)d side is with another team.", "Saved: %(n)d sides are with another team.", n)
    messages.success(request, words % {"n": n})


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_name_team(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Team lead, safety marshal, expected back."""
    walk = get_walk_for(request, public_id, to="edit")
    plan = Plan(walk)
    row = next((row for row in plan.teams if str(row.team.public_id) == request.POST.get("team")), None)
    if row is None:
        messages.error(request, _("That team isn’t part of this walk any more."))
        return back(walk, "plan-teams")
    form = TeamForm(request.POST, walk=walk, row=row, people=plan.people)
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            plan_actions.name_team(
                walk=walk,
                team=row.team,
                lead=cleaned["lead"],
                marshal=cleaned["marshal"],
                expected_back_at=cleaned["back"],
                by=request.user,
                expected=cleaned["seen"],
            )
        except plan_actions.PlanChanged as changed:
            messages.error(request, changed.message)
            return back(walk, f"team-{row.team.number}")
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Saved."))
            return back(walk, f"team-{row.team.number}")
    return plan_page(request, walk, team_form=form)


# --- Roles, go or no-go ---


@require_POST
@access("walk.plan", "edit", allow=SIGNED_IN)
def desk_need(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    form = NeedForm(request.POST)
    if not form.is_valid():
        return plan_page(request, walk, need_form=form)
    plan_actions.set_need(walk=walk, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return back(walk, "plan-roles")


@require_POST
@access("walk.plan", "edit", allow=SIGNED_IN)
def desk_usual_needs(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    n_teams = walk.teams.count() or Plan(walk).usual_teams
    plan_actions.set_usual_needs(walk=walk, n_teams=n_teams, by=request.user)
    words = ngettext("The usual roles for %(n)d team.", "The usual roles for %(n)d teams.", n_teams)
    messages.success(request, words % {"n": n_teams})
    return back(walk, "plan-roles")


@require_POST
@access("walk.go", "decide", allow=SIGNED_IN)
def desk_decide(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Add a line; after a no-go the page offers to call the walk off."""
    walk = get_walk_for(request, public_id, to="edit")
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            line = plan_actions.decide(walk=walk, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Written down."))
            if line.decision == GoNoGo.Decision.NO_GO and walk.state == Walk.State.PUBLISHED:
                messages.info(request, _("Nobody was told yet. Call the walk off next, so that people hear of it."))
            return back(walk, "go")
    return plan_page(request, walk, decide_form=form)
