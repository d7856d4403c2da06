"""Walks that come again: every second Saturday, at 2 p.m. on the clock of the place."""

import uuid
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from walks.models.planned import Planned

MOST_WEEKS_AHEAD = 26


class WalkSeries(Planned):
    """A rule (RFC 5545 section 3.3.10) and what each walk of it starts from. Its walks are rows of `Walk`, made some
    weeks ahead; each keeps the day it stands for (`Walk.slot_on`) wherever it is moved to.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rule = models.CharField(_("how often"), max_length=200, help_text=_("As an RRULE: FREQ=MONTHLY;BYDAY=2SA"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    meet_clock = models.TimeField(_("meet"))
    step_off_minutes = models.PositiveSmallIntegerField(_("minutes from meeting to stepping off"), default=30)
    walk_minutes = models.PositiveSmallIntegerField(_("minutes from meeting until everybody is back"), default=120)
    weeks_ahead = models.PositiveSmallIntegerField(_("how many weeks ahead walks are made"), default=8)
    publishes = models.BooleanField(_("new walks are published at once"), default=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("series of walks")
        verbose_name_plural = _("series of walks")
        ordering: ClassVar = ["-created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(walk_minutes__gt=F("step_off_minutes")) & Q(walk_minutes__lte=24 * 60),
                name="series_ends_after_stepping_off",
                violation_error_message=_("“Back by” must be later than “step off”."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="series_ends_after_it_starts",
                violation_error_message=_("The last day must not be before the first."),
            ),
            models.CheckConstraint(
                condition=Q(weeks_ahead__gte=1, weeks_ahead__lte=MOST_WEEKS_AHEAD), name="series_some_weeks_ahead"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
