"""Who may post concerns through Open311, and what each of them posted."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern
from people.models import User


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self) -> Self:
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """A key for an app or a city system that posts. Only its SHA-256 is kept; it is shown once, when it is made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("for whom"), max_length=120, help_text=_("The app or system, and whom to ask about it."))
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=8, editable=False)
    per_hour = models.PositiveIntegerField(_("most posts in an hour"), default=300)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Posted(models.Model):
    """A concern that came by Open311: its key alone may read its status before it is public."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="posted", verbose_name=_("API key"))
    concern = models.OneToOneField(Concern, models.PROTECT, related_name="posted_by_open311")
    content_sha256 = models.CharField(max_length=64, editable=False)
    posted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("concern by Open311")
        verbose_name_plural = _("concerns by Open311")
        indexes: ClassVar = [models.Index(fields=["key", "content_sha256", "posted_at"], name="posted_same_again")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.posted_at:%Y-%m-%d}"
