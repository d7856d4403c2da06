"""The desk's buttons: each does one thing through `concerns.actions` and leads back to the concern, or to the next."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from concerns import actions
from concerns.access import concern_of, get_concern_for, get_photo_for
from concerns.desk_views import detail_page, next_unread
from concerns.forms import CaseForm, HideForm, LookForm, MergeForm, MoveForm, PublishForm
from concerns.looking import look_again
from concerns.models import Concern, Look, Proposal
from concerns.reporting import read_contact_of
from office.refused import Refused
from people.access import CONTACT_READERS, ORGANIZERS, SIGNED_IN, SignedInRequest, access


def _try(request: SignedInRequest, concern: Concern, do: Callable[[], object], done: str, **bound: Any) -> HttpResponse:
    """Do it and lead on, or show the page again with the refusal and what was typed."""
    problem = next((_("Please look at the marked field.") for form in bound.values() if not form.is_valid()), "")
    if not problem:
        try:
            do()
        except Refused as refusal:
            problem = refusal.message
    if problem:
        return detail_page(request, get_concern_for(request, concern.public_id), problem=problem, status=400, **bound)
    messages.success(request, done)
    return _onward(request, concern)


def _onward(request: SignedInRequest, concern: Concern) -> HttpResponseRedirect:
    """Back to the concern; to the next unread one where the button said so."""
    following = next_unread(request, concern) if request.POST.get("then") == "next" else None
    if request.POST.get("then") == "next" and following is None:
        return redirect("concerns:desk_list")
    return redirect("concerns:desk_detail", (following or concern).public_id)


def _cleaned(form: Form) -> dict[str, Any]:
    return form.cleaned_data if form.is_valid() else {}


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_triage(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern = get_concern_for(request, public_id)
    return _try(request, concern, lambda: actions.triage(concern=concern, by=request.user), _("Marked as read."))


@require_POST
@access("concern", "publish", allow=ORGANIZERS)
def desk_publish(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern, form = get_concern_for(request, public_id), PublishForm(request.POST)
    return _try(
        request,
        concern,
        lambda: actions.publish_concern(
            concern=concern, by=request.user, text=_cleaned(form)["text"], expected=request.POST.get("seen") or None
        ),
        _("It is public now."),
        publish_form=form,
    )


@require_POST
@access("concern", "hide", allow=SIGNED_IN)
def desk_hide(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Hide it at once with photos and looks, whatever else was sent: a wrong reason never keeps something public."""
    concern, form = get_concern_for(request, public_id), HideForm(request.POST)
    actions.take_down(concern=concern, by=request.user, reason=_cleaned(form).get("reason", ""))
    messages.success(request, _("It is hidden now."))
    return _onward(request, concern)


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_spam(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern = get_concern_for(request, public_id)
    return _try(request, concern, lambda: actions.mark_spam(concern=concern, by=request.user), _("Put aside as spam."))


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_restore(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern = get_concern_for(request, public_id)
    done = _("It waits to be published again.")
    return _try(request, concern, lambda: actions.restore_concern(concern=concern, by=request.user), done)


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_move(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern = get_concern_for(request, public_id)
    form = MoveForm(request.POST, concern=concern)
    # A status that was left meanwhile isn't among the choices any more: the action says who was quicker.
    form.fields["to"].choices = [(request.POST.get("to", ""), "")]  # type: ignore[attr-defined]
    expected = request.POST.get("expected") or None
    return _try(
        request,
        concern,
        lambda: actions.move_concern(concern=concern, by=request.user, expected=expected, **_cleaned(form)),
        _("The status is set."),
        move_form=MoveForm(request.POST, concern=concern) if not form.is_valid() else form,
    )


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_help(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern, kind = get_concern_for(request, public_id), request.POST.get("kind", "")
    return _try(
        request, concern, lambda: actions.offer_help(concern=concern, by=request.user, kind=kind), _("Written down.")
    )  # fmt: skip


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_case(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern, form = get_concern_for(request, public_id), CaseForm(request.POST)
    return _try(
        request,
        concern,
        lambda: actions.add_case(
            concern=concern, by=request.user, expected=request.POST.get("seen") or None, **_cleaned(form)
        ),
        _("The number is kept."),
        case_form=form,
    )


@require_POST
@access("concern", "merge_duplicate", allow=ORGANIZERS)
def desk_merge(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern, form = get_concern_for(request, public_id), MergeForm(request.POST)
    expected = request.POST.get("seen") or None
    return _try(
        request,
        concern,
        lambda: actions.mark_duplicate(concern=concern, of=_cleaned(form)["of"], by=request.user, expected=expected),
        _("Merged. Its report counts as one more look at the other."),
        merge_form=form,
    )


@require_POST
@access("concern", "merge_duplicate", allow=ORGANIZERS)
def desk_unmerge(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    concern = get_concern_for(request, public_id)
    done = _("They are two concerns again.")
    return _try(request, concern, lambda: actions.unmark_duplicate(concern=concern, by=request.user), done)


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_look(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """An organizer looked again, without a walk."""
    concern, form = get_concern_for(request, public_id), LookForm(request.POST, request.FILES)

    def look() -> None:
        looked = look_again(concern=concern, by=request.user, **form.look_fields())
        if looked.photo_problem:
            messages.warning(request, looked.photo_problem)

    return _try(request, concern, look, _("Your look is kept."), look_form=form)


@require_POST
@access("concern", "publish", allow=ORGANIZERS)
def desk_look_publication(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Publish a look, or hide it."""
    look = get_object_or_404(Look.objects.select_related("concern"), public_id=public_id)
    concern = look.concern
    if request.POST.get("decision") == "hide":
        return _try(request, concern, lambda: actions.hide_look(look=look, by=request.user), _("The look is hidden."))
    return _try(request, concern, lambda: actions.publish_look(look=look, by=request.user), _("The look is public."))


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_proposal(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take a proposed change over, or decline it."""
    concern, number = get_concern_for(request, public_id), request.POST.get("proposal", "")
    waiting = concern.proposals.select_related("concern")
    proposal: Proposal = get_object_or_404(waiting, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
    accept = request.POST.get("decision") == "accept"
    done = _("The change is taken over.") if accept else _("The change is declined.")
    return _try(
        request, concern, lambda: actions.decide_proposal(proposal=proposal, by=request.user, accept=accept), done
    )  # fmt: skip


@require_POST
@access("concern.reporter_contact", "view", allow=CONTACT_READERS)
def desk_reporter(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Show how to reach who reported it. A button and no link, because each reading is written down."""
    concern = get_concern_for(request, public_id)
    contacts = [read_contact_of(reporter=one, by=request.user) for one in concern.reporters.all() if one.has_contact]
    response = detail_page(request, concern, contacts=contacts)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@access("concern.photo", "approve", allow=ORGANIZERS)
def desk_photo_approve(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    photo = get_photo_for(request, public_id)
    concern = concern_of(photo)
    done = _("The photo may be public.")
    seen = request.POST.get("seen") or None
    return _try(request, concern, lambda: actions.approve_photo(photo=photo, by=request.user, seen=seen), done)


@require_POST
@access("concern.photo", "redact", allow=SIGNED_IN)
def desk_photo_hide(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    photo = get_photo_for(request, public_id)
    concern = concern_of(photo)
    return _try(
        request, concern, lambda: actions.hide_photo(photo=photo, by=request.user), _("The photo is hidden.")
    )  # fmt: skip
