"""The block and side that a concern belongs to."""

from django.contrib.gis.geos import Point

from corridors.models import Corridor, Segment
from corridors.places import face_of_address, nearest_face
from walks.models import Walk


def block_face(
    location: Point | None, segment: Segment | None, side: str, walk: Walk | None, address: str = ""
) -> tuple[Segment | None, str]:
    """The block and side a concern belongs to, by its point or else by its house number. At most one query."""
    if segment is not None:
        return segment, side
    # The corridor's row isn't needed, only its number.
    corridor = Corridor(pk=walk.corridor_id) if walk else None
    face = nearest_face(location, corridor=corridor) if location else face_of_address(address, corridor=corridor)
    return (face.segment, side or face.side) if face else (None, side)
