"""A concern handed to an organization that should fix it."""

import uuid
from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from people.models import Organization, User


class Handover(models.Model):
    """One mail to one organization with everything that is new for it: thirty concerns, one mail.

    Its signed link opens exactly its own assignments, as long as they are still the organization's. The link ends when
    `link_version` goes up.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="handovers", verbose_name=_("organization")
    )
    to_address = models.EmailField(_("sent to"))
    language = models.CharField(_("language"), max_length=8, default="en")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("mail to who fixes it")
        verbose_name_plural = _("mails to who fixes it")
        ordering: ClassVar = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.organization} {self.created_at:%Y-%m-%d}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        """Assignments that count now. See also `Assignment.is_current`."""
        return self.filter(until_at=None)

    def of(self, organizations: Iterable[int]) -> Self:
        """Those of these organizations (their database ids)."""
        return self.filter(organization__in=list(organizations))

    def to_tell(self) -> Self:
        """Current ones of which the organization has had no mail yet."""
        return self.current().filter(handover=None)


class Assignment(models.Model):
    """Who should fix it, from and until. A concern has one at a time; a new one ends the one before."""

    class Answer(models.TextChoices):
        """What the organization said last."""

        ACCEPTED = "accepted", _("we take care of it")
        WORKING = "working", _("we are working on it")
        FIXED = "fixed", _("it is fixed")
        NOT_OURS = "not_ours", _("it isn’t ours")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="assignments", verbose_name=_("concern"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="assignments", verbose_name=_("organization")
    )
    from_at = models.DateTimeField(_("from"), default=timezone.now)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    note = models.TextField(_("note for them"), blank=True, max_length=1000)
    handover = models.ForeignKey(
        Handover, models.SET_NULL, null=True, blank=True, editable=False, related_name="assignments"
    )
    answer = models.CharField(_("they say"), max_length=8, choices=Answer.choices, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    # Seen by its people as the line above their answer; what they say next stands in the concern's story.
    answer_note = models.TextField(_("in their words"), blank=True, max_length=1000)
    promised_on = models.DateField(_("they promised it for"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering: ClassVar = ["-from_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-from_at"], name="assignment_of", condition=Q(until_at=None))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concern"], name="assignment_one_at_a_time", condition=Q(until_at=None)
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="assignment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False), name="assignment_answer_has_a_time"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.concern_id} {self.organization}"

    @property
    def is_current(self) -> bool:
        """See also `AssignmentQuerySet.current`."""
        return self.until_at is None
