"""What stays of a walk: fifteen minutes at the end, and the sheets of paper that come back."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import User
from walks.models.walk import Team, Walk

MOST_TOPS = 3


class Debrief(models.Model):
    """What went well, what to do otherwise. Promises made there are `concerns.Commitment`."""

    walk = models.OneToOneField(Walk, models.CASCADE, related_name="debrief", verbose_name=_("walk"))
    highlights = models.TextField(_("what was good"), max_length=3000, blank=True)
    lessons = models.TextField(_("what we do otherwise next time"), max_length=3000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who"))
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("debrief")
        verbose_name_plural = _("debriefs")

    def __str__(self) -> str:
        return f"{self.walk}"


class TeamTop(models.Model):
    """One of the three things that a team found most important."""

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="tops", verbose_name=_("walk"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="tops", verbose_name=_("team"))
    rank = models.PositiveSmallIntegerField(_("place"))
    text = models.CharField(_("what"), max_length=300)

    class Meta:
        verbose_name = _("a team’s top three")
        verbose_name_plural = _("teams’ top three")
        ordering: ClassVar = ["walk", "team__number", "rank"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "rank"], name="team_top_once"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=MOST_TOPS), name="team_top_three"),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.rank}"


class SheetQuerySet(models.QuerySet["Sheet"]):
    def to_type_in(self) -> Self:
        """Came back with something on it, and isn't typed in yet."""
        return self.filter(typed_at=None, is_blank=False).exclude(back_at=None)

    def out(self) -> Self:
        return self.filter(back_at=None)


class Sheet(models.Model):
    """A numbered sheet of the print pack: which walk and team it went out with, back when, typed in by whom."""

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("sign-in sheet")
        CONCERNS = "concerns", _("concern sheet")
        CONTACTS = "contacts", _("contact tally")
        AGAIN = "again", _("look-again list")
        SHOPS = "shops", _("shops to visit")
        MAP = "map", _("map")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="sheets", verbose_name=_("walk"))
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="sheets", verbose_name=_("team")
    )
    printed_at = models.DateTimeField(_("printed"), default=timezone.now, editable=False)
    # Ids of what stands on it, in order: what is looked at in the meantime mustn't change the numbers.
    items = ArrayField(models.UUIDField(), verbose_name=_("what stands on it"), null=True, editable=False)
    back_at = models.DateTimeField(_("back"), null=True, blank=True)
    is_blank = models.BooleanField(_("came back empty"), default=False)
    typed_at = models.DateTimeField(_("typed in"), null=True, blank=True)
    typed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("typed in by")
    )

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet")
        verbose_name_plural = _("sheets")
        ordering: ClassVar = ["walk", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["walk", "number"], name="sheet_number_once_per_walk")]

    def __str__(self) -> str:
        return f"{self.number}"
