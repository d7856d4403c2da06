"""Whom a team talked with, and what about. Who somebody is isn't kept here: that takes a consent of their own."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from corridors.models import Landmark, Segment, Side
from people.models import User
from walks.models import Device, Team, Walk


class Need(models.TextChoices):
    """What people ask for, in the words of the design's list of needs."""

    FOOD = "food", _("food")
    HOUSING = "housing", _("housing")
    UTILITIES = "utilities", _("utilities")
    JOB = "job", _("job or training")
    LEGAL = "legal", _("legal help and expungement")
    MENTAL_HEALTH = "mental_health", _("mental health")
    VICTIM_SERVICES = "victim_services", _("grief and help for victims")
    SUBSTANCE_USE = "substance_use", _("substance use")
    HEALTH = "health", _("health")
    FAMILY = "family", _("child and family")
    YOUTH = "youth", _("youth program")
    TRANSPORT = "transport", _("transport")
    DOCUMENTS = "documents", _("documents")
    CLOTHING = "clothing", _("clothing")
    LANGUAGE = "language", _("immigration and language")
    HOME_REPAIR = "home_repair", _("home repair and code help")
    BUSINESS = "business", _("business help")
    SAFETY = "safety", _("safety planning")


class ContactQuerySet(models.QuerySet["Contact"]):
    def standing(self) -> Self:
        """What was not taken back."""
        return self.filter(withdrawn_at=None)


class Contact(models.Model):
    """A team met somebody: of what kind, what came of it, what about. No name, no number, no door: only the block."""

    class Kind(models.TextChoices):
        BUSINESS = "business", _("shop or business")
        RESIDENT = "resident", _("resident")
        PASSER_BY = "passer_by", _("passer-by")
        DOOR = "door", _("door")

    class Result(models.TextChoices):
        TALKED = "talked", _("we talked")
        NO_ONE = "no_one", _("nobody there")
        DECLINED = "declined", _("didn’t want to talk")
        LANGUAGE = "language", _("no language in common")
        CLOSED = "closed", _("closed")
        INACCESSIBLE = "inaccessible", _("couldn’t get there")
        LEFT_MATERIAL = "left_material", _("left material")

    class Source(models.TextChoices):
        PHONE = "phone", _("on a phone")
        DESK = "desk", _("at the desk")
        PAPER = "paper", _("from paper")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(
        _("how it came"), max_length=5, choices=Source.choices, default=Source.PHONE, db_default=Source.PHONE
    )
    walk = models.ForeignKey(
        Walk, models.CASCADE, null=True, blank=True, related_name="contacts", verbose_name=_("walk")
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("team")
    )
    device = models.ForeignKey(
        Device, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("phone")
    )
    kind = models.CharField(_("whom"), max_length=9, choices=Kind.choices)
    result = models.CharField(_("what came of it"), max_length=13, choices=Result.choices)
    needs = ArrayField(
        models.CharField(max_length=15, choices=Need.choices), verbose_name=_("what about"), default=list, blank=True
    )
    segment = models.ForeignKey(
        Segment, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("block")
    )
    side = models.CharField(_("side"), max_length=5, choices=Side.choices, blank=True)
    landmark = models.ForeignKey(
        Landmark, models.SET_NULL, null=True, blank=True, related_name="contacts", verbose_name=_("shop")
    )
    note = models.CharField(
        _("note"),
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("About the place or the need, never about who."),
    )
    recorded_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    captured_at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("arrived"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)
    is_clock_off = models.BooleanField(
        _("phone clock off"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Its time can’t be right: go by when it arrived."),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["-captured_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-captured_at"], name="contact_standing", condition=models.Q(withdrawn_at=None)),
            models.Index(fields=["-captured_at"], name="contact_with_words", condition=~models.Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_result_display()}"
