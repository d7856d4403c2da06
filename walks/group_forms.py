"""The rows of a group on its own page: a name and an age for each who comes along."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from people.roles import AgeBand
from walks.groups import Named
from walks.models import Signup

AGES = [(band.value, band.label) for band in AgeBand if band != AgeBand.TEEN]
TEEN = (AgeBand.TEEN.value, _("13–17: signs up alone"))


class GroupForm(forms.Form):
    """`name-0`, `age-0`, `id-0` and so on, one row for each who comes with the sign-up; empty names are left out."""

    def __init__(self, *args: Any, signup: Signup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = list(signup.members.all())
        self.n_rows = max(signup.n_people - 1, len(members))
        for n in range(self.n_rows):
            member = members[n] if n < len(members) else None
            self._add_row(n, member.name if member else "", member.age_band if member else AgeBand.UNKNOWN)
            self.fields[f"id-{n}"] = forms.UUIDField(
                required=False, widget=forms.HiddenInput, initial=member.public_id if member else None
            )

    def _add_row(self, n: int, name: str, age_band: str) -> None:
        words = {"n": n + 2}
        self.fields[f"name-{n}"] = forms.CharField(
            label=_("Person %(n)d") % words, max_length=120, required=False, initial=name
        )
        self.fields[f"age-{n}"] = forms.ChoiceField(
            label=_("Age of person %(n)d") % words,
            choices=[AGES[-1], AGES[0], TEEN, *AGES[1:-1]],
            required=False,
            initial=age_band,
        )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        return [(self[f"name-{n}"], self[f"age-{n}"], self[f"id-{n}"]) for n in range(self.n_rows)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for n in range(self.n_rows):
            if cleaned.get(f"age-{n}") == AgeBand.TEEN:
                self.add_error(f"age-{n}", _("Who is 13 to 17 signs up with a form of their own. Take this line out."))
        return cleaned

    def named(self) -> list[Named]:
        """The lines that say something: a name, or an age under 13 without one."""
        found = []
        for n in range(self.n_rows):
            name, age = self.cleaned_data[f"name-{n}"], self.cleaned_data[f"age-{n}"] or AgeBand.UNKNOWN
            known: uuid.UUID | None = self.cleaned_data[f"id-{n}"]
            if name:
                found.append(Named(name, age, known))
        return found
