"""What every change of a referral does: write the state, append a line to its story, tell who asked to hear."""

from datetime import datetime

from office.actions import queue_mail, record
from office.models import Coalition, OutboxMessage
from outreach.agency_mail import take_back
from outreach.help_links import help_url, mail_about
from outreach.models import HelpRequest, Referral, ReferralUpdate
from outreach.workflow import UNANSWERED, Outcome, Party, State
from people.models import User

MAX_WORDS = 500
# Ends that are no answer of the agency, whoever wrote them down.
NO_ANSWER = {Outcome.PASSED_ON, Outcome.WITHDRAWN, Outcome.NEVER_ANSWERED}


def end_referral(
    referral: Referral, *, to: State, outcome: Outcome, party: Party, by: User | None, at: datetime, note: str = ""
) -> Referral:
    """End a locked referral, and tell the person who asked to hear. The caller has locked the request, too."""
    before = referral.state
    referral.outcome, referral.closed_at, referral.closed_by = outcome, at, party
    write_state(referral, to, party, at, "outcome", "closed_at", "closed_by")
    take_back(referral)
    add_line(
        referral, ReferralUpdate.Kind.STATE, party, by, at=at, from_state=before, to_state=to, outcome=outcome,
        note=note,
    )  # fmt: skip
    audit(referral, by, before)
    if party in {Party.AGENCY, Party.COORDINATOR}:
        mail_person(referral)
    return referral


def clean_words(typed: str) -> str:
    """Words as they are kept: without what a database can't hold, and not too long."""
    return typed.replace("\0", "").strip()[:MAX_WORDS]


def write_state(referral: Referral, state: State, party: Party, at: datetime, *more: str) -> None:
    fields = ["state", *more]
    referral.state = state
    answers = party in {Party.AGENCY, Party.COORDINATOR} and state not in UNANSWERED
    if answers and referral.answered_at is None and referral.outcome not in NO_ANSWER:
        referral.answered_at = at
        fields.append("answered_at")
    referral.save(update_fields=fields)
    touch(referral.help_request, at)


def touch(request: HelpRequest, at: datetime) -> None:
    request.touched_at = at
    request.save(update_fields=["touched_at"])


def add_line(
    referral: Referral, kind: str, party: Party, by: User | None, *, at: datetime, note: str = "", **states: str
) -> None:
    ReferralUpdate.objects.create(
        referral=referral, kind=kind, party=party, by=by, at=at, note=clean_words(note), **states
    )  # fmt: skip


def audit(referral: Referral, by: User | None, before: str) -> None:
    detail = {"from": before, "to": referral.state, "outcome": referral.outcome}
    record(actor=by, action="referral.move", resource="referral", object_id=referral.public_id, detail=detail)


def mail_person(referral: Referral) -> None:
    """Tell who asked to hear by mail that there is news, in words that say nothing to who looks over a shoulder."""
    request = referral.help_request
    if not (request.wants_mail and request.email):
        return
    coalition = Coalition.current()
    queue_mail(
        kind="outreach.news",
        template="mail/outreach/news",
        to_address=request.email,
        language=request.language,
        about=mail_about(request),
        dedupe_key=_news_key(referral),
        context={"coalition": coalition, "link": f"{help_url(request)}?lang={request.language}"},
    )


def take_back_news(referral: Referral) -> None:
    """The person isn't told of an end that was taken back, if that still waits."""
    waiting = OutboxMessage.objects.filter(dedupe_key=_news_key(referral), status=OutboxMessage.Status.QUEUED)
    waiting.update(status=OutboxMessage.Status.CANCELLED, dedupe_key=None)


def _news_key(referral: Referral) -> str:
    return f"help-news:{referral.public_id}:{referral.state}"
