"""Photos of a phone's records: taken whole or not at all, and acknowledged by their hash."""

import hashlib
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from concerns.models import Photo
from concerns.photos import PhotoRefused, keep_original
from concerns.purging import drop_photo
from field.answers import RETRY_SECONDS, Refusal, read_body, refuse
from field.models import Receipt
from field.receipts import no_record, was_purged
from field.schema import SHA256
from field.sync import is_closed
from field.tokens import Caller


@dataclass(frozen=True)
class PhotoOutcome:
    """What the phone is told about one photo; it may forget its bytes when the hash is theirs."""

    is_new: bool
    client_id: uuid.UUID
    sha256: str
    state: str

    def as_json(self) -> dict[str, str]:
        return {"photo": str(self.client_id), "sha256": self.sha256, "state": self.state}


def put_photo(
    *, caller: Caller, kind: str, record_id: uuid.UUID, photo_id: uuid.UUID, request: HttpRequest
) -> PhotoOutcome:
    """Keep the bytes of one photo of one record. Raises Refusal; the record and its other photos are untouched."""
    claimed = request.headers.get("X-Content-SHA256", "").lower()
    if not SHA256.fullmatch(claimed):
        raise refuse(400, "sha256", "sha_missing", _("The header X-Content-SHA256 must hold the photo’s SHA-256."))
    receipt = _receipt(caller, kind, record_id)
    if receipt is None or _is_gone(receipt):
        return PhotoOutcome(False, photo_id, claimed, "closed")
    if str(photo_id) not in receipt.photo_ids:
        raise _not_listed()
    known = Photo.objects.filter(device=caller.device, client_id=photo_id).first()
    if known is None:
        data = read_body(request, most=settings.PHOTO_MAX_BYTES)
        if hashlib.sha256(data).hexdigest() != claimed:
            raise refuse(400, "sha256", "hash", _("The photo was damaged on the way. Send it again."))
        known, is_new = _keep(caller, receipt, photo_id, data)
        _drop_if_unlisted(receipt, known)
    else:
        is_new = False
    if known.sha256 != claimed:
        raise refuse(400, "photo", "other_photo", _("Another photo has this id. Add it anew."))
    return PhotoOutcome(is_new, photo_id, known.sha256, known.state)


def _not_listed() -> Refusal:
    return refuse(404, "photo", "not_listed", _("The record doesn’t name this photo. Send the record first."))


def _receipt(caller: Caller, kind: str, record_id: uuid.UUID) -> Receipt | None:
    """The receipt of the photo's record; None where the record was purged together with it. Raises Refusal 404."""
    receipts = Receipt.objects.select_related("concern", "look__concern")
    receipt = receipts.filter(device=caller.device, client_id=record_id, kind=kind).first()
    if receipt is None and not was_purged(caller.device, record_id):
        raise no_record()
    return receipt


def _drop_if_unlisted(receipt: Receipt, photo: Photo) -> None:
    """A newer state of the record may have dropped the photo while its bytes were on the way. Raises Refusal 404.

    Whoever changes the record locks its receipt first, so that one of the two sees the other's work.
    """
    with transaction.atomic():
        now = Receipt.objects.select_for_update(of=("self",)).filter(pk=receipt.pk).first()
        is_listed = now is not None and str(photo.client_id) in now.photo_ids
        if not is_listed:
            drop_photo(photo)
    if not is_listed:
        raise _not_listed()


def _is_gone(receipt: Receipt) -> bool:
    concern = receipt.look.concern if receipt.look else receipt.concern
    return concern is None or is_closed(concern)


def _keep(caller: Caller, receipt: Receipt, photo_id: uuid.UUID, data: bytes) -> tuple[Photo, bool]:
    try:
        photo = keep_original(
            concern=receipt.concern,
            look=receipt.look,
            device=caller.device,
            client_id=photo_id,
            position=receipt.photo_ids.index(str(photo_id)),
            data=data,
        )
    except PhotoRefused as refused:
        if refused.status >= 500:
            raise refuse(refused.status, "photo", "no_room", refused.message, retry_after=RETRY_SECONDS) from refused
        raise refuse(refused.status, "photo", "not_a_photo", refused.message) from refused
    except IntegrityError as error:  # the same photo came twice at once, and the other one was quicker …
        known = Photo.objects.filter(device=caller.device, client_id=photo_id).first()
        if known is None:  # … or its record was purged meanwhile: sent again, it hears so
            raise no_record() from error
        return known, False
    return photo, True
