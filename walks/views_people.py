"""What organizers do about people around a walk: ask earlier ones along, clear adults, make doubles one."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from walks.access import get_walk_for
from walks.clearances import record_clearance, withdraw_clearances
from walks.doubles import merge_signups
from walks.inviting import candidates, invite
from walks.models import Clearance, Signup, Walk

PER_LIST = 500


class ClearanceForm(forms.Form):
    """Until when somebody may walk with minors, and what was looked at."""

    until_on = forms.DateField(
        label=gettext_lazy("May walk with minors until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Say until which day."),
            "invalid": gettext_lazy("Write a day like 2026-12-02."),
        },
    )
    what = forms.CharField(
        label=gettext_lazy("What was checked"),
        help_text=gettext_lazy("For example: school district badge seen. The check itself isn’t kept here."),
        max_length=120,
        required=False,
    )


class SameForm(forms.Form):
    """Which sign-up is the same person, and why."""

    other = forms.UUIDField(error_messages={"required": gettext_lazy("Choose who is the same person.")})
    reason = forms.CharField(
        label=gettext_lazy("Why they are the same"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say why they are the same. It is kept with the merge.")},
    )


@require_safe
@access("clearance", "record", allow=ORGANIZERS)
def desk_clearances(request: SignedInRequest) -> HttpResponse:
    """Who may walk with minors now, the ones that end first on top."""
    today = timezone.localdate()
    rows = Clearance.objects.valid_on(today).select_related("person", "recorded_by")
    return render(request, "walks/desk_clearances.html", {"clearances": rows.order_by("until_on", "pk")[:PER_LIST]})


@require_http_methods(["GET", "HEAD", "POST"])
@access("clearance", "record", allow=ORGANIZERS)
def desk_clearance(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """Record that somebody on the roster may walk with minors, or take it back (`withdraw`)."""
    walk, signup = _one(request, public_id, signup_id)
    if request.POST.get("withdraw"):
        withdraw_clearances(person=signup.person, by=request.user)
        messages.success(request, _("%(name)s may not walk with minors any more.") % {"name": signup.name})
        return redirect("walks:desk_roster", walk.public_id)
    form = ClearanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            record_clearance(person=signup.person, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error("until_on", refused.message)
        else:
            messages.success(request, _("Recorded. %(name)s may walk with minors.") % {"name": signup.name})
            return redirect("walks:desk_roster", walk.public_id)
    known = Clearance.objects.filter(person=signup.person).select_related("recorded_by").order_by("-recorded_at")
    context = {"walk": walk, "signup": signup, "form": form, "known": known, "today": timezone.localdate()}
    return render(request, "walks/desk_clearance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.people", "invite", allow=ORGANIZERS)
def desk_invite(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Choose people of earlier walks; the mail waits a minute, so that it can be taken back."""
    walk = get_walk_for(request, public_id, to="edit")
    words, chosen = request.POST.get("words", "")[:1000], set(request.POST.getlist("person"))
    problem = ""
    if request.method == "POST":
        try:
            notice = invite(walk=walk, people=_ids(chosen), by=request.user, words=words)
        except Refused as refused:
            problem = refused.message
        else:
            n = notice.to.count()
            words = ngettext("%(n)d person is asked.", "%(n)d people are asked.", n) % {"n": n}
            messages.success(
                request, words + " " + _("The mail goes out in a minute; until then you can undo it here.")
            )
            return redirect("walks:desk_messages", walk.public_id)
    context = {
        "walk": walk,
        "candidates": candidates(walk, timezone.now()),
        "words": words,
        "chosen": chosen,
        "problem": problem,
    }
    return render(request, "walks/desk_invite.html", context, status=400 if problem else 200)


def _ids(typed: set[str]) -> list[uuid.UUID]:
    found = []
    for one in typed:
        try:
            found.append(uuid.UUID(one))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@access("records.merge", "do", allow=ORGANIZERS)
def desk_same(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """Two on the roster are one person: choose the other one, say why, make them one."""
    walk, signup = _one(request, public_id, signup_id)
    others = list(walk.signups.exclude(pk=signup.pk).filter(person__merged_into=None).select_related("person"))
    others.sort(key=lambda one: not _looks_alike(signup, one))
    form = SameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keep = next((one for one in others if one.public_id == form.cleaned_data["other"]), None)
        try:
            if keep is None:
                raise Refused(_("Choose who is the same person."))
            merge_signups(keep=keep, drop=signup, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            words = _("They are one now. Both links lead to the sign-up of %(name)s.") % {"name": keep.name}
            messages.success(request, words)
            return redirect("walks:desk_roster", walk.public_id)
    context: dict[str, Any] = {"walk": walk, "signup": signup, "others": others, "form": form}
    return render(request, "walks/desk_same.html", context | {"chosen": request.POST.get("other", "")})


def _looks_alike(one: Signup, other: Signup) -> bool:
    same_phone = bool(one.person.phone) and one.person.phone == other.person.phone
    return same_phone or one.name.casefold() == other.name.casefold()


def _one(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> tuple[Walk, Signup]:
    walk = get_walk_for(request, public_id, to="roster")
    return walk, get_object_or_404(walk.signups.select_related("walk", "person"), public_id=signup_id)
