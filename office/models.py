"""The coalition's own drawer: its settings, outgoing mail, audit trail and small counters."""

import uuid
from datetime import datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ATTEMPTS = 8


def check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(
            _("“%(name)s” is not a time zone. Write it like America/Chicago."),
            params={"name": name},
        ) from error


def mask(address: str) -> str:
    """`odessa@example.org` as `o***@example.org`."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


def both_languages() -> list[str]:
    return ["en", "es"]


class Coalition(models.Model):
    """The one coalition that runs this site. There is exactly one row, with id 1."""

    class Units(models.TextChoices):
        FEET = "feet", _("feet and blocks")
        METRES = "metres", _("metres")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=120, default="Safe Routes")
    place = models.CharField(
        _("city or neighborhood"),
        max_length=120,
        blank=True,
        help_text=_("As people say it: Kansas City, Missouri."),
    )
    welcome = models.CharField(_("words of welcome on the home page"), max_length=300, blank=True)
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        default="America/Chicago",
        validators=[check_time_zone],
    )
    service_bounds = models.PolygonField(
        _("where we work"),
        null=True,
        blank=True,
        help_text=_("Places outside are accepted and flagged."),
    )
    languages = ArrayField(
        models.CharField(max_length=8),
        verbose_name=_("languages"),
        default=both_languages,
    )
    units = models.CharField(_("distances in"), max_length=8, choices=Units.choices, default=Units.FEET)
    emergency_number = models.CharField(_("emergency number"), max_length=20, default="911")
    city_number = models.CharField(_("city services number"), max_length=20, blank=True)
    city_number_name = models.CharField(_("name of the city services number"), max_length=20, default="311")
    reply_to = models.EmailField(_("answers to our mail go to"), blank=True)
    privacy_contact = models.CharField(_("whom to ask about one's data"), max_length=200, blank=True)
    public_body = models.CharField(
        _("who holds the data"),
        max_length=200,
        blank=True,
        help_text=_("The public body or organization, by its full name. It is shown before anybody gives us a name."),
    )
    publish_vacant_addresses = models.BooleanField(_("link to the city's own list of vacant houses"), default=False)
    publish_partner_record = models.BooleanField(
        _("publish what partners pledged and kept"),
        default=False,
        db_default=False,
        help_text=_("Off: only the coalition sees it. What is about help is never shown below three."),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    set_up_at = models.DateTimeField(null=True, blank=True, editable=False)
    epoch = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text=_("Changes after a restore, so that phones offer again."),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("coalition")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="coalition_only_one")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Coalition":
        """The coalition's row, made with its defaults on first use. One query."""
        return cls.objects.get_or_create(id=1)[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class ClosedDay(models.Model):
    """A day that doesn't count as a working day (a holiday), for deadlines in working days."""

    on = models.DateField(_("day"), unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering: ClassVar = ["on"]
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def due(self, now: datetime) -> Self:
        """Messages a worker may take now: waiting, or left by a worker that vanished. See also `is_due`."""
        waiting = Q(status=OutboxMessage.Status.QUEUED, due_at__lte=now)
        abandoned = Q(status=OutboxMessage.Status.SENDING, lease_until__lt=now)
        return self.filter(waiting | abandoned)


class OutboxMessage(models.Model):
    """One mail to one address, written in the transaction that causes it and sent later by the worker.

    At least once: a crash between the mail server's yes and our mark sends it twice with the same Message-ID.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("could not be delivered")
        CANCELLED = "cancelled", _("taken back")
        WITHHELD = "withheld", _("not sent: test mode")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    about = models.CharField(max_length=120, blank=True)
    to_address = models.EmailField(_("to"))
    language = models.CharField(_("language"), max_length=8, default="en")
    subject = models.CharField(_("subject"), max_length=255)
    body_text = models.TextField(_("text"))
    body_html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    n_attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["about"], name="outbox_about"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False),
                name="outbox_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(lease_until__isnull=False),
                name="outbox_sending_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def is_due(self, now: datetime) -> bool:
        """Whether a worker may take it now. See also `OutboxQuerySet.due`."""
        if self.status == self.Status.SENDING:
            return self.lease_until is not None and self.lease_until < now
        return self.status == self.Status.QUEUED and self.due_at <= now

    @property
    def masked_address(self) -> str:
        """The address as the desk may see it: `o***@example.org`. Empty once the message was forgotten."""
        return mask(self.to_address) if self.to_address else ""


class BadAddress(models.Model):
    """An address that its mail server says doesn't exist. Shown to organizers masked; a mail that arrives ends it."""

    address = models.EmailField(_("to"), unique=True)
    code = models.PositiveSmallIntegerField(_("what the mail server answered"))
    n_times = models.PositiveIntegerField(_("times"), default=1)
    kind = models.CharField(_("kind"), max_length=60)
    since = models.DateTimeField(_("since"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("address that doesn’t exist")
        verbose_name_plural = _("addresses that don’t exist")
        ordering: ClassVar = ["-last_at", "-id"]

    def __str__(self) -> str:
        # Never the address: this ends up in logs and page titles.
        return f"{self.code} {self.last_at:%Y-%m-%d}"

    @property
    def masked_address(self) -> str:
        return mask(self.address)


class AuditEvent(models.Model):
    """Who did what to which record, when and why. Append-only: a trigger refuses changes and deletions.

    `detail` never holds contacts, free text or exact places: it must survive a purge without undoing it.
    """

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    actor = models.UUIDField(_("who"), null=True, blank=True)
    actor_label = models.CharField(_("who"), max_length=120, blank=True)
    action = models.CharField(_("what"), max_length=60, db_index=True)
    resource = models.CharField(_("record"), max_length=60)
    object_id = models.UUIDField(_("record"), null=True, blank=True, db_index=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.resource}"


class Heartbeat(models.Model):
    """When each background process was last seen alive; `/readyz/` reads it."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """When each periodic job last started, so that several workers run it once."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class RateCount(models.Model):
    """How often something happened in a time window; shared by all processes (see `office.limits`)."""

    key = models.CharField(max_length=200)
    window_start = models.DateTimeField(db_index=True)
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "window_start"], name="rate_count_once_per_window")
        ]

    def __str__(self) -> str:
        return f"{self.n} at {self.window_start:%H:%M}"


class DemoRecord(models.Model):
    """A row that `load_demo` made, so that `clear_demo` removes exactly those."""

    model = models.CharField(max_length=80, validators=[RegexValidator(r"^\w+\.\w+$")])
    object_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["model", "object_id"], name="demo_record_once")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"
