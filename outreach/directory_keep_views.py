"""An agency keeps its own services: by the link in our mail without an account, or signed in on the partner's page."""

import uuid
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from office.refused import Refused
from outreach import directory_actions as actions
from outreach.directory import for_cards
from outreach.directory_forms import ServiceForm
from outreach.directory_links import listing_from_token
from outreach.models import Listing, Service
from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.models import Membership, Organization, User
from people.token_pages import token_page


@dataclass(frozen=True)
class Door:
    """How somebody came in: by the organization's link (`token`), or signed in (`by`)."""

    organization: Organization
    listing: Listing
    token: str = ""
    by: User | None = None
    is_agency: bool = True

    def url(self, name: str, *more: Any) -> str:
        if self.token:
            return reverse(f"outreach:directory_{name}", args=[self.token, *more])
        return reverse(f"outreach:partner_{name}", args=[self.organization.public_id, *more])

    @property
    def home(self) -> str:
        return self.url("link" if self.token else "services")

    @property
    def assure_url(self) -> str:
        return self.url("assure")

    @property
    def new_url(self) -> str:
        return self.url("new")

    def service(self, service_id: uuid.UUID) -> Service:
        """One of this organization's own; another's is a 404."""
        rows = Service.objects.filter(organization=self.organization).select_related("organization")
        found = rows.prefetch_related("hours", "corridors").filter(public_id=service_id).first()
        if found is None:
            raise Http404("not a service of theirs")
        return found


def _by_link(token: str) -> Door:
    listing = listing_from_token(token)
    if listing is None:
        raise Http404("not a link of ours, or an old one")
    return Door(listing.organization, listing, token=token)


def _signed_in(request: SignedInRequest, organization_id: uuid.UUID) -> Door:
    """People of the organization, and organizers for it: what those write isn't confirmed by the agency."""
    organization = Organization.objects.current().filter(public_id=organization_id).first()
    if organization is None:
        raise Http404("no such organization")
    own = Membership.objects.active(timezone.now()).filter(person=request.user.person_id, organization=organization)
    is_agency = own.exists()
    if not is_agency and not request.user.is_organizer:
        raise Http404("not their organization")
    return Door(organization, actions.listing_of(organization), by=request.user, is_agency=is_agency)


# --- The link in a mail ---


@token_page
@require_safe
@access("service.link", "edit", allow=BY_LINK)
def directory_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the organization offers. Opening it changes nothing."""
    return _list(request, _by_link(token))


@token_page
@require_POST
@access("service.link", "edit", allow=BY_LINK)
def directory_assure(request: HttpRequest, token: str) -> HttpResponse:
    return _assure(request, _by_link(token))


@token_page
@require_http_methods(["GET", "HEAD", "POST"])
@access("service.link", "edit", allow=BY_LINK)
def directory_new(request: HttpRequest, token: str) -> HttpResponse:
    return _edit(request, _by_link(token), None)


@token_page
@require_http_methods(["GET", "HEAD", "POST"])
@access("service.link", "edit", allow=BY_LINK)
def directory_edit(request: HttpRequest, token: str, service_id: uuid.UUID) -> HttpResponse:
    door = _by_link(token)
    return _edit(request, door, door.service(service_id))


@token_page
@require_POST
@access("service.link", "edit", allow=BY_LINK)
def directory_room(request: HttpRequest, token: str, service_id: uuid.UUID) -> HttpResponse:
    return _room(request, _by_link(token), service_id)


# --- The partner's page, and organizers for an agency ---


@require_safe
@access("service", "edit", allow=SIGNED_IN)
@never_cache
def partner_services(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    return _list(request, _signed_in(request, organization_id))


@require_POST
@access("service", "edit", allow=SIGNED_IN)
def partner_assure(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    return _assure(request, _signed_in(request, organization_id))


@require_http_methods(["GET", "HEAD", "POST"])
@access("service", "edit", allow=SIGNED_IN)
@never_cache
def partner_new(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    return _edit(request, _signed_in(request, organization_id), None)


@require_http_methods(["GET", "HEAD", "POST"])
@access("service", "edit", allow=SIGNED_IN)
@never_cache
def partner_edit(request: SignedInRequest, organization_id: uuid.UUID, service_id: uuid.UUID) -> HttpResponse:
    door = _signed_in(request, organization_id)
    return _edit(request, door, door.service(service_id))


@require_POST
@access("service", "edit", allow=SIGNED_IN)
def partner_room(request: SignedInRequest, organization_id: uuid.UUID, service_id: uuid.UUID) -> HttpResponse:
    return _room(request, _signed_in(request, organization_id), service_id)


# --- What both ways share ---


def _list(request: HttpRequest, door: Door) -> HttpResponse:
    services = for_cards(Service.objects.filter(organization=door.organization)).order_by("status", "name", "id")
    local_day = actions.coalition_today()
    rows = [
        {
            "service": one,
            "edit_url": door.url("edit", one.public_id),
            "room_url": door.url("room", one.public_id),
            "is_stale": one.is_stale(local_day),
        }
        for one in services
    ]
    n_offered = sum(row["service"].status == Service.Status.ACTIVE for row in rows)  # type: ignore[attr-defined]
    context = {"door": door, "rows": rows, "n_offered": n_offered, "rooms": Service.Capacity.choices}
    return render(request, "outreach/directory_keep.html", context)


def _assure(request: HttpRequest, door: Door) -> HttpResponse:
    try:
        n = actions.assure(organization=door.organization, by=door.by)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = ngettext("Thank you. %(n)d service is confirmed.", "Thank you. %(n)d services are confirmed.", n)
        messages.success(request, words % {"n": n})
    return redirect(door.home)


def _room(request: HttpRequest, door: Door, service_id: uuid.UUID) -> HttpResponse:
    service = door.service(service_id)
    try:
        service = actions.set_capacity(service=service, capacity=request.POST.get("room", ""), by=door.by)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = {"name": service.name, "room": service.get_capacity_display()}
        messages.success(request, _("%(name)s: %(room)s. Everybody sees it now.") % words)
    return redirect(f"{door.home}#service-{service.public_id}")


def _edit(request: HttpRequest, door: Door, service: Service | None) -> HttpResponse:
    title = service.name if service else ""
    form = ServiceForm(
        request.POST or None, instance=service or Service(organization=door.organization), label_suffix=""
    )
    differs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_service(
                organization=door.organization,
                service=service,
                fields=form.fields_of_service(),
                hours=form.hours(),
                seen=form.cleaned_data["seen"],
                is_agency=door.is_agency,
                by=door.by,
            )
        except actions.ChangedMeanwhile as changed:
            form, differs = _with_both_versions(form, service, changed)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("%(name)s is saved. Everybody sees it now.") % {"name": saved.name})
            return redirect(door.home)
    context = {"door": door, "form": form, "title": title, "differs": differs}
    return render(request, "outreach/directory_form.html", context, status=400 if form.errors else 200)


def _with_both_versions(
    form: ServiceForm, service: Service | None, changed: Refused
) -> tuple[ServiceForm, list[tuple[str, str]]]:
    """The form with what was typed, which knows of the newer version now, and what that one says."""
    assert service is not None
    current = Service.objects.prefetch_related("corridors").get(pk=service.pk)
    differs = form.differing(current)
    data = cast(QueryDict, form.data).copy()
    data["seen"] = current.changed_at.isoformat()
    again = ServiceForm(data, instance=current, label_suffix="")
    again.is_valid()
    again.add_error(None, changed.message)
    return again, differs
