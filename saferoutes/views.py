from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from office.panels import by_deadline, desk_panels
from people.access import EVERYBODY, ORGANIZERS, SignedInRequest, access
from saferoutes import home as home_page


@require_safe
@access("home", "view", allow=EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    """The public home: next walks, the corridors on a map, and what became of what was found."""
    now = timezone.now()
    lines = home_page.corridor_lines(now)
    context = {
        "walks": home_page.next_walks(now),
        "tally": home_page.tally(),
        "fixed": home_page.seen_fixed(),
        "good": home_page.good_things(),
        "lines": lines,
        "ground": home_page.ground(lines),
        "map_urls": f"{reverse('corridors:geojson')} {reverse('concerns:geojson')}",
    }
    return render(request, "home.html", context)


@require_safe
@access("desk.today", "view", allow=ORGANIZERS)
def today(request: SignedInRequest) -> HttpResponse:
    """What needs me, by deadline: each a number, a sentence and one button."""
    now = timezone.now()
    panels = desk_panels(request.user, now)
    return render(request, "desk/today.html", {"bands": by_deadline(panels, now), "now": now})
