"""The kept numbers of a week in words, in the active language: what page, PDF and mail show. Reads at most two rows.

Who is behind the wall gets it without anything about help: `with_help=False`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from concerns.public import PublicConcern, PublicPhoto
from insights.disclosure import say as say_count
from insights.models import Snapshot
from insights.week_definitions import DEFINITIONS
from insights.week_stuck import SHOWN, Said, say
from office.models import Coalition

OWN = "own"
# Definitions that the paper has room for.
ON_PAPER = ("new", "seen_fixed", "strip")


class Line(NamedTuple):
    """A label, dots, a number. `key` names its definition."""

    key: str
    label: str
    value: str


class Tally(NamedTuple):
    """A large number with its words; `status` draws the mark beside it, "" none."""

    key: str
    status: str
    n: str
    words: str


@dataclass(frozen=True)
class Slot:
    """One of the three stuck things as it is shown: which candidate (or `OWN`), and its words."""

    key: str
    said: Said
    is_help: bool = False


def sheet_of(snapshot: Snapshot, *, coalition: Coalition, with_help: bool) -> dict[str, Any]:
    """Everything `insights/_week_sheet.html` shows. Two queries at most: whether photos and good thing are public."""
    numbers = snapshot.numbers
    counted = datetime.fromisoformat(numbers["counted_at"]).astimezone(coalition.zone)
    return {
        "snapshot": snapshot,
        "coalition": coalition,
        "days": _days(snapshot),
        "counted": _("numbers of %(when)s") % {"when": date_format(counted, "D j M, g:i A")},
        "is_empty": not numbers["people"]["n_walks"] and not numbers["concerns"]["new"],
        "strips": numbers["strips"],
        "tally": _tally(numbers),
        "walks": [_walk(one) for one in numbers["walks"]],
        "more_walks": max(numbers["people"]["n_walks"] - len(numbers["walks"]), 0),
        "stuck": [slot.said for slot in slots_of(snapshot) if with_help or not slot.is_help],
        "promises": _promises(numbers["promises"]),
        "promise_lines": [_promise(one) for one in numbers["promises"]["lines"]],
        "help": _help(numbers["help"], snapshot) if with_help and numbers.get("help") else None,
        "table": _table(numbers["table"]) if numbers["table"] else None,
        "next": [_next(one) for one in numbers["next"]],
        "pair": _pair(numbers["pair"]),
        "good": _good(numbers["good"]),
        "note": in_language(snapshot.words.get("note") or {}),
        "definitions": {key: words for key, words in DEFINITIONS.items() if with_help or key not in HELP_KEYS},
        "on_paper": [DEFINITIONS[key] for key in ON_PAPER],
    }


HELP_KEYS = ("asked", "in_time", "got_help", "never_answered")


def in_language(words: Mapping[str, str]) -> str:
    """The words in the active language, in English where there are none."""
    return words.get((get_language() or "en")[:2]) or words.get("en", "")


def _days(snapshot: Snapshot) -> str:
    days = {"first": date_format(snapshot.starts_on, "D j M"), "last": date_format(snapshot.ends_on, "D j M Y")}
    return _("%(first)s to %(last)s") % days


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso[:10]), "D j M")


def _when(iso: str) -> str:
    """“Wed 2 Dec, 2:00 PM”: the clock of the place is in the text itself."""
    return date_format(datetime.fromisoformat(iso), "D j M, g:i A")


def light_words(light: str) -> str:
    return {"day": _("by day"), "into_dark": _("into the dark"), "dark": _("after dark")}.get(light, "")


def _with_light(walk: Mapping[str, Any]) -> str:
    """“Askew to Jackson, after dark”; many titles say so themselves, in whichever language."""
    title, light = walk["title"], light_words(walk["light"])
    with override(None):
        said = {light.lower(), light_words(walk["light"]).lower()}
    return title if any(words in title.lower() for words in said) else f"{title}, {light}"


# --- People and concerns ---


def _tally(numbers: Mapping[str, Any]) -> list[Tally]:
    concerns = numbers["concerns"]
    new = ngettext("new thing noticed", "new things noticed", concerns["new"])
    more = [_("%(n)d still there") % {"n": concerns["still"]}]
    if concerns["repeat"]:
        more.append(_("%(n)d known already") % {"n": concerns["repeat"]})
    return [
        _people(numbers["people"], numbers["walks"]),
        Tally("new", "open", str(concerns["new"]), ", ".join([new, *more])),
        Tally("claimed", "claimed_fixed", str(concerns["claimed"]), _("the city said fixed this week")),
        Tally("seen_fixed", "verified_fixed", str(concerns["seen_fixed"]), _("we went and saw fixed")),
        Tally("back", "reopened", str(concerns["back"]), _("back again, sent back")),
    ]


def _people(people: Mapping[str, Any], walks: list[dict[str, Any]]) -> Tally:
    n = people["checked_in"]
    if not people["n_walks"]:
        return Tally("checked_in", "", "0", _("walks this week"))
    if people["n_walks"] == 1:
        one = {"day": _day(walks[0]["at"]), "light": light_words(walks[0]["light"])}
        words = ngettext("person walked on %(day)s, %(light)s.", "people walked on %(day)s, %(light)s.", n) % one
    else:
        words = ngettext("person on %(n)d walks.", "people on %(n)d walks.", n) % {"n": people["n_walks"]}
    return Tally("checked_in", "", str(n), " ".join([words, *_youth(people), *_heads(people["heads"])]))


def _youth(ages: Mapping[str, Any]) -> list[str]:
    """The youth share with what is unknown; nothing where nobody's age is known."""
    if ages["known"] is None and ages["youth"] is None:
        return []
    known = {"youth": say_count(ages["youth"]), "known": ages["known"] if ages["known"] is not None else ""}
    if ages["known"] is None:
        return [_("%(youth)s are 13 to 24 years old.") % known]
    if not ages["known"]:
        return [_("Nobody gave an age.")]
    return [_("%(youth)s of %(known)s with a known age are 13 to 24.") % known]


def _heads(n: int) -> list[str]:
    """Of everybody who went along, also who checked in: never added to them."""
    return [ngettext("%(n)d head counted", "%(n)d heads counted", n) % {"n": n} + "."] if n else []


def _walk(one: Mapping[str, Any]) -> dict[str, str]:
    told = []
    if one["checked_in"]:
        told.append(_("%(n)d checked in") % {"n": one["checked_in"]})
    if one["heads"]:
        told.append(ngettext("%(n)d head counted", "%(n)d heads counted", one["heads"]) % {"n": one["heads"]})
    return {
        "when": _when(one["at"]),
        "title": _with_light(one),
        "people": ", ".join(told) or _("nobody counted"),
    }


# --- Stuck ---


def slots_of(snapshot: Snapshot) -> list[Slot]:
    """The three things as an organizer left them, or the first three candidates."""
    found = {one["key"]: one for one in snapshot.numbers["stuck"]}
    chosen = snapshot.words.get("stuck")
    if chosen is None:
        chosen = [{"key": key} for key in list(found)[:SHOWN]]
    return [slot for slot in (_slot(one, found) for one in chosen) if slot is not None]


def _slot(chosen: Mapping[str, Any], found: Mapping[str, Any]) -> Slot | None:
    candidate = found.get(chosen["key"])
    # Words that somebody changed in one language only are shown in both: the rule's own words may be wrong by then.
    own = chosen.get((get_language() or "en")[:2]) or chosen.get("en")
    if own is None and candidate is None:
        return None
    said = Said(own["head"], own["text"], own["ask"]) if own else say(candidate or {})
    return Slot(chosen["key"], said, bool(candidate and candidate.get("is_help")) or bool(chosen.get("is_help")))


# --- Promises, help, the table ---


def _promises(told: Mapping[str, Any]) -> list[Line]:
    late = [Line("promises", _("kept late"), str(told["kept_late"]))] if told["kept_late"] else []
    return [
        Line("promises", _("made this week"), str(told["made"])),
        Line("promises", _("kept on time"), str(told["kept"])),
        *late,
        Line("promises", _("late"), str(told["late"])),
    ]


def _promise(one: Mapping[str, Any]) -> dict[str, str]:
    """The state is a mark and a word: kept, so many days late, or the day it is due."""
    if one["state"] == "kept":
        word, status = (_("kept late") if one["was_late"] else _("kept")), "verified_fixed"
    elif one["state"] == "late":
        word, status = ngettext("%(days)d day late", "%(days)d days late", one["days"]) % one, "open"
    else:
        word, status = date_format(date.fromisoformat(one["due_on"]), "j M"), "in_progress"
    return {"text": one["text"], "who": one["who"] or _("a neighbor"), "word": word, "status": status}


def _help(cells: Mapping[str, Any], snapshot: Snapshot) -> list[Line]:
    labels = {
        "asked": _("asked this week, with consent"),
        "in_time": _("answered in 2 business days"),
        "got_help": _("got help"),
        "never_answered": _("never answered"),
    }
    return [Line(key, _since(label, cells[key], snapshot), _told(cells[key]["n"])) for key, label in labels.items()]


def _told(n: int | None) -> str:
    """What isn't told yet may be more than two: somebody would learn the rest from it."""
    return _("not shown") if n is None else str(n)


def _since(label: str, cell: Mapping[str, Any], snapshot: Snapshot) -> str:
    """A count that waited says from which day on it counts."""
    if date.fromisoformat(cell["since"]) >= snapshot.starts_on:
        return label
    return _("%(label)s (since %(day)s)") % {"label": label, "day": _day(cell["since"])}


def _table(told: Mapping[str, Any]) -> dict[str, Any]:
    known = told["known"]
    of_known = _("13 to 24 years old, of %(n)d known") % {"n": known} if known else _("13 to 24 years old")
    return {
        "day": _day(told["at"]),
        "lines": [
            Line("table", _("organizations, of %(n)d") % {"n": told["of"]}, str(told["organizations"])),
            Line("table", of_known, say_count(told["youth"])),
            Line("table", _("25 to 34 years old"), say_count(told["twenties"])),
            Line("table", _("age not given"), say_count(told["unknown"])),
        ],
        "missing": told["missing"].get((get_language() or "en")[:2]) or told["missing"].get("en") or [],
        "places": _places(told["youth_places"]),
    }


def _places(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return ""
    words = ngettext(
        "%(n)d youth lead place is open for %(day)s.", "%(n)d youth lead places are open for %(day)s.", told["n"]
    )
    return words % {"n": told["n"], "day": _day(told["at"])}


def _next(one: Mapping[str, Any]) -> dict[str, str]:
    capacity = one["capacity"]
    taken = _("%(taken)d of %(all)d") % {"taken": one["taken"], "all": capacity} if capacity else str(one["taken"])
    return {"when": _when(one["at"]), "title": _with_light(one), "taken": taken}


# --- What may have been hidden since ---


def _pair(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The two photos, as long as both are public. One query."""
    if told is None:
        return None
    found = {str(one.public_id): one for one in PublicPhoto.objects.filter(public_id__in=[told["then"], told["now"]])}
    if len(found) < 2:
        return None
    language = 1 if (get_language() or "en").startswith("es") else 0
    return {
        "then": found[told["then"]],
        "now": found[told["now"]],
        "then_when": _day(told["then_on"]),
        "now_when": _("%(day)s, %(place)s") % {"day": _day(told["now_on"]), "place": told["place"]},
        "kind": told["kind"][language] or told["kind"][0],
    }


def _good(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The good thing, as long as it is public. One query."""
    if told is None or not PublicConcern.objects.filter(public_id=told["concern"]).exists():
        return None
    seen = ngettext("%(n)d person noted it.", "%(n)d people noted it.", told["n_people"]) % {"n": told["n_people"]}
    return {"text": told["text"], "place": told["place"], "seen": seen if told["n_people"] > 1 else ""}
