"""What the system that gave a number says about its case. Call it as `concerns.actions`."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from concerns.deadlines import CLOCK_RUNS, promise_date
from concerns.models import ExternalCase
from concerns.story import DATES, Kind, Voice, add_line, audit, lock, save, write_status
from concerns.workflow import Status, may_move

LONGEST_WORDS = 1000


@transaction.atomic
def hear_of_case(
    *, case: ExternalCase, status: str, words: str = "", expected_on: date | None = None, at: datetime | None = None
) -> bool:
    """Write down what their system says: `status` is "open" or "closed". Returns whether that claimed "fixed".

    A closed case only ever claims that it is fixed, with the agency's voice; nothing here verifies or reopens. Their
    words stay at the desk. The same said again changes nothing but the time; `words` are those not heard before.
    """
    at = at or timezone.now()
    now = lock(case.concern)
    kept = ExternalCase.objects.filter(pk=case.pk).first()
    if kept is None:  # somebody took the number back meanwhile
        return False
    words = words.strip()[:LONGEST_WORDS]
    is_news = kept.their_status != status
    has_promised = expected_on is not None and expected_on != kept.expected_on
    kept.their_status, kept.their_status_at, kept.expected_on = status, at, expected_on or kept.expected_on
    kept.save(update_fields=["their_status", "their_status_at", "expected_on"])
    claims = is_news and status == "closed" and may_move(from_status=now.status, to_status=Status.CLAIMED_FIXED)
    if claims:
        write_status(now, Status.CLAIMED_FIXED, by=None, at=at, voice=Voice.AGENCY, note=words)
    elif words or (is_news and status == "closed"):
        add_line(now, Kind.SAID, at=at, voice=Voice.AGENCY, to_value=status, note=words)
        audit(now, "hear_of_case", by=None, detail={"status": status})
    if has_promised and expected_on and now.status in CLOCK_RUNS:
        promise_date(now, expected_on)
        save(now, DATES)
    return claims
