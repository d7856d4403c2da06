"""Mail to people who reported something and asked to hear of it."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from concerns.models import Concern, ConcernUpdate
from concerns.receipts import mail_proof, receipt_url
from concerns.reporters import Reporter
from concerns.workflow import Publication, Status
from office.actions import queue_mail
from office.models import Coalition, OutboxMessage

# Four weeks after somebody claimed that it is fixed, the reporter is asked once.
ASK_AFTER = timedelta(days=28)
MOST_ASKED_AT_ONCE = 200


def tell_reporters(concern: Concern, line: ConcernUpdate) -> int:
    """Queue a mail to everybody who asked to hear of it, also of reports merged into it. Returns how many.

    Who only said that theirs is the same (`merging.claim_same`) hears of what is public.
    """
    if concern.publication == Publication.SPAM:
        return 0
    joined = Q(concern=concern.pk) | Q(concern__duplicate_of=concern.pk)
    if concern.publication == Publication.PUBLISHED:
        joined |= Q(concern__as_look__concern=concern.pk)
    reporters = list(Reporter.objects.to_tell().filter(joined).select_related("concern__category").order_by("id"))
    sent = [
        mail_reporter(one, "news", once=str(line.pk), status=line.to_value, words=line.public_note) for one in reporters
    ]
    return sum(1 for mail in sent if mail)


def ask_whether_fixed() -> int:
    """Ask reporters once, four weeks after somebody claimed that it is fixed. A periodic job; returns how many."""
    due = (
        Reporter.objects.to_tell()
        .filter(_claimed_before("concern") | _claimed_before("concern__duplicate_of"), asked_at=None, says="")
        .order_by("id")
    )
    return sum(_ask(pk) for pk in due.values_list("pk", flat=True)[:MOST_ASKED_AT_ONCE])


def _claimed_before(concern: str) -> Q:
    until = timezone.now() - ASK_AFTER
    return Q(**{f"{concern}__status": Status.CLAIMED_FIXED, f"{concern}__status_changed_at__lte": until})


@transaction.atomic
def _ask(pk: int) -> bool:
    reporters = Reporter.objects.select_for_update(of=("self",), skip_locked=True).select_related("concern__category")
    reporter = reporters.filter(pk=pk, asked_at=None).first()
    if reporter is None:
        return False
    reporter.asked_at = timezone.now()
    reporter.save(update_fields=["asked_at"])
    return mail_reporter(reporter, "ask", once="once") is not None


def mail_reporter(reporter: Reporter, what: str, *, once: str, **context: Any) -> OutboxMessage | None:
    """Queue a mail of the folder `mail/concerns/<what>`; None where one with the same `once` was queued before.

    Its one-click unsubscribe follows RFC 8058.
    """
    coalition = Coalition.current()
    link = receipt_url(reporter)
    headers = {"List-Unsubscribe": f"<{link}stop/>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if coalition.reply_to:
        headers["Reply-To"] = coalition.reply_to
    return queue_mail(
        kind=f"report.{what}",
        template=f"mail/concerns/{what}",
        to_address=reporter.email,
        to_name=reporter.name,
        language=reporter.language,
        about=f"report {reporter.public_id}",
        dedupe_key=f"report.{what}:{reporter.public_id}:{once}",
        headers=headers,
        context={
            "reporter": reporter,
            "category": reporter.concern.category,
            "status_label": Status(context["status"]).label if context.get("status") in Status.values else "",
            "coalition": coalition,
            "link": link,
            "proof": mail_proof(reporter),
            **context,
        },
    )
