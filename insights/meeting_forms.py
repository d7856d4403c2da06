"""What people type about a meeting and a gap. What is allowed is decided by `insights.meetings` and `.filling`."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from concerns.promising_forms import _choose_from as choose_from
from concerns.promising_forms import day_input
from insights.filling import GapFields
from insights.meetings import FACTS, LONGEST, NOTE, SHORTEST, MeetingFields, version_of
from people.models import Organization
from walks.forms import ClockField
from walks.models import Gap, Meeting, Walk
from walks.times import read_local

NO_DAY = _("This isn’t a day. Write it like 2026-12-24.")


class MeetingForm(forms.Form):
    """When and where, on the coalition's clock."""

    public_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Give the meeting a name.")})
    day = forms.DateField(
        label=_("Day"), widget=day_input(), error_messages={"invalid": NO_DAY, "required": _("Choose a day.")}
    )
    clock = ClockField(label=_("From"))
    minutes = forms.IntegerField(
        label=_("How long, in minutes"),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=60,
        error_messages={
            "min_value": _("A meeting takes 5 to 720 minutes."),
            "max_value": _("A meeting takes 5 to 720 minutes."),
            "invalid": _("Write a whole number of minutes, like 60."),
        },
    )
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    agenda = forms.CharField(
        label=_("What you want to talk about"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One thing a line. Open promises and gaps are put on the agenda by themselves."),
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.initial.setdefault("public_id", uuid.uuid4())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("day") and cleaned.get("clock"):
            try:
                cleaned["starts_at"] = read_local(cleaned["day"], cleaned["clock"], self.zone)
            except (ValidationError, OverflowError) as error:
                self.add_error("clock", error if isinstance(error, ValidationError) else NO_DAY)
        return cleaned

    def meeting_fields(self) -> MeetingFields:
        return {name: self.cleaned_data[name] for name in FACTS}  # type: ignore[return-value]


def form_of_meeting(meeting: Meeting, *args: Any, zone: ZoneInfo) -> MeetingForm:
    """The form with what the meeting says now."""
    local = meeting.starts_at.astimezone(zone)
    initial = {name: getattr(meeting, name) for name in ("title", "minutes", "place", "agenda")}
    initial |= {"day": local.date(), "clock": local.time(), "seen": version_of(meeting, FACTS)}
    return MeetingForm(*args, initial=initial, zone=zone)


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Notes"), max_length=4000, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 10})
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note-%s"} | kwargs)


def form_of_note(meeting: Meeting, *args: Any) -> NoteForm:
    return NoteForm(*args, initial={"note": meeting.note, "seen": version_of(meeting, NOTE)})


class GapForm(forms.Form):
    """One step for somebody who is missing. `meeting` is the public id of the one where it was decided."""

    public_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    meeting = forms.UUIDField(widget=forms.HiddenInput, required=False)
    who = forms.ChoiceField(
        label=_("Who is missing"),
        choices=Gap.Who.choices,
        error_messages={"required": _("Choose who is missing."), "invalid_choice": _("Choose who is missing.")},
    )
    how = forms.ChoiceField(
        label=_("What we do"),
        choices=Gap.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you do."), "invalid_choice": _("Choose what you do.")},
    )
    organization = forms.ModelChoiceField(
        label=_("Organization to invite"),
        queryset=Organization.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("none"),
        error_messages={"invalid_choice": _("Choose one of the organizations in the list.")},
    )
    mail = forms.BooleanField(
        label=_("Mail them an invitation to the next meeting"), required=False, help_text=_("In their own language.")
    )
    walk = forms.ModelChoiceField(
        label=_("Walk on which a role stays open"),
        queryset=Walk.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=_("none"),
        error_messages={"invalid_choice": _("Choose one of the walks in the list.")},
    )
    plan = forms.CharField(label=_("In words"), max_length=300, required=False)
    due_on = forms.DateField(
        label=_("By when"),
        widget=day_input(),
        error_messages={"invalid": NO_DAY, "required": _("Say by when: choose a day.")},
    )

    def __init__(self, *args: Any, organizations: Iterable[Organization], walks: Iterable[Walk], **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "gap-%s"} | kwargs)
        self.initial.setdefault("public_id", uuid.uuid4())
        self.initial.setdefault("due_on", timezone.localdate() + timedelta(days=14))
        choose_from(self, "organization", organizations, lambda one: one.name)
        choose_from(self, "walk", walks, words_of_walk)

    def clean(self) -> dict[str, Any]:
        """Only what belongs to the step chosen is kept."""
        cleaned = super().clean() or {}
        how = cleaned.get("how")
        if how == Gap.How.INVITED and not cleaned.get("organization") and "organization" not in self.errors:
            self.add_error("organization", _("Choose the organization that is invited."))
        if how == Gap.How.ROLE_OPEN and not cleaned.get("walk") and "walk" not in self.errors:
            self.add_error("walk", _("Choose the walk on which a role stays open for them."))
        if how == Gap.How.PLAN and not cleaned.get("plan") and "plan" not in self.errors:
            self.add_error("plan", _("Say in words what you do."))
        if how != Gap.How.INVITED:
            cleaned["organization"], cleaned["mail"] = None, False
        if how != Gap.How.ROLE_OPEN:
            cleaned["walk"] = None
        return cleaned

    def gap_fields(self) -> GapFields:
        """Up to one query."""
        names = ("who", "how", "plan", "organization", "walk", "due_on")
        fields: Any = {name: self.cleaned_data[name] for name in names}
        asked = self.cleaned_data["meeting"]
        return fields | {"meeting": Meeting.objects.filter(public_id=asked).first() if asked else None}


def words_of_walk(walk: Walk) -> str:
    return f"{date_format(walk.meet_at.astimezone(walk.zone), 'D j M')}: {walk.title}"
