"""Mail to agencies: the first request of a day at once, everything else in one mail a morning for each mailbox.

What a mail says is need, language and day, never who. A mail that waits and names something that was passed on, or
whose yes was taken back, doesn't go out (`take_back`, `may_go`); the next morning's mail is written without it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from office.actions import queue_mail
from office.models import Coalition, OutboxMessage
from outreach.directory_links import contact_languages
from outreach.help_links import mail_about, referral_id_of, referral_token, referral_url
from outreach.models import Referral, ReferralQuerySet
from outreach.workflow import UNANSWERED, State
from people.models import Organization

AT_ONCE, MORNING, CODE = "outreach.referral.sent", "outreach.referrals", "outreach.code"
# Taken on and then silent: the agency is asked once how it went. “Answered” isn't “helped”.
ASK_HOW_AFTER = timedelta(days=14)


def tell_agency(referral: Referral, *, at: datetime) -> bool:
    """Mail a new referral, if it is its mailbox's first today; else the morning's mail has it. Whether it did."""
    organization, coalition = referral.organization, Coalition.current()
    if not organization.email:
        return False
    _hold_mailbox(organization.email)
    if _heard_today(organization.email, at, coalition.zone):
        return False
    mail = queue_mail(
        kind=AT_ONCE,
        template="mail/outreach/referral",
        about=mail_about(referral.help_request),
        dedupe_key=f"referral:{referral.public_id}:{referral.link_version}:sent",
        context=_context(coalition) | {"line": Line(referral, at), "organization": organization},
        **_envelope(organization, coalition),
    )
    referral.mailed_at = at
    referral.save(update_fields=["mailed_at"])
    return mail is not None


def _hold_mailbox(address: str) -> None:
    """Wait for whoever else writes to this mailbox: to the end of the transaction nobody but us does."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"outreach.mailbox:{address.lower()}"])


def _heard_today(address: str, at: datetime, zone: ZoneInfo) -> bool:
    midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    told = OutboxMessage.objects.filter(to_address__iexact=address, kind__in=[AT_ONCE, MORNING])
    return told.filter(created_at__gte=midnight).exclude(status=OutboxMessage.Status.CANCELLED).exists()


@dataclass(frozen=True)
class Line:
    """A referral as a mail names it."""

    referral: Referral
    now: datetime

    @property
    def need(self) -> str:
        return str(self.referral.get_need_display())

    @property
    def language(self) -> str:
        return str(dict(settings.LANGUAGES).get(code := self.referral.help_request.language, code))

    @property
    def link(self) -> str:
        return referral_url(self.referral)

    @property
    def is_late(self) -> bool:
        return self.referral.is_overdue(self.now)

    @property
    def asks_how(self) -> bool:
        return self.referral.state not in UNANSWERED


def waiting_for_mail(now: datetime) -> ReferralQuerySet:
    """What a morning's mail is written for: new and untold, late and not reminded, taken on and long silent."""
    rows = Referral.objects.shown(now).open().filter(organization__merged_into=None).exclude(organization__email="")
    untold = Q(mailed_at=None, state__in=UNANSWERED)
    late = Q(reminded_at=None, due_at__lt=now, state__in=UNANSWERED)
    silent = Q(
        asked_how_at=None,
        state__in=[State.ACCEPTED, State.IN_PROGRESS],
        help_request__touched_at__lt=now - ASK_HOW_AFTER,
    )
    return rows.filter(untold | late | silent)


def write_morning_mail(address: str, *, now: datetime) -> OutboxMessage | None:
    """One mail to a mailbox (in lower case): all that waits there. The caller is in a transaction.

    None where nothing waits, or where it was written today. Waits for another worker that writes it right now.
    """
    _hold_mailbox(address)
    mailbox = waiting_for_mail(now).annotate(mailbox=Lower("organization__email")).filter(mailbox=address)
    wanted = list(
        Referral.objects.filter(pk__in=mailbox.values("pk"))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("organization", "help_request")
        .order_by("due_at", "id")
    )
    if not wanted:
        return None
    coalition = Coalition.current()
    first = wanted[0].organization
    today = now.astimezone(coalition.zone).date()
    lines = [Line(one, now) for one in wanted]
    mail = queue_mail(
        kind=MORNING,
        template="mail/outreach/referrals",
        dedupe_key=f"referrals:{hashlib.sha256(address.encode()).hexdigest()[:32]}:{today}",
        context=_context(coalition)
        | {
            "late": [line for line in lines if line.is_late],
            "new": [line for line in lines if not line.is_late and not line.asks_how],
            "silent": [line for line in lines if line.asks_how],
            "with_names": len({one.organization_id for one in wanted}) > 1,
        },
        **_envelope(first, coalition),
    )
    if mail is not None:
        _mark(lines, now)
    return mail


def _mark(lines: Sequence[Line], now: datetime) -> None:
    for line in lines:
        referral = line.referral
        if line.asks_how:
            referral.asked_how_at = now
        else:
            referral.mailed_at = referral.mailed_at or now
            referral.reminded_at = now if line.is_late else referral.reminded_at
    Referral.objects.bulk_update([line.referral for line in lines], ["mailed_at", "reminded_at", "asked_how_at"])


def take_back(referral: Referral) -> None:
    """Nothing that waits goes to the agency about this any more. What else such a mail said is told anew."""
    queued = OutboxMessage.objects.filter(status=OutboxMessage.Status.QUEUED)
    queued.filter(dedupe_key__startswith=f"referral:{referral.public_id}:").update(
        status=OutboxMessage.Status.CANCELLED, dedupe_key=None
    )
    named = queued.filter(kind=MORNING, to_address__iexact=referral.organization.email)
    for mail in named.filter(body_text__contains=referral_token(referral)):
        # Without its key the next one is not the same mail to the outbox.
        if queued.filter(pk=mail.pk).update(status=OutboxMessage.Status.CANCELLED, dedupe_key=None):
            _tell_anew(mail)


def may_go(mail: OutboxMessage, now: datetime) -> bool:
    """Right before it is sent: whether its agency still has all that it names, at this address. At most three queries.

    Taken back is what waits (`take_back`). This also catches what another worker tries to send in that moment, an
    agency that came behind the wall, a yes that ran out an hour ago. What else such a mail said is told anew.
    """
    named = _named_in(mail)
    theirs = Referral.objects.shown(now).filter(
        public_id__in=named, organization__merged_into=None, organization__email__iexact=mail.to_address
    )
    if dict(theirs.values_list("public_id", "link_version")) == named:
        return True
    _tell_anew(mail)
    return False


def _named_in(mail: OutboxMessage) -> dict[UUID, int]:
    """The referrals whose links stand in a mail, with the link's version. No query."""
    words = [word.rstrip("/").rpartition("/")[2] for word in mail.body_text.split() if "://" in word]
    return {UUID(found[0]): found[1] for word in words if (found := referral_id_of(word)) is not None}


def _tell_anew(mail: OutboxMessage) -> None:
    """Unmark what this mail would have told. What somebody changes right now is left to them: nobody waits here."""
    since = mail.created_at - timedelta(minutes=5)
    said = Referral.objects.filter(public_id__in=_named_in(mail))
    said = said.filter(Q(mailed_at__gte=since) | Q(reminded_at__gte=since) | Q(asked_how_at__gte=since))
    for one in said.select_for_update(skip_locked=True):
        for name in ("mailed_at", "reminded_at", "asked_how_at"):
            told: datetime | None = getattr(one, name)
            setattr(one, name, None if told is not None and told >= since else told)
        one.save(update_fields=["mailed_at", "reminded_at", "asked_how_at"])


def _envelope(organization: Organization, coalition: Coalition) -> dict[str, Any]:
    """To whom and in which language: that of the agency's contact person, else the coalition's first."""
    language = contact_languages([organization]).get(organization.pk)
    return {
        "to_address": organization.email,
        "to_name": organization.name,
        "language": language or (coalition.languages[0] if coalition.languages else settings.LANGUAGE_CODE),
        "headers": {"Reply-To": coalition.reply_to} if coalition.reply_to else {},
    }


def _context(coalition: Coalition) -> dict[str, Any]:
    return {"coalition": coalition, "zone": coalition.time_zone, "now": timezone.now()}
