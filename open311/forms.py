"""What an organizer types about sending, and an admin about a city's server."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from open311.leaving import MOST_WORDS, why_not_words
from open311.models import Endpoint
from open311.sealing import seal


class SendForm(forms.Form):
    words = forms.CharField(
        label=_("What they read"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The city may publish it. No name, no phone number, no plate."),
    )

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"])
        if reason := why_not_words(words):
            raise forms.ValidationError(reason)
        return words


class NumberForm(forms.Form):
    number = forms.CharField(label=_("The number they gave"), max_length=60)


class EndpointForm(forms.ModelForm):
    """The key is written and never read: an empty field leaves the one that is there."""

    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=300,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed and never shown again. Empty: the one that is there stays."),
    )
    forget_key = forms.BooleanField(label=_("Forget the key that is there"), required=False)

    class Meta:
        model = Endpoint
        fields = ("name", "organization", "url", "form", "jurisdiction_id", "is_active")

    # Whoever signed it off signed these.
    SIGNED = frozenset({"url", "jurisdiction_id", "api_key", "forget_key"})

    def save(self, commit: bool = True) -> Any:
        endpoint = self.instance
        if self.cleaned_data["api_key"]:
            endpoint.api_key_sealed = seal(self.cleaned_data["api_key"])
        elif self.cleaned_data["forget_key"]:
            endpoint.api_key_sealed = ""
        if self.SIGNED & set(self.changed_data):
            endpoint.approved_at = endpoint.approved_by = None
        return super().save(commit)
