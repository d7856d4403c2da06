"""Organizations and colleagues at the desk, and the page behind an invitation's link."""

import uuid

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office.refused import Refused
from people.access import BY_LINK, ORGANIZERS, SignedInRequest, access
from people.actions import (
    ORGANIZATION_FIELDS,
    add_organization,
    change_organization,
    invite_again,
    invite_colleague,
)
from people.first_admin import set_first_password
from people.forms import ColleagueForm, MergeForm, OrganizationForm
from people.invitations import invited_user
from people.merging import merge_organizations, preview, undo_merge, what_it_became
from people.models import Membership, Organization, User
from people.roles import OrganizationKind, Role
from people.views import SIGN_IN_BACKEND

PER_PAGE = 60


@require_GET
@access("organization.desk", "view", allow=ORGANIZERS)
def desk_organizations(request: SignedInRequest) -> HttpResponse:
    """Everybody we work with; filters are in the address."""
    words, kind = request.GET.get("q", "").replace("\0", "").strip()[:100], request.GET.get("kind", "")
    found = organizations_matching(words, kind)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "words": words, "kind": kind, "kinds": OrganizationKind.choices}
    return render(request, "people/organizations.html", context)


def organizations_matching(words: str, kind: str) -> QuerySet[Organization]:
    """Current organizations by a part of their name (or a former one) and by kind; an unknown kind finds none."""
    active = Q(memberships__until_at=None) | Q(memberships__until_at__gt=timezone.now())
    found = Organization.objects.current().annotate(n_people=Count("memberships", filter=active, distinct=True))
    found = found.order_by("name", "pk")
    if words:
        by_name = Organization.objects.filter(name__icontains=words)
        found = found.filter(Q(pk__in=by_name.values("pk")) | Q(pk__in=by_name.values("merged_into")))
    if kind and kind not in OrganizationKind.values:
        return found.none()
    return found.filter(kind=kind) if kind else found


@require_http_methods(["GET", "HEAD", "POST"])
@access("organization", "create", allow=ORGANIZERS)
def desk_organization_new(request: SignedInRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None, by=request.user, initial={"name": request.GET.get("name", "")[:160]})
    if request.method == "POST" and form.is_valid():
        try:
            organization = add_organization(by=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            say_refusal(form, error)
        else:
            messages.success(request, _("%(name)s is on the list.") % {"name": organization.name})
            return redirect("people:desk_organization", organization.public_id)
    return render(request, "people/organization_form.html", {"form": form}, status=400 if form.errors else 200)


def say_refusal(form: forms.BaseForm, error: Refused | ValidationError) -> None:
    """Put a refusal on the form; a name that is taken belongs to its field."""
    sentences = error.messages if isinstance(error, ValidationError) else [str(error)]
    for sentence in sentences:
        form.add_error("name" if "name" in form.fields else None, sentence)


def get_organization(public_id: uuid.UUID) -> Organization:
    return get_object_or_404(Organization.objects.select_related("merged_into"), public_id=public_id)


@require_GET
@access("organization.desk", "view", allow=ORGANIZERS)
def desk_organization(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One organization. The address of one that was merged leads to what it became."""
    organization = get_organization(public_id)
    if organization.merged_into_id:
        return redirect("people:desk_organization", what_it_became(organization).public_id)
    now = timezone.now()
    memberships = Membership.objects.filter(organization=organization).active(now).select_related("person")
    context = {
        "organization": organization,
        "memberships": memberships.order_by("-is_contact", "person__name"),
        "merged": organization.merged.order_by("name"),
        "n_signups": organization.signups.count(),
        "n_led_walks": organization.led_walks.count(),
        "may_see_contacts": request.user.may_see_contacts,
    }
    return render(request, "people/organization.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("organization.desk", "edit", allow=ORGANIZERS)
def desk_organization_edit(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    organization = get_organization(public_id)
    if organization.merged_into_id:
        return redirect("people:desk_organization_edit", what_it_became(organization).public_id)
    name = organization.name
    form = OrganizationForm(request.POST or None, by=request.user, instance=organization)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ORGANIZATION_FIELDS & set(form.changed_data)}
        try:
            change_organization(organization=organization, by=request.user, **fields)
        except (Refused, ValidationError) as error:
            say_refusal(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("people:desk_organization", organization.public_id)
    context = {"form": form, "organization": organization, "name": name}
    return render(request, "people/organization_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access("organization", "merge", allow=ORGANIZERS)
def desk_organization_merge(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """First choose the other one (`?keep=`), then see what would move, then merge by POST."""
    drop = get_organization(public_id)
    if drop.merged_into_id:
        return redirect("people:desk_organization", what_it_became(drop).public_id)
    others = Organization.objects.current().exclude(pk=drop.pk)
    keep = _chosen(others, request.POST.get("keep") or request.GET.get("keep", ""))
    shown = preview(keep=keep, drop=drop, by=request.user) if keep else None
    form = MergeForm(
        request.POST or None,
        others=others,
        has_consents=bool(shown and shown.consents),
        initial={"keep": keep.public_id if keep else None},
    )
    if request.method == "POST" and form.is_valid():
        try:
            merge_organizations(drop=drop, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s was merged. You can undo it below.") % {"name": drop.name})
            return redirect("people:desk_organization", form.cleaned_data["keep"].public_id)
    context = {"form": form, "organization": drop, "keep": keep, "preview": shown}
    return render(request, "people/organization_merge.html", context, status=400 if form.errors else 200)


def _chosen(others: QuerySet[Organization], typed: str) -> Organization | None:
    try:
        return others.filter(public_id=uuid.UUID(typed)).first()
    except ValueError:
        return None


@require_POST
@access("organization", "merge", allow=ORGANIZERS)
def desk_organization_undo_merge(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    drop = get_organization(public_id)
    became = drop.merged_into
    try:
        undo_merge(drop=drop, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("people:desk_organization", (became or drop).public_id)
    messages.success(request, _("%(name)s stands by itself again.") % {"name": drop.name})
    return redirect("people:desk_organization", drop.public_id)


@require_GET
@access("user", "list", allow=ORGANIZERS)
def desk_colleagues(request: SignedInRequest) -> HttpResponse:
    """Who may sign in, and as what."""
    users = User.objects.select_related("person").order_by("-is_active", "person__name", "pk")
    page = Paginator(users, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/colleagues.html", {"page": page, "roles": Role})


@require_http_methods(["GET", "HEAD", "POST"])
@access("user", "invite", allow=ORGANIZERS)
def desk_colleague_new(request: SignedInRequest) -> HttpResponse:
    form = ColleagueForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid() and (user := invite_from(form, by=request.user)):
        messages.success(request, _("A mail with a link is on its way to %(email)s.") % {"email": user.email})
        return redirect("people:desk_colleagues")
    return render(request, "people/colleague_form.html", {"form": form}, status=400 if form.errors else 200)


def invite_from(form: ColleagueForm, *, by: User) -> User | None:
    """Invite whom a valid form names; None where that is refused, with the reason on the form."""
    try:
        return invite_colleague(by=by, **form.cleaned_data)
    except Refused as refused:
        form.add_error("email", str(refused))
        return None


@require_POST
@access("user", "invite", allow=ORGANIZERS)
def desk_colleague_invite_again(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    user = get_object_or_404(User.objects.select_related("person"), public_id=public_id)
    try:
        invite_again(user=user, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("A new link is on its way to %(name)s.") % {"name": user.short_name})
    return redirect("people:desk_colleagues")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access("account.invitation", "use", allow=BY_LINK)
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The link in an invitation: looking at it changes nothing, sending the password uses it up."""
    user = invited_user(token)
    form = SetPasswordForm(user, request.POST or None) if user else None
    if user and form and form.is_valid() and set_first_password(user=user, password=form.cleaned_data["new_password1"]):
        user.refresh_from_db()
        login(request, user, backend=SIGN_IN_BACKEND)
        record_authentication(request, user, method="password", email=user.email)
        messages.success(request, _("Your password is set, and you are signed in."))
        return redirect("desk" if user.is_organizer else "home")
    status = 200 if user and not (form and form.errors) else 400 if user else 410
    response = render(request, "people/welcome.html", {"form": form, "invited": user}, status=status)
    response["Referrer-Policy"] = "no-referrer"
    return response
