"""What changes sheets of paper: making them, taking them back, typing in what stands on them."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.actions import log_concern
from concerns.looks import record_look
from concerns.models import Category, Concern, Look
from concerns.workflow import Source
from corridors.geometry import length_m
from corridors.models import Segment
from field.paper import Pack, plan
from office.actions import record
from office.refused import Refused
from outreach.actions import log_contact
from outreach.models import Contact
from people.models import User
from people.roles import AgeBand
from walks.models import HeadCount, Presence, Sheet, Signup, Walk

MOST_SHEETS = 1500


@transaction.atomic
def make_sheets(
    *, walk: Walk, pack: Pack, kinds: Iterable[str], team_ids: set[int] | None, copies: int, by: User
) -> list[Sheet]:
    """Number the sheets of a pack, going on from the last number of the walk. Raises Refused where there are none."""
    wanted = plan(pack, kinds, team_ids, copies)
    if not wanted:
        raise Refused(_("Nothing to print: tick a part, and a team where it is about teams."))
    if len(wanted) > MOST_SHEETS:
        raise Refused(_("That is more than %(n)s sheets. Print fewer teams at a time.") % {"n": MOST_SHEETS})
    _lock(walk)
    last = walk.sheets.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    items = _items(pack)
    sheets = Sheet.objects.bulk_create(
        Sheet(
            walk=walk,
            number=number,
            kind=kind,
            team=team,
            printed_at=now,
            items=next(items[kind][team.pk if team else None]) if kind in items else None,
        )
        for number, (kind, team) in enumerate(wanted, start=last + 1)
    )
    record(
        actor=by,
        action="walk.print_pack",
        resource="walk",
        object_id=walk.public_id,
        detail={"first": last + 1, "last": last + len(sheets)},
    )
    return sheets


def _items(pack: Pack) -> dict[str, dict[int | None, Iterator[list[uuid.UUID]]]]:
    """What stands on each page of each team's lists, page after page."""

    def ids(kind: str) -> dict[int | None, Iterator[list[uuid.UUID]]]:
        return {(part.team.pk if part.team else None): iter(pack.ids(kind, part)) for part in pack.parts}

    return {kind: ids(kind) for kind in (Sheet.Kind.AGAIN, Sheet.Kind.SHOPS)}


@transaction.atomic
def take_back(*, walk: Walk, numbers: Iterable[int], how: str, by: User) -> int:
    """Tick sheets as back ("back"), back and empty ("blank") or still out ("out"). How many changed.

    What is typed in already stays back.
    """
    _lock(walk)
    rows = walk.sheets.filter(number__in=list(numbers))
    now = timezone.now()
    if how == "out":
        n = (
            rows.filter(typed_at=None, concerns=None, looks=None)
            .exclude(back_at=None)
            .update(back_at=None, is_blank=False)
        )
    elif how == "blank":
        n = rows.filter(typed_at=None, concerns=None, looks=None).update(back_at=now, is_blank=True)
    else:
        n = rows.filter(back_at=None).update(back_at=now, is_blank=False)
        n += rows.filter(is_blank=True).update(is_blank=False)
    if n:
        record(actor=by, action="sheet.back", resource="walk", object_id=walk.public_id, detail={"how": how, "n": n})
    return n


@transaction.atomic
def mark_typed(*, sheet: Sheet, by: User) -> Sheet:
    """Everything on it is typed in; it counts as back."""
    sheet = Sheet.objects.select_for_update().get(pk=sheet.pk)
    now = timezone.now()
    sheet.back_at, sheet.is_blank = sheet.back_at or now, False
    sheet.typed_at, sheet.typed_by = sheet.typed_at or now, sheet.typed_by or by
    sheet.save(update_fields=["back_at", "is_blank", "typed_at", "typed_by"])
    record(actor=by, action="sheet.typed", resource="sheet", object_id=sheet.public_id)
    return sheet


@transaction.atomic
def type_concern(
    *,
    sheet: Sheet,
    token: uuid.UUID,
    by: User,
    category: Category,
    address: str = "",
    segment: Segment | None = None,
    side: str = "",
    note: str = "",
    seen_at: datetime | None = None,
    lit: str = "",
) -> tuple[Concern, bool]:
    """A line of a concern sheet, and whether it is new: the same `token` again is the same line.

    A block without an address counts as its middle, as inexact as the block is long. Raises Refused without a place.
    """
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("walk", "team").get(pk=sheet.pk)
    public_id = line_id(sheet, token)
    known = Concern.objects.filter(public_id=public_id).first()
    if known is not None:
        return known, False
    location, accuracy_m = _middle(segment) if segment and not address.strip() else (None, None)
    concern = log_concern(
        category=category,
        source=Source.PAPER,
        walk=sheet.walk,
        team=sheet.team,
        by=by,
        location=location,
        accuracy_m=accuracy_m,
        place_from=Concern.PlaceFrom.ADDRESS if address.strip() else "",
        address=address,
        segment=segment,
        side=side,
        lit=lit,
        note=note,
        captured_at=seen_at,
    )
    concern.public_id, concern.sheet = public_id, sheet
    concern.save(update_fields=["public_id", "sheet"])
    is_back(sheet)
    record(actor=by, action="concern.type_in", resource="concern", object_id=concern.public_id)
    return concern, True


@transaction.atomic
def type_look(
    *, sheet: Sheet, concern: Concern, result: str, lit: str, note: str, seen_at: datetime, by: User
) -> tuple[Look, bool]:
    """A ticked line of a look-again list, and whether it is new: a concern is looked at once on a sheet."""
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("walk").get(pk=sheet.pk)
    public_id = line_id(sheet, concern.public_id)
    known = Look.objects.filter(public_id=public_id).first()
    if known is not None:
        return known, False
    look = record_look(
        concern=concern, result=result, lit=lit, walk=sheet.walk, by=by, note=note, captured_at=seen_at
    )  # fmt: skip
    look.public_id, look.sheet = public_id, sheet
    look.save(update_fields=["public_id", "sheet"])
    is_back(sheet)
    record(actor=by, action="look.type_in", resource="look", object_id=public_id)
    return look, True


def _middle(segment: Segment) -> tuple[Point, float]:
    middle = segment.line.interpolate_normalized(0.5)
    middle.srid = 4326
    return middle, round(length_m(segment.line) / 2, 1)


def line_id(sheet: Sheet, token: uuid.UUID) -> uuid.UUID:
    """The same for the same line of the same sheet. A sheet's own id is no secret worth keeping, nor is this."""
    return uuid.uuid5(sheet.public_id, str(token))


def is_back(sheet: Sheet) -> None:
    if sheet.back_at is None or sheet.is_blank:
        sheet.back_at, sheet.is_blank = sheet.back_at or timezone.now(), False
        sheet.save(update_fields=["back_at", "is_blank"])


@transaction.atomic
def tick_present(*, sheet: Sheet, signups: Sequence[Signup], by: User) -> int:
    """Who signed on paper was there, from the time the walk met. Whoever is checked in already stays so. How many new.

    Nobody who withdrew, and no minor without a guardian's yes.
    """
    walk = sheet.walk
    _lock(walk)
    here = set(Presence.objects.standing().filter(walk=walk, signup__in=signups).values_list("signup_id", flat=True))
    new = [
        Presence(
            walk=walk,
            client_id=uuid.uuid5(sheet.public_id, str(signup.public_id)),
            signup=signup,
            name=signup.name,
            organization=signup.organization,
            age_band=signup.age_band,
            language=signup.language,
            n_people=signup.n_people,
            team=signup.team,
            method=Presence.Method.PAPER,
            by=by,
            arrived_at=walk.meet_at,
        )
        for signup in signups
        if signup.pk not in here and signup.is_counted and signup.walk_id == walk.pk
    ]
    try:
        with transaction.atomic():
            Presence.objects.bulk_create(new)
    except IntegrityError:
        words = _("Somebody checked one of them in just now. Look at the list again, and tick who is missing.")
        raise Refused(words) from None
    is_back(sheet)
    if new:
        record(actor=by, action="presence.paper", resource="walk", object_id=walk.public_id, detail={"n": len(new)})
    return len(new)


@transaction.atomic
def type_names(*, sheet: Sheet, names: Iterable[str], by: User) -> int:
    """Grown-ups who signed in a blank row were there, from the time the walk met. A name is kept once a sheet.

    How many are new. Whoever is called the same and was ticked or checked in already is left as they are.
    """
    walk = sheet.walk
    _lock(walk)
    here = {name.casefold() for name in Presence.objects.standing().filter(walk=walk).values_list("name", flat=True)}
    new = {name.casefold(): name for name in names if name.casefold() not in here}
    rows = [
        Presence(
            walk=walk,
            client_id=uuid.uuid5(sheet.public_id, f"name:{key}"),
            name=name,
            age_band=AgeBand.UNKNOWN,
            method=Presence.Method.PAPER,
            by=by,
            arrived_at=walk.meet_at,
        )
        for key, name in new.items()
    ]
    # One that was taken back since stays taken back.
    Presence.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        is_back(sheet)
        record(actor=by, action="presence.paper", resource="walk", object_id=walk.public_id, detail={"n": len(rows)})
    return len(rows)


@transaction.atomic
def type_heads(*, sheet: Sheet, token: uuid.UUID, bands: dict[str, int], counted_at: datetime, by: User) -> bool:
    """Heads counted on the sign-in sheet, by age band. False where this form was sent before."""
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("walk").get(pk=sheet.pk)
    public_id = line_id(sheet, token)
    if HeadCount.objects.filter(public_id=public_id).exists():
        return False
    columns = {f"n_{band}": n for band, n in bands.items()}
    HeadCount.objects.create(public_id=public_id, walk=sheet.walk, counted_at=counted_at, **columns)
    is_back(sheet)
    record(actor=by, action="head_count.paper", resource="walk", object_id=sheet.walk.public_id)
    return True


@transaction.atomic
def type_contacts(*, sheet: Sheet, token: uuid.UUID, counts: dict[tuple[str, str], int], at: datetime, by: User) -> int:
    """The tally of a team: so many of each kind and result. How many are new; none where it was sent before."""
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("walk", "team").get(pk=sheet.pk)
    asked = [(kind, result) for (kind, result), n in counts.items() for _one in range(n)]
    if not asked or Contact.objects.filter(public_id=line_id(sheet, uuid.uuid5(token, "0"))).exists():
        return 0
    now = timezone.now()
    for n, (kind, result) in enumerate(asked):
        fields: dict[str, Any] = {"kind": kind, "result": result, "needs": [], "captured_at": at}
        log_contact(
            walk=sheet.walk,
            team=sheet.team,
            device=None,
            received_at=now,
            public_id=line_id(sheet, uuid.uuid5(token, str(n))),
            source=Contact.Source.PAPER,
            is_clock_off=False,
            location=None,
            **fields,
        )
    is_back(sheet)
    record(actor=by, action="contact.paper", resource="walk", object_id=sheet.walk.public_id, detail={"n": len(asked)})
    return len(asked)


def _lock(walk: Walk) -> None:
    Walk.objects.select_for_update().get(pk=walk.pk)
