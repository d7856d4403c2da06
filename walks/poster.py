"""A walk's poster and flyer: what everybody may know, in English and Spanish, with a code for the public page."""

from collections.abc import Sequence
from typing import Any, Literal

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from corridors.print_map import WIDTH, one_strip
from office.bilingual import Words, said
from office.models import Coalition
from office.pdf import make_pdf
from walks.models import Purpose, Walk, YesNoUnsure
from walks.times import say_clock, say_time

Kind = Literal["poster", "flyer"]
Size = Literal["letter", "a4"]
BOTH = ("en", "es")
MAP_MM = 165.0

WORDS: dict[str, Promise] = {
    "come": _("Walk with us"),
    "called_off": _("Called off"),
    "meet": _("We meet"),
    "back_by": _("Back by"),
    "sign_up": _("Sign up here. No account, no experience needed."),
    "or_just": _("Or just come to the meeting point."),
    "languages": _("Bring your neighbors, and your own language."),
    "places": _("We look at places: lights, lots, sidewalks, houses that stand empty."),
    "never": _("We never write about people, and never photograph faces or plates."),
    "wheelchair": _("The way is good for wheelchairs and strollers."),
    "no_police": _("Police don’t walk with us."),
    "police": _("Police walk with us."),
}


def poster_pdf(walk: Walk, *, kind: Kind, size: Size = "letter") -> bytes:
    """One page: the poster on paper of a size, or two flyers side by side on letter paper. Two queries."""
    segments = list(walk.corridor.segments.current())
    for segment in segments:
        segment.corridor = walk.corridor
    drawing = one_strip(walk.corridor, segments)
    context = {
        "walk": walk,
        "coalition": Coalition.current(),
        "d": drawing,
        "map_height": drawing.height * MAP_MM / WIDTH,
        "address": settings.SITE_URL + reverse("walks:short", args=[walk.code]),
        "halves": [_words(walk, (language,)) for language in BOTH],
        "both": _words(walk, BOTH),
        "size": size,
    }
    with translation.override("en"):
        styles = ["css/poster.css", f"css/poster-{_paper(kind, size)}.css"]
        return make_pdf(f"walks/{kind}_pdf.html", context, styles=styles)


def _paper(kind: Kind, size: Size) -> str:
    return "flyer" if kind == "flyer" else size


def _words(walk: Walk, languages: Sequence[str]) -> dict[str, Any]:
    """Every sentence in these languages."""

    def tell(words: Words) -> SafeString:
        return said(words, languages)

    facts = [WORDS["places"], WORDS["never"]]
    if walk.wheelchair == YesNoUnsure.YES:
        facts.append(WORDS["wheelchair"])
    if walk.police_walk_along is not None:
        facts.append(WORDS["police"] if walk.police_walk_along else WORDS["no_police"])
    return {
        "language": languages[0],
        "t": {name: tell(words) for name, words in WORDS.items()},
        "when": tell(lambda: say_time(walk.meet_at, walk)),
        "back": tell(lambda: say_clock(walk.end_at, walk)),
        "facts": [tell(fact) for fact in facts],
        "purposes": [tell(Purpose(value).label) for value in walk.purposes if value in Purpose.values],
    }
