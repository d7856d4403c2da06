"""The directory as files: HSDS for other systems, cards for who has no phone, and what partners send us."""

import hashlib
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from office.models import Coalition
from office.pdf import make_pdf, pdf_response
from outreach.directory import find
from outreach.directory_forms import FindForm, ImportForm
from outreach.hsds_files import NotReadable
from outreach.hsds_read import Report, import_services, rejected_csv
from outreach.hsds_write import NAME, export, write_zip
from outreach.models import Service
from people.access import EVERYBODY, ORGANIZERS, SignedInRequest, access

MOST_CARDS, CARDS_ON_A_SHEET = 200, 8


@require_safe
@access("service", "view", allow=EVERYBODY)
def hsds_zip(request: HttpRequest) -> HttpResponse:
    """All services as HSDS CSV. The same directory is the same bytes, so that who asks again gets a 304."""
    data = write_zip(export())
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    response = HttpResponse(data, content_type="application/zip", headers={"ETag": etag})
    response["Content-Disposition"] = f'attachment; filename="{NAME}.zip"'
    return response


@require_safe
@access("service", "view", allow=EVERYBODY)
def cards_pdf(request: HttpRequest) -> HttpResponse:
    """What `/services/` finds with the same address, as cards to cut out: eight on a sheet."""
    coalition = Coalition.current()
    local = timezone.now().astimezone(coalition.zone)
    found = list(find(FindForm(request.GET).asked(), local)[: MOST_CARDS + 1])
    context = {
        "sheets": list(_sheets(found[:MOST_CARDS])),
        "is_cut": len(found) > MOST_CARDS,
        "local": local,
        "coalition": coalition,
    }
    pdf = make_pdf("outreach/directory_cards.html", context, styles=["css/service-cards.css"])
    return pdf_response(pdf, name="service-cards")


def _sheets(services: Sequence[Service]) -> list[list[Service]]:
    left = iter(services)
    return list(iter(lambda: list(islice(left, CARDS_ON_A_SHEET)), []))


@require_http_methods(["GET", "HEAD", "POST"])
@access("service.desk", "import", allow=ORGANIZERS)
def desk_import(request: SignedInRequest) -> HttpResponse:
    """A file from a partner: first what it would do, then, sent again, it is done. Rejected rows come back as CSV."""
    form = ImportForm(request.POST or None, request.FILES or None)
    report: Report | None = None
    if request.method == "POST" and form.is_valid():
        wants = request.POST.get("act")
        try:
            report = _import(request, form, is_dry=wants != "import")
        except NotReadable as problem:
            form.add_error("file", str(problem))
        else:
            if wants == "rejected" and report.rejected:
                response = HttpResponse(rejected_csv(report.rejected), content_type="text/csv; charset=utf-8")
                response["Content-Disposition"] = 'attachment; filename="rejected.csv"'
                return response
            if wants == "import":
                return _done(request, report)
    context = {"form": form, "report": report}
    return render(request, "outreach/directory_import.html", context, status=400 if form.errors else 200)


def _import(request: SignedInRequest, form: ImportForm, *, is_dry: bool) -> Report:
    file = form.cleaned_data["file"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("sent.zip" if file.name.lower().endswith(".zip") else "sent.csv")
        path.write_bytes(file.read())
        return import_services(path, by=request.user, is_dry=is_dry)


def _done(request: SignedInRequest, report: Report) -> HttpResponse:
    n = report.done["added"] + report.done["changed"]
    messages.success(request, ngettext("%(n)d service is in.", "%(n)d services are in.", n) % {"n": n})
    if report.rejected:
        words = ngettext("%(n)d row was left out.", "%(n)d rows were left out.", len(report.rejected))
        messages.warning(request, words % {"n": len(report.rejected)})
    if report.kept:
        messages.warning(
            request, _("Left alone, because changed here since: %(names)s") % {"names": ", ".join(report.kept[:10])}
        )
    return redirect("outreach:desk_services")
