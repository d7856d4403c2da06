"""What was said to the people of a walk, whom it reached, and whom somebody has to call."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.models import OutboxMessage
from people.models import Person, User
from walks.models.walk import Signup, Walk


class Notice(models.Model):
    """One message to the people of a walk. `key` says which event it belongs to: each person hears of it once."""

    class Kind(models.TextChoices):
        DAY_BEFORE = "day_before", _("the day before")
        MORNING = "morning", _("the morning of the walk")
        CHANGED = "changed", _("another time or place")
        CALLED_OFF = "called_off", _("called off")
        ON_AGAIN = "on_again", _("it takes place after all")
        AFTER = "after", _("the evening after")
        THANKS = "thanks", _("thank you, and what was found")
        INVITE = "invite", _("come along")
        WORDS = "words", _("a message from an organizer")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="notices", verbose_name=_("walk"))
    kind = models.CharField(_("what about"), max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=80, editable=False)
    words = models.TextField(_("words"), max_length=1000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who"))
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("goes out"), default=timezone.now)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("message to a walk")
        verbose_name_plural = _("messages to walks")
        ordering: ClassVar = ["walk", "-created_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["walk", "kind", "key"], name="notice_once_per_event")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d}"


class NoticeToQuerySet(models.QuerySet["NoticeTo"]):
    def told(self) -> Self:
        """A person told them: called, texted, said it."""
        return self.exclude(told_at=None)

    def sent(self) -> Self:
        """A mail server took the mail, and nobody had to be told otherwise."""
        return self.filter(told_at=None, mail__status=OutboxMessage.Status.SENT)

    def under_way(self) -> Self:
        waiting = [OutboxMessage.Status.QUEUED, OutboxMessage.Status.SENDING]
        return self.filter(told_at=None, mail__status__in=waiting)

    def not_reached(self) -> Self:
        """Without an address, or the mail couldn't be delivered, or isn't sent in test mode; nobody told them yet."""
        failed = [OutboxMessage.Status.DEAD, OutboxMessage.Status.WITHHELD, OutboxMessage.Status.CANCELLED]
        return self.filter(Q(mail=None) | Q(mail__status__in=failed), told_at=None, notice__undone_at=None)


class NoticeTo(models.Model):
    """One person whom a message was for. Without `mail` there was no address to write to."""

    class How(models.TextChoices):
        CALLED = "called", _("called")
        TEXTED = "texted", _("texted")
        SAID = "said", _("said it to them")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="to", verbose_name=_("message"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="notices", verbose_name=_("person"))
    signup = models.ForeignKey(
        Signup, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("sign-up")
    )
    mail = models.ForeignKey(
        OutboxMessage, models.SET_NULL, null=True, blank=True, related_name="notices", verbose_name=_("mail")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(_("told"), null=True, blank=True, editable=False)
    told_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("told by")
    )
    told_how = models.CharField(_("how"), max_length=6, choices=How.choices, blank=True)

    objects = NoticeToQuerySet.as_manager()

    class Meta:
        verbose_name = _("who hears of it")
        verbose_name_plural = _("who hears of it")
        ordering: ClassVar = ["notice", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "person"], name="notice_once_per_person"),
            models.CheckConstraint(
                condition=Q(told_at=None, told_by=None) | Q(told_at__isnull=False, told_by__isnull=False),
                name="notice_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.pk}"
