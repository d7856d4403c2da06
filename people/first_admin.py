"""The first admin of a new site: a one-time link instead of a password on a command line.

The link is signed, lives for a day, and dies when its sign-in has a password; nothing about it is stored.
"""

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from office.actions import record
from people.contact import normalize_email
from people.models import User
from people.roles import Role

SALT = "people.first_admin"
LINK_LIVES_SECONDS = 24 * 3600


@transaction.atomic
def invite_first_admin(*, email: str) -> str:
    """Make the sign-in, or raise one that never had a password to admin, and return its link.

    Raises ValidationError where the address isn't one, or where the sign-in already has a password.
    """
    email = normalize_email(email)
    validate_email(email)
    user = User.objects.select_for_update(of=("self",)).filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, None, role=Role.ADMIN)
    elif user.has_usable_password():
        raise ValidationError(_("That sign-in already has a password. Ask for a new one on the sign-in page."))
    user.role, user.is_active = Role.ADMIN, True
    user.save(update_fields=["role", "is_active"])
    record(actor=None, action="invited_first_admin", resource="user", object_id=user.public_id)
    return first_admin_link(user)


def first_admin_link(user: User) -> str:
    token = signing.dumps(str(user.public_id), salt=SALT)
    return settings.SITE_URL + reverse("people:first_admin", args=[token])


def user_for_token(token: str) -> User | None:
    """The admin whom the link is for; None where the link is wrong, too old or used. One query."""
    try:
        public_id = signing.loads(token, salt=SALT, max_age=LINK_LIVES_SECONDS)
    except signing.BadSignature:
        return None
    user = User.objects.select_related("person").filter(public_id=public_id, role=Role.ADMIN, is_active=True).first()
    return user if user and not user.has_usable_password() else None


@transaction.atomic
def set_first_password(*, user: User, password: str) -> bool:
    """Use the link up. False where somebody else did so a moment ago; then nothing is changed."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if locked.has_usable_password():
        return False
    locked.set_password(password)
    locked.save(update_fields=["password"])
    record(actor=locked, action="set_first_password", resource="user", object_id=locked.public_id)
    return True
