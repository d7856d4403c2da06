"""Codes and links around a request for help. None is stored: codes as HMAC, links signed with a version.

The person's code is made as a reporter's is (`concerns.receipts`): 80 bits, from the form that was sent.
"""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from concerns.receipts import CODE_LENGTH, hmac_of
from office.codes import ALPHABET, read_code
from outreach.models import HelpRequest, Referral
from walks.links import pack, unpack

_help_signer = Signer(salt="outreach.help", sep=".")
_referral_signer = Signer(salt="outreach.referral", sep=".")


def help_of_code(typed: str) -> HelpRequest | None:
    """The request that somebody's code belongs to. At most one query."""
    code = read_code(typed)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return HelpRequest.objects.filter(code_hmac=hmac_of(code)).first()


def help_token(help_request: HelpRequest) -> str:
    return _help_signer.sign(pack(help_request.public_id, help_request.link_version))


def help_of_token(token: str) -> HelpRequest | None:
    """The request that a person's own link speaks of, or None where it is forged or old. At most one query."""
    try:
        public_id, version = unpack(_help_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return HelpRequest.objects.filter(public_id=public_id, link_version=version).first()


def referral_token(referral: Referral) -> str:
    return _referral_signer.sign(pack(referral.public_id, referral.link_version))


def referral_id_of(token: str) -> tuple[str, int] | None:
    """The referral's id and the version that a mail's link holds; None where it is forged. No query."""
    try:
        public_id, version = unpack(_referral_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return str(public_id), version


def referral_url(referral: Referral) -> str:
    return settings.SITE_URL + reverse("outreach:referral_link", args=[referral_token(referral)])


def help_url(help_request: HelpRequest) -> str:
    return settings.SITE_URL + reverse("outreach:help_status", args=[help_token(help_request)])


def mail_about(help_request: HelpRequest) -> str:
    """What the outbox notes beside mails about a request: its id, and nothing of what it says."""
    return f"help {help_request.public_id}"
