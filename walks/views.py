"""Public pages: walks, signing up, calendars, short addresses."""

import uuid
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, dumps, loads
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from office.codes import ALPHABET, read_code
from office.models import Coalition
from people.access import EVERYBODY, access
from people.models import Organization
from people.roles import AgeBand
from people.token_pages import keep_secret
from walks.actions import SignUpResult, sign_up
from walks.calendars import calendar_of, in_calendars
from walks.callers import HOUR, wait_of
from walks.clashes import clashes_of
from walks.features import list_features, walk_features
from walks.links import signup_from_token, signup_token, signup_url
from walks.models import Walk
from walks.places import is_too_big
from walks.problems import Roster
from walks.signup_forms import SignUpForm
from walks.sun import light_of

SIGN_UPS_AN_HOUR = 60
RECEIPT_LASTS = 24 * HOUR
N_PAST = 12
_RECEIPT = "walks.receipt"


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def walk_list(request: HttpRequest) -> HttpResponse:
    """What is coming, as a list and the same on a map; the newest of what was."""
    now = timezone.now()
    walks = Walk.objects.public().select_related("corridor", "lead_organization").with_places_taken()
    upcoming = list(walks.upcoming(now).order_by("meet_at", "id"))
    past = walks.filter(end_at__lt=now, state=Walk.State.PUBLISHED).order_by("-meet_at")[:N_PAST]
    context = {"walks": upcoming, "past": past, "features": list_features(upcoming)}
    return render(request, "walks/list.html", context)


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    walk = _public_walk(public_id)
    context = {"form": _blank_form(request, walk), "clashes": _own_clashes(request, walk)}
    return render(request, "walks/detail.html", _page(walk) | context)


@access("walk.signup", "create", allow=EVERYBODY)
def sign_up_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The form on its own page, what became of it, and every refusal with what was typed."""
    walk = _public_walk(public_id)
    if request.method == "POST":
        # Before anything is read, counted or kept: promises.md, decision 6.
        if request.POST.get("age_band") == AgeBand.UNDER_13:
            return render(request, "walks/too_young.html", {"walk": walk})
        return _take(request, walk)
    if receipt := _read_receipt(request, walk):
        return keep_secret(render(request, "walks/signed_up.html", {"walk": walk} | receipt))
    context = {"form": _blank_form(request, walk), "clashes": _own_clashes(request, walk)}
    return render(request, "walks/sign_up.html", _page(walk) | context)


def _own_clashes(request: HttpRequest, walk: Walk) -> list[Walk]:
    """Only to who is signed in: by an address that a stranger types nobody learns where somebody walks."""
    return clashes_of(request.user.person_id, walk) if request.user.is_authenticated else []


def _take(request: HttpRequest, walk: Walk) -> HttpResponse:
    form = SignUpForm(request.POST, walk=walk, organizations=_organizations())
    if not form.is_valid():
        return _form_again(request, walk, form)
    if form.is_trapped:
        return _to_receipt(walk, kind="mail")
    if wait := wait_of(request, what="sign-up", limit=SIGN_UPS_AN_HOUR):
        form.add_error(None, _("Too many sign-ups came from here in one hour. Try again in a while, or call us."))
        response = _form_again(request, walk, form, status=429)
        response["Retry-After"] = str(wait)
        return response
    result = sign_up(walk=walk, **form.sign_up_fields())
    return _answer(request, walk, form, result)


def _answer(request: HttpRequest, walk: Walk, form: SignUpForm, result: SignUpResult) -> HttpResponse:
    """Strangers learn whether there is room, never whether an address is on the roster already."""
    if result.outcome == "closed":
        form.add_error(None, _("This walk takes no more sign-ups."))
        return _form_again(request, walk, form)
    if result.outcome == "role":
        form.add_error("role", result.words)
        return _form_again(request, walk, form)
    n_people = form.cleaned_data["n_people"]
    if is_too_big(walk, n_people):
        form.add_error("n_people", _too_big_words(walk))
        return _form_again(request, walk, form)
    if not result.has_room and not form.cleaned_data["wait"]:
        form.add_error(None, _full_words(walk, n_people))
        return _form_again(request, walk, form, may_wait=True)
    assert result.signup is not None
    is_minor = form.cleaned_data["age_band"] == AgeBand.TEEN
    waits = not result.has_room or (result.is_repeat and result.outcome == "waiting")
    if form.cleaned_data["contact"][0]:
        return _to_receipt(walk, kind="mail", minor=is_minor, waits=waits)
    token = signup_token(result.signup)
    return _to_receipt(walk, kind="link", minor=is_minor, waits=waits, token=token)


def _too_big_words(walk: Walk) -> str:
    left = max((walk.capacity or 0) - walk.places_taken, 0)
    words = _("This walk has %(all)d places in all, %(left)d left. Bring fewer people, or call us.")
    return words % {"all": walk.capacity, "left": left}


def _full_words(walk: Walk, n_people: int) -> str:
    again = _("If you are signed up already, we just sent you your link again.")
    left = max((walk.capacity or 0) - walk.places_taken, 0)
    if left and n_people > left:
        words = _("There are not enough places left for %(n)s people: %(left)s left.") % {"n": n_people, "left": left}
        return f"{words} {again}"
    return _("All places of this walk are taken.") + f" {again}"


def _form_again(
    request: HttpRequest, walk: Walk, form: SignUpForm, *, status: int = 200, may_wait: bool = False
) -> HttpResponse:
    page = _page(walk)
    context = page | {"form": form, "may_wait": may_wait or page["n_left"] == 0}
    return render(request, "walks/sign_up.html", context, status=status)


def _to_receipt(walk: Walk, **receipt: Any) -> HttpResponse:
    """A page that may be loaded again and changes nothing; what it says is signed into its address."""
    address = reverse("walks:sign_up", args=[walk.public_id])
    return keep_secret(redirect(f"{address}?receipt={dumps(receipt, salt=_RECEIPT)}"))


def _read_receipt(request: HttpRequest, walk: Walk) -> dict[str, Any] | None:
    """What the page after a sign-up shows: the personal link only where no mail brings it."""
    try:
        receipt = loads(request.GET.get("receipt", ""), salt=_RECEIPT, max_age=RECEIPT_LASTS)
    except BadSignature:
        return None
    signup = signup_from_token(receipt.get("token", ""))
    is_theirs = signup is not None and signup.walk_id == walk.pk
    return {
        "by_mail": receipt["kind"] == "mail",
        "is_minor": receipt.get("minor", False),
        "waits": receipt.get("waits", False),
        "signup": signup if is_theirs else None,
        "link": signup_url(signup) if signup and is_theirs else "",
    }


def _page(walk: Walk) -> dict[str, Any]:
    """What everybody may know about a walk; never the roster, a name or the lead's number."""
    now = timezone.now()
    sunset_at = walk.sunset_at
    taken = walk.places_taken
    n_left = None if walk.capacity is None else max(walk.capacity - taken, 0)
    return {
        "walk": walk,
        "features": walk_features(walk),
        "short_url": settings.SITE_URL + reverse("walks:short", args=[walk.code]),
        "sunset_at": sunset_at,
        "light": light_of(step_off_at=walk.step_off_at, end_at=walk.end_at, sunset_at=sunset_at),
        "roster": Roster(n_taken=taken),
        "n_left": n_left,
        "may_wait": n_left == 0,
        "is_open": walk.accepts_signups(now),
        "is_over": walk.end_at < now,
    }


def _public_walk(public_id: uuid.UUID) -> Walk:
    walks = Walk.objects.public().select_related("corridor", "lead_organization", "meeting_landmark")
    return get_object_or_404(walks, public_id=public_id)


def _organizations() -> list[Organization]:
    return list(Organization.objects.current())


def _blank_form(request: HttpRequest, walk: Walk) -> SignUpForm | None:
    """None where nobody can sign up any more. Who is signed in finds their name and address filled in."""
    if not walk.accepts_signups(timezone.now()):
        return None
    initial = {}
    if request.user.is_authenticated:
        initial = {"name": request.user.person.name, "contact": request.user.email}
    return SignUpForm(walk=walk, organizations=_organizations(), initial=initial)


# --- Calendars ---


@require_safe
@access("walk.ics_public", "view", allow=EVERYBODY)
def ics(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Also a walk that was public and is deleted now, for a while: whoever keeps it in a calendar must hear of it."""
    walk = Walk.objects.public().filter(public_id=public_id).first()
    walk = walk or get_object_or_404(in_calendars(timezone.now()), public_id=public_id)
    name = walk.title if walk.deleted_at is None else _("Walk")
    return _calendar(calendar_of([walk], name=name), f"walk-{walk.code.lower()}.ics")


@require_safe
@access("walk.ics_public", "view", allow=EVERYBODY)
def calendar(request: HttpRequest) -> HttpResponse:
    """Everything that is coming, and what was in the last quarter, so that a calling-off reaches every calendar."""
    walks = in_calendars(timezone.now())
    return _calendar(calendar_of(walks, name=_("Walks of %(name)s") % {"name": Coalition.current().name}), "walks.ics")


def _calendar(body: bytes, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "public, max-age=300"
    return response


# --- Short addresses ---


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def short(request: HttpRequest, code: str) -> HttpResponse:
    """From a poster, typed by hand: O for 0, small letters and dashes are all understood."""
    typed = read_code(code)
    walk = Walk.objects.public().filter(code=typed).first() if set(typed) <= set(ALPHABET) else None
    if walk is None:
        raise Http404("no public walk has this code")
    return redirect("walks:detail", walk.public_id)


@require_safe
@access("walk.public_page", "view", allow=EVERYBODY)
def short_next(request: HttpRequest) -> HttpResponse:
    """The next walk that takes place, or the list where there is none."""
    going = Walk.objects.public().filter(Q(state=Walk.State.PUBLISHED))
    walk = going.upcoming(timezone.now()).order_by("meet_at", "id").first()
    response = redirect("walks:detail", walk.public_id) if walk else redirect("walks:list")
    response["Cache-Control"] = "no-store"
    return response
