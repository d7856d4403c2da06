"""Whom the newest news of a walk didn't reach, for the desk's start page (see `office.panels`)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.panels import Panel
from people.models import User
from walks.messages import NEWS
from walks.models import Notice, NoticeTo, Reach, Walk

# So near to the walk somebody may already be on the way to it.
NEAR = timedelta(hours=24)
MOST_WALKS = 50


def panels(*, user: User, now: datetime) -> Iterator[Panel]:
    """Two queries: the newest news of each walk that isn't over, and whom each reached."""
    news = Notice.objects.filter(
        kind__in=NEWS, undone_at=None, walk__deleted_at=None, walk__end_at__gt=now
    ).select_related("walk")
    newest = list(news.order_by("walk_id", "-created_at", "-id").distinct("walk_id")[:MOST_WALKS])
    if not newest:
        return
    counts = NoticeTo.objects.filter(notice__in=newest).count_by_reach()
    for notice in newest:
        n = counts[notice.pk, Reach.NOT_REACHED.value]
        if n and notice.due_at <= now:
            yield _panel(notice, n, now)


def _panel(notice: Notice, n: int, now: datetime) -> Panel:
    walk: Walk = notice.walk
    match notice.kind:
        case Notice.Kind.CALLED_OFF:
            text = ngettext(
                "person doesn’t know yet that “%(title)s” is called off.",
                "people don’t know yet that “%(title)s” is called off.",
                n,
            )
        case Notice.Kind.ON_AGAIN:
            text = ngettext(
                "person doesn’t know yet that “%(title)s” takes place after all.",
                "people don’t know yet that “%(title)s” takes place after all.",
                n,
            )
        case _:
            text = ngettext(
                "person doesn’t know yet what changed about “%(title)s”.",
                "people don’t know yet what changed about “%(title)s”.",
                n,
            )
    return Panel(
        n=n,
        text=text % {"title": walk.title},
        url=reverse("walks:desk_messages", args=[walk.public_id]) + f"?show={notice.public_id}#not-reached",
        button=_("Call them"),
        due_at=walk.meet_at,
        comes_first=walk.meet_at - now < NEAR,
    )
