"""Changes that came after somebody had read the concern."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from concerns.models.look import Look
from people.models import User
from walks.models import Device


class Proposal(models.Model):
    """A change that arrived after an organizer had read the concern; it waits until one decides."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting")
        ACCEPTED = "accepted", _("taken over")
        DECLINED = "declined", _("declined")

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="proposals", verbose_name=_("concern"))
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="+")
    look = models.ForeignKey(
        Look,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("look"),
        help_text=_("Where it is about what somebody saw when they looked again, not about the report."),
    )
    body = models.JSONField(_("proposed"))
    received_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("proposed change")
        verbose_name_plural = _("proposed changes")
        ordering: ClassVar = ["received_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concern", "device", "look"],
                condition=Q(state="open", device__isnull=False),
                nulls_distinct=False,
                name="proposal_one_open_per_phone",
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.received_at:%Y-%m-%d}"
