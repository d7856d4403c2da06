"""The desk's page of one concern, with the exact place. Its buttons are in `concerns.desk_buttons`."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.forms import Form
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from concerns import actions
from concerns.access import concerns_for, get_concern_for, get_photo_for
from concerns.desk_assign import assign_context
from concerns.desk_voices import voices_context
from concerns.features import desk_features
from concerns.filing_forms import CorrectForm
from concerns.forms import CaseForm, HideForm, LookForm, MergeForm, MoveForm, PublishForm
from concerns.merging import claim_of
from concerns.models import Commitment, Concern, ExternalCase, Look, Photo, Proposal
from concerns.promising_access import may_see_all
from concerns.replies import replies_for
from concerns.reporters import Reporter
from concerns.same import Suggestion
from concerns.views import photo_response
from concerns.voices import desk_story, story_lines
from concerns.witnesses import witnesses_of
from concerns.words import answers_in_words
from concerns.workflow import Source
from corridors.geojson import collection, corridor_features, segment_features
from people.access import SIGNED_IN, SignedInRequest, access


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_detail(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Everything about one concern, and what can be done with it."""
    return detail_page(request, get_concern_for(request, public_id))


def detail_page(
    request: SignedInRequest,
    concern: Concern,
    *,
    problem: str = "",
    status: int = 200,
    contacts: Sequence[Reporter] = (),
    **bound: Form,
) -> HttpResponse:
    """The page of one concern. `bound` holds a form that was refused, with what was typed; `problem` says why.

    `contacts` are reporters whose contact this person asked to read just now.
    """
    theirs = Photo.objects.filter(Q(concern=concern) | Q(look__concern=concern)).select_related("look")
    photos = list(theirs.order_by("position", "id"))
    lines = story_lines(concern)
    looks = _looks(concern, photos)
    same = actions.likely_same(concern) if concern.duplicate_of_id is None else []
    forms = {
        "publish_form": PublishForm(initial={"text": actions.words_to_publish(concern)}),
        "hide_form": HideForm(),
        "move_form": MoveForm(concern=concern),
        "case_form": CaseForm(),
        "look_form": LookForm(),
        "merge_form": MergeForm(),
        **assign_context(concern),
    } | bound
    context = {
        "concern": concern,
        "problem": problem,
        "seen": actions.version_of(concern),
        "answers": answers_in_words(concern, concern.category.questions.all()) if concern.answers else [],
        "photos": [photo for photo in photos if photo.concern_id],
        "looks": looks,
        **voices_context(concern, photos, lines),
        "story": desk_story(lines),
        "cases": _cases(concern, bound.get("correct_form")),
        "reporters": list(concern.reporters.all()) if concern.source == Source.WEB else [],
        "contacts": contacts,
        "proposals": _open_proposals(concern),
        "same": same,
        "claim": claim_of(concern),
        # Whatever was joined to it is a look at it, too.
        "seen_by": witnesses_of(concern).words if looks else "",
        "refusal": actions.why_not_public(concern),
        "promises": _promises(request, concern),
        "replies": replies_for(concern) if request.user.is_organizer else None,
        "features": _detail_features(concern, same),
        **forms,
    }
    return render(request, "concerns/desk_detail.html", context, status=status)


def _cases(concern: Concern, refused: Form | None) -> list[tuple[ExternalCase, Form]]:
    """Each number with the form that corrects it; `refused` keeps what was typed. One query."""
    cases = concern.cases.select_related("filed_by__person").order_by("filed_at", "id")
    typed = {refused.case.pk: refused} if isinstance(refused, CorrectForm) else {}
    return [(case, typed.get(case.pk) or CorrectForm(case=case)) for case in cases]


def _promises(request: SignedInRequest, concern: Concern) -> list[Commitment]:
    """What somebody promised about it. One query."""
    theirs = concern.commitments.exclude(state=Commitment.State.DROPPED).filter(may_see_all(request.user, concern))
    return list(theirs.select_related("organization", "walk"))


def _looks(concern: Concern, photos: list[Photo]) -> list[tuple[Look, list[Photo]]]:
    """Each look with its photos. One query."""
    looks = concern.looks.select_related("by__person", "walk", "duplicate")
    return [(look, [photo for photo in photos if photo.look_id == look.pk]) for look in looks]


def _open_proposals(concern: Concern) -> list[Proposal]:
    """Changes that wait; the flag says whether there are any, so mostly this asks nothing."""
    if Concern.Flag.CHANGED not in concern.flags:
        return []
    return list(concern.proposals.filter(state=Proposal.State.OPEN))


def next_unread(request: SignedInRequest, concern: Concern) -> Concern | None:
    """The next concern nobody has read: those of the same walk first, then the newest. One query."""
    waiting = concerns_for(request.user).unread().exclude(pk=concern.pk).select_related("category")
    same_walk = Q(walk=concern.walk_id) if concern.walk_id else Q(pk=None)
    return waiting.alias(elsewhere=~same_walk).order_by("elsewhere", "-danger_now", "-received_at", "-id").first()


def _detail_features(concern: Concern, same: list[Suggestion]) -> dict[str, Any]:
    corridor = concern.segment.corridor if concern.segment else (concern.walk.corridor if concern.walk else None)
    return collection(
        corridor_features([corridor] if corridor else [], desk=True),
        segment_features([concern.segment] if concern.segment else [], desk=True),
        desk_features([concern], focus=True),
        desk_features([one.concern for one in same]),
    )


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_next(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """On to the next concern nobody has read, or to the list where there is none."""
    following = next_unread(request, get_concern_for(request, public_id))
    return redirect("concerns:desk_detail", following.public_id) if following else redirect("concerns:desk_list")


@require_safe
@access("desk.concerns", "view", allow=SIGNED_IN)
def desk_photo(request: SignedInRequest, public_id: uuid.UUID, size: str) -> HttpResponseBase:
    """The re-encoded copy of any photo, for who may see its concern."""
    response = photo_response(get_photo_for(request, public_id), size)
    response["Cache-Control"] = "private, no-store"
    return response
