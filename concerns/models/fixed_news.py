"""Who was told that something they saw is fixed: each person once about each thing."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models.concern import Concern
from people.models import Person


class FixedNews(models.Model):
    """A mail that told a witness. Several things of one day share one mail."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="fixed_news", verbose_name=_("person"))
    concern = models.ForeignKey(Concern, models.CASCADE, related_name="fixed_news", verbose_name=_("concern"))
    at = models.DateTimeField(_("told"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("news of a fix")
        verbose_name_plural = _("news of fixes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "concern"], name="fixed_news_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"
