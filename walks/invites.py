"""The invite that lets phones join a walk: in a QR code, or as six letters for who can't scan.

Both are worked out from the walk and its `invite_version`; nothing is stored, and raising the version ends them.
"""

from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from office.actions import record
from office.codes import read_code
from people.models import User
from walks.links import pack, unpack
from walks.models import INVITE_OPENS_BEFORE, Walk
from walks.times import say_time

Reason = Literal["unknown", "rotated", "draft", "called_off", "too_early", "over"]

# Letters only, without I, L, O and U, which people mix up: 22 to the power of 6 is 113 million.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
N_LETTERS = 6
# Letters of walks that begin or ended this near are still understood, so that the answer can say why they don't work.
NEARBY = timedelta(days=2)

_signer = Signer(salt="walks.invite", sep=".")


class InviteRefused(Exception):
    """An invite that doesn't let a phone in; `message` says why and what to do."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def invite_for(walk: Walk) -> str:
    return _signer.sign(pack(walk.public_id, walk.invite_version))


def field_link(walk: Walk) -> str:
    """What the QR code shows. The invite stands behind the #, so that it never reaches a server's log."""
    return f"{settings.SITE_URL}/field/#i={invite_for(walk)}"


def walk_for_invite(invite: str, *, now: datetime) -> Walk:
    """The walk a phone may join now. One query. Raises InviteRefused."""
    try:
        public_id, version = unpack(_signer.unsign(invite))
    except (BadSignature, ValueError):
        raise _unknown() from None
    walk = Walk.objects.current().select_related("corridor").filter(public_id=public_id).first()
    if walk is None:
        raise _unknown()
    if walk.invite_version != version:
        raise InviteRefused("rotated", _("This code was replaced. Scan the new one."))
    check_open(walk, now=now)
    return walk


def letters_for(walk: Walk) -> str:
    """Six letters that do the same as the QR code."""
    digest = salted_hmac("walks.letters", pack(walk.public_id, walk.invite_version), algorithm="sha256").digest()
    number = int.from_bytes(digest, "big")
    letters = []
    for _position in range(N_LETTERS):
        number, index = divmod(number, len(LETTERS))
        letters.append(LETTERS[index])
    return "".join(letters)


def walk_for_letters(letters: str, *, now: datetime) -> Walk:
    """The walk whose six letters somebody typed. One query. Raises InviteRefused. Whoever calls it limits the tries."""
    typed = read_code(letters)
    near = Walk.objects.current().filter(end_at__gte=now - NEARBY, meet_at__lte=now + NEARBY + INVITE_OPENS_BEFORE)
    matches = [walk for walk in near.select_related("corridor") if constant_time_compare(letters_for(walk), typed)]
    if not matches:
        raise _unknown()
    check_open(matches[0], now=now)
    return matches[0]


def check_open(walk: Walk, *, now: datetime) -> None:
    """Raises InviteRefused unless phones may join this walk now."""
    match walk.state:
        case Walk.State.DRAFT:
            raise InviteRefused("draft", _("This walk isn’t published yet. Ask its organizer."))
        case Walk.State.CALLED_OFF:
            raise InviteRefused("called_off", _("This walk was called off."))
    if now < walk.invite_opens_at:
        raise InviteRefused(
            "too_early", _("You can join from %(time)s on.") % {"time": say_time(walk.invite_opens_at, walk)}
        )
    if now > walk.end_at:
        raise InviteRefused("over", _("This walk is over."))


def is_open(walk: Walk, *, now: datetime) -> bool:
    """Whether phones may join now. See also `check_open`."""
    try:
        check_open(walk, now=now)
    except InviteRefused:
        return False
    return True


@transaction.atomic
def rotate_invite(*, walk: Walk, by: User | None) -> Walk:
    """Make the QR code and the letters new; the old ones end at once. Phones that joined stay."""
    Walk.objects.filter(pk=walk.pk).update(invite_version=F("invite_version") + 1)
    walk.refresh_from_db(fields=["invite_version"])
    record(actor=by, action="walk.rotate_invite", resource="walk", object_id=walk.public_id)
    return walk


def _unknown() -> InviteRefused:
    return InviteRefused("unknown", _("We don’t know this code. Check it, or scan the code again."))
