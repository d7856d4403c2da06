"""The export of requests for help: proven again, with a reason, written down before a line leaves."""

from typing import Any

from django import forms
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from office.refused import Refused
from outreach.help_export import MOST_ROWS, lines_of, start_export
from outreach.said_of_people import seems_to_say_who
from people.access import COORDINATORS, SignedInRequest, access
from people.sudo import prove_again


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This isn’t a day. Write it like 2026-11-21.")},
    )


class ExportForm(forms.Form):
    """From when until when, what for, and whether names go along."""

    since = _day(_("Asked from"))
    until = _day(_("Asked until"))
    reason = forms.CharField(
        label=_("What is it for?"),
        max_length=300,
        help_text=_("A sentence without names. It stays in the audit trail, with your name and the day."),
        error_messages={"required": _("Say what the file is for. It is kept with the export.")},
    )
    with_names = forms.BooleanField(
        label=_("With names, numbers and e-mail addresses"),
        required=False,
        help_text=_("Only of people whose yes is in force. Leave it empty unless you can’t do without."),
    )

    def clean_reason(self) -> str:
        typed: str = self.cleaned_data["reason"]
        if seems_to_say_who(typed):
            raise forms.ValidationError(_("The reason is kept for good: leave names and numbers out."))
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        today = timezone.localdate()
        if since and since > today:
            self.add_error("since", _("That is still to come. Choose a day that was."))
        elif since and until and since > until:
            self.add_error("until", _("The end lies before the beginning. Swap the two days."))
        if until and until > today:
            cleaned["until"] = today
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@access("help_request", "export", allow=COORDINATORS)
@never_cache
def help_export(request: SignedInRequest) -> HttpResponseBase:
    """The form; sent, the file. Without a fresh proof of who one is, that comes first."""
    if go := prove_again(request, request.user):
        return go
    today = timezone.localdate()
    form = ExportForm(request.POST or None, initial={"since": today.replace(day=1), "until": today})
    if request.method == "POST" and form.is_valid():
        try:
            export = start_export(by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            response = StreamingHttpResponse(lines_of(export), content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
            return response
    context = {"form": form, "most": MOST_ROWS}
    return render(request, "outreach/help_export.html", context, status=400 if form.errors else 200)
