"""Who should fix it: hand a concern to an organization, take it back, keep what the organization answers.

Everything about an assignment is written under the lock of its concern. Mail is in `concerns.handing_mail`.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from concerns.deadlines import CLOCK_RUNS, promise_date
from concerns.looks import record_look
from concerns.models import Assignment, Concern, Look
from concerns.owning import current_of, end_now
from concerns.partner_access import may_be_sent
from concerns.photos import PhotoRefused, keep_original
from concerns.story import (
    DATES,
    Kind,
    Voice,
    add_line,
    audit,
    hand_back,
    lock,
    refuse_if_changed,
    save,
    write_status,
)
from concerns.workflow import ENDED_STATUSES, LookResult, Status, may_move
from office.actions import record
from office.refused import Refused
from people.models import Organization, User

Answer = Assignment.Answer
TOLD_BY_HANDING = {Status.NEW, Status.TRIAGED, Status.REOPENED}
FARTHEST_PROMISE = timedelta(days=3 * 365)
MOVES_TO = {Answer.WORKING: Status.IN_PROGRESS, Answer.FIXED: Status.CLAIMED_FIXED, Answer.NOT_OURS: Status.TRIAGED}
SHORTEST = 60


@transaction.atomic
def assign_concern(
    *, concern: Concern, organization: Organization, by: User, note: str = "", expected: str | None = None
) -> Assignment:
    """Hand it to who should fix it; whoever had it loses it in the same moment. Raises Refused.

    `expected` is `version_of` what the person saw. The organization hears of it in its next mail.
    """
    now = lock(concern)
    wanted = _("give it to %(organization)s") % {"organization": organization}
    refuse_if_changed(now, seen=concern, expected=expected, wanted=wanted)
    _refuse_to_assign(now, organization)
    before = current_of(now)
    if before is not None and before.organization_id == organization.pk:
        raise Refused(_("%(organization)s has it already.") % {"organization": organization})
    at = timezone.now()
    if before is not None:
        end_now(before, at=at)
    assignment = Assignment.objects.create(
        concern=now, organization=organization, from_at=at, by=by, note=note.strip()[:1000]
    )
    had = before.organization.name[:SHORTEST] if before else ""
    _write_line(now, by=by, at=at, before=had, after=organization.name, note=assignment.note)
    audit(now, "assign", by=by, detail={"organization": str(organization.public_id)})
    if now.status in TOLD_BY_HANDING:
        write_status(now, Status.REFERRED_TO_OWNER, by=by, at=at)
    else:
        save(now, [])
    hand_back(now, concern)
    return assignment


def _refuse_to_assign(concern: Concern, organization: Organization) -> None:
    if concern.waits_for_help:
        raise Refused(_("People live there: first write down that help was offered or that there is danger."))
    if not may_be_sent(concern) or concern.status in ENDED_STATUSES:
        raise Refused(
            _("Nobody gets it while it is “%(status)s”.")
            % {"status": concern.get_publication_display() if concern.publication == "spam" else _status(concern)}
        )
    if organization.merged_into_id is not None:
        raise Refused(_("This organization was merged into another one. Choose that one."))


def _status(concern: Concern) -> str:
    return str(Status(concern.status).label)


def _write_line(concern: Concern, *, by: User | None, at: datetime, before: str, after: str, note: str = "") -> None:
    add_line(
        concern, Kind.ASSIGNED, by=by, at=at, from_value=before[:SHORTEST], to_value=after[:SHORTEST], note=note
    )  # fmt: skip


@transaction.atomic
def end_assignment(*, assignment: Assignment, by: User, note: str = "") -> Assignment:
    """Take it back from the organization; it is open again at the desk. Raises Refused where it ended before."""
    now, theirs = _locked(assignment, wanted=_("take it back"))
    at = timezone.now()
    end_now(theirs, at=at)
    _write_line(now, by=by, at=at, before=theirs.organization.name, after="", note=note.strip())
    audit(now, "end_assignment", by=by, detail={"organization": str(theirs.organization.public_id)})
    if now.status == Status.REFERRED_TO_OWNER:
        write_status(now, Status.TRIAGED, by=by, at=at)
    else:
        save(now, [])
    assignment.until_at = theirs.until_at
    return assignment


@transaction.atomic
def take_back_assignment(*, assignment: Assignment, by: User) -> None:
    """Undo handing it over as long as nobody was told; who had it before has it again. The status is the caller's.

    Raises Refused where the organization had its mail, or it ended meanwhile.
    """
    now, theirs = _locked(assignment, wanted=_("take it back"))
    at = timezone.now()
    mine = Assignment.objects.to_tell().filter(pk=theirs.pk)
    if theirs.answer or not mine.update(until_at=max(at, theirs.from_at)):
        raise Refused(_("%(organization)s was told already.") % {"organization": theirs.organization})
    ended = Assignment.objects.filter(concern=now, until_at=theirs.from_at).select_related("organization")
    before = ended.exclude(pk=theirs.pk).order_by("-id").first()
    if before is not None:
        before.until_at = None
        before.save(update_fields=["until_at"])
    _write_line(
        now, by=by, at=at, before=theirs.organization.name, after=before.organization.name if before else ""
    )  # fmt: skip
    save(now, [])


def _locked(assignment: Assignment, *, wanted: str) -> tuple[Concern, Assignment]:
    """The concern, locked, and the assignment as it is now. Raises Refused where it ended."""
    now = lock(assignment.concern)
    theirs = Assignment.objects.select_related("organization", "handover").get(pk=assignment.pk)
    if not theirs.is_current or not may_be_sent(now):
        raise Refused(
            _("It isn’t with %(organization)s any more, so nothing was changed. You wanted: %(wanted)s.")
            % {"organization": theirs.organization, "wanted": wanted}
        )
    return now, theirs


# What the organization says.


@dataclass(frozen=True)
class Answered:
    """`changed` is False where they had said exactly this before; `photo_problem` says why the photo isn't kept."""

    assignment: Assignment
    changed: bool = True
    photo_problem: str = ""


def answer_version(assignment: Assignment) -> str:
    """Which of their answers somebody saw when they wrote the next."""
    return f"{assignment.answered_at.timestamp():.6f}" if assignment.answered_at else "none"


def is_said(assignment: Assignment, *, answer: str, note: str, promised_on: date | None) -> bool:
    """Whether this is what they said last, and nothing happened since that asks for it again. Reads the concern."""
    same = (assignment.answer, assignment.answer_note, assignment.promised_on) == (answer, note.strip(), promised_on)
    return same and assignment.concern.status != Status.REOPENED


def answer_assignment(
    *,
    assignment: Assignment,
    answer: str,
    by: User | None,
    note: str = "",
    promised_on: date | None = None,
    photo: bytes | None = None,
    expected: str | None = None,
) -> Answered:
    """Keep what the organization says as its own voice. `by` is None for who came by a mail's link. Raises Refused.

    "Fixed" is a claim: only a look verifies. "Not ours" gives it back to the desk. Their words stay with organizers
    and with them; their photo is a look that waits to be read. `expected` is `answer_version` of what the person saw.
    """
    note = note.strip()[:1000]
    with transaction.atomic():
        now, theirs = _locked(assignment, wanted=_label(answer))
        theirs.concern = now
        if photo is None and is_said(theirs, answer=answer, note=note, promised_on=promised_on):
            return Answered(theirs, changed=False)
        _refuse_answer(theirs, answer, promised_on, expected)
        _write_answer(now, theirs, answer, note, promised_on, by)
        look = _their_look(now, answer, note, photo, by)
    if look is None or photo is None:
        return Answered(theirs)
    try:
        keep_original(look=look, device=None, client_id=None, position=look.photos.count(), data=photo)
    except PhotoRefused as refused:
        return Answered(theirs, photo_problem=refused.message)
    return Answered(theirs)


def _label(answer: str) -> str:
    return str(Answer(answer).label) if answer in Answer.values else answer[:40]


def _refuse_answer(theirs: Assignment, answer: str, promised_on: date | None, expected: str | None) -> None:
    if answer not in Answer.values:
        raise Refused(_("Choose one of the four answers."))
    today = timezone.localdate()
    is_new = promised_on != theirs.promised_on
    if promised_on is not None and is_new and not today <= promised_on <= today + FARTHEST_PROMISE:
        raise Refused(_("The promised day must be today or later, within three years."))
    if expected is not None and expected != answer_version(theirs):
        said = f"“{theirs.get_answer_display()}”" + (f" ({theirs.answer_note})" if theirs.answer_note else "")
        when = date_format(timezone.localtime(theirs.answered_at), "D j M, P") if theirs.answered_at else ""
        raise Refused(
            _(
                "Somebody was quicker: %(when)s the answer became %(said)s. You wanted: “%(wanted)s”. "
                "Nothing was changed; look again and decide."
            )
            % {"when": when, "said": said, "wanted": _label(answer)}
        )


def _write_answer(
    concern: Concern, theirs: Assignment, answer: str, note: str, promised_on: date | None, by: User | None
) -> None:
    at = timezone.now()
    if answer == Answer.NOT_OURS:
        promised_on = None
        end_now(theirs, at=at)
    is_new_day = promised_on != theirs.promised_on
    theirs.answer, theirs.answer_note, theirs.promised_on, theirs.answered_at = answer, note, promised_on, at
    theirs.save(update_fields=["answer", "answer_note", "promised_on", "answered_at"])
    add_line(concern, Kind.ASSIGNED, by=by, at=at, voice=Voice.AGENCY, to_value=answer, note=note)
    detail = {"answer": answer, "by_link": by is None}
    record(actor=by, action="answer", resource="assignment", object_id=theirs.public_id, detail=detail)
    to = MOVES_TO.get(Answer(answer))
    if to is not None and to != concern.status and may_move(from_status=concern.status, to_status=to):
        write_status(concern, to, by=by, at=at, voice=Voice.AGENCY)
    if promised_on is not None and is_new_day and concern.status in CLOCK_RUNS:
        promise_date(concern, promised_on)
    save(concern, DATES)


def _their_look(concern: Concern, answer: str, note: str, photo: bytes | None, by: User | None) -> Look | None:
    """The agency's photo hangs on a look of its own, held. Sent twice it is one."""
    if photo is None:
        return None
    digest = hashlib.sha256(photo).hexdigest()
    if concern.looks.filter(is_by_fixer=True, photos__sha256=digest).exists():
        return None
    result = LookResult.FIXED if answer == Answer.FIXED else LookResult.CANNOT_TELL
    return record_look(concern=concern, result=result, by=by, note=note, by_fixer=True)
