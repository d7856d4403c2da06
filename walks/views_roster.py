"""Who comes: the desk's roster of one walk, and what is done for one person on it."""

import uuid
from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
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
from walks.adding_forms import ROLES, RosterForm
from walks.clashes import clashes_of
from walks.forms import GuardianForm
from walks.guardians import take_back_yes
from walks.links import guardian_url, signup_url
from walks.models import OFF_ROSTER_STATES, Clearance, GuardianConsent, Signup, Walk
from walks.problems import Roster
from walks.roster import give_role


@require_safe
@access("walk.roster", "view", allow=SIGNED_IN)
def desk_roster(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="roster")
    form = RosterForm(walk=walk, organizations=_organizations())
    return _roster(request, walk, form)


def _roster(request: SignedInRequest, walk: Walk, form: RosterForm, *, adding: bool = False) -> HttpResponse:
    signups = list(walk.signups.select_related("person", "organization", "team").prefetch_related("members"))
    coming = [signup for signup in signups if signup.state not in OFF_ROSTER_STATES]
    waiting = [signup for signup in signups if signup.state in {Signup.State.WAITLIST, Signup.State.OFFERED}]
    withdrawn = [signup for signup in signups if signup.state == Signup.State.WITHDRAWN]
    phones = Counter(signup.person.phone for signup in coming if signup.person.phone)
    _add_links(waiting)
    _add_what_is_known(walk, coming + withdrawn)
    context = {
        "walk": walk,
        "form": form,
        "adding": adding,
        "coming": coming,
        "waiting": sorted(waiting, key=lambda one: (one.state != Signup.State.OFFERED, one.waiting_since, one.pk)),
        "withdrawn": [signup for signup in withdrawn if signup.person.merged_into_id is None],
        "roles": ROLES,
        "twice": {phone for phone, n in phones.items() if n > 1},
        "teams": list(walk.teams.with_sizes()),
        "organizations": list(form.fields["organization"].rows.values()),  # type: ignore[attr-defined]
        "kinds": OrganizationKind.choices,
        "roster": Roster.of(walk),
        "is_organizer": request.user.is_organizer,
    }
    return render(request, "walks/desk_roster.html", context)


def _add_links(waiting: list[Signup]) -> None:
    """Adds `own_link`, for the text message to who has no e-mail address."""
    for signup in waiting:
        signup.own_link = signup_url(signup)  # type: ignore[attr-defined]


def _add_what_is_known(walk: Walk, signups: list[Signup]) -> None:
    """Adds `cleared_until` and `guardian_ended` (a yes that was taken back, or a no). Two queries."""
    people = {signup.person_id for signup in signups}
    day = walk.meet_at.astimezone(walk.zone).date()
    cleared = Clearance.objects.valid_on(day).filter(person__in=people).order_by("until_on")
    until = dict(cleared.values_list("person_id", "until_on"))
    ended = GuardianConsent.objects.filter(person__in=people).exclude(withdrawn_at=None)
    ended_for = set(ended.filter(Q(walk=walk) | Q(walk=None)).values_list("person_id", flat=True))
    for signup in signups:
        signup.cleared_until = until.get(signup.person_id)  # type: ignore[attr-defined]
        signup.guardian_ended = signup.is_minor and signup.person_id in ended_for and not signup.is_counted  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_roster_add(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put somebody on the roster by hand."""
    walk = get_walk_for(request, public_id, to="roster")
    form = RosterForm(request.POST or None, walk=walk, organizations=_organizations())
    if request.method != "POST" or not form.is_valid():
        return _roster(request, walk, form, adding=True)
    fields = dict(form.cleaned_data)
    email, phone = fields.pop("contact")
    result = sign_up(walk=walk, email=email, phone=phone, source=Signup.Source.DESK, by=request.user, **fields)
    match result.outcome:
        case "full":
            form.add_error(None, _("All places are taken. Raise the number of places, or tick the waitlist."))
        case "closed":
            form.add_error(None, _("This walk was called off. Nobody can be added to it."))
        case "already":
            form.add_error("contact", _("Somebody with this address or number is on the roster already."))
        case "guardian":
            messages.success(request, _("Added. A guardian’s yes is needed before the place counts."))
            return _back(walk)
        case "waiting":
            messages.success(request, _("They are on the waitlist."))
            return _back(walk)
        case _:
            messages.success(request, _("Added to the roster."))
            _say_clashes(request, result.signup)
            return _back(walk)
    return _roster(request, walk, form, adding=True)


def _say_clashes(request: SignedInRequest, signup: Signup | None) -> None:
    if signup is None:
        return
    for other in clashes_of(signup.person_id, signup.walk):
        words = _("%(name)s is also on “%(walk)s” at the same time.") % {"name": signup.name, "walk": other.title}
        messages.warning(request, words)


@require_POST
@access("walk.roster", "edit", allow=SIGNED_IN)
def desk_role(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """What somebody does on the walk; empty: wherever they are needed."""
    walk, signup = _one(request, public_id, signup_id)
    role = request.POST.get("role", "")
    try:
        give_role(signup=signup, role=role, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("%(name)s: the role is saved.") % {"name": signup.name})
    return _back(walk)


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
                assented=not request.POST.get("no_assent"),
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _guardian_words(signup) % {"name": signup.name})
            return _back(walk)
    context = {"walk": walk, "signup": signup, "form": form, "link": guardian_url(signup) if signup.is_minor else ""}
    return render(request, "walks/desk_guardian.html", context)


def _guardian_words(signup: Signup) -> str:
    if signup.state == Signup.State.GOING:
        return _("Recorded. %(name)s is coming.")
    if signup.state == Signup.State.WAITLIST:
        return _("Recorded. All places are taken, so %(name)s is on the waitlist.")
    return _("Recorded. Now %(name)s says yes on their own page, then the place counts.")


@require_POST
@access("user.guardian_consent", "record", allow=ORGANIZERS)
def desk_guardian_ended(request: SignedInRequest, public_id: uuid.UUID, signup_id: uuid.UUID) -> HttpResponse:
    """A guardian took their yes back, and told an organizer."""
    walk, signup = _one(request, public_id, signup_id)
    take_back_yes(signup=signup, by=request.user)
    messages.success(request, _("Written down. %(name)s doesn’t count any more.") % {"name": signup.name})
    return _back(walk)


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
