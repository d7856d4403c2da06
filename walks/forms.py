"""Forms of the desk: a walk, calling it off, adding somebody, a guardian's yes."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from corridors.fields import StrictGeometryField
from corridors.models import Corridor, Landmark
from office.models import Coalition, check_time_zone
from office.widgets import PointPick
from people.contact import normalize_phone, read_contact
from people.models import Organization, Person
from people.roles import STORED_AGE_BANDS, AgeBand
from walks.features import pick_features
from walks.languages import OWN_NAMES, choices_of
from walks.models import GuardianConsent, Purpose, Rating, Walk, YesNoUnsure
from walks.roster import MAX_TEAMS
from walks.times import read_later, read_local

MOST_PEOPLE_TO_CHOOSE = 500
MOST_PEOPLE_AT_ONCE = 60
POLICE = [("", _("not said")), ("yes", _("yes")), ("no", _("no"))]


class ClockField(forms.TimeField):
    """A time on a clock; `2:00 PM`, `2 pm` and `14:00` are all understood."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "input_formats": ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"],
            "error_messages": {"invalid": _("Write a time like 2:00 PM or 14:00.")},
            "widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        super().__init__(**defaults | kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip().upper().replace(".", "") if isinstance(value, str) else value)


class WalkForm(forms.ModelForm):
    """A walk as people speak of it: a day and three times on the clock of its own zone."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write a day like 2026-12-02.")},
    )
    meet_clock = ClockField(label=_("Meet"))
    step_off_clock = ClockField(label=_("Step off"))
    end_clock = ClockField(label=_("Back by"))
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, validators=[check_time_zone])
    meeting_location = StrictGeometryField(
        types=("Point",), label=_("Meeting point on the map"), required=False, widget=PointPick
    )
    purposes = forms.MultipleChoiceField(
        label=_("What the walk is for"),
        choices=Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages on the walk"),
        choices=list(OWN_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    wheelchair = forms.ChoiceField(
        label=_("Wheelchair and stroller"), choices=YesNoUnsure.choices, widget=forms.RadioSelect
    )
    police_walk_along = forms.ChoiceField(
        label=_("Police walk with us"), choices=POLICE, widget=forms.RadioSelect, required=False
    )
    ratings = forms.MultipleChoiceField(
        label=_("How a block feels: what teams may rate"),
        help_text=_("From bad to good, one tap each, never required. Two are enough for most walks."),
        choices=Rating.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    tell = forms.BooleanField(
        label=_("Tell everybody who signed up"),
        help_text=_("When the time or the meeting point changes. They get a mail with what was and what is."),
        required=False,
        initial=True,
    )
    tell_words = forms.CharField(
        label=_("A word about the change"),
        help_text=_("Goes with the mail: why, or what to mind."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    clocks = ("meet_clock", "step_off_clock", "end_clock")

    class Meta:
        model = Walk
        fields = (
            *("corridor", "title", "meeting_landmark", "meeting_place", "meeting_location", "facilities"),
            *("time_zone", "purposes", "capacity", "lead_organization", "lead", "languages", "wheelchair"),
            *("wheelchair_note", "police_walk_along", "weather_rule", "note", "internal_note"),
            *("designee_name", "designee_phone", "ratings"),
        )
        widgets = {
            "note": forms.Textarea(attrs={"rows": 4}),
            "internal_note": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "title": _("What people read in the list: Lawn to Van Brunt, by day."),
            "capacity": _("Leave it empty if there is room for everybody."),
            "note": _("Everybody reads this: what to bring, what we do."),
            "internal_note": _("Only organizers and the walk lead read this."),
            "weather_rule": _("For example: if it storms we call it off by 11:00 AM."),
            "lead": _("Somebody with a sign-in, of a partner organization, or signed up for this walk."),
            "designee_phone": _("Teams call it from their phones when they need help, also without signal for data."),
            "lead_organization": _("People read its name on the walk’s page."),
        }
        error_messages = {
            "corridor": {"required": _("Choose the corridor that the walk follows.")},
            "title": {"required": _("Give the walk a title.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = Walk(**{f: getattr(self.instance, f) for f in ("meeting_location",)})
        self._offer_choices()
        self._show_times()

    def _offer_choices(self) -> None:
        corridors = list(Corridor.objects.all())
        landmarks = list(Landmark.objects.all())
        self.landmarks = {
            str(place.pk): {
                "lat": place.location.y,
                "lon": place.location.x,
                "name": place.name,
                "facilities": place.facilities,
            }
            for place in landmarks
        }
        self.fields["meeting_location"].widget = PointPick(data=pick_features(corridors, landmarks))
        self._choose("corridor", corridors)
        self._choose("meeting_landmark", landmarks, empty=_("none of these"))
        organizations = list(Organization.objects.current())
        self._choose("lead_organization", organizations, empty=_("not named yet"))
        self._choose("lead", self._people_to_lead(), empty=_("not named yet"))

    def _people_to_lead(self) -> list[Person]:
        return list(people_to_lead(self.instance))

    def _choose(self, name: str, rows: list[Any], *, empty: Any = "---------") -> None:
        """Offer rows that were read already, so that drawing the select costs no query."""
        field: Any = self.fields[name]
        field.queryset = field.queryset.model.objects.filter(pk__in=[row.pk for row in rows])
        field.choices = [("", empty), *((row.pk, str(row)) for row in rows)]

    def _show_times(self) -> None:
        walk = self.instance
        self.fields["time_zone"].initial = walk.time_zone if walk.pk else Coalition.current().time_zone
        if not walk.pk:
            self.initial["time_zone"] = self.fields["time_zone"].initial
            defaults = {
                "police_walk_along": "",
                "languages": walk.languages,
                "wheelchair": walk.wheelchair,
                "ratings": walk.ratings,
            }
            self.initial = defaults | dict(self.initial)
            return
        meet, step_off, end = (moment.astimezone(walk.zone) for moment in (walk.meet_at, walk.step_off_at, walk.end_at))
        self.initial.update(
            day=meet.date(),
            meet_clock=meet.time(),
            step_off_clock=step_off.time(),
            end_clock=end.time(),
            seen=walk.updated_at.isoformat(),
            police_walk_along={True: "yes", False: "no", None: ""}[walk.police_walk_along],
        )

    def clean_police_walk_along(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["police_walk_along"])

    def clean_designee_phone(self) -> str:
        typed = self.cleaned_data["designee_phone"]
        return normalize_phone(typed) if typed else ""

    def clean_meeting_location(self) -> Any:
        """A pin that wasn't touched comes back rounded; that isn't a move."""
        pin, was = self.cleaned_data["meeting_location"], self.before.meeting_location
        return was if pin and was and pin.equals_exact(was, 2e-6) else pin

    def clean_seen(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._read_times(cleaned)
        self._follow_landmark(cleaned)
        self._check_designee(cleaned)
        return cleaned

    def _check_designee(self, cleaned: dict[str, Any]) -> None:
        name, phone = cleaned.get("designee_name"), cleaned.get("designee_phone")
        if name and not phone and "designee_phone" not in self.errors:
            self.add_error("designee_phone", _("Write their number, too: teams call it when they need help."))
        elif phone and not name:
            self.add_error("designee_name", _("Write whose number it is."))

    def _read_times(self, cleaned: dict[str, Any]) -> None:
        day, zone_name = cleaned.get("day"), cleaned.get("time_zone")
        if not day or not zone_name:
            return
        zone = ZoneInfo(zone_name)
        previous: datetime | None = None
        for clock, name in zip(self.clocks, ("meet_at", "step_off_at", "end_at"), strict=True):
            if cleaned.get(clock) is None:
                return
            try:
                if previous is None:
                    previous = read_local(day, cleaned[clock], zone)
                else:
                    previous = read_later(day, cleaned[clock], zone, after=previous)
            except ValidationError as error:
                self.add_error(clock, error)
                return
            cleaned[name] = previous
        self._check_order(cleaned)

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        if cleaned["step_off_at"] < cleaned["meet_at"]:
            self.add_error("step_off_clock", _("“Step off” comes before “meet”. Put it at the same time or later."))
        elif cleaned["end_at"] <= cleaned["step_off_at"]:
            self.add_error("end_clock", _("“Back by” must be later than “step off”."))

    def _follow_landmark(self, cleaned: dict[str, Any]) -> None:
        """Choosing another known meeting point without touching words and pin means: its words, its pin."""
        landmark = cleaned.get("meeting_landmark")
        if not landmark or "meeting_landmark" not in self.changed_data:
            return
        if "meeting_place" not in self.changed_data or not cleaned.get("meeting_place"):
            cleaned["meeting_place"] = landmark.name
        if "meeting_location" not in self.changed_data or not cleaned.get("meeting_location"):
            cleaned["meeting_location"] = landmark.location

    def _post_clean(self) -> None:
        """The action validates the whole walk; the form's instance stays as it was read."""

    def walk_fields(self) -> dict[str, Any]:
        """What `schedule_walk` and `change_walk` take."""
        apart = {"day", "tell", "tell_words", "seen", *self.clocks}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


class WalkNotesForm(forms.ModelForm):
    """What a walk lead may write about their own walk: not the day, the corridor or who leads."""

    tell = forms.BooleanField(required=False, widget=forms.HiddenInput)
    seen = WalkForm.base_fields["seen"]

    class Meta:
        model = Walk
        fields = ("note", "internal_note", "weather_rule")
        widgets = WalkForm.Meta.widgets
        help_texts = WalkForm.Meta.help_texts

    landmarks: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.updated_at.isoformat()

    clean_seen = WalkForm.clean_seen

    def _post_clean(self) -> None:
        """See WalkForm."""

    def walk_fields(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def people_to_lead(walk: Walk) -> QuerySet[Person]:
    """Adults whom somebody may name as a walk's lead."""
    known = Q(user__isnull=False) | Q(memberships__isnull=False)
    if walk.pk:
        known |= Q(signups__walk=walk) | Q(pk=walk.lead_id)
    adults = Person.objects.current().exclude(age_band=AgeBand.TEEN)
    return adults.filter(known, anonymized_at=None).distinct()[:MOST_PEOPLE_TO_CHOOSE]


class CallOffForm(forms.Form):
    """Why a walk is called off. A walk lead may do it for the weather only."""

    WEATHER = "weather"
    kind = forms.ChoiceField(
        label=_("Why"),
        choices=[(WEATHER, _("the weather")), ("other", _("something else"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why: people will read it.")},
    )
    reason = forms.CharField(
        label=_("In your words"),
        help_text=_("Everybody who signed up reads this, and it stands on the walk’s page."),
        max_length=250,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    at_once = forms.BooleanField(
        label=_("Send the mail at once"),
        help_text=_("Without this it waits a minute, and you can take everything back."),
        required=False,
    )

    def __init__(self, *args: Any, weather_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if weather_only:
            kind: Any = self.fields["kind"]
            kind.choices = [(self.WEATHER, _("the weather"))]
            kind.initial = self.WEATHER

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == "other" and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why: people will read it."))
        return cleaned

    def words(self) -> str:
        reason = self.cleaned_data["reason"].strip()
        if self.cleaned_data["kind"] != self.WEATHER:
            return str(reason)
        return str(_("The weather. %(words)s") % {"words": reason}).strip()


class ContactField(forms.CharField):
    """One box for an e-mail address or a phone number; its value is `(email, phone)`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def clean(self, value: Any) -> Any:
        return read_contact(super().clean(value))


class OrganizationField(forms.ChoiceField):
    """One of the coalition's organizations, “just me”, or “mine isn't here”; its value is an Organization or None."""

    OTHER = "other"

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"required": False, "label": _("Who are you coming with?")}
        super().__init__(**defaults | kwargs)

    def offer(self, organizations: list[Organization]) -> None:
        self.rows = {str(row.public_id): row for row in organizations}
        offered = [(key, row.name) for key, row in self.rows.items()]
        self.choices = [("", _("just me")), *offered, (self.OTHER, _("mine isn’t in the list"))]

    def clean(self, value: Any) -> Any:
        return self.rows.get(str(super().clean(value)))


class RosterAddForm(forms.Form):
    """Somebody an organizer puts on the roster."""

    name = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Write a name.")})
    contact = ContactField(
        label=_("E-mail or phone"), required=False, help_text=_("Empty if they have neither; they can still come.")
    )
    organization = OrganizationField(label=_("Organization"))
    age_band = forms.ChoiceField(
        label=_("Age"), choices=[(band.value, band.label) for band in STORED_AGE_BANDS], initial=AgeBand.UNKNOWN
    )
    language = forms.ChoiceField(label=_("Language on the walk"))
    n_people = forms.IntegerField(label=_("People"), min_value=1, max_value=MOST_PEOPLE_AT_ONCE, initial=1)

    def __init__(self, *args: Any, walk: Walk, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].offer(organizations)
        fields["organization"].choices = [("", _("none")), *fields["organization"].choices[1:-1]]
        fields["language"].choices = choices_of(walk.languages or ["en"])


class GuardianForm(forms.Form):
    """A parent or guardian said yes."""

    WALK, SEASON = "walk", "season"
    guardian_name = forms.CharField(
        label=_("Name of the parent or guardian"), max_length=120, error_messages={"required": _("Write their name.")}
    )
    guardian_phone = forms.CharField(label=_("Their phone"), max_length=30, required=False)
    how = forms.ChoiceField(
        label=_("How they said yes"),
        choices=[one for one in GuardianConsent.How.choices if one[0] != GuardianConsent.How.LINK],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how they said yes.")},
    )
    for_what = forms.ChoiceField(
        label=_("For"),
        choices=[(WALK, _("this walk")), (SEASON, _("all walks until a day"))],
        initial=WALK,
        widget=forms.RadioSelect,
    )
    until_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write a day like 2026-12-02.")},
    )

    def clean_guardian_phone(self) -> str:
        typed = self.cleaned_data["guardian_phone"]
        return normalize_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("for_what") == self.SEASON and not cleaned.get("until_on") and "until_on" not in self.errors:
            self.add_error("until_on", _("Say until which day the yes holds."))
        return cleaned

    def until(self) -> date | None:
        until: date | None = self.cleaned_data["until_on"]
        return until if self.cleaned_data["for_what"] == self.SEASON else None


class TeamsForm(forms.Form):
    n_teams = forms.IntegerField(label=_("How many teams"), min_value=0, max_value=MAX_TEAMS)
