"""Concerns as features of the map kit. Properties are those that docs/look.md lists."""

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from concerns.models import Concern
from concerns.public import PublicConcern


def public_features(concerns: Iterable[PublicConcern], *, focus: bool = False) -> list[dict[str, Any]]:
    """Published concerns at their snapped places; category read."""
    return [
        _feature(
            concern.point,
            id=str(concern.public_id),
            name=concern.category.name,
            group=concern.category_group,
            status=concern.status,
            detail=concern.place,
            url=reverse("concerns:detail", args=[concern.public_id]),
            **({"focus": True} if focus else {}),
        )
        for concern in concerns
    ]


def desk_features(concerns: Iterable[Concern], *, focus: bool = False) -> list[dict[str, Any]]:
    """Concerns at their exact places, for the desk only; category read. Those without a place are left to the list.

    `late` ("late" or "far") is there where it is with somebody later than promised.
    """
    today = timezone.localdate()
    return [
        _feature(
            concern.location,
            id=str(concern.public_id),
            name=concern.category.name,
            group=concern.category.group,
            status=shown_status(concern),
            detail=concern.address,
            url=reverse("concerns:desk_detail", args=[concern.public_id]),
            **({"late": late} if (late := concern.lateness(today)) else {}),
            **({"focus": True} if focus else {}),
        )
        for concern in concerns
        if concern.location
    ]


def shown_status(concern: Concern) -> str:
    """The status whose mark the desk shows: "held" until somebody read it."""
    return "held" if concern.status == "new" else concern.status


def _feature(point: Point, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(point.x, 6), round(point.y, 6)]},
        "properties": {"kind": "concern", **properties},
    }
