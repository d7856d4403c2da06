"""The table's list as HTML. A row that is as it was isn't drawn again: at a full table that is all but one of 300."""

import secrets
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from walks.table import Guest, Table

MOST_KEPT = 3_000
# Stands in kept rows where each request's own token belongs.
TOKEN = secrets.token_hex(16)
# What a row says depends on these; a greeter's row and an organizer's are never the same one.
FROM_PAGE = ("tick_url", "q", "greeter", "may_call")

_kept: dict[str, str] = {}


def rows_of(request: HttpRequest, table: Table, guests: list[Guest], context: dict[str, Any]) -> SafeString:
    """Everybody's row, in this order. `context` is the page's: see `FROM_PAGE`."""
    shared = {"table": table, "csrf_token": TOKEN} | {name: context[name] for name in FROM_PAGE}
    teams = [(row.team.pk, row.team.number, row.team.name) for row in table.teams]
    about = (get_language(), [context[name] for name in FROM_PAGE], table.walk.time_zone, teams)
    with timezone.override(table.walk.zone):
        html = "".join(_row(guest, shared, f"{about}{_told(guest)}") for guest in guests)
    return mark_safe(html.replace(TOKEN, get_token(request)))  # noqa: S308  templates wrote it, escaped


def _row(guest: Guest, shared: dict[str, Any], key: str) -> str:
    html = _kept.get(key)
    if html is None:
        html = render_to_string("walks/_table_guest.html", {"guest": guest} | shared)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = html
    return html


def _told(guest: Guest) -> str:
    """All that a row says; two that say the same are the same row."""
    known = [vars(one) for one in (guest.signup, guest.presence) if one]
    return repr(([{k: v for k, v in one.items() if not k.startswith("_")} for one in known], guest.organization))
