"""Replay a city's real cases as reports, in the order they came, and look at what is suggested: `script/bench same`.

Counts: reports with an earlier one of the same family at the same address within the time of their kind; how many of
these pairs are suggested (all must be); suggestions of something else; seconds for a suggestion. Everything goes
through `concerns.actions`, and a second run must suggest the same.
"""

import argparse
import csv
import os
import re
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point

ROOT = Path(__file__).resolve().parents[1]
CASES = "kc/kc311_4neighborhoods_2007_2020.csv"
ZONE = ZoneInfo("America/Chicago")
ALL = 1000  # so many suggestions that none is left out
MOST_SECONDS = 0.3
# Three taxonomies in fourteen years; graffiti on a pole and a tree before a lamp are something else.
NOT_OURS = re.compile(r"graffiti|\btree", re.IGNORECASE)
KINDS = [
    (re.compile(r"vacant structure open", re.IGNORECASE), "VACANT_OPEN"),
    (re.compile(r"vacant structure", re.IGNORECASE), "VACANT_BLD"),
    (re.compile(r"dangerous building", re.IGNORECASE), "DANGER_BLD"),
    (re.compile(r"street ?light", re.IGNORECASE), "LIGHT_OUT"),
]


@dataclass(frozen=True)
class Case:
    """One row of the export that is about a building or a light."""

    number: str
    code: str
    address: str
    parcel: str
    at: datetime
    point: Point


@dataclass
class Replayed:
    """What became of the cases, by their numbers."""

    n_cases: int = 0
    n_matching: int = 0  # reports with an earlier one at the same address, in time
    n_pairs: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    n_suggested: int = 0  # among the first five
    n_near: int = 0  # of these, by the distance alone
    n_elsewhere: int = 0  # of these, of another parcel and another address
    seconds: list[float] = field(default_factory=list)
    suggestions: dict[str, list[str]] = field(default_factory=dict)


def shared_folder() -> Path:
    return Path(os.environ.get("SAFEROUTES_SHARED", ROOT.parent / "shared")) / "data" / "open"


def read_cases(path: Path) -> list[Case]:
    """Buildings and lights of the export, oldest first."""
    with path.open(newline="", encoding="utf-8") as handle:
        found = [case for row in csv.DictReader(handle) if (case := _case(row))]
    return sorted(found, key=lambda case: (case.at, case.number))


def _case(row: dict[str, str]) -> Case | None:
    kind = row["REQUEST TYPE"]
    code = next((code for pattern, code in KINDS if pattern.search(kind)), "")
    if not code or NOT_OURS.search(kind):
        return None
    at = datetime.strptime(f"{row['CREATION DATE']} {row['CREATION TIME']}", "%m/%d/%Y %I:%M %p").replace(tzinfo=ZONE)
    point = Point(float(row["LONGITUDE"]), float(row["LATITUDE"]), srid=4326)
    return Case(row["CASE ID"], code, row["STREET ADDRESS"], row["PARCEL ID NO"], at, point)


def replay(cases: Iterable[Case]) -> Replayed:
    """Report each case in its turn and ask what it may be the same as, at that moment."""
    from concerns.actions import likely_same, log_concern
    from concerns.models import Category
    from concerns.workflow import Source

    categories = {category.code: category for category in Category.objects.all()}
    done, earlier, case_of = Replayed(), list[tuple[Case, Any]](), dict[int, Case]()
    for case in cases:
        concern = log_concern(
            category=categories[case.code],
            source=Source.WEB,
            address=case.address,
            location=case.point,
            received_at=case.at,
        )
        start = time.perf_counter()
        first = likely_same(concern)
        done.seconds.append(time.perf_counter() - start)
        found = {case_of[one.concern.pk].number for one in likely_same(concern, limit=ALL)}
        wanted = {one.number for one in _expected(case, concern, earlier)}
        done.n_cases += 1
        done.n_matching += bool(wanted)
        done.n_pairs += len(wanted)
        done.missing += [(case.number, number) for number in sorted(wanted - found)]
        done.n_suggested += len(first)
        done.n_near += sum(not one.is_identity for one in first)
        done.n_elsewhere += sum(_is_elsewhere(case, case_of[one.concern.pk]) for one in first)
        done.suggestions[case.number] = [f"{case_of[one.concern.pk].number} {one.words}" for one in first]
        earlier.append((case, concern))
        case_of[concern.pk] = case
    return done


def _expected(case: Case, concern: Any, earlier: list[tuple[Case, Any]]) -> Iterator[Case]:
    """Earlier ones of the family with the same address, compared one by one in Python and not by the database."""
    from concerns.same import FAMILIES
    from corridors.addresses import address_key, same_address

    mine, key = concern.category, address_key(case.address)
    span = timedelta(days=mine.duplicate_days)
    for other, known in earlier:
        is_family = known.category.pk == mine.pk or (mine.group in FAMILIES and known.category.group == mine.group)
        if is_family and case.at - other.at <= span and same_address(key, address_key(other.address)):
            yield other


def _is_elsewhere(one: Case, other: Case) -> bool:
    return one.parcel != other.parcel and one.address.casefold() != other.address.casefold()


def join_all() -> int:
    """How many things are left once each report is joined to what its address or pole names, as an organizer would."""
    from concerns.actions import likely_same, mark_duplicate
    from concerns.models import Concern
    from people.models import User

    by = User.objects.create_user(email="bench@example.org", name="Bench", password=None)
    for concern in Concern.objects.select_related("category").order_by("first_seen_at", "id"):
        concern.refresh_from_db(fields=["status", "duplicate_of", "updated_at"])
        same = [one for one in likely_same(concern) if one.is_identity] if concern.duplicate_of_id is None else []
        if same:
            mark_duplicate(concern=concern, of=same[0].concern, by=by)
    return Concern.objects.filter(duplicate_of=None).count()


def main(argv: list[str]) -> int:
    """Exit code 0 where every match was found twice, 3 where the real file isn't there."""
    from django.db import transaction

    from bench import data
    from bench.report import merge

    argparse.ArgumentParser(prog="script/bench same", description=__doc__).parse_args(argv)
    path = shared_folder() / CASES
    if not path.is_file():
        print(f"The city’s real cases aren’t at {path}; set SAFEROUTES_SHARED.", file=sys.stderr)
        return 3
    data.make_database()
    cases = read_cases(path)
    with transaction.atomic():
        first = replay(cases)
        transaction.set_rollback(True)
    second = replay(cases)
    is_stable = first.suggestions == second.suggestions
    n_things = join_all()
    _print(second, is_stable=is_stable, n_things=n_things)
    p95 = statistics.quantiles(second.seconds, n=20)[-1]
    merge({"same": _numbers(second, p95) | {"is_stable": is_stable, "things": n_things}})
    return 0 if is_stable and not second.missing and p95 <= MOST_SECONDS else 1


def _numbers(done: Replayed, p95: float) -> dict[str, Any]:
    return {
        "cases": done.n_cases,
        "matching": done.n_matching,
        "pairs": done.n_pairs,
        "missing": len(done.missing),
        "suggested": done.n_suggested,
        "near": done.n_near,
        "elsewhere": done.n_elsewhere,
        "mean_ms": round(1000 * statistics.mean(done.seconds), 2),
        "p95_ms": round(1000 * p95, 2),
    }


def _print(done: Replayed, *, is_stable: bool, n_things: int) -> None:
    numbers = _numbers(done, statistics.quantiles(done.seconds, n=20)[-1])
    print(f"\nsame: {done.n_cases} cases of empty and dangerous buildings and street lights, reported in their order")
    print(f"  with an earlier report at the same address, in time  {done.n_matching}, {done.n_pairs} pairs")
    print(f"  of these pairs not suggested                         {len(done.missing)} {done.missing[:5] or ''}")
    print(f"  suggestions among the first five                     {done.n_suggested}, {done.n_near} by distance alone")
    wrong = done.n_elsewhere / max(done.n_cases, 1)
    print(f"  of another parcel and another address                {done.n_elsewhere}, {wrong:.2f} a report")
    print(f"  ms for a suggestion                                  {numbers['mean_ms']}, p95 {numbers['p95_ms']}")
    print(f"  the second run suggests the same                     {'yes' if is_stable else 'NO'}")
    print(f"  things that are left when all of them are joined     {n_things}")
