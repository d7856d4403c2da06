"""Following a corridor by mail. Works without script."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from concerns.following import ask_to_follow, confirm_following, follower_of_token, stop_following
from concerns.models import Follower
from corridors.models import Corridor
from people.access import BY_LINK, EVERYBODY, access
from people.token_pages import keep_secret, token_page
from walks.callers import wait_of

FOLLOWS_AN_HOUR = 10
TOO_MANY = 429


class FollowForm(forms.Form):
    """An address and a corridor. `website` is a trap for machines: people never see it."""

    corridor = forms.ModelChoiceField(
        label=gettext_lazy("Which corridor?"),
        queryset=Corridor.objects.none(),
        to_field_name="slug",
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the corridors in the list.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Give an e-mail address."),
            "invalid": gettext_lazy("This isn’t a whole e-mail address. Write it like name@example.org."),
        },
    )
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["corridor"].queryset = Corridor.objects.public()  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@access("corridor.follow", "create", allow=EVERYBODY)
def follow(request: HttpRequest) -> HttpResponse:
    """Ask for the weekly mail. The answer is the same whoever follows already."""
    if request.method != "POST":
        return _form_page(request, FollowForm(initial={"corridor": request.GET.get("corridor", "")}))
    form = FollowForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    if wait := wait_of(request, what="follow", limit=FOLLOWS_AN_HOUR):
        form.add_error(None, _("Many asked from your network in the last hour. Please try again later."))
        response = _form_page(request, form, status=TOO_MANY)
        response["Retry-After"] = str(wait)
        return response
    corridor: Corridor = form.cleaned_data["corridor"]
    if not form.cleaned_data["website"]:
        ask_to_follow(corridor=corridor, email=form.cleaned_data["email"], language=get_language() or "en")
    return keep_secret(render(request, "concerns/follow_asked.html", {"corridor": corridor}))


def _form_page(request: HttpRequest, form: FollowForm, *, status: int = 200) -> HttpResponse:
    return render(request, "concerns/follow.html", {"form": form}, status=status)


def _follower(token: str) -> Follower:
    follower = follower_of_token(token)
    if follower is None:
        raise Http404("no such link")
    return follower


@require_http_methods(["GET", "HEAD", "POST"])
@access("corridor.follow", "manage", allow=BY_LINK)
@token_page
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the mail's link leads to: say yes with a button, or stop. Looking at it changes nothing."""
    follower = _follower(token)
    if request.method == "POST":
        confirm_following(follower=follower)
        return redirect("concerns:follow_link", token)
    return render(request, "concerns/follow_link.html", {"follower": follower, "token": token})


@csrf_exempt  # mail programs press it by themselves (RFC 8058); whoever has the link may stop the mail
@require_http_methods(["GET", "HEAD", "POST"])
@access("corridor.follow", "manage", allow=BY_LINK)
def follow_stop(request: HttpRequest, token: str) -> HttpResponse:
    """One click in the mail program, or one button on the page."""
    follower = _follower(token)
    if request.method == "POST":
        follower = stop_following(follower=follower)
    return keep_secret(render(request, "concerns/follow_link.html", {"follower": follower, "token": token}))
