"""`script/bench outreach`: 50,000 contacts, 20,000 referrals: agencies, coordinators, the directory, shops, the week.

Each is asked by one user, beside a floor of its kind in the same run: Django with nothing around the view, one query of
as many rows from the same database (`bench.floor_urls`).
"""

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
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
    """One address, and who asks for it; `{…}` is filled from `what_is_there`. A file may take longer than a page."""

    who: str
    name: str
    path: str
    is_page: bool = True


ASKED = [
    Asked("agency", "partner’s page", "/partner/"),
    Asked("agency", "agency’s referral", "/partner/referrals/{referral}/"),
    Asked("agency", "agency’s own record", "/partner/{agency}/record/"),
    Asked("agency", "agency’s services", "/partner/services/{agency}/"),
    Asked("agency", "agency’s week", "/partner/week/{sent_week}/"),
    Asked("public", "directory", "/services/"),
    Asked("public", "directory: need, open now, language", "/services/?need=food&open_now=on&language=es"),
    Asked("public", "directory: need, street, age, words", "/services/?need=food&corridor={street}&age=30&words=help"),
    Asked("public", "help page", "/help/"),
    Asked("coordinator", "requests that need somebody", "/desk/outreach/"),
    Asked("coordinator", "requests with an agency", "/desk/outreach/?show=waiting"),
    Asked("coordinator", "requests closed", "/desk/outreach/?show=closed"),
    Asked("coordinator", "requests closed, page 200", "/desk/outreach/?show=closed&page=200"),
    Asked("coordinator", "one request", "/desk/outreach/{request}/"),
    Asked("coordinator", "contacts", "/desk/outreach/contacts/"),
    Asked("coordinator", "contacts, ever", "/desk/outreach/contacts/?days=all"),
    Asked("coordinator", "contacts, ever, one need", "/desk/outreach/contacts/?days=all&need=food"),
    Asked("coordinator", "contacts, page 800 of ever", "/desk/outreach/contacts/?days=all&page=800"),
    Asked("coordinator", "services at the desk", "/desk/outreach/services/"),
    Asked("coordinator", "shops", "/desk/outreach/shops/"),
    Asked("coordinator", "shops not seen lately", "/desk/outreach/shops/?show=unseen"),
    Asked("coordinator", "one shop", "/desk/outreach/shops/{shop}/"),
    Asked("coordinator", "cards", "/desk/outreach/cards/"),
    Asked("coordinator", "weeks", "/desk/insights/week/"),
    Asked("coordinator", "one week", "/desk/insights/week/{week}/"),
    Asked("coordinator", "one week on paper", "/desk/insights/week/{week}.pdf", is_page=False),
    Asked("coordinator", "insights", "/desk/insights/"),
    Asked("coordinator", "partners’ record, this quarter", "/desk/insights/partners/"),
    Asked("coordinator", "partners’ record, last quarter", "/desk/insights/partners/?quarter={quarter}"),
    Asked("coordinator", "who is at the table", "/desk/insights/table/"),
]


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
    clients = sign_in()
    url = database_url()
    with ExitStack() as stack:
        floor = stack.enter_context(serve("bench.floor_wsgi", url=url))
        site = stack.enter_context(serve("saferoutes.wsgi", url=url))
        bare = _measure(floor, FLOOR, Client(), n=options.views)
        known = what_is_there()
        checks = [
            check
            for asked in ASKED
            for check in _checks(asked, site, clients[asked.who], asked.path.format(**known), bare, options.views)
        ]
    checks += _count_a_week(known["week"])
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


def sign_in() -> dict[str, Client]:
    """Who asks, by the words of `ASKED`."""
    return {"public": Client(), "coordinator": _coordinator(), "agency": _agency()}


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


def what_is_there() -> dict[str, Any]:
    """What stands in the addresses: of the busiest agency, and of the newest. Seven queries."""
    from corridors.models import Corridor, Landmark
    from insights.models import Snapshot
    from insights.quarters import Quarter
    from outreach.models import Referral
    from people.models import Organization

    agency = Organization.objects.get(name=outreach_data.BUSIEST)
    referral = Referral.objects.of([agency.pk], timezone.now()).open().select_related("help_request").order_by("id")[0]
    week = Snapshot.objects.weeks().order_by("-starts_on")[0].starts_on
    return {
        "agency": agency.public_id,
        "referral": referral.public_id,
        "request": referral.help_request.public_id,
        "shop": Landmark.objects.filter(shop__notes__isnull=False).order_by("id")[0].public_id,
        "street": Corridor.objects.order_by("id")[0].slug,
        "week": week,
        "sent_week": week - timedelta(weeks=1),
        "quarter": Quarter.of(timezone.localdate()).before,
    }


def _count_a_week(monday: date) -> list[Check]:
    """Once a week somebody waits for this: to inform."""
    from insights.week import count_week
    from insights.week_days import Week
    from office.models import Coalition

    started = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        count_week(Week(monday, Coalition.current().zone), now=timezone.now())
    seconds = time.monotonic() - started
    return [Check("a week counted", 1000 * seconds, "ms"), Check("  queries", len(queries))]


def _measure(server: Server, path: str, client: Client, *, n: int) -> Measured:
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    request = Request("GET", path, headers=(("Cookie", cookie),) if cookie else ())
    return server.measure(lambda _i: request, n=n, at_once=1, warm_up=3)


def _checks(asked: Asked, site: Server, client: Any, path: str, floor: Measured, n: int) -> list[Check]:
    """Its p95 and its queries against their limits; its CPU and how many times the floor's time it takes, to inform."""
    client.get(path, headers={"host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path, headers={"host": "127.0.0.1"})
    if answer.status_code != 200:
        return [Check(f"{asked.name} answered", answer.status_code, limit=200)]
    one = _measure(site, path, client, n=n)
    return [
        Check(asked.name, one.p95_ms, "ms", MOST_MS if asked.is_page else None),
        Check("  queries", len(queries), limit=MOST_QUERIES),
        Check("  CPU, web and database", one.cpu_ms, "ms"),
        Check("  times the floor", one.p95_ms / floor.p95_ms if floor.p95_ms else 0.0),
    ]
