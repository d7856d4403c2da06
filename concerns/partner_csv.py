"""Assignments as a file that a spreadsheet opens, and the same file back with answers.

Answers are kept by `concerns.assigning.answer_assignment`, each alone. What Excel does to such a file is put up with:
a byte order mark, semicolons or tabs, CRLF, dates like 11/30/2026, Windows' own letters.
"""

import csv
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.core import signing
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from concerns.assigning import answer_assignment, answer_version, is_said
from concerns.models import Assignment
from concerns.partner_access import Reach, told
from concerns.words import exact_place
from concerns.workflow import Status
from office.cells import plain_cell, safe_cell
from office.refused import Refused
from people.models import User

# The same in every language: a file is filled in by one office and read by another.
COLUMNS = [
    "id", "kind", "address", "block", "note", "seen on", "deadline", "photos", "your answer", "your note",
    "promised for",
]  # fmt: skip
ID, ANSWER, NOTE, PROMISED = "id", "your answer", "your note", "promised for"
MOST_BYTES = 1_000_000
MOST_ROWS = 1000
LONGEST_NOTE = 1000
DATES = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d"]
# What people write instead of the words on the page.
SAY_ALSO = {
    Assignment.Answer.ACCEPTED: ["accepted", "yes", "ours"],
    Assignment.Answer.WORKING: ["working", "in progress", "working on it"],
    Assignment.Answer.FIXED: ["fixed", "done", "completed"],
    Assignment.Answer.NOT_OURS: ["not ours", "no"],
}
LASTS_SECONDS = 24 * 3600
_SALT = "concerns.partner_csv"


def written(reach: Reach) -> str:
    """The whole file: a head and one row for each assignment. One query."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for assignment in told(reach.rows).order_by("concern__due_on", "id")[:MOST_ROWS]:
        writer.writerow([safe_cell(cell) for cell in _cells(reach, assignment)])
    return out.getvalue()


def _cells(reach: Reach, assignment: Assignment) -> Iterator[Any]:
    concern = assignment.concern
    yield assignment.public_id
    yield concern.category.name
    yield exact_place(concern)
    yield concern.segment.name if concern.segment else ""
    yield " ".join(part for part in (concern.public_text, assignment.note) if part)
    yield timezone.localtime(concern.first_seen_at).date().isoformat()
    yield concern.due_on.isoformat() if concern.due_on else ""
    yield reach.whole_item_url(assignment)
    # What is back is asked anew: an old "fixed" that comes back untouched must not claim it again.
    is_back = concern.status == Status.REOPENED
    yield "" if is_back else assignment.get_answer_display()
    yield "" if is_back else assignment.answer_note
    yield assignment.promised_on.isoformat() if assignment.promised_on and not is_back else ""


@dataclass(frozen=True)
class Change:
    """One row that says something new. `version` is the answer that was there when the file was read."""

    line: int
    assignment: Assignment
    answer: str
    note: str
    promised_on: date | None
    version: str

    @property
    def answer_label(self) -> str:
        return str(Assignment.Answer(self.answer).label)


@dataclass
class Reading:
    """What a file would do: rows that change something, how many don't, and what wasn't understood, by line."""

    changes: list[Change] = field(default_factory=list)
    n_unchanged: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def signed(self) -> str:
        """The changes for the button that confirms them; who presses it is asked again for each row."""
        rows = [
            [str(one.assignment.public_id), one.answer, one.note, _iso(one.promised_on), one.version, one.line]
            for one in self.changes
        ]
        return signing.dumps(rows, salt=_SALT, compress=True)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def read(data: bytes, reach: Reach) -> Reading:
    """Read a file against the assignments that are theirs now. Raises Refused where it is no such file. One query."""
    rows = list(_rows(_text(data)))
    known = {str(one.public_id): one for one in told(reach.rows)}
    reading = Reading()
    seen: set[str] = set()
    for line, row in rows:
        try:
            _take(reading, line, row, known, seen)
        except Refused as refused:
            reading.problems.append((line, refused.message))
    return reading


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refused(_("This file is larger than 1 MB. Send the one that you downloaded here."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise _no_table()
    return text


def _no_table() -> Refused:
    return Refused(_("This is no CSV file. In the spreadsheet choose “save as”, then CSV."))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with the number of the line it ends on, by the names of the columns. Raises Refused."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if ID not in names or ANSWER not in names:
            raise Refused(
                _("The columns “id” and “your answer” are missing. Send the file that you downloaded here, filled in.")
            )
        for n, row in enumerate(reader):
            if n >= MOST_ROWS:
                raise Refused(_("At most %(n)d rows at once.") % {"n": MOST_ROWS})
            if any(cell.strip() for cell in row):
                yield reader.line_num, dict(zip(names, (plain_cell(cell.strip()) for cell in row), strict=False))
    except csv.Error:
        raise _no_table() from None


def _take(reading: Reading, line: int, row: dict[str, str], known: dict[str, Assignment], seen: set[str]) -> None:
    """Put one row where it belongs. Raises Refused with the reason where it can't be understood."""
    public_id = _id(row.get(ID, ""))
    assignment = known.get(public_id)
    if assignment is None:
        raise Refused(_not_yours())
    if public_id in seen:
        raise Refused(_("It is in the file twice; the first row counts."))
    seen.add(public_id)
    said, note = row.get(ANSWER, ""), row.get(NOTE, "").replace("\r\n", "\n")
    promised_on = _date(row.get(PROMISED, ""))
    if len(note) > LONGEST_NOTE:
        raise Refused(_("The note is longer than %(n)d letters.") % {"n": LONGEST_NOTE})
    if not said and not note and promised_on is None:
        reading.n_unchanged += 1
        return
    answer = _answer(said)
    if is_said(assignment, answer=answer, note=note, promised_on=promised_on):
        reading.n_unchanged += 1
        return
    if promised_on is not None and promised_on < timezone.localdate() and promised_on != assignment.promised_on:
        raise Refused(_("The promised day %(day)s is over.") % {"day": promised_on.isoformat()})
    reading.changes.append(Change(line, assignment, answer, note, promised_on, answer_version(assignment)))


def _not_yours() -> str:
    return _("This isn’t one of yours, or not any more.")


def _id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Refused(_("The id can’t be read. Leave that column as it was.")) from None


def _date(text: str) -> date | None:
    if not text:
        return None
    for form in DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise Refused(_("“%(text)s” is no day. Write it like 2026-11-30 or 11/30/2026.") % {"text": text[:40]})


def _answer(said: str) -> str:
    """The answer somebody wrote, in either language. Raises Refused."""
    found = _sayings().get(_plain(said))
    if found is not None:
        return found
    four = "; ".join(str(label) for label in Assignment.Answer.labels)
    if not said:
        raise Refused(_("There is a note or a day but no answer. Write one of: %(four)s.") % {"four": four})
    raise Refused(_("“%(said)s” is no answer. Write one of: %(four)s.") % {"said": said[:60], "four": four})


def _sayings() -> dict[str, str]:
    told: dict[str, str] = {}
    for language in ("en", "es"):
        with translation.override(language):
            told |= {_plain(str(label)): value for value, label in Assignment.Answer.choices}
    return told | {_plain(word): value.value for value, words in SAY_ALSO.items() for word in words}


def _plain(text: str) -> str:
    """Without what a keyboard or a spreadsheet writes otherwise: quotes, spaces, capitals, a dot at the end."""
    return re.sub(r"[\s_]+", " ", text.casefold().replace("’", "'").strip(" .!"))


@dataclass(frozen=True)
class Kept:
    """What became of one row that was confirmed; `problem` says why it wasn't kept."""

    line: int
    problem: str = ""
    changed: bool = False


def keep(signed: str, reach: Reach, *, by: User | None) -> list[Kept]:
    """Keep what was confirmed: each row alone, and only what is theirs now. Twice is once. Raises Refused."""
    try:
        rows = signing.loads(signed, salt=_SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        raise Refused(_("This page is too old. Send the file once more.")) from None
    known = {str(one.public_id): one for one in told(reach.rows)}
    return [_keep_row(row, known, by) for row in rows]


def _keep_row(row: list[Any], known: dict[str, Assignment], by: User | None) -> Kept:
    public_id, answer, note, promised, version, line = row
    assignment = known.get(public_id)
    if assignment is None:
        return Kept(line, _not_yours())
    try:
        done = answer_assignment(
            assignment=assignment,
            answer=answer,
            by=by,
            note=note,
            promised_on=date.fromisoformat(promised) if promised else None,
            expected=version,
        )
    except Refused as refused:
        return Kept(line, refused.message)
    return Kept(line, changed=done.changed)


def words_of(kept: Iterable[Kept]) -> tuple[int, int, list[Kept]]:
    """How many changed, how many were so before, and those that weren't kept."""
    rows = list(kept)
    failed = [one for one in rows if one.problem]
    n = sum(one.changed for one in rows)
    return n, len(rows) - n - len(failed), failed
