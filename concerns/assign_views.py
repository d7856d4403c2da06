"""The desk's buttons for who should fix it, and the page of mails that wait to go to them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from concerns.access import get_concern_for
from concerns.assigning import assign_concern, end_assignment
from concerns.desk_views import detail_page
from concerns.handing_mail import end_link, hand_over, mail_context, to_send, waiting
from concerns.models import Assignment, Handover
from concerns.partner_access import told
from concerns.partner_forms import AssignForm
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from people.models import Organization


@require_POST
@access("assignment", "create", allow=ORGANIZERS)
def desk_assign(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Hand it over; who had it before loses it."""
    concern, form, problem = get_concern_for(request, public_id), AssignForm(request.POST), ""
    if form.is_valid():
        try:
            assign_concern(
                concern=concern, by=request.user, expected=request.POST.get("seen") or None, **form.cleaned_data
            )
        except Refused as refused:
            problem = refused.message
    else:
        problem = _("Please look at the marked field.")
    if problem:
        now = get_concern_for(request, public_id)
        return detail_page(request, now, problem=problem, status=400, assign_form=form)
    messages.success(
        request,
        _("%(organization)s has it now. It stands in their next mail.")
        % {"organization": form.cleaned_data["organization"]},
    )
    return redirect("concerns:desk_detail", public_id)


@require_POST
@access("assignment", "reassign", allow=ORGANIZERS)
def desk_unassign(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take it back from whoever has it."""
    concern = get_concern_for(request, public_id)
    assignment = Assignment.objects.current().select_related("concern").filter(concern=concern).first()
    if assignment is None:
        return detail_page(request, concern, problem=_("Nobody has it."), status=400)
    try:
        end_assignment(assignment=assignment, by=request.user)
    except Refused as refused:
        return detail_page(request, concern, problem=refused.message, status=400)
    messages.success(request, _("It is with the desk again."))
    return redirect("concerns:desk_detail", public_id)


@require_safe
@access("assignment", "create", allow=ORGANIZERS)
def desk_handovers(request: SignedInRequest) -> HttpResponse:
    """What waits to be told to whom, with the mail as it would go out; and the mails of late."""
    shown = request.GET.get("preview", "")
    rows = waiting()
    chosen = next((one for one in rows if str(one.organization.public_id) == shown), None)
    preview = None
    if chosen is not None:
        preview = mail_context(chosen.organization, told(to_send().filter(organization=chosen.organization)), None)
    context = {
        "waiting": rows,
        "chosen": chosen,
        "preview": preview,
        "sent": Handover.objects.select_related("organization", "created_by__person")[:20],
    }
    return render(request, "concerns/desk_handovers.html", context)


@require_POST
@access("assignment", "create", allow=ORGANIZERS)
def desk_hand_over(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """Send what waits for one organization now."""
    organization = get_object_or_404(Organization, public_id=organization_id)
    try:
        handover = hand_over(organization=organization, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("concerns:desk_handovers")
    if handover is None:
        messages.warning(request, _("Nothing waits for %(organization)s.") % {"organization": organization})
    else:
        messages.success(request, _("The mail to %(address)s is on its way.") % {"address": handover.to_address})
    return redirect("concerns:desk_handovers")


@require_POST
@access("assignment", "reassign", allow=ORGANIZERS)
def desk_end_link(request: SignedInRequest, handover_id: uuid.UUID) -> HttpResponse:
    """The link of a mail opens nothing any more."""
    end_link(handover=get_object_or_404(Handover, public_id=handover_id), by=request.user)
    messages.success(request, _("The link in that mail is ended."))
    return redirect("concerns:desk_handovers")
