"""Writes docs/parts.html: every part of the look in every state, from the fragments the pages use."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.test.utils import override_settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from office.marks import GROUP_WORDS, STATUS_WORDS
from office.strip import Block

PAGE = settings.BASE_DIR / "docs" / "parts.html"
PLAIN_STATIC = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# "open" looks like "triaged".
SHOWN_STATUSES = [status for status in STATUS_WORDS if status != "open"]
# Cross streets of a plainly invented road, with a count for each side (None: nobody walked it).
STREETS = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Linden"]
LENGTHS = [150, 110, 120, 80, 160, 90, 100, 130, 70, 140]
LEFT = [None, 1, 1, 0, 2, 4, 1, 3, 7, 0]
RIGHT = [None, None, 0, 1, 4, 4, 8, 1, 2, None]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Your name"), help_text=_("The name you want to be called by."))
    reach = forms.EmailField(label=_("E-mail or phone"))
    place = forms.CharField(label=_("Where is it?"), required=False)
    closed = forms.CharField(label=_("Not open yet"), disabled=True, required=False, initial="opens on Wed 25 Nov")
    words = forms.CharField(label=_("What did you see?"), widget=forms.Textarea, required=False)
    who = forms.ChoiceField(label=_("Who are you coming with?"), choices=[("", _("Just me")), ("a", "Hearth and Key")])
    age = forms.ChoiceField(
        label=_("Your age"),
        choices=[(band, band) for band in ("under 13", "13–17", "18–24", "25–34", "35–54")],
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages you speak"),
        choices=[("en", "English"), ("es", "Español"), ("vi", "Tiếng Việt")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    told = forms.BooleanField(
        label=_("Write to me when somebody has looked."), help_text=_("One mail. You can stop it with one click.")
    )


def sample_blocks() -> list[Block]:
    """Ten blocks of an invented road, in every thickness and unknown."""
    return [
        Block(
            name=f"{STREETS[i]} to {STREETS[i + 1]}",
            from_name=STREETS[i],
            to_name=STREETS[i + 1],
            length_m=LENGTHS[i],
            left=LEFT[i],
            right=RIGHT[i],
        )
        for i in range(len(LENGTHS))
    ]


def sample_beats(noon: datetime) -> list[dict[str, Any]]:
    """A story that the three voices tell."""
    return [
        {
            "at": noon - timedelta(days=40),
            "lit": "after dark",
            "voice": "walk",
            "words": "Light out, three in a row.",
            "status": "triaged",
        },
        {
            "at": noon - timedelta(days=30),
            "lit": "",
            "voice": "city",
            "words": "Closed: “repaired”.",
            "status": "claimed_fixed",
        },
        {
            "at": noon - timedelta(days=20),
            "lit": "",
            "voice": "resident",
            "words": "“Still dark when I get off the 24 bus.”",
            "status": "",
        },
        {
            "at": noon - timedelta(days=2),
            "lit": "after dark",
            "voice": "walk",
            "words": "Two lamps burn.",
            "status": "verified_fixed",
        },
    ]


def sample_context(today: date) -> dict[str, Any]:
    """Everything the page shows. `today` decides the deadlines."""
    filled = {"name": "Teo Linden", "reach": "teo@", "closed": "", "age": "18–24", "languages": ["es"], "told": ""}
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=ZoneInfo(settings.TIME_ZONE))
    beats = sample_beats(noon)
    return {
        "statuses": SHOWN_STATUSES,
        "groups": list(GROUP_WORDS),
        "today": today,
        "days": [today + timedelta(days=n) for n in (-42, -1, 0, 1, 9)],
        "blocks": sample_blocks(),
        "compared": [(4, "new"), (3, "still there"), (2, "fixed"), (1, "came back")],
        "demo": {"is_demo": True},
        "form": SampleForm(),
        "bad_form": SampleForm(filled),
        "beats": beats,
        "standings": [
            {"voice": "city", "beat": beats[1]},
            {"voice": "walk", "beat": beats[3]},
            {"voice": "resident", "beat": None},
        ],
    }


def parts_page(today: date) -> str:
    """The whole page as HTML that opens from the file itself."""
    with override_settings(STATIC_URL="/static/", STORAGES=PLAIN_STATIC), timezone.override(settings.TIME_ZONE):
        with translation.override("es"):
            spanish = render_to_string("docs/_badges.html", {"statuses": SHOWN_STATUSES})
        with translation.override("en"):
            page = render_to_string("docs/parts.html", {**sample_context(today), "spanish": spanish})
    return page.replace('"/static/', '"../static/')


class Command(BaseCommand):
    help = "Writes docs/parts.html, the page that shows every part of the look in every state."

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(parts_page(date(2026, 11, 24)), encoding="utf-8")
        self.stdout.write(f"Wrote {PAGE.relative_to(settings.BASE_DIR)}.")
