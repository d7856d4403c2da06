"""Asked once more who one is, before something leaves the house that can't be called back."""

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from people.middleware import ask_for_second_factor
from people.models import User


def prove_again(request: HttpRequest, user: User) -> HttpResponseRedirect | None:
    """Where to go first; None where a second factor was shown (if the site asks for one) and the proof is fresh.

    Fresh: signed in or confirmed within `ACCOUNT_REAUTHENTICATION_TIMEOUT` (5 minutes). Raises
    ReauthenticationRequired, which allauth's middleware turns into its page; a form that was sent is kept meanwhile.
    """
    if settings.REQUIRE_SECOND_FACTOR and (go := ask_for_second_factor(request, user)):
        return go
    if _is_fresh(request, user):
        return None
    if not get_adapter().get_reauthentication_methods(user):
        # Who only ever signs in by mail has nothing to confirm with: a second factor is asked for instead.
        return HttpResponseRedirect(
            f"{reverse('mfa_activate_totp')}?{urlencode({'next': request.get_full_path()})}"
        )  # fmt: skip
    raise ReauthenticationRequired


def _is_fresh(request: HttpRequest, user: User) -> bool:
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(record.get("at", 0) > since for record in get_authentication_records(request, user))
