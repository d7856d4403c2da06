"""Photos of concerns and looks."""

import hashlib
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from concerns.models.look import Look
from people.models import User
from walks.models import Device


class Photo(models.Model):
    """A photo of a concern or a look. The original is private; only the re-encoded copy is ever served."""

    class State(models.TextChoices):
        HELD = "held", _("waiting to be made smaller")
        READY = "ready", _("ready")
        UNREADABLE = "unreadable", _("can’t be read")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, null=True, blank=True, related_name="photos")
    look = models.ForeignKey(Look, models.PROTECT, null=True, blank=True, related_name="photos")
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="photos")
    client_id = models.UUIDField(null=True, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    sha256 = models.CharField(max_length=64, editable=False)
    n_bytes = models.PositiveIntegerField(editable=False)
    n_tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text=_("How often the worker began to make copies of it.")
    )
    original = models.FileField(upload_to="originals/%Y/%m", editable=False, blank=True)
    image = models.FileField(upload_to="photos/%Y/%m", editable=False, blank=True)
    thumbnail = models.FileField(upload_to="thumbs/%Y/%m", editable=False, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # What an organizer did to the copies. The original is never changed and never served.
    turned = models.PositiveSmallIntegerField(_("turned clockwise, in degrees"), default=0, db_default=0)
    blackouts = models.JSONField(
        _("blacked out"),
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text=_("Rectangles [left, top, right, bottom] as parts (0 to 1) of the turned picture."),
    )
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.HELD)
    approved_at = models.DateTimeField(_("may be public since"), null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering: ClassVar = ["position", "id"]
        indexes: ClassVar = [models.Index(fields=["received_at"], name="photo_waiting", condition=Q(state="held"))]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(turned__in=[0, 90, 180, 270]), name="photo_turned_by_quarters"),
            models.UniqueConstraint(fields=["device", "client_id"], name="photo_once_per_device"),
            models.CheckConstraint(
                condition=Q(concern__isnull=False) ^ Q(look__isnull=False),
                name="photo_of_a_concern_or_a_look",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)[:8]

    @property
    def shown_version(self) -> str:
        """Which copy somebody saw: each edit writes a new file. Hidden in forms, and never the file's name itself."""
        return hashlib.sha256((self.image.name or "").encode()).hexdigest()[:16]
