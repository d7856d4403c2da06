"""A pack to try the app with: nobody's walk on a public corridor, with real categories and no person in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.contrib.gis.geos import LineString, Point

from corridors.models import WGS84, Corridor, Segment
from field.pack import (
    SAFETY,
    both,
    categories,
    coalition_of,
    expires_at,
    features_of,
    labels_of,
    people_to_call,
    same_words,
    segments_of,
    walk_of,
)
from field.pack_help import help_of
from office.models import Coalition
from walks.models import Walk

PRACTICE_SECONDS = 3600
PRACTICE = "practice"
LASTS = timedelta(hours=3)
SEEN_BEFORE = timedelta(days=30)
TITLE = "Practice · Práctica"
MADE_UP_STREETS = ["First St", "Second St", "Third St"]


def practice_pack(*, now: datetime) -> dict[str, Any]:
    """A pack like any other (`field.pack`), marked "practice", without the envelope. A constant number of queries."""
    coalition = Coalition.current()
    corridor = Corridor.objects.public().filter(segments__retired_at=None).first()
    segments = segments_of(corridor) if corridor else []
    if corridor is None or not segments:
        corridor, segments = _made_up_corridor()
    walk = _walk_on(corridor, coalition, now)
    team = {"id": PRACTICE, "number": 1, "name": "", "segments": [str(segment.public_id) for segment in segments]}
    kinds = categories()
    return {
        "practice": True,
        "expires_at": expires_at(walk).isoformat(),
        "device": {"id": PRACTICE, "name": "", "confirmed": False},
        "coalition": coalition_of(coalition),
        "walk": walk_of(walk) | {"id": PRACTICE},
        "call": people_to_call(walk, coalition)[:1],  # the emergency number; nobody's own is given away here
        "labels": labels_of(walk),
        "team": team,
        "teams": [team],
        "categories": kinds,
        "looks": list(_looks(segments, [kind["code"] for kind in kinds], now)),
        "same": same_words(),
        "help": help_of(coalition),
        "shops": [],
        "map": {"type": "FeatureCollection", "features": features_of(walk, segments, [])},
        "safety": both(SAFETY),
    }


def _walk_on(corridor: Corridor, coalition: Coalition, now: datetime) -> Walk:
    """A walk that is never kept, from this hour on."""
    start = now.replace(minute=0, second=0, microsecond=0)
    return Walk(
        title=TITLE,
        corridor=corridor,
        meet_at=start,
        step_off_at=start,
        end_at=start + LASTS,
        time_zone=coalition.time_zone,
        state=Walk.State.PUBLISHED,
    )


def _made_up_corridor() -> tuple[Corridor, list[Segment]]:
    """Two blocks in the middle of the site's map, where there is no public corridor yet."""
    lat, lon = settings.LEAFLET_CONFIG["DEFAULT_CENTER"]
    corners = [(lon + 0.002 * n, lat) for n in range(len(MADE_UP_STREETS))]
    corridor = Corridor(name="Practice Avenue", line=LineString(corners, srid=WGS84))
    blocks = zip(pairwise(corners), pairwise(MADE_UP_STREETS), strict=True)
    segments = [
        Segment(
            corridor=corridor,
            public_id=uuid5(NAMESPACE_URL, f"{PRACTICE}/{n}"),
            position=n,
            from_street=names[0],
            to_street=names[1],
            block=100 * (n + 1),
            line=LineString(ends, srid=WGS84),
        )
        for n, (ends, names) in enumerate(blocks)
    ]
    return corridor, segments


def _looks(segments: list[Segment], known: list[str], now: datetime) -> Iterator[dict[str, Any]]:
    """Two made-up things to check again, on the first blocks."""
    wanted = [code for code in ("LIGHT_OUT", "DUMPING") if code in known]
    for code, segment in zip(wanted, segments, strict=False):
        middle = _middle(segment)
        yield {
            "id": str(uuid5(NAMESPACE_URL, f"{PRACTICE}/{code}")),
            "category": code,
            "status": "claimed_fixed",
            "place": f"{segment.name}, {segment.side_name('left')}",
            "address": "",
            "note": "",
            "segment": str(segment.public_id),
            "side": "left",
            "lat": round(middle.y, 6),
            "lon": round(middle.x, 6),
            "seen_at": (now - SEEN_BEFORE).replace(microsecond=0).isoformat(),
            "lit": "dark",
            "photo": None,
            "since_on": now.date().isoformat(),
        }


def _middle(segment: Segment) -> Point:
    return segment.line.interpolate_normalized(0.5)
