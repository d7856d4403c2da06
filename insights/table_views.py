"""At the table: who is there and who isn't, and what is done about it. For the desk only: it counts minors."""

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from insights import filling
from insights.at_table import Year, walks_to_come, year_before
from insights.kinds import SHOWN, kind_lines, unknown_kinds
from insights.meeting_forms import GapForm
from insights.missing import NOBODY_OF
from insights.over_time import Gathering, Stretch, add_up, of_meetings, of_walks, stretches
from insights.youth_walks import Part
from office.models import Coalition
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from people.models import Organization
from walks.models import Attendance, Gap, Walk

MOST_GAPS, MOST_DONE = 100, 12


@never_cache
@require_safe
@access("meeting", "manage", allow=ORGANIZERS)
def at_table(request: SignedInRequest) -> HttpResponse:
    """`?who=` opens the form for somebody who is missing, `?meeting=` at a meeting."""
    who, meeting = request.GET.get("who", ""), request.GET.get("meeting", "")
    initial = {"who": who, "how": HOW_USUALLY.get(who, Gap.How.INVITED)} if who in Gap.Who.values else {}
    return _page(request, initial=initial | ({"meeting": meeting} if meeting else {}))


YOUNG = (Gap.Who.TEENS.value, Gap.Who.YOUNG_ADULTS.value)
HOW_USUALLY: dict[str, str] = dict.fromkeys(YOUNG, Gap.How.ROLE_OPEN.value)


def _page(request: HttpRequest, form: GapForm | None = None, *, initial: Any = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    coalition = Coalition.current()
    organizations = _organizations()
    known = Counter(one.kind for one in organizations)
    year = year_before(now, coalition.zone)
    gaps, done = _gaps()
    planned = {gap.who for gap in gaps}
    context = {
        "here": "table",
        "coalition": coalition,
        "today": timezone.localdate(now),
        "year": year,
        "missing": [(one, one.who in planned) for one in year.missing],
        "charts": _charts(year, coalition),
        "kinds": kind_lines(year.meetings, known, coalition.zone) if year.meetings else [],
        "unknown_kinds": unknown_kinds(known),
        "n_shown": min(len(year.meetings), SHOWN),
        "gaps": gaps,
        "done": done,
        "form": form or _form(organizations, year.coming, initial=_with_usual(initial or {}, organizations)),
        "is_open": bool(form or initial),
    }
    return render(request, "insights/table.html", context, status=status)


def _charts(year: Year, coalition: Coalition) -> list[dict[str, Any]]:
    walks = of_walks(year.walks)
    meetings = of_meetings(year.meetings, coalition.zone)
    return [
        _chart("walks", _("On walks"), walks, Part.choices, year),
        _chart("meetings", _("At meetings"), meetings, Attendance.Role.choices, year),
    ]


def _chart(key: str, title: str, gatherings: list[Gathering], parts: Any, year: Year) -> dict[str, Any]:
    """What one chart and its table show: everybody by part, then one stretch after the other."""
    total, labels = add_up(gatherings), dict(parts)
    rows: list[Stretch] = stretches(gatherings, first=year.first, last=year.last) if gatherings else []
    return {
        "key": key,
        "title": title,
        "parts": [(word, total.get(part)) for part, word in labels.items()] if total else [],
        "labels": list(labels.values()),
        "rows": [(row, [(word, row.by_part.get(part)) for part, word in labels.items()]) for row in rows],
        "has_heads": any(row.heads for row in rows),
    }


def _gaps() -> tuple[list[Gap], list[Gap]]:
    """Steps that are open, soonest first, and those that were tried last. One query."""
    rows = Gap.objects.select_related("organization", "walk", "meeting")
    rows = rows.order_by(F("closed_at").desc(nulls_first=True), "due_on", "id")
    listed = list(rows[:MOST_GAPS])
    done = [one for one in listed if one.closed_at]
    return [one for one in listed if not one.closed_at], done[:MOST_DONE]


def _organizations() -> list[Organization]:
    """One query."""
    return list(Organization.objects.current().order_by("name").only("public_id", "name", "kind"))


def _with_usual(initial: dict[str, Any], organizations: list[Organization]) -> dict[str, Any]:
    """The only organization of a kind that is missing is the one to ask."""
    kinds = {who.value: kind for kind, (who, _words) in NOBODY_OF.items()}
    asked = [one for one in organizations if one.kind == kinds.get(initial.get("who", ""))]
    return initial | ({"organization": asked[0].public_id} if len(asked) == 1 else {})


def _form(organizations: list[Organization], walks: list[Walk], data: Any = None, **options: Any) -> GapForm:
    return GapForm(data, organizations=organizations, walks=walks, **options)


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def gap_new(request: SignedInRequest) -> HttpResponse:
    form = _form(_organizations(), walks_to_come(timezone.now()), request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        gap = filling.add_gap(
            by=request.user,
            public_id=form.cleaned_data["public_id"],
            mail=form.cleaned_data["mail"],
            **form.gap_fields(),
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _page(request, form, status=400)
    messages.success(request, _told(gap, form.cleaned_data["mail"]))
    return redirect(f"{reverse('insights:table')}#gap-{gap.public_id}")


def _told(gap: Gap, is_mailed: bool) -> str:
    if is_mailed:
        return _("Written down, and the invitation is on its way.")
    if gap.how == Gap.How.ROLE_OPEN:
        return _("Written down. The walk’s plan asks for a youth lead; the sign-up page offers the place.")
    return _("Written down. It stands on the next agenda.")


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def gap_do(request: SignedInRequest, gap_id: uuid.UUID) -> HttpResponse:
    """`do=came|not|reopen|drop`."""
    gap = get_object_or_404(Gap, public_id=gap_id)
    do = request.POST.get("do", "")
    try:
        if do in {"came", "not"}:
            filling.close_gap(gap=gap, by=request.user, came=do == "came")
        elif do == "reopen":
            filling.reopen_gap(gap=gap, by=request.user)
        elif do == "drop":
            filling.drop_gap(gap=gap, by=request.user)
        else:
            raise Refused(_("Choose what became of it."))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Saved."))
    return redirect(f"{reverse('insights:table')}#gaps")
