"""Forms of the admin's own pages for concerns, and of categories."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Category, Concern, Question
from concerns.publishing import STRICTNESS
from corridors.fields import StrictGeometryField
from corridors.models import Segment, Side
from office.widgets import PointPick
from walks.admin import WalkChoice
from walks.models import Walk

MOST_FIX_DAYS = 1000


class HideForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is hidden"),
        max_length=200,
        help_text=gettext_lazy("For the team and the record: shows a face, wrong place, not ours to publish …"),
    )


class SameAsForm(forms.Form):
    """Which concern the chosen ones are the same as: one of those shown, or another by its number."""

    of = forms.ModelChoiceField(queryset=Concern.objects.none(), required=False, widget=forms.RadioSelect)
    number = forms.CharField(
        label=gettext_lazy("Or its number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("The long one from its address, or its first eight characters."),
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["of"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = candidates

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = (data.get("number") or "").strip().lower()
        if typed:
            data["of"] = concern_by_number(typed)
            if data["of"] is None:
                self.add_error("number", _("No single concern has this number. Copy it from the concern’s page."))
        elif not data.get("of") and "of" not in self.errors:
            self.add_error("of", _("Choose the one that stays."))
        return data


def concern_by_number(typed: str) -> Concern | None:
    """The concern with this public id, or the only one whose id begins with these eight characters or more."""
    try:
        return Concern.objects.filter(public_id=UUID(typed)).first()
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9a-f]{8}[0-9a-f-]*", typed):
        return None
    start = typed.replace("-", "")[:32]
    low, high = UUID(start.ljust(32, "0")), UUID(start.ljust(32, "f"))
    found = list(Concern.objects.filter(public_id__range=(low, high))[:2])
    return found[0] if len(found) == 1 else None


class RecategoriseForm(forms.Form):
    category = forms.ModelChoiceField(label=gettext_lazy("The right kind"), queryset=Category.objects.none())

    def __init__(self, *args: Any, concern: Concern, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.filter(is_active=True).exclude(pk=concern.category_id)


class MoveToWalkForm(forms.Form):
    walk = WalkChoice(
        label=gettext_lazy("The right walk"), queryset=Walk.objects.none(), required=False,
        empty_label=gettext_lazy("no walk"),
    )  # fmt: skip

    def __init__(self, *args: Any, concern: Concern, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["walk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Walk.objects.current().exclude(pk=concern.walk_id or 0)


class BlockChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.corridor} · {obj.name}"


class RePlaceForm(forms.Form):
    """A pin, an address, or both; the block follows the pin unless one is chosen."""

    location = StrictGeometryField(label=gettext_lazy("Place"), types=("Point",), required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    segment = BlockChoice(
        label=gettext_lazy("Block"), queryset=Segment.objects.none(), required=False,
        empty_label=gettext_lazy("the nearest one"),
    )  # fmt: skip
    side = forms.ChoiceField(
        label=gettext_lazy("Side"),
        choices=[("", gettext_lazy("where the pin is")), *Side.choices],
        required=False,
        help_text=gettext_lazy("Seen along the line of the corridor."),
    )

    def __init__(self, *args: Any, map_data: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].widget = PointPick(data=map_data)
        field = self.fields["segment"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Segment.objects.current().select_related("corridor")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("location") and not data.get("address") and "location" not in self.errors:
            self.add_error("location", _("Put the pin on the map, or write an address."))
        return data


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = [
            "code", "group", "is_group_default", "name_en", "name_es", "cpted", "safety_en", "safety_es",
            "publication_rule", "needs_dark", "relook_days", "duplicate_m", "default_owner", "position", "is_active",
            "same_by", "duplicate_days", "fix_days", "fix_in_working_days", "false_close_days",
        ]  # fmt: skip

    def clean_fix_days(self) -> int | None:
        """A time that nobody can keep, or none: never "fixed within 0 days", which is late at once."""
        days: int | None = self.cleaned_data["fix_days"]
        if days is not None and not 1 <= days <= MOST_FIX_DAYS:
            raise ValidationError(_("Give 1 to %(most)d days, or leave it empty."), params={"most": MOST_FIX_DAYS})
        return days

    def clean_publication_rule(self) -> str:
        """Stricter at any time; looser never, or places of houses that were counted only would show."""
        rule: str = self.cleaned_data["publication_rule"]
        if self.instance.pk and STRICTNESS[rule] < STRICTNESS[self.initial["publication_rule"]]:
            raise ValidationError(
                _("It can only be made stricter: what was recorded under the old promise stays under it.")
            )
        return rule


class QuestionForm(forms.ModelForm):
    class Meta:
        model = Question
        fields = ["category", "code", "kind", "label_en", "label_es", "options", "hint", "position", "is_active"]
        widgets = {"options": forms.Textarea(attrs={"rows": 6, "cols": 60, "spellcheck": "false"})}

    def clean_options(self) -> list[dict[str, str]]:
        options = self.cleaned_data["options"] or []
        if not isinstance(options, list):
            raise ValidationError(_("Write a list: [ … ]."))
        seen: set[str] = set()
        for number, option in enumerate(options, start=1):
            problem = _option_problem(option, seen)
            if problem:
                raise ValidationError(_("Answer %(n)d: %(problem)s"), params={"n": number, "problem": problem})
            seen.add(option["code"])
        return options

    def clean_hint(self) -> str:
        hint: str = self.cleaned_data["hint"]
        try:
            re.compile(hint)
        except re.error as error:
            raise ValidationError(
                _("This is not a pattern that works: %(why)s."), params={"why": str(error)}
            ) from error
        return hint

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") in {Question.Kind.ONE, Question.Kind.MANY} and "options" in data and not data["options"]:
            self.add_error("options", _("A question of this kind needs answers to choose from."))
        return data


def _option_problem(option: Any, seen: set[str]) -> str:
    """What is wrong with one answer of a question; empty where it is fine."""
    if not isinstance(option, dict) or not isinstance(option.get("code"), str):
        return _('write it like {"code": "out", "en": "Out", "es": "Apagada"}.')
    if not re.fullmatch(r"[a-z0-9_]{1,30}", option["code"]):
        return _("the code may have small letters, numbers and _ only.")
    if option["code"] in seen:
        return _("this code is there twice.")
    if not all(isinstance(option.get(language), str) and option[language].strip() for language in ("en", "es")):
        return _("it needs words in English (en) and Spanish (es).")
    return ""
