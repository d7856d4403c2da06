"""Hours of service, as everybody hears it: from check-in to check-out or the walk's end, an estimate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from office.partner import Section
from walks.models import Presence, Signup, Walk

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Hours:
    """From when to when somebody was there. `is_told` where they were checked out, else the walk's end is taken."""

    from_at: datetime
    until_at: datetime
    is_told: bool

    @property
    def hours(self) -> float:
        """In quarters of an hour, the nearest."""
        return round((self.until_at - self.from_at) / QUARTER) / 4

    @property
    def said(self) -> str:
        """“2.5”"""
        return f"{self.hours:g}"


def hours_of(presence: Presence, walk: Walk) -> Hours | None:
    """None while they are there and the walk isn't over.

    Who walked up and wasn't checked out counts with the length of the walk.
    """
    if presence.left_at is None and walk.end_at > timezone.now():
        return None
    if presence.left_at is not None:
        return Hours(presence.arrived_at, presence.left_at, is_told=True)
    is_walk_up = presence.method == Presence.Method.WALK_UP
    start = walk.step_off_at if is_walk_up else min(presence.arrived_at, walk.end_at)
    return Hours(start, walk.end_at, is_told=False)


def presence_of(signup: Signup) -> Presence | None:
    """That they were checked in, if they were. One query."""
    return Presence.objects.standing().filter(signup=signup).first()


def section(*, signup: Signup, token: str) -> Section | None:
    """For `settings.MY_SECTIONS`: the letter, once they were there and the walk is over. One query."""
    if signup.walk.end_at > timezone.now():
        return None
    presence = presence_of(signup)
    hours = hours_of(presence, signup.walk) if presence else None
    if hours is None:
        return None
    return Section("hours", "", "walks/_my_hours.html", context={"hours": hours, "token": token})
