"""At the table: who is there and who isn't, and what is done about it. For the desk only: it counts minors."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from insights import filling
from insights.agenda import open_gaps
from insights.at_table import Year, year_before
from insights.kinds import SHOWN, kind_lines
from insights.meeting_forms import GapForm
from insights.over_time import Gathering, Stretch, add_up, of_meetings, of_walks, stretches
from insights.youth_walks import Part
from office.models import Coalition
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from people.models import Organization
from walks.models import Attendance, Gap, Walk

MOST_WALKS = 30
MOST_DONE = 12


@never_cache
@require_safe
@access("meeting", "manage", allow=ORGANIZERS)
def at_table(request: SignedInRequest) -> HttpResponse:
    """`?who=` opens the form for somebody who is missing."""
    who = request.GET.get("who", "")
    initial = {"who": who, "how": HOW_USUALLY.get(who, Gap.How.INVITED)} if who in Gap.Who.values else {}
    return _page(request, initial=initial)


YOUNG = (Gap.Who.TEENS.value, Gap.Who.YOUNG_ADULTS.value)
HOW_USUALLY: dict[str, str] = dict.fromkeys(YOUNG, Gap.How.ROLE_OPEN.value)


def _page(request: HttpRequest, form: GapForm | None = None, *, initial: Any = None, status: int = 200) -> HttpResponse:
    now = timezone.now()
    coalition = Coalition.current()
    year = year_before(now, coalition.zone)
    gaps = open_gaps()
    planned = {gap.who for gap in gaps}
    context = {
        "here": "table",
        "today": timezone.localdate(now),
        "year": year,
        "missing": [(one, one.who in planned) for one in year.missing],
        "charts": _charts(year, coalition),
        "kinds": kind_lines(year.meetings, coalition.zone) if year.meetings else [],
        "n_shown": min(len(year.meetings), SHOWN),
        "gaps": gaps,
        "done": _done(),
        "form": form or _form(initial=initial or {}),
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
        "parts": [(labels[part], total[part]) for part in labels if part in total],
        "labels": list(labels.values()),
        "rows": [(row, [(word, row.by_part.get(part)) for part, word in labels.items()]) for row in rows],
        "has_heads": any(row.heads for row in rows),
    }


def _done() -> list[Gap]:
    """What was tried last. One query."""
    rows = Gap.objects.exclude(closed_at=None).select_related("organization", "walk")
    return list(rows.order_by("-closed_at", "-id")[:MOST_DONE])


def _form(data: Any = None, **options: Any) -> GapForm:
    """Two queries."""
    coming = Walk.objects.current().upcoming(timezone.now()).exclude(state=Walk.State.CALLED_OFF)
    walks = coming.order_by("meet_at", "id").only("public_id", "title", "meet_at", "time_zone")[:MOST_WALKS]
    organizations = Organization.objects.current().order_by("name").only("public_id", "name")
    return GapForm(data, organizations=organizations, walks=walks, **options)


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def gap_new(request: SignedInRequest) -> HttpResponse:
    form = _form(request.POST)
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
    return redirect(f"{reverse('insights:at_table')}#gap-{gap.public_id}")


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
    return redirect(f"{reverse('insights:at_table')}#gaps")
