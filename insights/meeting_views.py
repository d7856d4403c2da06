"""Meetings of the coalition on the desk: the list, one of them with its agenda, count, decisions and notes."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns.models import Commitment
from concerns.promising_access import with_words
from concerns.promising_forms import CommitmentForm
from insights import meetings, table_form
from insights.agenda import agenda_of
from insights.counting import COUNT_FROM, Cell, TableChanged, cells_of, count_table
from insights.meeting_calendar import calendar_of_meeting
from insights.meeting_forms import MeetingForm, NoteForm, form_of_meeting, form_of_note
from insights.meeting_links import calendar_url, meeting_of_token
from insights.offering import offered_at
from insights.youth_meetings import tables_of
from office.models import Coalition
from office.refused import Refused
from people.access import BY_LINK, ORGANIZERS, SignedInRequest, access
from people.models import Organization
from people.roles import AgeBand
from people.token_pages import token_page
from walks.models import Attendance, Meeting

PAGE_SIZE = 20


@never_cache
@require_safe
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_list(request: SignedInRequest) -> HttpResponse:
    """What comes next, then those that were, with who was there in numbers."""
    now = timezone.now()
    coming = list(Meeting.objects.to_come(now))
    gone = Meeting.objects.exclude(pk__in=[one.pk for one in coming]).order_by("-starts_at", "-id")
    page = Paginator(gone, PAGE_SIZE).get_page(request.GET.get("page"))
    tables = {one.meeting.pk: one for one in tables_of(page.object_list)}
    context = {"coming": coming, "page": page, "past": [(one, tables[one.pk]) for one in page], "here": "meetings"}
    return render(request, "insights/meetings_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_new(request: SignedInRequest) -> HttpResponse:
    zone = Coalition.current().zone
    if request.method != "POST":
        return _form_page(request, MeetingForm(zone=zone, initial=_as_last_time(zone)))
    form = MeetingForm(request.POST, zone=zone)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    try:
        meeting = meetings.plan_meeting(
            by=request.user, public_id=form.cleaned_data["public_id"], **form.meeting_fields()
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return _form_page(request, form, status=400)
    messages.success(request, _("Planned. Its agenda is filled with what is open."))
    return redirect("insights:meeting", meeting.public_id)


def _as_last_time(zone: Any) -> dict[str, Any]:
    """The name, the clock and the place of the last one: most coalitions meet where and when they always do."""
    last = Meeting.objects.order_by("-starts_at", "-id").first()
    if last is None:
        return {}
    local = last.starts_at.astimezone(zone)
    return {"title": last.title, "clock": local.time(), "minutes": last.minutes, "place": last.place}


def _form_page(
    request: HttpRequest, form: MeetingForm, meeting: Meeting | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "meeting": meeting, "here": "meetings"}
    return render(request, "insights/meetings_form.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_change(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Its facts. Who comes second sees theirs and what stands there now before saving."""
    meeting, zone = get_object_or_404(Meeting, public_id=meeting_id), Coalition.current().zone
    if request.method != "POST":
        return _form_page(request, form_of_meeting(meeting, zone=zone), meeting)
    form = form_of_meeting(meeting, request.POST, zone=zone)
    if not form.is_valid():
        return _form_page(request, form, meeting, status=400)
    try:
        meetings.change_meeting(
            meeting=meeting, by=request.user, expected=form.cleaned_data["seen"], **form.meeting_fields()
        )
    except meetings.MeetingChanged as changed:
        _see_newest(form, changed.meeting)
        form.add_error(None, changed.message)
        context = {"form": form, "meeting": changed.meeting, "is_both": True, "here": "meetings"}
        return render(request, "insights/meetings_form.html", context, status=400)
    except Refused as refused:
        form.add_error(None, refused.message)
        return _form_page(request, form, meeting, status=400)
    messages.success(request, _("Saved."))
    return redirect("insights:meeting", meeting.public_id)


def _see_newest(form: MeetingForm | NoteForm, meeting: Meeting) -> None:
    """The next save goes by what is shown now."""
    names = meetings.NOTE if isinstance(form, NoteForm) else meetings.FACTS
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["seen"] = meetings.version_of(meeting, names)  # type: ignore[index]


# --- One meeting ------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_page(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    return _page(request, get_object_or_404(Meeting, public_id=meeting_id))


def _page(request: HttpRequest, meeting: Meeting, *, status: int = 200, **said: Any) -> HttpResponse:
    """`said` holds forms that couldn't be saved and what goes with them."""
    now = timezone.now()
    organizations = said.pop("organizations", None) or organizations_at(meeting)
    cells = said.pop("cells", None) or cells_of(meeting)
    blocks = said.pop("blocks", None) or table_form.blocks(cells, organizations, offered_at(meeting))
    current = [one for one in organizations if one.merged_into_id is None]
    decisions = with_words(Commitment.objects.filter(meeting=meeting)).order_by("created_at", "id")
    context = {
        "meeting": meeting,
        "here": "meetings",
        "today": timezone.localdate(now),
        "has_begun": meeting.starts_at - COUNT_FROM <= now,
        "is_over": meeting.ends_at < now,
        "agenda": agenda_of(meeting, now),
        "own": [line for line in map(str.strip, meeting.agenda.splitlines()) if line],
        "blocks": blocks,
        "n_people": sum(block.n for block in blocks),
        "organizations": current,
        "roles": Attendance.Role.choices,
        "bands": [(band.value, table_form.band_word(band)) for band in AgeBand],
        "decisions": list(decisions),
        "note_form": form_of_note(meeting),
        "promise_form": CommitmentForm(organizations=current),
        "calendar": calendar_url(meeting),
    }
    return render(request, "insights/meeting.html", context | said, status=status)


def organizations_at(meeting: Meeting) -> list[Organization]:
    """Those of today, and those that were counted here and were merged away since. One query."""
    counted = Attendance.objects.filter(meeting=meeting).values("organization")
    rows = Organization.objects.filter(Q(merged_into=None) | Q(pk__in=counted)).order_by("name")
    return list(rows.only("public_id", "name", "kind", "merged_into"))


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_count(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """The count: every line that was changed, and the button pressed. See `insights.table_form`."""
    meeting = get_object_or_404(Meeting, public_id=meeting_id)
    organizations = organizations_at(meeting)
    typed = table_form.read(request.POST, organizations)
    lost: dict[Cell, int] = {}
    if typed.problems:
        problem = " ".join(typed.problems.values())
    else:
        try:
            count_table(meeting=meeting, by=request.user, wanted=typed.wanted, one_more=typed.one_more)
        except TableChanged as changed:
            problem, lost = changed.message, changed.lost
        except Refused as refused:
            problem = refused.message
        else:
            return redirect(_at(meeting, _block_of(request.POST.get("do", ""))))
    cells = cells_of(meeting)
    blocks = table_form.blocks(cells, organizations, offered_at(meeting), typed=typed, lost=lost)
    said = {"organizations": organizations, "cells": cells, "blocks": blocks, "table_problem": problem}
    return _page(request, meeting, status=400, **said)


def _block_of(do: str) -> str:
    """Where on the page the button was."""
    key = do.split(":")[1] if do.count(":") else ""
    return f"at-{key}" if key else "table"


def _at(meeting: Meeting, part: str) -> str:
    return f"{reverse('insights:meeting', args=[meeting.public_id])}#{part}"


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_note(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    meeting = get_object_or_404(Meeting, public_id=meeting_id)
    form = form_of_note(meeting, request.POST)
    if not form.is_valid():
        return _page(request, meeting, status=400, note_form=form)
    try:
        meetings.change_meeting(
            meeting=meeting, by=request.user, expected=form.cleaned_data["seen"], note=form.cleaned_data["note"]
        )
    except meetings.MeetingChanged as changed:
        _see_newest(form, changed.meeting)
        said = {"note_form": form, "note_problem": changed.message, "note_meanwhile": changed.meeting.note}
        return _page(request, changed.meeting, status=400, **said)
    messages.success(request, _("Notes saved."))
    return redirect(_at(meeting, "notes"))


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_decide(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """A decision becomes a promise."""
    meeting = get_object_or_404(Meeting, public_id=meeting_id)
    organizations = organizations_at(meeting)
    form = CommitmentForm(request.POST, organizations=[one for one in organizations if one.merged_into_id is None])
    if form.is_valid():
        try:
            made = meetings.decide(meeting=meeting, by=request.user, **form.commitment_fields())
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _will_be_reminded(made))
            return redirect(_at(meeting, "decisions"))
    return _page(request, meeting, status=400, organizations=organizations, promise_form=form)


def _will_be_reminded(made: Commitment) -> str:
    if made.owner_email:
        return _("Written down. They get a link and are reminded three days before, and on the day.")
    return _("Written down. They have no e-mail address: nobody is reminded by mail, so call them.")


@require_POST
@access("meeting", "manage", allow=ORGANIZERS)
def meeting_call_off(request: SignedInRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """`do=off`, or `do=on` to take that back."""
    meeting = get_object_or_404(Meeting, public_id=meeting_id)
    is_off = request.POST.get("do") != "on"
    action = meetings.call_off_meeting if is_off else meetings.hold_meeting_after_all
    try:
        action(meeting=meeting, by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Called off.") if is_off else _("It is held after all."))
    return redirect("insights:meeting", meeting.public_id)


@require_safe
@access("meeting.calendar", "view", allow=BY_LINK)
@token_page
def meeting_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever was invited: when and where, nothing else."""
    meeting = meeting_of_token(token)
    if meeting is None:
        raise Http404("not a link of ours")
    response = HttpResponse(
        calendar_of_meeting(meeting, Coalition.current()), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response
