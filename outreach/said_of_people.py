"""Words beside a contact or a shop that seem to say who somebody is. The form warns once; nothing is blocked.

The patterns are those of reports about places (`concerns.flags`). What is kept in spite of a warning is shown to
coordinators alone, who clear it with a tap (`outreach.contacting.clear_note`).
"""

import hmac
from collections.abc import Iterable
from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from concerns.flags import flags_for_text
from office.refused import Refused


def seems_to_say_who(*words: str) -> bool:
    """Whether any of these texts seems to speak of one person: a name, a number, where they live, how they look."""
    return any(text and flags_for_text(text) for text in words)


def warning() -> str:
    return _(
        "This seems to say who it is: leave it out, or ask for a yes. "
        "If it is right as it stands, press the button again."
    )


def seal_of(words: Iterable[str]) -> str:
    """What the hidden field holds after a warning: it stands for exactly these words, so other ones are warned anew."""
    text = "\0".join(words)
    return hmac.new(settings.SECRET_KEY.encode(), f"said:{text}".encode(), "sha256").hexdigest()


def refuse_once(words: str, *, seal: str) -> None:
    """For a button with words that has no form of its own: the first press is refused, the second brings the seal."""
    right = seal_of([words]).encode()
    if seems_to_say_who(words) and not hmac.compare_digest(seal.encode(), right):
        raise Refused(warning())


class WarnedForm(forms.Form):
    """A form whose `warned_fields` are looked at. A second press with the same words keeps them.

    Put `{{ form.said_seal }}` into the template. A field of it that already has an error isn't looked at.
    """

    warned_fields: tuple[str, ...] = ("note",)
    said_seal = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def needs_warning(self, cleaned: dict[str, Any]) -> bool:
        """Overridden where a yes lets the words say who it is."""
        return True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        found = [name for name in self.warned_fields if seems_to_say_who(cleaned.get(name) or "")]
        if not found or not self.needs_warning(cleaned):
            return cleaned
        seal = seal_of(cleaned[name] for name in found)
        if hmac.compare_digest(str(cleaned.get("said_seal") or "").encode(), seal.encode()):
            return cleaned
        for name in found:
            self.add_error(name, warning())
        # Shown again with the words, so that the second press says that they were read.
        data: Any = copy(self.data)
        data[self.add_prefix("said_seal")] = seal
        self.data = data
        return cleaned
