"""`script/bench outreach`: 50,000 contacts, 20,000 referrals: agencies, coordinators, the directory, shops, the week.

Each is asked by one user, beside a floor of its kind in the same run: Django with nothing around the view, one query of
as many rows from the same database (`bench.floor_urls`).
"""

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import data, outreach_data
from bench.pages import MOST_QUERIES
from bench.report import Check, judge, save
from bench.server import Measured, Request, Server, database_url, serve

MOST_MS, N_WEEKS = 300.0, 104
FLOOR = "/rows/?n=40"


@dataclass(frozen=True)
class Asked:
    """One address, and who asks for it."""

    name: str
    path: str
    who: str


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    started = time.monotonic()
    if options.again:
        data.use_database()
    else:
        data.make_database()
        outreach_data.fill(contacts=options.contacts, referrals=options.referrals, concerns=options.concerns)
        outreach_data.keep_weeks(N_WEEKS)
        print(f"made in {time.monotonic() - started:.0f} s")
    call_command("collectstatic", interactive=False, verbosity=0)
    clients = {"public": Client(), "coordinator": _coordinator(), "agency": _agency()}
    url = database_url()
    with ExitStack() as stack:
        floor = stack.enter_context(serve("bench.floor_wsgi", url=url))
        site = stack.enter_context(serve("saferoutes.wsgi", url=url))
        bare = _measure(floor, FLOOR, Client(), n=options.views)
        checks = [check for asked in pages() for check in _checks(asked, site, clients[asked.who], bare, options.views)]
    words = f"{options.contacts:,} contacts, {options.referrals:,} referrals, one user, {options.views} times each"
    is_fine = judge(f"outreach: {words}", checks)
    save(
        "outreach", checks, contacts=options.contacts, referrals=options.referrals, floor=round(bare.p95_ms, 1)
    )  # fmt: skip
    return 0 if is_fine else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench outreach", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=50_000, help="how many are in the database (50000)")
    parser.add_argument("--referrals", type=int, default=20_000, help="how many are in the database (20000)")
    parser.add_argument("--concerns", type=int, default=50_000, help="how many are in the database (50000)")
    parser.add_argument("--again", action="store_true", help="measure what the last run put there")
    parser.add_argument("--views", type=int, default=20, help="how often each is asked (20)")
    return parser.parse_args(arguments)


def _coordinator() -> Client:
    """An organizer with the grant: given before signing in, because a changed right ends a session."""
    from people.models import User

    email = "bench-organizer@example.org"
    user = User.objects.filter(email=email).first()
    rights: dict[str, Any] = {"role": "organizer", "is_outreach_coordinator": True}
    return _client_of(user or User.objects.create_user(email=email, name="Odessa Quill", password=None, **rights))


def _agency() -> Client:
    from people.models import User

    return _client_of(User.objects.filter(email="bench-agency@example.org").first() or outreach_data.busiest())


def _client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def pages() -> list[Asked]:
    """Every address that is measured; what it needs of the database is looked up. Five queries."""
    from corridors.models import Corridor, Landmark
    from insights.models import Snapshot
    from insights.quarters import Quarter
    from outreach.models import HelpRequest, Referral
    from people.models import Organization

    agency = Organization.objects.get(name="Bench Agency 1")
    open_ones = Referral.objects.of([agency.pk], timezone.now()).open().order_by("id")
    asked = HelpRequest.objects.open().filter(referrals__in=open_ones).order_by("id")[0]
    shop = Landmark.objects.filter(shop__notes__isnull=False).order_by("id")[0]
    street = Corridor.objects.order_by("id")[0].slug
    week = Snapshot.objects.weeks().order_by("-starts_on")[0].starts_on
    last = Quarter.of(timezone.localdate()).before
    desk = {
        "requests that need somebody": "/desk/outreach/",
        "requests with an agency": "/desk/outreach/?show=waiting",
        "requests closed": "/desk/outreach/?show=closed",
        "requests closed, page 200": "/desk/outreach/?show=closed&page=200",
        "one request": f"/desk/outreach/{asked.public_id}/",
        "contacts": "/desk/outreach/contacts/",
        "contacts, ever": "/desk/outreach/contacts/?days=all",
        "contacts, ever, one need and kind": "/desk/outreach/contacts/?days=all&need=food&kind=resident",
        "contacts, page 800 of ever": "/desk/outreach/contacts/?days=all&page=800",
        "services at the desk": "/desk/outreach/services/",
        "shops": "/desk/outreach/shops/",
        "shops not seen lately": "/desk/outreach/shops/?show=unseen",
        "one shop": f"/desk/outreach/shops/{shop.public_id}/",
        "cards": "/desk/outreach/cards/",
        "weeks": "/desk/insights/week/",
        "one week": f"/desk/insights/week/{week}/",
        "insights": "/desk/insights/",
        "partners’ record, this quarter": "/desk/insights/partners/",
        "partners’ record, last quarter": f"/desk/insights/partners/?quarter={last}",
        "who is at the table": "/desk/insights/table/",
        "today": "/desk/",
    }
    agencys = {
        "partner’s page": "/partner/",
        "agency’s referral": f"/partner/referrals/{open_ones[0].public_id}/",
        "agency’s own record": f"/partner/{agency.public_id}/record/",
        "agency’s services": f"/partner/services/{agency.public_id}/",
        "agency’s week": f"/partner/week/{week - timedelta(weeks=1)}/",
    }
    public = {
        "directory": "/services/",
        "directory: need, open now, language": "/services/?need=food&open_now=on&language=es",
        "directory: need, street, age, words": f"/services/?need=food&corridor={street}&age=30&words=listens",
        "help page": "/help/",
    }
    groups = (("agency", agencys), ("public", public), ("coordinator", desk))
    return [Asked(name, path, who) for who, group in groups for name, path in group.items()]


def _measure(server: Server, path: str, client: Client, *, n: int) -> Measured:
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    request = Request("GET", path, headers=(("Cookie", cookie),) if cookie else ())
    return server.measure(lambda _i: request, n=n, at_once=1, warm_up=3)


def _checks(asked: Asked, site: Server, client: Any, floor: Measured, n: int) -> list[Check]:
    """Its p95 and its queries against their limits; its CPU and how many times the floor's time it takes, to inform."""
    client.get(asked.path, headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(asked.path, headers={"host": "127.0.0.1"})
    if answer.status_code != 200:
        return [Check(f"{asked.name} answered", answer.status_code, limit=200)]
    one = _measure(site, asked.path, client, n=n)
    return [
        Check(asked.name, one.p95_ms, "ms", MOST_MS),
        Check("  queries", len(queries), limit=MOST_QUERIES),
        Check("  CPU, web and database", one.cpu_ms, "ms"),
        Check("  times the floor", one.p95_ms / floor.p95_ms if floor.p95_ms else 0.0),
    ]
