"""The sign-in table: for organizers and the walk's lead, for greeters by a link, and for who waits off site."""

import hashlib
import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from office.models import Coalition
from office.refused import Refused
from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.models import User
from people.roles import AgeBand
from people.token_pages import token_page
from walks.access import get_walk_for
from walks.links import signup_from_token
from walks.models import Agreement, Walk
from walks.problems import Roster
from walks.table import Table
from walks.table_actions import NeedsGuardian, Ticker
from walks.table_heads import heads_of
from walks.table_links import greeter_url, offsite_url, walk_of_designee, walk_of_greeters
from walks.table_organizations import offered
from walks.table_rows import rows_of
from walks.table_ticks import do

MOST_BYTES = 20_000
# Whoever comes to a table says an age or doesn't; a child under 13 is counted by heads alone.
BANDS = [(band.value, band.label) for band in AgeBand]


@require_http_methods(["GET", "HEAD"])
@access("walk.table", "use", allow=SIGNED_IN)
def desk_table(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Expected and here, walk-ups, teams out and back. Twelve queries at most, whatever the size."""
    walk = get_walk_for(request, public_id, to="roster")
    return _page(request, walk, url=reverse("walks:desk_table", args=[walk.public_id]), user=request.user)


@require_POST
@access("walk.table", "use", allow=SIGNED_IN)
def desk_tick(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """One tick, from a form or as JSON from a page that was without a network for a while."""
    walk = get_walk_for(request, public_id, to="roster")
    return _tick(request, walk, Ticker(user=request.user), back=reverse("walks:desk_table", args=[walk.public_id]))


@token_page
@require_http_methods(["GET", "HEAD"])
@access("day_board.greeter", "use", allow=BY_LINK)
def greet(request: HttpRequest, token: str) -> HttpResponse:
    """The table for greeters who came by the link: names and ticks, no contacts."""
    walk = walk_of_greeters(token, now=timezone.now())
    if walk is None:
        return render(request, "walks/table_over.html", status=404)
    return _page(request, walk, url=reverse("walks:greet", args=[token]), user=None)


@token_page
@require_POST
@access("day_board.greeter", "use", allow=BY_LINK)
def greet_tick(request: HttpRequest, token: str) -> HttpResponse:
    walk = walk_of_greeters(token, now=timezone.now())
    if walk is None:
        return render(request, "walks/table_over.html", status=404)
    by = Ticker(greeter=str(_body(request).get("greeter") or "")[:60])
    return _tick(request, walk, by, back=reverse("walks:greet", args=[token]))


@token_page
@require_http_methods(["GET", "HEAD"])
@access("offsite.page", "view", allow=BY_LINK)
def off_site(request: HttpRequest, token: str) -> HttpResponse:
    """For who waits off site: teams, when each should be back, whom to call. No names but the team leads'."""
    walk = walk_of_designee(token, now=timezone.now())
    if walk is None:
        return render(request, "walks/table_over.html", status=404)
    table = Table(walk, timezone.now())
    return render(request, "walks/off_site.html", {"walk": walk, "table": table, "coalition": Coalition.current()})


def _page(request: HttpRequest, walk: Walk, *, url: str, user: User | None) -> HttpResponse:
    if request.headers.get("X-Part") == "code":
        return JsonResponse({"signup": _signup_of_code(request.GET.get("code", ""), walk)})
    table = Table(walk, timezone.now())
    context: dict[str, Any] = {
        "walk": walk,
        "table": table,
        "url": url,
        "tick_url": f"{url}do/",
        "is_desk": user is not None,
        "may_call": user is not None and not user.is_walled,
        "base": "base_desk.html" if user else "base_porch.html",
        "greeter": request.GET.get("greeter", "")[:60],
        "q": request.GET.get("q", "")[:80],
        "bands": BANDS,
        "agreement": Agreement.current(),
        "heads": heads_of(walk),
    }
    context["on_walk"], context["elsewhere"] = offered(walk, is_desk=user is not None)
    context["guests"], context["others"] = _found(table, str(context["q"]))
    if request.headers.get("X-Part") == "table":
        choices = [[(one.pk, one.name) for one in context[name]] for name in ("on_walk", "elsewhere")]
        stamp = hashlib.sha256(repr((table.stamp, context["heads"], choices, url)).encode()).hexdigest()[:24]
        if request.headers.get("X-Stamp") == stamp:
            return HttpResponse(status=204)
        context["rows"] = _rows(request, table, context)
        response = render(request, "walks/_table_parts.html", context)
        response["X-Stamp"] = stamp
        return response
    context["rows"] = _rows(request, table, context)
    if user:
        links = {"greeter_url": greeter_url(walk), "offsite_url": offsite_url(walk)}
        context |= {"roster": Roster(n_taken=table.n_expected)} | links
    return render(request, "walks/table.html", context)


def _rows(request: HttpRequest, table: Table, context: dict[str, Any]) -> str:
    return rows_of(request, table, [*context["guests"], *context["others"]], context)


def _signup_of_code(code: str, walk: Walk) -> str | None:
    """Whose code was scanned, where it is one of this walk."""
    signup = signup_from_token(code)
    return str(signup.public_id) if signup and signup.walk_id == walk.pk else None


def _found(table: Table, q: str) -> tuple[list[Any], list[Any]]:
    """Who is shown: everybody, or those with the letters that somebody looks for in their name."""
    wanted = q.strip().casefold()
    if not wanted:
        return table.guests, []
    return tuple([one for one in rows if wanted in one.name.casefold()] for rows in (table.guests, table.others))  # type: ignore[return-value]


def _body(request: HttpRequest) -> dict[str, Any]:
    """What was sent, as a form or as JSON: an object of short texts. Empty where it is neither."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        body = json.loads(request.body[:MOST_BYTES])
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _tick(request: HttpRequest, walk: Walk, by: Ticker, *, back: str) -> HttpResponse:
    is_json = request.content_type == "application/json"
    body = _body(request)
    try:
        do(walk=walk, by=by, body=body)
    except Refused as refused:
        if is_json:
            says = {"ok": False, "says": refused.message, "needs_guardian": isinstance(refused, NeedsGuardian)}
            return JsonResponse(says)
        messages.error(request, refused.message)
    else:
        if is_json:
            return JsonResponse({"ok": True})
        messages.success(request, _("Done."))
    return redirect(_back_to(back, body))


def _back_to(url: str, body: dict[str, Any]) -> str:
    """The same list with the same search and greeter."""
    kept = {name: str(body.get(name) or "")[:80] for name in ("q", "greeter") if body.get(name)}
    return f"{url}?{urlencode(kept)}" if kept else url
