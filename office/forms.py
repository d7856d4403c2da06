from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from office.models import Coalition

HOME_ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
]


def time_zones() -> list[Any]:
    """Zones for a list to choose from: those of the United States first, then the whole world by continent."""
    world = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))
    return [
        (_("United States"), [(name, name.partition("/")[2].replace("_", " ")) for name in HOME_ZONES]),
        (_("All"), [(name, name.replace("_", " ")) for name in world if name not in HOME_ZONES]),
    ]


class CoalitionForm(forms.ModelForm):
    """What every page, mail and form says about who runs this site."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    languages = forms.MultipleChoiceField(
        label=_("Languages of the site"),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )

    class Meta:
        model = Coalition
        fields = [
            "name",
            "place",
            "welcome",
            "time_zone",
            "units",
            "languages",
            "emergency_number",
            "city_number_name",
            "city_number",
            "public_body",
            "privacy_contact",
            "reply_to",
        ]
        help_texts = {
            "name": _("As people know you."),
            "city_number": _("Where residents report things to the city."),
            "reply_to": _("Somebody should read what arrives there."),
        }
