"""A concern's story for people: the lines of three voices, in words."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Concern, ConcernUpdate
from concerns.public import PublicConcern, PublicUpdate
from concerns.workflow import LookResult, Publication, Status
from walks.sun import Lit

STAVES = {"agency": "city", "resident": "resident", "walkers": "walk", "desk": "walk"}
# Whoever writes these down at the desk writes down what the city said.
SAID_BY_THE_CITY = {Status.IN_PROGRESS, Status.CLAIMED_FIXED}
LOOK_WORDS: dict[str, Any] = {
    LookResult.FIXED: gettext_lazy("Fixed."),
    LookResult.STILL_THERE: gettext_lazy("Still there."),
    LookResult.WORSE: gettext_lazy("It got worse."),
    LookResult.CANNOT_TELL: gettext_lazy("Could not tell."),
    LookResult.GONE: gettext_lazy("It is gone."),
}


@dataclass(frozen=True)
class Beat:
    """One line of the story. `voice` is city, walk or resident; `status` is a status or ""."""

    at: datetime
    voice: str
    words: str
    status: str = ""
    lit: str = ""
    is_look: bool = False


def public_beats(concern: PublicConcern) -> list[Beat]:
    """The story that everybody may read, oldest first. One query."""
    beats: list[Beat] = []
    for beat in (_public_beat(concern, update) for update in concern.updates.all()):
        # A look and the status it led to are one moment.
        last = beats[-1] if beats else None
        if last and last.is_look and beat.status and (last.at, last.voice) == (beat.at, beat.voice):
            beats[-1] = replace(last, status=beat.status)
        else:
            beats.append(beat)
    return beats


def _public_beat(concern: PublicConcern, update: PublicUpdate) -> Beat:
    voice = STAVES.get(update.voice, "walk")
    if update.kind == ConcernUpdate.Kind.STATUS and update.to_value in SAID_BY_THE_CITY:
        voice = "city"
    if update.kind == ConcernUpdate.Kind.LOGGED:
        words = concern.text or concern.category.name
        return Beat(update.at, voice, words)
    if update.kind == ConcernUpdate.Kind.LOOK:
        words = " ".join(part for part in (str(LOOK_WORDS.get(update.to_value, "")), update.note) if part)
        return Beat(update.at, voice, words, lit=_lit_words(update.from_value), is_look=True)
    return Beat(update.at, voice, update.note, status=update.to_value)


def _lit_words(lit: str) -> str:
    return str(Lit(lit).label) if lit in Lit.values else ""


@dataclass(frozen=True)
class DeskLine:
    """One line of the private story, in words."""

    at: datetime
    who: str
    words: str
    note: str = ""
    status: str = ""
    is_public: bool = False


def desk_story(concern: Concern) -> list[DeskLine]:
    """Everything that happened to a concern, newest first. One query."""
    updates = concern.updates.select_related("by__person").order_by("-at", "-id")
    return [_desk_line(update) for update in updates]


def _desk_line(update: ConcernUpdate) -> DeskLine:
    who = update.by.short_name if update.by else str(update.get_voice_display())
    note = "" if update.to_value == "duplicate" else update.note
    status = update.to_value if update.kind == ConcernUpdate.Kind.STATUS else ""
    return DeskLine(update.at, who, _desk_words(update), note or update.public_note, status, update.is_public)


def _desk_words(update: ConcernUpdate) -> str:
    kind, before, after = update.kind, update.from_value, update.to_value
    if kind == ConcernUpdate.Kind.LOGGED:
        return _("reported it")
    if kind == ConcernUpdate.Kind.PUBLICATION:
        return _("changed it from “%(before)s” to “%(after)s”") % {
            "before": Publication(before).label,
            "after": Publication(after).label,
        }
    if kind == ConcernUpdate.Kind.LOOK:
        return _("looked again: %(words)s") % {"words": LOOK_WORDS.get(after, after)}
    if kind == ConcernUpdate.Kind.PROPOSAL:
        return str(PROPOSAL_WORDS.get(after, after))
    if kind == ConcernUpdate.Kind.NOTE:
        return str(NOTE_WORDS.get(after) or _("wrote down the number %(number)s") % {"number": after})
    if kind == ConcernUpdate.Kind.SAID:
        return _("says: %(words)s") % {"words": SAID_WORDS.get(after, after)}
    if kind == ConcernUpdate.Kind.STATUS:
        return _("set the status")
    if before and after:
        return _("changed “%(before)s” to “%(after)s”") % {"before": before, "after": after}
    return _("changed it")


PROPOSAL_WORDS: dict[str, Any] = {
    "open": gettext_lazy("sent a change after it was read"),
    "accepted": gettext_lazy("took the change over"),
    "declined": gettext_lazy("declined the change"),
}
NOTE_WORDS: dict[str, Any] = {
    "offered": gettext_lazy("wrote down that help was offered"),
    "danger": gettext_lazy("wrote down imminent danger"),
    ConcernUpdate.DANGER_TAKEN: gettext_lazy("takes care of the danger"),
    ConcernUpdate.DANGER_OPEN: gettext_lazy("said that the danger isn’t taken care of after all"),
}
SAID_WORDS: dict[str, Any] = {
    "fixed": gettext_lazy("it is fixed"),
    "not_fixed": gettext_lazy("it isn’t fixed"),
    "open": gettext_lazy("it is open"),
    "closed": gettext_lazy("it is closed"),
}
