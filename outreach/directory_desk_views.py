"""The directory at the desk: who hasn't confirmed for long, and one button that asks them."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from office.refused import Refused
from outreach import directory_actions as actions
from outreach.directory import by_need_of_care
from outreach.directory_links import directory_url
from people.access import ORGANIZERS, SignedInRequest, access
from people.models import Organization

PER_PAGE = 60


@require_safe
@access("service.desk", "view", allow=ORGANIZERS)
def desk_services(request: SignedInRequest) -> HttpResponse:
    """Every organization, those first that should be asked."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    page = Paginator(by_need_of_care(actions.coalition_today(), words), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "outreach/directory_desk.html", {"page": page, "words": words})


@require_POST
@access("service.desk", "ask", allow=ORGANIZERS)
def desk_ask(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """One mail with the organization's link."""
    organization = _organization(organization_id)
    try:
        is_new = actions.ask_whether_right(organization=organization, by=request.user)
    except Refused as refused:
        link = directory_url(actions.make_listing(organization))
        messages.error(request, f"{refused.message} {link}")
    else:
        words = _("The mail to %(name)s is on its way.") if is_new else _("%(name)s was asked today already.")
        messages.success(request, words % {"name": organization.name})
    return redirect("outreach:desk_services")


@require_POST
@access("service.desk", "ask", allow=ORGANIZERS)
def desk_end_links(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """For a link that came into wrong hands."""
    organization = _organization(organization_id)
    actions.end_links(organization=organization, by=request.user)
    messages.success(request, _("The old links of %(name)s lead nowhere now.") % {"name": organization.name})
    return redirect("outreach:desk_services")


def _organization(organization_id: uuid.UUID) -> Organization:
    return get_object_or_404(Organization.objects.current(), public_id=organization_id)
