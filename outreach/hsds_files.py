"""The files of a directory as tables of text: a folder or zip with the standard's files, or one flat file.

A flat file has a row for each service (`organization_name`, `needs`, `languages`, `hours` and so on beside the
standard's columns), since spreadsheets are what agencies have.
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from office.cells import plain_cell
from outreach.hsds import ROOM, plain

Row = dict[str, str]
MOST_BYTES = 50_000_000
csv.field_size_limit(MOST_BYTES)  # a long cell is one bad row, and never the end of the file
# What a file speaks of, by the columns of services.csv or the tables that say it. What it doesn't stays as it is.
SAID_BY = {
    "description": ({"description"}, set()),
    "needs": ({"needs"}, {"attributes"}),
    "status": ({"status"}, set()),
    "capacity": ({"capacity"}, set()),
    "eligibility": ({"eligibility", "eligibility_description"}, set()),
    "minimum_age": ({"minimum_age"}, set()),
    "maximum_age": ({"maximum_age"}, set()),
    "languages": ({"languages"}, {"languages"}),
    "application_process": ({"application_process"}, set()),
    "fees": ({"fees", "fees_description"}, set()),
    "phone": ({"phone", "number"}, {"phones"}),
    "email": ({"email"}, set()),
    "url": ({"url"}, set()),
    "address": ({"address"}, {"addresses"}),
    "place": ({"latitude"}, {"locations"}),
    "schedule_note": ({"schedule_note"}, {"schedules"}),
    "hours": ({"hours"}, {"schedules"}),
    "corridors": (set(), {"service_areas"}),
    "areas": (set(), {"service_areas"}),
}  # fmt: skip


class NotReadable(Exception):
    """The file as a whole can't be used; its text says why."""


class Source:
    """The tables of a folder, a zip or a flat file, each row with its line. Raises NotReadable."""

    def __init__(self, path: Path) -> None:
        self.path, self.notes = path, list[str]()
        try:
            self._texts = {plain(name).replace(" ", "_"): text for name, text in self._read()}
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
            raise NotReadable(_("The zip can’t be opened: it is broken, or needs a password.")) from None
        if "services" not in self._texts:
            if len(self._texts) != 1:
                raise NotReadable(_("There is no services.csv in it."))
            self._texts = {"services": next(iter(self._texts.values()))}
        if "name" not in self._columns():
            words = _("Its first line must name the columns, and one of them is “name”. Here it says: %(line)s")
            raise NotReadable(words % {"line": self._texts["services"].partition("\n")[0].strip()[:120] or "–"})

    def _read(self) -> Iterator[tuple[str, str]]:
        if self.path.is_dir():
            for one in sorted(self.path.glob("*.csv")):
                yield one.stem, self._decode(one.read_bytes(), one.name)
        elif zipfile.is_zipfile(self.path):
            with zipfile.ZipFile(self.path) as packed:
                if sum(info.file_size for info in packed.infolist()) > MOST_BYTES:
                    raise NotReadable(_("It is too large unpacked: at most 50 MB."))
                for info in packed.infolist():
                    if info.filename.endswith(".csv"):
                        yield Path(info.filename).stem, self._decode(packed.read(info), info.filename)
        elif self.path.is_file():
            yield self.path.stem, self._decode(self.path.read_bytes(), self.path.name)
        else:
            raise NotReadable(_("There is no such file or folder."))

    def _decode(self, raw: bytes, name: str) -> str:
        if len(raw) > MOST_BYTES:
            raise NotReadable(_("It is too large: at most 50 MB."))
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # “Unicode text” of spreadsheet programs
            return raw.decode("utf-16", errors="replace")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.notes.append(_("%(file)s isn’t UTF-8 and was read as Windows-1252") % {"file": name})
            return raw.decode("cp1252", errors="replace")

    def rows(self, table: str) -> Iterator[tuple[int, Row]]:
        """(line, row) with trimmed text; missing columns are empty."""
        text = self._texts.get(table, "")
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        try:
            for row in reader:
                said = {plain(key).replace(" ", "_"): _cell(value) for key, value in row.items() if key}
                if any(said.values()):
                    yield reader.line_num, defaultdict(str, said)
        except csv.Error as problem:
            raise NotReadable(f"{table}.csv, {_('line')} {reader.line_num}: {problem}") from None

    def _columns(self) -> set[str]:
        text = self._texts["services"]
        head = next(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), [])
        return {plain(name).replace(" ", "_") for name in head}

    def unsaid(self) -> frozenset[str]:
        """The facts that neither a column nor a table of it speaks of."""
        columns, tables = self._columns(), self._texts.keys()
        left = {fact for fact, (by, of) in SAID_BY.items() if not by & columns and not of & tables}
        return frozenset(left - ({"capacity"} if ROOM in self._texts.get("taxonomy_terms", "") else set()))

    def by(self, table: str, column: str) -> dict[str, list[Row]]:
        """The rows of a table by what they belong to."""
        found: dict[str, list[Row]] = defaultdict(list)
        for _line, row in self.rows(table):
            found[row[column]].append(row)
        return found


def _delimiter(text: str) -> str:
    """What stands between the names of the columns: a comma, or what spreadsheets of other countries write."""
    head = text.partition("\n")[0]
    return max(",;\t|", key=head.count)


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return plain_cell(text.replace("\0", "").replace("\r\n", "\n").strip())
