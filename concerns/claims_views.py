"""The desk's table of claims: how often "it is fixed" came too early, with the evidence and the agency's answer."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from concerns.models import Assignment, ConcernUpdate, Look, Photo
from concerns.numbers import TOO_EARLY, Rate, claims, rate_of
from people.access import ORGANIZERS, access

PERIODS = {
    "90": gettext_lazy("the last 90 days"),
    "365": gettext_lazy("the last 12 months"),
    "all": gettext_lazy("all time"),
}
MOST_CLAIMS = 5000
PAGE_SIZE = 40


@dataclass(frozen=True)
class Evidence:
    """A claim that came too early, the look that says so with its photos, and what the agency said after that look."""

    claim: Any
    look: Look
    photos: list[Photo]
    answer: str
    answered_at: Any


@require_safe
@access("claims.desk", "view", allow=ORGANIZERS)
def claims_page(request: HttpRequest) -> HttpResponse:
    """`?period=90|365|all`: by kind, by owner and by month, then each claim that came too early."""
    now = timezone.now()
    period = request.GET.get("period", "")
    period = period if period in PERIODS else "365"
    told = claims(since=_since(period)).select_related("concern__category", "concern__segment__corridor")
    rows = list(told[:MOST_CLAIMS])
    early = Paginator([row for row in rows if row.result in TOO_EARLY], PAGE_SIZE)
    page = early.get_page(request.GET.get("page"))
    context = {
        "period": period,
        "periods": PERIODS.items(),
        "total": rate_of(_("All claims"), rows, now),
        "tables": [
            (_("By kind"), _rates(rows, lambda row: row.concern.category.name)),
            (_("By who should fix it"), _rates(rows, lambda row: row.owner or _("nobody was named"))),
            (_("By month of the claim"), _rates(rows, _month, newest_first=True)),
        ],
        "page": page,
        "evidence": _evidence(list(page)),
        "is_cut": len(rows) == MOST_CLAIMS,
    }
    return render(request, "concerns/claims.html", context)


def _since(period: str) -> date | None:
    return None if period == "all" else timezone.localdate() - timedelta(days=int(period))


def _month(row: Any) -> str:
    return f"{timezone.localtime(row.at):%Y-%m}"


def _rates(rows: Sequence[Any], name: Callable[[Any], str], *, newest_first: bool = False) -> list[Rate]:
    """One rate for each name; the most claims first, or the newest month."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        groups[str(name(row))].append(row)
    now = timezone.now()
    rates = [rate_of(words, group, now) for words, group in groups.items()]
    if newest_first:
        return sorted(rates, key=lambda rate: rate.name, reverse=True)
    return sorted(rates, key=lambda rate: (-rate.n_claims, rate.name))


def _evidence(rows: Sequence[Any]) -> list[Evidence]:
    """Four queries: looks, their photos, what agencies said since, and their answers to their assignment."""
    looks = {look.pk: look for look in Look.objects.filter(pk__in=[row.look_id for row in rows]).select_related("walk")}
    photos: defaultdict[int | None, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.filter(look__in=looks, state=Photo.State.READY):
        photos[photo.look_id].append(photo)
    said = _said_by_agencies([row.concern_id for row in rows])
    return [
        Evidence(row, looks[row.look_id], photos[row.look_id], *_answer(said[row.concern_id], looks[row.look_id]))
        for row in rows
    ]


def _said_by_agencies(concerns: Sequence[int]) -> defaultdict[int, list[tuple[Any, str]]]:
    """What agencies said in words about these concerns, with the time. Two queries."""
    said: defaultdict[int, list[tuple[Any, str]]] = defaultdict(list)
    lines = ConcernUpdate.objects.filter(concern__in=concerns, voice=ConcernUpdate.Voice.AGENCY).order_by("at", "id")
    for line in lines:
        said[line.concern_id].append((line.at, line.public_note or line.note))
    answers = Assignment.objects.filter(concern__in=concerns, answered_at__isnull=False).exclude(answer_note="")
    for answer in answers:
        said[answer.concern_id].append((answer.answered_at, answer.answer_note))
    return said


def _answer(said: Sequence[tuple[Any, str]], look: Look) -> tuple[str, Any]:
    """The first words after the look."""
    after = sorted((at, words) for at, words in said if words and at > look.received_at)
    return (after[0][1], after[0][0]) if after else ("", None)
