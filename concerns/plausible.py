"""What can't be right about what somebody sends: a clock that is off, a place far from where the coalition works."""

from datetime import datetime, timedelta

from django.contrib.gis.geos import Point

from concerns.models import Concern
from office.models import Coalition

# A phone's clock may be a little fast, and a record may wait on a phone until late sends end.
CLOCK_AHEAD = timedelta(minutes=10)
CLOCK_BEHIND = timedelta(days=15)


def clock_is_off(captured_at: datetime, received_at: datetime) -> bool:
    """Whether a phone's clock can't be right."""
    return not received_at - CLOCK_BEHIND <= captured_at <= received_at + CLOCK_AHEAD


def flag_if_outside(location: Point | None) -> set[str]:
    """The flag of a place outside where the coalition works, or none. One query."""
    bounds = Coalition.current().service_bounds
    return {Concern.Flag.OUTSIDE} if bounds and location and not bounds.covers(location) else set()
