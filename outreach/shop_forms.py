"""What is typed about a shop."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Concern
from outreach.languages import LANGUAGES
from outreach.models import Shop
from outreach.models.card import MOST_CARDS
from outreach.said_of_people import WarnedForm
from outreach.shopping import answer_about
from walks.models import Walk


class ShopForm(WarnedForm, forms.ModelForm):
    """How and when it wants to be visited: about the shop, never about its people."""

    warned_fields = ("hours", "best_time", "do_not_visit_why")
    language = forms.ChoiceField(label=gettext_lazy("Language to speak there"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Shop
        fields = ("hours", "language", "best_time", "call_back_on", "do_not_visit", "do_not_visit_why")
        widgets = {"call_back_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {
            "hours": gettext_lazy("For example: Mon to Sat 7 to 3."),
            "best_time": gettext_lazy("For example: after the lunch rush."),
            "call_back_on": gettext_lazy("It stands on Today from that day on."),
            "do_not_visit": gettext_lazy("Every team sees it before it goes in."),
            "do_not_visit_why": gettext_lazy("For the desk only. Teams see that they should not go in, not why."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("not known")), *LANGUAGES]
        self.initial["seen"] = self.instance.changed_at.isoformat() if self.instance.pk else ""

    def told(self) -> dict[str, Any]:
        """What `save_shop` takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ConcernField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.category.name}, {obj.public_place or obj.address}"


class NoteForm(WarnedForm):
    """“You asked, this happened.”"""

    warned_fields = ("asked", "happened")
    asked = forms.CharField(label=gettext_lazy("You asked"), max_length=300)
    happened = forms.CharField(label=gettext_lazy("This happened"), max_length=300, required=False)
    concern = ConcernField(
        label=gettext_lazy("About"), queryset=Concern.objects.none(), required=False, to_field_name="public_id"
    )

    def __init__(self, *args: Any, near: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["concern"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Concern.objects.filter(pk__in=[one.pk for one in near]).select_related("category")
        field.empty_label = _("nothing on the list")

    def clean(self) -> dict[str, Any]:
        """With a concern and no words of their own, its story says what happened."""
        cleaned = super().clean()
        if cleaned.get("concern") and not cleaned.get("happened"):
            cleaned["happened"] = answer_about(cleaned["concern"])
        return cleaned


class CardsForm(forms.Form):
    """How many cards, for which walk."""

    n = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=MOST_CARDS,
        initial=50,
        help_text=gettext_lazy("Ten stand on a sheet."),
        error_messages={
            name: gettext_lazy("Print 1 to 400 cards at a time.") for name in ("min_value", "max_value", "invalid")
        },
    )
    walk = forms.ModelChoiceField(
        label=gettext_lazy("For the walk"),
        queryset=Walk.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=gettext_lazy("for any walk"),
    )
    second = forms.ChoiceField(label=gettext_lazy("Beside English in"))

    def __init__(self, *args: Any, walks: Any, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        walk, second = self.fields["walk"], self.fields["second"]
        assert isinstance(walk, forms.ModelChoiceField)
        assert isinstance(second, forms.ChoiceField)
        walk.queryset = walks
        second.choices = languages
