"""Who else comes with a sign-up, and which adults may look after minors."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.models import Person
from people.roles import STORED_AGE_BANDS, AgeBand
from walks.models.walk import Signup


class GroupMember(models.Model):
    """Somebody who comes with a group's sign-up (“I bring 8 people”), once their name is known."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    signup = models.ForeignKey(Signup, models.CASCADE, related_name="members", verbose_name=_("sign-up"))
    name = models.CharField(_("name"), max_length=120)
    age_band = models.CharField(
        _("age"),
        max_length=10,
        default=AgeBand.UNKNOWN,
        choices=[(band.value, band.label) for band in STORED_AGE_BANDS],
    )

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        ordering: ClassVar = ["signup", "id"]

    def __str__(self) -> str:
        # Never the name: this ends up in logs and page titles.
        return f"group member {self.pk}"


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def valid_on(self, day: date) -> Self:
        """Those that count on a day. See also `Clearance.is_valid_on`."""
        return self.filter(until_on__gte=day, withdrawn_at=None)


class Clearance(models.Model):
    """Somebody may walk in a team with minors: checked by whom, until when. The check itself isn't kept here."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="clearances", verbose_name=_("person"))
    until_on = models.DateField(_("until"))
    what = models.CharField(
        _("what was checked"), max_length=120, blank=True, help_text=_("For example: school district badge seen.")
    )
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="recorded_clearances", editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering: ClassVar = ["person", "-until_on", "-id"]

    def __str__(self) -> str:
        return f"{self.until_on}"

    def is_valid_on(self, day: date) -> bool:
        """See also `ClearanceQuerySet.valid_on`."""
        return self.withdrawn_at is None and self.until_on >= day
