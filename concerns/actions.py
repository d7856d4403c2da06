"""Everything that changes a concern. Each action locks the row, checks it again and writes its story with it.

A refusal raises `Refused` with a sentence for the person who tried. What becomes public is in `concerns.publishing`,
merging in `concerns.merging`; call them from here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.assigning import answer_assignment, assign_concern, end_assignment, take_back_assignment
from concerns.blocks import block_face
from concerns.cases import hear_of_case
from concerns.danger import handle_danger, reopen_danger
from concerns.deadlines import follow_kind
from concerns.filing import add_case, correct_case, withdraw_case
from concerns.flags import flags_for_text
from concerns.looks import hide_look, publish_look, record_look, take_over_look
from concerns.merging import claim_same, mark_duplicate, mark_duplicates, unmark_duplicate
from concerns.models import Category, Concern, Look, Proposal
from concerns.plausible import clock_is_off, flag_if_outside
from concerns.proposals import body_as_fields
from concerns.publishing import (
    STRICTNESS,
    Outcome,
    approve_photo,
    hide_concern,
    hide_concerns,
    hide_photo,
    mark_spam,
    publish_concern,
    publish_concerns,
    restore_concern,
    snapped_place,
    why_not_public,
    withdraw_from_public,
    words_to_publish,
    write_public_place,
)
from concerns.purging import drop_photos, purge_concern, purge_look
from concerns.reviewed import forget_in_proposal
from concerns.same import likely_same
from concerns.story import (
    DATES,
    PUBLIC_FIELDS,
    Kind,
    MoveRefused,
    Voice,
    add_line,
    audit,
    both_versions,
    first_voice,
    hand_back,
    lock,
    save,
    version_of,
    write_status,
)
from concerns.takedown import take_down
from concerns.workflow import NEEDS_NOTE, Publication, Source, Status, may_move
from corridors.addresses import address_key, pole_key
from corridors.models import Segment
from office.refused import Refused
from people.models import User
from walks.models import Device, Team, Walk

__all__ = [
    "MoveRefused", "Outcome", "Refused", "add_case", "answer_assignment", "approve_photo", "assign_concern",
    "change_concern", "claim_same", "correct_case", "decide_proposal", "drop_photos", "end_assignment",
    "handle_danger", "hear_of_case", "hide_concern", "hide_concerns", "hide_look", "hide_photo", "likely_same",
    "log_concern", "mark_duplicate", "mark_duplicates", "mark_spam", "move_concern", "move_to_walk", "offer_help",
    "propose_change", "publish_concern", "publish_concerns", "publish_look", "purge_concern", "purge_look", "re_place",
    "recategorise", "record_look", "reopen_danger", "restore_concern", "take_back_assignment",
    "take_back_proposal", "take_down", "triage",
    "unmark_duplicate", "version_of", "why_not_public", "withdraw_case", "withdraw_concern", "words_to_publish",
]  # fmt: skip

# Sending a building where people live anywhere needs `offer_help` first.
SENT_SOMEWHERE = {Status.REPORTED, Status.REFERRED_TO_OWNER, Status.IN_PROGRESS}


class ConcernFields(TypedDict, total=False):
    """What a phone or a person says about a concern."""

    category: Category
    location: Point | None
    accuracy_m: float | None
    place_from: str
    fix_location: Point | None
    fix_accuracy_m: float | None
    fix_at: datetime | None
    address: str
    segment: Segment | None
    side: str
    lit: str
    note: str
    answers: dict[str, Any]
    danger_now: bool
    told_by: str
    city_case: str
    n_photos_expected: int
    captured_at: datetime | None
    flags: Iterable[str]


def log_concern(
    *,
    category: Category,
    source: str,
    walk: Walk | None = None,
    team: Team | None = None,
    device: Device | None = None,
    by: User | None = None,
    location: Point | None = None,
    accuracy_m: float | None = None,
    place_from: str = "",
    fix_location: Point | None = None,
    fix_accuracy_m: float | None = None,
    fix_at: datetime | None = None,
    address: str = "",
    segment: Segment | None = None,
    side: str = "",
    lit: str = "",
    note: str = "",
    answers: dict[str, Any] | None = None,
    danger_now: bool = False,
    told_by: str = Concern.ToldBy.SEEN,
    city_case: str = "",
    n_photos_expected: int = 0,
    captured_at: datetime | None = None,
    received_at: datetime | None = None,
    flags: Iterable[str] = (),
) -> Concern:
    """Keep what somebody noticed, held and unread. At most three statements: block face, concern, first line.

    Without `segment` the nearest block face is taken (of the walk's corridor, where there is a walk). Flags for words
    about a person, a wrong clock and no block are added to `flags`. Raises Refused without any place.
    """
    if location is None and not address.strip():
        raise Refused(_("Say where it is: a place on the map or an address."))
    received_at = received_at or timezone.now()
    segment, side = block_face(location, segment, side, walk, address)
    concern = Concern(
        category=category,
        source=source,
        walk=walk,
        team=team,
        device=device,
        location=location,
        accuracy_m=accuracy_m,
        place_from=place_from,
        fix_location=fix_location,
        fix_accuracy_m=fix_accuracy_m,
        fix_at=fix_at,
        address=address.strip()[:200],
        segment=segment,
        side=side,
        lit=lit,
        note=note.strip(),
        answers=answers or {},
        danger_now=danger_now,
        told_by=told_by,
        city_case=city_case.strip()[:40],
        n_photos_expected=n_photos_expected,
        captured_at=captured_at,
        received_at=received_at,
    )
    _work_out(concern, keep=flags)
    voice = first_voice(source)
    # No savepoint: nothing in here is caught, and the phones' road counts its statements.
    with transaction.atomic(savepoint=False):
        concern.save(force_insert=True)
        add_line(
            concern,
            Kind.LOGGED,
            at=concern.first_seen_at,
            by=by,
            voice=voice,
            to_value=Status.NEW,
            is_public=True,
        )
    return concern


# Worked out from the record itself on every change; other flags stay until somebody clears them.
WORKED_OUT = {Concern.Flag.PERSON_TEXT, Concern.Flag.CLOCK_OFF, Concern.Flag.NO_BLOCK}
STAYING = {Concern.Flag.CHANGED, Concern.Flag.REPORTED}
FOLLOWING = ["flags", "first_seen_at", "address_key", "pole_key"]


def _is_off(concern: Concern, captured_at: datetime) -> bool:
    """Whether the time can't be right. Paper has no clock: a sheet may be typed in weeks later, but never before."""
    if concern.source == Source.PAPER:
        return captured_at > concern.received_at
    return clock_is_off(captured_at, concern.received_at)


def _work_out(concern: Concern, *, keep: Iterable[str]) -> None:
    """Set what follows from the other fields: flags, when it was first seen, what it is told apart by."""
    flags = set(keep)
    is_off = concern.captured_at is not None and _is_off(concern, concern.captured_at)
    if flags_for_text(concern.note):
        flags.add(Concern.Flag.PERSON_TEXT)
    if is_off:
        flags.add(Concern.Flag.CLOCK_OFF)
    if concern.segment_id is None:
        flags.add(Concern.Flag.NO_BLOCK)
    concern.flags = sorted(flags)
    concern.address_key, concern.pole_key = address_key(concern.address), pole_key(concern.answers.get("pole"))
    trusted = concern.captured_at if concern.captured_at and not is_off else concern.received_at
    concern.first_seen_at = trusted


def change_concern(
    *, concern: Concern, by: User | None = None, device: Device | None = None, **fields: Unpack[ConcernFields]
) -> Concern:
    """Change what somebody reported, before an organizer read it. Raises Refused afterwards."""
    # Refused outside the block: without a savepoint an exception inside would end the caller's transaction, too.
    with transaction.atomic(savepoint=False):
        now = lock(concern)
        if may_change := is_unread(now):
            _apply(now, fields)
            add_line(now, Kind.EDITED, by=by, voice=first_voice(now.source))
    if not may_change:
        raise Refused(_("An organizer has read it already. The change waits until one has decided."))
    return hand_back(now, concern)


def is_unread(concern: Concern) -> bool:
    """Whether nobody has read it yet, so that whoever reported it may still change it."""
    return concern.triaged_at is None and concern.publication == Publication.HELD and concern.status == Status.NEW


def _apply(concern: Concern, fields: ConcernFields) -> None:
    """Write changed fields of a locked concern. Where no block is named, the block follows a new place.

    Given `flags` replace those that aren't worked out here; without them "outside where we work" follows the place.
    """
    flags = fields.pop("flags", None)
    for name, value in fields.items():
        setattr(concern, name, value)
    lasting = set(concern.flags) - WORKED_OUT if flags is None else {*flags, *set(concern.flags) & STAYING}
    if "location" in fields:
        if not fields.get("segment"):
            concern.segment, concern.side = block_face(
                concern.location, None, fields.get("side", ""), concern.walk, concern.address
            )
        if flags is None:
            lasting = lasting - {Concern.Flag.OUTSIDE} | flag_if_outside(concern.location)
    _work_out(concern, keep=lasting)
    save(concern, [*fields, "segment", "side", *FOLLOWING])


def propose_change(
    *, concern: Concern, device: Device | None, body: dict[str, Any], look: Look | None = None
) -> Proposal:
    """Keep a change that came after an organizer had read the concern; nothing else changes until one decides.

    A phone has one open proposal for a concern and one for each of its looks: a newer body replaces the older.
    """
    with transaction.atomic(savepoint=False):
        now = lock(concern)
        proposal, is_new = Proposal.objects.update_or_create(
            concern=now,
            device=device,
            look=look,
            state=Proposal.State.OPEN,
            defaults={"body": body, "received_at": timezone.now()},
        )
        now.flags = sorted({*now.flags, Concern.Flag.CHANGED})
        save(now, ["flags"])
        if is_new:
            add_line(now, Kind.PROPOSAL, voice=first_voice(now.source), to_value=Proposal.State.OPEN)
    hand_back(now, concern)
    return proposal


def take_back_proposal(*, concern: Concern, device: Device, look: Look | None = None) -> None:
    """The phone says again what stands anyway: nothing is left for an organizer to decide."""
    with transaction.atomic(savepoint=False):
        now = lock(concern)
        _close_proposals(now, now.proposals.filter(device=device, look=look), by=None)
    hand_back(now, concern)


def _close_proposals(now: Concern, proposals: QuerySet[Proposal], *, by: User | None) -> None:
    """Those that wait, at a locked concern, need no decision any more."""
    for proposal in proposals.filter(state=Proposal.State.OPEN):
        proposal.state, proposal.decided_by, proposal.decided_at = Proposal.State.DECLINED, by, timezone.now()
        proposal.save(update_fields=["state", "decided_by", "decided_at"])
        forget_in_proposal(proposal)
        add_line(now, Kind.PROPOSAL, by=by, voice=first_voice(now.source), from_value=Proposal.State.OPEN,
                 to_value=Proposal.State.DECLINED)  # fmt: skip
    if not now.proposals.filter(state=Proposal.State.OPEN).exists() and Concern.Flag.CHANGED in now.flags:
        now.flags = [flag for flag in now.flags if flag != Concern.Flag.CHANGED]
        save(now, ["flags"])


@transaction.atomic
def decide_proposal(*, proposal: Proposal, by: User, accept: bool) -> Proposal:
    """Take a proposed change over, or decline it. What is public stays as it was published. Raises Refused."""
    now = lock(proposal.concern)
    waiting = Proposal.objects.select_for_update(of=("self",)).select_related("look").get(pk=proposal.pk)
    if waiting.state != Proposal.State.OPEN:
        raise Refused(_("Somebody was quicker: this change is %(state)s.") % {"state": waiting.get_state_display()})
    if accept and waiting.look is not None:
        take_over_look(waiting.look, now, waiting.body, by=by)
    elif accept:
        _take_over(now, waiting.body, by=by)
    state = Proposal.State.ACCEPTED if accept else Proposal.State.DECLINED
    for row in (waiting, proposal):
        row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    waiting.save(update_fields=["state", "decided_by", "decided_at"])
    forget_in_proposal(waiting)
    if not now.proposals.filter(state=Proposal.State.OPEN).exists():
        now.flags = [flag for flag in now.flags if flag != Concern.Flag.CHANGED]
    save(now, ["flags"])
    add_line(now, Kind.PROPOSAL, by=by, from_value=Proposal.State.OPEN, to_value=state)
    audit(now, "decide_proposal", by=by, detail={"accept": accept})
    return proposal


def _take_over(concern: Concern, body: dict[str, Any], *, by: User) -> None:
    """Apply an accepted proposal to a locked concern."""
    if body.get("deleted"):
        _move(concern, Status.WITHDRAWN, by=by, at=timezone.now())
        return
    fields, category = body_as_fields(body)
    _apply(concern, fields)  # type: ignore[arg-type]
    add_line(concern, Kind.EDITED, by=by)
    if category is not None and category.pk != concern.category_id:
        _recategorise(concern, category, by=by)


def withdraw_concern(*, concern: Concern, by: User | None = None, at: datetime | None = None) -> Concern:
    """Take a report back. Whoever made it may (`by` None) until it is read; organizers as the workflow allows."""
    with transaction.atomic(savepoint=False):
        now = lock(concern)
        may_withdraw = is_unread(now) if by is None else may_move(from_status=now.status, to_status=Status.WITHDRAWN)
        if may_withdraw:
            write_status(now, Status.WITHDRAWN, by=by, at=at or timezone.now(), voice=first_voice(now.source))
            _close_proposals(now, now.proposals.all(), by=by)
    if not may_withdraw and by is None:
        raise Refused(_("An organizer has read it already. Ask them to take it back."))
    if not may_withdraw:
        raise MoveRefused(_("From “%(now)s” it can’t be taken back.") % {"now": now.get_status_display()})
    return hand_back(now, concern)


@transaction.atomic
def triage(*, concern: Concern, by: User, at: datetime | None = None) -> Concern:
    """An organizer read it: new becomes open. Raises MoveRefused where it isn't new any more."""
    now = lock(concern)
    if now.status != Status.NEW:
        raise MoveRefused(both_versions(now, wanted=_("mark it as read")))
    write_status(now, Status.TRIAGED, by=by, at=at or timezone.now())
    return hand_back(now, concern)


@transaction.atomic
def move_concern(
    *,
    concern: Concern,
    to: str,
    by: User | None,
    note: str = "",
    public_note: str = "",
    expected: str | None = None,
    voice: str = "",
    at: datetime | None = None,
) -> Concern:
    """Set a status by hand, as the workflow allows. `expected` is the status the person saw. Raises MoveRefused.

    "City says fixed" speaks with the agency's voice. Merging has its own action.
    """
    now = lock(concern)
    label = Status(to).label if to in Status.values else to
    if now.status != (expected or concern.status):
        raise MoveRefused(both_versions(now, wanted=str(label)))
    if to == Status.DUPLICATE:
        raise MoveRefused(_("Say which concern it is the same as."))
    if now.status == Status.DUPLICATE:
        raise MoveRefused(_("It is the same as another. Take that back first."))
    speaker = voice or (Voice.AGENCY if to == Status.CLAIMED_FIXED else Voice.DESK)
    _move(now, to, by=by, note=note, public_note=public_note, voice=speaker, at=at or timezone.now())
    return hand_back(now, concern)


def _move(concern: Concern, to: str, *, by: User | None, at: datetime, note: str = "", **line: Any) -> None:
    """Move a locked concern by the table of `concerns.workflow`, or raise MoveRefused."""
    if not may_move(from_status=concern.status, to_status=to):
        words = {"now": concern.get_status_display(), "to": Status(to).label if to in Status.values else to}
        raise MoveRefused(_("From “%(now)s” it can’t become “%(to)s”.") % words)
    if to in NEEDS_NOTE and not note.strip():
        raise MoveRefused(_("Say why there is nothing to be done."))
    if to in SENT_SOMEWHERE and concern.waits_for_help:
        raise MoveRefused(_("People live there: first write down that help was offered or that there is danger."))
    write_status(concern, to, by=by, at=at, note=note.strip(), **line)


@transaction.atomic
def recategorise(*, concern: Concern, category: Category, by: User) -> Concern:
    """Give it another kind. A published one whose new kind is published otherwise is taken back at the same moment."""
    now = lock(concern)
    _recategorise(now, category, by=by)
    return hand_back(now, concern)


def _recategorise(concern: Concern, category: Category, *, by: User) -> None:
    before, concern.category = concern.category, category
    follow_kind(concern)
    save(concern, ["category", *DATES])
    add_line(concern, Kind.EDITED, by=by, from_value=before.code, to_value=category.code)
    audit(concern, "recategorise", by=by, detail={"from": before.code, "to": category.code})
    if STRICTNESS[before.publication_rule] == STRICTNESS[category.publication_rule]:
        return
    if concern.publication == Publication.PUBLISHED:
        withdraw_from_public(concern, by=by, at=timezone.now(), note=_("the kind changed"))
    elif STRICTNESS[category.publication_rule]:
        concern.public_point, concern.public_place, concern.public_text = None, "", ""
        save(concern, PUBLIC_FIELDS)


@transaction.atomic
def re_place(
    *,
    concern: Concern,
    by: User,
    location: Point | None = None,
    address: str = "",
    segment: Segment | None = None,
    side: str = "",
) -> Concern:
    """Put it where it really is. An organizer decided, so the public place of a published one follows at once.

    Without `segment` the nearest block face of any corridor is taken. Raises Refused without any place.
    """
    now = lock(concern)
    if location is None and not (address or now.address).strip():
        raise Refused(_("Say where it is: a place on the map or an address."))
    before = now.segment
    now.location, now.address = location, (address or now.address).strip()[:200]
    now.segment, now.side = block_face(location, segment, side, None, now.address)
    _work_out(now, keep=set(now.flags) - WORKED_OUT - {Concern.Flag.OUTSIDE})
    if now.public_point is not None:
        if reason := why_not_public(now):
            raise Refused(reason)
        write_public_place(now, snapped_place(now))
    elif now.public_segment_id:
        now.public_segment, now.public_side = now.segment, now.side
    save(now, ["location", "address", "segment", "side", *FOLLOWING, *PUBLIC_FIELDS])
    add_line(now, Kind.EDITED, by=by, from_value=_block_words(before), to_value=_block_words(now.segment))
    audit(now, "re_place", by=by, detail={"from": _block_words(before), "to": _block_words(now.segment)})
    return hand_back(now, concern)


def _block_words(segment: Segment | None) -> str:
    return segment.name[:60] if segment else ""


@transaction.atomic
def move_to_walk(*, concern: Concern, walk: Walk | None, by: User) -> Concern:
    """Say on which walk it was really seen. Its team belongs to the old walk and is dropped."""
    now = lock(concern)
    before, now.walk = now.walk, walk
    now.team = None
    save(now, ["walk", "team"])
    add_line(now, Kind.EDITED, by=by, from_value=_walk_words(before), to_value=_walk_words(walk))
    audit(now, "move_to_walk", by=by, detail={"to": str(walk.public_id) if walk else ""})
    return hand_back(now, concern)


def _walk_words(walk: Walk | None) -> str:
    return walk.title[:60] if walk else ""


@transaction.atomic
def offer_help(*, concern: Concern, by: User, kind: str) -> Concern:
    """Write down that help was offered to who lives there ("offered") or that there is imminent danger ("danger")."""
    if kind not in {"offered", "danger"}:
        raise Refused(_("Say whether help was offered or whether there is imminent danger."))
    now = lock(concern)
    now.help_first = kind
    save(now, ["help_first"])
    add_line(now, Kind.NOTE, by=by, to_value=kind)
    audit(now, "offer_help", by=by, detail={"kind": kind})
    return hand_back(now, concern)
