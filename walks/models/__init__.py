"""When people walk, who comes, in which teams, with which phones, and what happened that day."""

from walks.models.coming import Clearance, GroupMember
from walks.models.day import HeadCount, Incident, SegmentPass, TeamBack
from walks.models.debrief import MOST_TOPS, Debrief, Sheet, TeamTop
from walks.models.meeting import Attendance, Gap, Meeting
from walks.models.notice import Notice, NoticeTo, Reach
from walks.models.plan import GoNoGo, Pledge, RoleNeed
from walks.models.planned import Purpose, YesNoUnsure
from walks.models.rating import MOST_RATING, Rating
from walks.models.role import ADULT_ROLES, YOUTH_COUNTS_AS_LED, WalkRole
from walks.models.series import MOST_WEEKS_AHEAD, WalkSeries
from walks.models.table import Agreement, Equipment, Presence
from walks.models.walk import (
    COUNTED_STATES,
    INVITE_OPENS_BEFORE,
    LATE_SENDS_UNTIL,
    OFF_ROSTER_STATES,
    OPEN_AFTER_END,
    PLACE_STATES,
    PUBLIC_STATES,
    Device,
    GuardianConsent,
    Signup,
    Team,
    TeamSegment,
    Walk,
    new_walk_code,
)

__all__ = [
    "ADULT_ROLES",
    "COUNTED_STATES",
    "INVITE_OPENS_BEFORE",
    "LATE_SENDS_UNTIL",
    "MOST_RATING",
    "MOST_TOPS",
    "MOST_WEEKS_AHEAD",
    "OFF_ROSTER_STATES",
    "OPEN_AFTER_END",
    "PLACE_STATES",
    "PUBLIC_STATES",
    "YOUTH_COUNTS_AS_LED",
    "Agreement",
    "Attendance",
    "Clearance",
    "Debrief",
    "Device",
    "Equipment",
    "Gap",
    "GoNoGo",
    "GroupMember",
    "GuardianConsent",
    "HeadCount",
    "Incident",
    "Meeting",
    "Notice",
    "NoticeTo",
    "Pledge",
    "Presence",
    "Purpose",
    "Rating",
    "Reach",
    "RoleNeed",
    "SegmentPass",
    "Sheet",
    "Signup",
    "Team",
    "TeamBack",
    "TeamSegment",
    "TeamTop",
    "Walk",
    "WalkRole",
    "WalkSeries",
    "YesNoUnsure",
    "new_walk_code",
]
