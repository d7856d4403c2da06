"""What the public may see: models over the database views. Public pages, maps, files and feeds use only these.

The views are made in `migrations/` (0003, 0006, 0015); nothing here has a private column to leak or to search by.
"""

from collections.abc import Collection
from datetime import date
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.db.models import Q

from concerns.models import Category
from concerns.workflow import OPEN_STATUSES, Status
from corridors.models import WGS84, Corridor, Segment
from walks.models import Walk


class PublicConcernQuerySet(models.QuerySet["PublicConcern"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)

    def to_look_at(self, today: date) -> Self:
        """What is due, and what the city says is fixed, but no good things. See also `concerns.again.to_look_at`."""
        wanted = Q(relook_on__lte=today) | Q(status=Status.CLAIMED_FIXED)
        return self.filter(wanted).exclude(category_group=Category.Group.GOOD)

    def with_place(self) -> Self:
        """What a page of one needs along: category, block, corridor and walk."""
        return self.select_related("category", "segment__corridor", "corridor", "walk")

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
    relook_on = models.DateField(null=True)

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
    """An approved, re-encoded photo of a public concern, or of a published look at it (`is_look`).

    `update_id` is the line of the story that its look is.
    """

    public_id = models.UUIDField()
    concern = models.ForeignKey(PublicConcern, models.DO_NOTHING, related_name="photos", db_constraint=False)
    position = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    image = models.FileField()
    thumbnail = models.FileField()
    received_at = models.DateTimeField()
    is_look = models.BooleanField()
    update_id = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "public_photo"
        ordering: ClassVar = ["received_at", "position", "id"]

    def __str__(self) -> str:
        return str(self.public_id)


def photos_of(concerns: Collection[PublicConcern]) -> dict[int, PublicPhoto]:
    """The first photo of each, looks left out. One query, none where there are no concerns."""
    if not concerns:
        return {}
    photos = PublicPhoto.objects.filter(concern__in=[row.pk for row in concerns], is_look=False)
    return {photo.concern_id: photo for photo in reversed(photos)}


class PublicUpdate(models.Model):
    """A line of a public concern's story that everybody may read. Published looks have ids below zero.

    What a reporter answered (`kind` "said") stands there in fixed words only: "fixed" or "not_fixed".
    """

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


class PublicSeen(models.Model):
    """By how many people, and on how many public walks, a public concern was seen.

    Counted are the report, those merged into it and published looks, but none by whoever should fix it. A person who
    joined with a phone and a sign-up counts once.
    """

    concern = models.OneToOneField(
        PublicConcern, models.DO_NOTHING, primary_key=True, related_name="seen", db_constraint=False
    )
    n_people = models.PositiveIntegerField()
    n_walks = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "public_seen"

    def __str__(self) -> str:
        return f"{self.n_people} on {self.n_walks}"


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
