"""Help asked and received, week by week: counts only, none below three, and none that two weeks' difference gives away.

A count below three waits: the next week shows it together with its own. So every stretch of time is counted once, by
the moment something happened, and stretches never overlap. A week that is counted again copies these cells.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Subquery

from insights.disclosure import carry
from insights.models import Snapshot
from insights.week_days import Week
from outreach.models import Consent, HelpRequest, Referral
from outreach.workflow import Outcome

CELLS = ("asked", "in_time", "got_help", "never_answered")
MOST_WEEKS_WAITING = 26


def cells(week: Week) -> dict[str, dict[str, Any]]:
    """For each of `CELLS`: `n` (None: fewer than three) and `since`, the first day that it counts. Seven queries."""
    kept = _last_shown(week)
    if (again := kept.get("again")) is not None:
        return dict(again)
    told = _told_later(week)
    return {
        name: {"n": None, "since": week.monday.isoformat()}
        if name in told
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
    n, _waiting = carry(0, _count(name, start, week.ends_at))
    return {"n": n, "since": since.isoformat()}


def _count(name: str, start: datetime, end: datetime) -> int:
    if name == "asked":
        yes = Consent.objects.exclude(scope=Consent.Scope.NOTHING).values("help_request")
        asked = HelpRequest.objects.filter(created_at__gte=start, created_at__lt=end, pk__in=Subquery(yes))
        return asked.count()
    field, which = {
        "in_time": ("answered_at", Q(answered_at__lte=F("due_at"))),
        "got_help": ("closed_at", Q(outcome=Outcome.GOT_HELP)),
        "never_answered": ("closed_at", Q(outcome=Outcome.NEVER_ANSWERED)),
    }[name]
    rows = Referral.objects.filter(which, **{f"{field}__gte": start, f"{field}__lt": end})
    told: int = rows.aggregate(n=Count("help_request", distinct=True))["n"]
    return told
