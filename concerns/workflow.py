"""The life of a concern as data: which moves are allowed, and what a look does. Pure: no database, nothing of ours."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    NEW = "new", _("new")
    TRIAGED = "triaged", _("open")
    REPORTED = "reported", _("filed with the city")
    IN_PROGRESS = "in_progress", _("being worked on")
    CLAIMED_FIXED = "claimed_fixed", _("city says fixed")
    VERIFIED_FIXED = "verified_fixed", _("we saw it fixed")
    REOPENED = "reopened", _("back again")
    DUPLICATE = "duplicate", _("same as another")
    NOT_ACTIONABLE = "not_actionable", _("nothing to be done")
    REFERRED_TO_OWNER = "referred_to_owner", _("told the owner")
    MONITORING = "monitoring", _("we are watching it")
    WITHDRAWN = "withdrawn", _("taken back")


class Publication(models.TextChoices):
    HELD = "held", _("not read yet")
    PUBLISHED = "published", _("public")
    HIDDEN = "hidden", _("hidden")
    SPAM = "spam", _("spam")


class LookResult(models.TextChoices):
    FIXED = "fixed", _("fixed")
    STILL_THERE = "still_there", _("still there")
    WORSE = "worse", _("worse")
    CANNOT_TELL = "cannot_tell", _("can’t tell")
    GONE = "gone", _("gone")


S = Status

# Things still wrong, as far as anybody knows.
OPEN_STATUSES = frozenset(
    {
        S.NEW,
        S.TRIAGED,
        S.REPORTED,
        S.IN_PROGRESS,
        S.REOPENED,
        S.REFERRED_TO_OWNER,
        S.MONITORING,
    }
)
# No longer on anybody's list.
ENDED_STATUSES = frozenset({S.VERIFIED_FIXED, S.DUPLICATE, S.NOT_ACTIONABLE, S.WITHDRAWN})

_OUT = {S.DUPLICATE, S.NOT_ACTIONABLE, S.WITHDRAWN}
_WORK = {S.REPORTED, S.IN_PROGRESS, S.REFERRED_TO_OWNER, S.MONITORING, S.CLAIMED_FIXED}

# From → to. `verified_fixed` is absent on purpose: only a look leads there (`after_look`).
MOVES: dict[str, frozenset[str]] = {
    S.NEW: frozenset({S.TRIAGED} | _WORK | _OUT),
    S.TRIAGED: frozenset(_WORK | _OUT),
    S.REPORTED: frozenset({S.TRIAGED, S.IN_PROGRESS, S.CLAIMED_FIXED, S.REFERRED_TO_OWNER, S.MONITORING} | _OUT),
    S.IN_PROGRESS: frozenset({S.TRIAGED, S.REPORTED, S.CLAIMED_FIXED, S.REFERRED_TO_OWNER, S.MONITORING} | _OUT),
    S.CLAIMED_FIXED: frozenset({S.REOPENED, S.IN_PROGRESS, S.DUPLICATE, S.WITHDRAWN}),
    S.VERIFIED_FIXED: frozenset({S.REOPENED, S.DUPLICATE}),
    S.REOPENED: frozenset(_WORK | _OUT),
    S.REFERRED_TO_OWNER: frozenset({S.TRIAGED, S.REPORTED, S.IN_PROGRESS, S.CLAIMED_FIXED, S.MONITORING} | _OUT),
    S.MONITORING: frozenset({S.TRIAGED, S.REPORTED, S.IN_PROGRESS, S.CLAIMED_FIXED, S.REFERRED_TO_OWNER} | _OUT),
    S.DUPLICATE: frozenset({S.TRIAGED}),
    S.NOT_ACTIONABLE: frozenset({S.TRIAGED, S.REOPENED}),
    S.WITHDRAWN: frozenset({S.TRIAGED}),
}  # fmt: skip

# What a move needs besides the two statuses.
NEEDS_NOTE = frozenset({S.NOT_ACTIONABLE})


def may_move(*, from_status: str, to_status: str) -> bool:
    """Whether a person may set it by hand. Looks follow `after_look`."""
    return to_status in MOVES[from_status]


def after_look(*, status: str, result: str, lit: str, needs_dark: bool, by_fixer: bool) -> str:
    """The status after somebody looked again.

    A look by day never verifies a light (`needs_dark`), and the staff of the organization that should fix it never
    verify their own work (`by_fixer`). “Gone” is for an organizer to decide, “can't tell” changes nothing.
    """
    conclusive = not by_fixer and not (needs_dark and lit != "dark")
    if status in {S.DUPLICATE, S.WITHDRAWN}:
        return status
    if result == LookResult.FIXED and conclusive and status != S.NEW:
        return S.VERIFIED_FIXED
    if result in {LookResult.STILL_THERE, LookResult.WORSE} and conclusive:
        return S.REOPENED if status in {S.CLAIMED_FIXED, S.VERIFIED_FIXED} else status
    return status


class Source(models.TextChoices):
    """Where a record came from."""

    FIELD = "field", _("phone on a walk")
    DESK = "desk", _("desk")
    WEB = "web", _("resident")
    PAPER = "paper", _("paper sheet")
    IMPORT = "import", _("import")
    OPEN311 = "open311", _("Open311")
