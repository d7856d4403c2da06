"""The weekly page on paper: exactly one Letter page."""

import re
from typing import Any

from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from concerns.public import PublicPhoto
from insights.models import Snapshot
from insights.week_words import sheet_of
from office.models import Coalition
from office.pdf import make_one_page

# A drawing inside a page doesn't see the page's style sheets when paper is made: it carries its own colours.
INK = "#17202c"
TONES = {"ochre": "#775600", "violet": "#62389a", "green": "#1b6a3c", "quiet": "#495464", "ink": INK}
STRIP = (
    "<style>.strip-road{fill:#e8eae1}.strip-tick{stroke:#747d78;stroke-width:1.5}"
    ".strip-0{fill:none;stroke:#1a5a88;stroke-width:1.6;stroke-dasharray:2 4}"
    ".strip-1,.strip-2,.strip-3{fill:#1a5a88}.strip-unknown{fill:none;stroke:#747d78;stroke-width:1.6}"
    'text{font:15px "DejaVu Sans Condensed","DejaVu Sans",sans-serif;fill:#17202c}</style>'
)
LOGO = "<style>.logo-lamp{fill:#f2a93b;stroke:#5b3a00}</style>"
_LOGO = re.compile(r'<svg class="logo"[^>]*>')
_MARK = re.compile(r'<svg class="mark tone-(\w+)"[^>]*>')
_STRIP = re.compile(r"<svg (?=viewBox|class=\"swatch\")[^>]*>")


def week_pdf(snapshot: Snapshot, *, coalition: Coalition, with_help: bool) -> bytes:
    """In the active language."""
    sheet = sheet_of(snapshot, coalition=coalition, with_help=with_help)
    pictures = _pictures(sheet["pair"])
    context = {**sheet, "on_paper_only": True, "pictures": pictures}
    html = inked(render_to_string("insights/week_pdf.html", context))
    tighter = ["css/week-tight.css", "css/week-tightest.css"]
    return make_one_page(html, styles=["css/week-paper.css"], tighter=tighter, pictures=pictures)


def inked(html: str) -> str:
    """Every mark and strip with its colours written into it."""
    html = _LOGO.sub(lambda found: found.group() + LOGO, _MARK.sub(_ink, html))
    return _STRIP.sub(_strip, html)


def _strip(found: re.Match[str]) -> str:
    """With a little room before the first street's slanted name, which would be cut off."""
    return found.group().replace('viewBox="0 0 1200', 'viewBox="-9 0 1209') + STRIP


def _ink(found: re.Match[str]) -> str:
    tone = TONES.get(found.group(1), INK)
    return (
        f"{found.group()}<style>.mark-ink{{fill:{tone}}}.mark-paper,.mark-halo{{fill:#fff}}"
        f".mark-halo{{stroke:#fff}}.mark-line{{fill:none;stroke:{tone}}}.mark-paper.mark-line{{fill:#fff}}</style>"
    )


def _pictures(pair: dict[str, Any] | None) -> dict[str, bytes]:
    """Both small copies, or none of them where a file is gone."""
    if pair is None:
        return {}
    found = {name: _bytes(pair[name]) for name in ("then", "now")}
    return {name: held for name, held in found.items() if held} if all(found.values()) else {}


def _bytes(photo: PublicPhoto) -> bytes:
    name = photo.thumbnail.name
    if not name or not default_storage.exists(name):
        return b""
    with default_storage.open(name) as file:
        held: bytes = file.read()
    return held
