"""Where: named stretches of street, their blocks, landmarks along them, and the areas they cross."""

import uuid
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Length
from django.contrib.gis.geos import LineString
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.geometry import WGS84, band, compass_of_side

AREA_NEAR_M = 10


class Side(models.TextChoices):
    """The two sides of a street, seen along its line. People read a compass direction (`Segment.side_name`)."""

    LEFT = "left", _("left")
    RIGHT = "right", _("right")


class CorridorQuerySet(models.QuerySet["Corridor"]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def with_length(self) -> Self:
        """Adds `length`, a Distance measured on the ellipsoid."""
        return self.annotate(length=Length(F("line")))


class Corridor(models.Model):
    """A stretch of street that the coalition walks, from one cross street to another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("address on this site"), max_length=80, unique=True)
    name = models.CharField(
        _("name"),
        max_length=120,
        help_text=_("The street’s name: Independence Avenue."),
    )
    line = models.LineStringField(_("line"), srid=WGS84)
    from_street = models.CharField(_("from"), max_length=80, blank=True)
    to_street = models.CharField(_("to"), max_length=80, blank=True)
    even_side = models.CharField(
        _("even house numbers on the"), max_length=5, choices=Side.choices, blank=True,
        help_text=_("Seen along the line as drawn. Leave it empty if you don’t know."),
    )  # fmt: skip
    buffer_m = models.PositiveSmallIntegerField(
        _("how far it reaches, in metres"),
        default=60,
        help_text=_("Concerns this near to the line belong to it."),
    )
    note = models.TextField(_("note for organizers"), blank=True)
    is_public = models.BooleanField(_("shown to everybody"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CorridorQuerySet.as_manager()

    class Meta:
        verbose_name = _("corridor")
        verbose_name_plural = _("corridors")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(buffer_m__gte=5, buffer_m__lte=500),
                name="corridor_buffer_sensible",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stretch(self) -> str:
        """From where to where, in words; empty where nobody said."""
        if not (self.from_street and self.to_street):
            return ""
        return _("%(start)s to %(end)s") % {
            "start": self.from_street,
            "end": self.to_street,
        }


class SegmentQuerySet(models.QuerySet["Segment"]):
    def current(self) -> Self:
        """Segments that are walked today. See also `Segment.is_current`."""
        return self.filter(retired_at=None)


class Segment(models.Model):
    """One block of a corridor, between two cross streets, with both its sides.

    A segment is retired with successors when the corridor is redrawn, never deleted: walks and concerns point at it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    corridor = models.ForeignKey(Corridor, models.PROTECT, related_name="segments", verbose_name=_("corridor"))
    position = models.PositiveSmallIntegerField(_("position along the corridor"))
    from_street = models.CharField(_("from"), max_length=80)
    to_street = models.CharField(_("to"), max_length=80)
    block = models.PositiveIntegerField(
        _("block number"),
        null=True,
        blank=True,
        help_text=_("4700 for the 4700 block, where it is known."),
    )
    line = models.LineStringField(_("line"), srid=WGS84)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, related_name="predecessors", blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering: ClassVar = ["corridor", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["corridor", "position"],
                name="segment_position_once",
                condition=Q(retired_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_current(self) -> bool:
        """See also `SegmentQuerySet.current`."""
        return self.retired_at is None

    @property
    def name(self) -> str:
        """“4700 block” where the number is known, otherwise the two cross streets."""
        if self.block is not None:
            return _("%(number)s block") % {"number": self.block}
        return _("%(start)s to %(end)s") % {
            "start": self.from_street,
            "end": self.to_street,
        }

    def compass_side(self, side: str) -> str:
        """“north side”: which way the left or right side of this block faces."""
        return str(COMPASS_SIDES[compass_of_side(self.line, side)])

    def side_name(self, side: str) -> str:
        """“north side (even numbers)”. Reads `self.corridor`, which may cause a query."""
        word = self.compass_side(side)
        if not self.corridor.even_side:
            return word
        even = side == self.corridor.even_side
        return str(_("%(side)s (even numbers)") if even else _("%(side)s (odd numbers)")) % {"side": word}


COMPASS_SIDES = {
    "north": _("north side"),
    "east": _("east side"),
    "south": _("south side"),
    "west": _("west side"),
}


class Landmark(models.Model):
    """A place people know: where walks meet, a shop, a bus stop."""

    class Kind(models.TextChoices):
        MEETING_POINT = "meeting_point", _("meeting point")
        BUSINESS = "business", _("business")
        FIRE_STATION = "fire_station", _("fire station")
        SCHOOL = "school", _("school")
        FAITH = "faith", _("place of worship")
        TRANSIT = "transit", _("bus stop")
        PARK = "park", _("park")
        OTHER = "other", _("other")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.MEETING_POINT)
    location = models.PointField(_("place"), srid=WGS84)
    address = models.CharField(_("address"), max_length=160, blank=True)
    corridor = models.ForeignKey(
        Corridor,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="landmarks",
        verbose_name=_("corridor"),
    )
    facilities = models.CharField(_("toilets and parking"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    is_public = models.BooleanField(_("shown to everybody"), default=True)

    class Meta:
        verbose_name = _("landmark")
        verbose_name_plural = _("landmarks")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class AreaQuerySet(models.QuerySet["Area"]):
    def crossing(self, line: LineString) -> Self:
        """Areas that the line runs through or along: any within `AREA_NEAR_M` of it.

        A street is often the edge that two areas share, and edges of different sources lie a few metres apart. Ten
        metres is how exactly such lines are known, and less than the width of an avenue.
        """
        return self.filter(shape__intersects=band(line, AREA_NEAR_M))


class Area(models.Model):
    """A neighborhood, council district or patrol division."""

    class Kind(models.TextChoices):
        NEIGHBORHOOD = "neighborhood", _("neighborhood")
        COUNCIL_DISTRICT = "council_district", _("council district")
        PATROL_DIVISION = "patrol_division", _("patrol division")
        OTHER = "other", _("other area")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(
        _("name"),
        max_length=120,
        blank=True,
        help_text=_("Empty where the source had no name."),
    )
    source = models.CharField(_("source"), max_length=120, blank=True)
    source_id = models.CharField(_("number at the source"), max_length=80)
    shape = models.MultiPolygonField(_("shape"), srid=WGS84)
    is_approximate = models.BooleanField(_("approximate"), default=False)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering: ClassVar = ["kind", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source", "source_id"], name="area_once_per_source"),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name, or words saying that it has none."""
        name = self.name or _("%(kind)s without a name (%(number)s)") % {
            "kind": self.get_kind_display(),
            "number": self.source_id,
        }
        return str(_("%(name)s (approximate)") % {"name": name} if self.is_approximate else name)
