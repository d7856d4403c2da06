"""The debrief at the table: one form on one phone. Every button saves everything that was typed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from concerns import promising
from concerns.carrying_views import thanks_of
from concerns.debrief_numbers import found_on, numbers_of, sayable
from concerns.models import Commitment, Concern
from concerns.promising_forms import CommitmentForm
from office.refused import Refused
from people.access import SIGNED_IN, SignedInRequest, access
from people.models import Organization
from walks.access import get_walk_for
from walks.debriefing import (
    WORDS,
    Said,
    Written,
    finish_debrief,
    part_of,
    said_of,
    take_over_top,
    version_of,
    write_debrief,
)
from walks.models import MOST_TOPS, Team, Walk

MOST_TO_TAKE = 8  # lines of a team's log that are offered; the rest is on the list of concerns


@dataclass(frozen=True)
class TeamBox:
    """One team at the table: its three lines, and what it logged that could be one of them."""

    team: Team
    lines: list[str]
    part: str
    seen: str
    logged: list[Concern]
    n_logged: int
    meanwhile: list[str] | None = None  # what somebody else wrote while this person did


@dataclass(frozen=True)
class WordsBox:
    """One of the two texts."""

    name: str
    value: str
    seen: str
    meanwhile: str | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk.debrief", "edit", allow=SIGNED_IN)
def debrief(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Numbers, top three per team, what was good, what to do otherwise, promises; then thanks."""
    walk = get_walk_for(request, public_id, to="edit")
    if request.method != "POST":
        return _page(request, walk)
    try:
        written = write_debrief(walk=walk, by=request.user, **_typed(request.POST))
    except Refused as refused:
        return _page(request, walk, kept=_everything(request.POST), problem=refused.message)
    if written.conflicts:
        return _page(request, walk, kept={part: request.POST.getlist(part) for part in written.conflicts})
    return _press(request, walk, written)


def _everything(data: Any) -> dict[str, list[str]]:
    """Every part as it was typed, with what the person had seen: nothing was saved."""
    return {name: data.getlist(name) for name in data if name in WORDS or name.startswith(("top:", "seen:"))}


def _typed(data: Any) -> dict[str, Any]:
    """What the form says, for `write_debrief`: versions, texts, and lines by team."""
    tops = {}
    for name in data:
        kind, _colon, team = name.partition(":")
        if kind == "top":
            try:
                tops[uuid.UUID(team)] = data.getlist(name)
            except ValueError:
                continue
    seen = {name.removeprefix("seen:"): data[name] for name in data if name.startswith("seen:")}
    return {"seen": seen, "words": {name: data[name] for name in WORDS if name in data}, "tops": tops}


def _press(request: SignedInRequest, walk: Walk, written: Written) -> HttpResponse:
    """What the pressed button does besides saving. A promise that was typed is made, whichever button it was."""
    do, _colon, rest = request.POST.get("do", "save").partition(":")
    if do == "promise" or request.POST.get("promise-text", "").strip():
        form = _promise(request, walk)
        if form.errors:
            return _page(request, walk, form=form)
    try:
        return redirect(_address(walk, _do(request, walk, do, rest)))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(_address(walk, ""))


def _do(request: SignedInRequest, walk: Walk, do: str, rest: str) -> str:
    """Answers the part of the page to go on at. Raises Refused."""
    if do == "take":
        return _take(request, walk, rest)
    if do in ("keep", "drop"):
        return _settle(request, walk, do, rest)
    if do == "promise":
        return "promises"
    if do == "finish":
        finish_debrief(walk=walk, by=request.user)
        messages.success(request, _("Finished. Thank you for taking the time. Now thank the others."))
        return "thanks"
    messages.success(request, _("Saved."))
    return ""


def _address(walk: Walk, part: str) -> str:
    return reverse("concerns:debrief", args=[walk.public_id]) + (f"#{part}" if part else "")


def _take(request: SignedInRequest, walk: Walk, rest: str) -> str:
    """`<team>:<concern>`: what a team logged becomes one of its three."""
    team_id, _colon, concern_id = rest.partition(":")
    teams = {str(team.public_id): team for team in walk.teams.all()}
    found = {str(one.public_id): one for one in sayable(found_on(walk))}
    if team_id not in teams or concern_id not in found:
        raise Refused(_("That isn’t here any more. Look again."))
    team = teams[team_id]
    take_over_top(walk=walk, team=team, text=line_of(found[concern_id]), by=request.user)
    return f"team-{team.number}"


def line_of(concern: Concern) -> str:
    """What was noticed, as one line: kind and block. No house number, no words of who reported it."""
    if concern.segment is None:
        return concern.category.name
    return f"{concern.category.name}, {concern.segment.name}"


def _promise(request: SignedInRequest, walk: Walk) -> CommitmentForm:
    """A new promise; the form has errors where it couldn't be made."""
    form = _promise_form(walk, sayable(found_on(walk)), request.POST)
    if form.is_valid():
        try:
            promising.make_commitment(by=request.user, walk=walk, **form.commitment_fields())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Promised. We remind them three days before, and on the day."))
    return form


def _settle(request: SignedInRequest, walk: Walk, do: str, public_id: str) -> str:
    """A promise of this walk was kept at once, or was written down wrongly."""
    try:
        commitment = walk.commitments.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        commitment = None
    if commitment is None:
        raise Refused(_("That isn’t here any more. Look again."))
    action = promising.keep_commitment if do == "keep" else promising.drop_commitment
    action(commitment=commitment, by=request.user)
    messages.success(request, _("Kept. Well done!") if do == "keep" else _("Taken back. It counts no more."))
    return "promises"


def _promise_form(walk: Walk, found: Sequence[Concern], data: Any = None) -> CommitmentForm:
    """Up to one query, for the organizations."""
    organizations = Organization.objects.current().order_by("name")
    return CommitmentForm(
        data, prefix="promise", organizations=organizations, concerns=found, initial={"when": "14"}
    )  # fmt: skip


def _page(
    request: SignedInRequest,
    walk: Walk,
    *,
    kept: dict[str, list[str]] | None = None,
    form: CommitmentForm | None = None,
    problem: str = "",
) -> HttpResponse:
    """`kept` holds parts as they were typed and couldn't be saved: of two people's changes, or with a `problem`."""
    teams = list(walk.teams.order_by("number"))
    found = found_on(walk)
    table = sayable(found)
    said = said_of(walk, teams)
    kept = kept or {}
    if kept and form is None and request.POST.get("promise-text", "").strip():
        form = _promise_form(walk, table, request.POST)
    context = {
        "walk": walk,
        "is_over": walk.end_at < timezone.now(),
        "has_begun": walk.step_off_at <= timezone.now(),
        "numbers": numbers_of(walk, found),
        "teams": [_team_box(team, table, said, kept, is_both=not problem) for team in teams],
        "words": {name: _words_box(name, said, kept, is_both=not problem) for name in WORDS},
        "debrief": said.debrief,
        "promises": _promises(walk),
        **_thanks(walk, said),
        "form": form or _promise_form(walk, table),
        "is_both": bool(kept) and not problem,
        "problem": problem,
        "today": timezone.localdate(),
    }
    status = 409 if kept and not problem else 400 if problem or (form and form.errors) else 200
    return render(request, "concerns/debrief.html", context, status=status)


def _thanks(walk: Walk, said: Said) -> dict[str, Any]:
    """Who was thanked, once the debrief is finished. Up to two queries."""
    notice = thanks_of(walk) if said.debrief and said.debrief.finished_at else None
    if notice is None:
        return {"thanks": None}
    told = notice.to.aggregate(n=Count("pk", filter=Q(mail__isnull=False)), mute=Count("pk", filter=Q(mail=None)))
    waits = notice.due_at > timezone.now()
    return {"thanks": notice, "thanks_waits": waits, "n_thanked": told["n"], "n_mute": told["mute"]}


def _promises(walk: Walk) -> list[Commitment]:
    """Those made on this walk. One query."""
    rows: Any = walk.commitments
    return list(rows.exclude(state="dropped").select_related("organization", "concern__category").order_by("id"))


def _team_box(
    team: Team, found: Sequence[Concern], said: Said, kept: dict[str, list[str]], *, is_both: bool
) -> TeamBox:
    part, stored = part_of(team), said.tops.get(team.public_id, [])
    lines = kept.get(part, stored)
    logged = [one for one in found if one.team_id == team.pk]
    return TeamBox(
        team=team,
        lines=[*lines, "", "", ""][:MOST_TOPS],
        part=part,
        seen=_seen(part, version_of(stored), kept),
        logged=[one for one in logged if line_of(one) not in lines][:MOST_TO_TAKE],
        n_logged=len(logged),
        meanwhile=stored if is_both and part in kept else None,
    )


def _words_box(name: str, said: Said, kept: dict[str, list[str]], *, is_both: bool) -> WordsBox:
    stored = said.words[name]
    value = kept.get(name, [stored])[0]
    return WordsBox(name, value, _seen(name, version_of(stored), kept), stored if is_both and name in kept else None)


def _seen(part: str, stored: str, kept: dict[str, list[str]]) -> str:
    """The version that the form carries: what is stored and shown, or what it carried where nothing was saved.

    Where two people changed a part both versions are on the page, so the next press saves what is typed.
    """
    return kept.get(f"seen:{part}", [stored])[0]
