"""Measure the site beside its floor, in one run: `python -m bench`. Prints tables and writes `var/bench.json`.

The floor is Django with nothing around the view (`bench.floor_urls`). Ratios count; milliseconds inform.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saferoutes.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench import data, field, life, outreach, phone, same, table  # noqa: E402
from bench.pages import Page, measure_pages  # noqa: E402
from bench.report import merge  # noqa: E402
from bench.server import Measured, Request, Server, database_url, serve  # noqa: E402

Side = tuple[Server, Callable[[int], Request]]

MOST_PUT, MOST_MAP = 8.0, 2.5
AT_ONCE = 4
BOX = "-94.5601,39.0890,-94.5549,39.0930"  # a neighborhood of two streets, each five blocks: about 1,700 concerns


def main() -> int:
    """The word after `script/bench` names a bench of its own; without one the site stands beside its floor."""
    own = {"field": field.main, "phone": phone.main, "life": life.main, "same": same.main, "table": table.main}
    own["outreach"] = outreach.main
    if len(sys.argv) > 1 and sys.argv[1] in own:
        return own[sys.argv[1]](sys.argv[2:])
    options = _options()
    data.make_database()
    url = database_url()
    data.fill(options.concerns)
    call_command("collectstatic", interactive=False, verbosity=0)
    report: dict[str, Any] = {"concerns": options.concerns, "at": timezone.now().isoformat()}
    with ExitStack() as stack:
        floor = stack.enter_context(serve("bench.floor_wsgi", url=url))
        site = stack.enter_context(serve("saferoutes.wsgi", url=url))
        checks = []
        if "put" in options.only:
            checks.append(compare(report, "put", (floor, insert), (site, put), n=options.requests, most=MOST_PUT))
        if "map" in options.only:
            n = options.requests // 4
            checks.append(compare(report, "map", (floor, bare_box), (site, map_box), n=n, most=MOST_MAP))
        if "pages" in options.only:
            checks.append(pages(report, site, n=options.views))
    merge(report)
    return 0 if all(checks) else 1


def _options() -> argparse.Namespace:
    also = (
        "Also: script/bench field (300 phones within five minutes), script/bench phone (weights, a slow phone), "
        "script/bench life (200,000 concerns: the desk, the public pages, Open311), script/bench same (real cases, "
        "reported twice), script/bench table (300 people at the sign-in table) and script/bench outreach (50,000 "
        "contacts, 20,000 referrals: agencies, coordinators, the directory, the week)."
    )
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure the site beside its floor.", epilog=also)
    parser.add_argument("--concerns", type=int, default=50_000, help="how many are in the database (50000)")
    parser.add_argument("--requests", type=int, default=2_000, help="how many of each kind are sent (2000)")
    parser.add_argument("--views", type=int, default=20, help="how often each page is opened (20)")
    parser.add_argument("--only", nargs="+", choices=["put", "map", "pages"], default=["put", "map", "pages"])
    return parser.parse_args()


# --- A concern from a phone, and a row from nobody -------------------------------------------------------------------


def concern_body(i: int) -> dict[str, Any]:
    from walks.models import Walk

    if not _walk:
        _walk.append(str(Walk.objects.order_by("id").values_list("public_id", flat=True)[0]))
    return {
        "rev": 1,
        "walk": _walk[0],
        "category": "LIGHT_OUT",
        "captured_at": timezone.now().isoformat(),
        "position": {
            "lat": 39.0901 + (i % 3) * 1e-5,
            "lon": -94.5599 + (i % 500) * 2e-5,
            "accuracy_m": 12.5,
            "source": "gps",
        },
        "address": f"{3500 + i % 900} Bench Avenue",
        "segment": None,
        "side": None,
        "lit": "dark",
        "note": "Lamp by the bus stop is dark",
        "answers": {"what": ["out"], "pole": "SAH 1621"},
        "danger_now": False,
        "told_by": "seen",
        "city_case": "",
        "photos": [],
        "deleted": False,
    }


_walk: list[str] = []


def put(i: int) -> Request:
    headers = (("Authorization", f"Bearer {data.token_of(i)}"), ("Content-Type", "application/json"))
    body = json.dumps(concern_body(i)).encode()
    return Request("PUT", f"/field/api/concerns/{uuid.uuid4()}/", body, headers, expected=201)


def insert(i: int) -> Request:
    headers = (("Content-Type", "application/json"),)
    return Request("POST", "/insert/", json.dumps(concern_body(i)).encode(), headers, expected=201)


# --- The neighborhood map --------------------------------------------------------------------------------------------


def map_box(_i: int) -> Request:
    return Request("GET", f"/map/concerns.geojson?bbox={BOX}")


def bare_box(_i: int) -> Request:
    return Request("GET", f"/box/?bbox={BOX}")


# --- What is printed -------------------------------------------------------------------------------------------------


def compare(
    report: dict[str, Any],
    name: str,
    floor: Side,
    site: Side,
    *,
    n: int,
    most: float,
) -> bool:
    """Measure floor, site and the floor once more; the ratio is against the mean of both floors."""
    floors = [floor[0].measure(floor[1], n=n, at_once=AT_ONCE)]
    measured = site[0].measure(site[1], n=n, at_once=AT_ONCE)
    floors.append(floor[0].measure(floor[1], n=n, at_once=AT_ONCE))
    ratio = measured.cpu_ms / (sum(one.cpu_ms for one in floors) / len(floors))
    print(f"\n{name}: CPU of web and database, ms a request")
    for label, one in [("floor", floors[0]), ("site", measured), ("floor", floors[1])]:
        print(f"  {label:6} {_line(one)}")
    print(f"  ratio  {ratio:.2f}, at most {most}: {_word(ratio <= most)}")
    report[name] = {
        "ratio": round(ratio, 2),
        "most": most,
        "site": _numbers(measured),
        "floor": [_numbers(one) for one in floors],
    }
    return ratio <= most


def _line(one: Measured) -> str:
    return (
        f"{one.cpu_ms:6.2f} (web {one.web_ms:.2f}, database {one.database_ms:.2f})  {one.per_second:6.0f}/s"
        f"  p95 {one.p95_ms:.1f} ms  {one.n_bytes} bytes"
    )


def _numbers(one: Measured) -> dict[str, float]:
    return {
        "cpu_ms": round(one.cpu_ms, 3),
        "web_ms": round(one.web_ms, 3),
        "database_ms": round(one.database_ms, 3),
        "per_second": round(one.per_second, 1),
        "p95_ms": round(one.p95_ms, 2),
        "bytes": one.n_bytes,
    }


def _word(is_fine: bool) -> str:
    return "ok" if is_fine else "TOO MUCH"


def pages(report: dict[str, Any], site: Server, *, n: int) -> bool:
    measured = measure_pages(site, n=n)
    shown = sorted((page for page in measured if page.status == 200), key=lambda page: -page.p95_ms)
    print(f"\npages: {len(shown)}, one user, {n} times each")
    print(f"  {'page':44} {'as':10} {'p95 ms':>7} {'queries':>7} {'kB':>6}")
    for page in shown:
        mark = "" if page.is_within else "  TOO MUCH"
        print(f"  {page.name:44} {page.role:10} {page.p95_ms:7.1f} {page.n_queries:7} {page.n_bytes / 1000:6.1f}{mark}")
    broken = [page for page in measured if page.status >= 500]
    for page in broken:
        print(f"  {page.name:44} {page.role:10} answered {page.status}")
    report["pages"] = {page.name: _page_numbers(page) for page in shown}
    report["not_measured"] = {page.name: page.status for page in measured if page.status != 200}
    return not broken and all(page.is_within for page in shown)


def _page_numbers(page: Page) -> dict[str, Any]:
    return {"as": page.role, "p95_ms": round(page.p95_ms, 1), "queries": page.n_queries, "bytes": page.n_bytes}


sys.exit(main())
