"""A request for help, handed to one agency that should answer it."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outreach.models.contact import Need
from outreach.models.help import Consent, HelpRequest
from outreach.models.service import Service
from outreach.workflow import CLOSED_STATES, OPEN_STATES, UNANSWERED, Outcome, Party, State
from people.models import Organization, Person, User


class ReferralQuerySet(models.QuerySet["Referral"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def unanswered(self) -> Self:
        return self.filter(state__in=UNANSWERED)

    def overdue(self, now: datetime) -> Self:
        """Nobody answered in time. See also `Referral.is_overdue`."""
        return self.unanswered().filter(due_at__lt=now)

    def allowed(self, now: datetime) -> Self:
        """Those that stand on a yes in force now: the agency sees no other, whoever asks for it.

        A yes for the named organization, or one for the need alone; behind the wall only the former counts.
        """
        yes = Consent.objects.in_force(now).filter(help_request=OuterRef("help_request"))
        named = yes.filter(scope=Consent.Scope.NAMED, organization=OuterRef("organization"))
        need_only = Exists(yes.filter(scope=Consent.Scope.NEED_ONLY))
        return self.filter(Exists(named) | (Q(organization__is_walled=False) & need_only))

    def shown(self, now: datetime) -> Self:
        """What may leave the desk: live, with a yes in force, never again once it was passed on or taken back."""
        gone = Q(outcome__in=[Outcome.PASSED_ON, Outcome.WITHDRAWN])
        return self.allowed(now).filter(mode=Referral.Mode.LIVE).exclude(gone)

    def of(self, organizations: "models.QuerySet[Organization] | frozenset[int] | list[int]", now: datetime) -> Self:
        """What these organizations may see: theirs, of what is `shown`."""
        return self.shown(now).filter(organization__in=organizations)


class Referral(models.Model):
    """One need, one agency. Live: the agency answers here or by the link in its mail. Logged: a call was made."""

    class Mode(models.TextChoices):
        LIVE = "live", _("they answer here")
        LOGGED = "logged", _("we called them")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    help_request = models.ForeignKey(
        HelpRequest, models.CASCADE, related_name="referrals", verbose_name=_("request for help")
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="referrals", verbose_name=_("agency")
    )  # fmt: skip
    service = models.ForeignKey(
        Service, models.SET_NULL, null=True, blank=True, related_name="referrals", verbose_name=_("service")
    )
    need = models.CharField(_("need"), max_length=15, choices=Need.choices)
    mode = models.CharField(_("how"), max_length=6, choices=Mode.choices, default=Mode.LIVE)
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.REQUESTED)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, blank=True)
    words = models.CharField(_("what we tell the agency"), max_length=500, blank=True)
    assigned_to = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who takes it there")
    )
    link_version = models.PositiveIntegerField(default=1, editable=False)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("answer due"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.CharField(max_length=11, choices=Party.choices, blank=True, editable=False)
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalated_at = models.DateTimeField(_("a coordinator was told"), null=True, blank=True, editable=False)
    asked_how_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When the agency was asked how it went.")
    )
    n_attempts = models.PositiveSmallIntegerField(_("tries to reach the person"), default=0, editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering: ClassVar = ["due_at", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"], name="referral_unanswered_due", condition=Q(state__in=["requested", "received"])
            ),
            models.Index(fields=["organization", "state"], name="referral_of_agency"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["help_request", "organization", "need"],
                name="referral_open_once_per_agency",
                condition=Q(closed_at=None),
                violation_error_message=_("This agency has it already."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=sorted(OPEN_STATES), closed_at=None, closed_by="", outcome="")
                    | (Q(state__in=sorted(CLOSED_STATES), closed_at__isnull=False) & ~Q(closed_by="") & ~Q(outcome=""))
                ),
                name="referral_end_has_time_and_reason",
            ),
        ]

    def __str__(self) -> str:
        # Never who or what: this ends up in logs and page titles.
        return str(self.public_id)[:8]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def is_overdue(self, now: datetime) -> bool:
        """See also `ReferralQuerySet.overdue`."""
        return self.state in UNANSWERED and self.due_at < now


class ReferralUpdate(models.Model):
    """One dated line of a referral's story. Appended, never changed; its words are emptied with the request's."""

    class Kind(models.TextChoices):
        STATE = "state", _("state")
        ATTEMPT = "attempt", _("tried to reach them")
        HANDED = "handed", _("handed to a colleague")
        NOTE = "note", _("note")
        UNDONE = "undone", _("taken back")

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="updates", verbose_name=_("referral"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    kind = models.CharField(_("what"), max_length=7, choices=Kind.choices)
    party = models.CharField(_("by"), max_length=11, choices=Party.choices)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    from_state = models.CharField(max_length=11, blank=True)
    to_state = models.CharField(max_length=11, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("line of a referral")
        verbose_name_plural = _("lines of referrals")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
