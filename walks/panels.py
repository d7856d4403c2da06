"""What about walks needs an organizer today (see `office.panels`)."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from office.panels import Panel
from people.models import User
from walks.models import Signup, Walk
from walks.problems import SOON, problems

MOST_WALKS = 20


def panels(*, user: User, now: datetime) -> Iterator[Panel]:
    """Four queries: walks that come soon and aren’t ready, minors waiting, organizations to match, and drafts."""
    yield from _not_ready(now)
    yield from _waiting(now)
    yield from _unmatched()
    yield from _drafts(now)


def _not_ready(now: datetime) -> Iterator[Panel]:
    soon = Walk.objects.current().upcoming(now).filter(meet_at__lte=now + SOON).exclude(state=Walk.State.CALLED_OFF)
    for walk in soon.select_related("corridor").with_roster_counts().order_by("meet_at")[:MOST_WALKS]:
        blockers = [problem for problem in problems(walk, now) if problem.is_blocker]
        if blockers:
            yield Panel(
                n=len(blockers),
                text=_("“%(title)s” isn’t ready.") % {"title": walk.title},
                detail=" ".join(str(problem.text) for problem in blockers),
                url=reverse("walks:desk_detail", args=[walk.public_id]),
                button=_("See why"),
                due_at=walk.meet_at,
            )


def _waiting(now: datetime) -> Iterator[Panel]:
    waiting = Signup.objects.filter(state=Signup.State.GUARDIAN, walk__end_at__gte=now, walk__deleted_at=None)
    by_walk: dict[Walk, int] = {}
    for signup in waiting.select_related("walk").order_by("walk__meet_at")[:200]:
        by_walk[signup.walk] = by_walk.get(signup.walk, 0) + 1
    for walk, n in by_walk.items():
        text = ngettext(
            "minor waits for a guardian’s yes: “%(title)s”.",
            "minors wait for a guardian’s yes: “%(title)s”.",
            n,
        )
        yield Panel(
            n=n,
            text=text % {"title": walk.title},
            url=reverse("walks:desk_roster", args=[walk.public_id]),
            button=_("Call and record"),
            due_at=walk.meet_at,
        )


def _unmatched() -> Iterator[Panel]:
    unmatched = Signup.objects.unmatched().on_roster().filter(walk__deleted_at=None)
    by_name = unmatched.order_by("organization_text", "-created_at").distinct("organization_text")
    rows = list(by_name.values_list("created_at", "organization_text", "walk__public_id"))
    if not rows:
        return
    _at, name, walk = max(rows)
    text = ngettext("organization isn’t in our list yet", "organizations aren’t in our list yet", len(rows))
    url = reverse("walks:desk_roster", args=[walk])
    yield Panel(n=len(rows), text=text, detail=name, url=url, button=_("Match"))


def _drafts(now: datetime) -> Iterator[Panel]:
    n = Walk.objects.current().upcoming(now).filter(state=Walk.State.DRAFT).count()
    text = ngettext("walk is still a draft", "walks are still drafts", n)
    yield Panel(n=n, text=text, url=reverse("walks:desk_list") + "?show=drafts", button=_("Look and publish"))
