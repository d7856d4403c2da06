"""Take the demo's help, cards, services, gaps and weekly pages away, with what people tried out on them."""

from typing import Any

from django.db.models import Min, Q

from insights.models import Reader, Snapshot
from office.models import OutboxMessage
from outreach.help_links import mail_about
from outreach.models import Card, CardBatch, HelpRequest, Service
from people.models import Organization, User
from saferoutes.demo.cast import MAIL_DOMAIN
from saferoutes.demo.clearing import Cleared, delete_rows, demo_rows, try_delete
from walks.models import Gap


def clear_partners(walks: Any, meetings: Any, cleared: Cleared) -> None:
    """Before the walks go. A real request for help stays, and with it the agency that has it."""
    _clear_help(walks, cleared)
    # What an invented agency offers is invented, unless a file brought it.
    offered = Q(organization__in=demo_rows(Organization), imported_at=None)
    delete_rows(Service.objects.filter(Q(pk__in=demo_rows(Service)) | offered), cleared)
    delete_rows(Gap.objects.filter(Q(pk__in=demo_rows(Gap)) | Q(walk__in=walks) | Q(meeting__in=meetings)), cleared)
    delete_rows(Reader.objects.filter(Q(pk__in=demo_rows(Reader)) | Q(email__endswith=MAIL_DOMAIN)), cleared)
    _clear_numbers(cleared)


def _clear_help(walks: Any, cleared: Cleared) -> None:
    requests = HelpRequest.objects.filter(Q(pk__in=demo_rows(HelpRequest)) | Q(contact__walk__in=walks))
    # A mail that was emptied with its request has no address any more by which it could be found.
    delete_rows(OutboxMessage.objects.filter(about__in=[mail_about(one) for one in requests]), cleared)
    ids = list(requests.values_list("pk", flat=True))
    batches = CardBatch.objects.filter(Q(pk__in=demo_rows(CardBatch)) | Q(walk__in=walks))
    numbers = list(batches.values_list("pk", flat=True))
    delete_rows(Card.objects.filter(Q(help_request=None) | Q(help_request__in=ids), batch__in=numbers), cleared)
    for batch in CardBatch.objects.filter(pk__in=numbers):
        try_delete(batch, cleared)
    delete_rows(HelpRequest.objects.filter(pk__in=ids), cleared)


def _clear_numbers(cleared: Cleared) -> None:
    """What was counted while the demo was there is the demo's, too. What somebody sent to real readers stays."""
    users = demo_rows(User)
    since = users.aggregate(since=Min("created_at"))["since"]
    told = Q(pk__in=demo_rows(Snapshot)) | Q(made_by__in=users)
    if since is not None:
        told |= Q(made_by=None, sent_at=None, made_at__gte=since)
    delete_rows(Snapshot.objects.filter(told), cleared)
