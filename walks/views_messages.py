"""/desk/walks/<uuid>/messages/: what was said to the people of a walk, how far it got, and whom to call."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from walks.access import get_walk_for
from walks.messages import (
    lines,
    mark_told,
    recipients,
    send_words,
    take_back,
    take_back_told,
    to_call,
    to_show,
    why_no_mail,
)
from walks.messages_forms import WordsForm
from walks.models import Notice, NoticeTo, Walk
from walks.problems import Roster
from walks.telling import send_now
from walks.texting import words_about


@require_safe
@access("walk.messages", "view", allow=SIGNED_IN)
def desk_messages(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Each message with its counts; the list of one of them is open (`?show=` its id)."""
    walk, now = get_walk_for(request, public_id, to="roster"), timezone.now()
    found = lines(walk)
    shown = to_show(found, now, _id_of(request.GET.get("show", "")))
    context = {
        "walk": walk,
        "lines": found,
        "shown": shown,
        "people": to_call(shown.notice) if shown else [],
        "waiting": [line for line in found if line.waits(now)],
        "why_no_mail": why_no_mail(),
        "without_mail": [] if shown else list(walk.signups.out_of_reach().select_related("person")),
        "words": words_about(walk, request.LANGUAGE_CODE),
        "hows": NoticeTo.How,
        "roster": Roster.of(walk),
        "now": now,
    }
    return render(request, "walks/messages.html", context)


def _id_of(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.messages", "send", allow=SIGNED_IN)
def desk_words(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """An organizer's own words: written, looked at (`step` = preview), then sent (`step` = send)."""
    walk = get_walk_for(request, public_id, to="roster")
    form = WordsForm(request.POST or None, walk=walk)
    context = {"walk": walk, "form": form, "is_preview": False, "roster": Roster.of(walk)}
    if request.method == "POST" and form.is_valid():
        cleaned, step = form.cleaned_data, request.POST.get("step")
        if step == "send":
            try:
                notice = send_words(
                    walk=walk, to=cleaned["to"], words=cleaned["words"], key=cleaned["key"], by=request.user
                )
                return _to(walk, notice)
            except Refused as refused:
                form.add_error("to", refused.message)
        elif step == "preview":
            n_people = recipients(walk, cleaned["to"]).count()
            context |= {"is_preview": True, "n_people": n_people, "to_label": form.to_label()}
    return render(request, "walks/messages_write.html", context)


@require_POST
@access("walk.messages", "send", allow=SIGNED_IN)
def desk_message_undo(request: SignedInRequest, public_id: uuid.UUID, notice_id: uuid.UUID) -> HttpResponse:
    walk, notice = _notice(request, public_id, notice_id)
    try:
        take_back(notice=notice, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _what_is_now(notice))
    return _to(walk, notice)


def _what_is_now(notice: Notice) -> str:
    match notice.kind:
        case Notice.Kind.CALLED_OFF:
            return _("Taken back. Nobody got the mail, and the walk takes place.")
        case Notice.Kind.CHANGED:
            return _("Taken back. Nobody got the mail; the change itself stays.")
        case Notice.Kind.ON_AGAIN:
            return _("Taken back. Nobody got the mail, and the walk stays called off.")
    return _("Taken back. Nobody got the mail.")


@require_POST
@access("walk.messages", "send", allow=SIGNED_IN)
def desk_message_now(request: SignedInRequest, public_id: uuid.UUID, notice_id: uuid.UUID) -> HttpResponse:
    walk, notice = _notice(request, public_id, notice_id)
    send_now(notice=notice, by=request.user)
    messages.success(request, _("On its way."))
    return _to(walk, notice)


@require_POST
@access("walk.messages", "tell", allow=SIGNED_IN)
def desk_message_told(
    request: SignedInRequest, public_id: uuid.UUID, notice_id: uuid.UUID, person_id: uuid.UUID
) -> HttpResponse:
    """`how` is called, texted or said; `undo` takes the tick back."""
    walk, notice = _notice(request, public_id, notice_id)
    row = get_object_or_404(notice.to.select_related("person"), person__public_id=person_id)
    how = request.POST.get("how", "")
    try:
        if how == "undo":
            take_back_told(row=row, by=request.user)
        else:
            mark_told(row=row, how=how, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    return _to(walk, notice, anchor="not-reached")


def _notice(request: SignedInRequest, public_id: uuid.UUID, notice_id: uuid.UUID) -> tuple[Walk, Notice]:
    """The walk and one of its messages; 404 where either isn't theirs."""
    walk = get_walk_for(request, public_id, to="roster")
    return walk, get_object_or_404(walk.notices, public_id=notice_id)


def _to(walk: Walk, notice: Notice, *, anchor: str = "") -> HttpResponse:
    address = reverse("walks:desk_messages", args=[walk.public_id])
    return redirect(f"{address}?show={notice.public_id}" + (f"#{anchor}" if anchor else ""))
