"""Everything that changes a referral. The request is locked first, then the referral."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import record
from office.refused import Refused
from office.working_days import end_of_working_day
from outreach.agency_mail import tell_agency
from outreach.models import HelpRequest, Referral, ReferralUpdate, Service
from outreach.referral_story import (
    add_line,
    audit,
    clean_words,
    end_referral,
    take_back_news,
    touch,
    write_state,
)
from outreach.workflow import CLOSED_STATES, UNANSWERED, Outcome, Party, State, fits, may_move
from people.models import Membership, Organization, Person, User

ANSWER_WITHIN = 2  # working days
# How long an agency may take back that it ended a referral.
UNDO_WITHIN = timedelta(minutes=10)


@transaction.atomic
def refer(
    *,
    help_request: HelpRequest,
    organization: Organization,
    need: str,
    by: User,
    service: Service | None = None,
    words: str = "",
    mode: str = Referral.Mode.LIVE,
) -> Referral:
    """Hand one need to one agency. Live needs a yes in force for it; logged notes a call in which no name was given.

    Raises Refused where the request is closed, the need isn't theirs, a yes is missing, or the agency has it already.
    """
    now, locked = timezone.now(), HelpRequest.objects.select_for_update().get(pk=help_request.pk)
    _refuse_refer(locked, organization, need)
    referral = Referral.objects.create(
        help_request=locked,
        organization=organization,
        service=service,
        need=need,
        mode=mode,
        words=clean_words(words),
        sent_at=now,
        due_at=end_of_working_day(now, ANSWER_WITHIN),
        created_by=by,
    )
    if mode == Referral.Mode.LIVE and not Referral.objects.allowed(now).filter(pk=referral.pk).exists():
        raise Refused(
            _("%(agency)s may not have it: there is no yes for this agency, nor one to share the need alone.")
            % {"agency": organization.name}
        )
    add_line(referral, ReferralUpdate.Kind.STATE, Party.COORDINATOR, by, at=now, to_state=referral.state)
    touch(locked, now)
    if mode == Referral.Mode.LIVE:
        tell_agency(referral, at=now)
    detail = {"request": str(locked.public_id), "organization": str(organization.public_id), "mode": mode}
    record(actor=by, action="referral.create", resource="referral", object_id=referral.public_id, detail=detail)
    return referral


def _refuse_refer(locked: HelpRequest, organization: Organization, need: str) -> None:
    if locked.closed_at is not None:
        raise Refused(_("This request is closed. Nothing more can be sent about it."))
    if need not in locked.needs:
        raise Refused(_("They didn’t ask for this. Choose one of their needs."))
    if organization.merged_into_id is not None:
        raise Refused(_("This organization was merged into another one. Choose that one."))
    if locked.referrals.open().filter(organization=organization, need=need).exists():
        raise Refused(_("%(agency)s has this already.") % {"agency": organization.name})


@transaction.atomic
def move_referral(
    *,
    referral: Referral,
    to: str,
    party: Party,
    by: User | None = None,
    outcome: str = "",
    note: str = "",
    seen: str | None = None,
) -> Referral:
    """Answer, go on or end it. `seen` is the state that the mover saw: who comes second is told.

    Raises Refused with a sentence; nothing is changed then.
    """
    now, state = timezone.now(), State(to)
    _locked_request, referral = _lock(referral)
    before = State(referral.state)
    if state == before:
        return referral  # the same button twice
    _refuse_unseen(referral, seen)
    if not may_move(party, before, state):
        raise Refused(
            _("It says “%(before)s” and can’t become “%(to)s”.") % {"before": before.label, "to": state.label}
        )  # fmt: skip
    if not fits(state, outcome):
        raise Refused(_("Say why: choose one of the reasons."))
    if state in CLOSED_STATES:
        return end_referral(referral, to=state, outcome=Outcome(outcome), party=party, by=by, at=now, note=note)
    write_state(referral, state, party, now)
    add_line(referral, ReferralUpdate.Kind.STATE, party, by, at=now, from_state=before, to_state=state, note=note)
    audit(referral, by, before)
    return referral


@transaction.atomic
def note_seen(*, referral: Referral, by: User | None = None) -> Referral:
    """Somebody at the agency did something that shows that they read it. Changes nothing where they answered already.

    It is locked from then on, so that it isn't passed on before the transaction ends.
    """
    _locked_request, referral = _lock(referral)
    if referral.state != State.REQUESTED:
        return referral
    return move_referral(referral=referral, to=State.RECEIVED, party=Party.AGENCY, by=by)


def may_take_back(referral: Referral, now: datetime) -> bool:
    """Whether the agency ended it just now, and nothing was begun since. The request is read."""
    just_now = referral.closed_at is not None and now - referral.closed_at <= UNDO_WITHIN
    return just_now and referral.closed_by == Party.AGENCY and referral.help_request.closed_at is None


@transaction.atomic
def take_back_end(*, referral: Referral, by: User | None = None) -> Referral:
    """The agency tapped the wrong end: as it was before, with a line that says so.

    Raises Refused after ten minutes, and where somebody went on from that end.
    """
    now = timezone.now()
    request, referral = _lock(referral)
    end = referral.updates.filter(kind=ReferralUpdate.Kind.STATE, to_state=referral.state).last()
    later = request.referrals.filter(need=referral.need, sent_at__gt=referral.closed_at or now)
    if end is None or not end.from_state or not may_take_back(referral, now) or later.exists():
        raise Refused(_("This can’t be taken back any more. Call the coordinators."))
    take_back_news(referral)
    before, state = referral.state, State(end.from_state)
    referral.state, referral.outcome, referral.closed_at, referral.closed_by = state, "", None, ""
    referral.answered_at = None if state in UNANSWERED else referral.answered_at
    referral.save(update_fields=["state", "outcome", "closed_at", "closed_by", "answered_at"])
    add_line(
        referral, ReferralUpdate.Kind.UNDONE, Party.AGENCY, by, at=now, from_state=before, to_state=state
    )  # fmt: skip
    touch(request, now)
    audit(referral, by, before)
    return referral


@transaction.atomic
def reassign(
    *, referral: Referral, organization: Organization, by: User, words: str = "", seen: str | None = None
) -> Referral:
    """Pass it on to another agency. The old one loses its access in this very transaction, and hears nothing more.

    `seen` as for `move_referral`. Raises Refused with a sentence; nothing is changed then.
    """
    now = timezone.now()
    request, referral = _lock(referral)
    _refuse_unseen(referral, seen)
    if not referral.is_open:
        raise Refused(_("This referral is over. Start a new one."))
    end_referral(referral, to=State.CANCELLED, outcome=Outcome.PASSED_ON, party=Party.COORDINATOR, by=by, at=now)
    Referral.objects.filter(pk=referral.pk).update(link_version=referral.link_version + 1)
    return refer(
        help_request=request, organization=organization, need=referral.need, by=by, words=words or referral.words
    )  # fmt: skip


@transaction.atomic
def note_attempt(*, referral: Referral, party: Party, by: User | None = None, note: str = "") -> Referral:
    """Somebody tried to reach the person and couldn't. Counted, and a line of the story."""
    now = timezone.now()
    request, referral = _lock(referral)
    if not referral.is_open:
        raise Refused(_("This referral is over."))
    before = referral.state
    referral.n_attempts += 1
    fields = ["n_attempts"]
    if referral.answered_at is None and party == Party.AGENCY:
        referral.answered_at, referral.state = now, State.IN_PROGRESS
        fields += ["answered_at", "state"]
    referral.save(update_fields=fields)
    moved = {"from_state": before, "to_state": referral.state} if referral.state != before else {}
    add_line(referral, ReferralUpdate.Kind.ATTEMPT, party, by, at=now, note=note, **moved)
    touch(request, now)
    audit(referral, by, before)
    return referral


@transaction.atomic
def hand_to_colleague(*, referral: Referral, colleague: Person, by: User) -> Referral:
    """Another person of the same agency takes it. Raises Refused where they don't work there."""
    now = timezone.now()
    request, referral = _lock(referral)
    there = Membership.objects.active(now).filter(person=colleague, organization=referral.organization_id)
    if not referral.is_open or not there.exists():
        raise Refused(_("Choose somebody who works there."))
    referral.assigned_to = colleague
    referral.save(update_fields=["assigned_to"])
    add_line(referral, ReferralUpdate.Kind.HANDED, Party.AGENCY, by, at=now)
    touch(request, now)
    audit(referral, by, referral.state)
    return referral


def _refuse_unseen(locked: Referral, seen: str | None) -> None:
    if seen is not None and seen != locked.state:
        raise Refused(
            _("Somebody was quicker: it says “%(state)s” now. Look at it again.") % {"state": State(locked.state).label}
        )


def _lock(referral: Referral) -> tuple[HelpRequest, Referral]:
    request = HelpRequest.objects.select_for_update().get(pk=referral.help_request_id)
    rows = Referral.objects.select_for_update(of=("self",)).select_related("organization")
    referral = rows.get(pk=referral.pk)
    referral.help_request = request
    return request, referral
