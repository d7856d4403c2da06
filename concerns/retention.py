"""How long concerns keep what belongs to people. The records themselves are purged by `field.retention`."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from concerns.content_flags import ContentFlag
from concerns.models import Commitment, Follower, Photo
from concerns.reporters import Reporter
from concerns.workflow import ENDED_STATUSES
from office.actions import record
from office.models import OutboxMessage
from office.retention import Rule, forget_messages

# As for requests for help (promise 3) and for volunteers (promise 11).
AFTER_THE_END = timedelta(days=90)
SILENT_FOR = timedelta(days=730)
UNREADABLE_FOR = timedelta(days=30)
FLAGS_AFTER_REVIEW = timedelta(days=90)
FLAGS_UNREVIEWED = timedelta(days=365)
FOLLOWERS_FOR = timedelta(days=14)
FORGOTTEN = "forgotten:"


def mail_about(reporters: QuerySet[Reporter]) -> QuerySet[OutboxMessage]:
    """Every message that went to these reporters, or waits for them."""
    about = [f"report {public_id}" for public_id in reporters.values_list("public_id", flat=True)]
    return OutboxMessage.objects.filter(about__in=about)


def _reporters(now: datetime) -> QuerySet[Reporter]:
    """Contacts 90 days after the concern ended, or after two years in which nothing happened.

    Of a report that was the same as another the other one counts: that is what its reporter follows.
    """
    reached = Reporter.objects.exclude(name="", email="", phone="").alias(
        now_status=Coalesce("concern__duplicate_of__status", "concern__status"),
        changed_at=Coalesce("concern__duplicate_of__status_changed_at", "concern__status_changed_at"),
    )
    quiet = Q(says_at=None) | Q(says_at__lt=now - SILENT_FOR)
    ended = Q(now_status__in=ENDED_STATUSES, changed_at__lt=now - AFTER_THE_END)
    silent = Q(changed_at__lt=now - SILENT_FOR, created_at__lt=now - SILENT_FOR) & quiet
    return reached.filter(ended | silent)


def _forget_contacts(reporters: QuerySet[Reporter], now: datetime) -> None:
    forget_messages(mail_about(reporters))
    for public_id in reporters.values_list("public_id", flat=True):
        record(
            actor=None, action="concern.contact_forgotten", resource="concern.reporter_contact", object_id=public_id
        )  # fmt: skip
    reporters.update(name="", email="", phone="", wants_mail=False, shares_contact=False, mail_confirmed_at=None)


def _unreadable(now: datetime) -> QuerySet[Photo]:
    """What was sent as a photo and can't be read still holds its place and time."""
    return Photo.objects.filter(state=Photo.State.UNREADABLE, received_at__lt=now - UNREADABLE_FOR).exclude(original="")


def _forget_originals(photos: QuerySet[Photo], now: datetime) -> None:
    files: list[tuple[Any, str]] = [(row.original.storage, row.original.name) for row in photos]
    photos.update(original="")

    def delete() -> None:
        for storage, name in files:
            storage.delete(name)

    transaction.on_commit(delete)


def _flags(now: datetime) -> QuerySet[ContentFlag]:
    """Who reported content, so far as it is kept to count heads."""
    told = Q(reviewed_at__lt=now - FLAGS_AFTER_REVIEW) | Q(created_at__lt=now - FLAGS_UNREVIEWED)
    return ContentFlag.objects.filter(told).exclude(source_hmac__startswith=FORGOTTEN)


def _forget_flaggers(flags: QuerySet[ContentFlag], now: datetime) -> None:
    for flag in flags:
        flag.source_hmac = FORGOTTEN + uuid.uuid4().hex
        flag.save(update_fields=["source_hmac"])


def _followers(now: datetime) -> QuerySet[Follower]:
    """Who stopped, and who never said that the address is theirs."""
    since = now - FOLLOWERS_FOR
    return Follower.objects.filter(Q(stopped_at__lt=since) | Q(confirmed_at=None, created_at__lt=since))


def mail_to_followers(followers: QuerySet[Follower]) -> QuerySet[OutboxMessage]:
    """Every message that went to these followers, or waits for them."""
    about = [f"follower {public_id}" for public_id in followers.values_list("public_id", flat=True)]
    return OutboxMessage.objects.filter(about__in=about)


def _forget_followers(followers: QuerySet[Follower], now: datetime) -> None:
    forget_messages(mail_to_followers(followers))
    followers.delete()


def _promisers(now: datetime) -> QuerySet[Commitment]:
    """Where the owner of a promise is reached, 90 days after it was kept, broken or taken back. The promise stays."""
    return Commitment.objects.filter(settled_at__lt=now - AFTER_THE_END).exclude(owner_email="")


def _forget_promisers(commitments: QuerySet[Commitment], now: datetime) -> None:
    about = [f"commitment {public_id}" for public_id in commitments.values_list("public_id", flat=True)]
    forget_messages(OutboxMessage.objects.filter(about__in=about))
    commitments.update(owner_email="")


RULES = [
    Rule("contacts of reporters", _reporters, _forget_contacts),
    Rule("unreadable photos", _unreadable, _forget_originals),
    Rule("who reported content", _flags, _forget_flaggers),
    Rule("followers", _followers, _forget_followers),
    Rule("addresses of who promised", _promisers, _forget_promisers),
]
