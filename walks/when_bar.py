"""The drawing of a walk's times against sunset. Pure: positions in the units of an SVG that is 360 wide."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH = 360.0
MARGIN = 30.0
# A sunset this far from the walk isn't drawn, only said.
NEAR = timedelta(hours=2)
# Labels are about this wide.
LABEL = 84.0


@dataclass(frozen=True)
class Bar:
    """Where the four moments stand. `sunset` is None where it is too far off to draw."""

    meet: float
    step_off: float
    end: float
    sunset: float | None
    meet_label: float
    step_off_label: float
    end_label: float
    sunset_label: float | None

    @property
    def walked(self) -> float:
        return round(self.end - self.step_off, 1)

    @property
    def dark(self) -> float:
        """How wide the part after sunset is."""
        return 0.0 if self.sunset is None else round(WIDTH - 1 - self.sunset, 1)


def bar(*, meet_at: datetime, step_off_at: datetime, end_at: datetime, sunset_at: datetime | None) -> Bar:
    """Positions of the moments, and of their labels, pushed apart where they would touch."""
    drawn = sunset_at if sunset_at and meet_at - NEAR <= sunset_at <= end_at + NEAR else None
    first = min(meet_at, drawn) if drawn else meet_at
    last = max(end_at, drawn) if drawn else end_at
    span = (last - first).total_seconds() or 1.0

    def at(moment: datetime) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (moment - first).total_seconds() / span, 1)

    meet, step_off, end = at(meet_at), at(step_off_at), at(end_at)
    sunset = at(drawn) if drawn else None
    above = _apart([meet] if sunset is None else [meet, sunset])
    below = _apart([step_off, end])
    return Bar(meet, step_off, end, sunset, above[0], below[0], below[1], above[1] if sunset is not None else None)


def _apart(places: list[float]) -> list[float]:
    """Centres of labels near their places: inside the drawing, and not on top of each other."""
    inside = [min(max(place, LABEL / 2), WIDTH - LABEL / 2) for place in places]
    if len(inside) == 1:
        return inside
    low, high = sorted(inside)
    missing = LABEL - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
        shift = max(LABEL / 2 - low, 0) - max(high - (WIDTH - LABEL / 2), 0)
        low, high = low + shift, high + shift
    pair = [low, high] if inside[0] <= inside[1] else [high, low]
    return [round(place, 1) for place in pair]
