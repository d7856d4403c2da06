"""What was said to the people of a walk, whom it reached, and whom somebody has to call."""

import uuid
from collections import Counter
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.models import BadAddress, OutboxMessage
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


class Reach(models.TextChoices):
    """How far a message got with one person."""

    TOLD = "told", _("told")
    SENT = "sent", _("sent")
    UNDER_WAY = "under_way", _("under way")
    NOT_REACHED = "not_reached", _("not reached")
    UNDONE = "undone", _("taken back")


def mail_leaves() -> bool:
    """Whether mail goes to a mail server here, not into files or onto a console."""
    return settings.EMAIL_BACKEND.split(".")[-2] not in {"filebased", "console", "dummy"}


class NoticeToQuerySet(models.QuerySet["NoticeTo"]):
    def with_reach(self) -> Self:
        """Adds `reach`, one of `Reach`: told by a person; else sent by mail or text; else under way; else not."""
        waiting = Q(mail__status__in=[OutboxMessage.Status.QUEUED, OutboxMessage.Status.SENDING])
        # A letter taken into a file reached nobody.
        sent = Q(mail__status=OutboxMessage.Status.SENT) if mail_leaves() else Q(pk__in=[])
        bad = BadAddress.objects.filter(address=Lower(OuterRef("mail__to_address")))
        found = Case(
            When(told_at__isnull=False, then=Value(Reach.TOLD.value)),
            When(notice__undone_at__isnull=False, then=Value(Reach.UNDONE.value)),
            When(sent | Q(texted_at__isnull=False), then=Value(Reach.SENT.value)),
            When(waiting & ~Exists(bad), then=Value(Reach.UNDER_WAY.value)),
            default=Value(Reach.NOT_REACHED.value),
            output_field=models.CharField(),
        )
        return self.annotate(reach=found)

    def count_by_reach(self) -> Counter[tuple[int, str]]:
        """How many people by message (its id) and `Reach`. One query."""
        rows: Any = self.with_reach().order_by()
        counted = rows.values_list("notice_id", "reach").annotate(n=Count("pk"))
        return Counter({(notice_id, reach): n for notice_id, reach, n in counted})

    def not_reached_or_told(self) -> Self:
        """Whom somebody has to call, and whom somebody called. With `reach`."""
        return self.with_reach().filter(reach__in=[Reach.NOT_REACHED, Reach.TOLD])

    def not_reached(self) -> Self:
        """No address, one that doesn't exist, mail that couldn't be delivered or isn't sent; and nobody told them."""
        return self.with_reach().filter(reach=Reach.NOT_REACHED)


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
    texted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When a service took a text message for them.")
    )
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
