"""Forms of a walk's plan. What is already planned comes in, what an action takes comes out."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people.models import Organization
from walks.models import GoNoGo, RoleNeed, Signup, TeamSegment, Walk, WalkRole
from walks.planning import Face, Plan, TeamPlan
from walks.pledging import MOST_PEOPLE
from walks.roster import MAX_TEAMS
from walks.times import read_later


class SplitForm(forms.Form):
    n_teams = forms.IntegerField(label=_("Teams"), min_value=1, max_value=MAX_TEAMS)
    how = forms.ChoiceField(
        label=_("Each team walks"),
        choices=[("both", _("both sides of a stretch")), ("one", _("one side of the street"))],
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "split-%s"} | options)


class StretchForm(forms.Form):
    start = forms.TypedChoiceField(label=_("From"), coerce=int)
    end = forms.TypedChoiceField(label=_("To"), coerce=int)
    sides = forms.ChoiceField(label=_("Sides"), choices=TeamSegment.Sides.choices)
    team = forms.TypedChoiceField(label=_("Give to"), coerce=int)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "stretch-%s"} | options)
        self.plan = plan
        first = plan.segments[0] if plan.segments else None
        blocks = [(s.position, s.name) for s in plan.segments]
        for name in ("start", "end"):
            self._choose_from(name, blocks)
        self._choose_from("team", [*((row.team.number, str(row.team)) for row in plan.teams), (0, _("nobody"))])
        sides = [("both", _("both sides"))]
        self._choose_from("sides", sides + [(s, first.compass_side(s)) for s in ("left", "right")] if first else sides)

    def _choose_from(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def faces(self) -> list[Face]:
        """The chosen sides, whichever end was named first."""
        cleaned = self.cleaned_data
        low, high = sorted((cleaned["start"], cleaned["end"]))
        sides = ["left", "right"] if cleaned["sides"] == "both" else [cleaned["sides"]]
        return [(s.pk, side) for s in self.plan.segments if low <= s.position <= high for side in sides]


class TeamForm(forms.Form):
    """Who leads a team, who walks in front, when it should be back."""

    lead = forms.ModelChoiceField(Signup.objects.none(), label=_("Team lead"), required=False)
    marshal = forms.ModelChoiceField(Signup.objects.none(), label=_("Safety marshal"), required=False)
    back = forms.TimeField(
        label=_("Expected back"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Empty: when the walk ends."),
    )
    team = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, walk: Walk, row: TeamPlan, people: list[Signup], **options: Any) -> None:
        team = row.team
        initial: dict[str, Any] = {
            "lead": team.lead_id,
            "marshal": team.marshal_id,
            "team": team.public_id,
            "seen": row.version,
        }
        if team.expected_back_at:
            initial["back"] = team.expected_back_at.astimezone(walk.zone).time()
        super().__init__(*args, **{"auto_id": f"team-{team.number}-%s", "initial": initial} | options)
        self.walk, self.row = walk, row
        adults = [one for one in people if not one.is_minor]
        own = [one for one in adults if one.team_id == team.pk]
        rest = [one for one in adults if one.team_id != team.pk]
        choices = [("", _("nobody yet"))] + [
            (name, [(one.pk, one.name) for one in group])
            for name, group in ((str(team), own), (_("Others who come"), rest))
            if group
        ]
        for name in ("lead", "marshal"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            # The roster was read for the page: no query for each list of it.
            field.queryset = Signup.objects.counted().filter(walk=walk)
            field.widget.choices = choices

    def clean_back(self) -> datetime | None:
        clock = self.cleaned_data["back"]
        if clock is None:
            return None
        zone: ZoneInfo = self.walk.zone
        after = self.walk.step_off_at
        return read_later(after.astimezone(zone).date(), clock, zone, after=after)


class NeedForm(forms.ModelForm):
    class Meta:
        model = RoleNeed
        fields = ("role", "n_min", "n_max", "from_band")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "need-%s"} | options)
        self.fields["n_min"].help_text = _("0 and no upper number takes the role off the list.")
        self.fields["n_max"].help_text = _("Empty: no upper number.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("n_min"), cleaned.get("n_max")
        if least is not None and most is not None and most < least:
            raise ValidationError({"n_max": _("“At most” must not be less than “at least”.")})
        return cleaned

    def validate_unique(self) -> None:
        """A role that is there is written over."""

    def role(self) -> WalkRole:
        return WalkRole(self.cleaned_data["role"])


class DecideForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=GoNoGo.Decision.choices, widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For example: thunder from 5 PM on. Needed unless we go."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "decide-%s"} | options)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") not in {None, GoNoGo.Decision.GO.value} and not cleaned.get("why", "").strip():
            self.add_error("why", _("Say why, so that the others understand."))
        return cleaned


class AskForm(forms.Form):
    organizations = forms.ModelMultipleChoiceField(
        Organization.objects.current(),
        label=_("Organizations"),
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one organization.")},
    )


class PledgeForm(forms.Form):
    n_people = forms.IntegerField(
        label=_("We’ll bring so many people"),
        min_value=0,
        max_value=MOST_PEOPLE,
        help_text=_("0: we can’t come this time."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    contact_name = forms.CharField(label=_("Who says so"), max_length=120, required=False)
    note = forms.CharField(
        label=_("What you bring or need"),
        max_length=300,
        required=False,
        help_text=_("For example: two speak Spanish, one wheelchair."),
    )


class WriteForm(PledgeForm):
    """The desk writes down what an organization said."""

    organization = forms.ModelChoiceField(
        Organization.objects.current().order_by("name"), label=_("Organization"), to_field_name="public_id"
    )
    field_order = ("organization", "n_people", "contact_name", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "write-%s"} | options)
        self.fields["n_people"].label = _("They’ll bring so many people")
        self.fields["contact_name"].label = _("Who said so")
        self.fields["note"].label = _("What they bring or need")

    def offer(self, organizations: list[Organization]) -> None:
        """What the list shows; the page has read them anyway."""
        names = sorted((one.name, str(one.public_id)) for one in organizations)
        choice = self.fields["organization"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.widget.choices = [("", "---------"), *((value, name) for name, value in names)]

    def answer(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("n_people", "contact_name", "note")}
