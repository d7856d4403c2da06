"""Numbers that were said aloud: kept with their day and their definitions, so that they can be looked up later."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Organization, User


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def weeks(self) -> Self:
        return self.filter(kind=Snapshot.Kind.WEEK)

    def quarters(self) -> Self:
        """What partners did, quarter by quarter."""
        return self.filter(kind=Snapshot.Kind.PARTNERS)

    def newest_versions(self) -> Self:
        """For each period the version that was made last."""
        return self.order_by("kind", "starts_on", "-version").distinct("kind", "starts_on")


class Snapshot(models.Model):
    """What was counted about a period, when, and by which definitions. Made anew, it is a version of its own.

    `numbers` holds what was shown (already suppressed: a count below three isn't in it); `words` what people wrote.
    """

    class Kind(models.TextChoices):
        WEEK = "week", _("a week")
        PARTNERS = "partners", _("partners in a quarter")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("about"), max_length=8, choices=Kind.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    numbers = models.JSONField(default=dict)
    words = models.JSONField(default=dict, blank=True)
    definitions = models.PositiveSmallIntegerField(_("version of the definitions"), default=1)
    made_at = models.DateTimeField(_("counted"), default=timezone.now, editable=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept count")
        verbose_name_plural = _("kept counts")
        ordering: ClassVar = ["-starts_on", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "starts_on", "version"], name="snapshot_version_once"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="snapshot_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts_on} ({self.version})"


class ReaderQuerySet(models.QuerySet["Reader"]):
    def listening(self) -> Self:
        """Those who want the weekly page."""
        return self.filter(stopped_at=None)


class Reader(models.Model):
    """Somebody who gets the weekly page by mail. Their link shows it without an account, and stops it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="readers", verbose_name=_("organization")
    )
    language = models.CharField(_("language"), max_length=8, default="en")
    link_version = models.PositiveIntegerField(default=1, editable=False)
    added_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    stopped_at = models.DateTimeField(_("wants it no more"), null=True, blank=True, editable=False)

    objects = ReaderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader of the weekly page")
        verbose_name_plural = _("readers of the weekly page")
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.functions.Lower("email"),
                name="reader_once",
                violation_error_message=_("This address gets the weekly page already."),
            ),
        ]

    def __str__(self) -> str:
        # Never the address: this ends up in logs.
        return str(self.public_id)[:8]


class RecordNote(models.Model):
    """What an organization says about its own record. The desk sees it at once, the public once it was read there."""

    organization = models.OneToOneField(
        Organization, models.CASCADE, related_name="record_note", verbose_name=_("organization")
    )
    text = models.CharField(_("their words"), max_length=300)
    written_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)
    written_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    read_at = models.DateTimeField(_("read at the desk"), null=True, blank=True, editable=False)
    read_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("words about an own record")
        verbose_name_plural = _("words about own records")

    def __str__(self) -> str:
        return str(self.organization_id)
