"""One person's own sign-up, by their signed link. Opening it changes nothing: mail scanners open links too."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from people.access import BY_LINK, EVERYBODY, access
from people.contact import normalize_email
from people.models import Organization
from people.token_pages import keep_secret, token_page
from walks import invites, notices
from walks.actions import Refused, change_signup, come_after_all, withdraw
from walks.callers import HOUR, wait_of
from walks.features import walk_features
from walks.links import signup_from_token, signup_url
from walks.models import Signup
from walks.signup_forms import LostForm, MySignupForm

LINKS_AN_HOUR = 20
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
    return render(request, "walks/my.html", _page(signup) | {"form": form, "token": token})


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
    """“I can come after all.”"""
    signup = _own(token)
    try:
        come_after_all(signup=signup)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Good to have you back. You are on the list again."))
    return redirect("walks:my", token)


@access("signup.link", "send", allow=EVERYBODY)
@require_http_methods(["GET", "HEAD", "POST"])
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
    response = keep_secret(render(request, "walks/lost.html", {"form": form, "is_sent": is_sent}, status=status))
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
        "field_link": invites.field_link(walk) if may_join else "",
        "opens_at": walk.invite_opens_at,
    }
