"""Many concerns at once: do it, see what became of each, take it back. And the views of the list under a name."""

import uuid
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from concerns import bulk
from concerns.access import concerns_for
from concerns.bulk_forms import BulkForm, ViewForm
from concerns.desk_filters import asked_for, desk_filter
from concerns.filters import BadFilter
from concerns.models import BulkMove, Concern, SavedFilter
from concerns.saved_views import change_view, known_query, save_view, views_for
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access

LIST = "/desk/concerns/"


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def desk_bulk(request: SignedInRequest) -> HttpResponse:
    """Do one thing to everything ticked, or to all under the filters, and lead to the list of what became of each."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "chosen": request.POST.getlist("concern")}
        return render(request, "concerns/bulk_again.html", context, status=400)
    back = _ours(form.cleaned_data["back"])
    try:
        move = bulk.do_many(
            concerns=_chosen(request, form.cleaned_data),
            by=request.user,
            order=form.order(),
            as_of=form.cleaned_data["as_of"],
        )
    except (Refused, BadFilter) as refusal:
        messages.warning(request, refusal.message)
        return redirect(back)
    if move.items.count() == 1:  # the list itself tells of one
        return redirect(back)
    return redirect(f"{reverse('concerns:bulk_result', args=[move.public_id])}?{urlencode({'back': back})}")


def _ours(back: str) -> str:
    """Where the person came from, if it is the desk's list or a concern; else the list."""
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(LIST)
    return back if is_ours else LIST


def _chosen(request: SignedInRequest, given: dict[str, Any]) -> list[Concern]:
    """The concerns that were meant and that this person may see. One query. Raises BadFilter."""
    rows = concerns_for(request.user)
    if given["all"]:
        rows = asked_for(rows, desk_filter(QueryDict(given["query"]))).filter(received_at__lte=given["as_of"])
    else:
        rows = rows.filter(public_id__in=_numbers(request.POST.getlist("concern")))
    return list(rows.order_by("id").only("id")[: bulk.MOST_AT_ONCE + 1])


def _numbers(texts: list[str]) -> list[uuid.UUID]:
    numbers = []
    for text in texts:
        try:
            numbers.append(uuid.UUID(text))
        except ValueError:
            continue
    return numbers


def _move_or_404(public_id: uuid.UUID) -> BulkMove:
    """One query."""
    return get_object_or_404(bulk.with_counts(BulkMove.objects.select_related("by__person")), public_id=public_id)


@require_safe
@access("desk.concerns", "decide", allow=ORGANIZERS)
def bulk_result(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """What became of each, the skipped ones first and by their reason."""
    return _result_page(request, _move_or_404(public_id))


def _result_page(request: HttpRequest, move: BulkMove, *, problem: str = "") -> HttpResponse:
    items = list(move.items.select_related("concern__category", "concern__segment__corridor").order_by("skipped", "id"))
    context = {
        "move": move,
        "problem": problem,
        "skipped": _by_reason([item for item in items if item.skipped], "skipped"),
        "refused": _by_reason([item for item in items if item.undo_refused], "undo_refused"),
        "done": [item for item in items if not item.skipped],
        "may_undo": move.can_be_undone(timezone.now()),
        "undo_until": move.at + bulk.UNDO_WITHIN,
        "back": _ours(request.GET.get("back") or request.POST.get("back", "")),
    }
    return render(request, "concerns/bulk_result.html", context, status=409 if problem else 200)


def _by_reason(items: list[Any], name: str) -> list[tuple[str, list[Any]]]:
    def reason(item: Any) -> str:
        return str(getattr(item, name))

    return [(words, list(group)) for words, group in groupby(sorted(items, key=reason), key=reason)]


@require_POST
@access("desk.concerns", "decide", allow=ORGANIZERS)
def bulk_undo(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take it back, and lead to the list of what was taken back and what wasn't."""
    move, back = _move_or_404(public_id), _ours(request.POST.get("back", ""))
    try:
        bulk.undo(move=move, by=request.user)
    except Refused as refusal:
        return _result_page(request, move, problem=refusal.message)
    if move.items.exclude(undo_refused="").exists():
        return redirect(f"{reverse('concerns:bulk_result', args=[public_id])}?{urlencode({'back': back})}")
    messages.success(request, _("Taken back."))
    return redirect(back)


# Views of the list under a name.


@require_http_methods(["GET", "HEAD", "POST"])
@access("desk.saved_view", "list", allow=ORGANIZERS)
def saved_views(request: SignedInRequest) -> HttpResponse:
    """One's own views to rename, share and delete; by POST the present filters are kept as a new one."""
    if request.method != "POST":
        return _views_page(request)
    form = ViewForm(request.POST)
    if form.is_valid():
        try:
            view = save_view(user=request.user, query=request.POST.get("query", ""), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", refusal.message)
        else:
            messages.success(request, _("The view is kept."))
            return redirect(f"{LIST}?{view.query}")
    return _views_page(request, new=form, query=request.POST.get("query", ""))


def _views_page(request: SignedInRequest, *, query: str = "", **forms: ViewForm) -> HttpResponse:
    """The page of views. `new` is a form that was refused, `changed` one of an own view with its `view`."""
    views = list(views_for(request.user))
    changed = forms.get("changed")
    lines = [(view, _form_of(view, changed)) for view in views if view.user_id == request.user.pk]
    try:
        query = known_query(query)
    except Refused:
        query = ""
    context = {
        "lines": lines,
        "others": [view for view in views if view.user_id != request.user.pk],
        "new": forms.get("new"),
        "changed": changed,
        "query": query,
    }
    return render(request, "concerns/saved_views.html", context, status=400 if forms else 200)


def _form_of(view: SavedFilter, changed: ViewForm | None) -> ViewForm:
    prefix = f"v{view.pk}"
    if changed is not None and changed.prefix == prefix:
        return changed
    return ViewForm(initial={"name": view.name, "is_shared": view.is_shared}, prefix=prefix)


def _own_view(request: SignedInRequest, public_id: uuid.UUID) -> SavedFilter:
    return get_object_or_404(SavedFilter, public_id=public_id, user=request.user)


@require_POST
@access("desk.saved_view", "change", allow=ORGANIZERS)
def saved_view_change(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    view = _own_view(request, public_id)
    form = ViewForm(request.POST, prefix=f"v{view.pk}")
    if form.is_valid():
        try:
            change_view(view=view, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", refusal.message)
    if form.errors:
        return _views_page(request, changed=form)
    messages.success(request, _("The view is changed."))
    return redirect("concerns:saved_views")


@require_POST
@access("desk.saved_view", "change", allow=ORGANIZERS)
def saved_view_delete(request: SignedInRequest, public_id: uuid.UUID) -> HttpResponse:
    _own_view(request, public_id).delete()
    messages.success(request, _("The view is deleted. The concerns stay as they are."))
    return redirect("concerns:saved_views")
