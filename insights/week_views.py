"""The weekly page at the desk: read it, choose and word what is stuck, send it; who gets it; what was kept."""

import uuid
from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insights import week_keeping, week_readers, week_sending
from insights.models import Reader, Snapshot
from insights.week_days import DAYS, monday_of
from insights.week_forms import ReaderForm, WordsForms
from insights.week_pdf import week_pdf
from insights.week_words import sheet_of
from office.models import Coalition
from office.pdf import pdf_response
from office.refused import Refused
from people.access import ORGANIZERS, SignedInRequest, access
from walks.telling import UNDO_FOR

MOST_KEPT = 53


def may_see_help(request: SignedInRequest) -> bool:
    """The section about help is for nobody behind the wall. At most one query."""
    return not request.user.is_walled


@require_safe
@access("report.weekly", "keep", allow=ORGANIZERS)
@never_cache
def week_list(request: SignedInRequest) -> HttpResponse:
    """The week that waits to be read, the earlier ones, and how many get it."""
    kept = list(Snapshot.objects.weeks().newest_versions().order_by("kind", "-starts_on", "-version")[:MOST_KEPT])
    last = monday_of(timezone.localtime(timezone.now(), Coalition.current().zone).date()) - DAYS
    context = {
        "kept": kept,
        "last": last,
        "is_counted": any(one.starts_on == last for one in kept),
        "n_readers": Reader.objects.listening().count(),
    }
    return render(request, "insights/week_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("report.weekly", "keep", allow=ORGANIZERS)
@never_cache
def week(request: SignedInRequest, monday: date) -> HttpResponse:
    """One week as the table sees it, with the words to choose. `?version=` shows an earlier count as it was."""
    snapshot = _of_week(request, monday)
    if request.method != "POST":
        return _page(request, snapshot)
    forms = WordsForms(snapshot, request.POST, may_see_help=may_see_help(request))
    if not forms.is_valid():
        return _page(request, snapshot, forms, seen=request.POST.get("seen", ""), status=400)
    try:
        week_keeping.write_words(
            snapshot=snapshot,
            slots=forms.chosen(),
            note=forms.note.cleaned_data,
            by=request.user,
            expected=request.POST.get("seen", ""),
        )
    except Refused as refused:
        snapshot.refresh_from_db()
        forms.note.add_error(None, refused.message)
        return _page(request, snapshot, forms, status=400)
    messages.success(request, _("Saved. Read it once more, then send it to the table."))
    return redirect("insights:week", monday)


def _of_week(request: HttpRequest, monday: date) -> Snapshot:
    """The newest version, or the one that is asked for."""
    versions = Snapshot.objects.weeks().filter(starts_on=monday).order_by("-version")
    asked = request.GET.get("version", "")
    if asked.isdecimal() and len(asked) < 5:
        versions = versions.filter(version=int(asked))
    found = versions.first()
    if found is None:
        raise Http404("no such week")
    return found


def _page(
    request: SignedInRequest,
    snapshot: Snapshot,
    forms: WordsForms | None = None,
    *,
    seen: str = "",
    status: int = 200,
) -> HttpResponse:
    now, with_help = timezone.now(), may_see_help(request)
    versions = list(Snapshot.objects.weeks().filter(starts_on=snapshot.starts_on).order_by("-version"))
    is_newest = versions[0].pk == snapshot.pk
    context = {
        **sheet_of(snapshot, coalition=Coalition.current(), with_help=with_help),
        "forms": forms or WordsForms(snapshot, may_see_help=with_help),
        "seen": seen or week_keeping.words_version(snapshot),
        "versions": versions,
        "is_newest": is_newest,
        "may_edit": is_newest and snapshot.sent_at is None,
        "may_take_back": snapshot.sent_at is not None and snapshot.sent_at + UNDO_FOR > now,
        "n_readers": Reader.objects.listening().count(),
        "pdf": "insights:week_pdf",
    }
    return render(request, "insights/week.html", context, status=status)


@require_safe
@access("report.weekly", "keep", allow=ORGANIZERS)
@never_cache
def week_file(request: SignedInRequest, monday: date) -> HttpResponse:
    return pdf_of(_of_week(request, monday), with_help=may_see_help(request))


def pdf_of(snapshot: Snapshot, *, with_help: bool) -> HttpResponse:
    """In the active language."""
    pdf = week_pdf(snapshot, coalition=Coalition.current(), with_help=with_help)
    return pdf_response(pdf, name=f"week-{snapshot.starts_on:%Y-%m-%d}-{get_language()}")


# --- What is done with a week ---


@require_POST
@access("report.weekly", "keep", allow=ORGANIZERS)
def week_count(request: SignedInRequest) -> HttpResponse:
    """Count a week (again): `monday` names it."""
    try:
        monday = date.fromisoformat(request.POST.get("monday", ""))
        made = week_keeping.make_week(monday, by=request.user)
    except ValueError:
        messages.error(request, _("Choose a week: its Monday, like 2026-11-16."))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Counted. Read it, then send it to the table."))
        return redirect("insights:week", made.starts_on)
    return redirect("insights:week_list")


@require_POST
@access("report.weekly", "keep", allow=ORGANIZERS)
def week_send(request: SignedInRequest, monday: date) -> HttpResponse:
    snapshot = _of_week(request, monday)
    try:
        n = week_sending.send_week(snapshot=snapshot, by=request.user, expected=request.POST.get("seen", ""))
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        words = ngettext("It goes to %(n)d reader in a minute.", "It goes to %(n)d readers in a minute.", n)
        messages.success(request, words % {"n": n} + " " + _("Until then you can take it back."))
    return redirect("insights:week", monday)


@require_POST
@access("report.weekly", "keep", allow=ORGANIZERS)
def week_take_back(request: SignedInRequest, monday: date) -> HttpResponse:
    try:
        week_sending.take_back_week(snapshot=_of_week(request, monday), by=request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Taken back. Nobody got it."))
    return redirect("insights:week", monday)


# --- Who gets it ---


@require_http_methods(["GET", "HEAD", "POST"])
@access("report.weekly", "keep", allow=ORGANIZERS)
@never_cache
def week_readers_page(request: SignedInRequest) -> HttpResponse:
    form = ReaderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            week_readers.add_reader(by=request.user, **form.reader_fields())
        except Refused as refused:
            form.add_error("email", refused.message)
        else:
            messages.success(request, _("Added. The next page goes to them, too."))
            return redirect("insights:week_readers")
    return _readers(request, form, now=timezone.now())


def _readers(request: SignedInRequest, form: ReaderForm, *, now: datetime) -> HttpResponse:
    rows = list(Reader.objects.select_related("organization").order_by("stopped_at", "organization__name", "email"))
    walled = week_readers.walled_addresses([one.email for one in rows], now)
    context = {
        "readers": [(one, week_readers.is_walled(one, walled)) for one in rows],
        "n": sum(one.stopped_at is None for one in rows),
        "form": form,
    }
    return render(request, "insights/week_readers.html", context, status=400 if form.errors else 200)


@require_POST
@access("report.weekly", "keep", allow=ORGANIZERS)
def week_readers_contacts(request: SignedInRequest) -> HttpResponse:
    n = week_readers.add_contacts(by=request.user)
    messages.success(request, ngettext("%(n)d reader is new.", "%(n)d readers are new.", n) % {"n": n})
    return redirect("insights:week_readers")


@require_POST
@access("report.weekly", "keep", allow=ORGANIZERS)
def week_reader(request: SignedInRequest, reader_id: uuid.UUID) -> HttpResponse:
    """`do=stop|again|link`."""
    reader = get_object_or_404(Reader.objects.select_related("organization"), public_id=reader_id)
    do = request.POST.get("do", "")
    try:
        if do == "stop":
            week_readers.stop_reader(reader=reader, by=request.user)
            messages.success(request, _("They get it no more."))
        elif do == "again":
            week_readers.add_reader(
                email=reader.email,
                name=reader.name,
                language=reader.language,
                organization=reader.organization,
                by=request.user,
            )
            messages.success(request, _("The next page goes to them again."))
        elif do == "link":
            week_readers.renew_link(reader=reader, by=request.user)
            messages.success(request, _("Their old link leads nowhere. The next mail has a new one."))
        else:
            messages.error(request, _("Choose what to do with this reader."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("insights:week_readers")
