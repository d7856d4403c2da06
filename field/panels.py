"""What about walks that are under way, or just over, needs somebody today (see `office.panels`)."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, QuerySet, Sum, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concerns.models import Concern
from office.panels import Panel
from people.models import User
from walks.models import LATE_SENDS_UNTIL, Device, Incident, Walk

# Later than this nobody stands at the table; what is open then is work for the desk like any other.
UNDER_WAY_UNTIL = timedelta(hours=12)


def panels(*, user: User, now: datetime) -> Iterator[Panel]:
    """Calls for help nobody takes care of, and records that still wait on phones. One query."""
    if not user.is_organizer:
        return
    running = Walk.objects.current().filter(meet_at__lte=now, end_at__gte=now - UNDER_WAY_UNTIL)
    phones = Device.objects.active().filter(
        n_waiting__gt=0,
        walk__deleted_at=None,
        walk__end_at__lt=now,
        walk__end_at__gte=now - LATE_SENDS_UNTIL,  # later they can send no more
    )
    told = _by_walk(Incident.objects.open().filter(walk__in=running), "incident").union(
        _by_walk(Concern.objects.in_danger().filter(walk__in=running), "danger"),
        _by_walk(phones, "phone", at="walk__end_at", records="n_waiting"),
        all=True,
    )
    calls: dict[uuid.UUID, Told] = {}
    for row in (Told(*values) for values in told):
        if row.what == "phone":
            yield _still_on_phones(row)
        else:
            calls[row.walk] = row.and_also(calls.get(row.walk))
    yield from (_calls(row) for row in calls.values())


@dataclass(frozen=True)
class Told:
    """How many of something there are about one walk, since when, and how many records wait."""

    what: str
    walk: uuid.UUID
    title: str
    n: int
    at: datetime
    n_records: int

    def and_also(self, other: "Told | None") -> "Told":
        if other is None:
            return self
        return Told(self.what, self.walk, self.title, self.n + other.n, min(self.at, other.at), 0)


def _by_walk(rows: QuerySet, what: str, *, at: str = "received_at", records: str = "") -> QuerySet:
    grouped = rows.order_by().values(what=Value(what), of=F("walk__public_id"), title=F("walk__title"))
    counted = grouped.annotate(n=Count("pk"), since=Min(at), waiting=Sum(records) if records else Value(0))
    return counted.values_list("what", "of", "title", "n", "since", "waiting")


def _calls(row: Told) -> Panel:
    words = ngettext("call for help or danger now: “%(title)s”", "calls for help or dangers now: “%(title)s”", row.n)
    url = reverse("field:desk_day", args=[row.walk])
    board = f"{url}#alarms"
    return Panel(row.n, words % {"title": row.title}, board, _("See who needs help"), due_at=row.at, comes_first=True)


def _still_on_phones(row: Told) -> Panel:
    words = ngettext("phone still holds records: “%(title)s”", "phones still hold records: “%(title)s”", row.n)
    detail = ngettext("%(n)d record waits.", "%(n)d records wait.", row.n_records) % {"n": row.n_records}
    url = reverse("field:desk_day", args=[row.walk])
    due_at = row.at + timedelta(days=1)
    return Panel(row.n, words % {"title": row.title}, f"{url}#phones", _("See which"), due_at=due_at, detail=detail)
