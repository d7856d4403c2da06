"""How many people organizations bring: asked at the desk, answered by the link in a mail or on the partner's page."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from office.partner import Section
from office.refused import Refused
from people.access import BY_LINK, ORGANIZERS, SIGNED_IN, SignedInRequest, access
from people.models import Membership, Organization
from people.token_pages import token_page
from walks import pledging
from walks.access import get_walk_for
from walks.models import Pledge, Walk
from walks.plan_forms import AskForm, PledgeForm, WriteForm
from walks.views_plan import back, plan_page

MOST_IN_SECTION = 30

# --- The desk ---


@require_POST
@access("walk.pledge", "ask", allow=ORGANIZERS)
def desk_ask(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One mail to each organization chosen."""
    walk = get_walk_for(request, public_id, to="edit")
    form = AskForm(request.POST)
    if not form.is_valid():
        return plan_page(request, walk, ask_form=form)
    try:
        n, n_silent = pledging.ask_organizations(
            walk=walk, organizations=form.cleaned_data["organizations"], by=request.user
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return back(walk, "pledges")
    words = ngettext("%(n)d organization is asked.", "%(n)d organizations are asked.", n) % {"n": n}
    if n_silent:
        more = ngettext(
            "%(n)d has no e-mail address: pass its link on yourself.",
            "%(n)d have no e-mail address: pass their links on yourself.",
            n_silent,
        )
        words += " " + more % {"n": n_silent}
    messages.success(request, words)
    return back(walk, "pledges")


@require_POST
@access("walk.pledge", "ask", allow=ORGANIZERS)
def desk_remind(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = get_walk_for(request, public_id, to="edit")
    try:
        n = pledging.remind_organizations(walk=walk, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", n) % {"n": n}
        messages.success(request, words if n else _("Everybody with an e-mail address was reminded today already."))
    return back(walk, "pledges")


@require_POST
@access("walk.pledge", "ask", allow=ORGANIZERS)
def desk_write_pledge(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """What an organization said on the phone."""
    walk = get_walk_for(request, public_id, to="edit")
    form = WriteForm(request.POST)
    if form.is_valid():
        organization = form.cleaned_data["organization"]
        try:
            pledging.write_pledge(walk=walk, organization=organization, by=request.user, **form.answer())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Written down."))
            return back(walk, "pledges")
    return plan_page(request, walk, write_form=form)


@require_POST
@access("walk.pledge", "ask", allow=ORGANIZERS)
def desk_renew_pledge(request: SignedInRequest, public_id: uuid.UUID, pledge_id: uuid.UUID) -> HttpResponse:
    """A new link for one organization; the old one leads nowhere from then on."""
    walk = get_walk_for(request, public_id, to="edit")
    found = get_object_or_404(walk.pledges.select_related("organization"), public_id=pledge_id)
    is_mailed = pledging.renew_link(pledge=found, by=request.user)
    name = {"name": found.organization.name}
    if is_mailed:
        messages.success(request, _("A new link is on its way to %(name)s. The old one doesn’t work any more.") % name)
    else:
        words = _("%(name)s has a new link: pass it on yourself. The old one doesn’t work any more.")
        messages.success(request, words % name)
    return back(walk, "pledges")


# --- The link in a mail ---


@token_page
@access("walk.pledge", "answer", allow=BY_LINK)
@require_http_methods(["GET", "HEAD", "POST"])
def pledge(request: HttpRequest, token: str) -> HttpResponse:
    """“We’ll bring __.” Opening it changes nothing."""
    found = pledging.pledge_from_token(token)
    if found is None:
        raise Http404("not a pledge's link of ours, or an old one")
    return _answer_page(request, found, where=reverse("walks:pledge", args=[token]))


# --- The partner's page ---


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.pledge", "answer_own", allow=SIGNED_IN)
def partner_pledge(request: SignedInRequest, pledge_id: uuid.UUID) -> HttpResponse:
    """An agency's staff answer what their organization was asked."""
    rows = Pledge.objects.select_related("walk__corridor", "organization").filter(walk__deleted_at=None)
    found = rows.filter(public_id=pledge_id).first()
    if found is None or not _is_theirs(request, found):
        raise Http404("not a pledge of theirs")
    return _answer_page(request, found, where=reverse("walks:partner_pledge", args=[pledge_id]), by=request.user)


def _is_theirs(request: SignedInRequest, pledge: Pledge) -> bool:
    if request.user.is_organizer:
        return True
    own = Membership.objects.active(timezone.now()).filter(person=request.user.person_id)
    return own.filter(organization=pledge.organization_id).exists()


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """What these organizations were asked to bring to walks to come. One query."""
    if not organizations:
        return None
    rows = Pledge.objects.filter(
        organization__in=organizations,
        walk__deleted_at=None,
        walk__state=Walk.State.PUBLISHED,
        walk__end_at__gt=timezone.now(),
    )
    rows = rows.select_related("walk__corridor", "organization").order_by("walk__meet_at", "id")
    pledges = list(rows[:MOST_IN_SECTION])
    if not pledges:
        return None
    n = sum(1 for one in pledges if one.answered_at is None)
    context = {"pledges": pledges, "with_names": len(organizations) > 1}
    return Section("pledges", _("Who comes to walks"), "walks/_pledges_partner.html", n=n, context=context)


def _answer_page(request: HttpRequest, pledge: Pledge, *, where: str, by: Any = None) -> HttpResponse:
    """The walk, the question, and the answer by POST, for both ways in."""
    initial = {"n_people": pledge.n_people, "contact_name": pledge.contact_name, "note": pledge.note}
    form = PledgeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            pledging.answer_pledge(pledge=pledge, by=by, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Thank you. Your answer is written down, and you can change it here."))
            return redirect(where)
    context = {
        "pledge": pledge,
        "walk": pledge.walk,
        "form": form,
        "where": where,
        "by_link": by is None,
        "is_open": pledging.is_open(pledge.walk, timezone.now()),
        "n_signed_up": pledging.signed_up_of(pledge.organization, pledge.walk),
    }
    return render(request, "walks/pledge.html", context)
