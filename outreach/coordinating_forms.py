"""What coordinators write: a request told on the phone or the street, a yes, a referral, an end."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from concerns.flags import flags_for_text
from outreach.help_forms import HelpForm, agencies
from outreach.helping import Asked, Yes
from outreach.models import Consent
from outreach.workflow import OUTCOMES, Outcome, State
from people.models import Organization

HOW = [(Consent.How.SPOKEN.value, _("they said so")), (Consent.How.SIGNED.value, _("they signed it"))]
SCOPES = [
    (Consent.Scope.CALL_ME.value, _("They may be called or written to")),
    (Consent.Scope.NAMED.value, _("Pass it on, with name and number, to the agencies ticked")),
    (Consent.Scope.NEED_ONLY.value, _("Ask agencies, but don’t say who it is")),
    (Consent.Scope.NOTHING.value, _("Nothing: keep only what is needed, no name and no words")),
]


class WriteDownForm(HelpForm):
    """A request that somebody told: the person's own form, with how the yes was given and in which language."""

    scopes = SCOPES
    how = forms.ChoiceField(label=_("How did they say yes?"), choices=HOW, widget=forms.RadioSelect, initial="spoken")
    language = forms.ChoiceField(label=_("Their language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["name"].label = _("Name")
        fields["wants_mail"].label = _("Wants a mail when there is news")
        for name in ("name", "phone", "email"):  # the browser would offer the coordinator's own
            fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        nothing = cleaned.get("scope") == Consent.Scope.NOTHING
        if nothing and flags_for_text(cleaned.get("note", "")):
            self.add_error(
                "note", _("They said yes to nothing, and these words seem to say who it is. Leave them out.")
            )
        return cleaned

    def asked(self) -> Asked:
        return Asked(**super().asked() | {"language": self.cleaned_data["language"]})  # type: ignore[typeddict-item]

    def yes(self) -> Yes:
        given = super().yes()
        return Yes(given.scope, self.cleaned_data["how"], given.organizations)


class YesForm(forms.Form):
    """A further yes, told to a coordinator."""

    scope = forms.ChoiceField(label=_("What may we do with it?"), choices=SCOPES[:3])
    organization = forms.ModelChoiceField(
        label=_("Which agency?"),
        queryset=Organization.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("none"),
        help_text=_("Only where it may be passed on."),
    )
    how = forms.ChoiceField(label=_("How did they say yes?"), choices=HOW)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].queryset = agencies()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scope") == Consent.Scope.NAMED and not cleaned.get("organization"):
            self.add_error("organization", _("Say which organization may have it."))
        return cleaned

    def yes(self) -> Yes:
        named = self.cleaned_data["scope"] == Consent.Scope.NAMED
        return Yes(
            self.cleaned_data["scope"],
            self.cleaned_data["how"],
            (self.cleaned_data["organization"],) if named else (),
        )


class EndForm(forms.Form):
    """How a referral ended, as a coordinator heard it: a state and a reason in one choice."""

    how = forms.ChoiceField(label=_("How did it end?"))
    seen = forms.CharField(max_length=11)

    ENDS = (
        (State.COMPLETED, Outcome.GOT_HELP),
        *((State.FAILED, reason) for reason in Outcome if reason in OUTCOMES[State.FAILED]),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["how"].choices = [
            ("", _("choose a reason")),
            *((outcome.value, outcome.label) for _state, outcome in self.ENDS),
        ]

    def move(self) -> dict[str, Any]:
        """What `move_referral` takes."""
        outcome = Outcome(self.cleaned_data["how"])
        to = State.COMPLETED if outcome == Outcome.GOT_HELP else State.FAILED
        return {"to": to, "outcome": outcome, "seen": self.cleaned_data["seen"]}
