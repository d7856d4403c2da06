from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from office.panels import desk_panels
from people.access import EVERYBODY, ORGANIZERS, SignedInRequest, access


@access("home", "view", allow=EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", {})


@access("desk.today", "view", allow=ORGANIZERS)
def today(request: SignedInRequest) -> HttpResponse:
    """What needs me, by deadline."""
    now = timezone.now()
    return render(request, "desk/today.html", {"panels": desk_panels(request.user, now), "now": now})
