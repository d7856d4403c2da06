"""`script/bench table`: 300 people come to the sign-in table within five minutes, and four greeters tick them.

Each greeter ticks at their own pace and asks for the list again every five seconds, as the page does at most. One in
ten ticks is sent twice, one in twenty is somebody whom another greeter ticked, too; the database is counted afterwards.
"""

import argparse
import json
import random
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import data
from bench.pages import MOST_QUERIES, signed_in
from bench.phones import Line, Tally
from bench.report import Check, judge, percentile, save
from bench.server import database_url, serve

MOST_MS = 300.0
EVERY = 5.0
TWICE, ALSO = 0.10, 0.05


@dataclass
class Greeter:
    """One greeter with their own connection, and the people who come to them."""

    port: int
    walk: str
    cookie: str
    csrf: str
    queue: list[str]
    tally: Tally
    dice: random.Random
    seconds: float
    line: Line = field(init=False)
    fault: str = ""

    def run(self) -> None:
        self.line = Line(self.port, self.tally)
        try:
            self._greet()
        except Exception as problem:  # a thread that dies must not look like a table where nobody came
            self.fault = repr(problem)
        finally:
            self.line.close()

    def _greet(self) -> None:
        started, listed_at = time.monotonic(), 0.0
        for n, signup in enumerate(self.queue):
            due = started + self.seconds * n / len(self.queue)
            time.sleep(max(0.0, due - time.monotonic()))
            tick = {"do": "check_in", "signup": signup, "client_id": str(uuid.uuid4())}
            tick |= {"at": datetime.now(UTC).isoformat(), "greeter": "Bea"}
            for _again in range(2 if self.dice.random() < TWICE else 1):
                self.tick(tick)
            if time.monotonic() - listed_at > EVERY:
                listed_at = time.monotonic()
                self.line.ask("list", "GET", f"{self.walk}", Cookie=self.cookie, X_Part="table")

    def tick(self, body: dict[str, Any]) -> None:
        headers: dict[str, Any] = {"Cookie": self.cookie, "Content_Type": "application/json", "X_CSRFToken": self.csrf}
        answer = self.line.ask("tick", "POST", f"{self.walk}do/", json.dumps(body).encode(), **headers)
        if answer.status != 200 or not (answer.body or {}).get("ok"):
            raise RuntimeError(f"a tick was answered {answer.status}: {answer.body}")


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    data.make_database()
    data.fill(0)
    walk, signups = make_table(options.people)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in("organizer")
    address = f"/desk/walks/{walk.public_id}/table/"
    with serve("saferoutes.wsgi", url=database_url()) as site:
        greeters, tally = greet(site.port, address, client, signups, n=options.greeters, seconds=options.minutes * 60)
    checks = _checks(greeters, tally, walk, options.people) + _pages(client, walk)
    title = f"table: {options.people} people in {options.minutes:g} min, {options.greeters} greeters"
    is_fine = judge(title, checks)
    save("table", checks, people=options.people, greeters=options.greeters)
    return 0 if is_fine else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench table", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=300, help="how many come (300)")
    parser.add_argument("--greeters", type=int, default=4, help="how many greet (4)")
    parser.add_argument("--minutes", type=float, default=5, help="within how many minutes (5)")
    return parser.parse_args(arguments)


def make_table(n_people: int) -> tuple[Any, list[str]]:
    """A walk that runs, with ten teams and so many people on its list. Answers it and their ids."""
    from people.models import Person
    from walks.models import Signup, Team, Walk

    walk, now = Walk.objects.order_by("id").first(), timezone.now()
    assert walk is not None
    walk.meet_at, walk.step_off_at, walk.end_at = now, now + timedelta(minutes=30), now + timedelta(hours=2)
    walk.state, walk.published_at = Walk.State.PUBLISHED, now
    walk.save()
    walk.signups.all().delete()
    teams = Team.objects.bulk_create(Team(walk=walk, number=1000 + n) for n in range(10))
    people = Person.objects.bulk_create(
        Person(name=f"Odessa Quill {n}", email=f"table{n}@example.org") for n in range(n_people)
    )
    signups = Signup.objects.bulk_create(
        Signup(walk=walk, person=one, name=one.name, team=teams[n % 10]) for n, one in enumerate(people)
    )
    return walk, [str(one.public_id) for one in signups]


def greet(
    port: int, address: str, client: Client, signups: list[str], *, n: int, seconds: float
) -> tuple[list[Greeter], Tally]:
    """Let them greet at the same time."""
    client.get(address, headers={"host": "127.0.0.1"})
    csrf = client.cookies["csrftoken"].value
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    dice, tally = random.Random(2026), Tally()  # noqa: S311 - the same people every time is the point
    greeters = []
    for i in range(n):
        also = dice.sample(signups, int(len(signups) / n * ALSO))
        queue = [*signups[i::n], *also]
        dice.shuffle(queue)
        greeters.append(
            Greeter(port, address, cookie, csrf, queue, tally, random.Random(i), seconds)  # noqa: S311
        )
    threads = [threading.Thread(target=greeter.run) for greeter in greeters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return greeters, tally


def _checks(greeters: list[Greeter], tally: Tally, walk: Any, n_people: int) -> list[Check]:
    from walks.models import Presence

    faults = [greeter.fault for greeter in greeters if greeter.fault]
    for fault in faults:
        print(f"  {fault}")
    here = Presence.objects.standing().filter(walk=walk)
    n_rows = here.count()
    ticks, lists = tally.seconds.get("tick", []), tally.seconds.get("list", [])
    return [
        Check("greeters who had to stop", len(faults), limit=0),
        Check("ticks sent", len(ticks)),
        Check("people checked in", here.values("signup").distinct().count(), limit=n_people, at_least=True),
        Check("doubled", n_rows - here.values("signup").distinct().count(), limit=0),
        Check("answers of 500 and above", tally.count(lambda status: status >= 500), limit=0),
        Check("a tick, p95", 1000 * percentile(ticks, 0.95), "ms", MOST_MS),
        Check("a tick, median", 1000 * percentile(ticks, 0.5), "ms"),
        Check("the list again, p95", 1000 * percentile(lists, 0.95), "ms"),
    ]


def _pages(client: Client, walk: Any) -> list[Check]:
    """Questions to the database of the table and of the day's board, with everybody there."""
    checks = []
    for name, page in (("table", "table"), ("day's board", "day")):
        path = f"/desk/walks/{walk.public_id}/{page}/"
        client.get(path, headers={"host": "127.0.0.1"})
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path, headers={"host": "127.0.0.1"})
        checks.append(Check(f"{name}: answered", answer.status_code, limit=200))
        checks.append(Check(f"{name}: queries", len(queries), limit=MOST_QUERIES))
    return checks
