"""People who want to hear what happens on a corridor."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import Corridor


class FollowerQuerySet(models.QuerySet["Follower"]):
    def to_tell(self) -> Self:
        """Those who said by the mail's own link that the address is theirs, and didn't stop it."""
        return self.filter(confirmed_at__isnull=False, stopped_at=None)


class Follower(models.Model):
    """An address that gets a corridor's digest. No name, no account; stopped in one click, forgotten when stopped."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    corridor = models.ForeignKey(
        Corridor, models.CASCADE, related_name="followers", verbose_name=_("corridor")
    )  # fmt: skip
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    confirmed_at = models.DateTimeField(_("said that the address is theirs"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    told_until = models.DateTimeField(_("heard of everything until"), null=True, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)

    objects = FollowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "corridor", Lower("email"), name="follower_once_per_corridor", condition=~Q(email="")
            ),
            models.CheckConstraint(
                condition=~Q(email="") | Q(stopped_at__isnull=False), name="follower_address_until_stopped"
            ),
        ]

    def __str__(self) -> str:
        # Never the address: this ends up in logs and page titles.
        return str(self.public_id)[:8]

    @property
    def gets_mail(self) -> bool:
        """See also `FollowerQuerySet.to_tell`."""
        return self.confirmed_at is not None and self.stopped_at is None
