"""Two reports side by side at the desk, before somebody says that they are one thing. Joining is in `desk_buttons`."""

import uuid
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from concerns.access import get_concern_for
from concerns.models import Concern, Photo
from concerns.same import likely_same
from concerns.story import version_of
from concerns.witnesses import Witnesses, witnesses_of
from concerns.words import answers_in_words
from concerns.workflow import Status, may_move
from people.access import ORGANIZERS, SignedInRequest, access

ENOUGH = 20  # suggestions to look through for the reason


@dataclass(frozen=True)
class Half:
    """One of the two, with what the page shows of it."""

    concern: Concern
    seen: str
    photos: list[Photo]
    answers: list[tuple[str, str]]
    witnesses: Witnesses
    may_join: bool


@require_safe
@access("concern", "merge_duplicate", allow=ORGANIZERS)
def desk_compare(request: SignedInRequest, public_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """What both say, show and come from; buttons to join them either way round."""
    mine, theirs = get_concern_for(request, public_id), get_concern_for(request, other_id)
    if mine.pk == theirs.pk:
        raise Http404("one concern beside itself")
    same = likely_same(mine, limit=ENOUGH) if mine.duplicate_of_id is None else []
    context = {
        "mine": _half(mine),
        "theirs": _half(theirs),
        "reason": next((one.words for one in same if one.concern.pk == theirs.pk), ""),
        "is_joined": theirs.pk == mine.duplicate_of_id or mine.pk == theirs.duplicate_of_id,
    }
    return render(request, "concerns/desk_compare.html", context)


def _half(concern: Concern) -> Half:
    """Three queries at most."""
    return Half(
        concern=concern,
        seen=version_of(concern),
        photos=list(concern.photos.order_by("position", "id")),
        answers=answers_in_words(concern, concern.category.questions.all()) if concern.answers else [],
        witnesses=witnesses_of(concern),
        may_join=may_move(from_status=concern.status, to_status=Status.DUPLICATE),
    )
