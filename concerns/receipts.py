"""What a reporter gets: a code to write down, and a link. Neither can be guessed, neither is stored.

The code is 80 bits in Crockford's base 32, worked out from the form that was sent and a key of its own, so that the
same form sent twice shows the same code; the database keeps only an HMAC of it. The link is signed and carries a
version: raising `Reporter.link_version` makes every older link worthless.
"""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from concerns.reporters import Reporter
from office.codes import ALPHABET, read_code
from walks.links import pack, unpack

CODE_BYTES = 10
CODE_LENGTH = 16
_signer = Signer(salt="concerns.receipt", sep=".")
_mail_signer = Signer(salt="concerns.receipt.mail", sep=".")
# Python's own base 32 has another alphabet of the same size.
_TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)


def code_for(form_token: uuid.UUID) -> str:
    """The receipt code of a form: sixteen characters."""
    digest = _hmac("code", form_token.bytes)[:CODE_BYTES]
    return base64.b32encode(digest).decode().translate(_TO_CROCKFORD)


def shown(code: str) -> str:
    """As people read and write it: KHT4-MX2P-…"""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def hmac_of(code: str) -> str:
    """What the database keeps of a code."""
    return _hmac("kept", code.encode()).hex()


def reporter_of_code(typed: str) -> Reporter | None:
    """The report somebody's code belongs to. At most one query."""
    code = read_code(typed)
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return Reporter.objects.filter(code_hmac=hmac_of(code)).first()


def receipt_token(reporter: Reporter) -> str:
    return _signer.sign(pack(reporter.public_id, reporter.link_version))


def reporter_of_token(token: str) -> Reporter | None:
    """The report a link speaks of, with its concern, or None where it is forged or old. At most one query."""
    try:
        public_id, version = unpack(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    said = ("concern__as_look__concern__category", "concern__as_look__concern__duplicate_of__category")
    rows = Reporter.objects.select_related("concern__category", "concern__duplicate_of__category", *said)
    return rows.filter(public_id=public_id, link_version=version).first()


def receipt_url(reporter: Reporter) -> str:
    """The whole address of the reporter's page, for mails."""
    return settings.SITE_URL + reverse("concerns:receipt", args=[receipt_token(reporter)])


def mail_proof(reporter: Reporter) -> str:
    """Stands only in the mail that asks whether the address is theirs: who knows it reads that mailbox."""
    return _mail_signer.signature(f"{reporter.public_id}:{reporter.email}")


def proves_mail(reporter: Reporter, proof: str) -> bool:
    return bool(reporter.email) and hmac.compare_digest(mail_proof(reporter).encode(), proof.encode())


def _hmac(purpose: str, data: bytes) -> bytes:
    return hmac.new(settings.RECEIPT_KEY.encode(), purpose.encode() + b":" + data, hashlib.sha256).digest()
