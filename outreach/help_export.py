"""Requests for help as a file for a spreadsheet, for coordinators alone. Who it was only with a yes in force."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.cells import safe_cell
from office.refused import Refused
from outreach.help_access import requests_for
from outreach.models import Consent, HelpRequest, Referral
from people.models import User

MOST_ROWS = 10_000
CHUNK = 500
COLUMNS = ["id", "asked_on", "needs", "language", "source", "closed_on", "states", "outcomes", "answered_in_time"]
WHO = ["name", "phone", "email"]


@dataclass(frozen=True)
class Export:
    """What was asked for and written down: the rows' numbers, and whether names go along."""

    numbers: list[int]
    with_names: bool
    since: date
    until: date

    @property
    def file_name(self) -> str:
        return f"help-requests-{self.since:%Y-%m-%d}-{self.until:%Y-%m-%d}.csv"


@transaction.atomic
def start_export(*, by: User, since: date, until: date, reason: str, with_names: bool) -> Export:
    """Which requests were asked within these days (of the coalition's zone), written down before any row leaves.

    Raises Refused where `by` may not, no reason is given or the file would be too long.
    """
    if not by.may_see_help:
        raise Refused(_("Only coordinators take requests for help out."))
    if not (reason := " ".join(reason.split())):
        raise Refused(_("Say what the file is for. It is kept with the export."))
    begin, end = (timezone.make_aware(datetime.combine(day, time())) for day in (since, until + timedelta(days=1)))
    rows = requests_for(by).filter(created_at__gte=begin, created_at__lt=end).order_by("created_at", "id")
    numbers = list(rows.values_list("pk", flat=True))
    if len(numbers) > MOST_ROWS:
        raise Refused(
            _("There are %(n)d requests in these days, and a file holds %(most)d. Choose fewer days.")
            % {"n": len(numbers), "most": MOST_ROWS}
        )
    detail = {"n": len(numbers), "with_names": with_names, "since": since.isoformat(), "until": until.isoformat()}
    record(actor=by, action="export", resource="help_request", reason=reason, detail=detail)
    return Export(numbers, with_names, since, until)


class _Echo:
    """A file for `csv` that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines_of(export: Export) -> Iterator[str]:
    """The file, line by line. Three queries for each 500 requests."""
    writer = csv.writer(_Echo())
    yield writer.writerow([*COLUMNS, *(WHO if export.with_names else [])])
    for start in range(0, len(export.numbers), CHUNK):
        for request in _some(export.numbers[start : start + CHUNK]):
            yield writer.writerow([safe_cell(cell) for cell in _cells(request, export.with_names)])


def _some(numbers: list[int]) -> list[HelpRequest]:
    yes = Consent.objects.in_force(timezone.now()).exclude(scope=Consent.Scope.NOTHING)
    referrals = Prefetch("referrals", Referral.objects.order_by("id"))
    rows = HelpRequest.objects.filter(pk__in=numbers).order_by("created_at", "id")
    return list(rows.prefetch_related(referrals, Prefetch("consents", yes, to_attr="yes_in_force")))


def _cells(request: HelpRequest, with_names: bool) -> list[str]:
    referrals = list(request.referrals.all())
    cells = [
        str(request.public_id)[:8],
        f"{timezone.localtime(request.created_at):%Y-%m-%d}",
        ", ".join(request.needs),
        request.language,
        request.source,
        f"{timezone.localtime(request.closed_at):%Y-%m-%d}" if request.closed_at else "",
        "; ".join(f"{one.need}: {one.state}" for one in referrals),
        "; ".join(f"{one.need}: {one.outcome}" for one in referrals if one.outcome),
        "; ".join(f"{one.need}: {_in_time(one)}" for one in referrals),
    ]
    if not with_names:
        return cells
    may = bool(request.yes_in_force)  # type: ignore[attr-defined]
    return cells + ([request.name, request.phone, request.email] if may else ["", "", ""])


def _in_time(referral: Referral) -> str:
    """Whether the agency's first answer came by its day; an answer that can still come in time is `waiting`."""
    if referral.mode == Referral.Mode.LOGGED:
        return "called"
    if referral.answered_at is not None:
        return "yes" if referral.answered_at <= referral.due_at else "no"
    return "waiting" if referral.is_open and referral.due_at >= timezone.now() else "no"
