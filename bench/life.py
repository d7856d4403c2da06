"""`script/bench life`: 200,000 concerns of five years; the desk's list and map, the public ones, a full Open311 list.

Each is asked by one user, beside a floor of its kind in the same run: Django with nothing around the view, one query of
as many rows from the same database (`bench.floor_urls`).
"""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import data, life_data
from bench.pages import MOST_QUERIES, signed_in
from bench.report import Check, judge, save
from bench.server import Measured, Request, Server, database_url, serve

BOX = "-94.5601,39.0890,-94.5549,39.0930"
LIMITS_MS = {"desk": 300.0, "public": 200.0, "open311": 400.0}
FLOORS = {"page": "/rows/?n=40", "map": f"/box/?bbox={BOX}", "list": "/rows/?n=1000"}


@dataclass(frozen=True)
class Asked:
    """One address, whose limit and which floor it is held against."""

    name: str
    path: str
    limit: str
    floor: str


ASKED = [
    Asked("desk list, first page", "/desk/concerns/", "desk", "page"),
    Asked("desk list, everything", "/desk/concerns/?show=all", "desk", "page"),
    Asked("desk list, page 900 of everything", "/desk/concerns/?show=all&page=900", "desk", "page"),
    Asked("desk list, open on a corridor", "/desk/concerns/?show=open&corridor=bench-avenue-1", "desk", "page"),
    Asked("desk list, one kind and status", "/desk/concerns/?category=LIGHT_OUT&status=reopened", "desk", "page"),
    Asked("desk list, overdue", "/desk/concerns/?overdue=1", "desk", "page"),
    Asked("desk list, with a photo", "/desk/concerns/?photo=1", "desk", "page"),
    Asked("desk list, flagged", "/desk/concerns/?flagged=1", "desk", "page"),
    Asked("desk list, with nobody", "/desk/concerns/?show=open&owner=none", "desk", "page"),
    Asked("desk map, everything", "/desk/map/concerns.geojson?show=all", "desk", "map"),
    Asked("desk map, open", "/desk/map/concerns.geojson?show=open", "desk", "map"),
    Asked("desk map, a box", f"/desk/map/concerns.geojson?show=all&bbox={BOX}", "desk", "map"),
    Asked("public list", "/concerns/", "public", "page"),
    Asked("public list, page 500", "/concerns/?page=500", "public", "page"),
    Asked("public list, open on a corridor", "/concerns/?status=open&corridor=bench-avenue-3", "public", "page"),
    Asked("public list, we saw it fixed", "/concerns/?status=verified_fixed", "public", "page"),
    Asked("public map, everything", "/map/concerns.geojson", "public", "map"),
    Asked("public map, a box", f"/map/concerns.geojson?bbox={BOX}", "public", "map"),
    Asked("Open311, 1,000 as JSON", "/open311/v2/requests.json", "open311", "list"),
    Asked("Open311, 1,000 as XML", "/open311/v2/requests.xml", "open311", "list"),
    Asked("Open311, 1,000 closed", "/open311/v2/requests.json?status=closed", "open311", "list"),
    Asked("Open311, tenth page", "/open311/v2/requests.json?page=10", "open311", "list"),
]


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if options.again:
        data.use_database()
    else:
        data.make_database()
        life_data.fill(options.concerns)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in("organizer")
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    url = database_url()
    with ExitStack() as stack:
        floor = stack.enter_context(serve("bench.floor_wsgi", url=url))
        site = stack.enter_context(serve("saferoutes.wsgi", url=url))
        floors = {name: _measure(floor, path, "", n=options.views) for name, path in FLOORS.items()}
        checks = [
            check
            for asked in ASKED
            for check in _checks(asked, site, client, cookie, floors[asked.floor], options.views)
        ]
    is_fine = judge(f"life: {options.concerns:,} concerns, one user, {options.views} times each", checks)
    save("life", checks, concerns=options.concerns, floors={name: round(one.p95_ms, 1) for name, one in floors.items()})
    return 0 if is_fine else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench life", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--concerns", type=int, default=200_000, help="how many are in the database (200000)")
    parser.add_argument("--again", action="store_true", help="measure what the last run put there")
    parser.add_argument("--views", type=int, default=20, help="how often each is asked (20)")
    return parser.parse_args(arguments)


def _measure(server: Server, path: str, cookie: str, *, n: int) -> Measured:
    request = Request("GET", path, headers=(("Cookie", cookie),) if cookie else ())
    return server.measure(lambda _i: request, n=n, at_once=1, warm_up=3)


def _checks(asked: Asked, site: Server, client: Client, cookie: str, floor: Measured, n: int) -> list[Check]:
    """Its p95 and its queries against their limits; how many times the floor's CPU and time it takes, to inform."""
    desk = asked.limit == "desk"
    who: Any = client if desk else Client()
    who.get(asked.path, headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as queries:
        answer = who.get(asked.path, headers={"host": "127.0.0.1"})
    if answer.status_code != 200:
        return [Check(f"{asked.name} answered", answer.status_code, limit=200)]
    one = _measure(site, asked.path, cookie if desk else "", n=n)
    return [
        Check(asked.name, one.p95_ms, "ms", LIMITS_MS[asked.limit]),
        Check("  queries", len(queries), limit=MOST_QUERIES),
        Check("  CPU, web and database", one.cpu_ms, "ms"),
        Check(f"  times the floor ({asked.floor})", one.p95_ms / floor.p95_ms if floor.p95_ms else 0.0),
    ]
