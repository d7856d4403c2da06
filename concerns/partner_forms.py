"""What an organization types about its assignments, and an organizer about who gets one."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Assignment
from people.models import Organization


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=Assignment.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four answers.")},
    )
    promised_on = forms.DateField(
        label=_("Fixed by (if you can say)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This is no day. Write it like 2026-11-30.")},
    )
    note = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Organizers read it. The public sees only the status."),
    )
    photo = forms.FileField(
        label=_("Photo of the repair"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=_("An organizer looks at it before anybody else sees it."),
    )

    def clean_promised_on(self) -> date | None:
        day: date | None = self.cleaned_data["promised_on"]
        if day is not None and day < timezone.localdate() and day != self.initial.get("promised_on"):
            raise forms.ValidationError(_("That day is over. Choose today or later, or leave it empty."))
        return day

    def answer_fields(self) -> dict[str, Any]:
        """What `answer_assignment` takes, of a valid form."""
        photo = self.cleaned_data["photo"]
        return {**self.cleaned_data, "photo": photo.read() if photo else None}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("The file with your answers"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose the file first.")},
    )


class AssignForm(forms.Form):
    organization = forms.ModelChoiceField(
        label=_("Who should fix it"),
        queryset=Organization.objects.current().order_by("name"),
        to_field_name="public_id",
        empty_label=_("choose"),
        error_messages={
            "required": _("Choose an organization."),
            "invalid_choice": _("Choose an organization of the list."),
        },
        widget=forms.Select(attrs={"data-key": "a"}),
    )
    note = forms.CharField(
        label=_("Note for them"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("They read it in their mail. No names of people."),
    )
