"""What somebody promised to do, by when: made on a walk or at a meeting, often about a concern."""

import hashlib
import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from people.models import Organization, Person, User
from walks.models import Meeting, Team, Walk


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def open(self) -> Self:
        return self.filter(state=Commitment.State.OPEN)

    def overdue(self, today: date) -> Self:
        """Not kept yet and due before today. See also `Commitment.is_overdue`."""
        return self.open().filter(due_on__lt=today)

    def due_by(self, day: date) -> Self:
        """Not kept yet, due on that day or before."""
        return self.open().filter(due_on__lte=day)

    def kept_late(self) -> Self:
        """Kept after the day agreed last. See also `Commitment.is_kept_late`."""
        return self.filter(state=Commitment.State.KEPT, kept_on__gt=F("due_on"))

    def to_remind(self) -> Self:
        """Not kept yet, with an address of somebody who didn't say that they want no mail."""
        return self.open().exclude(owner_email="").filter(owner__unsubscribed_at=None)


class Commitment(models.Model):
    """A promise: what, who, by when. Its owner answers by a signed link, without an account."""

    class State(models.TextChoices):
        OPEN = "open", _("promised")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("not kept")
        DROPPED = "dropped", _("taken back")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.CharField(_("what"), max_length=300)
    walk = models.ForeignKey(
        Walk, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=_("promised on the walk")
    )
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="commitments", verbose_name=_("decided at")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="commitments", verbose_name=_("team")
    )
    concern = models.ForeignKey(
        Concern, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=_("about")
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("organization that promised"),
    )
    owner = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name=_("person, if known")
    )
    owner_name = models.CharField(_("who promised"), max_length=120)
    owner_email = models.EmailField(_("where to remind them"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    due_on = models.DateField(_("by when"))
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.OPEN)
    kept_on = models.DateField(_("kept on"), null=True, blank=True)
    answer = models.CharField(_("what they say"), max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    # The first due day stays known when a later one is agreed.
    first_due_on = models.DateField(editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    n_reminders = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("promised"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="commitment_open_due", condition=Q(state="open")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="kept") | Q(kept_on__isnull=False), name="commitment_kept_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False), name="commitment_settled_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        # Never who or what: this ends up in logs and page titles.
        return f"{self.get_state_display()} {self.due_on}"

    def is_overdue(self, today: date) -> bool:
        """See also `CommitmentQuerySet.overdue`."""
        return self.state == self.State.OPEN and self.due_on < today

    @property
    def is_kept_late(self) -> bool:
        """See also `CommitmentQuerySet.kept_late`."""
        return self.state == self.State.KEPT and self.kept_on is not None and self.kept_on > self.due_on

    @property
    def is_moved(self) -> bool:
        return self.due_on != self.first_due_on

    @property
    def who(self) -> str:
        """Who promised, for the desk: the name, the organization, or both. Reads the organization."""
        organization = self.organization.name if self.organization else ""
        if not organization or not self.owner_name or self.owner_name == organization:
            return self.owner_name or organization
        return f"{self.owner_name}, {organization}"

    @property
    def version(self) -> str:
        """What somebody saw when they decided: hidden in forms, compared by the actions."""
        told = [self.text, self.due_on, self.state, self.answer, self.owner_name, self.owner_email]
        told += [self.organization_id, self.concern_id, self.kept_on, self.link_version]
        return hashlib.sha256(repr([str(part) for part in told]).encode()).hexdigest()[:16]
