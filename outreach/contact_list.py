"""The list of contacts: its filters, its counts, and what of the words is shown to whom. Never who it was."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import Segment
from outreach.models import Contact, ContactQuerySet, Need
from outreach.said_of_people import seems_to_say_who
from people.models import User
from walks.models import Walk

DAYS = {"7": _("last 7 days"), "30": _("last 30 days"), "90": _("last 90 days"), "all": _("ever")}
MOST_WALKS, MOST_NOTES = 60, 500


@dataclass(frozen=True)
class Chosen:
    """What the address asks for; what isn't known asks for nothing."""

    walk: str = ""
    kind: str = ""
    result: str = ""
    need: str = ""
    block: str = ""
    days: str = "90"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.walk or self.kind or self.result or self.need or self.block)


def chosen(get: QueryDict) -> Chosen:
    """The filters of an address, read with care: unknown words are left out."""

    def one_of(name: str, known: Any) -> str:
        typed = get.get(name, "")
        return typed if typed in known else ""

    return Chosen(
        walk=_uuid(get.get("walk", "")),
        kind=one_of("kind", Contact.Kind.values),
        result=one_of("result", Contact.Result.values),
        need=one_of("need", Need.values),
        block=_uuid(get.get("block", "")),
        days=one_of("days", DAYS) or "90",
    )


def _uuid(typed: str) -> str:
    try:
        return str(uuid.UUID(typed))
    except ValueError:
        return ""


def narrowed(rows: ContactQuerySet, by: Chosen, *, with_result: bool = True) -> ContactQuerySet:
    """Those that the address asks for."""
    if by.days != "all":
        rows = rows.filter(captured_at__gte=timezone.now() - timedelta(days=int(by.days)))
    wanted = {"walk__public_id": by.walk, "kind": by.kind, "segment__public_id": by.block}
    if with_result:
        wanted["result"] = by.result
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return rows.filter(needs__contains=[by.need]) if by.need else rows


def count_results(rows: ContactQuerySet) -> list[tuple[str, str, int]]:
    """How many with each result, in the order of the results; none are left out. One query."""
    found = dict(rows.order_by().values_list("result").annotate(n=Count("pk")))
    return [(value, str(label), found.get(value, 0)) for value, label in Contact.Result.choices]


def walks_with(rows: ContactQuerySet) -> list[Walk]:
    """Walks to choose from, the newest first. One query."""
    here = Exists(rows.order_by().filter(walk=OuterRef("pk")))
    return list(Walk.objects.filter(here).only("public_id", "title", "meet_at").order_by("-meet_at")[:MOST_WALKS])


def blocks_with(rows: ContactQuerySet) -> list[Segment]:
    """Blocks to choose from, along each corridor. One query."""
    here = Exists(rows.order_by().filter(segment=OuterRef("pk")))
    blocks = Segment.objects.filter(here).select_related("corridor").defer("line", "corridor__line")
    return list(blocks.order_by("corridor__name", "position"))


@dataclass(frozen=True)
class Line:
    """A contact as this user may see it."""

    contact: Contact
    needs: list[str]
    place: str
    shop: str
    note: str
    is_held_back: bool


def lines_for(user: User, contacts: Any) -> list[Line]:
    """What each line says. Words that seem to say who it is stay with coordinators; the wall hides shop and words."""
    return [_line(user, one) for one in contacts]


def _line(user: User, contact: Contact) -> Line:
    about_somebody = not user.may_see_help and seems_to_say_who(contact.note)
    hidden = user.is_walled or about_somebody
    shop = contact.landmark.name if contact.landmark is not None and not user.is_walled else ""
    needs = [str(Need(code).label) for code in contact.needs if code in Need.values]
    return Line(contact, needs, _place(contact), shop, "" if hidden else contact.note, bool(contact.note) and hidden)


def _place(contact: Contact) -> str:
    """The block and its side in words."""
    if contact.segment is None:
        return ""
    side = f", {contact.segment.compass_side(contact.side)}" if contact.side else ""
    return f"{contact.segment.name}{side}"


def kept_in_spite(user: User) -> list[Contact]:
    """Contacts whose words seem to say who it is, for coordinators to clear; the newest first. Up to two queries."""
    if not user.may_see_help:
        return []
    newest = Contact.objects.exclude(note="").order_by("-captured_at", "-id")
    words = newest.values_list("pk", "note")[:MOST_NOTES]
    found = [pk for pk, note in words if seems_to_say_who(note)]
    return list(newest.filter(pk__in=found).select_related("walk")) if found else []


def shown_on(page: Any) -> ContactQuerySet:
    """The contacts of a page of ids with what a line says: only these rows are joined with anything. One query."""
    rows = Contact.objects.filter(pk__in=page.object_list).order_by("-captured_at", "-id")
    return rows.select_related("walk", "segment__corridor", "landmark")
