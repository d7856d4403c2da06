"""How partners' records are laid out: for the desk, the public and an organization itself, from the same rows."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from insights.definitions import GROUPS
from insights.models import RecordNote
from office.cells import safe_cell


@dataclass(frozen=True)
class Group:
    """Walks, promises or help: its lines are a number's name and the number as it is read out."""

    key: str
    title: str
    lines: list[tuple[str, str]]
    words: str = ""


@dataclass(frozen=True)
class Record:
    """One organization's sheet."""

    id: str
    name: str
    groups: list[Group]
    note: RecordNote | None = None


@dataclass(frozen=True)
class Records:
    """Those of whom there is something to say, by name, and the names of the others."""

    records: list[Record]
    others: list[str]


def not_shown() -> str:
    return _("not shown")


def lay_out(rows: Iterable[Mapping[str, Any]], notes: Mapping[str, RecordNote], *, with_help: bool) -> Records:
    """Alphabetical as the rows are. `with_help`: numbers about help are in them, as far as they may be said."""
    found, others = [], []
    for row in rows:
        groups = [group for group in (_group(row, *one, with_help=with_help) for one in GROUPS) if group]
        note = notes.get(row["id"])
        if groups or note:
            found.append(Record(row["id"], row["name"], groups, note))
        else:
            others.append(row["name"])
    return Records(found, others)


def without_help(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For who works behind the wall: the same rows, and nothing about help, as in the one-pager."""
    return [dict(row) | {"help": None} for row in rows]


def _group(
    row: Mapping[str, Any], key: str, title: Any, definitions: Sequence[Any], *, with_help: bool
) -> Group | None:
    numbers = row[key]
    if numbers:
        return Group(key, str(title), [(str(one.label), _said(numbers.get(one.key))) for one in definitions])
    if key == "help" and with_help and row["offers"]:
        return Group(key, str(title), [], _("Not shown: asked fewer than 3 times, or not at all."))
    return None


def _said(n: int | None) -> str:
    return not_shown() if n is None else str(n)


def notes_by_id(*, only_read: bool) -> dict[str, RecordNote]:
    """What organizations say about their records, by public id. One query."""
    rows = RecordNote.objects.select_related("organization")
    rows = rows.filter(read_at__isnull=False) if only_read else rows
    return {str(one.organization.public_id): one for one in rows}


def written(rows: Iterable[Mapping[str, Any]], quarter: str) -> str:
    """The same as a file: a line for each organization, a column for each number. Nothing hidden is in it."""
    columns = [(key, one.key) for key, _title, definitions in GROUPS for one in definitions]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["organization", "quarter", *(name.replace("_", " ") for _key, name in columns)])
    for row in rows:
        cells = [_cell(row, key, name) for key, name in columns]
        writer.writerow([safe_cell(cell) for cell in [row["name"], quarter, *cells]])
    return out.getvalue()


def _cell(row: Mapping[str, Any], key: str, name: str) -> str:
    numbers = row[key]
    if numbers is None:
        return "0" if key != "help" else not_shown()
    return _said(numbers.get(name))
