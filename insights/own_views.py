"""An organization's own pages: its record with its words about it, and how it is reached."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insights import record_notes
from insights.definitions import GROUPS
from insights.models import RecordNote, Snapshot
from insights.own_contact import FIELDS, change_contact, seen_of
from insights.own_record import own_help
from insights.partner_pages import lay_out, without_help
from insights.quarters import Quarter
from office.models import Coalition
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from people.contact import normalize_phone, show_phone
from people.models import Organization


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your words"),
        help_text=gettext_lazy("What the numbers don’t say. At most 300 letters, and nobody’s name."),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class ContactForm(forms.Form):
    public_phone = forms.CharField(
        label=gettext_lazy("Public phone"), help_text=gettext_lazy("Shown to everybody."), required=False, max_length=30
    )
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https", max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail for the coalition"),
        help_text=gettext_lazy("Requests for help and their codes go here. It isn’t shown to the public."),
        required=False,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_public_phone(self) -> str:
        typed: str = self.cleaned_data["public_phone"]
        return normalize_phone(typed) if typed else ""

    @property
    def fields_of_organization(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("public_phone", "website", "email")}


def get_own(request: SignedInRequest, organization_id: uuid.UUID) -> tuple[Organization, bool]:
    """One of the user's own, or any for an organizer, and whether it is their own. 404 otherwise. Up to two queries."""
    own = next((one for one in request.user.organizations if one.public_id == organization_id), None)
    if own is None and request.user.is_organizer:
        found = Organization.objects.current().filter(public_id=organization_id).first()
    else:
        found = own if own is not None and own.merged_into_id is None else None
    if found is None:
        raise Http404("not their organization")
    return found, own is not None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access("partner.own_record", "view", allow=SIGNED_IN)
def own_record(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """What the coalition counted of them, and what they say about it."""
    organization, is_own = get_own(request, organization_id)
    note = RecordNote.objects.filter(organization=organization).first()
    text = note.text if note else ""
    form = NoteForm(request.POST or None, initial={"text": text, "seen": text})
    if request.method == "POST" and form.is_valid():
        try:
            record_notes.write_note(organization=organization, by=request.user, **form.cleaned_data)
        except record_notes.NoteChanged as changed:
            form = NoteForm({"text": form.cleaned_data["text"], "seen": changed.now})
            form.add_error("text", changed.message)
        else:
            messages.success(request, _("Your words are kept. Others read them once an organizer did."))
            return redirect("insights:own_record", organization.public_id)
    context = _record_context(request, organization, is_own=is_own) | {"form": form, "note": note}
    return render(request, "insights/own_record.html", context, status=400 if form.errors else 200)


def _record_context(request: SignedInRequest, organization: Organization, *, is_own: bool) -> dict[str, Any]:
    """The newest kept quarter, from when on it is public, and exact numbers for their own people. Three queries."""
    coalition = Coalition.current()
    snapshot = Snapshot.objects.quarters().order_by("-starts_on", "-version").first()
    rows = (
        [row for row in snapshot.numbers["organizations"] if row["id"] == str(organization.public_id)]
        if snapshot
        else []
    )
    with_help = not request.user.is_walled
    public_on = date.fromisoformat(snapshot.numbers["public_on"]) if snapshot else None
    return {
        "organization": organization,
        "own": own_help(request.user, [organization], timezone.now()) if is_own else None,
        "quarter": Quarter.of(snapshot.starts_on) if snapshot else None,
        "records": lay_out(rows if with_help else without_help(rows), {}, with_help=with_help).records,
        "with_help": with_help,
        "public_on": public_on,
        "is_public": public_on is not None and public_on <= timezone.localdate(timezone.now(), coalition.zone),
        "definitions": GROUPS,
        "coalition": coalition,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access("organization", "edit", allow=SIGNED_IN)
def own_contact(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """How people and the coalition reach them. The name and the kind are the desk's to change."""
    organization, _is_own = get_own(request, organization_id)
    initial = {
        "public_phone": show_phone(organization.public_phone),
        "website": organization.website,
        "email": organization.email,
        "seen": seen_of(organization),
    }
    form = ContactForm(request.POST or None, initial=initial)
    differs: list[tuple[Any, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            change_contact(
                organization=organization,
                by=request.user,
                seen=form.cleaned_data["seen"],
                fields=form.fields_of_organization,
            )
        except (Refused, ValidationError) as refused:
            # Both versions: what was typed stays in the fields, what is kept stands above them.
            organization.refresh_from_db()
            form = ContactForm({**request.POST.dict(), "seen": seen_of(organization)})
            form.add_error(None, refused.messages if isinstance(refused, ValidationError) else refused.message)
            differs = [(form[name].label, getattr(organization, name)) for name in FIELDS]
        else:
            messages.success(request, _("Saved."))
            return redirect("concerns:partner")
    context = {"organization": organization, "form": form, "differs": differs}
    return render(request, "insights/own_contact.html", context, status=400 if form.errors else 200)
