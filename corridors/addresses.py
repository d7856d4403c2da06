"""Written addresses, made comparable: “1311 East 28th Terrace, Apt 2” and “1311 E 28 TER” are one house. Pure.

A key is `number name|direction|kind` (“1311 28|e|ter”), of a corner `& name & name` (“& independence & lawn”), and ""
where there is neither a house number nor a corner. Directions and kinds are compared only where both are known,
because people leave them out; a unit, a city and a ZIP code never count.
"""

import re
from dataclasses import dataclass

MOST = 120  # characters of a key

DIRECTIONS = {
    "north": "n", "south": "s", "east": "e", "west": "w",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
DIRECTIONS |= {short: short for short in list(DIRECTIONS.values())}

# USPS Publication 28, appendix C1: the kinds of streets that cities have, and how people write them.
KINDS = {
    "aly": "alley", "ave": "av aven avenu avenue avn avnue", "blf": "bluff", "blvd": "boul boulevard boulv bl",
    "cir": "circ circl circle", "ct": "court crt", "ctr": "center centre", "cv": "cove", "dr": "drive driv drv",
    "expy": "expressway", "ext": "extension", "fwy": "freeway frwy", "hts": "heights", "hwy": "highway hiway hway",
    "is": "island", "ln": "lane", "loop": "loops", "mnr": "manor", "park": "", "path": "", "pike": "",
    "pkwy": "parkway parkwy pkway pky", "pl": "place", "plz": "plaza plza", "pt": "point", "rd": "road", "row": "",
    "rte": "route", "sq": "square sqr", "st": "street str strt", "ter": "terr terrace", "trce": "trace",
    "trfy": "trafficway tfwy trfwy", "trl": "trail", "walk": "", "way": "wy", "xing": "crossing",
}  # fmt: skip
KIND_OF = {word: kind for kind, words in KINDS.items() for word in (kind, *words.split())}

# What comes before a flat, a floor or a part of the lot.
UNITS = {
    "apt", "apartment", "bldg", "bld", "building", "unit", "ste", "suite", "fl", "floor", "flr", "rm", "room", "lot",
    "trlr", "rear", "front", "upper", "lower", "bsmt", "basement", "side", "no", "num", "number", "land", "utility",
    "garage",
}  # fmt: skip
# “30 ½”, “4512-4514”, “4512 & 4514”, “4512A”: the first number names the building.
NUMBER = re.compile(
    r"#?\s*(\d{1,6})(?:\s*[-–]\s*\d{1,6}|\s*(?:&|and)\s*\d{1,6}(?=\s))?"
    r"(?:\s+\d/\d|\s*½)?(?:[a-z](?![a-z]))?[\s,]+"
)
# "Ave64108": some exports forget the blank before the ZIP code.
GLUED_ZIP = re.compile(r"(?<=[a-z])\d{5}(?:-\d{4})?$")
ZIP = re.compile(r"\s+\d{5}(?:-\d{4})?$")
NOISE = re.compile(r"[^\w\s&/@#½–-]|_")
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
CORNER = re.compile(r"\s*(?:&|/|@|\band\b|\bat\b)\s*")
CORNER_OF = re.compile(r"^(?:(?:on|at|the|nw|ne|sw|se)\s+)*corner\s+(?:of\s+)?")
# With one of these it is a description and no corner.
NO_STREET = {
    "behind", "beside", "near", "front", "across", "between", "next", "opposite", "stop", "lot", "by", "to", "my",
}  # fmt: skip
MOST_WORDS = 4

_ONES = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = [
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth",
]  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
NUMBERED = (
    {word: n for n, word in enumerate(_ONES, 1)}
    | {word: n for n, word in enumerate(_TEENS, 10)}
    | {word[:-1] + "ieth": n for word, n in _TENS.items()}
    | {f"{ten}-{one}": n + i for ten, n in _TENS.items() for i, one in enumerate(_ONES, 1)}
)
SHORT = {"saint": "st", "fort": "ft", "mount": "mt"}


@dataclass(frozen=True)
class Street:
    """A street's name without what people leave out, its direction (“e” or "") and its kind (“ave” or "")."""

    name: str
    direction: str = ""
    kind: str = ""


def address_key(text: str) -> str:
    """What a written address is told apart by, or "" where it names no house and no corner."""
    line = _tidy(text)
    if found := NUMBER.match(line):
        street = read_street(line[found.end() :])
        is_house = street.name and street.name.split()[0] != "block"  # “4500 block of Lawn Ave” is no house
        return f"{int(found[1])} {street.name}|{street.direction}|{street.kind}"[:MOST] if is_house else ""
    return _corner_key(line)


def is_corner(key: str) -> bool:
    return key.startswith("&")


def same_address(one: str, other: str) -> bool:
    """Whether two keys may be one place. A direction or kind that one of them lacks doesn't count."""
    if not one or not other:
        return False
    mine, theirs = one.split("|"), other.split("|")
    return mine[0] == theirs[0] and all(
        not a or not b or a == b for a, b in zip(mine[1:], theirs[1:], strict=False)
    )  # fmt: skip


def _tidy(text: str) -> str:
    """The first line in small letters, single blanks, without a ZIP code and what follows a comma."""
    first = next((line for line in text.lower().splitlines() if line.strip()), "")
    before, comma, after = first.partition(",")
    if comma and before.strip(" #").isdigit():  # “4777, Independence Ave”
        before = f"{before} {after.partition(',')[0]}"
    words = " ".join(NOISE.sub(" ", re.sub("['’]", "", before)).split())
    return ZIP.sub("", GLUED_ZIP.sub("", words))


def read_street(words: str) -> Street:
    """“East 28th Terrace apt 2” → Street("28", "e", "ter"). Expects small letters."""
    tokens = _until_unit(words.split())
    if tokens[:1] == ["the"]:
        tokens = tokens[1:]
    direction = ""
    if len(tokens) > 1 and tokens[0] in DIRECTIONS and not _is_only_kind(tokens[1:]):
        direction, tokens = DIRECTIONS[tokens[0]], tokens[1:]
    # The last kind counts: “St John Ave”. What follows it is a direction, a flat or a city.
    at = max((i for i, token in enumerate(tokens) if i and token in KIND_OF), default=0)
    if at and len(tokens) > at + 1:
        at = next(i for i, token in enumerate(tokens) if i and token in KIND_OF and not _is_saint(tokens, i))
    if not at:
        return Street(_name(_without_tail(tokens)), direction)
    if not direction and tokens[at + 1 : at + 2] and tokens[at + 1] in DIRECTIONS:
        direction = DIRECTIONS[tokens[at + 1]]
    return Street(_name(tokens[:at]), direction, KIND_OF[tokens[at]])


def _is_saint(tokens: list[str], i: int) -> bool:
    """Whether a kind in the middle belongs to the name: another kind follows it (“Park Place Ave”)."""
    return any(token in KIND_OF for token in tokens[i + 1 : i + 2])


def _is_only_kind(tokens: list[str]) -> bool:
    """“North Ave” is called North."""
    return tokens[0] in KIND_OF and (len(tokens) == 1 or tokens[1] in UNITS)


def _until_unit(tokens: list[str]) -> list[str]:
    for i, token in enumerate(tokens):
        if i and (token in UNITS or token[0] in "#&/@"):
            return tokens[:i]
    return tokens


def _without_tail(tokens: list[str]) -> list[str]:
    """A street without its kind: “Paseo 26”, “Paseo A” and “Paseo 1n” are flats of Paseo."""
    while len(tokens) > 1 and re.fullmatch(r"\d+[a-z]?|[a-z]", tokens[-1]):
        tokens = tokens[:-1]
    return tokens


def _name(tokens: list[str]) -> str:
    return " ".join(_word(token) for token in tokens)


def _word(token: str) -> str:
    if found := ORDINAL.fullmatch(token):
        return found[1].lstrip("0") or "0"
    if token in NUMBERED:
        return str(NUMBERED[token])
    return SHORT.get(token, token)


def _corner_key(line: str) -> str:
    is_said = CORNER_OF.match(line) is not None
    parts = [part.split() for part in CORNER.split(CORNER_OF.sub("", line))]
    if len(parts) != 2 or not all(0 < len(part) <= MOST_WORDS for part in parts):
        return ""
    streets = [read_street(" ".join(part)) for part in parts]
    looks_so = is_said or "&" in line or "/" in line or any(one.kind or one.name.isdigit() for one in streets)
    if not looks_so or any(NO_STREET & set(part) for part in parts) or not all(one.name for one in streets):
        return ""
    return "& " + " & ".join(sorted(one.name for one in streets))[: MOST - 2]


POLE = re.compile(r"[A-Z]*\d[A-Z\d]*")
MOST_POLE, LEAST_POLE = 20, 3


def pole_key(said: object) -> str:
    """The number on a pole as its letters and digits (“sah 1621” → “SAH1621”), or "" where it is none."""
    text = said[0] if isinstance(said, list) and said else said
    if not isinstance(text, str | int):
        return ""
    key = re.sub(r"[^A-Z0-9]", "", str(text).upper())
    return key if POLE.fullmatch(key) and LEAST_POLE <= len(key) <= MOST_POLE else ""
