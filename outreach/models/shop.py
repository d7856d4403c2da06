"""What the coalition knows of a shop (a landmark of kind business), and what became of what its people asked."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern
from corridors.models import Landmark
from people.models import User


class ShopQuerySet(models.QuerySet["Shop"]):
    def current(self) -> Self:
        """Those whose landmark still is a business."""
        return self.filter(landmark__kind=Landmark.Kind.BUSINESS)

    def to_call_back(self, day: date) -> Self:
        """Somebody said that we would come back by that day or before. Never those that want no visit."""
        return self.current().filter(call_back_on__lte=day, do_not_visit=False)


class Shop(models.Model):
    """How and when a shop wants to be visited. About the shop, never about its people: who they are takes a consent."""

    landmark = models.OneToOneField(Landmark, models.CASCADE, related_name="shop", verbose_name=_("business"))
    hours = models.CharField(_("hours"), max_length=200, blank=True)
    language = models.CharField(_("language to speak there"), max_length=8, blank=True)
    best_time = models.CharField(_("best time to come by"), max_length=120, blank=True)
    call_back_on = models.DateField(_("we said we’d come back by"), null=True, blank=True)
    do_not_visit = models.BooleanField(_("do not visit"), default=False)
    do_not_visit_why = models.CharField(_("why not"), max_length=200, blank=True)
    do_not_visit_since = models.DateField(_("not since"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering: ClassVar = ["landmark__name", "id"]
        indexes: ClassVar = [
            models.Index(fields=["call_back_on"], name="shop_call_back", condition=Q(do_not_visit=False)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(do_not_visit=False) | Q(do_not_visit_since__isnull=False),
                name="shop_not_visited_since_a_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.landmark)

    def is_due(self, day: date) -> bool:
        """See also `ShopQuerySet.to_call_back`."""
        return not self.do_not_visit and self.call_back_on is not None and self.call_back_on <= day


class ShopNote(models.Model):
    """“You asked, this happened”: one answer to a shop. `told_on` is the day on which somebody brought it there."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="notes", verbose_name=_("shop"))
    asked = models.CharField(_("you asked"), max_length=300)
    asked_on = models.DateField(_("asked on"), null=True, blank=True)
    happened = models.CharField(_("this happened"), max_length=300, blank=True)
    concern = models.ForeignKey(
        Concern, models.SET_NULL, null=True, blank=True, related_name="shop_notes", verbose_name=_("about")
    )
    told_on = models.DateField(_("told on"), null=True, blank=True)
    told_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("answer to a shop")
        verbose_name_plural = _("answers to shops")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(told_on=None) | ~Q(happened=""),
                name="shop_note_told_says_what",
                violation_error_message=_("Say what happened before you note that they were told."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.created_at:%Y-%m-%d}"
