"""A concern's story for people: the lines of three voices, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Assignment, Concern, ConcernUpdate
from concerns.public import PublicConcern, PublicUpdate
from concerns.workflow import LookResult, Publication, Status
from office.marks import STATUS_WORDS
from walks.sun import Lit

STAVES = {"agency": "city", "resident": "resident", "walkers": "walk", "desk": "walk"}
VOICES = ("city", "walk", "resident")
# Whoever writes these down at the desk writes down what the city said.
SAID_BY_THE_CITY = {Status.IN_PROGRESS, Status.CLAIMED_FIXED}
LOOK_WORDS: dict[str, Any] = {
    LookResult.FIXED: gettext_lazy("Fixed."),
    LookResult.STILL_THERE: gettext_lazy("Still there."),
    LookResult.WORSE: gettext_lazy("It got worse."),
    LookResult.CANNOT_TELL: gettext_lazy("Could not tell."),
    LookResult.GONE: gettext_lazy("It is gone."),
}
ANSWER_WORDS: dict[str, Any] = {
    "fixed": gettext_lazy("It is fixed."),
    "not_fixed": gettext_lazy("It isn’t fixed."),
}
FIXED, NOT_FIXED = "fixed", "not_fixed"
LOOK_SAYS: dict[str, str] = {
    LookResult.FIXED: FIXED,
    LookResult.STILL_THERE: NOT_FIXED,
    LookResult.WORSE: NOT_FIXED,
}
STATUS_SAYS: dict[str, str] = {
    Status.CLAIMED_FIXED: FIXED,
    Status.IN_PROGRESS: NOT_FIXED,
    Status.VERIFIED_FIXED: FIXED,
    Status.REOPENED: NOT_FIXED,
}
# Under the name of the voice that says it.
STATUS_SHORT: dict[str, Any] = {
    Status.CLAIMED_FIXED: ANSWER_WORDS[FIXED],
    Status.VERIFIED_FIXED: LOOK_WORDS[LookResult.FIXED],
}
TOLD = [ConcernUpdate.Kind.LOGGED, ConcernUpdate.Kind.STATUS, ConcernUpdate.Kind.LOOK, ConcernUpdate.Kind.SAID]


@dataclass(frozen=True)
class Beat:
    """One line of the story. `voice` is city, walk or resident; `status` is a status or "".

    `says` is "fixed", "not_fixed" or "" where it says neither; `short` the same as `words` without anybody's own ones.
    """

    at: datetime
    voice: str
    words: str
    status: str = ""
    lit: str = ""
    lit_code: str = ""
    is_look: bool = False
    says: str = ""
    short: str = ""
    line_id: int = 0


@dataclass(frozen=True)
class Standing:
    """What one voice said last; `beat` is None where it has said nothing yet."""

    voice: str
    beat: Beat | None


def public_beats(concern: PublicConcern) -> list[Beat]:
    """The story that everybody may read, oldest first. One query."""
    dark = concern.category.needs_dark
    text = concern.text or concern.category.name
    return _one_moment(_beat(line, note=line.note, text=text, needs_dark=dark) for line in concern.updates.all())


def desk_beats(concern: Concern, lines: Iterable[ConcernUpdate]) -> list[Beat]:
    """The same for the desk, with what nobody read yet, from lines oldest first. No query."""
    dark, name = concern.category.needs_dark, concern.category.name
    told = (line for line in lines if line.kind in TOLD)
    return _one_moment(_beat(line, note=line.public_note, text=name, needs_dark=dark) for line in told)


def standings_of(concerns: Sequence[Concern]) -> dict[int, list[Standing]]:
    """What each voice said last about each of these concerns, by their database ids. One query."""
    lines: dict[int, list[ConcernUpdate]] = {concern.pk: [] for concern in concerns}
    for line in ConcernUpdate.objects.filter(concern__in=lines, kind__in=TOLD).order_by("at", "id"):
        lines[line.concern_id].append(line)
    return {concern.pk: standings(desk_beats(concern, lines[concern.pk])) for concern in concerns}


def standings(beats: Sequence[Beat]) -> list[Standing]:
    """What each of the three voices said last: city, walkers, residents. What the desk did isn't what walkers saw."""
    last = {beat.voice: beat for beat in beats if beat.voice != "walk" or not beat.status or beat.is_look}
    return [Standing(voice, last.get(voice)) for voice in VOICES]


def disagreement(beats: Sequence[Beat]) -> list[str]:
    """One sentence for each voice where they don't agree whether it is fixed, else nothing.

    Who said "it isn't" before the city said it is fixed, hasn't answered that yet.
    """
    last = {beat.voice: beat for beat in beats if beat.says}
    claim = last.get("city")
    if claim and claim.says == FIXED:
        last = {voice: beat for voice, beat in last.items() if beat.says == FIXED or beat.at > claim.at}
    if len({beat.says for beat in last.values()}) < 2:
        return []
    return [str(STANCES[voice, last[voice].says]) for voice in VOICES if voice in last]


STANCES: dict[tuple[str, str], Any] = {
    ("city", FIXED): gettext_lazy("The city says it is fixed."),
    ("city", NOT_FIXED): gettext_lazy("The city says it isn’t fixed yet."),
    ("walk", FIXED): gettext_lazy("Walkers saw it fixed."),
    ("walk", NOT_FIXED): gettext_lazy("Walkers saw that it isn’t."),
    ("resident", FIXED): gettext_lazy("A resident says it is fixed."),
    ("resident", NOT_FIXED): gettext_lazy("A resident says it isn’t."),
}


def _one_moment(told: Iterable[Beat]) -> list[Beat]:
    """A look and the status it led to are one moment."""
    beats: list[Beat] = []
    for beat in told:
        last = beats[-1] if beats else None
        if last and last.is_look and beat.status and (last.at, last.voice) == (beat.at, beat.voice):
            beats[-1] = replace(last, status=beat.status)
        else:
            beats.append(beat)
    return beats


def _beat(line: PublicUpdate | ConcernUpdate, *, note: str, text: str, needs_dark: bool) -> Beat:
    kind, to = line.kind, line.to_value
    voice = STAVES.get(line.voice, "walk")
    if kind == ConcernUpdate.Kind.LOGGED:
        return Beat(line.at, voice, text, short=_("Noticed it."), line_id=line.pk)
    if kind == ConcernUpdate.Kind.SAID:
        words = str(ANSWER_WORDS.get(to, ""))
        return Beat(line.at, voice, words, says=to, short=words, line_id=line.pk)
    if kind == ConcernUpdate.Kind.LOOK:
        short = str(LOOK_WORDS.get(to, ""))
        words = " ".join(part for part in (short, note) if part)
        counts = voice == "city" or not needs_dark or line.from_value == Lit.DARK
        says = LOOK_SAYS.get(to, "") if counts else ""
        code = line.from_value
        lit = _lit_words(code)
        return Beat(line.at, voice, words, "", lit, code, is_look=True, says=says, short=short, line_id=line.pk)
    if to in SAID_BY_THE_CITY:
        voice = "city"
    short = str(STATUS_SHORT.get(to) or STATUS_WORDS.get(to, ""))
    return Beat(line.at, voice, note, status=to, says=STATUS_SAYS.get(to, ""), short=short, line_id=line.pk)


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


def story_lines(concern: Concern) -> list[ConcernUpdate]:
    """Everything that happened to a concern, oldest first, with who did it. One query."""
    return list(concern.updates.select_related("by__person").order_by("at", "id"))


def desk_story(lines: Sequence[ConcernUpdate]) -> list[DeskLine]:
    """`story_lines` in words, newest first. No query."""
    return [_desk_line(update) for update in reversed(lines)]


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
    if kind == ConcernUpdate.Kind.ASSIGNED:
        return _handed(update)
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


def _handed(update: ConcernUpdate) -> str:
    """Who has it to fix, or what they say about it."""
    before, after = update.from_value, update.to_value
    if update.voice == ConcernUpdate.Voice.AGENCY:
        words = Assignment.Answer(after).label if after in Assignment.Answer.values else after
        return _("says: %(words)s") % {"words": words}
    if before and after:
        return _("gave it to %(after)s, no longer to %(before)s") % {"before": before, "after": after}
    if after:
        return _("gave it to %(after)s") % {"after": after}
    return _("took it back from %(before)s") % {"before": before}
