"""Who someone is and what they may do."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.contact import normalize_email, show_phone
from people.roles import STORED_AGE_BANDS, WALLED_KINDS, AgeBand, OrganizationKind, Role


class PersonQuerySet(models.QuerySet["Person"]):
    def current(self) -> Self:
        """People who weren't merged into somebody else."""
        return self.filter(merged_into=None)


class Person(models.Model):
    """Somebody known by name: a volunteer, a contact of an agency, a colleague. Needs no sign-in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    age_band = models.CharField(
        _("age"),
        max_length=10,
        default=AgeBand.UNKNOWN,
        choices=[(band.value, band.label) for band in STORED_AGE_BANDS],
    )
    unsubscribed_at = models.DateTimeField(_("wants no more mail since"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("same as"),
    )
    feed_version = models.PositiveIntegerField(
        default=1, db_default=1, editable=False, help_text=_("Raising it ends every link to their calendar.")
    )
    anonymized_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [models.Index(fields=["phone"], name="person_phone", condition=~Q(phone=""))]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_once",
                condition=~Q(email="") & Q(merged_into=None),
            ),
            models.CheckConstraint(
                condition=Q(age_band__in=[band.value for band in STORED_AGE_BANDS]),
                name="person_age_band_stored",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="person_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_minor(self) -> bool:
        return self.age_band == AgeBand.TEEN

    @property
    def shown_phone(self) -> str:
        return show_phone(self.phone)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet["User"]:
        """With the person, whose name every signed-in page shows: one query less on each."""
        return super().get_queryset().select_related("person")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A sign-in, with the person behind it (`person=` or `name=`)."""
        email = normalize_email(email)
        if not email:
            raise ValueError("A sign-in needs an e-mail address")
        name = fields.pop("name", "") or email.partition("@")[0]
        if "person" not in fields and "person_id" not in fields:
            known = Person.objects.current().filter(email=email, user=None).first()
            fields["person"] = known or Person.objects.create(name=name, email=email)
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **fields | {"role": Role.ADMIN})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(AbstractBaseUser):
    """A sign-in. What a person may do on the whole site is its `role` and the separate grant for outreach."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="user", verbose_name=_("person"))
    email = models.EmailField(_("e-mail"), unique=True)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    is_outreach_coordinator = models.BooleanField(
        _("outreach coordinator"),
        default=False,
        help_text=_("May see requests for help. Given one by one."),
    )
    is_approved_looker = models.BooleanField(
        _("may look again without a walk"),
        default=False,
        help_text=_("An approved volunteer."),
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering: ClassVar = ["email"]

    def __str__(self) -> str:
        return self.person.name

    @property
    def short_name(self) -> str:
        return self.person.name

    def get_session_auth_hash(self) -> str:
        """What every session of this sign-in must still know: a new password *or another role* ends them all."""
        return self._with_role(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for known in super().get_session_auth_fallback_hash():
            yield self._with_role(known)

    def _with_role(self, known: str) -> str:
        return f"{known}:{self.role}:{int(self.is_outreach_coordinator)}"

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_organizer(self) -> bool:
        """Whether the desk is theirs: organizers, coordinators and admins."""
        return self.is_active and (self.role in {Role.ORGANIZER, Role.ADMIN} or self.is_outreach_coordinator)

    @cached_property
    def organizations(self) -> "list[Organization]":
        """Those with an active membership, by name, merged ones among them. One query, kept for the request."""
        active = self.person.memberships.active(timezone.now())
        return list(Organization.objects.filter(pk__in=active.values("organization")).order_by("name", "pk"))

    @property
    def _works_for(self) -> dict[int, bool]:
        """Organizations with an active membership, and whether they are walled. At most one query."""
        return {one.pk: one.is_walled for one in self.organizations}

    @property
    def organization_ids(self) -> frozenset[int]:
        """Organizations with an active membership. At most one query."""
        return frozenset(self._works_for)

    @property
    def is_walled(self) -> bool:
        """Whether an active membership keeps them from help requests and contacts, whatever their role.

        At most one query.
        """
        return any(self._works_for.values())

    @property
    def may_see_contacts(self) -> bool:
        """Contacts of reporters and identities: organizers, but never a walled member. May query."""
        return self.is_organizer and not self.is_walled

    @property
    def may_see_help(self) -> bool:
        """Requests for help: the separate grant, and never a walled member. May query."""
        return self.is_active and self.is_outreach_coordinator and not self.is_walled

    # What the Django admin asks of a user. Admin here means the person in the Django admin and nothing else.
    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_admin

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_admin

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_admin


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def current(self) -> Self:
        """Organizations that weren't merged into another one."""
        return self.filter(merged_into=None)


class Organization(models.Model):
    """A partner of the coalition (HSDS: organization)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(
        _("kind"),
        max_length=24,
        choices=OrganizationKind.choices,
        default=OrganizationKind.SERVICE_PROVIDER,
    )
    is_walled = models.BooleanField(
        _("walled"),
        default=False,
        help_text=_("Its people never see requests for help or contacts, unless the person named this organization."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    public_phone = models.CharField(_("public phone"), max_length=30, blank=True)
    website = models.URLField(_("website"), blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("same as"),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="organization_name_once",
                condition=Q(merged_into=None),
                violation_error_message=_("There is already an organization of that name."),
            ),
            models.CheckConstraint(
                condition=Q(is_walled=True) | ~Q(kind__in=sorted(kind.value for kind in WALLED_KINDS)),
                name="organization_kind_is_walled",
                violation_error_message=_("An organization of this kind is always walled."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="organization_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.kind in WALLED_KINDS:
            self.is_walled = True
        super().save(*args, **kwargs)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, now: datetime) -> Self:
        """Memberships that count now. See also `Membership.is_active`."""
        return self.filter(Q(until_at=None) | Q(until_at__gt=now), since_at__lte=now)


class Membership(models.Model):
    """Somebody works for an organization, from and until."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("organization"),
    )
    is_contact = models.BooleanField(_("the one to call"), default=False)
    since_at = models.DateTimeField(_("since"), default=timezone.now)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "organization"],
                name="membership_once_at_a_time",
                condition=Q(until_at=None),
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.organization}"

    def is_active(self, now: datetime) -> bool:
        """See also `MembershipQuerySet.active`."""
        return self.since_at <= now and (self.until_at is None or self.until_at > now)
