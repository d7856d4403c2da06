"""“Is it one of these?”: asked while somebody reports, from what is public alone. Works without script."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from concerns import reporting
from concerns.public import photos_of
from concerns.receipts import receipt_token, shown
from concerns.report_forms import PlaceForm, read_token
from concerns.same import draft, public_same
from people.access import EVERYBODY, access
from people.token_pages import keep_secret, token_page
from walks.callers import wait_of

LIKE_AN_HOUR = 300


def kept_page(request: HttpRequest, done: reporting.Reported, *, form_token: str) -> HttpResponse:
    """The code, told once, and what the report may be the same as."""
    context = {
        "reported": done,
        "code": shown(done.code),
        "token": receipt_token(done.reporter),
        "form_token": form_token,
        "photos": photos_of(done.same),
    }
    return keep_secret(render(request, "concerns/reported.html", context))


@require_POST
@access("concern", "create", allow=EVERYBODY)
@token_page  # the page that asks shows the code
def report_same(request: HttpRequest) -> HttpResponse:
    """“Yes, it is this one, and still there”, asked below the code. The form's signed token says whose report it is."""
    signed = request.POST.get("form_token", "")[:200]
    done = _reported_with(signed)
    if done is None:
        messages.error(request, _("This page was open for too long. Type your code to see your report."))
        return redirect("concerns:receipt_enter")
    try:
        reporting.say_it_is_the_same(done, uuid.UUID(request.POST.get("same", "")[:40]))
    except ValueError:
        done.same = []  # another one, or nonsense: it stays a report of its own
    return kept_page(request, done, form_token=signed)


def _reported_with(signed: str) -> reporting.Reported | None:
    """The report that was kept from a form, or None where its token is forged or old, or nothing was sent with it."""
    try:
        form_token, _age = read_token(signed)
    except ValidationError:
        return None
    return reporting.reported_before(form_token=form_token)


@require_POST
@access("concern", "create", allow=EVERYBODY)
def report_like(request: HttpRequest) -> HttpResponse:
    """A part of the form: what is public and may be the same as what is being written. It keeps nothing."""
    too_many = wait_of(request, what="report.like", limit=LIKE_AN_HOUR)
    response = render(request, "concerns/_like.html", {} if too_many else like_of(PlaceForm(request.POST)))
    response["Cache-Control"] = "no-store"
    return response


def like_of(form: Form) -> dict[str, Any]:
    """What the form's section shows for a kind and a place that were typed. At most four queries."""
    place = form.place() if isinstance(form, PlaceForm) else PlaceForm(form.data).place() if form.is_bound else {}
    same = public_same(draft(**place)) if place else []
    chosen = str(form.data.get("same", "")) if form.is_bound else ""
    return {"same": same, "photos": photos_of(same), "chosen": chosen}
