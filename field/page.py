"""What stands in the phone app's one page: nothing in it depends on who asks, only on the language."""

import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import json_script

from field.words import words
from office.models import Coalition

BUTTONS = ["house", "light", "ground", "way", "plants", "good"]
TABS = [("log", "flag"), ("walked", "blocks"), ("again", "eye"), ("mine", "list"), ("people", "people")]
MOVES = [("west", "←"), ("north", "↑"), ("south", "↓"), ("east", "→")]
_INDENT = re.compile(r"\n\s+")
FIRST_SCREEN = ("app", "log")
STYLES = ("css/tokens.css", "field/field.css", "field/early.js")  # and the script that runs before the first paint
_IMPORT = re.compile(r"""^(?:import|}) [^;]*?"\./([\w-]+)\.js";$""", re.MULTILINE)


@cache
def first_modules() -> tuple[str, ...]:
    """All modules the first screen needs, so that the browser fetches them at once and not one after the other."""
    folder, found = settings.BASE_DIR / "static" / "field", list(FIRST_SCREEN)
    for name in found:
        imported = _IMPORT.findall((folder / f"{name}.js").read_text())
        found += [one for one in dict.fromkeys(imported) if one not in found]
    return tuple(f"field/{name}.js" for name in found)


@dataclass(frozen=True)
class Facts:
    """What the page says about the coalition. Everything else in it changes only with the program."""

    name: str
    emergency: str
    city: str
    units: str

    @classmethod
    def now(cls) -> "Facts":
        """One query."""
        coalition = Coalition.current()
        return cls(
            name=coalition.name,
            emergency=coalition.emergency_number,
            city=coalition.city_number_name,
            units=coalition.units,
        )


def page(language: str, facts: Facts, *, version: str) -> str:
    """The page's HTML; `version` stands in it, so that a phone knows which worker it belongs to."""
    sentences = words(language)
    context = {
        "w": sentences,
        "buttons": [(group, sentences[f"group_{group}"]) for group in BUTTONS],
        "tabs": [(screen, symbol, sentences[f"tab_{screen}"]) for screen, symbol in TABS],
        "moves": [(move, sentences[f"pin_{move}"], arrow) for move, arrow in MOVES],
        "modules": first_modules(),
        "ground": ground(),
        "language": language,
        "version": version,
        "name": facts.name,
        "settings": json_script(
            _settings(language, sentences, facts) | {"version": version}, "field-settings", _AsItIs
        ),
    }
    return _INDENT.sub("\n", render_to_string("field/app.html", context))


class _AsItIs(json.JSONEncoder):
    """ñ is two bytes and not six, and nothing stands between."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False, "separators": (",", ":")})


def _settings(language: str, sentences: dict[str, str], facts: Facts) -> dict[str, Any]:
    """What the scripts need to know before they have a walk."""
    return asdict(facts) | {
        "language": language,
        "words": sentences,
        "wordsUrls": {code: reverse("field:app_words", args=[code]) for code, _name in settings.LANGUAGES},
        "languageCookie": settings.LANGUAGE_COOKIE_NAME,
        "page": reverse("field:app"),
        "worker": reverse("field:app_worker"),
        "api": reverse("field:app") + "api/",
        "named": names_by_content(),
        "center": settings.LEAFLET_CONFIG["DEFAULT_CENTER"],
        "atlas": static("field/atlas.css"),
    }


def names_by_content() -> bool:
    """Whether a static file's address changes with its content, so that a browser's copy is never stale."""
    return static("field/app.js") != f"{settings.STATIC_URL}field/app.js"


@cache
def ground() -> dict[str, str]:
    """The paper's colour by day and after dark, as the style sheet has it: {"light": "#f3f4ee", "dark": "#10161e"}."""
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    light, dark = re.findall(r"--paper: (#[0-9a-f]{6});", tokens)[:2]
    return {"light": light, "dark": dark}
