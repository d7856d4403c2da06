"""What somebody answers from their mail on their own page: whether they came, and that they want no more mail."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from office.refused import Refused
from people.access import BY_LINK, access
from people.token_pages import keep_secret, token_page
from walks.afterwards import say_whether_came, stop_mail, want_mail_again
from walks.links import signup_from_token
from walks.models import Signup


@token_page
@access("signup.own", "change", allow=BY_LINK)
@require_POST
def my_came(request: HttpRequest, token: str) -> HttpResponse:
    """`came` is yes or no, `words` what they say about it. Answering again replaces the answer."""
    signup = _own(token)
    came = {"yes": True, "no": False}.get(request.POST.get("came", ""))
    try:
        say_whether_came(signup=signup, came=came, words=request.POST.get("words", ""))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Thank you. The organizers read it."))
    return redirect("walks:my", token)


@csrf_exempt  # mail programs press it by themselves (RFC 8058); whoever has the link may stop the mail
@require_http_methods(["GET", "HEAD", "POST"])
@access("signup.own", "change", allow=BY_LINK)
def my_no_more_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe: one click in the mail program, or one button on this page. Looking at it changes nothing."""
    signup = _own(token)
    if request.method == "POST":
        change = want_mail_again if request.POST.get("again") else stop_mail
        change(signup=signup)
    return keep_secret(render(request, "walks/messages_stop.html", {"signup": signup, "token": token}))


def _own(token: str) -> Signup:
    signup = signup_from_token(token)
    if signup is None:
        raise Http404("not a link of ours, or an old one")
    return signup
