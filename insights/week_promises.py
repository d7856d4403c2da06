"""The promises of a week: made, kept, late, and those whose words say most. No person's name leaves the desk."""

from typing import Any

from django.db.models import Count, F, Q

from concerns.models import Commitment
from concerns.public import PublicConcern
from insights.week_days import Week

MOST_LINES = 4


def sayable_promises() -> Any:
    """Promises whose words may leave the desk: not about a concern that isn't public, and not taken back."""
    about_public = Q(concern=None) | Q(concern__in=PublicConcern.objects.values("id"))
    return Commitment.objects.exclude(state=Commitment.State.DROPPED).filter(about_public)


def promises_of(week: Week) -> dict[str, Any]:
    """Made, kept and late in the week, and the lines that say most. Two queries."""
    state = Commitment.State
    kept = Q(state=state.KEPT) & week.holds_day("kept_on")
    counts = Commitment.objects.exclude(state=state.DROPPED).aggregate(
        made=Count("pk", filter=week.within("created_at")),
        kept=Count("pk", filter=kept & Q(kept_on__lte=F("due_on"))),
        kept_late=Count("pk", filter=kept & Q(kept_on__gt=F("due_on"))),
        late=Count("pk", filter=Q(state=state.OPEN, due_on__lte=week.sunday)),
    )
    return {**counts, "lines": _promise_lines(week, kept)}


def _promise_lines(week: Week, kept: Q) -> list[dict[str, Any]]:
    """Two that were kept, what is latest, what is due next, then more of both: at most four, and no person's name."""
    rows = sayable_promises().select_related("organization")
    state = Commitment.State
    done = list(rows.filter(kept).order_by("-concern", "-kept_on", "id")[:2])
    late = list(rows.filter(state=state.OPEN, due_on__lte=week.sunday).order_by("due_on", "id")[:2])
    soon = list(rows.filter(state=state.OPEN, due_on__gt=week.sunday).order_by("due_on", "id")[:MOST_LINES])
    chosen = (done + late[:1] + soon[:1] + late[1:] + soon[1:])[:MOST_LINES]
    return [_line(one, week) for one in chosen]


def _line(one: Commitment, week: Week) -> dict[str, Any]:
    return {
        "text": one.text,
        "who": one.organization.name if one.organization else "",
        "state": "kept" if one.state == Commitment.State.KEPT else "late" if one.due_on <= week.sunday else "due",
        "days": max((week.sunday - one.due_on).days + 1, 0),
        "due_on": one.due_on.isoformat(),
        "was_late": one.is_kept_late,
    }
