"""A person's own link to their sign-up. It is signed, carries a version, and is stored nowhere.

Raising `Signup.link_version` makes every older link worthless.
"""

import base64
import binascii
import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from people.merging import what_it_became
from walks.models import Signup

_signer = Signer(salt="walks.signup", sep=".")
_guardian_signer = Signer(salt="walks.guardian", sep=".")


def pack(public_id: uuid.UUID, version: int) -> str:
    """An id and a version as few characters: base64 without padding, a tilde, the number."""
    return f"{base64.urlsafe_b64encode(public_id.bytes).decode().rstrip('=')}~{version}"


def unpack(packed: str) -> tuple[uuid.UUID, int]:
    """The two halves of `pack`. Raises ValueError on anything else."""
    name, _tilde, version = packed.partition("~")
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(name + "==")), int(version)
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("not a packed id") from error


def signup_token(signup: Signup) -> str:
    """What stands in the address of their page, until `link_version` rises."""
    return _signer.sign(pack(signup.public_id, signup.link_version))


def signup_from_token(token: str) -> Signup | None:
    """The sign-up that a link speaks of, with its walk, or None where the link is forged or old. At most one query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return _signup(public_id, version)


def _signup(public_id: uuid.UUID, version: int) -> Signup | None:
    signups = Signup.objects.select_related("walk__corridor", "person", "organization", "team")
    signup = signups.filter(public_id=public_id, link_version=version, walk__deleted_at=None).first()
    if signup is None or signup.person.merged_into_id is None:
        return signup
    # Two records of the same person became one: the old link leads to the sign-up that carries on.
    return signups.filter(walk=signup.walk_id, person=what_it_became(signup.person)).first() or signup


def signup_url(signup: Signup) -> str:
    """The whole address of their page, for mails and text messages."""
    return settings.SITE_URL + reverse("walks:my", args=[signup_token(signup)])


def guardian_token(signup: Signup) -> str:
    """What stands in the address where a parent or guardian says yes or no. It opens nothing else."""
    return _guardian_signer.sign(pack(signup.public_id, signup.link_version))


def signup_from_guardian_token(token: str) -> Signup | None:
    """The sign-up that a guardian's link speaks of, or None where it is forged or old. At most one query."""
    try:
        public_id, version = unpack(_guardian_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return _signup(public_id, version)


def guardian_url(signup: Signup) -> str:
    return settings.SITE_URL + reverse("walks:guardian", args=[guardian_token(signup)])
