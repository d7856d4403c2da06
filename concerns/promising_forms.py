"""What people type about a promise. What is allowed is decided by `concerns.promising`."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Commitment, Concern
from concerns.promising import CommitmentFields
from concerns.promising_mail import ANSWERS
from people.models import Organization

SOON = {"7": _("in a week"), "14": _("in two weeks"), "30": _("in a month")}
OTHER_DAY = "day"
WHEN = [*SOON.items(), (OTHER_DAY, _("on another day"))]
_WHICH_DAY = _("Say by when: choose one, or give the day.")


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class CommitmentForm(forms.Form):
    """Who promises what, by when. `due_on` counts where "another day" is chosen, or nothing is."""

    text = forms.CharField(
        label=_("What is promised"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say what was promised.")},
    )
    organization = forms.ModelChoiceField(
        label=_("Organization"),
        queryset=Organization.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("no organization"),
        error_messages={"invalid_choice": _("Choose one of the organizations in the list.")},
    )
    owner_name = forms.CharField(label=_("Who, by name"), required=False, max_length=120)
    owner_email = forms.EmailField(
        label=_("Where we remind them"),
        required=False,
        help_text=_("E-mail. Empty: the organization’s own address, where it has one."),
        error_messages={"invalid": _("This isn’t a whole e-mail address. Write it like name@example.org.")},
    )
    when = forms.ChoiceField(label=_("By when"), choices=WHEN, required=False, widget=forms.RadioSelect)
    due_on = forms.DateField(
        label=_("That day"),
        required=False,
        widget=day_input(),
        error_messages={"invalid": _("This isn’t a day. Write it like 2026-12-24.")},
    )
    concern = forms.ModelChoiceField(
        label=_("About"),
        queryset=Concern.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("nothing in particular"),
        error_messages={"invalid_choice": _("Choose one of the things in the list.")},
    )

    def __init__(
        self, *args: Any, organizations: Iterable[Organization], concerns: Iterable[Concern] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "organization", organizations, lambda one: one.name)
        _choose_from(self, "concern", concerns, _words_of)
        if not concerns:
            del self.fields["concern"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        when = cleaned.pop("when", "")
        if when in SOON:
            cleaned["due_on"] = timezone.localdate() + timedelta(days=int(when))
        elif not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("when", _WHICH_DAY)
        if not cleaned.get("organization") and not cleaned.get("owner_name") and "organization" not in self.errors:
            self.add_error("owner_name", _("Say who promised it: an organization or a name."))
        return cleaned

    def commitment_fields(self) -> CommitmentFields:
        names = CommitmentFields.__annotations__.keys() & self.cleaned_data.keys()
        return {name: self.cleaned_data[name] for name in names}  # type: ignore[return-value]


def form_of(commitment: Commitment, *args: Any, **kwargs: Any) -> CommitmentForm:
    """The form with what the promise says now."""
    initial = {
        "text": commitment.text,
        "organization": commitment.organization and commitment.organization.public_id,
        "owner_name": commitment.owner_name,
        "owner_email": commitment.owner_email,
        "when": OTHER_DAY,
        "due_on": commitment.due_on,
        "concern": commitment.concern and commitment.concern.public_id,
    }
    return CommitmentForm(*args, initial=initial, **kwargs)


def _choose_from(form: forms.Form, name: str, rows: Iterable[Any], label: Any) -> None:
    """Offer rows that were read before: a list that the page shows anyway isn't read twice."""
    field: Any = form.fields[name]
    rows = list(rows)
    field.queryset = type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]) if rows else field.queryset
    field.choices = [("", field.empty_label), *((row.public_id, label(row)) for row in rows)]


def _words_of(concern: Concern) -> str:
    place = concern.segment.name if concern.segment else concern.address
    return f"{concern.category.name}, {place}" if place else concern.category.name


class AnswerForm(forms.Form):
    """What the owner says."""

    says = forms.ChoiceField(
        label=_("How is it going?"),
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the answers."), "invalid_choice": _("Choose one of the answers.")},
    )
    due_on = forms.DateField(
        label=_("The new day"),
        required=False,
        widget=day_input(),
        help_text=_("If it isn’t done yet."),
        error_messages={"invalid": _("This isn’t a day. Write it like 2026-12-24.")},
    )
    words = forms.CharField(
        label=_("Anything you want to say"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, is_theirs: bool = False, **kwargs: Any) -> None:
        """`is_theirs`: by sign-in, for the organization that promised; "not mine" isn't asked then."""
        super().__init__(*args, **kwargs)
        if is_theirs:
            field: Any = self.fields["says"]
            field.choices = [choice for choice in ANSWERS if choice[0] != "not_mine"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("says") == "later" and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say the new day by which it will be done."))
        return cleaned

    def answer_fields(self) -> dict[str, Any]:
        due: date | None = self.cleaned_data["due_on"] if self.cleaned_data["says"] == "later" else None
        return {"says": self.cleaned_data["says"], "words": self.cleaned_data["words"], "due_on": due}
