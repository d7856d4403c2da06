"""Who comes: the desk's roster of one walk, and what is done for one person on it."""

import uuid
from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.access import ORGANIZERS, SIGNED_IN, SignedInRequest, access
from people.actions import add_organization
from people.models import Organization
from people.roles import OrganizationKind
from walks.access import get_walk_for
from walks.actions import (
    Refused,
    assign_teams,
    come_after_all,
    leave_organization,
    match_organization,
    record_guardian,
    renew_link,
    sign_up,
    withdraw,
)
from walks.forms import GuardianForm, RosterAddForm
from walks.models import Signup, Walk
from walks.problems import Roster


@require_safe
@access("walk.roster", "view", allow=SIGNED_IN)
def desk_roster(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="roster")
    form = RosterAddForm(walk=walk, organizations=_organizations())
    return _roster(request, walk, form)


def _roster(request: SignedInRequest, walk: Walk, form: RosterAddForm, *, adding: bool = False) -> HttpResponse:
    signups = list(walk.signups.select_related("person", "organization", "team"))
    coming = [signup for signup in signups if signup.state != Signup.State.WITHDRAWN]
    phones = Counter(signup.person.phone for signup in coming if signup.person.phone)
    context = {
        "walk": walk,
        "form": form,
        "adding": adding,
        "coming": coming,
        "withdrawn": [signup for signup in signups if signup.state == Signup.State.WITHDRAWN],
        "twice": {phone for phone, n in phones.items() if n > 1},
        "teams": list(walk.teams.with_sizes()),
        "organizations": list(form.fields["organization"].rows.values()),  # type: ignore[attr-defined]
        "kinds": OrganizationKind.choices,
        "roster": Roster.of(walk),
        "is_organizer": request.user.is_organizer,
    }
    return render(request, "walks/desk_roster.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_roster_add(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put somebody on the roster by hand."""
    walk = get_walk_for(request, public_id, to="roster")
    form = RosterAddForm(request.POST or None, walk=walk, organizations=_organizations())
    if request.method != "POST" or not form.is_valid():
        return _roster(request, walk, form, adding=True)
    fields = dict(form.cleaned_data)
    email, phone = fields.pop("contact")
    result = sign_up(walk=walk, email=email, phone=phone, source=Signup.Source.DESK, by=request.user, **fields)
    match result.outcome:
        case "full":
            form.add_error(None, _("All places are taken. Raise the number of places first."))
        case "closed":
            form.add_error(None, _("This walk was called off. Nobody can be added to it."))
        case "already":
            form.add_error("contact", _("Somebody with this address or number is on the roster already."))
        case "guardian":
            messages.success(request, _("Added. A guardian’s yes is needed before the place counts."))
            return _back(walk)
        case _:
            messages.success(request, _("Added to the roster."))
            return _back(walk)
    return _roster(request, walk, form, adding=True)


@require_POST
@access("team", "manage", allow=SIGNED_IN)
def desk_roster_teams(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """`team-<sign-up>` = number of a team, or nothing, for as many as are given."""
    walk = get_walk_for(request, public_id, to="roster")
    teams = {str(team.number): team for team in walk.teams.all()}
    wanted = {}
    for signup in walk.signups.on_roster():
        number = request.POST.get(f"team-{signup.public_id}")
        if number is not None and (number == "" or number in teams):
            wanted[signup] = teams.get(number)
    assign_teams(walk=walk, teams=wanted, by=request.user)
    messages.success(request, _("Teams are saved."))
    return _back(walk)


@require_POST
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_withdraw(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    walk, signup = _one(request, public_id, signup_id)
    withdraw(signup=signup, by=request.user)
    messages.success(request, _("%(name)s is off the list. The place is free.") % {"name": signup.name})
    return _back(walk)


@require_POST
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_come_back(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    walk, signup = _one(request, public_id, signup_id)
    try:
        come_after_all(signup=signup, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("%(name)s is on the list again.") % {"name": signup.name})
    return _back(walk)


@require_http_methods(["GET", "HEAD", "POST"])
@access("user.guardian_consent", "record", allow=ORGANIZERS)
def desk_guardian(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """A parent or guardian said yes: write down who and how."""
    walk, signup = _one(request, public_id, signup_id)
    form = GuardianForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            record_guardian(
                signup=signup,
                by=request.user,
                guardian_name=cleaned["guardian_name"],
                guardian_phone=cleaned["guardian_phone"],
                how=cleaned["how"],
                until_on=form.until(),
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Recorded. %(name)s is coming.") % {"name": signup.name})
            return _back(walk)
    return render(request, "walks/desk_guardian.html", {"walk": walk, "signup": signup, "form": form})


@require_POST
@access("walk.roster", "match", allow=ORGANIZERS)
def desk_match(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """“Mine isn't here”: `organization` is one we have, `new` makes one of these words, `none` leaves the words."""
    walk, signup = _one(request, public_id, signup_id)
    chosen = request.POST.get("organization", "")
    try:
        if chosen == "none":
            leave_organization(signup=signup, by=request.user)
            messages.success(request, _("The words stay as they are."))
            return _back(walk)
        organization = _new_organization(request, signup) if chosen == "new" else _organization(chosen)
    except (Refused, ValidationError) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else error.message)
        return _back(walk)
    n_matched = match_organization(signup=signup, organization=organization, by=request.user)
    words = _("Matched with %(name)s, for %(n)s sign-ups.") % {"name": organization.name, "n": n_matched}
    messages.success(request, words)
    return _back(walk)


@require_POST
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_new_link(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """Make somebody's personal link new; the old one ends."""
    walk, signup = _one(request, public_id, signup_id)
    renew_link(signup=signup, by=request.user)
    messages.success(request, _("The old link is dead. A new one is on its way where there is an e-mail address."))
    return _back(walk)


def _new_organization(request: SignedInRequest, signup: Signup) -> Organization:
    kind = request.POST.get("kind", "")
    kind = kind if kind in OrganizationKind.values else OrganizationKind.OTHER
    return add_organization(by=request.user, name=signup.organization_text, kind=kind)


def _organization(public_id: str) -> Organization:
    try:
        return Organization.objects.current().get(public_id=public_id)
    except (Organization.DoesNotExist, ValidationError):
        raise Refused(_("Choose an organization first.")) from None


def _one(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> tuple[Walk, Signup]:
    """The walk and somebody on it; 404 where either isn't theirs."""
    walk = get_walk_for(request, public_id, to="roster")
    signups = walk.signups.select_related("walk", "person", "organization")
    return walk, get_object_or_404(signups, public_id=signup_id)


def _back(walk: Walk) -> HttpResponse:
    return redirect(reverse("walks:desk_roster", args=[walk.public_id]))


def _organizations() -> list[Organization]:
    return list(Organization.objects.current())
