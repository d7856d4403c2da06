"""News of a corridor by mail: once a week, only if something happened, only to who said yes by the mail's own link."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from concerns.models import ConcernUpdate, Follower
from concerns.public import PublicConcern, PublicUpdate
from concerns.retention import mail_to_followers
from concerns.workflow import Status
from corridors.models import Corridor
from office.actions import queue_mail, record
from office.models import Coalition, OutboxMessage
from office.retention import forget_messages
from walks.links import pack, unpack

_signer = Signer(salt="concerns.follow", sep=".")
MONDAY, HOUR = 0, 7
MOST_LINES = 20
MOST_AT_ONCE = 500
MOVES = (Status.CLAIMED_FIXED, Status.VERIFIED_FIXED, Status.REOPENED)


# --- Links ------------------------------------------------------------------------------------------------------------


def follow_token(follower: Follower) -> str:
    return _signer.sign(pack(follower.public_id, follower.link_version))


def follower_of_token(token: str) -> Follower | None:
    """Whose link it is, or None where it is forged or old. At most one query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Follower.objects.select_related("corridor").filter(public_id=public_id, link_version=version).first()


def follow_url(follower: Follower) -> str:
    """The whole address of the follower's page, for mails."""
    return settings.SITE_URL + reverse("concerns:follow_link", args=[follow_token(follower)])


# --- Following --------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_to_follow(*, corridor: Corridor, email: str, language: str = "en") -> None:
    """Ask an address by mail whether it wants news. Whoever asks learns nothing about who follows already.

    Nobody is subscribed by this; an address is asked once a day at most, and one that said yes isn't asked again.
    """
    follower = _follower(corridor, email, language)
    if follower.confirmed_at is None:
        _mail(follower, "follow", kind="follow.confirm", once=f"{timezone.now():%Y-%m-%d}")


def _follower(corridor: Corridor, email: str, language: str) -> Follower:
    known = Follower.objects.filter(corridor=corridor, email__iexact=email)
    if follower := known.first():
        return follower
    try:
        with transaction.atomic():
            return Follower.objects.create(corridor=corridor, email=email, language=language)
    except IntegrityError:  # the same form twice at the same moment
        return known.get()


@transaction.atomic
def confirm_following(*, follower: Follower) -> Follower:
    """The mail's link was used: the address is theirs and wants news from now on. A second time changes nothing."""
    locked = Follower.objects.select_for_update(of=("self",)).select_related("corridor").get(pk=follower.pk)
    if locked.stopped_at is None and locked.confirmed_at is None:
        locked.confirmed_at = locked.told_until = timezone.now()
        locked.save(update_fields=["confirmed_at", "told_until"])
    return locked


@transaction.atomic
def stop_following(*, follower: Follower) -> Follower:
    """No more mail, and the address is forgotten, also in mail that was sent."""
    locked = Follower.objects.select_for_update(of=("self",)).select_related("corridor").get(pk=follower.pk)
    if locked.stopped_at is None:
        locked.stopped_at, locked.email = timezone.now(), ""
        locked.save(update_fields=["stopped_at", "email"])
        forget_messages(mail_to_followers(Follower.objects.filter(pk=locked.pk)))
        record(actor=None, action="corridor.follow_stopped", resource="follower", object_id=locked.public_id)
    return locked


# --- The weekly mail --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class News:
    """What happened on a corridor, as everybody may see it: public concerns by what became of them."""

    found: list[PublicConcern]
    claimed: list[PublicConcern]
    verified: list[PublicConcern]
    reopened: list[PublicConcern]

    def __bool__(self) -> bool:
        return any((self.found, self.claimed, self.verified, self.reopened))


def last_monday(now: datetime) -> datetime:
    """The newest Monday, seven in the morning where the coalition is, that isn't in the future."""
    local = now.astimezone(Coalition.current().zone)
    monday = local.replace(hour=HOUR, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday() - MONDAY)
    return monday if monday <= local else monday - timedelta(days=7)


def news_of(corridor: Corridor, since: datetime, until: datetime) -> News:
    """From the public view only. Two queries. A concern stands under the last thing that happened to it."""
    public = PublicConcern.objects.filter(corridor=corridor).select_related("category")
    found = list(public.filter(published_at__gt=since, published_at__lte=until))
    lines = PublicUpdate.objects.filter(
        concern__corridor=corridor, kind=ConcernUpdate.Kind.STATUS, to_value__in=MOVES, at__gt=since, at__lte=until
    ).select_related("concern__category")
    last: dict[int, PublicUpdate] = {line.concern_id: line for line in lines.order_by("at", "id")}
    moved = {status: [one.concern for one in last.values() if one.to_value == status] for status in MOVES}
    return News([one for one in found if one.pk not in last], *(moved[status] for status in MOVES))


def send_digests(now: datetime | None = None) -> int:
    """Queue the week's mail for everybody who hasn't heard of it. An hourly job; returns how many mails.

    Where nothing happened nothing is sent. What was missed while the worker stood still comes when it runs again.
    """
    until = last_monday(now or timezone.now())
    waiting = Follower.objects.to_tell().filter(told_until__lt=until, corridor__is_public=True).order_by("id")
    known: dict[tuple[int, datetime], News] = {}
    return sum(_tell(pk, until, known) for pk in waiting.values_list("pk", flat=True)[:MOST_AT_ONCE])


@transaction.atomic
def _tell(pk: int, until: datetime, known: dict[tuple[int, datetime], News]) -> bool:
    rows = Follower.objects.to_tell().select_for_update(of=("self",), skip_locked=True).select_related("corridor")
    follower = rows.filter(pk=pk, told_until__lt=until).first()
    if follower is None or follower.told_until is None:
        return False
    since = follower.told_until
    key = (follower.corridor_id, since)
    if key not in known:
        known[key] = news_of(follower.corridor, since, until)
    follower.told_until = until
    follower.save(update_fields=["told_until"])
    if not known[key]:
        return False
    return _mail(follower, "digest", kind="follow.digest", once=f"{until:%Y-%m-%d}", news=known[key]) is not None


def _mail(follower: Follower, what: str, *, kind: str, once: str, **context: Any) -> OutboxMessage | None:
    """Queue a mail of the folder `mail/concerns/<what>`. Its one-click unsubscribe follows RFC 8058."""
    coalition = Coalition.current()
    link = follow_url(follower)
    return queue_mail(
        kind=kind,
        template=f"mail/concerns/{what}",
        to_address=follower.email,
        language=follower.language,
        about=f"follower {follower.public_id}",
        dedupe_key=f"{kind}:{follower.public_id}:{once}",
        headers={
            "List-Unsubscribe": f"<{link}stop/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        context={
            "corridor": follower.corridor,
            "coalition": coalition,
            "link": link,
            "site_url": settings.SITE_URL,
            "most": f":{MOST_LINES}",
            **context,
        },
    )
