"""Which concerns may be the same thing: by what tells two apart first, by distance afterwards.

One statement asks for any number of concerns, kept or not yet kept. `public_same` reads the public views alone, for
people who must not learn of anything else. The rules in words: docs/same.md.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from concerns.blocks import block_face
from concerns.models import Category, Concern
from concerns.public import PublicConcern, PublicUpdate
from concerns.workflow import OPEN_STATUSES, LookResult, Publication, Status
from corridors.addresses import address_key, pole_key
from corridors.geometry import grid_node
from corridors.places import box_around

# What may still be there. What was seen fixed and is there again is a new concern.
STATUSES = sorted(OPEN_STATUSES | {Status.CLAIMED_FIXED})
SEEN = sorted([LookResult.STILL_THERE, LookResult.WORSE])
# Kinds that people mix up are one family: an empty house is open today and boarded tomorrow, and who sees a dark spot
# can't know whether a lamp is out or was never there.
FAMILIES = {Category.Group.HOUSE, Category.Group.LIGHT}
MOST_COUNTED = 5
ENOUGH = 200  # looked at for each way of finding: a heap of reports at one spot must not stop the page


class Reason(models.TextChoices):
    """Why two may be the same thing, the strongest first."""

    POLE = "pole", gettext_lazy("same pole %(pole)s")
    ADDRESS = "address", gettext_lazy("same address")
    CORNER = "corner", gettext_lazy("same corner")
    BLOCK = "block", gettext_lazy("same side of the block")
    NEAR = "near", gettext_lazy("%(n)d ft away")


REASONS = list(Reason)


@dataclass(frozen=True)
class Suggestion:
    """A concern that may be the same thing, why, and how many metres away where both places are known."""

    concern: Concern
    reason: Reason
    metres: float | None = None

    @property
    def words(self) -> str:
        """ "same pole SAH 1621", "same address", "59 ft away"."""
        n = round((self.metres or 0) / 0.3048)
        return str(self.reason.label) % {"pole": self.concern.answers.get("pole", ""), "n": n}

    @property
    def is_identity(self) -> bool:
        """Whether something tells it besides the distance."""
        return self.reason != Reason.NEAR


# Each way of finding is a branch of its own, so that each has its index. Where both have a house number (a building) or
# a number on the pole (a light) and these differ, they are two things however near they are.
# Compiling it would take a hundred times as long as running it.
FIND = """
set local jit = off;
with asked as materialized (
  select a.*, a.point_text::geometry as point, a.box_text::geometry as box, a.days * interval '1 day' as span,
         array(select c.id from concerns_category c
                where c.id = a.category or (a.family <> '' and c."group" = a.family)) as kinds
    from jsonb_to_recordset(%(asked)s::jsonb) as a(
         n int, self bigint, category bigint, family text, same_by text, near float8, days int, address text,
         street text, direction text, kind text, pole text, segment bigint, side text, point_text text, box_text text,
         seen timestamptz)
)
select a.n, found.id, found.rank, found.metres
  from asked a cross join lateral (
    select o.id, min(same.rank) as rank, min(st_distance(o.location::geography, a.point::geography)) as metres
      from (
        (select p.id, 0 as rank from concerns_concern p where p.pole_key = a.pole and p.pole_key <> '' and a.pole <> ''
          limit %(enough)s)
        union all
        (select h.id, case when a.address like '&%%' then 2 else 1 end from concerns_concern h
         where split_part(h.address_key, '|', 1) = a.street and h.address_key <> '' and a.street <> ''
           and (a.direction = '' or split_part(h.address_key, '|', 2) in ('', a.direction))
           and (a.kind = '' or split_part(h.address_key, '|', 3) in ('', a.kind))
           and not (a.same_by = 'address' and a.address like '&%%') and h.category_id = any(a.kinds)
         limit %(enough)s)
        union all
        (select b.id, 3 from concerns_concern b
         where %(blocks)s and a.same_by = 'block' and b.segment_id = a.segment and b.side = a.side and a.side <> ''
           and b.category_id = any(a.kinds)
         limit %(enough)s)
        union all
        (select d.id, 4 from concerns_concern d
         where d.location && a.box and d.category_id = any(a.kinds)
           and st_distance(d.location::geography, a.point::geography) <= a.near
         limit %(enough)s)
      ) same
      join concerns_concern o on o.id = same.id
     where o.category_id = any(a.kinds) and o.id is distinct from a.self
       and o.status = any(%(statuses)s) and o.publication <> %(spam)s
       and (same.rank < 3 or not (a.same_by = 'address' and a.address <> '' and a.address not like '&%%'
                                  and o.address_key <> '' and o.address_key not like '&%%'))
       and (same.rank < 1 or not (a.same_by = 'pole' and a.pole <> '' and o.pole_key <> '' and o.pole_key <> a.pole))
       and (o.first_seen_at >= a.seen - a.span or exists (
             select from concerns_look l where l.concern_id = o.id and l.result = any(%(saw)s)
                and l.received_at >= a.seen - a.span))
       and (o.first_seen_at <= a.seen + a.span or exists (
             select from concerns_look l where l.concern_id = a.self and l.result = any(%(saw)s)
                and l.received_at >= o.first_seen_at - a.span))
     group by o.id
     order by rank, metres nulls last, o.id
     limit %(limit)s
  ) found
 order by a.n, found.rank, found.metres nulls last, found.id
"""


def likely_same(concern: Concern, *, limit: int = 5) -> list[Suggestion]:
    """What may be the same thing as a concern, kept or not (`draft`), the likeliest first. Two queries at most.

    Reads the category.
    """
    found = _find([concern], limit=limit)
    rows = Concern.objects.filter(pk__in=[pk for _n, pk, _rank, _metres in found])
    by_pk = {row.pk: row for row in rows.select_related("category", "segment__corridor")} if found else {}
    return [
        Suggestion(by_pk[pk], REASONS[rank], metres) for _n, pk, rank, metres in found if pk in by_pk
    ]  # a purge may have been quicker


def count_same(concerns: Iterable[Concern]) -> dict[int, int]:
    """How many others each unread one may be the same as, at most five, by its key. One query; reads the categories.

    By address, pole and distance: what only its block speaks for is left to the page of one concern.
    """
    asked = [one for one in concerns if one.status == Status.NEW and one.publication == Publication.HELD]
    counts = {concern.pk: 0 for concern in asked}
    for n, *_rest in _find(asked, limit=MOST_COUNTED, blocks=False):
        counts[asked[n].pk] += 1
    return counts


def _find(concerns: list[Concern], *, limit: int, blocks: bool = True) -> list[tuple[int, int, int, float | None]]:
    """(which of the concerns, key of the other, place in REASONS, metres) for each that may be the same."""
    if not concerns:
        return []
    values: dict[str, Any] = {
        "asked": json.dumps([_asked(n, concern) for n, concern in enumerate(concerns)]),
        "statuses": STATUSES,
        "spam": Publication.SPAM,
        "saw": SEEN,
        "limit": limit,
        "blocks": blocks,
        "enough": ENOUGH,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, values)
        rows: list[tuple[int, int, int, float | None]] = cursor.fetchall()
    return rows


def _asked(n: int, concern: Concern) -> dict[str, Any]:
    """A concern as the statement wants it. Reads the category."""
    category, point = concern.category, concern.location
    street, direction, kind = (*concern.address_key.split("|"), "", "")[:3]
    return {
        "n": n,
        "self": concern.pk,
        "category": category.pk,
        "family": category.group if category.group in FAMILIES else "",
        "same_by": category.same_by,
        "near": category.duplicate_m,
        "days": category.duplicate_days,
        "address": concern.address_key,
        "street": street,
        "direction": direction,
        "kind": kind,
        "pole": concern.pole_key,
        "segment": concern.segment_id,
        "side": concern.side,
        "point_text": point.hexewkb.decode() if point else None,
        "box_text": box_around(point, category.duplicate_m).hexewkb.decode() if point else None,
        "seen": concern.first_seen_at.isoformat(),
    }


def draft(
    *, category: Category, address: str = "", location: Point | None = None, answers: dict[str, Any] | None = None
) -> Concern:
    """A concern that isn't kept, placed on its block, to ask what it may be the same as. At most one query."""
    segment, side = block_face(location, None, "", None, address)
    concern = Concern(category=category, address=address.strip()[:200], location=location, answers=answers or {})
    concern.segment, concern.side = segment, side
    concern.address_key, concern.pole_key = address_key(concern.address), pole_key(concern.answers.get("pole"))
    return concern


# --- For everybody ----------------------------------------------------------------------------------------------------


def public_same(concern: Concern, *, limit: int = 3) -> list[PublicConcern]:
    """What everybody may see and may be the same thing: of the same family, on the same side of the block.

    Off the corridors the same node of the grid counts. Only what is public is compared with only what would be public
    of the concern: an exact address must not be found out by guessing. Two queries at most; reads the category.
    """
    category = concern.category
    if category.publication_rule != Category.Rule.PLACE or not (place := _publicly(concern)):
        return []
    since = concern.first_seen_at - timedelta(days=category.duplicate_days)
    seen = PublicUpdate.objects.filter(concern=OuterRef("pk"), kind="look", at__gte=since, to_value__in=SEEN)
    kinds = Q(category_group=category.group) if category.group in FAMILIES else Q(category=category.pk)
    rows = PublicConcern.objects.filter(place, kinds, status__in=STATUSES).exclude(public_id=concern.public_id)
    recent = rows.filter(Q(first_seen_at__gte=since) | Exists(seen))
    return list(recent.select_related("category").order_by("-first_seen_at", "-id")[:limit])


def _publicly(concern: Concern) -> Q | None:
    """The public places that stand for a concern's place."""
    if concern.segment_id:
        return Q(segment=concern.segment_id, side__in=[concern.side, ""] if concern.side else ["left", "right", ""])
    if concern.location is None:
        return None
    return Q(segment=None, point__bboverlaps=box_around(grid_node(concern.location), 1.0))
