"""Proof of work: a machine that wants to send a thousand reports pays for each; a person's phone doesn't notice.

The protocol is ALTCHA's second (https://altcha.org): find the counter for which PBKDF2 of nonce and counter begins as
asked. The counter is ours to choose, so nobody is unlucky: at most `MOST_TRIES`. A challenge belongs to one form and
ends with it, so a solution is worth nothing for another.
"""

import base64
import binascii
import hashlib
import json
import secrets
import uuid
from datetime import timedelta
from typing import Any

import altcha
from django.conf import settings
from django.utils import timezone

ALGORITHM = "PBKDF2/SHA-256"
ROUNDS = 500
LEAST_TRIES, MOST_TRIES = 100, 300
LASTS = timedelta(hours=12)


def challenge_for(form_token: uuid.UUID) -> dict[str, Any]:
    """The challenge of one form, as the page hands it to its script."""
    made = altcha.create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=LEAST_TRIES + secrets.randbelow(MOST_TRIES - LEAST_TRIES),
        expires_at=int((timezone.now() + LASTS).timestamp()),
        data={"form": str(form_token)},
        hmac_secret=_key(),
    )
    return made.to_dict()


def is_solved(answer: str, *, form_token: uuid.UUID) -> bool:
    """Whether the answer solves this form's challenge. Anything else, however broken, is False."""
    if len(answer) > 4000:
        return False
    try:
        asked = json.loads(base64.b64decode(answer))["challenge"]["parameters"]
        mine = asked["algorithm"] == ALGORITHM and asked["cost"] == ROUNDS and asked["data"]["form"] == str(form_token)
    except (ValueError, binascii.Error, KeyError, TypeError, RecursionError):
        return False
    return mine and altcha.verify_solution(answer, _key()).verified


def _key() -> str:
    return hashlib.sha256(b"proof:" + settings.SECRET_KEY.encode()).hexdigest()
