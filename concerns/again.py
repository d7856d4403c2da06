"""What to look at again, and in which order people come past it. The desk's list and a phone's pack stand on this."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db.models import Count, F, FloatField, Func, Q, Value
from django.db.models.functions import Coalesce

from concerns.models import Concern, ConcernQuerySet
from concerns.workflow import OPEN_STATUSES, Publication, Status
from corridors.models import Corridor
from walks.sun import Lit, sunrise, sunset

MOST = 300  # of one list or one pack; what is due comes before what isn't
DUSK = timedelta(minutes=30)
# Read by an organizer, not over yet, and not taken out of sight.
LOOKABLE = Q(
    status__in=(OPEN_STATUSES - {Status.NEW}) | {Status.CLAIMED_FIXED},
    publication__in=[Publication.HELD, Publication.PUBLISHED],
    triaged_at__isnull=False,
)


def wanted(today: date) -> Q:
    """What is due, and what the city says is fixed. See also `PublicConcernQuerySet.to_look_at`."""
    return Q(relook_on__lte=today) | Q(status=Status.CLAIMED_FIXED)


def to_look_at(today: date) -> ConcernQuerySet:
    """What somebody should go and look at again."""
    return Concern.objects.filter(LOOKABLE & wanted(today))


def the_most_wanted(rows: ConcernQuerySet, today: date) -> ConcernQuerySet:
    """At most `MOST` of the rows: what is due or claimed comes before what is merely open."""
    first = rows.alias(waits=~wanted(today)).order_by(F("waits").asc(nulls_last=True), "relook_on", "id")
    return Concern.objects.filter(pk__in=first.values("pk")[:MOST])


def in_walking_order(rows: ConcernQuerySet, *, backwards: bool = False) -> ConcernQuerySet:
    """The rows (each on a block) as one comes past them: blocks along the corridor's line, then along each block.

    Both sides of a block come together. A place known by its address alone counts as the middle of its block.
    `backwards`: from the end of the line.
    """
    middle = Func(F("segment__line"), Value(0.5), function="ST_LineInterpolatePoint")
    placed = rows.alias(
        block_at=_Along(F("segment__corridor__line"), middle),
        along=Coalesce(_Along(F("segment__line"), F("location")), Value(0.5)),
    )
    way = "-" if backwards else ""
    return placed.order_by(f"{way}block_at", f"{way}along", "side", "first_seen_at", "id")


class _Along(Func):
    """How far along a line, from 0 to 1, the point of it that is nearest to a place lies."""

    function = "ST_LineLocatePoint"
    output_field = FloatField()


def counts_by_corridor(today: date) -> list[tuple[Corridor, int, int]]:
    """Every corridor with how much there is to look at, and how much of it counts after dark only. Two queries."""
    rows = to_look_at(today).order_by().values("segment__corridor")
    told = rows.annotate(n=Count("pk"), n_dark=Count("pk", filter=Q(category__needs_dark=True)))
    counts = {pk: (n, n_dark) for pk, n, n_dark in told.values_list("segment__corridor", "n", "n_dark")}
    return [(corridor, *counts.get(corridor.pk, (0, 0))) for corridor in Corridor.objects.all()]


def lit_at(place: Point, now: datetime, zone: ZoneInfo) -> str:
    """By day, at dusk or after dark: by the sun at that place. The phone does the same (`static/field/spot.js`)."""
    day = now.astimezone(zone).date()
    up = sunrise(lat=place.y, lon=place.x, day=day, zone=zone)
    down = sunset(lat=place.y, lon=place.x, day=day, zone=zone)
    if up is None or down is None:
        return Lit.DAY
    if now < up - DUSK or now > down + DUSK:
        return Lit.DARK
    return Lit.DUSK if now < up or now > down else Lit.DAY
