"""Organizations pasted as lines of text, “Name, kind”, read into names and kinds. Pure: no database."""

import re
import unicodedata
from dataclasses import dataclass

from people.roles import OrganizationKind

K = OrganizationKind

# Words people write for a kind, in English and Spanish, without accents. A line's last part is looked up here whole.
KIND_WORDS: dict[str, OrganizationKind] = {
    word: kind
    for kind, words in {
        K.SERVICE_PROVIDER: "service provider|services|provider|agency|social services|nonprofit|non-profit|non profit|"
        "charity|clinic|shelter|health|housing|servicios|proveedor de servicios|proveedor|agencia|servicios sociales|"
        "sin fines de lucro|organizacion sin fines de lucro|clinica|refugio|salud|vivienda",
        K.CITY_DEPARTMENT: "city department|city|department|city office|public works|ciudad|departamento|"
        "departamento de la ciudad|oficina de la ciudad|municipio|obras publicas",
        K.COUNTY: "county|county department|condado",
        K.NEIGHBORHOOD: "neighborhood|neighborhood group|neighborhood association|neighbors|block club|"
        "community group|vecindario|vecinos|barrio|asociacion de vecinos|grupo de vecinos|junta de vecinos",
        K.BUSINESS_ASSOCIATION: "business association|business|businesses|chamber|chamber of commerce|merchants|"
        "negocio|negocios|comercio|asociacion de negocios|asociacion de comerciantes|camara de comercio|comerciantes",
        K.FAITH: "faith|faith community|church|mosque|temple|synagogue|congregation|parish|iglesia|parroquia|"
        "mezquita|templo|sinagoga|comunidad de fe|fe",
        K.SCHOOL: "school|college|university|high school|school or college|district|school district|youth|"
        "escuela|colegio|universidad|preparatoria|distrito escolar",
        K.POLICE: "police|police department|patrol|policia|departamento de policia",
        K.SHERIFF: "sheriff|sheriffs office|sheriff's office|alguacil|oficina del alguacil",
        K.PROSECUTOR: "prosecutor|prosecutors office|prosecutor's office|district attorney|da|fiscal|fiscalia",
        K.PROBATION: "probation|parole|probation and parole|libertad condicional|libertad provisional",
        K.CODE_ENFORCEMENT: "code enforcement|codes|code|inspectors|cumplimiento de codigos|codigos|inspectores",
        K.OTHER: "other|otra|otro|something else",
    }.items()
    for word in words.split("|")
}

SEPARATORS = re.compile(r"\s*[,;\t|]\s*|\s+[–—-]\s+")
BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)])\s+")


@dataclass(frozen=True)
class Line:
    """One pasted line. `kind` is empty where nobody said it or the word isn't known (`kind_word` keeps it)."""

    number: int
    name: str
    kind: str = ""
    kind_word: str = ""


def plain(words: str) -> str:
    """Lower case, no accents, single spaces: “Policía ” → “policia”."""
    letters = unicodedata.normalize("NFKD", words)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).lower().split())


def same_name(name: str) -> str:
    """What two spellings of one name have in common: “St. Anne’s” and “st annes”."""
    return re.sub(r"[^a-z0-9]+", " ", re.sub(r"['’`.]", "", plain(name))).strip()


def kind_of(word: str) -> str:
    """The kind that a word means, or an empty string."""
    kind = KIND_WORDS.get(plain(word).rstrip(".")) or KIND_WORDS.get(plain(word).replace("_", " "))
    return kind.value if kind else ""


def read_line(number: int, text: str) -> Line | None:
    """“Hearth and Key Housing, service provider” → its name and kind; None for an empty line.

    What follows the last separator is the kind if we know the word. Otherwise a comma may be part of the name
    (“Lawn, Elmwood and Friends”), so the whole line stays the name and the word is kept to ask about.
    """
    text = BULLET.sub("", text).strip().strip(",;|\t ")
    if not text:
        return None
    ends = [match.span() for match in SEPARATORS.finditer(text)]
    if not ends:
        return Line(number, " ".join(text.split()))
    name, word = text[: ends[-1][0]], text[ends[-1][1] :]
    kind = kind_of(word)
    if kind:
        return Line(number, " ".join(name.split()), kind, word)
    return Line(number, " ".join(text.split()), "", word)


def read_lines(text: str) -> list[Line]:
    lines = (read_line(number, line) for number, line in enumerate(text.splitlines(), start=1))
    return [line for line in lines if line]
