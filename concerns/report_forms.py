"""The forms of somebody who reports without an account."""

import time
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, dumps, loads
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from concerns.flags import flags_for_text
from concerns.models import Category
from concerns.proof import LASTS, challenge_for, is_solved
from corridors.fields import StrictGeometryField
from office.widgets import PointPick
from people.contact import normalize_phone

MOST_PHOTOS = 3
# Nobody reads, chooses and writes so quickly.
QUICKEST_SECONDS = 3
_SALT = "concerns.report"


def words_about_a_person() -> str:
    """What the form says where the words seem to describe somebody. They are never refused for it."""
    return gettext(
        "This seems to describe a person; describe the place. Change the words, or send them as they are: "
        "an organizer reads them, and nobody else."
    )


def new_token(name: uuid.UUID | None = None) -> str:
    """A signed name for one form, and when the page with it was made. `name` is given where a code exists already."""
    return dumps([str(name or uuid.uuid4()), int(time.time())], salt=_SALT)


def read_token(signed: str) -> tuple[uuid.UUID, float]:
    """The name and its age in seconds. Raises ValidationError where it is forged or too old."""
    try:
        name, made_at = loads(signed, salt=_SALT, max_age=LASTS)
        return uuid.UUID(name), time.time() - made_at
    except (BadSignature, ValueError, TypeError):
        raise ValidationError(_("This page was open for too long. Please send it once more.")) from None


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to three files; what they are is looked at when they are kept."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, list) else [data]) if file]
        if len(files) > MOST_PHOTOS:
            raise ValidationError(_("At most %(n)d photos, please. Choose the best ones.") % {"n": MOST_PHOTOS})
        return files


class ContactForm(forms.Form):
    """An optional way to reach the reporter. `shares_contact` names who may have it besides organizers."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("This isn’t a whole e-mail address. Write it like name@example.org.")},
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    wants_mail = forms.BooleanField(
        label=_("Send me mail when something happens with it"),
        help_text=_("First we send you one mail to ask whether the address is yours."),
        required=False,
    )
    shares_contact = forms.BooleanField(
        label=_("The agency that should fix it may have my name and number"),
        required=False,
    )

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return normalize_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("wants_mail") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("To hear from us by mail, give an e-mail address."))
        return cleaned

    def contact_fields(self) -> dict[str, Any]:
        """What `leave_contact` takes."""
        names = ("name", "email", "phone", "wants_mail", "shares_contact")
        return {name: self.cleaned_data.get(name) or ("" if name in names[:3] else False) for name in names}


class PlaceForm(forms.Form):
    """Kind and place of a report that is still being written. What can't be read is as good as empty."""

    category = forms.ModelChoiceField(queryset=Category.objects.filter(is_active=True), to_field_name="code")
    address = forms.CharField(max_length=200, required=False)
    location = StrictGeometryField(types=("Point",), required=False, widget=PointPick)

    def place(self) -> dict[str, Any]:
        """What `concerns.same.draft` takes, or {} while there is no kind or no place."""
        self.is_valid()
        told = {name: self.cleaned_data.get(name) for name in ("category", "address", "location")}
        has_place = told["category"] and (told["address"] or told["location"])
        return told | {"address": told["address"] or ""} if has_place else {}


class SentOnceForm(forms.Form):
    """What a form of somebody without an account carries: a name of its own, the proof, and the trap for machines.

    `website` is the trap: people never see it.
    """

    form_token = forms.CharField(widget=forms.HiddenInput, max_length=200)
    proof = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    website = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_token", new_token())
        self.age = 0.0

    def clean_form_token(self) -> str:
        typed: str = self.cleaned_data["form_token"]
        self.token, self.age = read_token(typed)
        return typed

    @property
    def is_proven(self) -> bool:
        return is_solved(self.cleaned_data.get("proof", ""), form_token=self.token)

    @property
    def is_trapped(self) -> bool:
        """Whether a machine sent it: it filled what people don't see, or was quicker than anybody."""
        return bool(self.cleaned_data.get("website")) or self.age < QUICKEST_SECONDS

    @property
    def challenge(self) -> dict[str, Any]:
        """For the page's script: about the token that the page shows."""
        name, _age = read_token(self["form_token"].value())
        return challenge_for(name)

    def renew(self) -> None:
        """Show what was typed under a new token, where the old one can't be used any more."""
        data = dict(self.data.items())
        self.data = data | {"form_token": new_token(), "proof": ""}


class ReportForm(ContactForm, SentOnceForm):
    """What somebody noticed, and where."""

    hide_optional = True

    category = forms.ModelChoiceField(
        label=_("What is it?"),
        queryset=Category.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is. If nothing fits, take “something else”."),
            "invalid_choice": _("Choose one of the kinds in the list."),
        },
    )
    address = forms.CharField(
        label=_("Where is it?"),
        help_text=_("The nearest house number, or a corner, or words: behind the bakery at Lawn Avenue."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    location = StrictGeometryField(types=("Point",), label=_("On the map"), required=False, widget=PointPick)
    note = forms.CharField(
        label=_("What should people know about it?"),
        help_text=_("Describe the place. Please leave out names, number plates and what somebody looks like."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    danger_now = forms.BooleanField(label=_("It is dangerous right now (wires, sparks, gas, fire)"), required=False)
    photos = PhotosField(
        label=_("Photos"),
        help_text=_("Up to three. We take out where and when they were taken."),
        required=False,
        widget=ManyFiles(attrs={"accept": "image/*"}),
    )
    # A public concern that it is the same as, chosen where the page offers some. Anything else means "another one".
    same = forms.CharField(required=False, max_length=40)
    words_seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["category"].queryset = Category.objects.filter(is_active=True)

    def clean_same(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.cleaned_data["same"])
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "form_token" in self.errors:
            self.renew()
        if (
            not cleaned.get("address")
            and not cleaned.get("location")
            and not {
                "address",
                "location",
            }
            & set(self.errors)
        ):
            self.add_error("address", _("Say where it is: an address, a corner, or a place on the map."))
        self._ask_about_words(cleaned)
        if cleaned.get("proof") and not self.errors and not self.is_proven:
            self.add_error(
                None, _("Please try again: your browser’s check didn’t arrive whole. Nothing you wrote is lost.")
            )
        return cleaned

    def _ask_about_words(self, cleaned: dict[str, Any]) -> None:
        """Say once that the words seem to describe a person. Sent again, they are taken as they are, and flagged."""
        if cleaned.get("words_seen") or self.errors or self.is_trapped or not flags_for_text(cleaned.get("note", "")):
            return
        self.data = dict(self.data.items()) | {"words_seen": "1"}
        self.add_error("note", words_about_a_person())
        if cleaned.get("photos"):
            self.add_error("photos", _("Please choose your photos again: a browser doesn’t keep them."))

    def concern_fields(self) -> dict[str, Any]:
        """What `report_concern` takes about the concern."""
        names = ("category", "address", "location", "note", "danger_now")
        return {name: self.cleaned_data[name] for name in names}
