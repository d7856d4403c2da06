"""A parent or guardian says yes or no, by the link that was sent to them. Opening it changes nothing."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from office.refused import Refused
from people.access import BY_LINK, access
from people.token_pages import token_page
from walks.guardians import consents_for, say_no, say_yes, season_end, take_back_yes
from walks.links import signup_from_guardian_token
from walks.models import Signup
from walks.notices import first_name
from walks.signup_forms import GuardianYesForm


@token_page
@access("signup.guardian", "answer", allow=BY_LINK)
@require_http_methods(["GET", "HEAD", "POST"])
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """The walk, what we do, and a yes by POST."""
    signup = _minor(token)
    form = GuardianYesForm(request.POST or None, initial={"until_on": season_end(signup.walk)})
    if request.method == "POST" and form.is_valid():
        try:
            say_yes(signup=signup, **form.fields_of_yes())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Thank you. Your yes is written down."))
            return redirect("walks:guardian", token)
    context = {
        "signup": signup,
        "walk": signup.walk,
        "first_name": first_name(signup.name),
        "consent": consents_for(signup).first(),
        "form": form,
        "token": token,
        "is_over": signup.walk.end_at < timezone.now(),
    }
    return render(request, "walks/guardian.html", context)


@token_page
@access("signup.guardian", "answer", allow=BY_LINK)
@require_POST
def guardian_no(request: HttpRequest, token: str) -> HttpResponse:
    """“No, they may not come.”"""
    say_no(signup=_minor(token))
    messages.success(request, _("Thank you for telling us. They are off the list."))
    return redirect("walks:guardian", token)


@token_page
@access("signup.guardian", "answer", allow=BY_LINK)
@require_POST
def guardian_take_back(request: HttpRequest, token: str) -> HttpResponse:
    """The yes ends; what it carried waits again."""
    take_back_yes(signup=_minor(token))
    messages.success(request, _("Your yes is taken back. Their place doesn’t count any more."))
    return redirect("walks:guardian", token)


def _minor(token: str) -> Signup:
    signup = signup_from_guardian_token(token)
    if signup is None or not signup.is_minor:
        raise Http404("not a guardian's link of ours, or an old one")
    return signup
