"""What organizers keep for their own work at the desk: views, templates, what they did with many at once."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.category import Category
from concerns.models.concern import Concern
from concerns.workflow import Status
from people.models import User

UNDO_WITHIN = timedelta(minutes=10)


class SavedFilter(models.Model):
    """A view of the list under a name: the part of its address after the question mark."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("whose"))
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=600, blank=True)
    is_shared = models.BooleanField(_("for all organizers"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_filter_name_once",
                violation_error_message=_("You have a view of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReplyTemplate(models.Model):
    """Words that organizers send often, by kind and status. Shown and changed before they are sent.

    `{category}`, `{place}` and `{status}` are filled in; `place` is the public one.
    """

    name = models.CharField(_("name"), max_length=80)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kind"),
        help_text=_("Empty: for every kind."),
    )
    status = models.CharField(
        _("status"), max_length=18, choices=Status.choices, blank=True, help_text=_("Empty: for every status.")
    )
    text_en = models.TextField(_("text in English"), max_length=1000)
    text_es = models.TextField(_("text in Spanish"), max_length=1000, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering: ClassVar = ["position", "name", "id"]

    def __str__(self) -> str:
        return self.name


class BulkMove(models.Model):
    """One button pressed for many concerns. For ten minutes it can be taken back."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    do = models.CharField(_("what"), max_length=20)
    to_value = models.CharField(_("to"), max_length=60, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of many")
        verbose_name_plural = _("changes of many")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.do} {self.at:%Y-%m-%d %H:%M}"

    def can_be_undone(self, now: datetime) -> bool:
        return self.undone_at is None and now - self.at <= UNDO_WITHIN


class BulkItem(models.Model):
    """What became of one concern: done, with what it was before, or skipped with the reason."""

    move = models.ForeignKey(BulkMove, models.CASCADE, related_name="items")
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="bulk_items")
    skipped = models.CharField(_("skipped because"), max_length=300, blank=True)
    before = models.JSONField(default=dict, editable=False, help_text=_("The values that an undo writes back."))
    version_after = models.CharField(max_length=40, blank=True, editable=False)
    undo_refused = models.CharField(_("not taken back because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("one of many")
        verbose_name_plural = _("those of many")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["move", "concern"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.move_id} {self.concern_id}"
