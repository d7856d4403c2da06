"""The clock of referrals, once an hour: the morning's mail to agencies, then the coordinators where nobody answers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from office.actions import queue_mail, record
from office.models import Coalition
from office.working_days import SATURDAY, closed_days, end_of_working_day
from outreach.agency_mail import waiting_for_mail, write_morning_mail
from outreach.models import Referral
from people.models import User

HOUR = 8  # on the clock of the coalition's zone
GRACE = 1  # working days between the reminder and the coordinators
MOST_MAILBOXES = 500


def run() -> int:
    """Write what is due. How many mails; twice at once or after days off it writes nothing twice."""
    now = timezone.now()
    if not _is_office_time(now):
        return 0
    return _mail_agencies(now) + _tell_coordinators(now)


def _is_office_time(now: datetime) -> bool:
    local = now.astimezone(Coalition.current().zone)
    day = local.date()
    works = day.weekday() < SATURDAY and day not in closed_days(day - timedelta(days=1))
    return works and local.hour >= HOUR


def _mail_agencies(now: datetime) -> int:
    waiting = waiting_for_mail(now).annotate(mailbox=Lower("organization__email")).order_by()
    n = 0
    for address in waiting.values_list("mailbox", flat=True).distinct()[:MOST_MAILBOXES]:
        with transaction.atomic():
            n += write_morning_mail(address, now=now) is not None
    return n


@transaction.atomic
def _tell_coordinators(now: datetime) -> int:
    """Nobody answered, a reminder notwithstanding (or none could be sent): that is for people now."""
    late = Referral.objects.overdue(now).filter(escalated_at=None, help_request__closed_at=None)
    unreachable = Q(organization__email="") | Q(mode=Referral.Mode.LOGGED)
    rows = late.filter(unreachable | Q(reminded_at__isnull=False)).select_related("organization")
    due = [
        one
        for one in rows.select_for_update(skip_locked=True, of=("self",))
        if one.reminded_at is None or end_of_working_day(one.reminded_at, GRACE) < now
    ]
    for referral in due:
        referral.escalated_at = now
        record(actor=None, action="referral.escalate", resource="referral", object_id=referral.public_id)
    Referral.objects.bulk_update(due, ["escalated_at"])
    return _mail_coordinators(len(due), now) if due else 0


def _mail_coordinators(n: int, now: datetime) -> int:
    coalition = Coalition.current()
    today = now.astimezone(coalition.zone).date()
    sent = 0
    for user in User.objects.filter(is_outreach_coordinator=True, is_active=True).select_related("person"):
        if not user.may_see_help:
            continue
        sent += (
            queue_mail(
                kind="outreach.escalation",
                template="mail/outreach/escalation",
                to_address=user.email,
                to_name=user.person.name,
                language=user.person.language,
                dedupe_key=f"escalation:{user.public_id}:{today}",
                context={"coalition": coalition, "n": n, "link": settings.SITE_URL + reverse("outreach:requests")},
            )
            is not None
        )
    return sent
