"""Who reported a concern without an account, kept apart from it so that it can be taken back or purged alone."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from concerns.models import Concern
from concerns.workflow import Publication


class ReporterQuerySet(models.QuerySet["Reporter"]):
    def to_tell(self) -> Self:
        """Those who asked for mail and said by its link that the address is theirs. See also `Reporter.gets_mail`."""
        return self.filter(wants_mail=True, mail_confirmed_at__isnull=False).exclude(email="")


class Reporter(models.Model):
    """One report by one person. The receipt code isn't kept, only its HMAC; the contact is optional."""

    class Says(models.TextChoices):
        FIXED = "fixed", _("it is fixed")
        NOT_FIXED = "not_fixed", _("it isn’t fixed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    concern = models.ForeignKey(Concern, models.PROTECT, related_name="reporters", verbose_name=_("concern"))
    form_token = models.UUIDField(unique=True, editable=False, help_text=_("One sending of the form, however often."))
    code_hmac = models.CharField(max_length=64, unique=True, editable=False)
    link_version = models.PositiveIntegerField(default=1, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    shares_contact = models.BooleanField(_("the agency that fixes it may have the contact"), default=False)
    wants_mail = models.BooleanField(_("wants to hear by mail"), default=False)
    mail_confirmed_at = models.DateTimeField(_("said that the address is theirs"), null=True, blank=True)
    contact_removed_at = models.DateTimeField(_("took the contact back"), null=True, blank=True)
    is_low_trust = models.BooleanField(
        _("sent without script"),
        default=False,
        help_text=_("No proof of work came with it: read it with more care."),
    )
    says = models.CharField(_("says since"), max_length=9, choices=Says.choices, blank=True)
    says_at = models.DateTimeField(_("said on"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked whether it is fixed"), null=True, blank=True)
    created_at = models.DateTimeField(_("reported"), default=timezone.now, editable=False)

    objects = ReporterQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(wants_mail=False) | ~Q(email=""),
                name="reporter_mail_needs_an_address",
                violation_error_message=_("To hear from us by mail, give an e-mail address."),
            ),
            models.CheckConstraint(
                condition=Q(says="") | Q(says_at__isnull=False),
                name="reporter_says_with_a_time",
            ),
        ]

    def __str__(self) -> str:
        # Never a name or an address: this ends up in logs and page titles.
        return str(self.public_id)[:8]

    @property
    def gets_mail(self) -> bool:
        """See also `ReporterQuerySet.to_tell`."""
        return self.wants_mail and self.mail_confirmed_at is not None and bool(self.email)

    @property
    def has_contact(self) -> bool:
        return bool(self.name or self.email or self.phone)

    @property
    def followed(self) -> Concern:
        """What the receipt follows: `their_concern`, or the public one that its reporter says it is. May query."""
        look = getattr(self.concern, "as_look", None)
        if look is None or self.concern.duplicate_of_id is not None:
            return self.their_concern
        root: Concern = look.concern.duplicate_of or look.concern
        return root if root.publication == Publication.PUBLISHED else self.concern

    @property
    def their_concern(self) -> Concern:
        """What became of the report: the concern, or the one it turned out to be the same as. May query."""
        return self.concern.duplicate_of or self.concern
