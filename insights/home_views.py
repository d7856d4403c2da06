"""The door of the room: which numbers there are, and where."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.access import ORGANIZERS, SignedInRequest, access


@require_safe
@access("insights.home", "view", allow=ORGANIZERS)
def home(request: SignedInRequest) -> HttpResponse:
    return render(request, "insights/home.html", {})
