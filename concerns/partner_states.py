"""The tabs of what somebody should fix: to do, waits for an answer, fixed as they say, all of it."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy

from concerns.models import AssignmentQuerySet
from concerns.partner_access import told
from concerns.workflow import OPEN_STATUSES, Status

PAGE_SIZE = 50
STILL_OPEN = Q(concern__status__in=OPEN_STATUSES)
ASKS = STILL_OPEN & (Q(answer="") | Q(concern__status=Status.REOPENED))
STATES: dict[str, tuple[Any, Q]] = {
    "open": (gettext_lazy("To do"), STILL_OPEN),
    "ask": (gettext_lazy("Waits for your answer"), ASKS),
    "done": (gettext_lazy("You said fixed"), ~STILL_OPEN),
    "all": (gettext_lazy("All"), Q()),
}


def by_state(rows: AssignmentQuerySet) -> dict[str, list[int]]:
    """The database ids in each of `STATES`, late first. One query: a department's thousand are looked at once."""
    ordered = rows.order_by(F("concern__due_on").asc(nulls_last=True), "from_at", "id")
    is_in = {f"is_{name}": Case(When(q, then=True), default=False) for name, (_word, q) in STATES.items() if q}
    found = list(ordered.annotate(**is_in).values("pk", *is_in))
    return {name: [row["pk"] for row in found if row.get(f"is_{name}", True)] for name in STATES}


def page_of(rows: AssignmentQuerySet, ids: list[int], number: str | None) -> Page[Any]:
    """A page of these, with what a line says. One query; what was taken away meanwhile isn't on it."""
    page: Page[Any] = Paginator(ids, PAGE_SIZE).get_page(number)
    found = told(rows).filter(pk__in=page.object_list).in_bulk()
    page.object_list = [found[pk] for pk in page.object_list if pk in found]
    return page
