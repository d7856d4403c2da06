"""Records deleted for good when nobody needs them: through `field.purging`, so that no phone brings them back."""

from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from concerns.models import Concern, ConcernUpdate
from concerns.workflow import Publication, Status
from field.purging import purge
from office.retention import Rule

SPAM_FOR = timedelta(days=30)
WITHDRAWN_FOR = timedelta(days=30)


def _spam(now: datetime) -> QuerySet[Concern]:
    """Since when it is spam, the story says."""
    lines = ConcernUpdate.objects.filter(
        concern=OuterRef("pk"), kind=ConcernUpdate.Kind.PUBLICATION, to_value=Publication.SPAM
    )
    since = Coalesce(Subquery(lines.order_by("-at").values("at")[:1]), F("received_at"))
    spam = Concern.objects.filter(publication=Publication.SPAM)
    return spam.alias(spam_since=since).filter(spam_since__lt=now - SPAM_FOR)


def _withdrawn(now: datetime) -> QuerySet[Concern]:
    """What its reporter took back before anybody at the desk read it."""
    return Concern.objects.filter(
        status=Status.WITHDRAWN, triaged_at=None, published_at=None, status_changed_at__lt=now - WITHDRAWN_FOR
    )


def _purge(concerns: QuerySet[Concern], now: datetime) -> None:
    for concern in concerns:
        purge(record=concern, by=None, reason="retention")


RULES = [
    # Purging locks the phone's receipt first, as a phone that sends it again does.
    Rule("spam", _spam, _purge, locks=False, one_by_one=True),
    Rule("taken back unread", _withdrawn, _purge, locks=False, one_by_one=True),
]
