"""What the phone app's server side remembers: which record of which phone became what."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern, Look
from walks.models import Device


class Receipt(models.Model):
    """One record of one phone. Unique on (device, client id), so that a record sent again is found again."""

    class Kind(models.TextChoices):
        CONCERN = "concern", _("concern")
        LOOK = "look", _("look")
        PASS = "pass", _("block walked")
        HEADCOUNT = "headcount", _("head count")
        INCIDENT = "incident", _("incident")
        TEAM_BACK = "team_back", _("team back")
        CONTACT = "contact", _("contact")
        PRESENCE = "presence", _("check-in")

    device = models.ForeignKey(Device, models.CASCADE, related_name="receipts")
    client_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    concern = models.ForeignKey(Concern, models.SET_NULL, null=True, blank=True, related_name="receipts")
    look = models.ForeignKey(Look, models.SET_NULL, null=True, blank=True, related_name="receipts")
    public_id = models.UUIDField(default=uuid.uuid4, help_text=_("The server’s id, kept also after a purge."))
    rev = models.PositiveIntegerField()
    body_sha256 = models.CharField(max_length=64)
    photo_ids = models.JSONField(default=list)
    received_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "client_id"], name="receipt_once_per_device")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Tombstone(models.Model):
    """A record that was purged: sent again, it is answered “closed” and nothing comes back to life."""

    public_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20)
    purged_at = models.DateTimeField(default=timezone.now)
    # As the phone named itself and its record: they hold when the phone's entry and its receipts are gone, too.
    device_client_id = models.UUIDField(null=True, blank=True, editable=False)
    client_id = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device_client_id", "client_id"], name="tombstone_of_a_phone")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
