"""The link by which whoever promised something answers. It carries a version and is used up by an answer."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from concerns.models import Commitment
from walks.links import pack, unpack

_signer = Signer(salt="concerns.commitment", sep=".")


def commitment_token(commitment: Commitment) -> str:
    """What stands in the address, until `link_version` rises."""
    return _signer.sign(pack(commitment.public_id, commitment.link_version))


def commitment_url(commitment: Commitment) -> str:
    return settings.SITE_URL + reverse("concerns:commitment_link", args=[commitment_token(commitment)])


def commitment_of_token(token: str) -> tuple[Commitment, int] | None:
    """The promise and the version of its link, which may be an old one; None where the link is forged. One query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    rows = Commitment.objects.select_related("organization", "walk__corridor", "meeting")
    commitment = rows.filter(public_id=public_id).first()
    return (commitment, version) if commitment else None
