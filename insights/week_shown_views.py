"""The weekly page for those it is made for: partners by sign-in, readers by the link of their mail. Sent pages only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insights.models import Reader, Snapshot
from insights.week_readers import is_walled, reader_of_token, stop_reader, walled_addresses
from insights.week_sending import out
from insights.week_views import may_see_help, pdf_of
from insights.week_words import sheet_of
from office.models import Coalition
from office.partner import Section
from people.access import BY_LINK, SIGNED_IN, SignedInRequest, access
from people.models import Organization
from people.token_pages import token_page

MOST_EARLIER = 26


def _sent() -> list[Snapshot]:
    """Sent pages, the newest week first. One query."""
    return list(out(timezone.now()).order_by("kind", "-starts_on", "-version")[:MOST_EARLIER])


def _of(weeks: list[Snapshot], monday: date | str | None) -> Snapshot | None:
    """The week that is asked for, else the newest; None where nothing was sent."""
    if not monday:
        return weeks[0] if weeks else None
    found = next((one for one in weeks if one.starts_on.isoformat() == str(monday)), None)
    if found is None:
        raise Http404("no such week")
    return found


def _context(shown: Snapshot | None, *, with_help: bool) -> dict[str, Any]:
    coalition = Coalition.current()
    return sheet_of(shown, coalition=coalition, with_help=with_help) if shown else {}


# --- By sign-in ---


def section(*, request: SignedInRequest, organizations: Sequence[Organization]) -> Section | None:
    """The way to the weekly page, on the partner's page. No query."""
    if not organizations:
        return None
    return Section("week", _("The week"), "insights/_week_section.html")


def _partners_only(request: SignedInRequest) -> None:
    """Organizers, and who works for a partner organization. One query."""
    if not request.user.is_organizer and not request.user.organization_ids:
        raise PermissionDenied


@require_safe
@access("report.weekly", "view", allow=SIGNED_IN)
@never_cache
def partner_week_latest(request: SignedInRequest) -> HttpResponse:
    return _partner_page(request, None)


@require_safe
@access("report.weekly", "view", allow=SIGNED_IN)
@never_cache
def partner_week(request: SignedInRequest, monday: date) -> HttpResponse:
    return _partner_page(request, monday)


def _partner_page(request: SignedInRequest, monday: date | None) -> HttpResponse:
    _partners_only(request)
    weeks = _sent()
    shown = _of(weeks, monday)
    links = [(one, reverse("insights:partner_week", args=[one.starts_on])) for one in weeks]
    pdf = reverse("insights:partner_week_pdf", args=[shown.starts_on]) if shown else ""
    context = {**_context(shown, with_help=may_see_help(request)), "weeks": links, "pdf_url": pdf}
    return render(request, "insights/week_shown.html", context)


@require_safe
@access("report.weekly", "view", allow=SIGNED_IN)
@never_cache
def partner_week_pdf(request: SignedInRequest, monday: date) -> HttpResponse:
    _partners_only(request)
    shown = _of(_sent(), monday)
    assert shown is not None
    return pdf_of(shown, with_help=may_see_help(request))


# --- By the link of a mail ---


def _reader(token: str) -> tuple[Reader, bool]:
    """Whose link it is, and whether they see what is about help. Raises Http404. Two queries."""
    reader = reader_of_token(token)
    if reader is None:
        raise Http404("no such link")
    return reader, not is_walled(reader, walled_addresses([reader.email], timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@access("report.weekly", "link", allow=BY_LINK)
@token_page
def week_link(request: HttpRequest, token: str) -> HttpResponse:
    """`?week=` a Monday, else the newest. Looking changes nothing; `do=stop` by POST ends the mails."""
    reader, with_help = _reader(token)
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            stop_reader(reader=reader)
            messages.success(request, _("Stopped. We write to you about the week no more."))
        return redirect("insights:week_link", token)
    weeks = _sent()
    shown = _of(weeks, request.GET.get("week"))
    here = reverse("insights:week_link", args=[token])
    pdf = reverse("insights:week_link_pdf", args=[token, shown.starts_on]) if shown else ""
    context = {
        **_context(shown, with_help=with_help),
        "weeks": [(one, f"{here}?week={one.starts_on.isoformat()}") for one in weeks],
        "pdf_url": pdf,
        "reader": reader,
    }
    return render(request, "insights/week_shown.html", context)


@require_safe
@access("report.weekly", "link", allow=BY_LINK)
@token_page
def week_link_pdf(request: HttpRequest, token: str, monday: date) -> HttpResponse:
    _who, with_help = _reader(token)
    shown = _of(_sent(), monday)
    assert shown is not None
    return pdf_of(shown, with_help=with_help)
