"""Forms for people without an account: signing up, changing it, finding a lost link."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from people.contact import normalize_phone
from people.models import Organization
from people.roles import AgeBand
from walks.forms import MOST_PEOPLE_AT_ONCE, ContactField, OrganizationField
from walks.languages import choices_of
from walks.models import Signup, Walk

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
    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, walk: Walk, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].offer(organizations)
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
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
        names = ("name", "organization", "organization_text", "age_band", "language", "n_people", "form_token")
        return {"email": email, "phone": phone} | {name: self.cleaned_data[name] for name in names}


class MySignupForm(forms.Form):
    """What somebody may change about their own sign-up, by their link."""

    organization = OrganizationField()
    organization_text = SignUpForm.base_fields["organization_text"]
    n_people = SignUpForm.base_fields["n_people"]
    language = forms.ChoiceField(label=_("Language on the walk"), widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("Your phone"),
        help_text=_("So that the walk lead can call you on the day."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )

    def __init__(self, *args: Any, signup: Signup, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["organization"].offer(organizations)
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
        }

    clean_organization_text = SignUpForm.clean_organization_text

    def clean_n_people(self) -> int:
        return self.cleaned_data["n_people"] or 1

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return normalize_phone(typed) if typed else ""


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
