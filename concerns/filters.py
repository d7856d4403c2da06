"""What a list or a map was asked for, read from the address. Whatever stands there, the worst answer is a sentence."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.workflow import OPEN_STATUSES, Status
from corridors.geojson import read_bbox

FIXED = "fixed"
# Words that stand for several statuses, as people ask for them.
STATUS_GROUPS: dict[str, list[str]] = {"open": sorted(OPEN_STATUSES), FIXED: [Status.VERIFIED_FIXED]}
STATUS_WORDS = [*STATUS_GROUPS, *Status.values]
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
DAY = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
SLUG = re.compile(r"[-a-z0-9_]{1,80}")


class BadFilter(Exception):
    """A filter that can't be read. `message` is the sentence for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class PublicFilter:
    """Filters of the public list and map. Empty means: all.

    `changed_since` is the first day of the last change of status (`?since=` in the address); every word of `place` must
    stand in the public place.
    """

    categories: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    corridor: str = ""
    box: Polygon | None = None
    changed_since: date | None = None
    place: str = ""

    @property
    def changed_from(self) -> datetime | None:
        """The moment `changed_since` begins, in the site's zone."""
        return timezone.make_aware(datetime.combine(self.changed_since, time.min)) if self.changed_since else None


def public_filter(query: QueryDict) -> PublicFilter:
    """Read the address of a public list or map. Raises BadFilter."""
    return PublicFilter(
        categories=read_codes(query),
        statuses=read_statuses(query),
        corridor=read_corridor(query),
        box=read_box(query),
        changed_since=read_day(query),
        place=read_place(query),
    )


def texts_of(query: QueryDict, name: str) -> list[str]:
    """Every value under a name, also where several stand in one, separated by commas."""
    return [part.strip() for value in query.getlist(name) for part in value.split(",") if part.strip()]


def read_choices(query: QueryDict, name: str, known: list[str]) -> list[str]:
    texts = texts_of(query, name)
    if wrong := [text for text in texts if text not in known]:
        words = {"name": name, "value": wrong[0][:40], "known": ", ".join(known)}
        raise BadFilter(_("%(name)s: “%(value)s” isn’t one of %(known)s.") % words)
    return texts


def read_codes(query: QueryDict) -> list[str]:
    codes = texts_of(query, "category")
    if wrong := [code for code in codes if not CODE.fullmatch(code)]:
        raise BadFilter(_("category: “%(value)s” isn’t a code such as LIGHT_OUT.") % {"value": wrong[0][:40]})
    return codes


def read_statuses(query: QueryDict) -> list[str]:
    return expand_statuses(read_choices(query, "status", STATUS_WORDS))


def expand_statuses(words: list[str]) -> list[str]:
    """Statuses for the words that stand for one or several."""
    return [status for word in words for status in STATUS_GROUPS.get(word, [word])]


def read_corridor(query: QueryDict) -> str:
    slug = query.get("corridor", "").strip()
    if slug and not SLUG.fullmatch(slug):
        raise BadFilter(_("corridor: “%(value)s” isn’t the address of a corridor.") % {"value": slug[:40]})
    return slug


def read_box(query: QueryDict) -> Polygon | None:
    try:
        return read_bbox(query.get("bbox", ""))
    except ValidationError as error:
        raise BadFilter(error.messages[0]) from None


def read_day(query: QueryDict) -> date | None:
    text = query.get("since", "").strip()
    try:
        if not text or DAY.fullmatch(text):
            return date.fromisoformat(text) if text else None
    except ValueError:
        pass
    raise BadFilter(_("since: “%(value)s” isn’t a day such as 2026-11-02.") % {"value": text[:40]})


def read_place(query: QueryDict) -> str:
    """Words of a public place: "4700", "north side". Raises BadFilter for what no place can be."""
    text = " ".join(query.get("place", "").split())
    if len(text) > 60 or not text.isprintable():
        raise BadFilter(_("place: write a block or a street, such as “4700” or “north side”."))
    return text
