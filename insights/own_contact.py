"""An agency changes how it is reached. Where its mail goes is told to where it went before."""

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from office.actions import queue_mail
from office.models import Coalition
from office.refused import Refused
from people.actions import change_organization
from people.models import Organization, User

FIELDS = ("public_phone", "website", "email")


def seen_of(organization: Organization) -> str:
    """What somebody saw: hidden in the form, compared before writing."""
    told = repr([getattr(organization, name) for name in FIELDS])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@transaction.atomic
def change_contact(*, organization: Organization, by: User, seen: str, fields: Mapping[str, str]) -> Organization:
    """Raises Refused where somebody changed it meanwhile, ValidationError where a value is wrong."""
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    if seen_of(locked) != seen:
        raise Refused(_("A colleague changed this meanwhile. What is kept now stands above: save again what is right."))
    changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
    if not changed:
        return locked
    before = locked.email
    saved = change_organization(organization=locked, by=by, **changed)
    if before and "email" in changed:
        # Requests for help went there: whoever reads it must learn that they don't any more.
        queue_mail(
            kind="organization.address",
            template="mail/insights/address",
            to_address=before,
            context={"organization": saved, "coalition": Coalition.current()},
            language=(get_language() or "en")[:2],
            about=f"organization:{saved.public_id}",
        )
    return saved
