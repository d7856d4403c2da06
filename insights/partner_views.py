"""Partners' records: at the desk for any quarter, for the public the last one, if the coalition switched it on."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from insights import record_notes
from insights.definitions import GROUPS
from insights.keeping import keep_quarter, kept, public_quarter
from insights.models import Snapshot
from insights.partner_pages import lay_out, notes_by_id, without_help, written
from insights.partners import partner_rows
from insights.quarters import Quarter
from office.actions import record
from office.models import Coalition
from office.refused import Refused
from people.access import EVERYBODY, ORGANIZERS, SignedInRequest, access

CHOICES = 6


@dataclass(frozen=True)
class Page:
    """A quarter's rows: as they were kept, or as they stand now. With `with_help` False they say nothing about help."""

    quarter: Quarter
    rows: list[dict[str, Any]]
    snapshot: Snapshot | None
    today: date
    coalition: Coalition
    with_help: bool

    @property
    def may_be_kept(self) -> bool:
        return self.today >= self.quarter.counted_on

    @property
    def public_on(self) -> date | None:
        return date.fromisoformat(self.snapshot.numbers["public_on"]) if self.snapshot else None


def _asked_for(request: SignedInRequest) -> Page:
    """The quarter that the address names; this one where it names none. Six queries, less for a kept one.

    Numbers about help are in a kept one only, and there not for who works behind the wall.
    """
    coalition = Coalition.current()
    today = timezone.localdate(timezone.now(), coalition.zone)
    quarter = Quarter.parse(request.GET.get("quarter", "")) or Quarter.of(today)
    snapshot = kept(quarter)
    rows = snapshot.numbers["organizations"] if snapshot else partner_rows(quarter, coalition.zone)
    with_help = snapshot is not None and not request.user.is_walled
    return Page(quarter, rows if with_help else without_help(rows), snapshot, today, coalition, with_help)


def _choices(today: date) -> list[Quarter]:
    found = [Quarter.of(today)]
    while len(found) < CHOICES:
        found.append(found[-1].before)
    return found


@never_cache
@require_safe
@access("partner.record", "view", allow=ORGANIZERS)
def partners(request: SignedInRequest) -> HttpResponse:
    """Organization by organization, by name: never a ranking. Nine queries, however many there are."""
    page = _asked_for(request)
    choices = _choices(page.today)
    context = {
        "here": "partners",
        "page": page,
        "quarters": choices if page.quarter in choices else [page.quarter, *choices],
        "all": lay_out(page.rows, notes_by_id(only_read=False), with_help=page.with_help),
        "definitions": GROUPS,
        "coalition": page.coalition,
    }
    return render(request, "insights/partners.html", context)


@never_cache
@require_safe
@access("partner.record", "view", allow=ORGANIZERS)
def partners_file(request: SignedInRequest) -> HttpResponse:
    page = _asked_for(request)
    record(actor=request.user, action="export", resource="partner.record", detail={"quarter": str(page.quarter)})
    response = HttpResponse(written(page.rows, str(page.quarter)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="partners-{page.quarter}.csv"'
    return response


@require_POST
@access("partner.record", "count", allow=ORGANIZERS)
def partners_count(request: SignedInRequest) -> HttpResponse:
    """Count a quarter that is over (again): walks and promises anew, help never."""
    quarter = Quarter.parse(request.POST.get("quarter", ""))
    if quarter is None:
        messages.error(request, _("Choose the quarter first."))
        return redirect("insights:partners")
    try:
        keep_quarter(quarter=quarter, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Counted and kept. Numbers about help stay as they were said first."))
    return redirect(f"{reverse('insights:partners')}?quarter={quarter}")


@require_POST
@access("partner.record", "count", allow=ORGANIZERS)
def partners_note(request: SignedInRequest, organization_id: uuid.UUID) -> HttpResponse:
    """An organizer read an organization's words: from now on they may be public. Or they take that back."""
    note = record_notes.note_of(organization_id)
    try:
        if request.POST.get("do") == "hide":
            record_notes.hide(note=note, by=request.user)
        else:
            record_notes.mark_read(note=note, text=request.POST.get("text", ""), by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    quarter = Quarter.parse(request.POST.get("quarter", ""))
    query = f"?quarter={quarter}" if quarter else ""
    return redirect(f"{reverse('insights:partners')}{query}#record-{organization_id}")


@require_safe
@access("partner.record_public", "view", allow=EVERYBODY)
def partners_public(request: HttpRequest) -> HttpResponse:
    """The last quarter that is kept and that partners had their days to look at; 404 while the switch is off."""
    coalition = Coalition.current()
    snapshot = (
        public_quarter(timezone.localdate(timezone.now(), coalition.zone)) if coalition.publish_partner_record else None
    )
    if snapshot is None:
        raise Http404("nothing is published about partners")
    rows = snapshot.numbers["organizations"]
    context = {
        "quarter": Quarter.of(snapshot.starts_on),
        "snapshot": snapshot,
        "all": lay_out(rows, notes_by_id(only_read=True), with_help=True),
        "definitions": GROUPS,
        "coalition": coalition,
    }
    return render(request, "insights/partners_public.html", context)
