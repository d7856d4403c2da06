"""Nothing is public before an organizer read it, and hiding takes one call. Other rooms call `concerns.actions`."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from concerns.content_flags import note_reviewed
from concerns.models import Category, Concern, Photo
from concerns.reviewed import refuse_status_words
from concerns.story import (
    audit,
    hand_back,
    lock,
    refuse_if_changed,
    write_publication,
    write_status,
)
from concerns.workflow import Publication, Status
from corridors.models import Segment, Side
from corridors.places import PublicPlace, face_place, public_place
from office.refused import Refused
from people.models import User

Outcome = tuple[Concern, str]  # the sentence why it was skipped, or ""

Rule = Category.Rule
STRICTNESS: dict[str, int] = {Rule.PLACE: 0, Rule.SEGMENT_COUNT: 1, Rule.NEVER: 2}


def why_not_public(concern: Concern) -> str:
    """The sentence why this concern may not be published now, or "" where it may. Reads the category."""
    rule = concern.category.publication_rule
    if rule == Rule.NEVER:
        return _("“%(category)s” is never public.") % {"category": concern.category.name}
    if concern.waits_for_help:
        return _("People live there: first write down that help was offered or that there is imminent danger.")
    if concern.status == Status.WITHDRAWN:
        return _("It was taken back by the person who reported it.")
    if concern.status == Status.DUPLICATE:
        return _("It is the same as another concern. Publish that one.")
    if rule == Rule.SEGMENT_COUNT and concern.segment_id is None:
        return _("It is only ever counted by block, and it lies on no block. Give it a block first.")
    if rule == Rule.PLACE and concern.location is None and concern.segment_id is None:
        return _("It has no place on the map yet. Set its place first.")
    return ""


def words_to_publish(concern: Concern) -> str:
    """The words an organizer is shown before publishing: those published before, else the note."""
    if concern.category.publication_rule != Rule.PLACE:
        return ""
    return concern.public_text if concern.published_at else concern.note


@transaction.atomic
def publish_concern(
    *,
    concern: Concern,
    by: User,
    text: str | None = None,
    expected: str | None = None,
    at: datetime | None = None,
) -> Concern:
    """Make a concern public, or change its public words where it already is. The first time also reads it (triage).

    `text` becomes public; None takes `words_to_publish`, refused where those seem to describe a person. `expected` is
    `version_of` what the person saw. Raises Refused.
    """
    now = lock(concern)
    chosen = words_to_publish(now) if text is None else text.strip()
    refuse_if_changed(now, seen=concern, expected=expected, wanted=_("publish “%(text)s”") % {"text": chosen})
    _refuse_to_publish(now, read_words=text is not None)
    refuse_status_words(chosen)
    at = at or timezone.now()
    if now.status == Status.NEW:
        write_status(now, Status.TRIAGED, by=by, at=at)
    _fill_in_public_place(now)
    now.public_text = chosen if now.category.publication_rule == Rule.PLACE else ""
    now.published_at = now.published_at or at
    now.hidden_reason = ""
    write_publication(now, Publication.PUBLISHED, by=by, at=at)
    note_reviewed(now)
    return hand_back(now, concern)


def _refuse_to_publish(concern: Concern, *, read_words: bool) -> None:
    if reason := why_not_public(concern):
        raise Refused(reason)
    is_flagged = Concern.Flag.PERSON_TEXT in concern.flags and not concern.published_at
    if is_flagged and not read_words and concern.category.publication_rule == Rule.PLACE:
        raise Refused(_("Its words seem to describe a person. Open it and choose the words that become public."))


def _fill_in_public_place(concern: Concern) -> None:
    """Write the public place once; it isn't computed again when a corridor is edited or a hidden concern comes back."""
    if concern.category.publication_rule != Rule.PLACE:
        concern.public_point, concern.public_place = None, ""
        concern.public_segment = concern.public_segment or concern.segment
        concern.public_side = concern.public_side or concern.side
    elif concern.public_point is None:
        write_public_place(concern, snapped_place(concern))


def snapped_place(concern: Concern) -> PublicPlace:
    """The place everybody may see instead of the exact one. One or two queries."""
    if concern.segment and concern.segment.is_current:
        side = concern.side or (_side_of(concern.location, concern.segment) if concern.location else Side.LEFT)
        return face_place(concern.segment, side)
    if concern.location is None:
        assert concern.segment is not None  # why_not_public
        return face_place(concern.segment, concern.side or Side.LEFT)
    return public_place(concern.location)


def _side_of(point: Point, segment: Segment) -> str:
    place = public_place(point)
    return place.side if place.segment == segment else Side.LEFT


def write_public_place(concern: Concern, place: PublicPlace) -> None:
    concern.public_point, concern.public_place = place.point, place.words
    concern.public_segment, concern.public_side = place.segment, place.side


@transaction.atomic
def hide_concern(*, concern: Concern, by: User | None, reason: str = "", at: datetime | None = None) -> Concern:
    """Take a concern out of everything public, at once and from any state. Never refused."""
    now = lock(concern)
    now.hidden_reason = (reason.strip() or _("an organizer hid it"))[:200]
    write_publication(now, Publication.HIDDEN, by=by, at=at or timezone.now(), note=now.hidden_reason)
    note_reviewed(now)
    return hand_back(now, concern)


@transaction.atomic
def mark_spam(*, concern: Concern, by: User) -> Concern:
    """Put it aside as spam; nothing of it is public. `restore_concern` brings it back."""
    now = lock(concern)
    write_publication(now, Publication.SPAM, by=by, at=timezone.now())
    return hand_back(now, concern)


@transaction.atomic
def restore_concern(*, concern: Concern, by: User) -> Concern:
    """Put a hidden or spam concern back among those that wait to be read. Raises Refused where it is neither."""
    now = lock(concern)
    if now.publication not in {Publication.HIDDEN, Publication.SPAM}:
        raise Refused(_("It is neither hidden nor spam."))
    now.hidden_reason = ""
    write_publication(now, Publication.HELD, by=by, at=timezone.now())
    return hand_back(now, concern)


def withdraw_from_public(concern: Concern, *, by: User | None, at: datetime, note: str) -> None:
    """Take a locked, published concern back because its category changed; its public place and words are dropped."""
    concern.public_point, concern.public_place, concern.public_text = None, "", ""
    write_publication(concern, Publication.HELD, by=by, at=at, note=note)


def _one_by_one(concerns: Iterable[Concern], do: Callable[[Concern], object]) -> list[Outcome]:
    """Each succeeds or is skipped alone."""
    outcomes = []
    for concern in concerns:
        try:
            do(concern)
        except Refused as refusal:
            outcomes.append((concern, refusal.message))
        else:
            outcomes.append((concern, ""))
    return outcomes


def publish_concerns(*, concerns: Iterable[Concern], by: User) -> list[Outcome]:
    """Publish each with its own words. Returns every concern with "" or the sentence why it was skipped."""
    return _one_by_one(concerns, lambda concern: _publish_if_held(concern, by))


def _publish_if_held(concern: Concern, by: User) -> None:
    if concern.publication == Publication.PUBLISHED:
        raise Refused(_("It was public already."))
    publish_concern(concern=concern, by=by)


def hide_concerns(*, concerns: Iterable[Concern], by: User, reason: str = "") -> list[Outcome]:
    """Hide each. Returns every concern with ""."""
    return _one_by_one(concerns, lambda concern: hide_concern(concern=concern, by=by, reason=reason))


@transaction.atomic
def approve_photo(*, photo: Photo, by: User, seen: str | None = None) -> Photo:
    """Let the re-encoded copy be public together with its concern. Raises Refused where it never may.

    `seen` is `Photo.shown_version` of the copy the person looked at: another one isn't approved unseen.
    """
    now = Photo.objects.select_for_update(of=("self",)).select_related("concern__category", "look__concern__category")
    locked = now.get(pk=photo.pk)
    concern = concern_of_photo(locked)
    if concern.category.publication_rule != Rule.PLACE:
        raise Refused(_("Photos of “%(category)s” are never public.") % {"category": concern.category.name})
    if locked.state != Photo.State.READY:
        raise Refused(_("This photo isn’t ready: it %(state)s.") % {"state": locked.get_state_display()})
    if seen is not None and seen != locked.shown_version:
        raise Refused(_("Somebody changed this photo meanwhile. Look at it as it is now, then approve it."))
    return _write_approval(locked, photo, at=timezone.now(), by=by, action="approve_photo")


@transaction.atomic
def hide_photo(*, photo: Photo, by: User | None) -> Photo:
    """Take a photo out of everything public. Never refused."""
    locked = Photo.objects.select_for_update(of=("self",)).select_related("concern", "look__concern").get(pk=photo.pk)
    return _write_approval(locked, photo, at=None, by=by, action="hide_photo")


def concern_of_photo(photo: Photo) -> Concern:
    """The concern a photo belongs to, also through a look. May query."""
    concern = photo.concern or (photo.look.concern if photo.look else None)
    assert concern is not None  # photo_of_a_concern_or_a_look
    return concern


def _write_approval(locked: Photo, photo: Photo, *, at: datetime | None, by: User | None, action: str) -> Photo:
    for row in (locked, photo):
        row.approved_at, row.approved_by = at, by if at else None
    locked.save(update_fields=["approved_at", "approved_by"])
    audit(concern_of_photo(locked), action, by=by, detail={"photo": str(locked.public_id)})
    return photo
