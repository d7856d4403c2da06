"""The forms of somebody who asks for help without an account, and of the agency that answers."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from concerns.report_forms import SentOnceForm
from outreach.helping import Asked, Yes
from outreach.models import Consent, Need, Service
from outreach.workflow import Outcome, State
from people.contact import normalize_phone
from people.models import Organization

# What may be done with it, as the help page asks it.
SCOPES = [
    (Consent.Scope.CALL_ME.value, _("A coordinator of the walks may call or write to me")),
    (Consent.Scope.NAMED.value, _("Pass it on, with my name and number, to the agencies I tick")),
    (Consent.Scope.NEED_ONLY.value, _("Ask agencies for me, but don’t say who I am")),
]


def agencies() -> Any:
    """Organizations that offer something, by name: those that somebody can tick. One query."""
    offering = Service.objects.offered().values("organization")
    return Organization.objects.current().filter(pk__in=offering).order_by("name")


class HelpForm(SentOnceForm):
    """What somebody needs, and what we may do with it. Everything but the need and the yes is optional."""

    hide_optional = True
    scopes = SCOPES

    needs = forms.MultipleChoiceField(
        label=_("What would help?"),
        choices=Need.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what help is about, at least one thing.")},
    )
    note = forms.CharField(
        label=_("What should we know?"),
        help_text=_("A sentence is enough. Please leave out papers, immigration and what others did."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    scope = forms.ChoiceField(
        label=_("What may we do with it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what we may do with it.")},
    )
    organizations = forms.ModelMultipleChoiceField(
        label=_("Which agencies?"),
        queryset=Organization.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    name = forms.CharField(
        label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("This isn’t a whole e-mail address. Write it like name@example.org.")},
    )
    best_time = forms.CharField(
        label=_("When is a good time?"),
        help_text=_("For example: evenings, not before 5."),
        max_length=120,
        required=False,
    )
    wants_mail = forms.BooleanField(label=_("Write me a mail when there is news"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organizations"].queryset = agencies()
        # Where no agency offers anything yet there is none to tick.
        scopes = self.scopes if fields["organizations"].queryset else self.scopes_of_nobody
        fields["scope"].choices = scopes

    @property
    def scopes_of_nobody(self) -> list[tuple[str, Any]]:
        return [(value, words) for value, words in self.scopes if value != Consent.Scope.NAMED]

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return normalize_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "form_token" in self.errors:
            self.renew()
        reachable = cleaned.get("phone") or cleaned.get("email")
        asks_back = cleaned.get("scope") in {Consent.Scope.CALL_ME, Consent.Scope.NAMED}
        if asks_back and not reachable and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", _("Give a number or an e-mail address, or choose not to say who you are."))
        if cleaned.get("scope") == Consent.Scope.NAMED and not cleaned.get("organizations"):
            self.add_error("organizations", _("Tick the agencies that may have it."))
        if cleaned.get("wants_mail") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("To hear from us by mail, give an e-mail address."))
        if cleaned.get("website"):
            # A real person's need is never dropped silently: the trap is shown empty again, and they send once more.
            self.add_error(None, _("A hidden field was filled in, perhaps by your browser. Send it once more, please."))
        return cleaned

    def asked(self) -> Asked:
        """What `ask_for_help` takes of the person; nothing of who it is where they don't want it said."""
        told = self.cleaned_data
        return Asked(
            name=told["name"],
            phone=told["phone"],
            email=told["email"],
            best_time=told["best_time"],
            note=told["note"],
            wants_mail=told["wants_mail"],
            language=get_language() or "en",
        )

    def yes(self) -> Yes:
        named = self.cleaned_data["scope"] == Consent.Scope.NAMED
        chosen = tuple(self.cleaned_data["organizations"]) if named else ()
        return Yes(self.cleaned_data["scope"], Consent.How.TICKED, chosen)


class AnswerForm(forms.Form):
    """What an agency says about a referral: an act, with a reason where it is an end."""

    ACTS = {
        "received": (State.RECEIVED, _("Seen, we answer later")),
        "accepted": (State.ACCEPTED, _("We take this")),
        "in-progress": (State.IN_PROGRESS, _("We are in touch")),
        "completed": (State.COMPLETED, _("They got help")),
        "cannot": (State.FAILED, _("We can’t")),
    }
    act = forms.ChoiceField(
        choices=[*((name, words) for name, (_state, words) in ACTS.items()), ("undo", _("Take it back"))]
    )
    outcome = forms.ChoiceField(
        label=_("Why?"),
        required=False,
        choices=[("", _("choose a reason"))]
        + [
            (reason.value, reason.label)
            for reason in (
                Outcome.NO_CAPACITY,
                Outcome.NOT_ELIGIBLE,
                Outcome.WRONG_SERVICE,
                Outcome.NOT_REACHED,
                Outcome.NOT_INTERESTED,
                Outcome.HELPED_ELSEWHERE,
            )
        ],
    )
    note = forms.CharField(
        label=_("A word about it"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(max_length=11, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("act") == "cannot" and not cleaned.get("outcome") and "outcome" not in self.errors:
            self.add_error("outcome", _("Say why: choose one of the reasons."))
        return cleaned

    def move(self) -> dict[str, Any]:
        """What `move_referral` takes. A no of what wasn't taken on yet is “declined” where the reason allows it."""
        told = self.cleaned_data
        to, outcome = self.ACTS[told["act"]][0], ""
        if told["act"] == "completed":
            outcome = Outcome.GOT_HELP
        elif told["act"] == "cannot":
            outcome = told["outcome"]
            declines = told["seen"] in {State.REQUESTED, State.RECEIVED}
            declined = {Outcome.NO_CAPACITY, Outcome.NOT_ELIGIBLE, Outcome.WRONG_SERVICE}
            to = State.REJECTED if declines and outcome in declined else State.FAILED
        return {"to": to, "outcome": outcome, "note": told["note"], "seen": told["seen"]}


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The six digits from the mail"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
