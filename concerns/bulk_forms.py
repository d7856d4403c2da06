"""What an organizer says about many concerns at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.bulk import Do, Order
from concerns.desk_filters import FIRST_YEAR, LAST_YEAR
from concerns.forms import HideForm
from concerns.workflow import NEEDS_NOTE, Status
from people.models import Organization

# Only a look leads to "we saw it fixed", and merging names the other concern.
TARGETS = [s for s in Status if s not in {Status.NEW, Status.VERIFIED_FIXED, Status.DUPLICATE}]
LONGEST_NOTE = 500
REFUSALS = {
    "do": gettext_lazy("Say what to do with them."),
    "to": gettext_lazy("Choose a status."),
    "note": gettext_lazy("Say why there is nothing to be done."),
    "organization": gettext_lazy("Choose who should fix them."),
}


class BulkForm(forms.Form):
    """`all` means everything under `query` that had arrived by `as_of`, when the list was opened."""

    do = forms.ChoiceField(choices=Do.choices, error_messages={"required": REFUSALS["do"]}, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=gettext_lazy("Why hide them?"), choices=HideForm.REASONS, required=False)
    to = forms.ChoiceField(
        label=gettext_lazy("New status"),
        choices=[("", gettext_lazy("choose")), *((s.value, s.label) for s in TARGETS)],
        required=False,
    )
    public_note = forms.CharField(
        label=gettext_lazy("What everybody may read about it"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note for organizers"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    organization = forms.ModelChoiceField(
        label=gettext_lazy("Who should fix them?"),
        queryset=Organization.objects.current(),
        to_field_name="public_id",
        empty_label=gettext_lazy("choose"),
        required=False,
    )
    for_them = forms.CharField(
        label=gettext_lazy("Note for them"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=2400, widget=forms.HiddenInput)
    as_of = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    back = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organizations: Sequence[Organization] | None = None, **kwargs: Any) -> None:
        """`organizations` are those to choose from, where a page has read them anyway."""
        super().__init__(*args, **kwargs)
        if organizations is not None:
            offered = [(one.public_id, one.name) for one in organizations]
            self.fields["organization"].widget.choices = [("", _("choose")), *offered]

    def clean_as_of(self) -> datetime | None:
        text = self.cleaned_data["as_of"]
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise forms.ValidationError(_("The list is too old. Open it again."))
        return at

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("do") == Do.STATUS:
            if not given.get("to"):
                self.add_error("to", REFUSALS["to"])
            elif given["to"] in NEEDS_NOTE and not given.get("note", "").strip():
                self.add_error("note", REFUSALS["note"])
        if given.get("do") == Do.ASSIGN and not given.get("organization"):
            self.add_error("organization", REFUSALS["organization"])
        if given.get("all") and not given.get("as_of"):
            raise forms.ValidationError(_("The list is too old. Open it again."))
        return given

    @property
    def shown(self) -> list[Any]:
        """The fields that belong to what was chosen."""
        names = {Do.HIDE: ["reason"], Do.STATUS: ["to", "public_note", "note"], Do.ASSIGN: ["organization", "for_them"]}
        return [self[name] for name in names.get(self.data.get("do", ""), [])]

    def order(self) -> Order:
        given = self.cleaned_data
        if given["do"] == Do.HIDE:
            return Order(do=Do.HIDE, note=given["reason"])
        if given["do"] == Do.ASSIGN:
            return Order(do=Do.ASSIGN, organization=given["organization"], note=given["for_them"])
        return Order(do=given["do"], status=given["to"], note=given["note"], public_note=given["public_note"])


class ViewForm(forms.Form):
    """A saved view: its name, and whether everybody at the desk has it."""

    name = forms.CharField(label=gettext_lazy("Name of this view"), max_length=60)
    is_shared = forms.BooleanField(label=gettext_lazy("for everybody at the desk"), required=False)
