"""What is done to organizations and sign-ins. Merging has a module of its own, `people.merging`."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from office.actions import queue_mail, record
from office.models import Coalition
from office.refused import Refused
from people.contact import normalize_email
from people.invitations import invitation_link
from people.models import Organization, User
from people.roles import WALLED_KINDS, Role

ORGANIZATION_FIELDS = frozenset({"name", "kind", "email", "public_phone", "website", "is_walled"})


def must_be_admin(by: User, sentence: str) -> None:
    if not by.is_admin:
        raise Refused(sentence)


@transaction.atomic
def add_organization(*, by: User, name: str, kind: str, **fields: Any) -> Organization:
    """Add an organization. Raises ValidationError where the name is taken, Refused where `by` may not wall it."""
    if fields.get("is_walled") and kind not in WALLED_KINDS:
        must_be_admin(by, _("Only an admin can wall an organization."))
    organization = Organization(name=" ".join(name.split()), kind=kind, **fields)
    organization.is_walled = organization.is_walled or kind in WALLED_KINDS
    organization.full_clean()
    organization.save()
    record(
        actor=by,
        action="added",
        resource="organization",
        object_id=organization.public_id,
        detail={"kind": kind, "walled": organization.is_walled},
    )
    return organization


@transaction.atomic
def add_organizations(*, by: User, rows: Sequence[tuple[str, str]]) -> list[Organization]:
    """Add many by name and kind, all or none. Raises ValidationError naming the first that can't be added."""
    return [add_organization(by=by, name=name, kind=kind) for name, kind in rows]


@transaction.atomic
def change_organization(*, organization: Organization, by: User, **fields: Any) -> Organization:
    """Change an organization. A wall may be raised by an admin and is never taken down, whatever the kind becomes."""
    if unknown := set(fields) - ORGANIZATION_FIELDS:
        raise TypeError(f"Not a field that can be changed: {sorted(unknown)}")
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    if locked.merged_into_id:
        raise Refused(_("This organization was merged into another one. Change that one."))
    was = {name: getattr(locked, name) for name in fields}
    for name, value in fields.items():
        setattr(locked, name, value)
    if was.get("is_walled") and not locked.is_walled:
        raise Refused(_("A wall is never taken down: its people might have been told things behind it."))
    by_hand = locked.is_walled and not was.get("is_walled", True)
    if by_hand and locked.kind not in WALLED_KINDS:
        must_be_admin(by, _("Only an admin can wall an organization."))
    locked.is_walled = locked.is_walled or locked.kind in WALLED_KINDS
    locked.full_clean()
    locked.save()
    record(
        actor=by,
        action="changed",
        resource="organization",
        object_id=locked.public_id,
        detail={"fields": sorted(name for name, value in was.items() if getattr(locked, name) != value)},
    )
    return locked


@transaction.atomic
def invite_colleague(*, by: User, name: str, email: str, role: str = Role.MEMBER, language: str = "en") -> User:
    """Make a sign-in and mail its one-time link. An organizer may give no role: only an admin promotes.

    Raises Refused where the role may not be given or the address already has a sign-in, ValidationError where it
    isn't an address.
    """
    email = normalize_email(email)
    validate_email(email)
    if role != Role.MEMBER:
        must_be_admin(by, _("Only an admin can give a role. Invite them without one, and ask an admin."))
    if User.objects.filter(email=email).exists():
        raise Refused(_("Somebody with this address already has a sign-in."))
    user = User.objects.create_user(email, None, name=" ".join(name.split()), role=role)
    user.person.language = language
    user.person.save(update_fields=["language"])
    _mail_invitation(user, by)
    record(actor=by, action="invited", resource="user", object_id=user.public_id, detail={"role": str(role)})
    return user


@transaction.atomic
def invite_again(*, user: User, by: User) -> None:
    """Send a fresh link to somebody who never set a password."""
    locked = User.objects.select_for_update(of=("self",)).select_related("person").get(pk=user.pk)
    if locked.has_usable_password():
        raise Refused(_("They have a password already. They can choose “Forgot your password?” on the sign-in page."))
    if not locked.is_active:
        raise Refused(_("This sign-in was ended. An admin can open it again."))
    _mail_invitation(locked, by)
    record(actor=by, action="invited_again", resource="user", object_id=locked.public_id)


def _mail_invitation(user: User, by: User) -> None:
    queue_mail(
        kind="invitation",
        template="mail/people/invitation",
        to_address=user.email,
        to_name=user.person.name,
        language=user.person.language,
        about=f"user:{user.public_id}",
        context={
            "name": user.person.name,
            "by": by.short_name,
            "coalition": Coalition.current(),
            "link": invitation_link(user),
        },
    )


ROLE_FIELDS = ("role", "is_outreach_coordinator", "is_approved_looker", "is_active")


@transaction.atomic
def change_role(
    *,
    user: User,
    by: User,
    role: str | None = None,
    is_outreach_coordinator: bool | None = None,
    is_approved_looker: bool | None = None,
    is_active: bool | None = None,
) -> User:
    """Say what somebody may do; None leaves a thing as it is. Ends that person's sessions (`User` sign-in hash).

    Raises Refused for anybody but an admin, and where no admin would be left.
    """
    must_be_admin(by, _("Only an admin can change what somebody may do."))
    # All admins are locked in one order, so that two admins can't take each other out at the same moment.
    admins = set(User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk"))
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    wanted = dict(zip(ROLE_FIELDS, (role, is_outreach_coordinator, is_approved_looker, is_active), strict=True))
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(locked, name)}
    if not changed:
        return locked
    if changed.get("role", Role.ADMIN) not in Role.values:
        raise ValidationError({"role": _("That is not a role.")})
    for name, value in changed.items():
        setattr(locked, name, value)
    if not locked.is_admin and not admins - {locked}:
        raise Refused(_("They are the only admin. Make somebody else an admin first."))
    locked.save(update_fields=[*changed])
    record(
        actor=by,
        action="changed_role",
        resource="user",
        object_id=locked.public_id,
        detail={name: str(value) for name, value in changed.items()},
    )
    return locked
