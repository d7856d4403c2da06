"""What partners offer, in the words of HSDS (Human Services Data Specification, https://docs.openreferral.org)."""

import uuid
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import WGS84, Area, Corridor
from outreach.models.contact import Need
from people.models import Organization

# How long what an agency said of itself is taken as true, and how often it is asked again.
ASSURED_FOR = timedelta(days=180)


class Listing(models.Model):
    """An organization's entry in the directory, and the link by which it keeps it up to date without an account."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="listing", verbose_name=_("organization")
    )
    description = models.TextField(_("what it does"), max_length=2000, blank=True)
    source_id = models.CharField(
        _("number at the source"),
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("HSDS id of the file it came from."),
    )
    link_version = models.PositiveIntegerField(default=1, editable=False)
    assured_on = models.DateField(_("confirmed by the agency on"), null=True, blank=True)
    nudged_at = models.DateTimeField(_("asked whether it is still right"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("directory entry")
        verbose_name_plural = _("directory entries")

    def __str__(self) -> str:
        return str(self.organization_id)


class ServiceQuerySet(models.QuerySet["Service"]):
    def offered(self) -> Self:
        """What is offered now, by organizations that weren't merged away."""
        return self.filter(status=Service.Status.ACTIVE, organization__merged_into=None)

    def for_need(self, need: str) -> Self:
        return self.filter(needs__contains=[need])

    def for_age(self, age: int) -> Self:
        """Those for whom this age, in years, is neither too young nor too old."""
        young_enough = Q(maximum_age=None) | Q(maximum_age__gte=age)
        return self.filter(young_enough, Q(minimum_age=None) | Q(minimum_age__lte=age))

    def in_language(self, code: str) -> Self:
        return self.filter(languages__contains=[code])

    def serving(self, corridor: Corridor) -> Self:
        """Those that serve the corridor, or an area on it, or name neither: they serve everywhere."""
        anywhere = Q(corridors=None, areas=None)
        return self.filter(anywhere | Q(corridors=corridor) | Q(areas__shape__intersects=corridor.line)).distinct()

    def open_at(self, local: datetime) -> Self:
        """Those whose hours hold this moment, given on the clock of the coalition's zone. See also `is_open_at`."""
        hours = ServiceHours.objects.filter(weekday=local.weekday(), opens_at__lte=local.time())
        return self.filter(pk__in=hours.filter(closes_at__gt=local.time()).values("service"))

    def stale(self, today: date) -> Self:
        """Those whose agency hasn't confirmed them for too long, or never did. See also `Service.is_stale`."""
        return self.filter(Q(assured_on=None) | Q(assured_on__lt=today - ASSURED_FOR))


class Service(models.Model):
    """What an organization offers to whom (HSDS: service, with its eligibility, languages and schedule)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("offered")
        INACTIVE = "inactive", _("not at the moment")
        DEFUNCT = "defunct", _("not any more")

    class Capacity(models.TextChoices):
        OPEN = "open", _("has room")
        LIMITED = "limited", _("little room")
        WAITLIST = "waitlist", _("has a waitlist")
        CLOSED = "closed", _("full")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source_id = models.CharField(
        _("number at the source"), max_length=80, blank=True, help_text=_("HSDS id of the file it came from.")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="services", verbose_name=_("organization")
    )
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("what it is"), max_length=2000, blank=True)
    needs = ArrayField(
        models.CharField(max_length=15, choices=Need.choices), verbose_name=_("helps with"), default=list, blank=True
    )
    status = models.CharField(_("offered"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    capacity = models.CharField(_("room"), max_length=8, choices=Capacity.choices, default=Capacity.OPEN)
    eligibility = models.CharField(_("who can get it"), max_length=500, blank=True)
    minimum_age = models.PositiveSmallIntegerField(_("from age"), null=True, blank=True)
    maximum_age = models.PositiveSmallIntegerField(_("to age"), null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list, blank=True)
    application_process = models.CharField(_("how to get it"), max_length=500, blank=True)
    fees = models.CharField(_("cost"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    url = models.URLField(_("website"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    location = models.PointField(_("place"), srid=WGS84, null=True, blank=True)
    schedule_note = models.CharField(_("about the hours"), max_length=200, blank=True)
    corridors = models.ManyToManyField(
        Corridor, blank=True, related_name="services", verbose_name=_("only for corridors")
    )
    areas = models.ManyToManyField(Area, blank=True, related_name="services", verbose_name=_("only for areas"))
    assured_on = models.DateField(_("confirmed by the agency on"), null=True, blank=True)
    imported_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text=_("When a file wrote it last; changed later, it was changed here."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering: ClassVar = ["organization__name", "name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(minimum_age=None) | Q(maximum_age=None) | Q(minimum_age__lte=F("maximum_age")),
                name="service_ages_in_order",
                violation_error_message=_("“To age” lies below “from age”. Swap them."),
            ),
            models.UniqueConstraint(
                fields=["source_id"], name="service_source_once", condition=~Q(source_id="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def is_stale(self, today: date) -> bool:
        """See also `ServiceQuerySet.stale`."""
        return self.assured_on is None or self.assured_on < today - ASSURED_FOR


class ServiceHours(models.Model):
    """One stretch on one weekday (HSDS: schedule), on the clock of the coalition's zone; 0 is Monday."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="hours", verbose_name=_("service"))
    weekday = models.PositiveSmallIntegerField(_("day"))
    opens_at = models.TimeField(_("from"))
    closes_at = models.TimeField(_("to"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering: ClassVar = ["weekday", "opens_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="service_hours_in_order",
                violation_error_message=_("The end lies before the beginning. Swap the two times."),
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="service_hours_on_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at:%H:%M}–{self.closes_at:%H:%M}"
