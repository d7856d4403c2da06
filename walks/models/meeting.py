"""Meetings of the coalition: who was at the table, and what is done about who wasn't. No names, only counts."""

import uuid
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Organization, User
from people.roles import AgeBand
from walks.models.walk import Walk


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def held(self) -> Self:
        """Those that took place and whose table was counted."""
        return self.filter(called_off_at=None, counted_at__isnull=False)

    def to_come(self, now: datetime) -> Self:
        """Those to be held, soonest first; one that has begun counts until it ends."""
        ends_at = ExpressionWrapper(
            F("starts_at") + F("minutes") * Value(timedelta(minutes=1)), output_field=models.DateTimeField()
        )
        return self.filter(called_off_at=None).alias(ends_at=ends_at).filter(ends_at__gte=now).order_by("starts_at")


class Meeting(models.Model):
    """The coalition sat together: when, where, and what was said. Decisions are promises (`concerns.Commitment`)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=120)
    starts_at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(_("how long, in minutes"), default=60, db_default=60)
    place = models.CharField(_("where"), max_length=200, blank=True)
    agenda = models.TextField(_("to talk about"), max_length=2000, blank=True)
    note = models.TextField(_("what was said"), max_length=4000, blank=True)
    counted_at = models.DateTimeField(_("table counted"), null=True, blank=True, editable=False)
    called_off_at = models.DateTimeField(_("called off"), null=True, blank=True, editable=False)
    # Calendars take a change only where this is higher than before.
    sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering: ClassVar = ["-starts_at", "-id"]

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=720),
                name="meeting_of_so_long",
                violation_error_message=_("A meeting takes 5 to 720 minutes."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ends_at(self) -> datetime:
        """See also `MeetingQuerySet.to_come`."""
        return self.starts_at + timedelta(minutes=self.minutes)


class Attendance(models.Model):
    """So many people of one organization (or of none), in one role and age band, were at a meeting."""

    class Role(models.TextChoices):
        LED = "led", _("led it")
        SPOKE = "spoke", _("reported or presented")
        NOTES = "notes", _("took notes")
        ATTENDED = "attended", _("were there")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances", verbose_name=_("meeting"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="attendances", verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.ATTENDED)
    age_band = models.CharField(_("age"), max_length=10, choices=AgeBand.choices, default=AgeBand.UNKNOWN)
    n_people = models.PositiveSmallIntegerField(_("people"), default=1)

    class Meta:
        verbose_name = _("people at a meeting")
        verbose_name_plural = _("people at meetings")
        ordering: ClassVar = ["meeting", "organization__name", "role", "age_band"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "organization", "role", "age_band"],
                name="attendance_once",
                nulls_distinct=False,
                violation_error_message=_("These people are counted already: change that line."),
            ),
            models.CheckConstraint(
                condition=Q(n_people__gte=1, n_people__lte=500),
                name="attendance_of_so_many",
                violation_error_message=_("Count 1 to 500 people in a line."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id or '–'} {self.role} {self.age_band}: {self.n_people}"


class GapQuerySet(models.QuerySet["Gap"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def overdue(self, today: date) -> Self:
        """Nothing came of it by its day. See also `Gap.is_overdue`."""
        return self.open().filter(due_on__lt=today)


class Gap(models.Model):
    """Somebody isn't at the table, and what is done about it by when: one step, one organization or walk at a time."""

    class Who(models.TextChoices):
        TEENS = "teens", _("13 to 17 years old")
        YOUNG_ADULTS = "young_adults", _("18 to 24 years old")
        LATE_TWENTIES = "late_twenties", _("25 to 34 years old")
        SCHOOLS = "schools", _("schools and colleges")
        SHOPS = "shops", _("shop owners")
        FAITH = "faith", _("faith communities")
        NEIGHBORS = "neighbors", _("neighborhood groups")
        LANGUAGE = "language", _("people who speak another language")
        AGENCIES = "agencies", _("service agencies")
        OTHER = "other", _("somebody else")

    class How(models.TextChoices):
        INVITED = "invited", _("we invited them")
        ROLE_OPEN = "role_open", _("we keep a role open for them")
        PLAN = "plan", _("something else")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    who = models.CharField(_("who is missing"), max_length=13, choices=Who.choices)
    how = models.CharField(_("what we do"), max_length=9, choices=How.choices, default=How.PLAN)
    plan = models.CharField(_("in words"), max_length=300)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("organization asked")
    )
    walk = models.ForeignKey(
        Walk, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("for the walk")
    )
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("decided at")
    )
    due_on = models.DateField(_("by when"))
    closed_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    came = models.BooleanField(_("they came"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = _("gap at the table")
        verbose_name_plural = _("gaps at the table")
        ordering: ClassVar = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.who} {self.due_on}"

    def is_overdue(self, today: date) -> bool:
        """See also `GapQuerySet.overdue`."""
        return self.closed_at is None and self.due_on < today
