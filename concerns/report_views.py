"""Reporting without an account, and what the code and the link lead to. Works without script."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns import reporting
from concerns.content_flags import flag_content
from concerns.flags import flags_for_text
from concerns.models import Category, Concern, ConcernUpdate
from concerns.photos import PhotoRefused
from concerns.public import PublicConcern
from concerns.receipts import proves_mail, receipt_token, reporter_of_code, reporter_of_token
from concerns.report_forms import ContactForm, ReportForm, words_about_a_person
from concerns.report_same_views import kept_page, like_of
from concerns.reporters import Reporter
from concerns.workflow import Status
from corridors.geojson import collection, corridor_features
from corridors.models import Corridor
from office.refused import Refused
from people.access import BY_LINK, EVERYBODY, access
from people.token_pages import keep_secret, token_page
from walks.callers import address_of, wait_of

REPORTS_AN_HOUR = 60
UNPROVEN_AN_HOUR = 3
CODES_AN_HOUR = 20
CHANGES_AN_HOUR = 60
FLAGS_AN_HOUR = 10
WORDS_AN_HOUR = 300
TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
@access("concern", "create", allow=EVERYBODY)
def report(request: HttpRequest) -> HttpResponse:
    """The form; every refusal shows it again with what was typed. Afterwards the code, on a page that nobody stores."""
    if request.method != "POST":
        return _form_page(request, ReportForm(initial={"category": request.GET.get("category")}))
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    if wait := _wait(request, form):
        form.add_error(None, _too_many())
        response = _form_page(request, form, status=TOO_MANY)
        response["Retry-After"] = str(wait)
        return response
    try:
        done = reporting.report_concern(
            form_token=form.token,
            **form.concern_fields(),
            photos=(photo.read() for photo in form.cleaned_data["photos"]),
            contact=form.contact_fields(),
            is_low_trust=not form.is_proven,
            is_trapped=form.is_trapped,
            same=form.cleaned_data["same"],
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _form_page(request, form, status=400)
    return kept_page(request, done, form_token=form.data["form_token"])


def _wait(request: HttpRequest, form: ReportForm) -> int:
    """Seconds to wait, or 0: many from one network with proof of work, three without."""
    if not request.user.is_authenticated and not form.is_proven:
        return wait_of(request, what="report.unproven", limit=UNPROVEN_AN_HOUR)
    return wait_of(request, what="report", limit=REPORTS_AN_HOUR)


def _too_many() -> str:
    return _(
        "Many reports came from your network in the last hour, so this one can’t be taken now. Nothing you wrote is "
        "lost: send it again later, or call the number below."
    )


def _form_page(request: HttpRequest, form: ReportForm, *, status: int = 200) -> HttpResponse:
    corridors = list(Corridor.objects.public())
    groups = [
        (group, Category.Group(group).label, [radio for radio, of in _radios(form) if of == group])
        for group in Category.Group.values
    ]
    context = {
        "form": form,
        **like_of(form),
        "groups": [one for one in groups if one[2]],
        "challenge": form.challenge,
        "ground": collection(corridor_features(corridors)),
    }
    response = render(request, "concerns/report.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@access("concern", "create", allow=EVERYBODY)
def report_words(request: HttpRequest) -> JsonResponse:
    """Whether words seem to describe a person, for the form's script. They are neither kept nor logged."""
    if wait := wait_of(request, what="report.words", limit=WORDS_AN_HOUR):
        return JsonResponse({"says": ""}, status=TOO_MANY, headers={"Retry-After": str(wait)})
    flagged = flags_for_text(request.POST.get("note", ""))
    return JsonResponse({"says": words_about_a_person() if flagged else ""}, headers={"Cache-Control": "no-store"})


def _radios(form: ReportForm) -> list[tuple[Any, str]]:
    """Each radio button with the group of its category. No query beside the form's own."""
    groups = {str(category.code): category.group for category in form.fields["category"].queryset}  # type: ignore[attr-defined]
    return [(radio, groups[str(radio.data["value"])]) for radio in form["category"]]


# --- The receipt -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@access("concern.status_page", "view", allow=EVERYBODY)
@token_page  # what is typed here is somebody's code
def receipt_enter(request: HttpRequest) -> HttpResponse:
    """Type the code; it leads to the report's own page."""
    problem, status = "", 200
    if request.method == "POST":
        if wait := wait_of(request, what="receipt", limit=CODES_AN_HOUR):
            response = render(request, "concerns/receipt_enter.html", {"problem": _too_many_codes()}, status=TOO_MANY)
            response["Retry-After"] = str(wait)
            return response
        reporter = reporter_of_code(request.POST.get("code", "")[:100])
        if reporter is not None:
            return redirect("concerns:receipt", receipt_token(reporter))
        problem, status = _("We don’t find this code. It has sixteen letters and digits; look at it again."), 400
    context = {"problem": problem, "typed": request.POST.get("code", "")[:100]}
    return render(request, "concerns/receipt_enter.html", context, status=status)


def _too_many_codes() -> str:
    return _("Too many codes were tried from your network. Try again in an hour.")


def _reporter(token: str) -> Reporter:
    reporter = reporter_of_token(token)
    if reporter is None:
        raise Http404("no such receipt")
    return reporter


@require_safe
@access("concern.status_page", "view", allow=BY_LINK)
@token_page
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """What became of the report, and what its reporter may do."""
    return _receipt_page(request, _reporter(token), token)


def _receipt_page(
    request: HttpRequest, reporter: Reporter, token: str, *, form: ContactForm | None = None, status: int = 200
) -> HttpResponse:
    concern, yes = reporter.followed, request.GET.get("yes", "")
    kinds = [ConcernUpdate.Kind.STATUS, ConcernUpdate.Kind.LOGGED, ConcernUpdate.Kind.LOOK]
    context = {
        "reporter": reporter,
        "token": token,
        "own": reporter.concern,
        "concern": concern,
        "is_merged": reporter.concern.duplicate_of_id is not None,
        "is_said_same": concern.pk not in (reporter.concern.pk, reporter.concern.duplicate_of_id),
        "lines": concern.updates.filter(is_public=True, kind__in=kinds).order_by("-at", "-id"),
        "n_photos": reporter.concern.photos.count(),
        "yes": yes if proves_mail(reporter, yes) else "",
        "may_take_back": reporter.concern.status == Status.NEW,
        "is_over": concern.status == Status.WITHDRAWN,
        "form": form or ContactForm(initial=_contact_of(reporter)),
    }
    return render(request, "concerns/receipt.html", context, status=status)


def _contact_of(reporter: Reporter) -> dict[str, Any]:
    names = ("name", "email", "phone", "wants_mail", "shares_contact")
    return {name: getattr(reporter, name) for name in names}


@require_POST
@access("concern.status_page", "view", allow=BY_LINK)
@token_page
def receipt_act(request: HttpRequest, token: str) -> HttpResponse:
    """One of the page's buttons, named by `act`. Redirects back, or shows the page with what is wrong."""
    reporter = _reporter(token)
    if wait := wait_of(request, what=f"receipt.{reporter.pk}", limit=CHANGES_AN_HOUR):
        messages.error(request, _("That was a lot at once. Try again in an hour."))
        response = _receipt_page(request, reporter, token, status=TOO_MANY)
        response["Retry-After"] = str(wait)
        return response
    act = request.POST.get("act", "")
    if act == "contact":
        form = ContactForm(request.POST)
        if not form.is_valid():
            return _receipt_page(request, reporter, token, form=form, status=400)
        reporting.leave_contact(reporter=reporter, contact=form.contact_fields())
        messages.success(request, _("Saved."))
        return redirect("concerns:receipt", token)
    try:
        messages.success(request, _do(request, reporter, act))
    except (Refused, PhotoRefused) as refused:
        messages.error(request, refused.message)
    return redirect("concerns:receipt", token)


def _do(request: HttpRequest, reporter: Reporter, act: str) -> str:
    """Do it and say so. Raises Refused and PhotoRefused."""
    if act in Reporter.Says.values:
        reporting.say_whether_fixed(reporter=reporter, says=act)
        return _("Thank you. The organizers see what you say.")
    if act == "photo":
        file = request.FILES.get("photo")
        if file is None:
            raise Refused(_("Choose a photo first."))
        reporting.add_photo(reporter=reporter, data=file.read())
        return _("The photo is kept. An organizer looks at it before anybody else sees it.")
    if act == "forget":
        reporting.take_contact_back(reporter=reporter)
        return _("Your name, address and number are gone. The report stays.")
    if act == "confirm":
        reporting.confirm_mail(reporter=reporter, proof=request.POST.get("yes", ""))
        return _("You will hear from us by mail.")
    if act == "stop":
        reporting.stop_mail(reporter=reporter)
        return _("No more mail about this report.")
    if act == "take_back":
        reporting.take_report_back(reporter=reporter)
        return _("The report is taken back.")
    raise Refused(_("This button isn’t known here. Load the page again."))


@csrf_exempt  # mail programs press it by themselves (RFC 8058); whoever has the link may stop the mail
@require_http_methods(["GET", "HEAD", "POST"])
@access("concern.status_page", "view", allow=BY_LINK)
def receipt_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe: one click in the mail program, or one button on this page. Looking at it changes nothing."""
    reporter = _reporter(token)
    if request.method == "POST":
        reporter = reporting.stop_mail(reporter=reporter)
    return keep_secret(render(request, "concerns/receipt_stop.html", {"reporter": reporter, "token": token}))


# --- Report this content ----------------------------------------------------------------------------------------------


@require_POST
@access("concern.content_flag", "create", allow=EVERYBODY)
def flag(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Somebody wants a published concern looked at. They learn that it was kept, never how many others said so."""
    public = get_object_or_404(PublicConcern, public_id=public_id)
    if wait := wait_of(request, what="flag", limit=FLAGS_AN_HOUR):
        response = render(
            request, "concerns/flagged.html", {"public": public, "problem": _too_many_flags()}, status=TOO_MANY
        )
        response["Retry-After"] = str(wait)
        return response
    source = f"user:{request.user.pk}" if request.user.is_authenticated else f"ip:{address_of(request)}"
    try:
        flag_content(concern=Concern.objects.get(pk=public.pk), source=source, reason=request.POST.get("reason", ""))
    except Refused as refused:
        return render(request, "concerns/flagged.html", {"public": public, "problem": refused.message}, status=400)
    return render(request, "concerns/flagged.html", {"public": public})


def _too_many_flags() -> str:
    return _("You reported a lot in the last hour. Call or write to us if something must go at once.")
