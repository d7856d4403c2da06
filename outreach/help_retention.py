"""How long requests for help keep what belongs to people: 90 days after they were closed (promise 3)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from office.retention import Rule
from outreach.helping import close_help, forget_help, withdraw_consent
from outreach.models import Consent, HelpRequest
from outreach.workflow import Party

AFTER_CLOSING = timedelta(days=90)
SILENT_FOR = timedelta(days=180)


def _closed(now: datetime) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(closed_at__lt=now - AFTER_CLOSING, forgotten_at=None)


def _silent(now: datetime) -> QuerySet[HelpRequest]:
    """Open ones about which nobody did anything for half a year."""
    return HelpRequest.objects.open().filter(touched_at__lt=now - SILENT_FOR)


def _forget(rows: QuerySet[HelpRequest], now: datetime) -> None:
    for request in rows:
        forget_help(help_request=request)


def _close(rows: QuerySet[Any], now: datetime) -> None:
    for request in rows:
        close_help(help_request=request, party=HelpRequest.ClosedBy.SYSTEM)


def _ran_out(now: datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(withdrawn_at=None, expires_at__lte=now)


def _end(rows: QuerySet[Any], now: datetime) -> None:
    """As if it were taken back: what stood on it ends, and without another yes name, contact and words go."""
    for consent in rows.select_related("help_request"):
        withdraw_consent(consent=consent, party=Party.SYSTEM)


RULES = [
    # The action locks the request first.
    Rule("consents that ran out", _ran_out, _end, locks=False),
    Rule("silent requests for help", _silent, _close),
    Rule("requests for help", _closed, _forget),
]
