"""A concern's row and its story, written together: what the actions stand on. Other rooms call `concerns.actions`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from concerns import owning
from concerns.deadlines import follow_status
from concerns.digests import take_back_digests
from concerns.models import Concern, ConcernUpdate
from concerns.reporter_mail import tell_reporters
from concerns.reviewed import forget_status_words
from concerns.workflow import Publication, Status
from office.actions import record
from office.refused import Refused
from people.models import User

Kind, Voice = ConcernUpdate.Kind, ConcernUpdate.Voice


class MoveRefused(Refused):
    """A status move that the workflow doesn't allow, or that somebody else was quicker with."""


def lock(concern: Concern) -> Concern:
    """The row as it is now, locked until the transaction ends, with its category and block. One query."""
    rows = Concern.objects.select_for_update(of=("self",)).select_related("category", "segment__corridor")
    return rows.get(pk=concern.pk)


def lock_merging() -> None:
    """Merging touches several rows: one at a time, so that two merges never wait for each other in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('concerns.merging'))")


def version_of(concern: Concern) -> str:
    """What somebody saw when they decided: hidden in forms, compared by `refuse_if_changed`."""
    return f"{concern.updated_at.timestamp():.6f}"


def refuse_if_changed(now: Concern, *, seen: Concern, expected: str | None, wanted: str) -> None:
    """Raise Refused with both versions where `now` isn't what the person saw.

    `expected` is `version_of` the concern on their page; without it the row they passed must agree with `now`.
    """
    watched = ("status", "publication", "public_text", "category_id", "duplicate_of_id")
    same = all(getattr(now, name) == getattr(seen, name) for name in watched)
    if expected is not None:
        same = expected == version_of(now)
    if not same:
        raise Refused(both_versions(now, wanted=wanted))


def both_versions(now: Concern, *, wanted: str) -> str:
    """One sentence with what somebody else did and what this person wanted. One query."""
    last = now.updates.select_related("by__person").order_by("-id").first()
    words = {
        "who": last.by.short_name if last and last.by else _("somebody"),
        "when": date_format(timezone.localtime(now.updated_at), "D j M, P"),
        "status": now.get_status_display(),
        "publication": now.get_publication_display(),
        "text": f" (“{now.public_text}”)" if now.public_text else "",
        "wanted": wanted,
    }
    return (
        _(
            "Somebody was quicker: it was changed by %(who)s on %(when)s and is now “%(status)s”, "
            "%(publication)s%(text)s. You wanted: %(wanted)s. Nothing was changed; look again and decide."
        )
        % words
    )


def add_line(concern: Concern, kind: str, **fields: Any) -> ConcernUpdate:
    """Append one line to the story. `note` stays private, `public_note` is for everybody where `is_public`."""
    return ConcernUpdate.objects.create(concern=concern, kind=kind, **fields)


def write_status(
    concern: Concern,
    to: str,
    *,
    by: User | None,
    at: datetime,
    voice: str = Voice.DESK,
    note: str = "",
    public_note: str = "",
    tell: bool = True,
) -> None:
    """Set the status of a locked concern together with its line and its audit record. The only place that does.

    Reporters who asked for it hear of it, unless `tell` is False: nobody is told that nothing came of it after all.
    """
    before, concern.status = concern.status, to
    if by is not None:
        forget_status_words(concern)
    concern.status_changed_at = at
    if concern.triaged_at is None and to not in {Status.NEW, Status.WITHDRAWN}:
        concern.triaged_at = at
    follow_status(concern, before=before, at=at)
    save(concern, ["status", "status_changed_at", "triaged_at", "duplicate_of", *DATES])
    line = add_line(
        concern,
        Kind.STATUS,
        at=at,
        by=by,
        voice=voice,
        from_value=before,
        to_value=to,
        note=note,
        public_note=public_note,
        is_public=to not in {Status.NEW, Status.WITHDRAWN, Status.DUPLICATE},
    )
    if line.is_public and tell:
        tell_reporters(concern, line)
    owning.follow_status(concern, at=at)
    audit(concern, "set_status", by=by, detail={"from": before, "to": to})


def write_publication(concern: Concern, to: str, *, by: User | None, at: datetime, note: str = "") -> None:
    """Set what the public may see of a locked concern, with its line and its audit record. The only place that does."""
    before, concern.publication = concern.publication, to
    if by is not None:
        forget_status_words(concern)
    save(concern, ["publication", "published_at", "hidden_reason", *PUBLIC_FIELDS])
    add_line(concern, Kind.PUBLICATION, at=at, by=by, from_value=before, to_value=to, note=note)
    audit(concern, "publish" if to == Publication.PUBLISHED else "hide", by=by, detail={"from": before, "to": to})
    if before == Publication.PUBLISHED:
        take_back_digests(concern)


DATES = ["due_on", "far_due_on", "relook_on"]
PUBLIC_FIELDS = ["public_point", "public_place", "public_text", "public_segment", "public_side"]


def save(concern: Concern, fields: Iterable[str]) -> None:
    """Save these fields of a locked concern and note the change, so that a page opened before is seen to be old."""
    concern.updated_at = timezone.now()
    concern.save(update_fields=[*fields, "updated_at"])


def audit(concern: Concern, action: str, *, by: User | None, reason: str = "", detail: dict[str, Any]) -> None:
    record(
        actor=by, action=action, resource="concern", object_id=concern.public_id, reason=reason, detail=detail
    )  # fmt: skip


def hand_back(now: Concern, seen: Concern) -> Concern:
    """Give the caller's instance the values that were just written, so that it can be used on."""
    for field in Concern._meta.concrete_fields:
        if field.attname in now.__dict__:
            seen.__dict__[field.attname] = now.__dict__[field.attname]
    for name in ("category", "segment", "walk", "duplicate_of", "public_segment"):
        if seen._state.fields_cache.get(name) is not None:
            seen._state.fields_cache.pop(name)
    return seen


def first_voice(source: str) -> str:
    """Who speaks in the first line of a story, by where the record came from."""
    return {"web": Voice.RESIDENT, "open311": Voice.RESIDENT, "import": Voice.AGENCY, "desk": Voice.DESK}.get(
        source, Voice.WALKERS
    )
