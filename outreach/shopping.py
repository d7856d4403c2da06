"""What is known of shops: how and when to visit, whom not to, and what became of what they asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Exists, F, FloatField, Func, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.models import Category, Concern
from corridors.models import Corridor, Landmark
from office.actions import record
from office.refused import Refused
from outreach.models import Contact, Shop, ShopNote
from people.models import User


class ShopFields(TypedDict):
    """How and when a shop wants to be visited."""

    hours: str
    language: str
    best_time: str
    call_back_on: date | None
    do_not_visit: bool
    do_not_visit_why: str


class ChangedMeanwhile(Refused):
    """Somebody else saved the shop after this form was opened."""


# --- Finding ---


@dataclass(frozen=True)
class Wanted:
    """How the list is narrowed; what is empty doesn't."""

    corridor: str = ""
    language: str = ""
    show: str = ""  # due, keep_off, unseen
    weeks: int = 8


def businesses() -> QuerySet[Landmark]:
    """Shops in the order of a walk along their corridor, each with `last_at`, `last_result`, `told_on`. One query."""
    visits = Contact.objects.standing().filter(landmark=OuterRef("pk")).order_by("-captured_at")
    told = ShopNote.objects.filter(shop__landmark=OuterRef("pk"), told_on__isnull=False).order_by("-told_on")
    along = Func(
        F("corridor__line"), F("location"), function="ST_LineLocatePoint", output_field=FloatField()
    )  # fmt: skip
    rows = Landmark.objects.filter(kind=Landmark.Kind.BUSINESS).select_related("corridor", "shop")
    return rows.annotate(
        along=along,
        last_at=Subquery(visits.values("captured_at")[:1]),
        last_result=Subquery(visits.values("result")[:1]),
        told_on=Subquery(told.values("told_on")[:1]),
    ).order_by("corridor__name", "along", "name", "id")


def narrowed(rows: QuerySet[Landmark], by: Wanted, *, today: date, now: datetime) -> QuerySet[Landmark]:
    if by.corridor:
        rows = rows.filter(corridor__slug=by.corridor)
    if by.language:
        rows = rows.filter(shop__language=by.language)
    if by.show == "due":
        rows = rows.filter(shop__call_back_on__lte=today, shop__do_not_visit=False)
    if by.show == "keep_off":
        rows = rows.filter(shop__do_not_visit=True)
    if by.show == "unseen":
        lately = Contact.objects.standing().filter(
            landmark=OuterRef("pk"), captured_at__gt=now - timedelta(weeks=by.weeks)
        )
        rows = rows.filter(~Exists(lately)).exclude(shop__do_not_visit=True)
    return rows


def shops_of(corridor: Corridor | int) -> QuerySet[Landmark]:
    """Its shops for a team that is about to go along."""
    return businesses().filter(corridor=corridor)


def visited_all_the_same(rows: QuerySet[Landmark]) -> QuerySet[Landmark]:
    """Shops that want no visit and where somebody was since: it isn't refused, an organizer should know."""
    since = Contact.objects.standing().filter(
        landmark=OuterRef("pk"), captured_at__date__gt=OuterRef("shop__do_not_visit_since")
    )
    return rows.filter(Exists(since), shop__do_not_visit=True)


# --- Changing ---


@transaction.atomic
def save_shop(*, landmark: Landmark, by: User, seen: str = "", **fields: Unpack[ShopFields]) -> Shop:
    """Write how it wants to be visited. `seen` is the `changed_at` that the form showed.

    Raises ChangedMeanwhile where somebody was quicker; nothing is written then.
    """
    now, shop = timezone.now(), _lock(landmark)
    if seen and shop.changed_at.isoformat() != seen:
        raise ChangedMeanwhile(
            _("Somebody else changed this shop while you were writing. It is shown beside what you typed: save again.")
        )
    was_off = shop.do_not_visit
    for name, value in fields.items():
        setattr(shop, name, value)
    if not shop.do_not_visit:
        shop.do_not_visit_since, shop.do_not_visit_why = None, ""
    elif not was_off or shop.do_not_visit_since is None:
        shop.do_not_visit_since = timezone.localdate(now)
    shop.changed_at = now
    shop.save()
    detail = {"do_not_visit": shop.do_not_visit}
    record(actor=by, action="shop.change", resource="shop", object_id=landmark.public_id, detail=detail)
    return shop


@transaction.atomic
def add_note(*, landmark: Landmark, asked: str, happened: str, concern: Concern | None, by: User) -> ShopNote:
    """What somebody there asked, and what happened if that is known already. Never who asked."""
    if not asked.strip():
        raise Refused(_("Say what they asked."))
    note = ShopNote.objects.create(
        shop=_lock(landmark),
        asked=asked.strip(),
        asked_on=timezone.localdate(),
        happened=happened.strip(),
        concern=concern,
        created_by=by,
    )
    record(actor=by, action="shop.note", resource="shop", object_id=landmark.public_id)
    return note


@transaction.atomic
def change_note(*, note: ShopNote, asked: str, happened: str) -> ShopNote:
    locked = ShopNote.objects.select_for_update().get(pk=note.pk)
    if locked.told_on:
        raise Refused(_("They were told this already. Add a new note instead."))
    if not asked.strip():
        raise Refused(_("Say what they asked."))
    locked.asked, locked.happened = asked.strip(), happened.strip()
    locked.save(update_fields=["asked", "happened"])
    return locked


@transaction.atomic
def tell(*, note: ShopNote, by: User, undo: bool = False) -> ShopNote:
    """Somebody brought the answer there, or takes back that they did. Raises Refused while there is no answer."""
    locked = ShopNote.objects.select_for_update().get(pk=note.pk)
    if not undo and not locked.happened:
        raise Refused(_("Say what happened before you note that they were told."))
    locked.told_on, locked.told_by = (None, None) if undo else (locked.told_on or timezone.localdate(), by)
    locked.save(update_fields=["told_on", "told_by"])
    return locked


def _lock(landmark: Landmark) -> Shop:
    if landmark.kind != Landmark.Kind.BUSINESS:
        raise Refused(_("This isn’t a shop any more. Change its kind at the landmark first."))
    shop, _is_new = Shop.objects.select_for_update(of=("self",)).get_or_create(landmark=landmark)
    return shop


def answer_about(concern: Concern) -> str:
    """What may be said to a shop about a concern: its public story in a sentence, never who reported it."""
    day = timezone.localtime(concern.status_changed_at).date()
    words: Mapping[str, str] = {
        "verified_fixed": _("We went and saw: it is fixed (%(day)s)."),
        "claimed_fixed": _("The city says it is fixed (%(day)s). We will go and look."),
        "reopened": _("The city said it is fixed; we looked, and it isn’t (%(day)s). We told them."),
        "reported": _("We told the city (%(day)s)."),
        "in_progress": _("The city works on it (%(day)s)."),
    }
    said = words.get(concern.status, _("We wrote it down and keep at it (%(day)s)."))
    return said % {"day": day.strftime("%-d %b %Y")}


def concerns_near(landmark: Landmark) -> Iterable[Concern]:
    """Published concerns on its block, newest first: what an answer may be about. Good things need none. One query."""
    if landmark.corridor_id is None:
        return []
    near = Concern.objects.filter(publication="published", segment__corridor=landmark.corridor_id)
    near = near.exclude(category__group=Category.Group.GOOD)
    rows = near.filter(Q(location__dwithin=(landmark.location, 0.002))).select_related("category")
    return rows.order_by("-status_changed_at")[:12]
