from typing import Any

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from field.answers import COMPACT
from field.offline import manifest, rest, version, words_answer, worker_script
from field.page import Facts, page
from people.access import BY_LINK, access

# The worker runs only our own modules and asks only our own server.
WORKER_POLICY: dict[str, Any] = {"default-src": ["'none'"], "script-src": ["'self'"], "connect-src": ["'self'"]}


@require_safe
@gzip_page  # it holds no secret, and phones load it over bad signal
@access("field.device", "enrol", allow=BY_LINK)
def app(request: HttpRequest) -> HttpResponse:
    """The phone app: one page for everybody; the invite stands behind the # and never reaches the server by GET."""
    facts = Facts.now()
    response = HttpResponse(page(_our_language(get_language() or ""), facts, version=version(facts)))
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
    return JsonResponse(words_answer(language, version(Facts.now())))


@require_safe
@gzip_page
@never_cache
@access("field.device", "enrol", allow=BY_LINK)
def app_rest(request: HttpRequest, language: str) -> JsonResponse:
    """What a phone keeps beside the page in that language: the other screens, the other languages' sentences."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return JsonResponse(rest(language, Facts.now()), json_dumps_params=COMPACT)


@require_safe
@gzip_page
@csp(WORKER_POLICY)
@access("field.device", "enrol", allow=BY_LINK)
def app_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what to keep and under which version; how is in static/field/worker.js."""
    response = HttpResponse(worker_script(Facts.now()), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
@gzip_page
@access("field.device", "enrol", allow=BY_LINK)
def app_manifest(request: HttpRequest) -> JsonResponse:
    """How the app looks on a home screen."""
    response = JsonResponse(manifest(Facts.now()), content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


def _our_language(code: str) -> str:
    return code[:2] if code[:2] in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
