"""Forms of messages: an organizer's own words, and how somebody heard of a thing."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from walks.messages import EVERYBODY, UNCONFIRMED
from walks.models import Walk


class WordsForm(forms.Form):
    """What to say, and to whom. `key` makes the same form sent twice one message."""

    to = forms.ChoiceField(label=_("To"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"),
        help_text=_("It goes out as you write it, in one language. The walk’s name and each one’s own link are added."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what people should know.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, walk: Walk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [(f"team-{team.number}", str(team)) for team in walk.teams.all()]
        choices = [(EVERYBODY, _("everybody who comes")), (UNCONFIRMED, _("who didn’t confirm yet")), *teams]
        to: Any = self.fields["to"]
        to.choices = choices
        self.initial.setdefault("to", EVERYBODY)
        self.initial["key"] = uuid.uuid4()

    def clean_key(self) -> uuid.UUID:
        key: uuid.UUID | None = self.cleaned_data["key"]
        return key or uuid.uuid4()

    def to_label(self) -> str:
        to: Any = self.fields["to"]
        return str(dict(to.choices)[self.cleaned_data["to"]])
