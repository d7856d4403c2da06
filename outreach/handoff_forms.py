"""What an agency writes down about somebody who stands there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outreach.coordinating_forms import WriteDownForm
from outreach.helping import Asked


class HandoffForm(WriteDownForm):
    """What they need and how they said yes to this one agency. Name and contact stay optional: they stand there."""

    said_yes = forms.BooleanField(
        label=_("They heard or read it, and said yes"),
        error_messages={"required": _("Without their yes nothing is kept. Read it to them and ask.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("scope", "organizations", "wants_mail"):
            del self.fields[name]
        fields: dict[str, Any] = self.fields
        fields["needs"].label = _("What do they need?")
        fields["note"].label = _("What should your colleagues know?")

    def asked(self) -> Asked:
        names = ("name", "phone", "email", "best_time", "note", "language")
        return Asked(**{name: self.cleaned_data[name] for name in names})  # type: ignore[typeddict-item]
