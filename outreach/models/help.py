"""Somebody asked for help, and what they said may be done with it. Behind the wall: `outreach.access` gives these out.

Nothing here is registered in the Django admin, exported, mapped or counted in public below three.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.models.contact import Contact, Need
from people.models import Organization, User
from walks.models import Device


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def reached(self) -> Self:
        """Those that still hold a name, a contact or words."""
        return self.exclude(name="", phone="", email="", note="", best_time="")


class HelpRequest(models.Model):
    """What somebody needs. Name and contact only while a consent says so; emptied by retention or by themselves."""

    class Source(models.TextChoices):
        WALK = "walk", _("on a walk")
        DESK = "desk", _("at the desk")
        PAGE = "page", _("by the help page")
        AGENCY = "agency", _("by an agency")

    class ClosedBy(models.TextChoices):
        COORDINATOR = "coordinator", _("coordinator")
        AGENCY = "agency", _("agency")
        PERSON = "person", _("the person")
        SYSTEM = "system", _("by itself")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.OneToOneField(
        Contact, models.SET_NULL, null=True, blank=True, related_name="help_request", verbose_name=_("contact")
    )
    source = models.CharField(_("how it came"), max_length=6, choices=Source.choices)
    form_token = models.UUIDField(unique=True, editable=False, help_text=_("One sending of the form, however often."))
    code_hmac = models.CharField(max_length=64, unique=True, editable=False)
    link_version = models.PositiveIntegerField(default=1, editable=False)
    needs = ArrayField(models.CharField(max_length=15, choices=Need.choices), verbose_name=_("needs"), default=list)
    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    best_time = models.CharField(_("best time to call"), max_length=120, blank=True)
    note = models.TextField(_("in their words"), max_length=2000, blank=True)
    wants_mail = models.BooleanField(_("wants to hear by mail"), default=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.CharField(max_length=11, choices=ClosedBy.choices, blank=True, editable=False)
    touched_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text=_("When anybody last did something about it.")
    )
    forgotten_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for help")
        verbose_name_plural = _("requests for help")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at"], name="help_request_open", condition=Q(closed_at=None)),
            models.Index(fields=["touched_at"], name="help_request_touched", condition=Q(closed_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="help_request_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at=None) | Q(name="", phone="", email="", note="", best_time=""),
                name="help_request_forgotten_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(wants_mail=False) | ~Q(email=""), name="help_request_mail_needs_an_address"
            ),
        ]

    def __str__(self) -> str:
        # Never who or what: this ends up in logs and page titles.
        return str(self.public_id)[:8]

    @property
    def has_contact(self) -> bool:
        return bool(self.name or self.phone or self.email)


class ConsentWording(models.Model):
    """The sentences that were read out or shown, kept for good: a consent names the version that was used."""

    version = models.PositiveSmallIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=8)
    text = models.TextField(_("text"), help_text=_("%(public_body)s stands for who holds the data."))
    since = models.DateField(_("since"))

    class Meta:
        verbose_name = _("wording of the consent")
        verbose_name_plural = _("wordings of the consent")
        ordering: ClassVar = ["-version", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "language"], name="consent_wording_once")
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version} {self.language}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, now: datetime) -> Self:
        """Given, not taken back, not run out. See also `Consent.is_in_force`."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), withdrawn_at=None)


class Consent(models.Model):
    """A yes: to what, how and in which words it was given, who wrote it down, until when. Withdrawn, never deleted."""

    class Scope(models.TextChoices):
        CALL_ME = "call_me", _("you may call me")
        NAMED = "named", _("share with this organization")
        NEED_ONLY = "need_only", _("share only what I need, not who I am")
        NOTHING = "nothing", _("share nothing")

    class How(models.TextChoices):
        SPOKEN = "spoken", _("spoken")
        TICKED = "ticked", _("ticked")
        SIGNED = "signed", _("signed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    help_request = models.ForeignKey(
        HelpRequest, models.CASCADE, related_name="consents", verbose_name=_("request for help")
    )
    scope = models.CharField(_("to what"), max_length=9, choices=Scope.choices)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="consents", verbose_name=_("organization")
    )
    how = models.CharField(_("how it was given"), max_length=6, choices=How.choices)
    language = models.CharField(_("language"), max_length=8, default="en")
    wording_version = models.PositiveSmallIntegerField(_("version of the words"), default=1)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    device = models.ForeignKey(
        Device, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("phone")
    )
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    expires_at = models.DateTimeField(_("runs out"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering: ClassVar = ["given_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(scope="named", organization__isnull=False)
                | (~Q(scope="named") & Q(organization=None)),
                name="consent_names_whom",
                violation_error_message=_("Say which organization may have it."),
            ),
            models.UniqueConstraint(
                fields=["help_request", "organization"],
                name="consent_once_per_organization",
                condition=Q(withdrawn_at=None, scope="named"),
            ),
            models.UniqueConstraint(
                fields=["help_request", "scope"],
                name="consent_once_per_scope",
                condition=Q(withdrawn_at=None) & ~Q(scope="named"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.scope} {self.given_at:%Y-%m-%d}"

    def is_in_force(self, now: datetime) -> bool:
        """See also `ConsentQuerySet.in_force`."""
        return self.withdrawn_at is None and (self.expires_at is None or self.expires_at > now)
