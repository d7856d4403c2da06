from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from field.words import words
from office.models import Coalition
from people.access import BY_LINK, access

APP_VERSION = "1"
BUTTONS = ["house", "light", "ground", "way", "plants", "good"]
TABS = [("log", "flag"), ("again", "eye"), ("mine", "list"), ("people", "people")]
MOVES = [("west", "←"), ("north", "↑"), ("south", "↓"), ("east", "→")]
# All modules the first screen needs, so that the browser fetches them at once and not one after the other.
FIRST_MODULES = [
    f"field/{name}.js"
    for name in (
        "app", "api", "blocks", "dom", "join", "kinds", "log", "outbox", "place", "records", "settings", "shell", "spot",
        "store", "words",
    )
]  # fmt: skip


@require_safe
@gzip_page  # it holds no secret, and phones load it over bad signal
@access("field.device", "enrol", allow=BY_LINK)
def app(request: HttpRequest) -> HttpResponse:
    """The phone app: one page for everybody; the invite stands behind the # and never reaches the server by GET."""
    language = _our_language(get_language() or "")
    sentences = words(language)
    response = render(
        request,
        "field/app.html",
        {
            "w": sentences,
            "buttons": [(group, sentences[f"group_{group}"]) for group in BUTTONS],
            "tabs": [(screen, symbol, sentences[f"tab_{screen}"]) for screen, symbol in TABS],
            "moves": [(move, sentences[f"pin_{move}"], arrow) for move, arrow in MOVES],
            "modules": FIRST_MODULES,
            "settings": _settings(language, sentences),
        },
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@gzip_page
@never_cache
@access("field.device", "enrol", allow=BY_LINK)
def app_words(request: HttpRequest, language: str) -> JsonResponse:
    """The app's sentences in one language, so that a phone can switch without loading the page again."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return JsonResponse({"saferoutes": 1, "language": language, "words": words(language)})


def _our_language(code: str) -> str:
    return code[:2] if code[:2] in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _settings(language: str, sentences: dict[str, str]) -> dict[str, Any]:
    """What the scripts need to know before they have a walk. One query, for the emergency number."""
    coalition = Coalition.current()
    return {
        "version": APP_VERSION,
        "language": language,
        "words": sentences,
        "wordsUrls": {code: reverse("field:app_words", args=[code]) for code, _name in settings.LANGUAGES},
        "languageCookie": settings.LANGUAGE_COOKIE_NAME,
        "api": reverse("field:app") + "api/",
        "emergency": coalition.emergency_number,
        "name": coalition.name,
        "center": settings.LEAFLET_CONFIG["DEFAULT_CENTER"],
        "city": coalition.city_number_name,
        "units": coalition.units,
        "leaflet": {"js": static("leaflet/leaflet.js"), "css": static("leaflet/leaflet.css")},
        "tiles": settings.MAP_TILES_URL if settings.MAP_TILES_ORIGIN else "",
        "attribution": settings.MAP_TILES_ATTRIBUTION,
    }
