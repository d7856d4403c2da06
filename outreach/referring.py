"""Everything that changes a referral. The request is locked first, then the referral."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from office.actions import queue_mail, record
from office.models import Coalition
from office.refused import Refused
from office.working_days import end_of_working_day
from outreach.help_links import mail_about, referral_url
from outreach.models import HelpRequest, Need, Referral, ReferralUpdate, Service
from outreach.referral_story import add_line, audit, clean_words, end_referral, touch, write_state
from outreach.workflow import CLOSED_STATES, Outcome, Party, State, fits, may_move
from people.models import Membership, Organization, Person, User

ANSWER_WITHIN = 2  # working days


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
        mail_agency(referral, event="sent")
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


# --- Mail: what is asked for and in which language, never who ---


def mail_agency(referral: Referral, *, event: str) -> bool:
    """Tell the agency that something waits, with the link that answers it. Whether it has an address."""
    organization, coalition = referral.organization, Coalition.current()
    if not organization.email:
        return False
    queue_mail(
        kind=f"outreach.referral.{event}",
        template="mail/outreach/referral",
        to_address=organization.email,
        to_name=organization.name,
        language="en",
        about=mail_about(referral.help_request),
        dedupe_key=f"referral:{referral.public_id}:{referral.link_version}:{event}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={
            "need": Need(referral.need).label,
            "organization": organization,
            "coalition": coalition,
            "due_at": referral.due_at,
            "zone": coalition.time_zone,
            "is_reminder": event != "sent",
            "link": referral_url(referral),
        },
    )
    return True
