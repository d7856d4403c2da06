"""Whom a walk needs, who said how many they bring, and whether it goes ahead."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Organization, User
from people.roles import STORED_AGE_BANDS, AgeBand
from walks.models.role import WalkRole
from walks.models.walk import Walk


class RoleNeed(models.Model):
    """How many people a walk needs in a role."""

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="role_needs", verbose_name=_("walk"))
    role = models.CharField(_("role"), max_length=12, choices=WalkRole.choices)
    n_min = models.PositiveSmallIntegerField(_("at least"), default=1)
    n_max = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    from_band = models.CharField(
        _("youngest age"),
        max_length=10,
        blank=True,
        choices=[(band.value, band.label) for band in STORED_AGE_BANDS if band is not AgeBand.UNKNOWN],
        help_text=_("Empty: everybody who may walk along."),
    )

    class Meta:
        verbose_name = _("role needed")
        verbose_name_plural = _("roles needed")
        ordering: ClassVar = ["walk", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "role"], name="role_need_once_per_walk"),
            models.CheckConstraint(
                condition=Q(n_max=None) | Q(n_max__gte=F("n_min")),
                name="role_need_most_is_no_less_than_least",
                violation_error_message=_("“At most” must not be less than “at least”."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.n_min}"


class PledgeQuerySet(models.QuerySet["Pledge"]):
    def answered(self) -> Self:
        return self.exclude(answered_at=None)


class Pledge(models.Model):
    """“We’ll bring five”: what an organization was asked and said, by a signed link and without an account."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="pledges", verbose_name=_("walk"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="pledges", verbose_name=_("organization")
    )
    n_people = models.PositiveSmallIntegerField(
        _("people they bring"), null=True, blank=True, help_text=_("Empty: they haven’t said. 0: they can’t come.")
    )
    contact_name = models.CharField(_("who said so"), max_length=120, blank=True)
    note = models.CharField(_("what they bring and need"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    link_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering: ClassVar = ["walk", "organization__name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "organization"], name="pledge_once_per_walk"),
            models.CheckConstraint(condition=Q(n_people=None) | Q(n_people__lte=500), name="pledge_of_so_many"),
            models.CheckConstraint(
                condition=Q(n_people=None, answered_at=None) | Q(n_people__isnull=False, answered_at__isnull=False),
                name="pledge_answer_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.n_people}"


class GoNoGo(models.Model):
    """Somebody decided whether the walk goes ahead: who, when, why. Lines are added, never changed."""

    class Decision(models.TextChoices):
        GO = "go", _("we go")
        WAIT = "wait", _("we look again later")
        NO_GO = "no_go", _("we don’t go")

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="decisions", verbose_name=_("walk"))
    decision = models.CharField(_("decision"), max_length=5, choices=Decision.choices)
    why = models.CharField(_("why"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"))
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("go or no-go")
        verbose_name_plural = _("go or no-go")
        ordering: ClassVar = ["walk", "-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision="go") | ~Q(why=""),
                name="no_go_has_a_reason",
                violation_error_message=_("Say why, so that the others understand."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.at:%Y-%m-%d %H:%M}"
