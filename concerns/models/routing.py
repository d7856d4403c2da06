"""Whose work it is: a table that an admin edits."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from concerns.models.category import Category
from corridors.models import Area
from people.models import Organization


class RoutingRule(models.Model):
    """A kind of concern in an area belongs to an organization, or to a system with a number such as 311.

    The first rule in use that fits counts, by `position`; an empty kind or area fits all.
    """

    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="routes",
        verbose_name=_("kind"),
        help_text=_("Empty: every kind."),
    )
    area = models.ForeignKey(
        Area,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Empty: everywhere."),
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="routes", verbose_name=_("organization")
    )
    system = models.CharField(
        _("given by"),
        max_length=60,
        blank=True,
        help_text=_("Who gives the number: 311, the state, the power company …"),
    )
    request_type = models.CharField(
        _("their name for it"),
        max_length=120,
        blank=True,
        help_text=_("The city’s request type. The filing desk groups by it."),
    )
    template_en = models.TextField(
        _("text to file"),
        max_length=1000,
        blank=True,
        help_text=_("{category}, {address}, {block}, {note} and {answers} are filled in."),
    )
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("in use"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("rule of who fixes what")
        verbose_name_plural = _("rules of who fixes what")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | ~Q(system=""),
                name="routing_rule_names_somebody",
                violation_error_message=_("Name an organization, or who gives the number."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.request_type or self.system or self.organization}"
