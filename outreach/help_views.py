"""Asking for help without an account, and the person’s own page. Works without script; no cache stores it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.receipts import shown
from concerns.report_forms import new_token
from office.models import Coalition
from office.refused import Refused
from outreach import helping, referring
from outreach.card_links import card_of_token, card_token
from outreach.cards import card_of, give_card_its_request
from outreach.help_access import get_help_by_link
from outreach.help_forms import HelpForm
from outreach.help_links import help_of_code, help_token
from outreach.models import ConsentWording, HelpRequest, Need
from outreach.workflow import Outcome, Party, State
from people.access import BY_LINK, EVERYBODY, access
from people.token_pages import token_page
from walks.callers import wait_of

ASKED_AN_HOUR = 20
UNPROVEN_AN_HOUR = 3
CODES_AN_HOUR = 20
TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
@access("own_help", "create", allow=EVERYBODY)
@token_page  # sends no referrer and keeps nothing: somebody may look over a shoulder
def help_page(request: HttpRequest) -> HttpResponse:
    """The form; every refusal shows it again with what was typed. Afterwards the code, on a page that nobody stores."""
    if request.method != "POST":
        return _form_page(request, _new_form(request.GET.get("card", "")))
    form = HelpForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    limit = ASKED_AN_HOUR if form.is_proven else UNPROVEN_AN_HOUR
    if wait := wait_of(request, what=f"help.{form.is_proven}", limit=limit):
        form.add_error(None, _too_many())
        response = _form_page(request, form, status=TOO_MANY)
        response["Retry-After"] = str(wait)
        return response
    try:
        kept = helping.ask_for_help(
            form_token=form.token,
            needs=form.cleaned_data["needs"],
            source=HelpRequest.Source.PAGE,
            yes=form.yes(),
            **form.asked(),
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _form_page(request, form, status=400)
    give_card_its_request(kept.help_request)
    context = {"code": shown(kept.code), "token": help_token(kept.help_request)}
    return render(request, "outreach/help_kept.html", context)


def _new_form(card: str) -> HelpForm:
    """Empty. Who comes from a card's page gets the card's name on it, so that the code in their hand still works."""
    found = card_of_token(card) if card else None
    return HelpForm(initial={"form_token": new_token(found.token)}) if found else HelpForm()


def _too_many() -> str:
    return _(
        "Many requests came from your network in the last hour, so this one can’t be taken now. Nothing you wrote is "
        "lost: send it again later, or call the number below."
    )


def wording(language: str) -> str:
    """The sentences to be shown or read out today, with who holds the data put in. Up to two queries."""
    rows = ConsentWording.objects.filter(language__in=[language, "en"]).order_by("-version")
    best = sorted(rows, key=lambda row: (-row.version, row.language != language))
    coalition = Coalition.current()
    body = coalition.public_body or coalition.name
    return best[0].text.replace("%(public_body)s", body[:1].upper() + body[1:]) if best else ""


def _form_page(request: HttpRequest, form: HelpForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "challenge": form.challenge, "wording": wording(get_language() or "en")}
    return render(request, "outreach/help.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@access("own_help", "enter_code", allow=EVERYBODY)
@token_page  # what is typed here is somebody's code
def help_enter(request: HttpRequest) -> HttpResponse:
    """Type the code of a request or of a card; it leads to its own page."""
    problem, status = "", 200
    if request.method == "POST":
        if wait := wait_of(request, what="help.code", limit=CODES_AN_HOUR):
            words = _("Too many codes were tried from your network. Try again in an hour.")
            response = render(request, "outreach/help_enter.html", {"problem": words}, status=TOO_MANY)
            response["Retry-After"] = str(wait)
            return response
        found = help_of_code(request.POST.get("code", "")[:100])
        if found is not None:
            return redirect("outreach:help_status", help_token(found))
        card = card_of(request.POST.get("code", "")[:100])
        if card is not None:
            return redirect("outreach:card", card_token(card))
        problem, status = _("We don’t find this code. It has sixteen letters and digits; look at it again."), 400
    context = {"problem": problem, "typed": request.POST.get("code", "")[:100]}
    return render(request, "outreach/help_enter.html", context, status=status)


# --- The person's own page ---


@require_safe
@access("own_help", "view", allow=BY_LINK)
@token_page
def help_status(request: HttpRequest, token: str) -> HttpResponse:
    """What became of it, and what its person may do. Says in the title nothing of what it is about."""
    found = get_help_by_link(token)
    now = timezone.now()
    context = {
        "help": found,
        "token": token,
        "needs": [Need(code).label for code in found.needs],
        "referrals": list(found.referrals.select_related("organization").order_by("id")),
        "consents": list(found.consents.in_force(now).select_related("organization")),
    }
    return render(request, "outreach/help_status.html", context)


@require_POST
@access("own_help", "act", allow=BY_LINK)
@token_page
def help_act(request: HttpRequest, token: str) -> HttpResponse:
    """One of the page's buttons, named by `act`."""
    found = get_help_by_link(token)
    try:
        messages.success(request, _do(found, request.POST))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("outreach:help_status", token)


def _do(found: HelpRequest, posted: Any) -> str:
    act = posted.get("act", "")
    if act == "close":
        helping.close_help(help_request=found, party=HelpRequest.ClosedBy.PERSON)
        return _("It is closed. The agencies hear of it.")
    if act == "withdraw":
        _withdraw(found, posted.get("consent", ""))
        return _("Your yes is taken back. From now on they don’t see it.")
    if act == "forget":
        for consent in found.consents.filter(withdrawn_at=None):
            helping.withdraw_consent(consent=consent)
        return _("Your name, number and words are gone.")
    if act == "no_mail":
        helping.stop_mail(help_request=found)
        return _("No more mails about this.")
    if act in {"got_help", "not_helped"}:
        referral = next((one for one in found.referrals.open() if str(one.public_id) == posted.get("referral")), None)
        if referral is None:
            raise Refused(_("This is over already."))
        to, why = (State.COMPLETED, Outcome.GOT_HELP) if act == "got_help" else (State.FAILED, Outcome.NOT_REACHED)
        referring.move_referral(referral=referral, to=to, party=Party.PERSON, outcome=why)
        return _("Thank you. It is written down.")
    raise Refused(_("This button isn’t known here. Load the page again."))


def _withdraw(found: HelpRequest, public_id: str) -> None:
    consent = next((one for one in found.consents.all() if str(one.public_id) == public_id), None)
    if consent is None:
        raise Refused(_("This yes isn’t there. Load the page again."))
    helping.withdraw_consent(consent=consent)
