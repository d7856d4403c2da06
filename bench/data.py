"""The bench's own database: 12 corridors, 500 walks, 50,000 concerns with their stories. The same in every run."""

import hashlib
import itertools
import random
import sys
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.gis.geos import LineString, Point
from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

NAME = "saferoutes_bench"
N_CORRIDORS, N_BLOCKS, N_WALKS, N_PHONES, N_SIGNUPS = 12, 12, 500, 40, 2_000
WEST, SOUTH = -94.5600, 39.0900
BLOCK_DEGREES, CORRIDOR_DEGREES = 0.0010, 0.00225  # blocks of 86 m; corridors 250 m apart
STATUSES = ["new", "triaged", "reported", "claimed_fixed", "verified_fixed"]
BATCH = 2_000

_FLOOR_TABLE = """
create table bench_row (id bigserial primary key, body jsonb not null, received_at timestamptz not null)
"""


def make_database() -> None:
    """A new, migrated database on the site's server, used by this process from here on. Exits 3 where it may not."""
    given = settings.DATABASES["default"]
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {keys[key]: value for key, value in given.items() if key in keys and value}
    try:
        server = psycopg2.connect(**options | given.get("OPTIONS", {}))
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"drop database if exists {NAME} with (force)")
            cursor.execute(f"create database {NAME}")
        server.close()
    except psycopg2.Error as error:
        print(f"The bench must be able to make the database {NAME} on the site's server: {error}", file=sys.stderr)
        sys.exit(3)
    use_database()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR_TABLE)


def use_database() -> None:
    """From here on this process works in the bench's database."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = NAME


def token_of(n: int) -> str:
    """The token of the bench's n-th phone."""
    return f"bench-phone-{n % N_PHONES}"


def fill(n_concerns: int) -> None:
    """Load everything and let Postgres look at it."""
    dice = random.Random(2026)  # noqa: S311 - the same rows every time is the point
    with transaction.atomic():
        walks = _walks(_corridors())
        _phones(walks[0])
        _signups(walks)
        _concerns(n_concerns, walks, dice)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _corridors() -> list[Any]:
    from corridors.models import Corridor, Segment

    corridors = []
    for row in range(N_CORRIDORS):
        points = [(WEST + BLOCK_DEGREES * n, SOUTH + CORRIDOR_DEGREES * row) for n in range(N_BLOCKS + 1)]
        corridors.append(
            Corridor.objects.create(
                slug=f"bench-avenue-{row + 1}",
                name=f"Bench Avenue {row + 1}",
                line=LineString(points, srid=4326),
                from_street="First St",
                to_street="Last St",
                even_side="left",
            )
        )
        Segment.objects.bulk_create(
            Segment(
                corridor=corridors[-1],
                position=n,
                from_street=f"Street {n}",
                to_street=f"Street {n + 1}",
                block=3500 + 100 * n,
                line=LineString(list(ends), srid=4326),
            )
            for n, ends in enumerate(itertools.pairwise(points))
        )
    return corridors


def _walks(corridors: list[Any]) -> list[Any]:
    """The first steps off half an hour ago, 39 are to come, the others are past."""
    from walks.models import Walk

    now = timezone.now()
    walks = []
    for n in range(N_WALKS):
        meet_at = now - timedelta(hours=1) if n == 0 else now + timedelta(hours=18 * (40 - n) + 3)
        walks.append(
            Walk(
                title=f"Bench walk {n + 1}",
                corridor=corridors[n % N_CORRIDORS],
                meeting_place="The corner of First",
                meeting_location=Point(WEST, SOUTH, srid=4326),
                meet_at=meet_at,
                step_off_at=meet_at + timedelta(minutes=30),
                end_at=meet_at + timedelta(minutes=150),
                purposes=["audit"],
                state=Walk.State.PUBLISHED,
                published_at=meet_at - timedelta(days=20),
            )
        )
    return _add(Walk, walks)


def add_running_walk(corridor: Any, n: int) -> Any:
    """One more walk that stepped off half an hour ago, with nobody on it yet."""
    from walks.models import Walk

    now = timezone.now()
    return Walk.objects.create(
        title=f"Bench walk of phones {n}",
        corridor=corridor,
        meeting_place="The corner of First",
        meeting_location=Point(WEST, SOUTH, srid=4326),
        meet_at=now - timedelta(hours=1),
        step_off_at=now - timedelta(minutes=30),
        end_at=now + timedelta(hours=2),
        purposes=["audit"],
        state=Walk.State.PUBLISHED,
        published_at=now - timedelta(days=20),
    )


def _phones(walk: Any) -> None:
    from walks.models import Device

    _add(
        Device,
        (
            Device(
                walk=walk,
                client_id=uuid.UUID(int=n + 1),
                secret_sha256="0" * 64,
                token_sha256=hashlib.sha256(token_of(n).encode()).hexdigest(),
                name=f"Phone {n}",
            )
            for n in range(N_PHONES)
        ),
    )


def _signups(walks: list[Any]) -> None:
    from people.models import Person
    from walks.models import Signup

    people = _add(Person, (Person(name=f"Wren Applegate {n}", email=f"wren{n}@example.org") for n in range(N_SIGNUPS)))
    _add(
        Signup,
        (Signup(walk=walks[n % 50], person=person, name=person.name) for n, person in enumerate(people)),
    )


def _concerns(n_concerns: int, walks: list[Any], dice: random.Random) -> None:
    """Three in five are public, at the middle of their block face; each has its first line and, once read, a second."""
    from concerns.models import Category, Concern, ConcernUpdate
    from corridors.models import Segment

    categories = list(Category.objects.all())
    segments = list(Segment.objects.select_related("corridor"))
    walks_of = {segment.corridor_id: [w for w in walks if w.corridor_id == segment.corridor_id] for segment in segments}
    now = timezone.now()

    def rows() -> Iterator[Any]:
        for n in range(n_concerns):
            segment, category = dice.choice(segments), dice.choice(categories)
            at = now - timedelta(minutes=dice.randrange(520_000))
            yield Concern(**_concern(n, segment, category, dice.choice(walks_of[segment.corridor_id]), at, dice))

    for concerns in _batches(rows()):
        _add(Concern, concerns)
        _add(ConcernUpdate, (_line(c, "logged", "", "new") for c in concerns))
        _add(ConcernUpdate, (_line(c, "status", "new", c.status) for c in concerns if c.status != "new"))


def _concern(n: int, segment: Any, category: Any, walk: Any, at: datetime, dice: random.Random) -> dict[str, Any]:
    side = dice.choice(["left", "right"])
    north = 1 if side == "left" else -1
    (west, lat), (east, _lat) = segment.line.coords
    status = dice.choice(STATUSES)
    fields: dict[str, Any] = {
        "category": category,
        "walk": walk,
        "location": Point(dice.uniform(west, east), lat + north * dice.uniform(3e-5, 4e-4), srid=4326),
        "accuracy_m": 12,
        "place_from": "gps",
        "address": f"{3500 + n % 1200} {segment.corridor.name}",
        "segment": segment,
        "side": side,
        "lit": dice.choice(["day", "dark"]),
        "note": f"Lamp number {n} by the bus stop is dark",
        "status": status,
        "captured_at": at,
        "received_at": at,
        "first_seen_at": at,
        "status_changed_at": at,
        "triaged_at": None if status == "new" else at,
    }
    if status == "new" or category.publication_rule == "never" or n % 5 < 1:
        return fields
    fields |= {"publication": "published", "published_at": at, "public_segment": segment, "public_side": side}
    if category.publication_rule == "place":
        fields |= {
            "public_point": Point((west + east) / 2, lat + north * 1.1e-4, srid=4326),
            "public_place": f"{segment.block} block, {'north' if north > 0 else 'south'} side",
            "public_text": "Street light is out",
        }
    return fields


def _line(concern: Any, kind: str, before: str, after: str) -> Any:
    from concerns.models import ConcernUpdate

    fields = {"kind": kind, "from_value": before, "to_value": after, "is_public": True}
    return ConcernUpdate(concern=concern, at=concern.received_at, **fields)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _add(model: type[models.Model], rows: Iterable[Any]) -> list[Any]:
    return model._default_manager.bulk_create(list(rows), batch_size=BATCH)
