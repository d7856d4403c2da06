"""The desk's page of a corridor over time: what is new, still there, fixed or back again from walk to walk."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from concerns.comparing import SHOWN, WORDS, WRONG_NOW, Comparison, FaceRow, Group, Walked, compare
from concerns.models import Concern
from corridors.access import get_corridor
from corridors.models import Corridor, Segment, Side
from office.cells import safe_cell
from office.strip import Block
from people.access import ORGANIZERS, access
from walks.models import Walk
from walks.sun import Lit

ALL_BEFORE = "all"
SHOWN_OF_A_GROUP = 60
# The column names of a file stay the same in every language.
COLUMNS = [
    "block", "from", "to", "side", "light", "earlier walk", "later walk", "walked earlier", "walked later", "compared",
    "new", "still there", "fixed", "came back", "nobody could say",
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `after` None: nobody walked in this light yet. `problem` is a sentence."""

    lit: str
    after: Walk | None
    before: Walk | None
    problem: str = ""

    def query(self, lit: str | None = None) -> str:
        """The same page's address; in another light its walks are chosen anew."""
        if lit is not None or self.after is None:
            return urlencode({"light": lit or self.lit})
        before = str(self.before.public_id) if self.before else ALL_BEFORE
        return urlencode({"light": self.lit, "walk": str(self.after.public_id), "before": before})


@dataclass(frozen=True)
class BlockLine:
    """One row of the table: a block and both its sides."""

    segment: Segment
    left: FaceRow
    right: FaceRow


@dataclass(frozen=True)
class GroupShown:
    """A group for the page: its word, how many, its strip, the first of its concerns."""

    group: Group
    word: Any
    n: int
    blocks: list[Block]
    concerns: list[Concern]

    @property
    def n_more(self) -> int:
        return self.n - len(self.concerns)


@require_safe
@access("corridor.over_time", "view", allow=ORGANIZERS)
def over_time(request: HttpRequest, slug: str) -> HttpResponse:
    """`?light=day|dusk|dark&walk=<uuid>&before=<uuid>|all`. At most eight queries besides those of any desk page."""
    corridor, walked, asked = _read(request, slug)
    found = _found(corridor, walked, asked)
    context: dict[str, Any] = {
        "corridor": corridor,
        "asked": asked,
        "found": found,
        "lights": [(lit, Lit(lit).label, len(walked.in_light(lit)), asked.query(lit)) for lit in Lit.values],
        "walks": walked.in_light(asked.lit),
        "earlier": walked.before(asked.after, asked.lit) if asked.after else [],
    }
    if found:
        context |= _shown(corridor, found) | {"file": f"{_file_url(corridor)}?{asked.query()}"}
    return render(request, "concerns/over_time.html", context, status=400 if asked.problem else 200)


@require_safe
@access("corridor.over_time", "view", allow=ORGANIZERS)
def over_time_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The same side by side as a file for a spreadsheet. What wasn't compared is empty there, never zero."""
    corridor, walked, asked = _read(request, slug)
    found = _found(corridor, walked, asked)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in found.faces if found else ():
        assert found is not None
        writer.writerow([safe_cell(cell) for cell in _cells(corridor, found, row)])
    response = HttpResponse(
        out.getvalue(), content_type="text/csv; charset=utf-8", status=400 if asked.problem else 200
    )
    response["Content-Disposition"] = f'attachment; filename="{slugify(corridor.name) or "corridor"}-{asked.lit}.csv"'
    return response


def _file_url(corridor: Corridor) -> str:
    return reverse("concerns:over_time_file", args=[corridor.slug])


def _read(request: HttpRequest, slug: str) -> tuple[Corridor, Walked, Asked]:
    corridor = get_corridor(slug)
    walked = Walked(corridor, timezone.now())
    return corridor, walked, _asked(request, walked)


def _asked(request: HttpRequest, walked: Walked) -> Asked:
    """What isn't said is the newest walk, in the light in which it walked most, against all before it."""
    light = request.GET.get("light", "")
    if light and light not in Lit.values:
        return Asked(
            _usual_light(walked), None, None, _("There is no such light. Choose by day, at dusk or after dark.")
        )
    lit = light or _usual_light(walked)
    walks = walked.in_light(lit)
    if not walks:
        return Asked(lit, None, None)
    after = _one_of(walks, request.GET.get("walk", ""))
    if after is None:
        return Asked(lit, None, None, _("This street wasn’t walked in this light on that walk. Choose another one."))
    wanted = request.GET.get("before", "")
    if wanted in ("", ALL_BEFORE):
        return Asked(lit, after, None)
    before = _one_of(walked.before(after, lit), wanted)
    if before is None:
        return Asked(lit, after, None, _("That walk isn’t an earlier one in this light. Compared with all before it."))
    return Asked(lit, after, before)


def _one_of(walks: list[Walk], public_id: str) -> Walk | None:
    """The walk with this id, the newest where none is named, None where there is no such one."""
    if not public_id:
        return walks[0] if walks else None
    return next((walk for walk in walks if str(walk.public_id) == public_id), None)


def _usual_light(walked: Walked) -> str:
    newest = next(iter(walked.walks), None)
    return max(Lit.values, key=lambda lit: len(walked.faces.get((newest, lit), ()))) if newest else Lit.DAY.value


def _found(corridor: Corridor, walked: Walked, asked: Asked) -> Comparison | None:
    if asked.after is None or not walked.before(asked.after, asked.lit):
        return None
    return compare(corridor, walked, lit=asked.lit, after=asked.after, before=asked.before)


def _shown(corridor: Corridor, found: Comparison) -> dict[str, Any]:
    """Strips, table, sentence and lists. One query for the concerns that are listed."""
    for row in found.faces:
        row.segment.corridor = corridor
    ids = {pk for group in SHOWN for pk in found.groups.get(group, [])[-SHOWN_OF_A_GROUP:]}
    rows = Concern.objects.filter(pk__in=ids).select_related("category", "segment__corridor")
    concerns = {concern.pk: concern for concern in rows.order_by("segment__position", "side", "id")}
    blocks = found.blocks(*WRONG_NOW)
    first = found.faces[0].segment if found.faces else None
    return {
        "sentence": sentence(found),
        "unknown": unknown_words(found),
        "blocks": blocks,
        "sides": {side: first.side_name(side) for side in Side.values} if first else {},
        "short": {side: first.compass_side(side) for side in Side.values} if first else {},
        "lines": list(_lines(found)),
        "shown": [
            GroupShown(
                group,
                WORDS[group],
                found.n(group),
                found.blocks(group),
                [concern for pk, concern in concerns.items() if pk in set(found.groups.get(group, ()))],
            )
            for group in SHOWN
        ],
    }  # fmt: skip


def _lines(found: Comparison) -> Iterator[BlockLine]:
    faces = {(row.segment.pk, row.side): row for row in found.faces}
    for segment in {row.segment.pk: row.segment for row in found.faces}.values():
        left, right = (
            faces.get((segment.pk, side)) or FaceRow(segment, side, False, False, {}) for side in Side.values
        )
        yield BlockLine(segment, left, right)


def sentence(found: Comparison) -> str:
    """ "4 new, 3 still there, 2 fixed, 1 came back, on the 9 of 14 block sides that were walked both times by day." """
    counts = ", ".join(f"{found.n(group)} {WORDS[group]}" for group in SHOWN)
    words = ngettext(
        "%(counts)s, on the %(n)d of %(all)d block side that was walked both times %(light)s.",
        "%(counts)s, on the %(n)d of %(all)d block sides that were walked both times %(light)s.",
        len(found.faces),
    )
    light = Lit(found.lit).label
    return words % {"counts": counts, "n": found.n_compared, "all": len(found.faces), "light": light}


def unknown_words(found: Comparison) -> list[str]:
    """What the numbers don't say, in sentences."""
    told = []
    if n := len(found.faces) - found.n_compared:
        told.append(
            ngettext(
                "%(n)d side wasn’t walked both times: what is there, nobody knows.",
                "%(n)d sides weren’t walked both times: what is there, nobody knows.",
                n,
            )
            % {"n": n}
        )
    if n := found.n(Group.UNSURE):
        told.append(
            ngettext(
                "%(n)d thing was known on the compared sides and nobody could say: look again.",
                "%(n)d things were known on the compared sides and nobody could say: look again.",
                n,
            )
            % {"n": n}
        )
    if n := found.n(Group.NOT_WALKED):
        told.append(
            ngettext(
                "%(n)d thing lies where we don’t compare, and is counted nowhere here.",
                "%(n)d things lie where we don’t compare, and are counted nowhere here.",
                n,
            )
            % {"n": n}
        )
    return told


def _cells(corridor: Corridor, found: Comparison, row: FaceRow) -> Iterator[Any]:
    row.segment.corridor = corridor
    yield row.segment.name
    yield row.segment.from_street
    yield row.segment.to_street
    yield row.segment.side_name(row.side)
    yield found.lit
    yield _walk_cell(found.before) if found.before else "all before"
    yield _walk_cell(found.after)
    for is_so in (row.walked_before, row.walked_after, row.is_compared):
        yield "yes" if is_so else "no"
    for group in (*SHOWN, Group.UNSURE):
        n = row.n(group)
        yield "" if n is None else n


def _walk_cell(walk: Walk) -> str:
    return f"{timezone.localtime(walk.meet_at, walk.zone):%Y-%m-%d} {walk.title}"
