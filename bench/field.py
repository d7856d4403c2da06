"""`script/bench field`: 300 phones come back to one wifi and send all they keep within five minutes.

The web server and the worker run as script/server starts them; 20 people look at the map meanwhile. What each phone was
told is compared with the database afterwards: everything is there, once, with its bytes.
"""

import argparse
import hashlib
import os
import resource
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from bench import data
from bench.phones import LATER, Entry, Line, Phone, Tally, send_all
from bench.report import Check, judge, percentile, save
from bench.server import Server, cpu_of_backends, cpu_of_tree, database_url, serve, work

SETTINGS = "bench.site_settings"
PHONES_A_WALK = 300
AT_ONCE = 8
LIMITS_MS = {"text": (800, 2000), "photo": (3000, None), "reader": (1000, None)}  # p95, p99
MOST_BACKLOG_SECONDS = 600
WORDS = {"text": "concern", "photo": "photo", "reader": "map reader", "join": "joining", "pack": "pack"}


@dataclass(frozen=True)
class Result:
    """What is in the database after a run, against what the phones were told."""

    n_sent: int
    n_kept: int
    n_photos_sent: int
    n_photos_kept: int
    wrong: list[str]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of web server, worker, database and of the bench itself."""

    web: float
    worker: float
    database: float
    bench: float

    @classmethod
    def now(cls, server: Server, worker: int) -> "Cost":
        own = resource.getrusage(resource.RUSAGE_SELF)
        return cls(cpu_of_tree(server.pid), cpu_of_tree(worker), cpu_of_backends(), own.ru_utime + own.ru_stime)

    def since(self, before: "Cost") -> "Cost":
        return Cost(
            self.web - before.web,
            self.worker - before.worker,
            self.database - before.database,
            self.bench - before.bench,
        )


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    data.make_database()
    data.fill(options.concerns)
    call_command("collectstatic", interactive=False, verbosity=0)
    with media_folder(settings.VAR_DIR / "bench-media") as media:
        result, tally, checks = measure(make_walks(options.devices), options, media)
    checks = [*_ledger(result, tally, expected=options.devices * options.each), *checks]
    is_fine = judge(_title(options), checks)
    for line in result.wrong[:20]:
        print(f"  {line}")
    for (kind, status), n in sorted(tally.statuses.items()):
        if not 200 <= status < 300:
            print(f"  {WORDS.get(kind, kind)}: {n} times {status or 'no answer'}")
    save("field", checks, **vars(options))
    print(f"  kept in {settings.VAR_DIR / 'bench.json'}")
    return 0 if is_fine else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench field", description="Phones that send what they keep, all behind one address."
    )
    parser.add_argument("--seconds", type=float, default=300, help="within which all of them come back (300)")
    parser.add_argument("--devices", type=int, default=300, help="how many phones (300)")
    parser.add_argument("--each", type=int, default=10, help="concerns on each phone (10)")
    parser.add_argument("--readers", type=int, default=20, help="people who look at the public map (20)")
    parser.add_argument("--photos", type=float, default=0.3, help="share of concerns with a photo (0.3)")
    parser.add_argument("--lost", type=float, default=0.0, help="share of answers that don't reach the phone (0)")
    parser.add_argument("--concerns", type=int, default=50_000, help="how many are in the database before (50000)")
    return parser.parse_args(arguments)


def _title(options: argparse.Namespace) -> str:
    sent = f"{options.devices} phones, {options.each} concerns each, within {options.seconds:.0f} s"
    return f"field: {sent}, from one address; {options.readers} people at the map"


def make_walks(devices: int) -> list[Any]:
    """As many running walks as so many phones may join."""
    from corridors.models import Corridor

    corridor = Corridor.objects.order_by("id")[0]
    return [data.add_running_walk(corridor, n) for n in range(-(-devices // PHONES_A_WALK))]


@contextmanager
def media_folder(path: Path) -> Iterator[Path]:
    """An empty folder for photos, known to the processes started meanwhile; gone afterwards."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    os.environ["BENCH_MEDIA"] = str(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def measure(walks: Sequence[Any], options: argparse.Namespace, media: Path) -> tuple[Result, Tally, list[Check]]:
    """Start web server and worker, let the phones send, wait for the photos' copies, compare."""
    from walks.invites import invite_for

    url, tally = database_url(), Tally()
    with (
        serve("saferoutes.wsgi", url=url, settings_module=SETTINGS) as server,
        work(url=url, settings_module=SETTINGS) as worker,
    ):
        warm_up(server)
        before, started = Cost.now(server, worker), time.monotonic()
        phones = send_all(
            server.port,
            [invite_for(walk) for walk in walks],
            tally,
            devices=options.devices,
            each=options.each,
            seconds=options.seconds,
            readers=options.readers,
            photo_share=options.photos,
            lost=options.lost,
        )
        took = time.monotonic() - started
        backlog = _wait_for_copies(tally)
        cost = Cost.now(server, worker).since(before)
    checks = [*_times(tally), *_what_it_took(phones, tally, cost, took=took, backlog=backlog)]
    return verify(phones, walks, media), tally, checks


def warm_up(server: Server) -> None:
    """What each process does once only, such as reading its templates, isn't measured."""

    def ask(_n: int) -> None:
        line = Line(server.port, Tally())
        for path in ("/concerns/", "/map/concerns.geojson?bbox=-94.56,39.09,-94.55,39.10", "/field/api/pack/"):
            line.ask("warm", "GET", path)
        line.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(ask, range(2 * AT_ONCE)))


def _wait_for_copies(tally: Tally) -> float:
    """Seconds from the last photo's arrival until the worker has made copies of all."""
    from concerns.models import Photo

    began = tally.last_photo_at or time.monotonic()
    while Photo.objects.filter(state=Photo.State.HELD).exists() and time.monotonic() - began < MOST_BACKLOG_SECONDS:
        time.sleep(0.2)
    return time.monotonic() - began


# --- What is in the database ------------------------------------------------------------------------------------------


def verify(phones: Sequence[Phone], walks: Sequence[Any], media: Path) -> Result:
    """Compare what each phone was told with what is there, row by row and byte by byte."""
    from concerns.models import Concern, Photo

    sent = {(entry.device, entry.client_id): entry for phone in phones for entry in phone.ledger}
    photos = {(entry.device, entry.photo): entry for entry in sent.values() if entry.photo}
    rows = list(Concern.objects.filter(walk__in=walks).select_related("device").prefetch_related("receipts"))
    pictures = list(Photo.objects.filter(concern__walk__in=walks).select_related("device", "concern"))
    wrong = [f"phone {phone.device}: {phone.fault}" for phone in phones if phone.fault]
    wrong += _wrong_concerns(sent, rows)
    wrong += _wrong_photos(photos, pictures, media)
    return Result(len(sent), len(rows), len(photos), len(pictures), wrong)


def _wrong_concerns(sent: dict[Any, Entry], rows: Sequence[Any]) -> Iterator[str]:
    held = Counter((row.device.client_id, receipt.client_id) for row in rows for receipt in row.receipts.all())
    yield from (f"concern {key[1]} was acknowledged and isn't there" for key in sent.keys() - held.keys())
    yield from (f"concern {key[1]} is there and nobody sent it" for key in held.keys() - sent.keys())
    yield from (f"concern {key[1]} is there {n} times" for key, n in held.items() if n > 1)
    yield from (
        f"concern {row.pk} has {len(row.receipts.all())} receipts" for row in rows if len(row.receipts.all()) != 1
    )
    for row in rows:
        for receipt in row.receipts.all():
            entry = sent.get((row.device.client_id, receipt.client_id))
            if entry and (entry.note, entry.public_id) != (row.note, str(row.public_id)):
                yield f"concern {entry.client_id} isn't what was sent"


def _wrong_photos(sent: dict[Any, Entry], pictures: Sequence[Any], media: Path) -> Iterator[str]:
    held = Counter((row.device.client_id, row.client_id) for row in pictures)
    yield from (f"photo {key[1]} was acknowledged and isn't there" for key in sent.keys() - held.keys())
    yield from (f"photo {key[1]} is there and nobody sent it" for key in held.keys() - sent.keys())
    yield from (f"photo {key[1]} is there {n} times" for key, n in held.items() if n > 1)
    for row in pictures:
        entry = sent.get((row.device.client_id, row.client_id))
        if entry and (entry.sha256, entry.public_id) != (row.sha256, str(row.concern.public_id)):
            yield f"photo {row.client_id} isn't what was sent"
        elif not _is_whole(row, media):
            yield f"photo {row.client_id} ({row.state}) has lost its file"


def _is_whole(row: Any, media: Path) -> bool:
    """Its bytes as they came while it waits; afterwards its copy."""
    if row.state == row.State.HELD:
        path = media / row.original.name
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == row.sha256
    return bool(row.state == row.State.READY) and (media / row.image.name).stat().st_size > 1000


# --- What is told -----------------------------------------------------------------------------------------------------


def _ledger(result: Result, tally: Tally, *, expected: int) -> list[Check]:
    broken = tally.count(lambda status: status >= 500 and status not in LATER)
    return [
        Check("concerns in the database", result.n_kept, "", expected, at_least=True),
        Check("photos in the database", result.n_photos_kept, "", result.n_photos_sent, at_least=True),
        Check("lost, doubled, foreign or changed", len(result.wrong), "", 0),
        Check("answers 5xx", broken, "", 0),
        Check("asked to wait without being told how long", tally.n_unasked, "", 0),
    ]


def _times(tally: Tally) -> Iterator[Check]:
    for kind, words in WORDS.items():
        times = [1000 * seconds for seconds in tally.seconds.get(kind, [])]
        p95, p99 = LIMITS_MS.get(kind, (None, None))
        yield Check(f"{words}: p50", percentile(times, 0.5), "ms")
        yield Check(f"{words}: p95", percentile(times, 0.95), "ms", p95)
        yield Check(f"{words}: p99", percentile(times, 0.99), "ms", p99)


def _what_it_took(phones: Sequence[Phone], tally: Tally, cost: Cost, *, took: float, backlog: float) -> Iterator[Check]:
    n = max(1, sum(len(phone.ledger) for phone in phones))
    yield Check("photos made small after the last arrived", backlog, "s", MOST_BACKLOG_SECONDS)
    yield Check("all phones done after", took, "s")
    yield Check("asked to wait (429, 503, 507)", tally.count(lambda status: status in LATER))
    yield Check("no answer", tally.count(lambda status: status == 0))
    yield Check("answers lost on purpose", sum(phone.n_lost for phone in phones))
    yield Check("phones that had to join again", sum(phone.n_joined_again for phone in phones))
    yield Check("CPU of the web server a concern", 1000 * cost.web / n, "ms")
    yield Check("CPU of the database a concern", 1000 * cost.database / n, "ms")
    yield Check("CPU of the worker a concern", 1000 * cost.worker / n, "ms")
    yield Check("CPU of the bench a concern", 1000 * cost.bench / n, "ms")
