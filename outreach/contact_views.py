"""Contacts at the desk: whom teams met and what about; one typed in. Organizers, and walk leads for their own walks."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.receipts import shown
from office.actions import record
from office.refused import Refused
from outreach.contact_forms import ContactForm, HelpAskedForm
from outreach.contact_list import (
    DAYS,
    blocks_with,
    chosen,
    count_results,
    kept_in_spite,
    lines_for,
    narrowed,
    shown_on,
    walks_with,
)
from outreach.contacting import (
    Met,
    clear_note,
    contacts_for,
    get_contact_to_clear,
    led_walks,
    write_down_contact,
)
from outreach.help_views import wording
from outreach.models import Contact, Need
from people.access import COORDINATORS, SIGNED_IN, SignedInRequest, access

PER_PAGE = 50


@require_safe
@access("contact.desk", "view", allow=SIGNED_IN)
@never_cache
def contacts_page(request: SignedInRequest) -> HttpResponse:
    """Contacts as the address narrows them, counted by result."""
    everything, by = contacts_for(request.user), chosen(request.GET)
    results = count_results(narrowed(everything, by, with_result=False))
    page = Paginator(narrowed(everything, by).values("pk"), PER_PAGE).get_page(request.GET.get("page"))
    to_clear = kept_in_spite(request.user)
    if to_clear:
        record(actor=request.user, action="read_words", resource="contact", detail={"n": len(to_clear)})
    context = {
        "by": by,
        "results": results,
        "page": page,
        "lines": lines_for(request.user, shown_on(page)),
        "to_clear": to_clear,
        "walks": walks_with(everything),
        "blocks": blocks_with(everything),
        "kinds": Contact.Kind.choices,
        "needs": Need.choices,
        "days": DAYS.items(),
    }
    return render(request, "outreach/contact_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("contact.desk", "create", allow=SIGNED_IN)
@never_cache
def contact_new(request: SignedInRequest) -> HttpResponse:
    """Write one down; for coordinators also what they said yes to. Every refusal keeps what was typed."""
    if not request.user.is_organizer and not led_walks(request.user):
        raise PermissionDenied
    data = request.POST or None
    form = ContactForm(data, by=request.user, initial=_initial(request))
    asks = request.user.may_see_help and "wants_help" in request.POST
    asked = HelpAskedForm(data if asks else None, initial={"language": get_language()})
    if request.method == "POST" and _are_valid(form, asked if asks else None):
        try:
            met = write_down_contact(
                by=request.user, help_asked=asked.help_asked() if asks else None, **form.contact_fields()
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return _kept(request, met)
    status = 400 if form.errors or asked.errors else 200
    return render(request, "outreach/contact_new.html", _new_context(request, form, asked, asks=asks), status=status)


def _initial(request: SignedInRequest) -> dict[str, Any]:
    return {"day": timezone.localdate(), "walk": request.GET.get("walk", "")}


def _are_valid(form: ContactForm, asked: HelpAskedForm | None) -> bool:
    """Both are looked at, so that all is said at once."""
    fine = form.is_valid()
    if asked is None:
        return fine
    if fine and not form.cleaned_data["needs"]:
        form.add_error("needs", _("Choose what help is about, at least one thing."))
    return asked.is_valid() and not form.errors


def _new_context(request: SignedInRequest, form: ContactForm, asked: HelpAskedForm, *, asks: bool) -> dict[str, Any]:
    words = []
    if request.user.may_see_help:
        choices: Any = asked.fields["language"].choices  # type: ignore[attr-defined]
        words = [(name, wording(code), code) for code, name in choices]
    return {"form": form, "asked": asked, "asks": asks, "wordings": words}


def _kept(request: SignedInRequest, met: Met) -> HttpResponse:
    """The code, once; or on to the list or to the next one of the same walk."""
    if met.kept is not None:
        context = {"code": shown(met.kept.code), "help": met.kept.help_request}
        return render(request, "outreach/coordinate_kept.html", context)
    messages.success(request, _("Written down."))
    if "next" not in request.POST:
        return redirect("outreach:contacts")
    walk = met.contact.walk
    same = f"?{urlencode({'walk': str(walk.public_id)})}" if walk else ""
    return redirect(reverse("outreach:contact_new") + same)


@require_POST
@access("contact.identity", "clear", allow=COORDINATORS)
@never_cache
def contact_clear(request: SignedInRequest, contact_id: uuid.UUID) -> HttpResponse:
    """Words that say who somebody is go, by one tap."""
    clear_note(contact=get_contact_to_clear(request.user, contact_id), by=request.user)
    messages.success(request, _("The words are gone."))
    return redirect("outreach:contacts")
