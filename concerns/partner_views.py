"""The pages of whoever should fix something: `/partner/` by sign-in, `/assignment/<token>/` by the link in a mail.

Both show the same list and take the same answers through one `Reach`; only what it reaches differs.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns import partner_csv
from concerns.assigning import answer_assignment, answer_version
from concerns.features import desk_features
from concerns.models import Assignment, Photo, RoutingRule
from concerns.pairs import desk_pair
from concerns.partner_access import (
    Reach,
    get_assignment_for,
    note_denied,
    reach_about,
    reach_for_object,
    reach_of,
    reach_of_token,
    shared_contacts,
)
from concerns.partner_forms import AnswerForm, UploadForm
from concerns.partner_states import STATES, by_state, page_of
from concerns.reporters import Reporter
from concerns.routing import file_text
from concerns.views import photo_response
from concerns.workflow import Status
from corridors.geojson import collection
from office.actions import record
from office.partner import Section, partner_sections
from office.refused import Refused
from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.models import Organization
from people.token_pages import keep_secret, token_page

# The list, for both ways in.


def list_context(request: HttpRequest, reach: Reach) -> dict[str, Any]:
    """What `_partner_list.html` needs, late first. Three queries."""
    state = request.GET.get("state", "")
    state = state if state in STATES else "open"
    of_state = by_state(reach.rows)
    page = page_of(reach.rows, of_state[state], request.GET.get("page"))
    return {
        "reach": reach,
        "state": state,
        "tabs": [(name, word, len(of_state[name])) for name, (word, _q) in STATES.items()],
        "page": page,
        "lines": _lines(reach, page),
        "features": collection(_features(reach, page)),
        "n": len(of_state["open"]),
        "n_all": len(of_state["all"]),
        "upload_form": UploadForm(),
    }


def _lines(reach: Reach, page: Page[Assignment]) -> list[dict[str, Any]]:
    """Each item with its address and its first photo. One query."""
    concerns = [one.concern_id for one in page]
    photos = Photo.objects.filter(concern__in=concerns, state=Photo.State.READY).exclude(image="")
    first = {photo.concern_id: photo for photo in photos.order_by("-position", "-id")}
    return [
        {
            "assignment": one,
            "concern": one.concern,
            "url": reach.item_url(one),
            "thumb": reach.photo_url(first[one.concern_id], "400") if one.concern_id in first else "",
            "is_back": one.concern.status == Status.REOPENED,
        }
        for one in page
    ]


def _features(reach: Reach, assignments: Sequence[Assignment] | Page[Assignment], **more: Any) -> list[dict[str, Any]]:
    """The items at their exact places, leading to their pages here."""
    urls = {str(one.concern.public_id): reach.item_url(one) for one in assignments}
    features = desk_features([one.concern for one in assignments], **more)
    for feature in features:
        feature["properties"]["url"] = urls[feature["properties"]["id"]]
    return features


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """What these organizations should fix: the first section of the partner's page."""
    if not organizations:
        return None
    context = list_context(request, reach_about(request, organizations))
    return Section("assignments", _("To fix"), "concerns/_partner_list.html", n=context["n"], context=context)


@require_safe
@access("partner.home", "view", allow=SIGNED_IN)
def partner(request: SignedInRequest) -> HttpResponse:
    """Everything the coalition asks of an organization, section by section."""
    reach = reach_of(request)
    context = {
        "reach": reach,
        "sections": partner_sections(request, reach.organizations),
        "others": _organizations_with_work() if request.user.is_organizer else [],
    }
    return _private(render(request, "concerns/partner.html", context))


def _organizations_with_work() -> list[Organization]:
    """For organizers to choose from: who has anything now. One query."""
    current = Count("assignments", filter=Q(assignments__until_at=None))
    return list(Organization.objects.annotate(n_current=current).filter(n_current__gt=0).order_by("name"))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


# One item, for both ways in.


def _item_page(
    request: HttpRequest,
    reach: Reach,
    assignment: Assignment,
    *,
    form: AnswerForm | None = None,
    problem: str = "",
    contacts: Sequence[Reporter] | None = None,
    status: int = 200,
) -> HttpResponse:
    concern = assignment.concern
    photos = list(
        Photo.objects.filter(Q(concern=concern) | Q(look__concern=concern), state=Photo.State.READY)
        .exclude(image="")
        .select_related("look")
        .order_by("received_at", "position", "id")
    )
    then, now = desk_pair(photos)
    shots = [photo for photo in photos if photo.concern_id]
    context = {
        "reach": reach,
        "assignment": assignment,
        "concern": concern,
        "details": file_text(RoutingRule(template_en="{answers}"), concern),
        "then": reach.photo_url(then, "400") if then else "",
        "then_large": reach.photo_url(then, "1600") if then else "",
        "now": reach.photo_url(now, "400") if now else "",
        "now_large": reach.photo_url(now, "1600") if now else "",
        "shots": [(reach.photo_url(one, "400"), reach.photo_url(one, "1600")) for one in shots],
        "form": form or AnswerForm(initial=_said(assignment)),
        "seen": answer_version(assignment),
        "problem": problem,
        "is_back": concern.status == Status.REOPENED,
        "has_contacts": bool(shared_contacts(reach, assignment)),
        "contacts": contacts,
        "features": collection(_features(reach, [assignment], focus=True)),
    }
    response = render(request, "concerns/partner_item.html", context, status=status)
    return _private(response)


def _said(assignment: Assignment) -> dict[str, Any]:
    """What stands in the form: their last words, but for what is back, which is asked anew."""
    if assignment.concern.status == Status.REOPENED:
        return {}
    return {"answer": assignment.answer, "note": assignment.answer_note, "promised_on": assignment.promised_on}


def _item(request: HttpRequest, reach: Reach, assignment: Assignment) -> HttpResponse:
    """Show it, or take an answer; a refusal shows it again with what was typed."""
    if request.method != "POST":
        return _item_page(request, reach, assignment)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _item_page(request, reach, assignment, form=form, status=400)
    try:
        done = answer_assignment(
            assignment=assignment,
            by=reach.user,
            expected=request.POST.get("seen") or None,
            **form.answer_fields(),
        )
    except Refused as refused:
        return _refused(request, reach, assignment, form, refused)
    if done.photo_problem:
        messages.warning(request, _("Your answer is kept, your photo isn’t: %(why)s") % {"why": done.photo_problem})
    else:
        messages.success(request, _("Thank you. Your answer is kept."))
    return redirect(reach.list_url)


def _refused(
    request: HttpRequest, reach: Reach, assignment: Assignment, form: AnswerForm, refused: Refused
) -> HttpResponse:
    """With what is there now, so that the second sees both; without any detail where it isn't theirs any more."""
    now = reach.assignment(assignment.public_id)
    if now is None:
        return _gone(request, reach, refused.message)
    return _item_page(request, reach, now, form=form, problem=refused.message, status=400)


def _gone(request: HttpRequest, reach: Reach, message: str) -> HttpResponse:
    return _private(render(request, "concerns/partner_gone.html", {"reach": reach, "message": message}, status=404))


def _no_longer_yours() -> str:
    return _("This isn’t yours any more, or it is not here. Nothing was changed.")


@require_http_methods(["GET", "HEAD", "POST"])
@access("assignment", "respond", allow=SIGNED_IN)
def partner_assignment(request: SignedInRequest, assignment_id: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return _item(request, *get_assignment_for(request, assignment_id))
    reach = reach_for_object(request)
    assignment = reach.assignment(assignment_id)
    if assignment is None:
        note_denied(request.user, assignment_id)
        return _gone(request, reach, _no_longer_yours())
    return _item(request, reach, assignment)


@require_POST
@access("concern.contact_shared", "view", allow=SIGNED_IN)
def partner_contact(request: SignedInRequest, assignment_id: uuid.UUID) -> HttpResponse:
    """How to reach a reporter who said that the agency may. A button and no link: each reading is written down."""
    reach, assignment = get_assignment_for(request, assignment_id)
    if request.user.is_walled or assignment.organization.is_walled:
        raise PermissionDenied
    contacts = shared_contacts(reach, assignment)
    with transaction.atomic():
        for reporter in contacts:
            record(
                actor=request.user,
                action="concern.contact_read",
                resource="concern.contact_shared",
                object_id=reporter.public_id,
                detail={"assignment": str(assignment.public_id)},
            )
    return _item_page(request, reach, assignment, contacts=contacts)


def _photo(reach: Reach, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    photo = reach.photo(public_id)
    if photo is None:
        raise Http404("not their photo")
    response = photo_response(photo, size)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@access("assignment", "view", allow=SIGNED_IN)
def partner_photo(request: SignedInRequest, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    return _photo(reach_for_object(request), public_id, size)


# The file.


def _csv(reach: Reach) -> HttpResponse:
    response = HttpResponse("\ufeff" + partner_csv.written(reach), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="to-fix-{timezone.localdate().isoformat()}.csv"'
    return _private(response)


def _upload(request: HttpRequest, reach: Reach) -> HttpResponse:
    """A file leads to its preview; the preview's button keeps it and leads back to the list."""
    if "rows" in request.POST:
        return _confirm(request, reach)
    form = UploadForm(request.POST, request.FILES)
    problem = "" if form.is_valid() else _("Choose the file first.")
    reading = partner_csv.Reading()
    if not problem:
        try:
            reading = partner_csv.read(form.cleaned_data["file"].read(partner_csv.MOST_BYTES + 1), reach)
        except Refused as refused:
            problem = refused.message
    context = {"reach": reach, "reading": reading, "signed": reading.signed(), "problem": problem, "upload_form": form}
    return _private(render(request, "concerns/partner_upload.html", context, status=400 if problem else 200))


def _confirm(request: HttpRequest, reach: Reach) -> HttpResponse:
    try:
        kept = partner_csv.keep(request.POST["rows"], reach, by=reach.user)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(reach.list_url)
    n, n_same, failed = partner_csv.words_of(kept)
    words = ngettext("%(n)d answer kept.", "%(n)d answers kept.", n) % {"n": n}
    if n_same:
        words += " " + ngettext("%(n)d was so before.", "%(n)d were so before.", n_same) % {"n": n_same}
    messages.success(request, words)
    for one in failed[:10]:
        messages.warning(request, _("Line %(line)d: %(why)s") % {"line": one.line, "why": one.problem})
    return redirect(reach.list_url)


@require_safe
@access("export.concerns_internal_csv", "download", allow=SIGNED_IN)
def partner_file(request: SignedInRequest) -> HttpResponse:
    reach = reach_of(request)
    organizations = [str(one.public_id) for one in reach.organizations]
    record(actor=request.user, action="export", resource="assignment", detail={"organizations": organizations})
    return _csv(reach)


@require_POST
@access("assignment", "respond", allow=SIGNED_IN)
def partner_upload(request: SignedInRequest) -> HttpResponse:
    return _upload(request, reach_of(request))


# By the link in a mail. Looking changes nothing, however often a mail scanner looks.


def _by_link(request: HttpRequest, token: str) -> Reach | HttpResponse:
    """What the link reaches; a page that says what to do where it ended or was never ours."""
    try:
        return reach_of_token(token)
    except Http404:
        return render(request, "concerns/partner_link_over.html", status=404)


@require_safe
@access("assignment.link", "view", allow=BY_LINK)
@token_page
def assignment_link(request: HttpRequest, token: str) -> HttpResponse:
    """What stood in the mail and is still theirs; how many no longer are, without a word about them."""
    reach = _by_link(request, token)
    if isinstance(reach, HttpResponse):
        return reach
    all_of_it = Assignment.objects.filter(handover=reach.handover).count()
    context = list_context(request, reach)
    gone = all_of_it - context["n_all"]
    section = Section("assignments", _("To fix"), "concerns/_partner_list.html", n=context["n"], context=context)
    return render(request, "concerns/partner.html", {"reach": reach, "sections": [section], "n_gone": gone})


@require_http_methods(["GET", "HEAD", "POST"])
@access("assignment.link", "view", allow=BY_LINK)
@token_page
def assignment_item(request: HttpRequest, token: str, assignment_id: uuid.UUID) -> HttpResponse:
    reach = _by_link(request, token)
    if isinstance(reach, HttpResponse):
        return reach
    assignment = reach.assignment(assignment_id)
    if assignment is None:
        return _gone(request, reach, _no_longer_yours())
    return _item(request, reach, assignment)


@require_safe
@access("assignment.link", "view", allow=BY_LINK)
def assignment_photo(request: HttpRequest, token: str, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    response = _photo(reach_of_token(token), public_id, size)
    return keep_secret(response)  # type: ignore[arg-type]


@require_safe
@access("assignment.link", "view", allow=BY_LINK)
@token_page
def assignment_file(request: HttpRequest, token: str) -> HttpResponse:
    reach = _by_link(request, token)
    return reach if isinstance(reach, HttpResponse) else _csv(reach)


@require_POST
@access("assignment.link", "view", allow=BY_LINK)
@token_page
def assignment_upload(request: HttpRequest, token: str) -> HttpResponse:
    reach = _by_link(request, token)
    return reach if isinstance(reach, HttpResponse) else _upload(request, reach)
