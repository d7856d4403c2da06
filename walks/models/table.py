"""The sign-in table: what people agree to, who is there, what they carry."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Organization, User
from people.roles import STORED_AGE_BANDS, AgeBand
from walks.models.walk import Device, Signup, Team, Walk


class Agreement(models.Model):
    """What everybody agrees to before they walk. A change is a new version; what was agreed to stays readable."""

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    text_en = models.TextField(_("in English"))
    text_es = models.TextField(_("in Spanish"))
    from_at = models.DateTimeField(_("counts from"), default=timezone.now)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering: ClassVar = ["-version"]

    def __str__(self) -> str:
        return f"{self.version}"

    @classmethod
    def current(cls) -> "Agreement | None":
        """The newest that counts now. One query."""
        return cls.objects.filter(from_at__lte=timezone.now()).order_by("-version").first()


class PresenceQuerySet(models.QuerySet["Presence"]):
    def standing(self) -> Self:
        """What wasn't taken back."""
        return self.filter(withdrawn_at=None)

    def here(self) -> Self:
        """Checked in and not checked out."""
        return self.standing().filter(left_at=None)


class Presence(models.Model):
    """Somebody is there: who, since when, and how that is known. A group that arrives together is one row.

    `client_id` is made where it was ticked, so that a tick that is sent twice is one row (unique per walk).
    """

    class Method(models.TextChoices):
        QR = "qr", _("scanned their code")
        ROSTER = "roster", _("found on the list")
        WALK_UP = "walk_up", _("walked up")
        SELF = "self", _("said so on their own page")
        PAPER = "paper", _("signed on paper")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="presences", verbose_name=_("walk"))
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    signup = models.ForeignKey(
        Signup, models.SET_NULL, null=True, blank=True, related_name="presences", verbose_name=_("sign-up")
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="presences", verbose_name=_("organization")
    )
    age_band = models.CharField(
        _("age"),
        max_length=10,
        default=AgeBand.UNKNOWN,
        choices=[(band.value, band.label) for band in STORED_AGE_BANDS],
    )
    language = models.CharField(_("language"), max_length=8, default="en")
    n_people = models.PositiveSmallIntegerField(_("people"), default=1)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="presences", verbose_name=_("team")
    )
    method = models.CharField(_("how"), max_length=7, choices=Method.choices)
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("checked in by")
    )
    device = models.ForeignKey(
        Device, models.SET_NULL, null=True, blank=True, related_name="presences", verbose_name=_("phone")
    )
    greeter = models.CharField(_("greeter"), max_length=60, blank=True, help_text=_("Who used the greeters’ link."))
    arrived_at = models.DateTimeField(_("arrived"))
    left_at = models.DateTimeField(_("checked out"), null=True, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="presences", verbose_name=_("agreed to")
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    briefed_at = models.DateTimeField(_("briefed"), null=True, blank=True)
    guardian_note = models.CharField(
        _("how the guardian said yes"), max_length=200, blank=True, help_text=_("For a minor who walks up.")
    )
    received_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering: ClassVar = ["walk", "arrived_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "client_id"], name="presence_once_per_tick"),
            models.UniqueConstraint(fields=["signup"], name="presence_once_per_signup", condition=Q(withdrawn_at=None)),
            models.CheckConstraint(condition=Q(n_people__gte=1, n_people__lte=60), name="presence_of_people"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("arrived_at")), name="presence_leaves_after_arriving"
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None) | Q(agreement__isnull=False), name="presence_agreed_to_something"
            ),
        ]

    def __str__(self) -> str:
        # Never the name: this ends up in logs and page titles.
        return f"presence {self.pk}"

    @property
    def is_minor(self) -> bool:
        return self.age_band == AgeBand.TEEN


class EquipmentQuerySet(models.QuerySet["Equipment"]):
    def out(self) -> Self:
        """Handed out and not back."""
        return self.filter(back_at=None)


class Equipment(models.Model):
    """Vests, lamps and numbered packets that went out, with whom, and whether they are back."""

    walk = models.ForeignKey(Walk, models.CASCADE, related_name="equipment", verbose_name=_("walk"))
    client_id = models.UUIDField(default=uuid.uuid4, editable=False)
    what = models.CharField(_("what"), max_length=60)
    n = models.PositiveSmallIntegerField(_("how many"), default=1)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="equipment", verbose_name=_("team")
    )
    presence = models.ForeignKey(
        Presence, models.SET_NULL, null=True, blank=True, related_name="equipment", verbose_name=_("person")
    )
    out_at = models.DateTimeField(_("out"), default=timezone.now)
    back_at = models.DateTimeField(_("back"), null=True, blank=True)

    objects = EquipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering: ClassVar = ["walk", "out_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["walk", "client_id"], name="equipment_once_per_tick"),
            models.CheckConstraint(condition=Q(n__gte=1), name="equipment_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.what}"
