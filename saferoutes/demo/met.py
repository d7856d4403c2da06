"""Whom the teams of last month's walk talked with: kinds and results, a shop or a place, never who."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.contrib.gis.geos import Point

from corridors.models import WGS84, Landmark
from outreach.actions import log_contact
from outreach.models import Contact, Need
from walks.models import Device, Walk

Kind, Result = Contact.Kind, Contact.Result
MINUTES_APART = 3


class Met(NamedTuple):
    """`where` is a shop's name, or degrees of longitude on the street."""

    team: int
    kind: str
    result: str
    where: str | float
    needs: tuple[str, ...] = ()
    note: str = ""


# In the order of the evening. Team 1 goes from Benton to Cleveland, 2 on to Cypress, 3 to Hardesty.
MET = [
    Met(1, Kind.BUSINESS, Result.TALKED, "Copper Kettle Diner", (Need.SAFETY, Need.BUSINESS)),
    Met(2, Kind.BUSINESS, Result.LEFT_MATERIAL, "El Faro Laundry"),
    Met(3, Kind.BUSINESS, Result.TALKED, "Lantern Bakery", (Need.YOUTH,), "Wants to come along next time"),
    Met(1, Kind.BUSINESS, Result.CLOSED, "Benton Tire and Brake"),
    Met(1, Kind.RESIDENT, Result.TALKED, -94.5411, (Need.HOME_REPAIR,)),
    Met(2, Kind.PASSER_BY, Result.TALKED, -94.5355, (Need.FOOD, Need.TRANSPORT)),
    Met(3, Kind.DOOR, Result.NO_ONE, -94.5271),
    Met(2, Kind.PASSER_BY, Result.DECLINED, -94.5349),
    Met(3, Kind.RESIDENT, Result.LANGUAGE, -94.5268, (), "Somali; the grocery next door could help"),
    Met(1, Kind.PASSER_BY, Result.DECLINED, -94.5403),
    Met(2, Kind.BUSINESS, Result.TALKED, "Phở Little Lotus", (Need.SAFETY,)),
    Met(3, Kind.BUSINESS, Result.LEFT_MATERIAL, "Violet Hour Nails"),
    Met(1, Kind.BUSINESS, Result.TALKED, "Panadería La Espiga", (Need.BUSINESS,), "The lamp in front went out in May"),
    Met(2, Kind.BUSINESS, Result.DECLINED, "Blue Heron Barbers"),
    Met(3, Kind.DOOR, Result.NO_ONE, -94.5252),
    Met(1, Kind.DOOR, Result.INACCESSIBLE, -94.5394, (), "Fence and a dog"),
    Met(2, Kind.RESIDENT, Result.TALKED, -94.5332, (Need.UTILITIES, Need.FAMILY)),
    Met(3, Kind.PASSER_BY, Result.TALKED, -94.5244, (Need.TRANSPORT,)),
    Met(1, Kind.BUSINESS, Result.NO_ONE, "Northeast Key and Lock"),
    Met(2, Kind.BUSINESS, Result.TALKED, "Suuqa Nuur Grocery", (Need.SAFETY, Need.LANGUAGE)),
    Met(3, Kind.DOOR, Result.LEFT_MATERIAL, -94.5236),
    Met(1, Kind.RESIDENT, Result.TALKED, -94.5382, (Need.YOUTH, Need.SAFETY)),
    Met(2, Kind.DOOR, Result.NO_ONE, -94.5318),
    Met(3, Kind.RESIDENT, Result.DECLINED, -94.5225),
    Met(2, Kind.BUSINESS, Result.CLOSED, "Second Spin Bicycles"),
    Met(1, Kind.PASSER_BY, Result.LEFT_MATERIAL, -94.5378),
    Met(3, Kind.PASSER_BY, Result.TALKED, -94.5214, (Need.FOOD,)),
    Met(2, Kind.RESIDENT, Result.LANGUAGE, -94.5306, (), "Burmese"),
    Met(3, Kind.BUSINESS, Result.CLOSED, "Hardesty Hardware"),
    Met(1, Kind.RESIDENT, Result.DECLINED, -94.5375),
    Met(3, Kind.DOOR, Result.NO_ONE, -94.5203),
    Met(2, Kind.PASSER_BY, Result.TALKED, -94.5296, (Need.MENTAL_HEALTH,)),
]


def tell_whom_they_met(walk: Walk, phones: dict[int, Device], met_then: list[Met]) -> Iterator[Contact]:
    """Yields every row it made."""
    shops = {one.name: one for one in Landmark.objects.filter(corridor=walk.corridor_id, kind=Landmark.Kind.BUSINESS)}
    for n, met in enumerate(met_then):
        at = walk.step_off_at + timedelta(minutes=11 + MINUTES_APART * n)
        shop = shops.get(met.where) if isinstance(met.where, str) else None
        yield log_contact(
            walk=walk,
            team=phones[met.team].team,
            device=phones[met.team],
            received_at=at,
            kind=met.kind,
            result=met.result,
            needs=met.needs,
            captured_at=at,
            is_clock_off=False,
            location=shop.location if shop else _on_the_street(walk, float(met.where)),
            landmark=shop,
            note=met.note,
        )


def _on_the_street(walk: Walk, longitude: float) -> Point:
    """The point of the line that lies there; the street runs from west to east."""
    west, east = next(
        pair for pair in zip(walk.corridor.line, walk.corridor.line[1:], strict=False) if longitude <= pair[1][0]
    )
    share = (longitude - west[0]) / (east[0] - west[0])
    return Point(longitude, west[1] + share * (east[1] - west[1]), srid=WGS84)
