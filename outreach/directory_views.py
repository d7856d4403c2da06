"""“Find help”: the services of the coalition's partners, for everybody and without an account."""

import uuid
from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from office.models import Coalition
from office.partner import Section
from outreach.directory import find, for_cards
from outreach.directory_forms import FindForm
from outreach.models import Service
from people.access import EVERYBODY, SignedInRequest, access
from people.models import Organization

PER_PAGE = 40


@require_safe
@access("service", "view", allow=EVERYBODY)
def services(request: HttpRequest) -> HttpResponse:
    """What fits, those with room first. The filters are in the address."""
    local = timezone.now().astimezone(Coalition.current().zone)
    form = FindForm(request.GET)
    found = find(form.asked(), local)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    is_filtered = any(request.GET.get(name) for name in form.fields)
    context = {"form": form, "page": page, "local": local, "is_filtered": is_filtered}
    return render(request, "outreach/directory_list.html", context)


@require_safe
@access("service", "view", allow=EVERYBODY)
def service(request: HttpRequest, service_id: uuid.UUID) -> HttpResponse:
    """One service. What isn't offered any more stays there for old links and paper cards, and says so."""
    shown = Service.objects.filter(organization__merged_into=None)
    found = get_object_or_404(for_cards(shown), public_id=service_id)
    local = timezone.now().astimezone(Coalition.current().zone)
    return render(request, "outreach/directory_detail.html", {"service": found, "local": local})


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """On the partner's page: each organization with the way to its services. One query."""
    if not organizations:
        return None
    today = timezone.localdate()
    services = Service.objects.filter(organization__in=organizations, status=Service.Status.ACTIVE)
    rows = [{"organization": one, "n": 0, "n_stale": 0} for one in organizations]
    of_organization = {row["organization"].pk: row for row in rows}  # type: ignore[attr-defined]
    for found in services.only("organization", "assured_on"):
        row = of_organization[found.organization_id]
        row["n"] += 1  # type: ignore[operator]
        row["n_stale"] += found.is_stale(today)  # type: ignore[operator]
    n = sum(int(row["n_stale"]) for row in rows)  # type: ignore[call-overload]
    title = _("Your services in the directory")
    return Section("services", title, "outreach/_directory_partner.html", n=n, context={"rows": rows})
