"""People pasted as lines or read from a CSV file, “Name, e-mail or phone, organization, role”. Pure: no database.

Each line is read by itself: one that isn't clear says what to do and doesn't stop the others.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from people.contact import read_contact
from people.paste import BULLET, plain
from people.roles import AgeBand
from walks.models import WalkRole

MOST_ROWS = 300
MOST_BYTES = 256 * 1024
# What a spreadsheet would run. Our own files put an apostrophe before it (promises.md, O38), which is taken off again.
FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")

# Heads of columns as people write them, in English and Spanish, without accents.
HEADS = {
    word: column
    for column, words in {
        "name": "name|full name|nombre|nombre completo",
        "email": "email|e-mail|mail|correo|correo electronico",
        "phone": "phone|telephone|mobile|cell|telefono|celular",
        "contact": "contact|e-mail or phone|email or phone|contacto",
        "organization": "organization|organisation|group|from|organizacion|grupo",
        "role": "role|rol|funcion",
        "people": "people|number|how many|personas|cuantas",
        "age": "age|age band|edad",
    }.items()
    for word in words.split("|")
}
ROLE_WORDS = {
    word: role
    for role, words in {
        WalkRole.MARSHAL: "marshal|safety marshal|safety|responsable de seguridad|seguridad",
        WalkRole.SWEEP: "sweep|rear|cierre",
        WalkRole.SCRIBE: "scribe|writer|notes|quien anota|anota|escriba",
        WalkRole.GREETER: "greeter|talker|quien saluda|saluda",
        WalkRole.NAVIGATOR: "navigator|navigation|map|guia de ruta|guia",
        WalkRole.INTERPRETER: "interpreter|translator|interprete|traductor|traductora",
        WalkRole.AGENCY: "agency|service provider|from an agency that helps|de una agencia que ayuda|agencia",
        WalkRole.YOUTH_LEAD: "youth lead|youth|lider joven|joven",
        WalkRole.LIAISON: "liaison|city liaison|city|contact to the city|contacto con la ciudad|enlace",
        WalkRole.DESK: "desk|check-in|check in|table|at the check-in table|"
        "mesa|mesa de registro|en la mesa de registro",
        WalkRole.DESIGNEE: "designee|off site|off-site|waits off site|espera fuera del lugar",
        WalkRole.FIRST_AID: "first aid|nurse|medic|primeros auxilios",
    }.items()
    for word in words.split("|")
}
AGE_WORDS = {"under 13": AgeBand.UNDER_13, "13-17": AgeBand.TEEN, "minor": AgeBand.TEEN, "menor": AgeBand.TEEN}


@dataclass(frozen=True)
class Line:
    """One line as understood. `problem` says what to do where it isn't clear; the line is left out then."""

    number: int
    text: str
    name: str = ""
    email: str = ""
    phone: str = ""
    organization: str = ""
    role: str = ""
    n_people: int = 1
    age_band: str = AgeBand.UNKNOWN
    problem: str = ""


def decode(data: bytes) -> str:
    """The text of an uploaded file: UTF-8, or what a Windows spreadsheet writes."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_people(text: str) -> list[Line]:
    """The lines that say something, in order. Raises ValidationError where there are too many."""
    rows = [(number, cells) for number, cells in _rows(text.replace("\0", "")) if any(cells)]
    if not rows:
        return []
    columns = _columns(rows[0][1])
    rows = rows[1:] if columns else rows
    if len(rows) > MOST_ROWS:
        words = {"n": len(rows), "most": MOST_ROWS}
        raise ValidationError(_("These are %(n)d lines. Add up to %(most)d at a time.") % words)
    return [_line(number, _by_column(cells, columns) if columns else _by_look(cells)) for number, cells in rows]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line. The separator is the one that the first line with any of them uses most."""
    first = next((line for line in text.splitlines() if any(mark in line for mark in "\t;|,")), "")
    mark = max("\t;|,", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=mark, skipinitialspace=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = [""]
        yield number, [_cell(cell) for cell in _split_again(cells)]


def _split_again(cells: list[str]) -> list[str]:
    """A line without the separator of the others may have one of its own: people paste from several places."""
    if len(cells) != 1:
        return cells
    mark = next((mark for mark in "\t;|," if mark in cells[0]), "")
    return cells[0].split(mark) if mark else cells


def _cell(cell: str) -> str:
    cell = " ".join(cell.split())
    if cell.startswith("'") and FORMULA.match(cell[1:]):
        cell = cell[1:]
    return cell


def _columns(cells: list[str]) -> list[str]:
    """What each column holds where the first line is a head of columns; else nothing."""
    found = [HEADS.get(plain(cell).rstrip(":"), "") for cell in cells]
    return found if "name" in found else []


def _by_column(cells: list[str], columns: list[str]) -> dict[str, str]:
    said: dict[str, str] = {"text": ", ".join(cell for cell in cells if cell)}
    for column, cell in zip(columns, cells, strict=False):
        if column and cell:
            said["contact2" if column == "phone" and said.get("contact") else _kind_of(column)] = cell
    return said


def _kind_of(column: str) -> str:
    return "contact" if column in {"email", "phone"} else column


def _by_look(cells: list[str]) -> dict[str, str]:
    """The first cell is the name; the others are known by how they look."""
    said = {"text": ", ".join(cell for cell in cells if cell), "name": BULLET.sub("", cells[0]).strip()}
    for cell in cells[1:]:
        if not cell:
            continue
        if _is_contact(cell):
            said["contact2" if "contact" in said else "contact"] = cell
        elif plain(cell) in ROLE_WORDS:
            said["role"] = cell
        elif _is_age(cell):
            said["age"] = cell
        elif "organization" in said:
            said["problem"] = _("Too many parts. Write: name, e-mail or phone, organization, role.")
        else:
            said["organization"] = cell
    return said


def _is_contact(cell: str) -> bool:
    """An address, a number, or what is meant as one and too short: that is said then."""
    digits = sum(letter.isdigit() for letter in cell)
    return (
        "@" in cell
        or digits >= 7
        or (digits > 0 and not any(letter.isalpha() for letter in cell) and not _is_age(cell))
    )


def _is_age(cell: str) -> bool:
    return plain(cell).replace("–", "-") in AGE_WORDS


def _line(number: int, said: dict[str, str]) -> Line:
    text, name = said.get("text", "")[:200], said.get("name", "")[:120]
    try:
        if problem := said.get("problem"):
            raise ValidationError(problem)
        _check_name(name)
        email, phone = _contacts(said)
        return Line(
            number, text, name, email, phone,
            organization=said.get("organization", "")[:160],
            role=_role(said.get("role", "")),
            n_people=_people(said.get("people", "")),
            age_band=_age(said.get("age", "")),
        )  # fmt: skip
    except ValidationError as error:
        return Line(number, text, name, problem=" ".join(error.messages))


def _check_name(name: str) -> None:
    if not name:
        raise ValidationError(_("The name is missing. Write it first in the line."))
    if FORMULA.match(name):
        raise ValidationError(_("The name begins like a formula of a spreadsheet. Write the name only."))
    if "@" in name or sum(letter.isdigit() for letter in name) >= 7:
        raise ValidationError(_("The line begins with an address or a number. Write the name first."))


def _contacts(said: dict[str, str]) -> tuple[str, str]:
    email, phone = "", ""
    for key in ("contact", "contact2"):
        mail, number = read_contact(said.get(key, ""))
        email, phone = email or mail, phone or number
    return email, phone


def _role(word: str) -> str:
    if not word:
        return ""
    role = ROLE_WORDS.get(plain(word)) or next((one for one in WalkRole if plain(word) == one.value), None)
    if role is None or role == WalkRole.LEAD:
        raise ValidationError(
            _("“%(word)s” isn’t a role we know. Leave it out, and choose the role on the roster.") % {"word": word[:40]}
        )
    return role.value


def _people(word: str) -> int:
    if not word:
        return 1
    if not word.isdecimal() or not 1 <= int(word[:4]) <= 60:
        raise ValidationError(_("“%(word)s” isn’t a number of people. Write 1 to 60.") % {"word": word[:20]})
    return int(word)


def _age(word: str) -> str:
    age = AGE_WORDS.get(plain(word).replace("–", "-"), AgeBand.UNKNOWN)
    if age == AgeBand.UNDER_13:
        raise ValidationError(_("Children under 13 aren’t written down. They are counted at the table."))
    return age
