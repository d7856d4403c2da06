"""The coordinators’ desk: who asked for help, who was asked to give it, what comes next. Nobody else opens these."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.receipts import shown
from office.refused import Refused
from outreach import helping, referring
from outreach.coordinating import TABS, count_tabs, may_show_who, need_lines, told, with_story
from outreach.coordinating_forms import HOW, EndForm, WriteDownForm, YesForm
from outreach.counter import take_at_desk
from outreach.help_access import get_help_for, may_know_who, requests_for
from outreach.help_views import wording
from outreach.models import HelpRequest, Referral
from outreach.said_of_people import refuse_once, seal_of
from outreach.workflow import Party
from people.access import COORDINATORS, SignedInRequest, access
from people.models import Organization

PER_PAGE = 40


@require_safe
@access("help_request", "work", allow=COORDINATORS)
@never_cache
def requests_page(request: SignedInRequest) -> HttpResponse:
    """Requests in three tabs, the oldest that nobody has first."""
    show = request.GET.get("show", "")
    show = show if show in {*TABS, "closed"} else "next"
    rows = requests_for(request.user)
    counts = count_tabs(rows)
    words = {"next": _("Needs you"), "waiting": _("With an agency"), "closed": _("Closed")}
    tabs = [(name, word, counts[name]) for name, word in words.items()]
    shown_rows = rows.exclude(closed_at=None) if show == "closed" else rows.open().filter(TABS[show])
    order = "-closed_at" if show == "closed" else "created_at"
    page = Paginator(told(shown_rows.order_by(order, "id")), PER_PAGE).get_page(request.GET.get("page"))
    context = {"tabs": tabs, "show": show, "page": page, "now": timezone.now()}
    return render(request, "outreach/coordinate_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("help_request", "write_down", allow=COORDINATORS)
@never_cache
def request_new(request: SignedInRequest) -> HttpResponse:
    """Write down what somebody told; the code is shown once, to be read out."""
    form = WriteDownForm(request.POST or None, initial={"language": get_language()})
    if request.method == "POST" and form.is_valid():
        try:
            kept = helping.ask_for_help(
                form_token=form.token,
                needs=form.cleaned_data["needs"],
                source=HelpRequest.Source.DESK,
                yes=form.yes(),
                by=request.user,
                **form.asked(),
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            context = {"code": shown(kept.code), "help": kept.help_request}
            return render(request, "outreach/coordinate_kept.html", context)
    words = [(name, wording(code), code) for code, name in form.fields["language"].choices]  # type: ignore[attr-defined]
    status = 400 if form.errors else 200
    return render(request, "outreach/coordinate_new.html", {"form": form, "wordings": words}, status=status)


@require_safe
@access("help_request", "work", allow=COORDINATORS)
@never_cache
def request_page(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One request: what they need, what they said yes to, who was asked, what came of it."""
    return _page(request, get_help_for(request.user, public_id))


def _page(
    request: HttpRequest,
    found: HelpRequest,
    *,
    yes_form: YesForm | None = None,
    words: str = "",
    typed_for: Any = None,
) -> HttpResponse:
    """The page, with a form that was refused, or the words to an agency that weren't sent (and where they stood)."""
    now = timezone.now()
    with_story(found)
    context = {
        "help": found,
        "lines": need_lines(found, now),
        "updates": {one.pk: list(one.updates.all()) for one in found.referrals.all()},
        "consents": [(one, one.is_in_force(now)) for one in found.consents.all()],
        "shows_who": may_show_who(found, now),
        "now": now,
        "yes_form": yes_form or YesForm(),
        "words": words,
        "words_seal": seal_of([words]) if words else "",
        "words_of": [typed_for.get("need"), typed_for.get("organization")] if typed_for else [],
        "hows": HOW,
        "ends": EndForm().fields["how"].choices,  # type: ignore[attr-defined]
    }
    return render(request, "outreach/coordinate_detail.html", context, status=400 if yes_form or words else 200)


@require_POST
@access("help_request", "work", allow=COORDINATORS)
@never_cache
def request_do(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One of the page's buttons, named by `act`."""
    found = get_help_for(request.user, public_id)
    act = request.POST.get("act", "")
    if act == "yes":
        form = YesForm(request.POST)
        if not form.is_valid():
            return _page(request, found, yes_form=form)
    try:
        messages.success(request, _do(request, found, act))
    except Refused as refused:
        messages.error(request, refused.message)
        if words := request.POST.get("words", ""):
            return _page(request, found, words=words, typed_for=request.POST)
    return redirect("outreach:request", found.public_id)


def _do(request: SignedInRequest, found: HelpRequest, act: str) -> str:
    """Do it and say so. Raises Refused."""
    by, posted = request.user, request.POST
    if act == "yes":
        form = YesForm(posted)
        form.is_valid()
        helping.give_consent(help_request=found, yes=form.yes(), by=by)
        return _("Written down.")
    if act == "withdraw":
        consent = next((one for one in found.consents.all() if str(one.public_id) == posted.get("consent")), None)
        if consent is None:
            raise Refused(_("This yes isn’t there. Load the page again."))
        helping.withdraw_consent(consent=consent, by=by, party=Party.COORDINATOR)
        return _("The yes is taken back. The agency sees it no more.")
    if act == "close":
        helping.close_help(help_request=found, party=HelpRequest.ClosedBy.COORDINATOR, by=by)
        return _("Closed.")
    if act == "take":
        take_at_desk(
            help_request=found, organization=_agency(posted), needs=[posted.get("need", "")],
            how=posted.get("how", ""), by=by,
        )  # fmt: skip
        return _("Written down: the agency has it.")
    if act in {"refer", "log"}:
        mode = Referral.Mode.LIVE if act == "refer" else Referral.Mode.LOGGED
        organization = _agency(posted)
        if act == "refer" and not may_know_who(found, organization):
            refuse_once(posted.get("words", ""), seal=posted.get("said_seal", ""))
        referring.refer(
            help_request=found,
            organization=organization,
            need=posted.get("need", ""),
            by=by,
            words=posted.get("words", ""),
            mode=mode,
        )
        return _("Sent.") if act == "refer" else _("Written down.")
    return _do_referral(request, found, act)


def _do_referral(request: SignedInRequest, found: HelpRequest, act: str) -> str:
    by, posted = request.user, request.POST
    referral = next((one for one in found.referrals.all() if str(one.public_id) == posted.get("referral")), None)
    if referral is None:
        raise Refused(_("This button isn’t known here. Load the page again."))
    if act == "attempt":
        referring.note_attempt(referral=referral, party=Party.COORDINATOR, by=by, note=posted.get("note", ""))
    elif act == "pass_on":
        referring.reassign(
            referral=referral, organization=_agency(posted), by=by, seen=posted.get("seen")
        )  # fmt: skip
    elif act == "end":
        form = EndForm(posted)
        if not form.is_valid():
            raise Refused(_("Say why: choose one of the reasons."))
        referring.move_referral(referral=referral, party=Party.COORDINATOR, by=by, **form.move())
    else:
        raise Refused(_("This button isn’t known here. Load the page again."))
    return _("Written down.")


def _agency(posted: Any) -> Organization:
    try:
        public_id = uuid.UUID(posted.get("organization", ""))
    except ValueError:
        raise Refused(_("Choose an agency.")) from None
    found = Organization.objects.current().filter(public_id=public_id).first()
    if found is None:
        raise Refused(_("Choose an agency."))
    return found
