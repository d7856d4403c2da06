"""What a list or a map was asked for, read from the address. Whatever stands there, the worst answer is a sentence."""

import re
import uuid
from dataclasses import dataclass, field

from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from concerns.workflow import OPEN_STATUSES, Publication, Status
from corridors.geojson import read_bbox

FIXED = "fixed"
# Words that stand for several statuses, as people ask for them.
STATUS_GROUPS: dict[str, list[str]] = {"open": sorted(OPEN_STATUSES), FIXED: [Status.VERIFIED_FIXED]}
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}")
SLUG = re.compile(r"[-a-z0-9_]{1,80}")


class BadFilter(Exception):
    """A filter that can't be read. `message` is the sentence for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class PublicFilter:
    """Filters of the public list and map. Empty means: all."""

    categories: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    corridor: str = ""
    box: Polygon | None = None


@dataclass(frozen=True)
class DeskFilter(PublicFilter):
    """Filters of the desk. `flagged` and `photo` are True where only such concerns are wanted."""

    walk: uuid.UUID | None = None
    publications: list[str] = field(default_factory=list)
    flagged: bool = False
    photo: bool = False
    unread: bool = False
    danger: bool = False


def public_filter(query: QueryDict) -> PublicFilter:
    """Read the address of a public list or map. Raises BadFilter."""
    return PublicFilter(
        categories=_codes(query), statuses=_statuses(query), corridor=_corridor(query), box=_box(query)
    )  # fmt: skip


def desk_filter(query: QueryDict) -> DeskFilter:
    """Read the address of the desk's list or map. Raises BadFilter."""
    return DeskFilter(
        categories=_codes(query),
        statuses=_statuses(query),
        corridor=_corridor(query),
        box=_box(query),
        walk=_walk(query),
        publications=_choices(query, "publication", Publication.values),
        **{name: _choices(query, name, ["1"]) == ["1"] for name in ("flagged", "photo", "unread", "danger")},
    )


def _texts(query: QueryDict, name: str) -> list[str]:
    """Every value under a name, also where several stand in one, separated by commas."""
    return [part.strip() for value in query.getlist(name) for part in value.split(",") if part.strip()]


def _choices(query: QueryDict, name: str, known: list[str]) -> list[str]:
    texts = _texts(query, name)
    if wrong := [text for text in texts if text not in known]:
        words = {"name": name, "value": wrong[0][:40], "known": ", ".join(known)}
        raise BadFilter(_("%(name)s: “%(value)s” isn’t one of %(known)s.") % words)
    return texts


def _codes(query: QueryDict) -> list[str]:
    codes = _texts(query, "category")
    if wrong := [code for code in codes if not CODE.fullmatch(code)]:
        raise BadFilter(_("category: “%(value)s” isn’t a code such as LIGHT_OUT.") % {"value": wrong[0][:40]})
    return codes


def _statuses(query: QueryDict) -> list[str]:
    asked = _choices(query, "status", [*STATUS_GROUPS, *Status.values])
    return [status for word in asked for status in STATUS_GROUPS.get(word, [word])]


def _corridor(query: QueryDict) -> str:
    slug = query.get("corridor", "").strip()
    if slug and not SLUG.fullmatch(slug):
        raise BadFilter(_("corridor: “%(value)s” isn’t the address of a corridor.") % {"value": slug[:40]})
    return slug


def _walk(query: QueryDict) -> uuid.UUID | None:
    text = query.get("walk", "").strip()
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise BadFilter(_("walk: “%(value)s” isn’t the number of a walk.") % {"value": text[:40]}) from None


def _box(query: QueryDict) -> Polygon | None:
    try:
        return read_bbox(query.get("bbox", ""))
    except ValidationError as error:
        raise BadFilter(error.messages[0]) from None
