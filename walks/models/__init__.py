"""When people walk, who comes, in which teams, with which phones, and what happened that day."""

from walks.models.day import HeadCount, Incident, SegmentPass, TeamBack
from walks.models.rating import MOST_RATING, Rating
from walks.models.walk import (
    COUNTED_STATES,
    INVITE_OPENS_BEFORE,
    LATE_SENDS_UNTIL,
    OPEN_AFTER_END,
    PUBLIC_STATES,
    Device,
    GuardianConsent,
    Purpose,
    Signup,
    Team,
    Walk,
    YesNoUnsure,
    new_walk_code,
)

__all__ = [
    "COUNTED_STATES",
    "INVITE_OPENS_BEFORE",
    "LATE_SENDS_UNTIL",
    "MOST_RATING",
    "OPEN_AFTER_END",
    "PUBLIC_STATES",
    "Device",
    "GuardianConsent",
    "HeadCount",
    "Incident",
    "Purpose",
    "Rating",
    "SegmentPass",
    "Signup",
    "Team",
    "TeamBack",
    "Walk",
    "YesNoUnsure",
    "new_walk_code",
]
