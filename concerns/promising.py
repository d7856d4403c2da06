"""What becomes of promises: made, moved, kept, not kept, taken back. Each locked, looked at again, written down."""

from datetime import date, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from concerns.handing_mail import recipient_of
from concerns.models import Commitment, Concern
from office.actions import record
from office.refused import Refused
from people.contact import normalize_email
from people.models import Organization, Person, User
from walks.models import Meeting, Team, Walk

LONGEST = timedelta(days=730)
State = Commitment.State


class ChangedMeanwhile(Refused):
    """Somebody else changed the promise after this person opened it; `commitment` is how it is now."""

    def __init__(self, commitment: Commitment) -> None:
        super().__init__(_both_versions(commitment))
        self.commitment = commitment


class CommitmentFields(TypedDict, total=False):
    """What a person may say about a promise."""

    text: str
    due_on: date
    organization: Organization | None
    owner_name: str
    owner_email: str
    concern: Concern | None
    language: str


@transaction.atomic
def make_commitment(
    *,
    by: User | None,
    walk: Walk | None = None,
    team: Team | None = None,
    meeting: Meeting | None = None,
    **fields: Unpack[CommitmentFields],
) -> Commitment:
    """Somebody promised something by a day. Raises Refused, naming what is missing.

    An organization's own address, or its contact's, is taken where none was given.
    """
    commitment = Commitment(walk=walk, team=team, meeting=meeting, created_by=by, language=get_language() or "en")
    _apply(commitment, fields)
    _refuse_without(commitment, earliest=_day_made(walk, meeting))
    commitment.first_due_on = commitment.due_on
    commitment.save(force_insert=True)
    _note(commitment, "make", by=by, due=commitment.due_on.isoformat())
    return commitment


@transaction.atomic
def change_commitment(
    *, commitment: Commitment, by: User | None, expected: str | None = None, **fields: Unpack[CommitmentFields]
) -> Commitment:
    """Write the fields given of a promise that is still open. Raises Refused, or ChangedMeanwhile.

    The first day stays known. A new address ends the link that the old one got.
    """
    now = _lock(commitment, expected)
    _refuse_settled(now)
    due_before, email_before = now.due_on, now.owner_email
    _apply(now, fields)
    moved = now.due_on != due_before
    _refuse_without(now, earliest=timezone.localdate() if moved else date.min)
    if moved:
        now.n_reminders, now.reminded_at = 0, None
    if now.owner_email != email_before:
        now.link_version += 1
    now.save()
    _note(now, "change", by=by, fields=sorted(fields), **({"from": due_before.isoformat()} if moved else {}))
    return _hand_back(now, commitment)


@transaction.atomic
def keep_commitment(
    *, commitment: Commitment, by: User | None, expected: str | None = None, on: date | None = None, words: str = ""
) -> Commitment:
    """It was done, today or `on` an earlier day."""
    now = _lock(commitment, expected)
    _refuse_settled(now)
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise Refused(_("The day it was kept lies in the future. Choose today or an earlier day."))
    now.kept_on = on
    return _settle(now, commitment, State.KEPT, by=by, words=words)


@transaction.atomic
def break_commitment(
    *, commitment: Commitment, by: User | None, expected: str | None = None, words: str = ""
) -> Commitment:
    """It wasn't done and won't be."""
    now = _lock(commitment, expected)
    _refuse_settled(now)
    return _settle(now, commitment, State.BROKEN, by=by, words=words)


@transaction.atomic
def drop_commitment(
    *, commitment: Commitment, by: User | None, expected: str | None = None, words: str = ""
) -> Commitment:
    """It doesn't count any more: written down wrongly, or nobody needs it now."""
    now = _lock(commitment, expected)
    _refuse_settled(now)
    return _settle(now, commitment, State.DROPPED, by=by, words=words)


@transaction.atomic
def reopen_commitment(*, commitment: Commitment, by: User | None, expected: str | None = None) -> Commitment:
    """It is open again, with the day it had."""
    now = _lock(commitment, expected)
    if now.state == State.OPEN:
        raise Refused(_("This promise is open already."))
    before, now.state = now.state, State.OPEN
    now.kept_on = now.settled_at = now.settled_by = None
    now.save(update_fields=["state", "kept_on", "settled_at", "settled_by"])
    _note(now, "reopen", by=by, **{"from": before})
    return _hand_back(now, commitment)


# --- What the owner says ----------------------------------------------------------------------------------------------


@transaction.atomic
def answer_commitment(
    *,
    commitment: Commitment,
    says: str,
    words: str = "",
    due_on: date | None = None,
    by: User | None = None,
    link_version: int | None = None,
) -> Commitment:
    """The owner answers: "done", "later" with a new day, "cannot", or "not_mine" (then we write there no more).

    `link_version` is that of the link they came by, which this uses up. Raises Refused.
    """
    now = _lock(commitment)
    if link_version is not None and now.link_version != link_version:
        raise Refused(_("This link was used already. Nothing was changed a second time."))
    _refuse_settled(now)
    now.link_version += 1
    now.answered_at = timezone.now()
    now.answer = words.strip()[:500] or now.answer
    if says == "not_mine":
        now.owner_email, now.owner = "", None
    elif says == "later":
        _move(now, due_on)
    elif says == "done":
        now.kept_on = timezone.localdate()
    elif says != "cannot":
        raise Refused(_("Choose one of the answers."))
    now.save()
    _note(now, f"answer_{says}", by=by)
    if says in ENDS:
        return _settle(now, commitment, ENDS[says], by=by)
    return _hand_back(now, commitment)


ENDS = {"done": State.KEPT, "cannot": State.BROKEN}


def _move(commitment: Commitment, due_on: date | None) -> None:
    if due_on is None:
        raise Refused(_("Say the new day by which it will be done."))
    commitment.due_on = due_on
    _refuse_without(commitment, earliest=timezone.localdate())
    commitment.n_reminders, commitment.reminded_at = 0, None


# --- Underneath -------------------------------------------------------------------------------------------------------


def _lock(commitment: Commitment, expected: str | None = None) -> Commitment:
    """The row as it is now, locked. Raises ChangedMeanwhile where it isn't what was `expected`."""
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("organization", "settled_by__person")
    now = rows.get(pk=commitment.pk)
    if expected is not None and now.version != expected:
        raise ChangedMeanwhile(now)
    return now


def _hand_back(now: Commitment, seen: Commitment) -> Commitment:
    seen.refresh_from_db()
    return now


def _refuse_settled(commitment: Commitment) -> None:
    if commitment.state != State.OPEN:
        words = {"state": commitment.get_state_display()}
        raise Refused(_("This promise is “%(state)s” already. Open it again first.") % words)


def _settle(now: Commitment, seen: Commitment, to: str, *, by: User | None, words: str = "") -> Commitment:
    now.state, now.settled_at, now.settled_by = to, timezone.now(), by
    now.answer = words.strip()[:500] or now.answer
    now.save(update_fields=["state", "kept_on", "settled_at", "settled_by", "answer"])
    _note(now, to, by=by)
    return _hand_back(now, seen)


def _apply(commitment: Commitment, fields: CommitmentFields) -> None:
    """Write the fields; who an address belongs to, and where another organization is written to, follow from them."""
    organization_before = commitment.organization_id
    for name, value in fields.items():
        setattr(commitment, name, value.strip() if isinstance(value, str) else value)
    commitment.owner_email = normalize_email(commitment.owner_email)
    if not commitment.owner_email and commitment.organization_id != organization_before:
        _take_address(commitment)
    if commitment.owner_email:
        commitment.owner = Person.objects.current().filter(email__iexact=commitment.owner_email).first()
    else:
        commitment.owner = None


def _take_address(commitment: Commitment) -> None:
    """Where the organization that promised is written to. Up to one query."""
    recipient = recipient_of(commitment.organization) if commitment.organization else None
    if recipient:
        commitment.owner_email, commitment.language = normalize_email(recipient.address), recipient.language
        commitment.owner_name = commitment.owner_name or recipient.name[:120]


def _day_made(walk: Walk | None, meeting: Meeting | None) -> date:
    """Promises of a walk or a meeting may be typed in later, from paper."""
    today = timezone.localdate()
    if walk:
        return min(walk.meet_at.astimezone(walk.zone).date(), today)
    return min(timezone.localdate(meeting.starts_at), today) if meeting else today


def _refuse_without(commitment: Commitment, *, earliest: date) -> None:
    if not commitment.text:
        raise Refused(_("Say what was promised."))
    if commitment.organization is None and not commitment.owner_name:
        raise Refused(_("Say who promised it: an organization or a name."))
    if commitment.due_on is None:
        raise Refused(_("Say by when: choose a day."))
    if commitment.due_on < earliest:
        raise Refused(_("The day lies in the past. Choose today or a later day."))
    if commitment.due_on > timezone.localdate() + LONGEST:
        raise Refused(_("That is more than two years ahead. Choose an earlier day."))


def _both_versions(now: Commitment) -> str:
    words = {
        "state": now.get_state_display(),
        "due": date_format(now.due_on, "D j M"),
        "text": now.text,
        "who": now.who,
    }
    return _(
        "Somebody changed this promise meanwhile. Now it reads: “%(text)s”, %(who)s, by %(due)s, %(state)s. "
    ) % words + _("Nothing was changed; look at both and decide.")


def _note(commitment: Commitment, action: str, *, by: User | None, **detail: Any) -> None:
    record(
        actor=by, action=f"commitment.{action}", resource="commitment", object_id=commitment.public_id, detail=detail
    )
