"""What the three voices say about one concern, for its page at the desk: last words, photos then and now, claims."""

from collections.abc import Sequence
from typing import Any

from concerns.models import Concern, ConcernUpdate, Photo
from concerns.numbers import claimed
from concerns.pairs import desk_pair
from concerns.voices import desk_beats, disagreement, standings


def voices_context(concern: Concern, photos: Sequence[Photo], lines: Sequence[ConcernUpdate]) -> dict[str, Any]:
    """For `concerns/_desk_voices.html`, from its photos, those of its looks, and `voices.story_lines`.

    One query where somebody said that it is fixed, else none.
    """
    beats = desk_beats(concern, lines)
    then, now = desk_pair(sorted(photos, key=lambda photo: (photo.received_at, photo.position, photo.pk)))
    was_claimed = any(beat.status == "claimed_fixed" for beat in beats)
    return {
        "standings": standings(beats),
        "disagreement": disagreement(beats),
        "then": then,
        "now": now,
        "claimed": claimed(concern) if was_claimed else None,
    }
