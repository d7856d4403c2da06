"""The link in a colleague's invitation: signed, good for a week, of no use once the sign-in has a password.

Nothing about it is stored. A role changed in between kills it too: the one who promotes sends a new one.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from people.models import User

SALT = "people.invitation"
LINK_LIVES_SECONDS = 7 * 24 * 3600


def invitation_link(user: User) -> str:
    token = signing.dumps([str(user.public_id), user.role], salt=SALT)
    return settings.SITE_URL + reverse("people:welcome", args=[token])


def invited_user(token: str) -> User | None:
    """Whom the link is for; None where it is wrong, too old or used. One query."""
    try:
        public_id, role = signing.loads(token, salt=SALT, max_age=LINK_LIVES_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.select_related("person").filter(public_id=public_id, role=role, is_active=True).first()
    return user if user and not user.has_usable_password() else None
