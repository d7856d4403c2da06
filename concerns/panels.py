"""What an organizer has to do about concerns today."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from concerns.again import to_look_at
from concerns.filing import to_file
from concerns.models import Concern, Look, Photo
from concerns.workflow import LookResult, Publication, Status
from office.panels import Panel
from people.models import User

# People who walked on an evening should find out the next day that somebody read what they saw.
READ_WITHIN = timedelta(days=1)
UNREAD = Q(publication=Publication.HELD, status=Status.NEW)


def panels(*, user: User, now: datetime) -> Iterable[Panel]:
    """Danger first, then what nobody read, what was flagged, what is overdue or to be filed, photos and looks.

    Two queries.
    """
    if not user.is_organizer:
        return
    page = reverse("concerns:desk_list")
    yield from _to_read(page)
    yield from _to_do(page, _counts(now))


def _to_read(page: str) -> Iterable[Panel]:
    """What nobody has read, danger apart. One query."""
    waiting = Concern.objects.filter(publication=Publication.HELD).aggregate(
        danger=Count("pk", filter=UNREAD & Q(danger_now=True)),
        danger_at=Min("received_at", filter=UNREAD & Q(danger_now=True)),
        unread=Count("pk", filter=UNREAD & Q(danger_now=False)),
        unread_since=Min("received_at", filter=UNREAD & Q(danger_now=False)),
        flagged=Count("pk", filter=~Q(flags=[]) & ~Q(status=Status.WITHDRAWN)),
    )
    n = waiting["danger"]
    words = ngettext("report of danger now", "reports of danger now", n)
    yield Panel(n, words, f"{page}?show=unread&danger=1", _("Read"), due_at=waiting["danger_at"])
    n = waiting["unread"]
    words = ngettext("concern nobody has read", "concerns nobody has read", n)
    due_at = waiting["unread_since"] and waiting["unread_since"] + READ_WITHIN
    yield Panel(n, words, f"{page}?show=unread", _("Read"), due_at=due_at)
    n = waiting["flagged"]
    yield Panel(n, ngettext("flagged concern", "flagged concerns", n), f"{page}?flagged=1&publication=held", _("Check"))


def _counts(now: datetime) -> Counter[str]:
    """How many there are of everything else that waits, by name. One query."""
    today = timezone.localdate(now)
    overdue = Concern.objects.overdue(today)
    unchecked = Photo.objects.filter(state=Photo.State.READY, approved_at=None, concern__publication="published")
    parts: dict[str, QuerySet[Any]] = {
        "gone": Look.objects.filter(publication=Publication.HELD, duplicate=None, result=LookResult.GONE),
        "reported": Concern.objects.filter(flags__contains=[Concern.Flag.REPORTED]),
        "overdue": overdue,
        "far": overdue.far_overdue(today),
        "to_file": to_file(Concern.objects.all(), of_nobody=True),
        "again": to_look_at(today).exclude(segment=None),
    }
    others = [_counted(rows, name) for name, rows in parts.items()]
    return Counter(dict(_counted(unchecked, "photos").union(*others, all=True)))


def _to_do(page: str, counts: Counter[str]) -> Iterable[Panel]:
    n = counts["reported"]
    words = ngettext("concern whose content was reported", "concerns whose content was reported", n)
    yield Panel(n, words, f"{page}?flagged=1&show=all", _("Read"))
    n = counts["overdue"]
    words = ngettext("concern overdue", "concerns overdue", n)
    yield Panel(n, words, f"{page}?overdue=1", _("Look"), detail=_far(counts))
    n = counts["to_file"]
    words = ngettext("concern to file with the city", "concerns to file with the city", n)
    yield Panel(n, words, reverse("concerns:filing"), _("File"))
    n = counts["photos"]
    words = ngettext("photo to check", "photos to check", n)
    yield Panel(n, words, f"{page}?publication=published&photo=1", _("Look"))
    n = counts["gone"]
    yield Panel(n, ngettext("thing that is gone", "things that are gone", n), f"{page}?show=open", _("Decide"))
    n = counts["again"]
    yield Panel(n, ngettext("to look at again", "to look at again", n), reverse("concerns:again"), _("See the list"))


def _far(counts: Counter[str]) -> str:
    n = counts["far"]
    return ngettext("%(n)d of them far overdue", "%(n)d of them far overdue", n) % {"n": n} if n else ""


def _counted(rows: QuerySet[Any], name: str) -> QuerySet[Any, tuple[str, int]]:
    """One row `(name, how many)`, or none; to be joined with others into one query."""
    return rows.order_by().values(what=Value(name)).annotate(n=Count("pk")).values_list("what", "n")
