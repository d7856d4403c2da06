"""API keys of other servers, sealed at rest: a copy of the database alone tells nobody any of them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def seal(words: str) -> str:
    return _box().encrypt(words.encode()).decode()


def unseal(sealed: str) -> str:
    """The words, or "" where the key file isn't the one they were sealed with: then the admin enters them again."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.ENDPOINT_KEY.encode()).digest()))
