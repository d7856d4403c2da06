"""What people type into the directory: what they look for, and what an agency says of a service."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from corridors.models import Corridor
from outreach.directory import WEEKDAYS, Asked, areas_to_choose, languages_offered
from outreach.languages import LANGUAGES, code_of, name_of
from outreach.models import Need, Service
from people.contact import normalize_phone, show_phone

OLDEST = 120
MOST_IMPORTED = 10_000_000
STRETCHES = 2


class FindForm(forms.Form):
    """The filters of the public page, as they stand in the address. What is wrong doesn't narrow, and is said."""

    need = forms.ChoiceField(label=gettext_lazy("I need"), required=False)
    corridor = forms.ModelChoiceField(
        label=gettext_lazy("Near"),
        queryset=Corridor.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("anywhere"),
        error_messages={"invalid_choice": gettext_lazy("Choose a street from the list.")},
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    age = forms.IntegerField(
        label=gettext_lazy("Age"),
        required=False,
        min_value=0,
        max_value=OLDEST,
        error_messages={
            name: gettext_lazy("Write the age in years, from 0 to 120.")
            for name in ("invalid", "min_value", "max_value")
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    open_now = forms.BooleanField(label=gettext_lazy("Open now"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(
            {name: str(data.get(name, "")).replace("\0", "") for name in self.base_fields}, label_suffix=""
        )
        self._choose_from("need", [("", _("anything")), *Need.choices])
        self._choose_from("language", [("", _("any language")), *languages_offered()])
        corridors = self.fields["corridor"]
        assert isinstance(corridors, forms.ModelChoiceField)
        corridors.queryset = Corridor.objects.filter(is_public=True).order_by("name")

    def _choose_from(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def asked(self) -> Asked:
        self.is_valid()
        return Asked(**{name: value for name, value in self.cleaned_data.items() if value not in (None, "")})


class ImportForm(forms.Form):
    """A partner's file: a zip or one CSV."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("HSDS as a zip, or one CSV with a row for each service. At most 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".zip,.csv,text/csv,application/zip"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_IMPORTED:
            raise forms.ValidationError(_("This file is larger than 10 MB. Send it in parts."))
        return file


class ServiceForm(forms.ModelForm):
    """One service, and its hours: a row per weekday with up to `n_stretches` stretches, no script needed."""

    needs = forms.MultipleChoiceField(
        label=gettext_lazy("Helps with"), choices=Need.choices, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other_languages = forms.CharField(
        label=gettext_lazy("Other languages"),
        help_text=gettext_lazy("With commas between them. For example: Portuguese, Dari."),
        required=False,
        max_length=200,
    )
    url = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https", max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Service
        fields = [
            "name", "needs", "description", "status", "capacity", "eligibility", "minimum_age", "maximum_age",
            "languages", "application_process", "fees", "phone", "email", "url", "address", "schedule_note",
            "corridors", "areas",
        ]  # fmt: skip
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "eligibility": forms.Textarea(attrs={"rows": 2}),
            "application_process": forms.Textarea(attrs={"rows": 2}),
            "capacity": forms.RadioSelect,
            "corridors": forms.CheckboxSelectMultiple,
            "areas": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "name": gettext_lazy("As you would say it on the phone: “Help with the electric bill”."),
            "eligibility": gettext_lazy("In plain words: who may come, and what they bring along."),
            "phone": gettext_lazy("Shown to everybody. Without one your organization’s public phone is shown."),
            "email": gettext_lazy("Shown to everybody."),
            "corridors": gettext_lazy("Leave streets and areas empty if you serve everybody."),
            "areas": gettext_lazy("Those that one of our streets runs through."),
            "schedule_note": gettext_lazy("For example: by appointment; closed on holidays."),
            "fees": gettext_lazy("For example: free."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service = self.instance
        stretches = _stretches(service)
        self.n_stretches = max(STRETCHES, *(len(rows) for rows in stretches.values())) if stretches else STRETCHES
        self.initial.setdefault("phone", "")
        self.initial["phone"] = show_phone(service.phone)
        self.initial["seen"] = service.changed_at.isoformat() if service.pk else ""
        others = [name_of(code) for code in service.languages if code not in dict(LANGUAGES)]
        self.initial["other_languages"] = ", ".join(others)
        languages, corridors, areas = (self.fields[name] for name in ("languages", "corridors", "areas"))
        assert isinstance(languages, forms.MultipleChoiceField)
        assert isinstance(corridors, forms.ModelMultipleChoiceField)
        assert isinstance(areas, forms.ModelMultipleChoiceField)
        languages.choices = LANGUAGES
        corridors.queryset = Corridor.objects.filter(is_public=True).order_by("name")
        areas.queryset = areas_to_choose(service)
        for day, name in enumerate(WEEKDAYS):
            for n in range(self.n_stretches):
                rows = stretches.get(day, [])
                self._add_times(day, str(name), n, rows[n] if n < len(rows) else (None, None))

    def _add_times(self, day: int, name: str, n: int, initial: tuple[time | None, time | None]) -> None:
        words = (_("%(day)s, from"), _("%(day)s, to")) if n == 0 else (_("%(day)s, again from"), _("%(day)s, again to"))
        for end, label, value in zip(("from", "to"), words, initial, strict=True):
            self.fields[f"{end}_{day}_{n}"] = forms.TimeField(
                label=label % {"day": name},
                required=False,
                initial=value,
                error_messages={"invalid": _("Write a time like 9:30 AM.")},
                input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p"],
                widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            )

    def hour_rows(self) -> list[dict[str, Any]]:
        """For the template: each weekday with its pairs of fields."""
        return [
            {"day": name, "pairs": [(self[f"from_{day}_{n}"], self[f"to_{day}_{n}"]) for n in range(self.n_stretches)]}
            for day, name in enumerate(WEEKDAYS)
        ]

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return normalize_phone(typed) if typed else ""

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_other_languages(self) -> list[str]:
        """Their codes. A word that means none is named, with what to write instead."""
        words = [word.strip() for word in re.split(r"[,;\n]", self.cleaned_data["other_languages"]) if word.strip()]
        codes = {word: code_of(word) for word in words}
        if unknown := [word for word, code in codes.items() if code is None]:
            raise forms.ValidationError(
                _("We don’t know “%(word)s”. Write the language’s name in English, or its code like “pt”."),
                params={"word": unknown[0][:40]},
            )
        return sorted({code for code in codes.values() if code})

    def clean_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["languages"] = sorted({*data.get("languages", []), *data.get("other_languages", [])})
        for day in range(7):
            last: time | None = None
            for n in range(self.n_stretches):
                last = self._check_stretch(day, n, last)
        return data

    def _check_stretch(self, day: int, n: int, last: time | None) -> time | None:
        """The end of this stretch, or of the one before."""
        names = (f"from_{day}_{n}", f"to_{day}_{n}")
        opens, closes = (self.cleaned_data.get(name) for name in names)
        if any(name in self.errors for name in names) or (opens is None and closes is None):
            return last
        if opens is None or closes is None:
            words = _("Write when it opens.") if opens is None else _("Write when it closes.")
            self.add_error(names[0] if opens is None else names[1], words)
        elif opens >= closes:
            self.add_error(names[1], _("The end lies before the beginning. Swap the two times."))
        elif last is not None and opens < last:
            self.add_error(names[0], _("This overlaps with the hours before it."))
        return closes or last

    def fields_of_service(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def hours(self) -> list[tuple[int, time, time]]:
        pairs = (
            (day, self.cleaned_data.get(f"from_{day}_{n}"), self.cleaned_data.get(f"to_{day}_{n}"))
            for day in range(7)
            for n in range(self.n_stretches)
        )
        return [(day, opens, closes) for day, opens, closes in pairs if opens is not None and closes is not None]

    def differing(self, current: Service) -> list[tuple[str, str]]:
        """Where the stored service says something else than what is typed: the field's label, and what it says now."""
        rows = []
        for name in self.Meta.fields:
            now, typed = getattr(current, name), self.cleaned_data.get(name)
            if name in {"corridors", "areas"}:
                now, typed = list(now.all()), list(typed or [])
            if (sorted(now) != typed) if name == "languages" else now != typed:
                rows.append((str(self.fields[name].label), _in_words(current, name, now)))
        return rows


def _in_words(service: Service, name: str, value: Any) -> str:
    if name in {"status", "capacity"}:
        return str(getattr(service, f"get_{name}_display")())
    if isinstance(value, list):
        says = {"needs": lambda need: Need(need).label, "languages": name_of}.get(name, str)
        return ", ".join(str(says(one)) for one in value) or "–"
    return "–" if value in (None, "") else str(value)


def _stretches(service: Service) -> dict[int, list[tuple[time | None, time | None]]]:
    found: dict[int, list[tuple[time | None, time | None]]] = {}
    if service.pk:
        for row in service.hours.all():
            found.setdefault(row.weekday, []).append((row.opens_at, row.closes_at))
    return found
