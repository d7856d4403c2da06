"""What an organizer types about a concern. What is allowed is decided by `concerns.actions`."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern, ExternalCase
from concerns.workflow import MOVES, LookResult, Status
from walks.sun import Lit


class PublishForm(forms.Form):
    text = forms.CharField(
        label=_("Words that become public"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody can read them. No house number, no name, no plate. They may stay empty."),
    )


class HideForm(forms.Form):
    REASONS = [
        ("It is about a person", _("It is about a person")),
        ("It shows where somebody lives", _("It shows where somebody lives")),
        ("It is not true", _("It is not true")),
        ("Another reason", _("Another reason")),
    ]
    reason = forms.ChoiceField(label=_("Why"), choices=REASONS, required=False)


class MoveForm(forms.Form):
    to = forms.ChoiceField(label=_("New status"))
    public_note = forms.CharField(
        label=_("What everybody may read about it"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=_("Note for organizers"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, concern: Concern, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The status that the person saw; comes back with the form.
        self.expected = concern.status
        targets = MOVES[concern.status] - {Status.DUPLICATE}
        self.fields["to"].choices = [(s.value, s.label) for s in Status if s in targets]  # type: ignore[attr-defined]


class CaseForm(forms.Form):
    """A number that somebody gave. A machine's own numbers (Open311) aren't written by hand."""

    CHANNELS = [(value, label) for value, label in ExternalCase.Channel.choices if value != "open311"]
    system = forms.CharField(label=_("Given by"), max_length=60, initial="311")
    number = forms.CharField(label=_("Number"), max_length=60)
    channel = forms.ChoiceField(label=_("How"), choices=[("", _("not said")), *CHANNELS], required=False)
    expected_on = forms.DateField(
        label=_("They promised it by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    url = forms.URLField(label=_("Its page with them"), required=False, max_length=200, assume_scheme="https")


class LookForm(forms.Form):
    result = forms.ChoiceField(label=_("What did you see?"), choices=LookResult.choices, widget=forms.RadioSelect)
    lit = forms.ChoiceField(label=_("When?"), choices=Lit.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    photo = forms.FileField(
        label=_("Photo of now"),
        required=False,
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        help_text=_("From the same spot as the one before, if you can. No faces, no plates."),
    )

    def look_fields(self) -> dict[str, Any]:
        """What `looking.look_again` takes, of a valid form."""
        photo = self.cleaned_data["photo"]
        return {**self.cleaned_data, "photo": photo.read() if photo else None}

    def what_is_wrong(self) -> str:
        """One sentence with every field that is wrong and why."""
        told = self.errors.get_json_data()
        return " ".join(f"{self.fields[name].label} {error['message']}" for name in told for error in told[name])


class MergeForm(forms.Form):
    of = forms.CharField(
        label=_("The same as"),
        max_length=300,
        help_text=_("The address of the other concern’s page, copied from the browser."),
    )

    def clean_of(self) -> Concern:
        """The other concern, named by its number or by the address of its page."""
        found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", self.cleaned_data["of"].lower())
        other = Concern.objects.filter(public_id=uuid.UUID(found[0])).first() if found else None
        if other is None:
            raise forms.ValidationError(_("That is not the address of a concern. Open it and copy the address."))
        return other
