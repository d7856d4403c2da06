"""Leave-behind cards: printed with a code before anybody knows who will get it."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.models.contact import Contact
from outreach.models.help import HelpRequest
from people.models import User
from walks.models import Walk

MOST_CARDS = 400


class CardBatch(models.Model):
    """One printing: so many cards, for a walk or for anybody, in these languages."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    walk = models.ForeignKey(
        Walk, models.SET_NULL, null=True, blank=True, related_name="card_batches", verbose_name=_("walk")
    )
    languages = ArrayField(models.CharField(max_length=8), verbose_name=_("languages"), default=list)
    n_cards = models.PositiveSmallIntegerField(_("cards"))
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("printing of cards")
        verbose_name_plural = _("printings of cards")
        ordering: ClassVar = ["-made_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(n_cards__gte=1, n_cards__lte=MOST_CARDS),
                name="card_batch_of_so_many",
                violation_error_message=_("Print 1 to 400 cards at a time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} × {self.n_cards}"


class Card(models.Model):
    """One card. Its code is `concerns.receipts.code_for(token)`, kept as an HMAC; a request made with it has that code.

    Given out, it points at the contact; with a yes to keep more, at the request. Without either it says nothing.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code_hmac = models.CharField(max_length=64, unique=True, editable=False)
    batch = models.ForeignKey(CardBatch, models.PROTECT, related_name="cards", verbose_name=_("printing"))
    number = models.PositiveSmallIntegerField(_("number"))
    contact = models.OneToOneField(
        Contact, models.SET_NULL, null=True, blank=True, related_name="card", verbose_name=_("contact")
    )
    help_request = models.OneToOneField(
        HelpRequest, models.SET_NULL, null=True, blank=True, related_name="card", verbose_name=_("request for help")
    )
    used_at = models.DateTimeField(_("given out"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        ordering: ClassVar = ["batch", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="card_number_once"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=False) | Q(contact=None, help_request=None), name="card_used_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        # Never the code.
        return f"{self.batch_id}.{self.number}"
