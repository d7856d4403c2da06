"""Pure geometry of streets: no database, no models. Coordinates are WGS84 (longitude, latitude) in degrees."""

import math
from typing import Literal

from django.contrib.gis.geos import LineString

Compass = Literal["north", "east", "south", "west"]


def bearing(line: LineString) -> float:
    """Degrees clockwise from north, from the line's first point to its last; 0 ≤ bearing < 360.

    Longitudes are scaled by the cosine of the latitude: exact enough for a block.
    """
    (x1, y1), (x2, y2) = line[0][:2], line[-1][:2]
    east = (x2 - x1) * math.cos(math.radians((y1 + y2) / 2))
    return math.degrees(math.atan2(east, y2 - y1)) % 360


def compass_of_side(line: LineString, side: str) -> Compass:
    """Which compass side of the street lies left or right of its line."""
    outward = (bearing(line) + (-90 if side == "left" else 90)) % 360
    names: list[Compass] = ["north", "east", "south", "west"]
    return names[round(outward / 90) % 4]
