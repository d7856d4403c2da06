"""An organization's own link to its entry in the directory, and the mail that brings it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from office.actions import queue_mail
from office.models import Coalition, OutboxMessage
from outreach.models import Listing
from people.models import Membership, Organization
from walks.links import pack, unpack

_signer = Signer(salt="outreach.directory", sep=".")


def directory_token(listing: Listing) -> str:
    """What stands in the address where an organization keeps its services, until `link_version` rises."""
    return _signer.sign(pack(listing.organization.public_id, listing.link_version))


def listing_from_token(token: str) -> Listing | None:
    """The entry that a link speaks of, with its organization; None where it is forged or old. At most one query.

    One that was merged away has no link of its own any more: the other half's holds.
    """
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Listing.objects.select_related("organization").filter(organization__merged_into=None)
    return rows.filter(organization__public_id=public_id, link_version=version).first()


def directory_url(listing: Listing) -> str:
    return settings.SITE_URL + reverse("outreach:directory_link", args=[directory_token(listing)])


def contact_languages(organizations: Iterable[Organization]) -> dict[int, str]:
    """The language of each one's contact person, where we write it. One query."""
    written = dict(settings.LANGUAGES)
    contacts = Membership.objects.active(timezone.now()).filter(organization__in=list(organizations), is_contact=True)
    rows = contacts.order_by("-id").values_list("organization", "person__language")
    return {pk: language for pk, language in rows if language in written}


def mail_link(
    listing: Listing, coalition: Coalition, *, language: str | None, n_services: int, now: datetime
) -> OutboxMessage | None:
    """Ask whether everything is still right, at most once a day. None without an address, or where it was sent."""
    organization = listing.organization
    if not organization.email:
        return None
    language = language or (coalition.languages[0] if coalition.languages else settings.LANGUAGE_CODE)
    return queue_mail(
        kind="outreach.directory",
        template="mail/outreach/directory",
        to_address=organization.email,
        to_name=organization.name,
        language=language,
        about=f"organization {organization.public_id}",
        dedupe_key=f"directory:{organization.public_id}:{listing.link_version}:{now:%Y-%m-%d}",
        headers={"Reply-To": coalition.reply_to} if coalition.reply_to else {},
        context={
            "organization": organization,
            "coalition": coalition,
            "n_services": n_services,
            "link": f"{directory_url(listing)}?lang={language}",
        },
    )
