"""“Report this content”: three different people take a public concern out of sight until an organizer read it again.

What an organizer read after that stays: later flags gather for the desk and hide nothing.
"""

import hashlib
import hmac
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import Concern
from concerns.story import lock, save, write_publication
from concerns.workflow import Publication
from office.refused import Refused

HIDES_AT = 3


class ContentFlagQuerySet(models.QuerySet["ContentFlag"]):
    def open(self) -> Self:
        """Flags that no organizer has answered by publishing or hiding."""
        return self.filter(reviewed_at=None)


class ContentFlag(models.Model):
    """One person's wish that somebody looks at what is public. Who it was is kept only so far as to count them."""

    class Reason(models.TextChoices):
        PERSON = "person", gettext_lazy("it describes a person")
        WRONG = "wrong", gettext_lazy("it isn’t true")
        PRIVATE = "private", gettext_lazy("it shows something private")
        OTHER = "other", gettext_lazy("something else is wrong with it")

    concern = models.ForeignKey(
        Concern, models.PROTECT, related_name="content_flags", verbose_name=gettext_lazy("concern")
    )
    source_hmac = models.CharField(max_length=64, editable=False)
    reason = models.CharField(gettext_lazy("why"), max_length=8, choices=Reason.choices)
    created_at = models.DateTimeField(gettext_lazy("when"), default=timezone.now, editable=False)
    reviewed_at = models.DateTimeField(gettext_lazy("read again"), null=True, blank=True, editable=False)

    objects = ContentFlagQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("reported content")
        verbose_name_plural = gettext_lazy("reported content")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["concern", "source_hmac"], name="content_flag_once_per_source")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.created_at:%Y-%m-%d}"


def source_hmac(source: str) -> str:
    """Who flagged (a user or an address on the network), so far as to tell two apart."""
    return hmac.new(settings.SECRET_KEY.encode(), f"flag:{source}".encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def flag_content(*, concern: Concern, source: str, reason: str) -> bool:
    """Keep a flag; the third of different people hides the concern. Returns whether it is hidden by this one.

    The same person again changes nothing. Raises Refused for an unknown reason.
    """
    if reason not in ContentFlag.Reason.values:
        raise Refused(_("Say what is wrong with it: choose one of the reasons."))
    now = lock(concern)
    _flag, is_new = ContentFlag.objects.get_or_create(
        concern=now, source_hmac=source_hmac(source), defaults={"reason": reason}
    )
    if not is_new or now.publication != Publication.PUBLISHED:
        return False
    if Concern.Flag.REPORTED not in now.flags:
        now.flags = [*now.flags, Concern.Flag.REPORTED]
        save(now, ["flags"])
    was_reviewed = now.content_flags.exclude(reviewed_at=None).exists()
    if was_reviewed or now.content_flags.open().count() < HIDES_AT:
        return False
    now.hidden_reason = _("several people reported the content")[:200]
    write_publication(now, Publication.HIDDEN, by=None, at=timezone.now(), note=now.hidden_reason)
    return True


def note_reviewed(concern: Concern) -> None:
    """An organizer published or hid a locked concern: they have read what people reported. Nothing without flags."""
    if Concern.Flag.REPORTED not in concern.flags:
        return
    concern.flags = [flag for flag in concern.flags if flag != Concern.Flag.REPORTED]
    save(concern, ["flags"])
    concern.content_flags.open().update(reviewed_at=timezone.now())
