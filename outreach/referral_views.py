"""The agency's side of a referral: by the link in its mail, and by sign-in on the partner's page.

By the link one sees need and language; who it is asks for a code that goes to the agency's own mailbox, because a mail
may have been forwarded. By sign-in the code isn't needed.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from office.actions import queue_mail, record
from office.limits import seconds_to_wait
from office.models import Coalition
from office.partner import Section
from office.refused import Refused
from outreach import referring
from outreach.help_access import get_referral_by_link, get_referral_for, referrals_for, shows_identity
from outreach.help_forms import AnswerForm, CodeForm
from outreach.help_links import mail_about
from outreach.link_codes import code_now, is_right
from outreach.models import Referral
from outreach.workflow import OPEN_STATES, Party, State
from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.models import Membership, Organization, User
from people.token_pages import token_page

CODES_AN_HOUR, TRIES_AN_HOUR = 5, 5
MOST_IN_SECTION = 50
TOO_MANY = 429


# --- The link in a mail ---


@token_page
@access("agency_link", "respond", allow=BY_LINK)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_link(request: HttpRequest, token: str) -> HttpResponse:
    """What is needed, in which language, by when; two taps to answer. Opening it changes nothing."""
    referral = get_referral_by_link(token)
    form = AnswerForm(request.POST or None, initial={"seen": referral.state})
    if request.method == "POST":
        if _answer(request, referral, form, by=None):
            return redirect("outreach:referral_link", token)
        referral = get_referral_by_link(token)  # it may have been passed on a moment ago: then they see nothing
    return _page(request, referral, form, token=token)


@require_POST
@access("agency_link", "respond", allow=BY_LINK)
@token_page
def referral_code(request: HttpRequest, token: str) -> HttpResponse:
    """Send the code to the agency's mailbox, or, with the right code, show who it is: on this answer alone."""
    referral = get_referral_by_link(token)
    form = AnswerForm(initial={"seen": State.RECEIVED if referral.state == State.REQUESTED else referral.state})
    if not shows_identity(referral, timezone.now()):
        return _page(request, referral, form, token=token)
    if "code" not in request.POST:
        problem, referral = _send_code(referral)
        return _page(request, referral, form, token=token, code_form=CodeForm(), problem=problem)
    code_form = CodeForm(request.POST)
    if seconds_to_wait(key=f"referral.try:{referral.public_id}", limit=TRIES_AN_HOUR, per_seconds=3600):
        code_form.add_error("code", _("Too many tries. Ask for a new code in an hour."))
    elif code_form.is_valid() and is_right(referral, code_form.cleaned_data["code"]):
        detail = {"by": "link and code"}
        record(actor=None, action="read_identity", resource="referral", object_id=referral.public_id, detail=detail)
        return _page(request, referral, form, token=token, with_identity=True)
    elif code_form.is_valid():
        code_form.add_error("code", _("This isn’t the code, or it is older than ten minutes. Ask for a new one."))
    return _page(request, referral, form, token=token, code_form=code_form, status=400)


@transaction.atomic
def _send_code(referral: Referral) -> tuple[str, Referral]:
    """A sentence where it can't be sent now, and the referral, seen. Raises Http404 where it was just passed on."""
    sent_version = referral.link_version
    referral = referring.note_seen(referral=referral)
    if not Referral.objects.shown(timezone.now()).filter(pk=referral.pk, link_version=sent_version).exists():
        raise Http404("no such referral")
    return _queue_code(referral), referral


def _queue_code(referral: Referral) -> str:
    address = referral.organization.email
    if not address:
        return _("We have no mailbox of your agency. Call the coordinators.")
    if seconds_to_wait(key=f"referral.code:{referral.public_id}", limit=CODES_AN_HOUR, per_seconds=3600):
        return _("Several codes were sent in the last hour. Look into your mailbox, or wait an hour.")
    queue_mail(
        kind="outreach.code",
        template="mail/outreach/code",
        to_address=address,
        about=mail_about(referral.help_request),
        # Begins as all of the agency's mail does, so that it is taken back with it.
        dedupe_key=f"referral:{referral.public_id}:{referral.link_version}:code:{timezone.now():%H%M%S%f}",
        context={"code": code_now(referral), "coalition": Coalition.current()},
    )
    return ""


# --- The partner's page ---


@require_http_methods(["GET", "HEAD", "POST"])
@access("agency_referral", "respond", allow=SIGNED_IN)
@token_page
def partner_referral(request: SignedInRequest, referral_id: uuid.UUID) -> HttpResponse:
    """An agency's staff answer what their organization was asked."""
    referral = get_referral_for(request.user, referral_id)
    form = AnswerForm(request.POST if "act" in request.POST else None, initial={"seen": referral.state})
    if request.method == "POST":
        if _act(request, referral, form):
            return redirect("outreach:partner_referral", referral.public_id)
        referral = get_referral_for(request.user, referral_id)  # as it is now, if it still is theirs
    with_identity = shows_identity(referral, timezone.now())
    if with_identity:
        record(actor=request.user, action="read_identity", resource="referral", object_id=referral.public_id)
    return _page(request, referral, form, with_identity=with_identity, colleagues=_colleagues(referral, request.user))


def _act(request: SignedInRequest, referral: Referral, form: AnswerForm) -> bool:
    """Do what the pressed button says; whether it is done."""
    if "act" in request.POST:
        return _answer(request, referral, form, by=request.user)
    try:
        if "attempt" in request.POST:
            note = request.POST.get("note", "")
            referring.note_attempt(referral=referral, party=Party.AGENCY, by=request.user, note=note)
        else:
            _hand_over(request, referral)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Written down."))
    return True


def _hand_over(request: SignedInRequest, referral: Referral) -> None:
    chosen = request.POST.get("colleague", "")
    members = _colleagues(referral, request.user)
    person = next((one.person for one in members if str(one.person.public_id) == chosen), None)
    if person is None:
        raise Refused(_("Choose somebody who works there."))
    referring.hand_to_colleague(referral=referral, colleague=person, by=request.user)


def _colleagues(referral: Referral, user: User) -> list[Membership]:
    """Who else works at the agency. One query."""
    rows = Membership.objects.active(timezone.now()).filter(organization=referral.organization_id)
    return list(rows.exclude(person=user.person_id).select_related("person").order_by("person__name"))


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """What these organizations were asked for and the user's own memberships open. Up to three queries."""
    if not organizations:
        return None
    rows = referrals_for(request.user, timezone.now()).filter(organization__in=organizations)
    rows = rows.filter(state__in=OPEN_STATES).order_by("due_at", "id")
    referrals = list(rows[:MOST_IN_SECTION])
    if not referrals:
        return None
    context = {"referrals": referrals, "with_names": len(organizations) > 1, "now": timezone.now()}
    return Section(
        "referrals", _("People who need help"), "outreach/_partner_referrals.html", n=len(referrals), context=context
    )  # fmt: skip


# --- What both ways share ---


def _answer(request: HttpRequest, referral: Referral, form: AnswerForm, *, by: User | None) -> bool:
    """Whether the answer is taken; the form says what is wrong otherwise."""
    if not form.is_valid():
        return False
    try:
        if form.cleaned_data["act"] == "undo":
            referring.take_back_end(referral=referral, by=by)
        else:
            referring.move_referral(referral=referral, party=Party.AGENCY, by=by, **form.move())
    except Refused as refused:
        form.add_error(None, refused.message)
        return False
    messages.success(request, _("Thank you. The coordinators see it."))
    return True


def _page(
    request: HttpRequest, referral: Referral, form: AnswerForm, *, token: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "referral": referral,
        "help": referral.help_request,
        "form": form,
        "token": token,
        "may_ask_who": shows_identity(referral, timezone.now()),
        "updates": list(referral.updates.order_by("id")),
        "now": timezone.now(),
        "may_take_back": referring.may_take_back(referral, timezone.now()),
        **more,
    }
    status = 400 if form.errors else status
    return render(request, "outreach/referral.html", context, status=status)
