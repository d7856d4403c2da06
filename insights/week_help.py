"""Help asked and received, week by week: counts only, none below three, and none that two weeks' difference gives away.

A count below three waits: the next week shows it together with its own. So does one of which an agency, by taking away
what it knows itself, would be left with a count below three (`disclosure.told`). So every stretch of time is counted
once, by the moment something happened, and stretches never overlap. A week that is counted again copies these cells.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Subquery

from insights.disclosure import LEAST, told
from insights.models import Snapshot
from insights.week_days import Week
from outreach.models import Consent, HelpRequest, HelpRequestQuerySet, Referral, ReferralQuerySet
from outreach.workflow import Outcome

CELLS = ("asked", "in_time", "got_help", "never_answered")
MOST_WEEKS_WAITING = 26


def cells(week: Week) -> dict[str, dict[str, Any]]:
    """For each of `CELLS`: `n` (None: not told yet) and `since`, the first day that it counts. Eleven queries."""
    kept = _last_shown(week)
    if (again := kept.get("again")) is not None:
        return dict(again)
    later = _told_later(week)
    return {
        name: {"n": None, "since": week.monday.isoformat()}
        if name in later
        else _cell(name, kept["since"].get(name, week.monday), week)
        for name in CELLS
    }


def _told_later(week: Week) -> set[str]:
    """Those whose days here a later week, which was counted before, has told with its own. One query."""
    later = Snapshot.objects.weeks().filter(starts_on__gt=week.monday).values_list("numbers__help", flat=True)
    cells = [(name, cell["since"]) for help_told in later for name, cell in (help_told or {}).items()]
    return {name for name, since in cells if date.fromisoformat(since) <= week.sunday}


def _last_shown(week: Week) -> dict[str, Any]:
    """The cells of this very week where they were made before; else from which day on each waits. One query.

    Only weeks that follow each other without a gap carry: what a missing week holds is counted with it.
    """
    earliest = week.monday - timedelta(weeks=MOST_WEEKS_WAITING)
    kept = Snapshot.objects.weeks().filter(starts_on__gte=earliest, starts_on__lte=week.monday)
    rows = list(kept.newest_versions())
    for row in rows:
        if row.starts_on == week.monday and row.numbers.get("help"):
            return {"again": row.numbers["help"]}
    since: dict[str, date] = {}
    for row in sorted(rows, key=lambda one: one.starts_on):
        for name, cell in (row.numbers.get("help") or {}).items():
            hidden = cell["n"] is None
            since[name] = date.fromisoformat(cell["since"]) if hidden else row.ends_on + timedelta(days=1)
    return {"since": since}


def _cell(name: str, since: date, week: Week) -> dict[str, Any]:
    start = datetime.combine(since, datetime.min.time(), tzinfo=week.zone)
    total = _count(name, start, week.ends_at)
    known = _known(name, start, week.ends_at) if total >= LEAST else []
    return {"n": told(total, known), "since": since.isoformat()}


def _asked(start: datetime, end: datetime) -> HelpRequestQuerySet:
    yes = Consent.objects.exclude(scope=Consent.Scope.NOTHING).values("help_request")
    return HelpRequest.objects.filter(created_at__gte=start, created_at__lt=end, pk__in=Subquery(yes))


def _answers(name: str, start: datetime, end: datetime) -> ReferralQuerySet:
    field, which = {
        "in_time": ("answered_at", Q(answered_at__lte=F("due_at"))),
        "got_help": ("closed_at", Q(outcome=Outcome.GOT_HELP)),
        "never_answered": ("closed_at", Q(outcome=Outcome.NEVER_ANSWERED)),
    }[name]
    return Referral.objects.filter(which, **{f"{field}__gte": start, f"{field}__lt": end})


def _count(name: str, start: datetime, end: datetime) -> int:
    """People, each once."""
    if name == "asked":
        return _asked(start, end).count()
    n: int = _answers(name, start, end).aggregate(n=Count("help_request", distinct=True))["n"]
    return n


def _known(name: str, start: datetime, end: datetime) -> list[int]:
    """Of each agency how many of these people it knows to be in the count: those that it was asked to help."""
    if name == "asked":
        rows = Referral.objects.filter(help_request__in=_asked(start, end))
    else:
        rows = _answers(name, start, end)
    of_each = rows.order_by().values("organization").annotate(n=Count("help_request", distinct=True))
    return list(of_each.values_list("n", flat=True))
