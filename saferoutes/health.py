from django.http import HttpRequest, HttpResponse, JsonResponse

from people.access import BY_LINK, EVERYBODY, access


@access("healthz.live", "view", allow=EVERYBODY)
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: answers without touching the database."""
    return JsonResponse({"status": "ok"})


@access("healthz.ready", "view", allow=BY_LINK)
def readyz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})
