"""Somebody went and checked a concern again."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from concerns.workflow import LookResult, Publication
from people.models import User
from walks.models import Device, Sheet, Walk
from walks.sun import Lit


class Look(models.Model):
    """Somebody went and checked a concern again. A look may have no walk."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="looks", verbose_name=_("concern"))
    walk = models.ForeignKey(
        Walk,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="looks",
        verbose_name=_("walk"),
    )
    device = models.ForeignKey(Device, models.SET_NULL, null=True, blank=True, related_name="looks")
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    result = models.CharField(_("result"), max_length=12, choices=LookResult.choices)
    lit = models.CharField(_("light"), max_length=4, choices=Lit.choices, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    publication = models.CharField(
        _("public"),
        max_length=10,
        choices=Publication.choices,
        default=Publication.HELD,
    )
    is_by_fixer = models.BooleanField(
        _("by those who should fix it"),
        default=False,
        help_text=_("The agency’s own voice: it never verifies."),
    )
    duplicate = models.OneToOneField(
        Concern,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="as_look",
        help_text=_("The second report of the same thing, which counts as a look at the first."),
    )
    sheet = models.ForeignKey(
        Sheet,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="looks",
        verbose_name=_("sheet of paper"),
        db_index=False,
        help_text=_("Typed in from it: the look came on paper."),
    )
    captured_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering: ClassVar = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.result} {self.received_at:%Y-%m-%d}"
