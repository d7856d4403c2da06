"""Promises: the desk's list and one of them, and the pages on which whoever promised answers."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns import promising
from concerns.models import Commitment
from concerns.promising_access import commitments_for, get_commitment_for, get_promised_by, with_words
from concerns.promising_forms import AnswerForm, CommitmentForm, form_of
from concerns.promising_links import commitment_of_token
from concerns.promising_mail import send_link_again
from office.partner import Section
from office.refused import Refused
from people.access import BY_LINK, ORGANIZERS, SIGNED_IN, SignedInRequest, access
from people.models import Organization
from people.token_pages import token_page

PAGE_SIZE = 40
MOST_IN_SECTION = 60
MOST_OVER = 10
State = Commitment.State


def _tabs() -> dict[str, tuple[Any, Q]]:
    today = timezone.localdate()
    kept_late = Commitment.objects.kept_late().values("pk")
    return {
        "open": (_("Open"), Q(state=State.OPEN)),
        "overdue": (_("Overdue"), Q(state=State.OPEN, due_on__lt=today)),
        "kept": (_("Kept"), Q(state=State.KEPT)),
        "late": (_("Kept late"), Q(pk__in=kept_late)),
        "broken": (_("Not kept"), Q(state=State.BROKEN)),
        "all": (pgettext("promises", "All"), Q()),
    }


# --- The desk ---------------------------------------------------------------------------------------------------------


@require_safe
@access("commitment.desk", "view", allow=SIGNED_IN)
def commitments(request: SignedInRequest) -> HttpResponse:
    """`?show=open|overdue|kept|late|broken|all`, `organization=`, `walk=`; what is open by day, then the newest."""
    return _list_page(request, _blank_form(request))


def _list_page(request: SignedInRequest, form: CommitmentForm | None, *, status: int = 200) -> HttpResponse:
    theirs = commitments_for(request.user)
    tabs = _tabs()
    show = request.GET.get("show", "open")
    show = show if show in tabs else "open"
    chosen = theirs.filter(_asked(request, "organization"), _asked(request, "walk"))
    counts = chosen.order_by().aggregate(**{name: Count("pk", filter=q) for name, (_word, q) in tabs.items()})
    rows = with_words(chosen.filter(tabs[show][1])).order_by(_open_first(), "-settled_at", "due_on", "id")
    context = {
        "tabs": [(name, word, counts[name]) for name, (word, _q) in tabs.items()],
        "show": show,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "organizations": _organizations(theirs),
        "organization": request.GET.get("organization", ""),
        "walk": request.GET.get("walk", ""),
        "today": timezone.localdate(),
        "form": form,
    }
    return render(request, "concerns/commitments.html", context, status=status)


def _asked(request: HttpRequest, name: str) -> Q:
    """What the address chose; what can't be a number of ours chooses nothing."""
    typed = request.GET.get(name, "")
    if not typed:
        return Q()
    try:
        return Q(**{f"{name}__public_id": uuid.UUID(typed)})
    except ValueError:
        return Q(pk=None)


def _organizations(rows: Any) -> list[Organization]:
    """Those that promised anything, to choose from. One query."""
    ids = rows.order_by().values("organization")
    return list(Organization.objects.filter(pk__in=ids).order_by("name").only("public_id", "name"))


def _blank_form(request: SignedInRequest, data: Any = None) -> CommitmentForm | None:
    """For a promise made elsewhere than on a walk; organizers only. One query."""
    if not request.user.is_organizer:
        return None
    return CommitmentForm(data, organizations=Organization.objects.current().order_by("name"))


@require_POST
@access("commitment.desk", "make", allow=ORGANIZERS)
def commitment_new(request: SignedInRequest) -> HttpResponse:
    form = _blank_form(request, request.POST)
    assert form is not None
    if form.is_valid():
        try:
            promising.make_commitment(by=request.user, **form.commitment_fields())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Kept. We remind them three days before, and on the day."))
            return redirect("concerns:commitments")
    return _list_page(request, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@access("commitment.desk", "change", allow=SIGNED_IN)
def commitment_page(request: SignedInRequest, commitment_id: uuid.UUID) -> HttpResponse:
    """One promise with its form. Who comes second sees both versions before saving."""
    commitment = get_commitment_for(request, commitment_id)
    choices = _choices_of(request, commitment)
    if request.method != "POST":
        return _change_page(request, commitment, form_of(commitment, **choices))
    form = form_of(commitment, request.POST, **choices)
    if not form.is_valid():
        return _change_page(request, commitment, form, seen=request.POST.get("seen", ""), status=400)
    try:
        promising.change_commitment(
            commitment=commitment, by=request.user, expected=request.POST.get("seen"), **form.commitment_fields()
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _change_page(request, get_commitment_for(request, commitment_id), form, status=400)
    messages.success(request, _("Saved."))
    return redirect("concerns:commitment", commitment.public_id)


def _choices_of(request: SignedInRequest, commitment: Commitment) -> dict[str, Any]:
    """What the form offers: an organizer all organizations, a walk lead the one that is there."""
    mine = [commitment.organization] if commitment.organization else []
    every = Organization.objects.current().order_by("name") if request.user.is_organizer else mine
    return {"organizations": every, "concerns": [commitment.concern] if commitment.concern else []}


def _change_page(
    request: HttpRequest, commitment: Commitment, form: CommitmentForm, *, seen: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "commitment": commitment,
        "form": form,
        "seen": seen or commitment.version,
        "today": timezone.localdate(),
    }
    return render(request, "concerns/commitment.html", context, status=status)


Do = Callable[..., Commitment]
BUTTONS: dict[str, tuple[Do, Any]] = {
    "keep": (promising.keep_commitment, gettext_lazy("Kept. Thank them when you meet.")),
    "break": (promising.break_commitment, gettext_lazy("Written down as not kept.")),
    "drop": (promising.drop_commitment, gettext_lazy("Taken back. It counts no more.")),
    "reopen": (promising.reopen_commitment, gettext_lazy("It is open again.")),
}


@require_POST
@access("commitment.desk", "change", allow=SIGNED_IN)
def commitment_do(request: SignedInRequest, commitment_id: uuid.UUID) -> HttpResponse:
    """`do=keep|break|drop|reopen`, by who may change it."""
    commitment = get_commitment_for(request, commitment_id)
    known = BUTTONS.get(request.POST.get("do", ""))
    if known is None:
        messages.error(request, _("Choose what became of it."))
        return _back(request, commitment)
    action, words = known
    try:
        action(commitment=commitment, by=request.user, expected=request.POST.get("seen") or None)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, words)
    return _back(request, commitment)


def _back(request: HttpRequest, commitment: Commitment) -> HttpResponse:
    """To the page that the button was on."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/desk/")
    return redirect(back) if is_ours else redirect("concerns:commitment", commitment.public_id)


# --- Who promised, by the link of a mail ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@access("commitment.link", "answer", allow=BY_LINK)
@token_page
def commitment_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at it changes nothing; an answer uses the link up. An old link offers to mail the newest one."""
    found = commitment_of_token(token)
    if found is None:
        raise Http404("no such link")
    commitment, version = found
    if version != commitment.link_version or commitment.state != State.OPEN:
        return _used_up(request, commitment, version)
    form = AnswerForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _answer_page(request, commitment, form, token=token)
    try:
        promising.answer_commitment(commitment=commitment, link_version=version, **form.answer_fields())
    except Refused as refused:
        form.add_error(None, refused.message)
        return _answer_page(request, commitment, form, token=token)
    messages.success(request, thanks_for(form.cleaned_data["says"]))
    return redirect("concerns:commitment_link", token)


def thanks_for(says: str) -> str:
    return {
        "done": _("Thank you! It is written down as kept."),
        "later": _("Thank you. The new day is written down, and the first one stays visible."),
        "cannot": _("Thank you for telling us. We look for another way."),
        "not_mine": _("We write to you about it no more."),
    }[says]


def _answer_page(
    request: HttpRequest, commitment: Commitment, form: AnswerForm, *, token: str = "", problem: str = ""
) -> HttpResponse:
    context = {"commitment": commitment, "form": form, "token": token, "today": timezone.localdate()}
    return render(request, "concerns/commitment_answer.html", context, status=400 if form.errors else 200)


def _used_up(request: HttpRequest, commitment: Commitment, version: int) -> HttpResponse:
    """Without a word about the promise: whoever holds an old link may no longer be who promised."""
    is_sent = False
    if request.method == "POST" and request.POST.get("do") == "link":
        send_link_again(commitment, now=timezone.now())
        is_sent = True
    elif request.method == "POST":
        messages.warning(request, _("This link was used already. Nothing was changed a second time."))
    return render(request, "concerns/commitment_used.html", {"is_sent": is_sent})


# --- Who promised, by sign-in -----------------------------------------------------------------------------------------


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """What these organizations promised, on the partner's page: open ones, then the last ones. One query."""
    if not organizations:
        return None
    theirs = Commitment.objects.filter(organization__in=organizations).exclude(state=State.DROPPED)
    rows = list(with_words(theirs).order_by(_open_first(), "-settled_at", "due_on", "id")[:MOST_IN_SECTION])
    if not rows:
        return None
    waiting = [one for one in rows if one.state == State.OPEN]
    over = [one for one in rows if one.state != State.OPEN][:MOST_OVER]
    context = {"open": waiting, "over": over, "today": timezone.localdate()}
    return Section("promises", _("Promised"), "concerns/_partner_promises.html", n=len(waiting), context=context)


def _open_first() -> Case:
    return Case(When(state=State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())


@require_http_methods(["GET", "HEAD", "POST"])
@access("commitment", "view", allow=SIGNED_IN)
def partner_commitment(request: SignedInRequest, commitment_id: uuid.UUID) -> HttpResponse:
    """An agency's staff answer what their organization promised."""
    commitment = get_promised_by(request, commitment_id)
    form = AnswerForm(request.POST or None, is_theirs=True)
    if request.method != "POST" or not form.is_valid():
        return _answer_page(request, commitment, form)
    try:
        promising.answer_commitment(commitment=commitment, by=request.user, **form.answer_fields())
    except Refused as refused:
        form.add_error(None, refused.message)
        return _answer_page(request, commitment, form)
    messages.success(request, thanks_for(form.cleaned_data["says"]))
    return redirect("concerns:partner_commitment", commitment.public_id)
