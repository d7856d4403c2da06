"""Forms for people without an account: signing up, changing it, finding a lost link."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from people.contact import normalize_phone, read_contact
from people.models import Organization
from people.roles import AgeBand
from walks.forms import MOST_PEOPLE_AT_ONCE, ContactField, OrganizationField
from walks.languages import choices_of
from walks.models import Signup, Walk, WalkRole
from walks.role_offers import roles_on_offer

WHEREVER = _("wherever I’m needed")
# “Rather not say” comes last, and is what is meant where nobody chose.
AGE_CHOICES = [(band.value, band.label) for band in AgeBand]


class SignUpForm(forms.Form):
    """What we ask before somebody walks along. `website` is a trap for machines: people never see it."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("The name you want to be called by."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write the name you want to be called by.")},
    )
    contact = ContactField(
        label=_("E-mail or phone"),
        help_text=_("To tell you if the walk is called off or moved."),
        widget=forms.TextInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Give an e-mail address or a phone number, so that we can tell you of changes.")},
    )
    organization = OrganizationField()
    organization_text = forms.CharField(
        label=_("The name of your organization"),
        help_text=_("If it isn’t in the list."),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    age_band = forms.ChoiceField(
        label=_("Your age"),
        choices=AGE_CHOICES,
        required=False,
        initial=AgeBand.UNKNOWN,
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(label=_("Language on the walk"), widget=forms.RadioSelect)
    n_people = forms.IntegerField(
        label=_("How many people come, with you?"),
        min_value=1,
        max_value=MOST_PEOPLE_AT_ONCE,
        initial=1,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "min_value": _("Write 1 if you come alone."),
            "max_value": _("Up to 60 people can come together. Call us for more."),
        },
    )
    role = forms.ChoiceField(
        label=_("What would you like to do?"),
        choices=[("", WHEREVER)],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("That role was just taken. Choose another, or “wherever I’m needed”.")},
    )
    phone = forms.CharField(
        label=_("Your phone"),
        help_text=_("So that the walk lead can call you on the day."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    wants_texts = forms.BooleanField(
        label=_("Text me about this walk, too"),
        help_text=_("A message if the walk is called off or moved. Your phone company may charge you."),
        required=False,
    )
    emergency_contact = forms.CharField(
        label=_("Whom we call in an emergency"),
        help_text=_("A name and a phone number. Organizers and the walk lead see it. Deleted a week after the walk."),
        max_length=160,
        required=False,
    )
    access_needs = forms.CharField(
        label=_("What you need to come along"),
        help_text=_("For example: a way without steps, sign language, breaks to sit. Deleted a week after the walk."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    wait = forms.BooleanField(required=False, widget=forms.HiddenInput)
    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, walk: Walk, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].offer(organizations)
        offer_roles(fields, walk, keep=bool(self.data.get("role")))
        codes = walk.languages or ["en"]
        fields["language"].choices = choices_of(codes)
        spoken = (get_language() or "en")[:2]
        self.initial.setdefault("language", spoken if spoken in codes else codes[0])
        self.initial.setdefault("form_token", uuid.uuid4())

    def clean_organization_text(self) -> str:
        text: str = self.cleaned_data["organization_text"]
        if self.data.get(self.add_prefix("organization")) == OrganizationField.OTHER and not text.strip():
            raise forms.ValidationError(_("Write the name of your organization, or choose “just me”."))
        return text

    def clean_age_band(self) -> str:
        return self.cleaned_data["age_band"] or AgeBand.UNKNOWN

    def clean_n_people(self) -> int:
        return self.cleaned_data["n_people"] or 1

    def clean_phone(self) -> str:
        return read_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_phone = cleaned.get("phone") or cleaned.get("contact", ("", ""))[1] or "phone" in self.errors
        if cleaned.get("wants_texts") and not has_phone:
            self.add_error("phone", _("Write your phone number, so that we can text you, or untick the text messages."))
        if cleaned.get("age_band") == AgeBand.TEEN and cleaned.get("n_people", 1) > 1:
            words = _("If you are 13 to 17, sign up alone: everybody who comes with you signs up too.")
            self.add_error("n_people", words)
        return cleaned

    @property
    def is_trapped(self) -> bool:
        return bool(self.cleaned_data.get("website"))

    def sign_up_fields(self) -> dict[str, Any]:
        """What `sign_up` takes."""
        email, phone = self.cleaned_data["contact"]
        names = [
            *("name", "organization", "organization_text", "age_band", "language", "n_people", "form_token"),
            *("role", "emergency_contact", "access_needs", "wants_texts", "wait"),
        ]
        return {"email": email, "phone": phone or self.cleaned_data["phone"]} | {
            name: self.cleaned_data[name] for name in names if name in self.cleaned_data
        }


def read_phone(typed: str) -> str:
    """A number as it is stored, or nothing. Raises ValidationError with what to do."""
    return normalize_phone(typed) if typed else ""


def offer_roles(fields: dict[str, Any], walk: Walk, *, own: str = "", keep: bool = False) -> None:
    """Have the role field offer what the walk needs, and the one that is theirs.

    Where that is nothing it goes away, unless somebody chose a role just now (`keep`): then it says that it is taken.
    """
    offered = {one.role.value: one.label for one in roles_on_offer(walk)}
    if own in WalkRole.values:
        offered.setdefault(own, str(WalkRole(own).label))
    if offered or keep:
        fields["role"].choices = [("", WHEREVER), *offered.items()]
    else:
        del fields["role"]


class MySignupForm(forms.Form):
    """What somebody may change about their own sign-up, by their link."""

    organization = OrganizationField()
    organization_text = SignUpForm.base_fields["organization_text"]
    n_people = SignUpForm.base_fields["n_people"]
    language = forms.ChoiceField(label=_("Language on the walk"), widget=forms.RadioSelect)
    role = SignUpForm.base_fields["role"]
    phone = SignUpForm.base_fields["phone"]
    wants_texts = SignUpForm.base_fields["wants_texts"]
    emergency_contact = SignUpForm.base_fields["emergency_contact"]
    access_needs = SignUpForm.base_fields["access_needs"]

    def __init__(self, *args: Any, signup: Signup, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].offer(organizations)
        offer_roles(fields, signup.walk, own=signup.role)
        codes = list(dict.fromkeys([*signup.walk.languages, signup.language]))
        fields["language"].choices = choices_of(codes)
        if signup.is_minor:
            del self.fields["n_people"]
        own = str(signup.organization.public_id) if signup.organization else ""
        other = OrganizationField.OTHER if signup.organization_text and not own else ""
        self.initial = {
            "organization": own or other,
            "organization_text": signup.organization_text,
            "n_people": signup.n_people,
            "language": signup.language,
            "phone": signup.person.shown_phone if signup.person.phone else "",
            "role": signup.role,
            "wants_texts": signup.wants_texts_at is not None,
            "emergency_contact": signup.emergency_contact,
            "access_needs": signup.access_needs,
        }

    clean_organization_text = SignUpForm.clean_organization_text

    def clean_n_people(self) -> int:
        return self.cleaned_data["n_people"] or 1

    clean_phone = SignUpForm.clean_phone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("wants_texts") and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Write your phone number, so that we can text you, or untick the text messages."))
        return cleaned


class AskGuardianForm(forms.Form):
    """Whom a young person asks for a yes."""

    guardian_name = forms.CharField(
        label=_("Name of your parent or guardian"),
        max_length=100,
        error_messages={"required": _("Write the name of your parent or guardian.")},
    )
    guardian_contact = forms.CharField(
        label=_("Their e-mail or phone"),
        help_text=_("To an e-mail address we send a link at once. With a phone number an organizer texts or calls."),
        max_length=254,
        error_messages={"required": _("Give their e-mail address or phone number, so that we can ask them.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_guardian_contact(self) -> tuple[str, str]:
        return read_contact(self.cleaned_data["guardian_contact"])


class GuardianYesForm(forms.Form):
    """What a guardian says by their link."""

    WALK, SEASON = "walk", "season"
    guardian_name = forms.CharField(
        label=_("Your name"), max_length=120, error_messages={"required": _("Write your name.")}
    )
    guardian_phone = forms.CharField(
        label=_("Your phone"),
        help_text=_("So that we can reach you while they are with us."),
        max_length=30,
        error_messages={"required": _("Write your phone number, so that we can reach you on the day.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    for_what = forms.ChoiceField(
        label=_("My yes is for"),
        choices=[(WALK, _("this walk")), (SEASON, _("this walk and others until a day"))],
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
        return read_phone(self.cleaned_data["guardian_phone"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("for_what") == self.SEASON and not cleaned.get("until_on") and "until_on" not in self.errors:
            self.add_error("until_on", _("Say until which day your yes holds."))
        return cleaned

    def fields_of_yes(self) -> dict[str, Any]:
        """What `say_yes` takes."""
        cleaned = self.cleaned_data
        until_on = cleaned["until_on"] if cleaned["for_what"] == self.SEASON else None
        return {name: cleaned[name] for name in ("guardian_name", "guardian_phone")} | {"until_on": until_on}


class LostForm(forms.Form):
    """Where to send somebody's link again."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one you signed up with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the e-mail address you signed up with."),
            "invalid": _("This isn’t a whole e-mail address. Write it like name@example.org."),
        },
    )
