"""What changes corridors: drawing one, drawing it again, deleting one that nothing points at; landmarks."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import LineString
from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from corridors.geometry import (
    Block,
    CannotCut,
    CrossStreet,
    cut_blocks,
    end_name,
    length_m,
    reversed_line,
    runs_against,
    span_m,
)
from corridors.models import WGS84, Corridor, Landmark, Segment
from office.actions import Actor, record
from office.refused import Refused

SHORTEST_M, LONGEST_M = 30, 100_000
SAME_BLOCK = 0.8  # overlap by which a block counts as the one it was
SUCCEEDS_M = 10  # a new block that shares this much street with a retired one is its successor
RESERVED = {"new", "areas", "landmarks"}  # words of the desk's own addresses
OTHER_SIDE = {"left": "right", "right": "left", "": ""}


@dataclass(frozen=True)
class Redrawn:
    """What drawing a corridor again did to its blocks. `was_turned`: the new line was drawn from the other end."""

    corridor: Corridor
    n_kept: int
    added: list[Segment] = field(default_factory=list)
    retired: list[Segment] = field(default_factory=list)
    was_turned: bool = False


@transaction.atomic
def create_corridor(
    *,
    by: Actor | None,
    name: str,
    line: LineString,
    cross_streets: Sequence[CrossStreet] = (),
    even_side: str = "",
    buffer_m: int = 60,
    slug: str = "",
    from_street: str = "",
    to_street: str = "",
    first_block: int | None = None,
    block_step: int = 100,
    note: str = "",
    is_public: bool = True,
) -> Corridor:
    """A corridor with its segments, cut at the cross streets as `geometry.cut_blocks` says. Raises Refused.

    `even_side` is "left", "right" or "" as seen along the line. Ends without a street are named by the compass.
    """
    blocks = _blocks(
        line,
        cross_streets,
        from_street=from_street,
        to_street=to_street,
        first_block=first_block,
        block_step=block_step,
    )
    corridor = Corridor.objects.create(
        name=name,
        slug=_free_slug(name, slug),
        line=line,
        from_street=_named_end(blocks[0].from_street, line, start=True),
        to_street=_named_end(blocks[-1].to_street, line, start=False),
        even_side=even_side,
        buffer_m=buffer_m,
        note=note,
        is_public=is_public,
    )
    Segment.objects.bulk_create(_segment(corridor, n, block) for n, block in enumerate(blocks))
    record(
        actor=by,
        action="create",
        resource="corridor",
        object_id=corridor.public_id,
        detail={"segments": len(blocks), "length_m": round(length_m(line))},
    )
    return corridor


@transaction.atomic
def redraw_corridor(
    *,
    corridor: Corridor,
    by: Actor | None,
    line: LineString,
    cross_streets: Sequence[CrossStreet],
    from_street: str = "",
    to_street: str = "",
    first_block: int | None = None,
    block_step: int = 100,
    expected: str | None = None,
    **fields: Any,
) -> Redrawn:
    """Give a corridor a new line and new cross streets; `fields` are its other columns. Raises Refused.

    A block that overlaps an old one by 80 % stays that row. Others are retired, with the new blocks that took their
    place as successors; nothing is deleted, because walks and concerns point at them. The sides keep their meaning: a
    line drawn from the other end is turned round. `expected` is the `version_of` that the person saw.
    """
    corridor = Corridor.objects.select_for_update().get(pk=corridor.pk)
    old = list(corridor.segments.current().order_by("position"))
    if expected is not None and expected != version_of(corridor, old):
        raise Refused(
            _("Somebody else changed this corridor meanwhile. Look at how it is now, then make your change again.")
        )
    blocks = _blocks(
        line,
        cross_streets,
        from_street=from_street,
        to_street=to_street,
        first_block=first_block,
        block_step=block_step,
    )
    turned = runs_against(line, corridor.line)
    if turned:
        line, blocks = reversed_line(line), [_turned(block) for block in reversed(blocks)]
        if "even_side" in fields:
            fields["even_side"] = OTHER_SIDE[fields["even_side"]]
    done = _replace_segments(corridor, old, blocks, line)
    for name, value in fields.items():
        setattr(corridor, name, value)
    corridor.line = line
    corridor.from_street = _named_end(blocks[0].from_street, line, start=True)
    corridor.to_street = _named_end(blocks[-1].to_street, line, start=False)
    corridor.save()
    detail = {"kept": done.n_kept, "added": len(done.added), "retired": len(done.retired)}
    record(actor=by, action="edit", resource="corridor", object_id=corridor.public_id, detail=detail)
    return Redrawn(corridor, done.n_kept, done.added, done.retired, turned)


@transaction.atomic
def delete_corridor(*, corridor: Corridor, by: Actor | None) -> None:
    """Delete a corridor that was a mistake. Raises Refused while a walk or a concern points at it."""
    corridor = Corridor.objects.select_for_update().get(pk=corridor.pk)
    in_use = _("%(corridor)s can’t be deleted: walks or concerns belong to it. Hide it from the public instead.")
    if corridor.walks.exists() or Segment.objects.filter(corridor=corridor, concerns__isnull=False).exists():
        raise Refused(in_use % {"corridor": corridor.name})
    record(actor=by, action="delete", resource="corridor", object_id=corridor.public_id)
    try:
        with transaction.atomic():
            corridor.segments.all().delete()
            corridor.delete()
    except ProtectedError:
        raise Refused(in_use % {"corridor": corridor.name}) from None


@transaction.atomic
def save_landmark(*, by: Actor | None, landmark: Landmark | None = None, **fields: Any) -> Landmark:
    """Add a landmark, or change one; `fields` are its columns."""
    action = "edit" if landmark else "create"
    landmark = landmark or Landmark()
    for name, value in fields.items():
        setattr(landmark, name, value)
    landmark.save()
    record(actor=by, action=action, resource="landmark", object_id=landmark.public_id)
    return landmark


@transaction.atomic
def delete_landmark(*, landmark: Landmark, by: Actor | None) -> None:
    """Raises Refused while a walk meets there."""
    record(actor=by, action="delete", resource="landmark", object_id=landmark.public_id)
    try:
        with transaction.atomic():
            landmark.delete()
    except ProtectedError:
        raise Refused(
            _("Walks meet at %(place)s, so it stays. You can hide it from the public instead.")
            % {"place": landmark.name}
        ) from None


def version_of(corridor: Corridor, segments: Sequence[Segment] | None = None) -> str:
    """A short fingerprint of how a corridor is drawn and cut, to notice that somebody else changed it meanwhile."""
    rows = segments if segments is not None else corridor.segments.current().order_by("position")
    told = [corridor.line.hexewkb, corridor.name, corridor.even_side, corridor.buffer_m, corridor.note]
    told += [(row.pk, row.position, row.from_street, row.to_street, row.block) for row in rows]
    return hashlib.sha256(repr([*told, corridor.is_public]).encode()).hexdigest()[:16]


def _blocks(line: LineString, cross_streets: Sequence[CrossStreet], **options: Any) -> list[Block]:
    _check_line(line)
    try:
        return cut_blocks(line, cross_streets, **options)
    except CannotCut as problem:
        raise Refused(str(problem)) from None


def _check_line(line: LineString) -> None:
    """What a street can't be, wherever the line came from."""
    if line.srid != WGS84 or line.hasz or not line.simple:
        raise Refused(_("The line must be a plain one in longitude and latitude that doesn’t cross itself."))
    length = length_m(line)
    if length < SHORTEST_M:
        raise Refused(_("The line is only %(metres)d m long. Draw it along the whole street.") % {"metres": length})
    if length > LONGEST_M:
        raise Refused(_("The line is %(km)d km long. Draw one street of one city.") % {"km": length / 1000})


def _free_slug(name: str, wanted: str) -> str:
    """An address that no corridor has: the wanted one, or one made from the name."""
    base = slugify(wanted or name)[:70] or "corridor"
    taken = RESERVED | set(Corridor.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if wanted and base in taken:
        raise Refused(_("Another corridor has the address “%(slug)s”. Choose another one.") % {"slug": base})
    return next(slug for n in range(1, len(taken) + 3) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def _named_end(street: str, line: LineString, *, start: bool) -> str:
    return "" if street == end_name(line, start=start) else street


def _segment(corridor: Corridor, position: int, block: Block) -> Segment:
    return Segment(
        corridor=corridor,
        position=position,
        from_street=block.from_street,
        to_street=block.to_street,
        block=block.number,
        line=block.line,
    )


def _turned(block: Block) -> Block:
    return Block(block.to_street, block.from_street, reversed_line(block.line), block.number)


def _replace_segments(corridor: Corridor, old: list[Segment], blocks: list[Block], line: LineString) -> Redrawn:
    """Keep, add and retire segments so that the current ones are `blocks`."""
    shares = _shared_metres(old, blocks, line)
    kept = _same_blocks(old, blocks, shares)
    retired = [segment for i, segment in enumerate(old) if i not in kept.values()]
    # Out of the way first: no two current segments may ever have one position.
    corridor.segments.current().update(position=F("position") + 10_000)
    Segment.objects.filter(pk__in=[segment.pk for segment in retired]).update(retired_at=timezone.now())
    current = []
    for position, block in enumerate(blocks):
        fresh = _segment(corridor, position, block)
        if position in kept:
            was = old[kept[position]]
            fresh.pk, fresh.public_id = was.pk, was.public_id
        fresh.save()
        current.append(fresh)
    for i, segment in enumerate(old):
        if segment in retired:
            segment.successors.set(current[j] for j in range(len(blocks)) if shares.get((i, j), 0) >= SUCCEEDS_M)
    return Redrawn(corridor, len(kept), [row for j, row in enumerate(current) if j not in kept], retired)


def _shared_metres(old: list[Segment], blocks: list[Block], line: LineString) -> dict[tuple[int, int], float]:
    """Metres of street that an old segment (first index) and a new block (second index) have in common."""
    edges, shares = [0.0], {}
    for block in blocks:
        edges.append(edges[-1] + length_m(block.line))
    for i, segment in enumerate(old):
        span = span_m(segment.line, line)
        for j in range(len(blocks)) if span else ():
            assert span
            common = min(span[1], edges[j + 1]) - max(span[0], edges[j])
            if common > 0:
                shares[i, j] = common
    return shares


def _same_blocks(old: list[Segment], blocks: list[Block], shares: dict[tuple[int, int], float]) -> dict[int, int]:
    """Which old segment (value) each new block (key) still is: the best pairs that overlap by `SAME_BLOCK`."""
    lengths = [length_m(segment.line) for segment in old], [length_m(block.line) for block in blocks]
    ranked = sorted(
        ((common / (lengths[0][i] + lengths[1][j] - common), j, i) for (i, j), common in shares.items()), reverse=True
    )
    kept: dict[int, int] = {}
    for share, j, i in ranked:
        if share >= SAME_BLOCK and j not in kept and i not in kept.values():
            kept[j] = i
    return kept
