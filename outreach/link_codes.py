"""Six digits that prove that somebody reads the agency's mailbox: for who it is, behind a link that may be forwarded.

Worked out from the referral and the time (RFC 4226's truncation, in steps of ten minutes), so nothing is stored. A
code holds for its step and the next: ten to twenty minutes.
"""

import hashlib
import hmac
import time

from django.conf import settings

from outreach.models import Referral

STEP = 600
DIGITS = 6


def code_now(referral: Referral) -> str:
    return _code(referral, int(time.time()) // STEP)


def is_right(referral: Referral, typed: str) -> bool:
    step, digits = int(time.time()) // STEP, "".join(char for char in typed if char.isascii() and char.isdigit())
    return any(hmac.compare_digest(_code(referral, one), digits) for one in (step, step - 1))


def _code(referral: Referral, step: int) -> str:
    said = f"referral-code:{referral.public_id}:{referral.link_version}:{step}".encode()
    digest = hmac.new(settings.RECEIPT_KEY.encode(), said, hashlib.sha256).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"
