"""What is typed at the desk about having met somebody, and what a coordinator adds with a yes."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.report_forms import SentOnceForm
from corridors.models import Landmark, Segment
from outreach.cards import card_of
from outreach.contacting import HelpAsked
from outreach.coordinating_forms import WriteDownForm
from outreach.models import Card, Contact, Need
from outreach.said_of_people import WarnedForm
from people.models import User
from walks.models import Walk

WALKS_BACK = timedelta(days=120)


def walks_of(user: User) -> Any:
    """Walks that a contact may be of: lately begun ones; a walk lead's own."""
    now = timezone.now()
    rows = Walk.objects.current().filter(meet_at__gte=now - WALKS_BACK, meet_at__lte=now + timedelta(hours=12))
    if not user.is_organizer:
        rows = Walk.objects.current().filter(lead=user.person_id)
    return rows.order_by("-meet_at")


class _WalkField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title}, {timezone.localtime(obj.meet_at):%Y-%m-%d}"


class _BlockField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.corridor.name}: {obj.name}"


class ContactForm(WarnedForm, SentOnceForm):
    """Whom, what came of it, what about, where and when. Nothing of who it was."""

    hide_optional = True

    walk = _WalkField(
        label=_("On which walk?"),
        queryset=Walk.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("none"),
    )
    kind = forms.ChoiceField(
        label=_("Whom?"),
        choices=Contact.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whom: a shop, a resident, a passer-by or a door.")},
    )
    result = forms.ChoiceField(
        label=_("What came of it?"),
        choices=Contact.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came of it.")},
    )
    needs = forms.MultipleChoiceField(
        label=_("What about?"), choices=Need.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    segment = _BlockField(
        label=_("Which block?"),
        queryset=Segment.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("not said"),
    )
    landmark = forms.ModelChoiceField(
        label=_("Which shop?"),
        queryset=Landmark.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("none"),
    )
    day = forms.DateField(
        label=_("Which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This isn’t a day. Write it like 2026-11-21.")},
    )
    at = forms.TimeField(
        label=_("At what time?"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("This isn’t a time. Write it like 14:30.")},
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("About the place or the need, never about who."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    card = forms.CharField(
        label=_("Code of the card that they got"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found_card: Card | None = None
        fields: dict[str, Any] = self.fields
        fields["walk"].queryset = walks_of(by)
        fields["walk"].required = not by.is_organizer
        fields["walk"].error_messages["required"] = _("Choose one of the walks that you lead.")
        fields["segment"].queryset = (
            Segment.objects.current().select_related("corridor").order_by("corridor__name", "position")
        )
        fields["landmark"].queryset = Landmark.objects.filter(kind=Landmark.Kind.BUSINESS).order_by("name")

    def clean_card(self) -> str:
        typed: str = self.cleaned_data["card"].strip()
        if typed:
            self.found_card = card_of(typed)
            if self.found_card is None:
                raise forms.ValidationError(
                    _("We don’t find this card. Its code has sixteen letters and digits; look at it again.")
                )
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "form_token" in self.errors:
            self.renew()
        day = cleaned.get("day")
        if day is not None and "at" not in self.errors:
            cleaned["captured_at"] = self._moment(day, cleaned.get("at"), cleaned.get("walk"))
            if cleaned["captured_at"] > timezone.now():
                self.add_error("day", _("That is still to come. Give the day on which you met."))
        return cleaned

    def _moment(self, day: Any, at: time | None, walk: Walk | None) -> datetime:
        """Without a time: when the walk of that day began; today it is now; else noon."""
        if at is None and walk is not None and timezone.localtime(walk.meet_at).date() == day:
            return walk.meet_at
        if at is None and day == timezone.localdate():
            return timezone.now()
        return timezone.make_aware(datetime.combine(day, at or time(12)))

    def contact_fields(self) -> dict[str, Any]:
        """What `write_down_contact` takes."""
        names = ("walk", "kind", "result", "needs", "captured_at", "segment", "landmark", "note")
        return {name: self.cleaned_data[name] for name in names} | {
            "form_token": self.token,
            "card": self.found_card,
        }


class HelpAskedForm(WriteDownForm):
    """They want help and said yes: what may be done with it, and what they told. The needs are the contact's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="help", **kwargs)
        del self.fields["needs"]

    def help_asked(self) -> HelpAsked:
        return HelpAsked(self.token, self.yes(), self.asked())
