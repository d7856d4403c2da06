"""Numbers that others gave."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from people.models import User


class ExternalCase(models.Model):
    """The number that 311, the state or a utility gave."""

    class Channel(models.TextChoices):
        """How it was filed."""

        PHONE = "phone", _("by phone")
        WEB = "web", _("on their site")
        APP = "app", _("in their app")
        MAIL = "mail", _("by mail")
        PERSON = "person", _("in person")
        OPEN311 = "open311", _("sent by us")

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="cases", verbose_name=_("concern"))
    system = models.CharField(_("given by"), max_length=60, help_text=_("311, the state, the power company …"))
    number = models.CharField(_("number"), max_length=60)
    channel = models.CharField(_("how"), max_length=8, choices=Channel.choices, blank=True, db_default="")
    filed_at = models.DateTimeField(_("filed"), default=timezone.now)
    filed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    expected_on = models.DateField(_("expected by"), null=True, blank=True)
    url = models.URLField(_("page"), blank=True, db_default="")
    their_status = models.CharField(_("they say"), max_length=120, blank=True, db_default="")
    their_status_at = models.DateTimeField(_("they said it"), null=True, blank=True)

    class Meta:
        verbose_name = _("case number")
        verbose_name_plural = _("case numbers")
        indexes: ClassVar = [models.Index(Upper("number"), name="external_case_number")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concern", "system", "number"],
                name="case_number_once_per_concern",
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.number}"
