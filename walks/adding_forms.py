"""Forms of the desk's roster: one person with role and waitlist, and many at once."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from walks.forms import RosterAddForm
from walks.models import WalkRole
from walks.pasting import MOST_BYTES, Line, decode, read_people

ROLES = [("", _("wherever they are needed")), *[(role.value, role.label) for role in WalkRole if role != WalkRole.LEAD]]


class RosterForm(RosterAddForm):
    """Somebody an organizer puts on the roster, or on the waitlist where it is full."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, required=False)
    wait = forms.BooleanField(label=_("If it is full: onto the waitlist"), required=False)


class PasteForm(forms.Form):
    """Lines, or a file. `token` makes a list that is sent twice count once."""

    lines = forms.CharField(
        label=_("Names"),
        help_text=_("One per line: name, e-mail or phone, organization, role. Only the name is needed."),
        max_length=MOST_BYTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "none"}),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        help_text=_("From a spreadsheet, with or without a line of headings."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    wait = forms.BooleanField(label=_("Put who doesn’t fit on the waitlist"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: list[Line] = []
        self.text = ""

    def clean_token(self) -> uuid.UUID:
        return self.cleaned_data["token"] or uuid.uuid4()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file and file.size > MOST_BYTES:
            self.add_error("file", _("This file is too large for a list of names. Save only the columns you need."))
            return cleaned
        self.text = decode(file.read()) if file else cleaned.get("lines", "")
        field = "file" if file else "lines"
        try:
            self.people = read_people(self.text)
        except ValidationError as error:
            self.add_error(field, error)
            return cleaned
        if not self.people and not self.errors:
            self.add_error(field, _("Write at least one name, or choose a file."))
        return cleaned
