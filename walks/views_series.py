"""The desk's pages about series of walks, and the next walk like one."""

import uuid
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from walks.access import get_walk_for
from walks.copying import copy_walk, likely_day
from walks.models import Walk, WalkSeries
from walks.recurrence import in_words, read_rule
from walks.series import (
    SeriesChangedMeanwhile,
    change_series,
    end_series,
    plan_end,
    plan_series_change,
    schedule_series,
)
from walks.series_forms import CopyForm, SeriesForm
from walks.series_plan import Plan, future_walks
from walks.series_words import difference_lines, series_differences
from walks.telling import UNDO_FOR

PER_PAGE = 40
N_PAST = 12


@require_safe
@access("walk", "schedule", allow=ORGANIZERS)
def series_list(request: SignedInRequest) -> HttpResponse:
    """Series that go on; `?show=ended` those that ended."""
    now = timezone.now()
    tab = "ended" if request.GET.get("show") == "ended" else "going"
    is_over = Q(ended_at__isnull=False) | Q(ends_on__lt=now.date())
    rows = WalkSeries.objects.select_related("corridor", "lead").order_by("title", "id")
    ahead = Q(walks__deleted_at=None, walks__meet_at__gt=now) & ~Q(walks__state=Walk.State.CALLED_OFF)
    shown = rows.filter(is_over) if tab == "ended" else rows.exclude(is_over)
    shown = shown.annotate(n_ahead=Count("walks", filter=ahead), next_at=Min("walks__meet_at", filter=ahead))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    lines = [{"series": one, "words": words_of(one)} for one in page]
    counts = rows.order_by().aggregate(ended=Count("id", filter=is_over), all=Count("id"))
    tabs = [
        {"key": "going", "name": _("Going on"), "n": counts["all"] - counts["ended"]},
        {"key": "ended", "name": _("Ended"), "n": counts["ended"]},
    ]
    return render(request, "walks/series_list.html", {"page": page, "lines": lines, "tab": tab, "tabs": tabs})


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "schedule", allow=ORGANIZERS)
def series_new(request: SignedInRequest) -> HttpResponse:
    form = SeriesForm(request.POST or None, initial=_from_address(request))
    if request.method == "POST" and form.is_valid():
        try:
            series = schedule_series(by=request.user, **form.walk_fields())
        except ValidationError as error:
            _add_errors(form, error)
        else:
            n_walks = series.walks.count()
            words = ngettext("Saved, with %(n)d walk.", "Saved, with %(n)d walks.", n_walks) % {"n": n_walks}
            messages.success(request, words)
            return redirect("walks:series", series.public_id)
    return render(request, "walks/series_form.html", {"form": form})


@require_safe
@access("walk", "schedule", allow=ORGANIZERS)
def series_detail(request: SignedInRequest, series_id: uuid.UUID) -> HttpResponse:
    """One series: its rule in words, its walks, and what is different on each of them."""
    now = timezone.now()
    series = _series(series_id)
    ahead = list(future_walks(series, now))
    past = series.walks.current().filter(meet_at__lte=now).order_by("-meet_at")[:N_PAST]
    context = {
        "series": series,
        "words": words_of(series),
        "lines": [{"walk": walk, "own": difference_lines(walk, series)} for walk in ahead],
        "past": past,
        "is_over": series.ended_at is not None,
    }
    return render(request, "walks/series_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "schedule", allow=ORGANIZERS)
def series_edit(request: SignedInRequest, series_id: uuid.UUID) -> HttpResponse:
    """First what would become of the walks; it is done when exactly that is sent again with `save`."""
    series = _series(series_id)
    form = SeriesForm(request.POST or None, instance=series)
    context: dict[str, Any] = {"series": series, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("save") != _digest(request):
                context["digest"] = _digest(request)
                context["plan"] = plan_series_change(series, form.walk_fields(), now=timezone.now())
                context["new_words"] = words_of_fields(form)
            else:
                cleaned = form.cleaned_data
                plan = change_series(
                    series=WalkSeries.objects.get(pk=series.pk),
                    by=request.user,
                    expected=cleaned["seen"],
                    tell=cleaned["tell"],
                    waits=UNDO_FOR,
                    **form.walk_fields(),
                )
                messages.success(request, _say(plan))
                return redirect("walks:series", series.public_id)
        except ValidationError as error:
            _add_errors(form, error)
        except SeriesChangedMeanwhile as conflict:
            _show_both(form, conflict, context)
        except Refused as refused:
            form.add_error(None, refused.message)
    return render(request, "walks/series_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "schedule", allow=ORGANIZERS)
def series_end(request: SignedInRequest, series_id: uuid.UUID) -> HttpResponse:
    """Which walks go with the series and which stay; then it ends."""
    series = _series(series_id)
    if request.method == "POST":
        try:
            plan = end_series(series=series, by=request.user)
        except Refused as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, _("The series has ended.") + " " + _say(plan))
        return redirect("walks:series", series.public_id)
    plan = plan_end(series, list(future_walks(series, timezone.now())))
    return render(request, "walks/series_end.html", {"series": series, "words": words_of(series), "plan": plan})


@require_http_methods(["GET", "HEAD", "POST"])
@access("walk", "schedule", allow=ORGANIZERS)
def desk_copy(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """The next walk like this one, from one screen. `?day=` is another day than the likely one."""
    walk = get_walk_for(request, public_id)
    day = _day_of(request) or likely_day(walk, now=timezone.now())
    form = CopyForm(request.POST or None, walk=walk, day=day)
    if request.method == "POST" and form.is_valid():
        try:
            copy = copy_walk(walk=walk, by=request.user, **form.copy_fields())
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The next walk is there, as a draft. Look it over and publish it."))
            return redirect("walks:desk_detail", copy.public_id)
    context = {"walk": walk, "form": form, "n_teams": walk.teams.count(), "n_roles": walk.role_needs.count()}
    return render(request, "walks/copy_form.html", context)


def _digest(request: HttpRequest) -> str:
    """What was typed, as a few letters: what was looked at is what is saved, also when somebody presses Enter."""
    apart = {"csrfmiddlewaretoken", "save"}
    typed = sorted((name, values) for name, values in request.POST.lists() if name not in apart)
    return sha256(repr(typed).encode()).hexdigest()[:32]


def words_of(series: WalkSeries) -> str:
    """How often it comes, in words."""
    return in_words(read_rule(series.rule), starts_on=series.starts_on)


def words_of_fields(form: SeriesForm) -> str:
    return in_words(read_rule(form.cleaned_data["rule"]), starts_on=form.cleaned_data["day"])


def _series(series_id: uuid.UUID) -> WalkSeries:
    rows = WalkSeries.objects.select_related("corridor", "lead", "lead_organization", "meeting_landmark")
    return get_object_or_404(rows, public_id=series_id)


def _from_address(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("corridor", "day") if name in request.GET}


def _day_of(request: HttpRequest) -> Any:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def _add_errors(form: SeriesForm, error: ValidationError) -> None:
    """What the model refuses, at the field where there is one."""
    fields = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
    for name, sentences in fields.items():
        for sentence in sentences:
            form.add_error(form.field_of(name), sentence)


def _show_both(form: SeriesForm, conflict: SeriesChangedMeanwhile, context: dict[str, Any]) -> None:
    """Keep what was typed, show what is stored beside it, and let the next press save what was typed."""
    form.add_error(None, conflict.message)
    context["both"] = series_differences(conflict.series, form.walk_fields())
    data = form.data.copy()  # type: ignore[attr-defined]
    data[form.add_prefix("seen")] = conflict.series.updated_at.isoformat()
    form.data = data


def _say(plan: Plan) -> str:
    """“5 walks changed, 2 keep something of their own, 1 deleted.”"""
    parts = []
    if n := len(plan.changing):
        parts.append(ngettext("%(n)d walk changed", "%(n)d walks changed", n) % {"n": n})
    if n := len(plan.keeping):
        words = ngettext("%(n)d keeps something of its own", "%(n)d keep something of their own", n)
        parts.append(words % {"n": n})
    if n := len(plan.new_days):
        parts.append(ngettext("%(n)d new walk", "%(n)d new walks", n) % {"n": n})
    if n := len(plan.leaving):
        parts.append(ngettext("%(n)d walk deleted", "%(n)d walks deleted", n) % {"n": n})
    if n := len(plan.staying):
        parts.append(ngettext("%(n)d walk stays", "%(n)d walks stay", n) % {"n": n})
    return (_("Saved: %(what)s.") % {"what": ", ".join(parts)}) if parts else _("Saved.")
