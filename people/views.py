from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from people.access import BY_LINK, access
from people.first_admin import set_first_password, user_for_token
from people.models import User
from people.token_pages import token_page

SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@token_page
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access("account.first_admin", "use", allow=BY_LINK)
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link of `manage.py first_admin`: looking at it changes nothing, sending the password uses it up."""
    user = user_for_token(token)
    form = SetPasswordForm(user, request.POST or None) if user else None
    if user and form and form.is_valid() and set_first_password(user=user, password=form.cleaned_data["new_password1"]):
        return sign_in_first_admin(request, user)
    status = 200 if user and not (form and form.errors) else 400 if user else 410
    return render(request, "people/first_admin.html", {"form": form, "new_admin": user}, status=status)


def sign_in_first_admin(request: HttpRequest, user: User) -> HttpResponse:
    user.refresh_from_db()
    login(request, user, backend=SIGN_IN_BACKEND)
    # They typed it a moment ago: enrolling a second factor needn't ask again.
    record_authentication(request, user, method="password", email=user.email, reauthenticated=True)
    messages.success(request, _("Your password is set, and you are signed in."))
    if settings.REQUIRE_SECOND_FACTOR:
        return redirect(f"{reverse('mfa_activate_totp')}?{urlencode({'next': reverse('desk')})}")
    return redirect("desk")
