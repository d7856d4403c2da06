"""What an organizer types at the filing desk."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.forms import CaseForm
from concerns.models import Concern, ExternalCase
from concerns.words import exact_place

MOST_DAYS_AHEAD = 5 * 365


class CorrectForm(CaseForm):
    """A number that is written down already, to be put right."""

    def __init__(self, *args: Any, case: ExternalCase, **kwargs: Any) -> None:
        names = ("system", "number", "channel", "expected_on", "url")
        kwargs |= {"initial": {name: getattr(case, name) for name in names}, "auto_id": f"id_case{case.pk}_%s"}
        super().__init__(*args, **kwargs)
        self.case = case


class FilingForm(CaseForm):
    """The number of one concern. One that another concern has already is asked about once: it may be a wrong paste."""

    again = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, concern: Concern, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.concern = concern
        self.fields["number"].label = gettext_lazy("The number they gave")
        self.fields["number"].widget.attrs |= {"autocomplete": "off", "autofocus": True, "spellcheck": "false"}

    def clean_expected_on(self) -> Any:
        day, today = self.cleaned_data["expected_on"], timezone.localdate()
        if day is not None and not -31 <= (day - today).days <= MOST_DAYS_AHEAD:
            raise forms.ValidationError(_("That day is far from today. Look at the year."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, system = data.get("number", ""), data.get("system", "")
        if number and system and data.get("again") != number:
            self._ask_about_the_same(system, number)
        return data

    def _ask_about_the_same(self, system: str, number: str) -> None:
        same = ExternalCase.objects.filter(system__iexact=system, number__iexact=number).exclude(concern=self.concern)
        other = same.select_related("concern__category", "concern__segment__corridor").first()
        if other is None:
            return
        self.data = {**self.data.dict(), "again": number} if isinstance(self.data, QueryDict) else self.data
        words = {"place": exact_place(other.concern) or other.concern.category.name}
        self.add_error(
            "number", _("%(place)s has this number, too. If one number stands for both, save again.") % words
        )
