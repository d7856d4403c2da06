"""The filing desk: what should have a number of the city and hasn't, one after the other, by the city's own names."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from concerns import actions
from concerns.access import concerns_for, get_concern_for
from concerns.desk_filters import asked_for, desk_filter
from concerns.desk_views import detail_page
from concerns.filing import to_file
from concerns.filing_forms import CorrectForm, FilingForm
from concerns.filters import BadFilter
from concerns.forms import CaseForm
from concerns.models import Concern, ExternalCase, RoutingRule
from concerns.routing import Filing, Router, filing_of
from corridors.models import Corridor
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from walks.models import Walk

MOST = 300
NO_RULE = gettext_lazy("No rule says who gives the number")
# What stays in the address from one concern to the next.
KEPT = ("walk", "corridor", "category")


@dataclass
class Group:
    """Concerns that are filed under one name of the city's."""

    title: Any
    system: str = ""
    concerns: list[Concern] = field(default_factory=list)


@dataclass
class Pile:
    """Everything to be filed under the filters: by group, and what goes another way."""

    groups: list[Group]
    help_first: list[Concern]
    handed_over: list[tuple[RoutingRule, list[Concern]]]
    rules: dict[int, RoutingRule | None]
    is_cut: bool

    @property
    def concerns(self) -> list[Concern]:
        """Those that can be filed now, in the order of the page."""
        return [concern for group in self.groups for concern in group.concerns]

    def at(self, public_id: str) -> Concern | None:
        """The one asked for; else the first."""
        found = (concern for concern in self.concerns if str(concern.public_id) == public_id)
        return next(found, self.concerns[0] if self.concerns else None)

    def after(self, concern: Concern) -> Concern | None:
        """The next one; after the last comes the first again. None where there is no other."""
        order = self.concerns
        place = next((n for n, other in enumerate(order) if other.pk == concern.pk), -1)
        following = order[(place + 1) % len(order)] if order else None
        return following if following and following.pk != concern.pk else None


def pile_of(rows: QuerySet[Any]) -> Pile:
    """Sort what is to be filed, in walking order. Three queries."""
    told = rows.select_related("category", "segment__corridor")
    found: list[Any]
    order = ("segment__corridor__name", "segment__position", "side", "address", "id")
    found = list(told.order_by(*order)[: MOST + 1])
    router = Router.current()
    rules = {concern.pk: router.rule_for(concern) for concern in found[:MOST]}
    groups: dict[tuple[str, str], Group] = {
        (rule.system, rule.request_type): Group(rule.request_type or rule.system, rule.system)
        for rule in router.rules
        if rule.system
    }
    nobody = Group(NO_RULE)
    handed: dict[int, tuple[RoutingRule, list[Concern]]] = {}
    help_first = []
    for concern in found[:MOST]:
        rule = rules[concern.pk]
        if concern.waits_for_help:
            help_first.append(concern)
        elif rule and rule.system:
            groups[rule.system, rule.request_type].concerns.append(concern)
        elif concern.has_owner:
            continue
        elif rule:
            handed.setdefault(rule.pk, (rule, []))[1].append(concern)
        else:
            nobody.concerns.append(concern)
    filled = [group for group in [*groups.values(), nobody] if group.concerns]
    return Pile(filled, help_first, list(handed.values()), rules, is_cut=len(found) > MOST)


@require_safe
@access("desk.filing", "use", allow=ORGANIZERS)
def filing(request: SignedInRequest) -> HttpResponse:
    """What is to be filed under the filters, with one of it open."""
    try:
        pile = _pile(request)
    except BadFilter as bad:
        return _page(request, None, None, problem=bad.message, status=400)
    asked = request.GET.get("at", "")
    concern = pile.at(asked)
    problem = ""
    if asked and (concern is None or str(concern.public_id) != asked):
        problem = _("That one is filed already, or it isn’t open any more.")
    return _page(request, pile, concern, notice=problem)


@require_POST
@access("desk.filing", "use", allow=ORGANIZERS)
def file_one(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Keep the number and lead on to the next; where that is refused, show the same with what was typed."""
    concern = get_concern_for(request, public_id)
    try:
        pile = _pile(request)
    except BadFilter as bad:
        return _page(request, None, None, problem=bad.message, status=400)
    form = FilingForm(request.POST, concern=concern)
    problem = ""
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in CaseForm.base_fields}
        expected = request.POST.get("seen") or None
        try:
            case = actions.add_case(concern=concern, by=request.user, expected=expected, **fields)
        except Refused as refused:
            problem = refused.message
        else:
            messages.success(request, _("Filed: %(case)s.") % {"case": case})
            return redirect(_address(request, at=pile.after(concern), how=case.channel))
    return _page(request, pile, get_concern_for(request, public_id), form=form, problem=problem, status=400)


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def correct_case(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Write a mistyped number right, or take it back because it was never filed under it."""
    concern, number = get_concern_for(request, public_id), request.POST.get("case", "")
    asked = concern.cases.select_related("concern")
    case: ExternalCase = get_object_or_404(asked, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
    form: CorrectForm | None = None
    done, problem = _("The number is corrected."), ""
    try:
        if request.POST.get("do") == "withdraw":
            actions.withdraw_case(case=case, by=request.user)
            done = _("The number is taken back.")
        else:
            form = CorrectForm(request.POST, case=case)
            if form.is_valid():
                expected = request.POST.get("seen") or None
                actions.correct_case(case=case, by=request.user, expected=expected, **form.cleaned_data)
            else:
                problem = _("Please look at the marked field.")
    except Refused as refused:
        problem = refused.message
    if problem:
        fresh = get_concern_for(request, public_id)
        bound: dict[str, Any] = {"correct_form": form} if form else {}
        return detail_page(request, fresh, problem=problem, status=400, **bound)
    messages.success(request, done)
    return redirect("concerns:desk_detail", public_id)


def _pile(request: SignedInRequest) -> Pile:
    """Raises BadFilter."""
    return pile_of(to_file(asked_for(concerns_for(request.user), desk_filter(request.GET))))


def _address(request: SignedInRequest, *, at: Concern | None = None, how: str = "") -> str:
    """This page under the same filters."""
    query = request.GET.copy()
    kept: dict[str, str] = {name: str(query[name]) for name in KEPT if query.get(name)}
    kept |= {"how": how} if how else {}
    kept |= {"at": str(at.public_id)} if at else {}
    query.clear()
    query.update(kept)
    return reverse("concerns:filing") + (f"?{query.urlencode()}" if kept else "")


def _page(
    request: SignedInRequest,
    pile: Pile | None,
    concern: Concern | None,
    *,
    form: FilingForm | None = None,
    problem: str = "",
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    how = request.GET.get("how", "") if request.GET.get("how") in dict(CaseForm.CHANNELS) else ""
    context = {
        "pile": pile,
        "concern": concern,
        "problem": problem,
        "notice": notice,
        "how": how,
        "walk": request.GET.get("walk", ""),
        "corridor": request.GET.get("corridor", ""),
        "walks": Walk.objects.current().only("public_id", "title", "meet_at").order_by("-meet_at")[:60],
        "corridors": Corridor.objects.only("name", "slug"),
        "is_filtered": any(request.GET.get(name) for name in KEPT),
        "here": _address(request, how=how),
    }
    if pile is not None and concern is not None:
        context |= _card(request, pile, concern, form, how)
    return render(request, "concerns/filing.html", context, status=status)


def _card(request: SignedInRequest, pile: Pile, concern: Concern, form: FilingForm | None, how: str) -> dict[str, Any]:
    """Everything about the one that is open. Three queries."""
    rule = pile.rules.get(concern.pk)
    initial = {"system": rule.system if rule and rule.system else "311", "channel": how}
    following = pile.after(concern)
    file_at = reverse("concerns:desk_file", args=[concern.public_id])
    query = _address(request).partition("?")[2]
    return {
        "heading": (rule.request_type or rule.system if rule else "") or NO_RULE,
        "filing": _words(rule, concern),
        "form": form or FilingForm(initial=initial, concern=concern),
        "seen": actions.version_of(concern),
        "n_photos": concern.photos.count(),
        "cases": list(concern.cases.order_by("-filed_at")),
        "skip": _address(request, at=following, how=how) if following else "",
        "file_at": f"{file_at}?{query}" if query else file_at,
        "n": sum(len(group.concerns) for group in pile.groups),
    }


def _words(rule: RoutingRule | None, concern: Concern) -> Filing | None:
    """The words to file it with; none where help comes first."""
    return None if concern.waits_for_help else filing_of(rule, concern)
