"""One person's own sign-up, by their signed link. Opening it changes nothing: mail scanners open links too."""

from datetime import timedelta

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from people.access import BY_LINK, EVERYBODY, access
from people.contact import normalize_email
from people.models import Organization
from people.token_pages import token_page
from walks import invites, notices
from walks.actions import Refused, change_signup, come_after_all, confirm, withdraw
from walks.callers import HOUR, wait_of
from walks.clashes import clashes_of
from walks.features import walk_features
from walks.group_forms import GroupForm
from walks.groups import name_members
from walks.guardians import ask_guardian, consents_for, say_yes_oneself
from walks.links import signup_from_token, signup_url
from walks.models import Signup, Walk
from walks.signup_forms import AskGuardianForm, LostForm, MySignupForm
from walks.waitlist import claim

LINKS_AN_HOUR = 20
ASKS_AN_HOUR = 10
# From then on the page asks whether they come, also without the mail that asks it.
ASKS_FROM = timedelta(hours=36)
# Links of walks that are over are still sent for a while: people look up what became of what they found.
SENT_AFTER_WALK = timedelta(days=30)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_http_methods(["GET", "HEAD", "POST"])
def my(request: HttpRequest, token: str) -> HttpResponse:
    signup = _own(token)
    organizations = list(Organization.objects.current())
    form = MySignupForm(request.POST or None, signup=signup, organizations=organizations)
    if request.method == "POST" and form.is_valid():
        try:
            change_signup(signup=signup, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Saved. The walk’s organizers see it at once."))
            return redirect("walks:my", token)
    return _show(request, signup, token, form=form)


def _show(request: HttpRequest, signup: Signup, token: str, **forms: Form) -> HttpResponse:
    """The page with the forms that were sent, which keep what was typed; the others are blank."""
    blank: dict[str, object] = {}
    if "form" not in forms:
        blank["form"] = MySignupForm(signup=signup, organizations=list(Organization.objects.current()))
    if signup.n_people > 1 and "group" not in forms:
        blank["group"] = GroupForm(signup=signup)
    if signup.state == Signup.State.GUARDIAN and "ask" not in forms:
        blank["ask"] = AskGuardianForm()
    page = _page(signup) | {"token": token, "asks": "confirm" in request.GET or _asks(signup)}
    return render(request, "walks/my.html", page | blank | forms)


def _asks(signup: Signup) -> bool:
    return signup.confirmed_at is None and signup.walk.meet_at - timezone.now() < ASKS_FROM


@token_page
@access("signup.own", "withdraw", allow=BY_LINK)
@require_POST
def my_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    signup = _own(token)
    withdraw(signup=signup)
    messages.success(request, _("Thank you for telling us. Your place is free for somebody else."))
    return redirect("walks:my", token)


@token_page
@access("signup.own", "withdraw", allow=BY_LINK)
@require_POST
def my_back(request: HttpRequest, token: str) -> HttpResponse:
    """“I can come after all”, with `wait` also onto the waitlist."""
    signup = _own(token)
    try:
        come_after_all(signup=signup, wait=bool(request.POST.get("wait")))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        is_waiting = signup.state == Signup.State.WAITLIST
        words = _("You are on the waitlist.") if is_waiting else _("Good to have you back. You are on the list again.")
        messages.success(request, words)
    return redirect("walks:my", token)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """“Yes, I’m coming.”"""
    try:
        confirm(signup=_own(token))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Thank you. See you there!"))
    return redirect("walks:my", token)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_claim(request: HttpRequest, token: str) -> HttpResponse:
    """Take the place that was offered to who waited."""
    signup = _own(token)
    try:
        claim(signup=signup)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The place is yours. See you there!"))
    return redirect("walks:my", token)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_group(request: HttpRequest, token: str) -> HttpResponse:
    """The names of those who come along."""
    signup = _own(token)
    form = GroupForm(request.POST, signup=signup)
    if not form.is_valid():
        return _show(request, signup, token, group=form)
    try:
        n_young = name_members(signup=signup, named=form.named())
    except Refused as refused:
        form.add_error(None, refused.message)
        return _show(request, signup, token, group=form)
    messages.success(request, _("Saved. The walk’s organizers see it at once."))
    if n_young:
        messages.info(request, _("Of children under 13 we keep no names. They are counted at the table."))
    return redirect("walks:my", token)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_yes(request: HttpRequest, token: str) -> HttpResponse:
    """A young person's own yes, beside their guardian's."""
    signup = say_yes_oneself(signup=_own(token))
    is_in = signup.state == Signup.State.GOING
    words = _("Thank you. Your place counts.") if is_in else _("Thank you. Now we wait for your guardian’s yes.")
    messages.success(request, words)
    return redirect("walks:my", token)


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_ask(request: HttpRequest, token: str) -> HttpResponse:
    """Have the link sent to a parent or guardian."""
    signup = _own(token)
    form = AskGuardianForm(request.POST)
    if not form.is_valid():
        return _show(request, signup, token, ask=form)
    email, phone = form.cleaned_data["guardian_contact"]
    if email and wait_of(request, what="ask-guardian", limit=ASKS_AN_HOUR):
        form.add_error(None, _("Too many tries from here in one hour. Try again in a while, or call us."))
        return _show(request, signup, token, ask=form)
    try:
        is_sent = ask_guardian(
            signup=signup, guardian_name=form.cleaned_data["guardian_name"], email=email, phone=phone
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _show(request, signup, token, ask=form)
    messages.success(request, _asked_words(is_sent=is_sent, by_mail=bool(email)))
    return redirect("walks:my", token)


def _asked_words(*, is_sent: bool, by_mail: bool) -> str:
    if not by_mail:
        return _("Noted. An organizer calls or texts them.")
    if is_sent:
        return _("A mail with a link is on its way to them.")
    return _("We mailed them less than an hour ago. Ask them to look into their mail, or try again later.")


@access("signup.link", "send", allow=EVERYBODY)
@require_http_methods(["GET", "HEAD", "POST"])
@token_page
def lost(request: HttpRequest) -> HttpResponse:
    """Send somebody's links again. The answer is the same whether we know the address or not."""
    form = LostForm(request.POST or None)
    is_sent = False
    status = 200
    if request.method == "POST" and form.is_valid():
        wait = wait_of(request, what="lost-link", limit=LINKS_AN_HOUR)
        if wait:
            form.add_error(None, _("Too many tries from here in one hour. Try again in a while, or call us."))
            status = 429
        else:
            _send_links(form.cleaned_data["email"])
            is_sent = True
    response = render(request, "walks/lost.html", {"form": form, "is_sent": is_sent}, status=status)
    if status == 429:
        response["Retry-After"] = str(HOUR)
    return response


def _send_links(email: str) -> None:
    """At most one mail an hour for each sign-up, however often somebody asks."""
    now = timezone.now()
    mine = Signup.objects.filter(
        person__email__iexact=normalize_email(email), walk__end_at__gte=now - SENT_AFTER_WALK, walk__deleted_at=None
    )
    for signup in mine.select_related("walk__corridor", "person"):
        notices.send_link_again(signup, now=now)


def _own(token: str) -> Signup:
    signup = signup_from_token(token)
    if signup is None:
        raise Http404("not a link of ours, or an old one")
    return signup


def _page(signup: Signup) -> dict[str, object]:
    walk = signup.walk
    now = timezone.now()
    is_coming = signup.state == Signup.State.GOING
    may_join = is_coming and invites.is_open(walk, now=now)
    return {
        "signup": signup,
        "walk": walk,
        "features": walk_features(walk),
        "sunset_at": walk.sunset_at,
        "link": signup_url(signup),
        "is_over": walk.end_at < now,
        "asks_whether_came": is_coming and walk.state == Walk.State.PUBLISHED and walk.meet_at < now,
        "field_link": invites.field_link(walk) if may_join else "",
        "opens_at": walk.invite_opens_at,
        "clashes": [] if signup.state == Signup.State.WITHDRAWN else clashes_of(signup.person_id, walk),
        "consent": consents_for(signup).first() if signup.is_minor else None,
        "has_room": walk.capacity is None or walk.places_taken + signup.n_people <= walk.capacity,
    }
