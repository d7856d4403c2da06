"""Who may post concerns through Open311 and what each of them posted; to whom we send, and what became of it."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Category, Concern, ExternalCase
from open311.safe_http import NotSent, check_url
from people.models import Organization, User


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self) -> Self:
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """A key for an app or a city system that posts. Only its SHA-256 is kept; it is shown once, when it is made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("for whom"), max_length=120, help_text=_("The app or system, and whom to ask about it."))
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=8, editable=False)
    per_hour = models.PositiveIntegerField(_("most posts in an hour"), default=300)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Posted(models.Model):
    """A concern that came by Open311: its key alone may read its status before it is public."""

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="posted", verbose_name=_("API key"))
    concern = models.OneToOneField(Concern, models.PROTECT, related_name="posted_by_open311")
    content_sha256 = models.CharField(max_length=64, editable=False)
    posted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("concern by Open311")
        verbose_name_plural = _("concerns by Open311")
        indexes: ClassVar = [models.Index(fields=["key", "content_sha256", "posted_at"], name="posted_same_again")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.posted_at:%Y-%m-%d}"


# --- Sending to others -----------------------------------------------------------------------------------------------


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def usable(self) -> Self:
        """Endpoints that may be sent to now. See also `Endpoint.is_usable`."""
        return self.filter(is_active=True, paused_at=None, approved_at__isnull=False)


class Endpoint(models.Model):
    """A city's Open311 that takes our concerns. Nothing is sent there before somebody signed its address off.

    Its API key is sealed at rest (`open311.sealing`) and never shown again.
    """

    class Form(models.TextChoices):
        """How its answers are written. Every GeoReport server speaks XML; many speak JSON."""

        JSON = "json", "JSON"
        XML = "xml", "XML"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(
        _("name"), max_length=60, unique=True, help_text=_("As people here say it: 311. It stands beside its numbers.")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organization")
    )
    url = models.CharField(
        _("address"), max_length=300, help_text=_("Where its calls begin: https://311.example.org/open311/v2")
    )
    form = models.CharField(_("answers in"), max_length=4, choices=Form.choices, default=Form.JSON)
    jurisdiction_id = models.CharField(_("jurisdiction_id"), max_length=120, blank=True)
    api_key_sealed = models.TextField(blank=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    approved_at = models.DateTimeField(_("signed off"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("signed off by")
    )
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True, editable=False)
    paused_reason = models.CharField(_("paused because"), max_length=300, blank=True, editable=False)
    # After a failure nothing is tried there for a moment, so that a dead server doesn't keep the worker waiting.
    quiet_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("city’s Open311")
        verbose_name_plural = _("cities’ Open311")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that leads where we never send anything. It is checked once more whenever it is used."""
        try:
            check_url(self.url)
        except NotSent as error:
            raise ValidationError({"url": str(error)}) from None

    @property
    def is_usable(self) -> bool:
        """See also `EndpointQuerySet.usable`."""
        return self.is_active and self.paused_at is None and self.approved_at is not None


class EndpointService(models.Model):
    """What one of our kinds is called there."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="services")
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("kind"))
    service_code = models.CharField(_("their service_code"), max_length=60)
    service_name = models.CharField(_("their name for it"), max_length=120, blank=True)
    attributes = models.JSONField(
        _("attributes they require"),
        default=dict,
        blank=True,
        help_text=_('Sent along each time, like {"ISSUE": "OUT"}.'),
    )

    class Meta:
        verbose_name = _("kind and service")
        verbose_name_plural = _("kinds and services")
        ordering: ClassVar = ["category__position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "category"], name="endpoint_service_once_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.service_code}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def live(self) -> Self:
        """Those beside which no second one may be sent. See also `Delivery.is_live`."""
        return self.filter(LIVE)

    def due(self, now: datetime) -> Self:
        """Waiting work of endpoints that may be asked now, and work whose worker died."""
        at_rest = Q(state__in=Delivery.WAITING, due_at__lte=now) & (Q(lease_until=None) | Q(lease_until__lt=now))
        left_behind = Q(state=Delivery.State.SENDING, lease_until__lt=now)
        quiet = Q(endpoint__quiet_until=None) | Q(endpoint__quiet_until__lte=now)
        usable = Q(endpoint__is_active=True, endpoint__paused_at=None, endpoint__approved_at__isnull=False)
        return self.filter(at_rest | left_behind, quiet, usable)

    def to_decide(self) -> Self:
        """Those that only a person can bring on."""
        return self.filter(state__in=[Delivery.State.CHECK, Delivery.State.REFUSED, Delivery.State.DEAD], seen_at=None)


class Delivery(models.Model):
    """One concern on its way to one endpoint. docs/open311-client.md draws its states."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits to be sent")
        SENDING = "sending", _("is being sent")
        LOOKING = "looking", _("may have arrived: we look it up")
        CHECK = "check", _("please ask them")
        WAITING_TOKEN = "waiting_token", _("taken, the number comes later")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("not taken")
        DEAD = "dead", _("given up")
        CANCELLED = "cancelled", _("called off")

    WAITING: ClassVar = (State.QUEUED, State.LOOKING, State.WAITING_TOKEN)
    UNFINISHED: ClassVar = (*WAITING, State.SENDING, State.CHECK)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="deliveries", verbose_name=_("concern"))
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", verbose_name=_("sent to"))
    # What leaves, as it was shown and approved: GeoReport's fields without the key. Emptied when it is done.
    fields = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=13, choices=State.choices, default=State.QUEUED)
    approved_at = models.DateTimeField(_("approved"), default=timezone.now, editable=False)
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("approved by"))
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    n_attempts = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    n_lookups = models.PositiveSmallIntegerField(_("look-ups"), default=0, editable=False)
    attempted_at = models.DateTimeField(_("last try"), null=True, blank=True, editable=False)
    # They answered with a failure of their own: where a look-up finds nothing, it may be sent again.
    said_failed = models.BooleanField(default=False, editable=False)
    token = models.CharField(max_length=120, blank=True, editable=False)
    number = models.CharField(_("number"), max_length=60, blank=True, editable=False)
    case = models.ForeignKey(
        ExternalCase, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("case number")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    their_status = models.CharField(_("they say"), max_length=6, blank=True, editable=False)
    their_words_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    closed_at = models.DateTimeField(_("they closed it"), null=True, blank=True, editable=False)
    last_polled_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_poll_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(_("what went wrong"), max_length=300, blank=True, editable=False)
    # Somebody read that it was refused or given up.
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("concern sent to a city")
        verbose_name_plural = _("concerns sent to cities")
        ordering: ClassVar = ["-approved_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                name="delivery_due",
                condition=Q(state__in=["queued", "sending", "looking", "waiting_token"]),
            ),
            models.Index(fields=["next_poll_at"], name="delivery_poll", condition=Q(state="sent", closed_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["concern", "endpoint"],
                name="delivery_one_live",
                condition=Q(state__in=["queued", "sending", "looking", "check", "waiting_token"])
                | Q(state="sent", closed_at=None),
            ),
            models.UniqueConstraint(
                fields=["endpoint", "number"], name="delivery_number_once", condition=~Q(number="")
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False), name="delivery_sending_has_a_lease"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.endpoint_id} {str(self.public_id)[:8]}"

    @property
    def is_live(self) -> bool:
        """See also `DeliveryQuerySet.live`."""
        return self.state in self.UNFINISHED or (self.state == self.State.SENT and self.closed_at is None)

    @property
    def marker(self) -> str:
        """What the description ends with, so that a look-up knows it again. It tells nothing about the concern."""
        return f"Safe Routes {self.public_id.hex[:12]}"


LIVE = Q(state__in=Delivery.UNFINISHED) | Q(state=Delivery.State.SENT, closed_at=None)
