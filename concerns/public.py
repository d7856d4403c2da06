"""What the public may see: models over the database views. Public pages, maps, files and feeds use only these.

The views are made in `migrations/0003_public_views.py`; nothing here has a private column to leak or to search by.
"""

from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon

from concerns.models import Category
from concerns.workflow import OPEN_STATUSES, Status
from corridors.models import WGS84, Corridor, Segment
from walks.models import Walk


class PublicConcernQuerySet(models.QuerySet["PublicConcern"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def within(self, box: Polygon) -> Self:
        """Concerns whose public point lies in the box (longitude/latitude)."""
        return self.filter(point__bboverlaps=box)


class PublicConcern(models.Model):
    """A published concern as everybody may see it: snapped place, approved words."""

    public_id = models.UUIDField()
    category = models.ForeignKey(Category, models.DO_NOTHING, related_name="+")
    category_code = models.CharField(max_length=20)
    category_group = models.CharField(max_length=8)
    status = models.CharField(max_length=18, choices=Status.choices)
    point = models.PointField(srid=WGS84)
    place = models.CharField(max_length=160)
    text = models.TextField()
    segment = models.ForeignKey(
        Segment, models.DO_NOTHING, null=True, related_name="public_concerns", db_constraint=False
    )
    side = models.CharField(max_length=5)
    corridor = models.ForeignKey(
        Corridor, models.DO_NOTHING, null=True, related_name="public_concerns", db_constraint=False
    )
    walk = models.ForeignKey(Walk, models.DO_NOTHING, null=True, related_name="public_concerns", db_constraint=False)
    first_seen_at = models.DateTimeField()
    status_changed_at = models.DateTimeField()
    published_at = models.DateTimeField()

    objects = PublicConcernQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "public_concern"
        ordering: ClassVar = ["-published_at", "-id"]

    def __str__(self) -> str:
        return f"{self.category_code} {str(self.public_id)[:8]}"


class PublicConcernAlias(models.Model):
    """A published duplicate, and the concern that its old address leads to."""

    public_id = models.UUIDField()
    same_as = models.UUIDField()

    class Meta:
        managed = False
        db_table = "public_concern_alias"

    def __str__(self) -> str:
        return str(self.public_id)


class PublicPhoto(models.Model):
    """An approved, re-encoded photo of a public concern, or of a published look at it (`is_look`)."""

    public_id = models.UUIDField()
    concern = models.ForeignKey(PublicConcern, models.DO_NOTHING, related_name="photos", db_constraint=False)
    position = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    image = models.FileField()
    thumbnail = models.FileField()
    received_at = models.DateTimeField()
    is_look = models.BooleanField()

    class Meta:
        managed = False
        db_table = "public_photo"
        ordering: ClassVar = ["received_at", "position", "id"]

    def __str__(self) -> str:
        return str(self.public_id)


class PublicUpdate(models.Model):
    """A line of a public concern's story that everybody may read. Published looks have ids below zero."""

    concern = models.ForeignKey(PublicConcern, models.DO_NOTHING, related_name="updates", db_constraint=False)
    at = models.DateTimeField()
    voice = models.CharField(max_length=10)
    kind = models.CharField(max_length=12)
    from_value = models.CharField(max_length=60)
    to_value = models.CharField(max_length=60)
    note = models.TextField()

    class Meta:
        managed = False
        db_table = "public_update"
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.kind}"


class PublicHouseCount(models.Model):
    """How many buildings of a block are counted; `n` is None for 0 to 2, shown as “fewer than 3”."""

    segment = models.OneToOneField(
        Segment, models.DO_NOTHING, primary_key=True, related_name="house_count", db_constraint=False
    )
    corridor = models.ForeignKey(Corridor, models.DO_NOTHING, related_name="house_counts", db_constraint=False)
    position = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "public_house_count"
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return f"{self.segment_id}"
