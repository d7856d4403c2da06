"""What is printed, and what is typed in from a sheet that came back."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.again import lit_at
from concerns.models import Category, Concern
from concerns.workflow import LookResult
from corridors.models import Segment, Side
from field.paper import CONCERNS_A_PAGE
from outreach.models import Contact
from people.roles import AgeBand
from walks.models import Sheet, Team, Walk
from walks.sun import Lit
from walks.times import read_later, read_local

COVER = "cover"
PARTS: list[tuple[str, Any]] = [(COVER, _("cover")), *Sheet.Kind.choices]
MOST_COPIES = 6
MOST_TALLY = 99
MAX_NAME = 120


class PackForm(forms.Form):
    """Which parts, for which teams, in which language."""

    parts = forms.MultipleChoiceField(
        label=_("Parts"), choices=PARTS, widget=forms.CheckboxSelectMultiple, initial=[value for value, _l in PARTS],
        error_messages={"required": _("Tick at least one part.")},
    )  # fmt: skip
    teams = forms.MultipleChoiceField(
        label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: all of them.")
    )
    language = forms.ChoiceField(
        label=_("Language of the sheets"),
        choices=[("both", _("English and Spanish")), ("en", "English"), ("es", "Español")],
        widget=forms.RadioSelect,
        initial="both",
    )
    copies = forms.IntegerField(
        label=_("Concern sheets for each team"), min_value=1, max_value=MOST_COPIES, initial=1,
        help_text=_("Four concerns fit on one."),
    )  # fmt: skip

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].choices = [(str(team.pk), str(team)) for team in teams]  # type: ignore[attr-defined]
        if not teams:
            del self.fields["teams"]

    @property
    def team_ids(self) -> set[int] | None:
        chosen = self.cleaned_data.get("teams")
        return {int(pk) for pk in chosen} if chosen else None


class BackForm(forms.Form):
    """Sheets that were ticked, and what became of them."""

    numbers = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": _("Tick the sheets first.")})
    how = forms.ChoiceField(choices=[("back", ""), ("blank", ""), ("out", "")])

    def __init__(self, *args: Any, walk: Walk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = walk.sheets.values_list("number", flat=True)
        self.fields["numbers"].choices = [(n, n) for n in numbers]  # type: ignore[attr-defined]


class LineForm(forms.Form):
    """One line of a concern sheet. Empty lines are left out."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    category = forms.ModelChoiceField(Category.objects.none(), label=_("What is it?"), required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    face = forms.ChoiceField(label=_("or block and side"), required=False)
    note = forms.CharField(
        label=_("What they saw"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    clock = forms.TimeField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": _("Write the time like 14:35 or 2:35 PM.")},
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p"],
    )  # fmt: skip
    lit = forms.ChoiceField(label=_("Light"), choices=[("", _("by the time")), *Lit.choices], required=False)

    hide_optional = True  # whole lines are
    filled: ClassVar = ("category", "address", "face", "note", "clock")

    def __init__(
        self, *args: Any, walk: Walk, faces: list[tuple[str, str]], kinds: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.walk = walk
        self.initial.setdefault("token", uuid.uuid4())
        category: Any = self.fields["category"]
        category.queryset = Category.objects.filter(is_active=True)
        category.choices = [("", "–"), *kinds.items()]
        self.fields["face"].choices = [("", "–"), *faces]  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        """Nothing typed. Reads what was sent."""
        return not any(str(self.data.get(self.add_prefix(name), "")).strip() for name in self.filled)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("category") and "category" not in self.errors:
            self.add_error("category", _("Choose what it is."))
        if not cleaned.get("address") and not cleaned.get("face") and "face" not in self.errors:
            self.add_error("address", _("Say where: an address, or a block and its side."))
        if "clock" not in self.errors:
            cleaned["seen_at"] = self._seen_at(cleaned.get("clock"))
        return cleaned

    def _seen_at(self, clock: Any) -> datetime | None:
        """On the day of the walk, on its clock; where nobody wrote a time, when the walk stepped off."""
        walk = self.walk
        if clock is None:
            return walk.step_off_at
        day = walk.meet_at.astimezone(walk.zone).date()
        try:
            early = read_local(day, clock, walk.zone)
            seen_at = early if early >= walk.meet_at else read_later(day, clock, walk.zone, after=walk.meet_at)
        except ValidationError as error:
            self.add_error("clock", error)
            return None
        if seen_at > timezone.now():
            self.add_error("clock", _("That is still to come. Write the time on the sheet."))
        return seen_at

    def fields_of(self) -> dict[str, Any]:
        """For `type_concern`."""
        cleaned = self.cleaned_data
        segment, side = self._face(cleaned.get("face") or "")
        seen_at = cleaned["seen_at"]
        place = segment.line.centroid if segment else self.walk.corridor.line.centroid
        return {
            "token": cleaned.get("token") or uuid.uuid4(),
            "category": cleaned["category"],
            "address": cleaned.get("address", ""),
            "segment": segment,
            "side": side,
            "note": cleaned.get("note", ""),
            "seen_at": seen_at,
            "lit": cleaned.get("lit") or lit_at(place, seen_at, self.walk.zone),
        }

    def _face(self, value: str) -> tuple[Segment | None, str]:
        pk, _colon, side = value.partition(":")
        return (Segment.objects.get(pk=int(pk)), side) if pk else (None, "")


def line_forms(walk: Walk, data: Any = None) -> list[LineForm]:
    faces = faces_of(walk)
    # The numbers that stand on the sheet, so that they can be typed.
    active = Category.objects.filter(is_active=True)
    kinds = {category.pk: f"{n} {category.name}" for n, category in enumerate(active, start=1)}
    return [
        LineForm(data, walk=walk, faces=faces, kinds=kinds, prefix=f"line{n}", use_required_attribute=False)
        for n in range(CONCERNS_A_PAGE)
    ]


def faces_of(walk: Walk) -> list[tuple[str, str]]:
    """Both sides of every block, in walking order. One query."""
    told = []
    for segment in walk.corridor.segments.current():
        segment.corridor = walk.corridor
        told += [(f"{segment.pk}:{side}", f"{segment.name}, {segment.compass_side(side)}") for side in Side.values]
    return told


class HeadsForm(forms.Form):
    """How many people by age, as counted on the sign-in sheet."""

    hide_optional = True

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    names = forms.CharField(
        label=_("Grown-ups who signed in a blank row"),
        help_text=_("One name a line. Young people of 13 to 17 need a guardian’s yes first: only count them below."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, walk: Walk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        for band in AgeBand:
            self.fields[band.value] = forms.IntegerField(
                label=band.label, min_value=0, max_value=999, required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip

    def clean_names(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if any(len(name) > MAX_NAME for name in names):
            raise ValidationError(_("One name is longer than %(n)d letters. Write one name a line.") % {"n": MAX_NAME})
        return names

    @property
    def bands(self) -> dict[str, int]:
        return {band.value: self.cleaned_data.get(band.value) or 0 for band in AgeBand}


class AgainForm(forms.Form):
    """What is ticked on a look-again list: for each concern what was seen, and a word. Empty lines are left out."""

    hide_optional = True

    lit = forms.ChoiceField(label=_("Light"), choices=[("", _("by the time")), *Lit.choices], required=False)

    def __init__(self, *args: Any, items: Sequence[Concern], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for n, concern in enumerate(items, start=1):
            told = {"n": n, "what": concern.category.name}
            self.fields[f"result-{concern.pk}"] = forms.ChoiceField(
                label=_("%(n)d %(what)s: what they saw") % told,
                choices=[("", "–"), *LookResult.choices],
                required=False,
            )
            self.fields[f"note-{concern.pk}"] = forms.CharField(
                label=_("%(n)d %(what)s: a word") % told, max_length=500, required=False
            )

    def lines(self) -> list[tuple[int, Concern, forms.BoundField, forms.BoundField]]:
        """Number, concern, and its two fields, in the order of the sheet."""
        return [
            (n, concern, self[f"result-{concern.pk}"], self[f"note-{concern.pk}"])
            for n, concern in enumerate(self.items, start=1)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for concern in self.items:
            if cleaned.get(f"note-{concern.pk}") and not cleaned.get(f"result-{concern.pk}"):
                self.add_error(f"result-{concern.pk}", _("Choose what they saw, or take the words away."))
        return cleaned

    def ticked(self) -> list[tuple[Concern, str, str]]:
        """Each concern with a result, the result and the words."""
        told = self.cleaned_data
        return [
            (concern, told[f"result-{concern.pk}"], told[f"note-{concern.pk}"])
            for concern in self.items
            if told.get(f"result-{concern.pk}")
        ]


class TallyForm(forms.Form):
    """How many lines stand in each box of the contact tally: one field for each kind and result."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        for kind, kind_label in Contact.Kind.choices:
            for result, result_label in Contact.Result.choices:
                self.fields[f"{kind}-{result}"] = forms.IntegerField(
                    label=f"{kind_label}: {result_label}", min_value=0, max_value=MOST_TALLY, required=False,
                    widget=forms.NumberInput(
                        attrs={"inputmode": "numeric", "aria-label": f"{kind_label}: {result_label}"}
                    ),
                )  # fmt: skip

    def grid(self) -> list[tuple[str, list[forms.BoundField]]]:
        """A row for each result with a field for each kind."""
        return [
            (str(label), [self[f"{kind}-{result}"] for kind in Contact.Kind.values])
            for result, label in Contact.Result.choices
        ]

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        return {
            (kind, result): n
            for kind in Contact.Kind.values
            for result in Contact.Result.values
            if (n := self.cleaned_data.get(f"{kind}-{result}"))
        }
